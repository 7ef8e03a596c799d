"""Pictures without figures, to put figures onto."""

from pathlib import Path

import cv2
import numpy as np

from figureground.errors import InputError
from figureground.frames import Image
from figureground.stills import read_still

_STILLS = ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp"
_SIDE = 1024  # pixels: it stands behind, so it needs no more
_MOST = 200


class Backgrounds:
    """Pictures without figures, in memory, small.

    Args:
        images: at least one (h, w, 3) uint8 RGB.
    """

    def __init__(self, images: list[Image]) -> None:
        self._images = images

    def pick(self, size: tuple[int, int], rng: np.random.Generator) -> Image:
        """A part of one of them, as large as can be of the shape of `size` (h, w), scaled to it."""
        image = self._images[int(rng.integers(len(self._images)))]
        if rng.random() < 0.5:
            image = image[:, ::-1]
        fit = min(image.shape[0] / size[0], image.shape[1] / size[1]) * rng.uniform(0.6, 1)
        height, width = (max(1, int(side * fit)) for side in size)
        top = int(rng.integers(image.shape[0] - height + 1))
        left = int(rng.integers(image.shape[1] - width + 1))
        part = np.ascontiguousarray(image[top : top + height, left : left + width])
        return np.asarray(cv2.resize(part, size[::-1], interpolation=cv2.INTER_AREA))


def read_backgrounds(folder: str | Path) -> list[Image]:
    """The pictures in a folder, each scaled down to what a background needs.

    Raises:
        InputError: there is none, or one is damaged.
    """
    try:
        files = sorted(one for one in Path(folder).iterdir() if one.suffix.lower() in _STILLS)
    except OSError as error:
        raise InputError(f"{folder}: cannot be read as a folder: {error.strerror}") from error
    if not files:
        raise InputError(f"{folder}: has no pictures ({', '.join(_STILLS)})")
    images = []
    for file in files[:: -(-len(files) // _MOST)]:
        image = read_still(file)
        scale = _SIDE / max(image.shape[:2])
        if scale < 1:
            size = [max(1, round(side * scale)) for side in image.shape[1::-1]]
            image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA))
        images.append(image)
    return images
