from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

Film = Callable[..., Path]


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Film:
    """film(path, frames=40): a video of 96 x 64, in which a bright square (240) of 12 x 12 moves.

    The ground is grey blocks (60 to 120).
    """
    ground = np.random.default_rng(0).integers(60, 121, (8, 12, 1), np.uint8)
    ground = ground.repeat(8, axis=0).repeat(8, axis=1).repeat(3, axis=2)

    def make(path: Path, frames: int = 40, *, square: bool = True) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        with av.open(str(path), "w") as container:
            stream = container.add_stream("mjpeg", rate=25, options={"qmin": "2", "qmax": "2"})
            stream.width, stream.height, stream.pix_fmt = 96, 64, "yuvj444p"
            for index in range(frames):
                picture = ground.copy()
                if square:
                    left = 4 + 2 * index % 76
                    picture[24:36, left : left + 12] = 240
                container.mux(stream.encode(av.VideoFrame.from_ndarray(picture)))
            container.mux(stream.encode())
        return path

    return make
