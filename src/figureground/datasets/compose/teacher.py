"""Depth of pictures of which none is known, from a network that the user has: relative, but better than none.

Made for Depth Anything V2 (Yang et al., 2024) as its authors export it to ONNX, and for what is used like
it: in, one picture (1, 3, h, w) float32 RGB, normalised as ImageNet is, sides a multiple of 14; out,
(1, h, w) or (1, 1, h, w): relative disparity, larger where things are nearer.
"""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from figureground.datasets.compose.backgrounds import Backgrounds, Ground
from figureground.datasets.compose.composed import view_to_ground
from figureground.datasets.compose.scene import Depth, View
from figureground.errors import InputError, MissingExtraError
from figureground.frames import Image

MULTIPLE = 14
"""Sides that the network takes are a multiple of this, where its file does not tell them."""

NEAREST = 0.2
"""Depth that is given to the nearest thing: disparity tells no absolute depth, so this is a convention."""

_MEAN = np.array((0.485, 0.456, 0.406), np.float32)
_SPREAD = np.array((0.229, 0.224, 0.225), np.float32)
_ENDS = 0.5, 99.5  # percent: what lies outside is taken for a fault


class Teacher:
    """A depth network.

    Args:
        path: the .onnx file.
        side: pixels that the shorter side is scaled to about, where the file does not tell.
        threads: of the processor; 0 takes all.

    Raises:
        InputError: the file is missing, damaged, or takes no single picture.
        MissingExtraError: onnxruntime is not installed.
    """

    def __init__(self, path: str | Path, *, side: int = 518, threads: int = 0) -> None:
        self.path = Path(path)
        self._session = _session(self.path, threads)
        inputs = self._session.get_inputs()
        shape = inputs[0].shape if inputs else []
        if len(inputs) != 1 or len(shape) != 4 or shape[1] in (1, 2, 4):
            told = [one.shape for one in inputs]
            raise InputError(f"{path}: a depth network takes one picture (1, 3, h, w); this one takes {told}")
        self._name = inputs[0].name
        self._fixed = tuple(one if isinstance(one, int) else 0 for one in shape[2:])
        self._side = side

    def disparity(self, image: Image) -> npt.NDArray[np.float32]:
        """(h, w) float32: what the network says of `image` (h, w, 3) uint8 RGB, larger where nearer.

        Raises:
            InputError: its answer is no picture.
        """
        height, width = self._input_size(image.shape[:2])
        small = cv2.resize(image, (width, height), interpolation=cv2.INTER_CUBIC)
        values = (small.astype(np.float32) / 255 - _MEAN) / _SPREAD
        given = np.ascontiguousarray(values.transpose(2, 0, 1)[None])
        (first, *_) = self._session.run(None, {self._name: given})
        found = np.asarray(first, np.float32)
        if found.ndim not in (3, 4) or found.size != found.shape[-1] * found.shape[-2] or not found.size:
            raise InputError(f"{self.path}: a depth network gives (1, h, w); this one gives {found.shape}")
        found = found.reshape(found.shape[-2:])
        return cv2.resize(found, image.shape[1::-1], interpolation=cv2.INTER_LINEAR)

    def __call__(self, image: Image) -> Depth:
        """(h, w) float32 as View has it; see `disparity_to_depth` for how far it can be trusted."""
        return disparity_to_depth(self.disparity(image))

    def _input_size(self, size: tuple[int, ...]) -> tuple[int, int]:
        scale = self._side / min(size)
        height, width = (
            fixed or MULTIPLE * max(1, round(side * scale / MULTIPLE))
            for fixed, side in zip(self._fixed, size, strict=True)
        )
        return height, width


def disparity_to_depth(disparity: npt.NDArray[np.float32], nearest: float = NEAREST) -> Depth:
    """Relative disparity as depth: 1 at the furthest, `nearest` at the nearest, (h, w) float32.

    Disparity is 1 / depth up to a factor and an offset that nobody knows, so both ends are set by
    convention: order is kept, and 1 / depth is linear in the disparity; ratios of depths are a guess.

    Args:
        disparity: (h, w) float32, larger where nearer; what is not finite is not known.
        nearest: over 0 and up to 1.

    Example:
        >>> depth = disparity_to_depth(np.float32([[0, 3, 6]]), nearest=0.25)
        >>> [round(float(one), 3) for one in depth[0]]
        [1.0, 0.4, 0.25]
    """
    known = np.isfinite(disparity)
    if not known.any():
        return np.full(disparity.shape, np.nan, np.float32)
    low, high = np.percentile(disparity[known], _ENDS) if known.sum() > 200 else _range(disparity[known])
    share = ((disparity - low) / max(high - low, 1e-6)).clip(0, 1)
    return np.asarray(1 / (1 + (1 / nearest - 1) * share), np.float32)


def _range(values: npt.NDArray[np.float32]) -> tuple[float, float]:
    return float(values.min()), float(values.max())


class TaughtBackgrounds(Backgrounds):
    """Backgrounds whose depth, where it is not known, is what a Teacher says.

    Args:
        backgrounds: any.
        teacher: the network.
    """

    def __init__(self, backgrounds: Backgrounds, teacher: Teacher) -> None:
        super().__init__(backgrounds.readers, backgrounds.names)
        self._teacher = teacher

    def view(
        self, number: int, size: tuple[int, int], rng: np.random.Generator, *, above: bool = False
    ) -> Ground:
        """As Backgrounds has it, with depth, and with the horizon that the depth tells."""
        ground = super().view(number, size, rng, above=above)
        if np.isfinite(ground.depth).any():
            return ground
        return view_to_ground(View(ground.image, np.zeros(size, bool), self._teacher(ground.image)))


def _session(path: Path, threads: int) -> Any:
    try:
        import onnxruntime
        from onnxruntime.capi import onnxruntime_pybind11_state as state
    except ImportError as error:
        raise MissingExtraError("a depth network needs onnxruntime: pip install onnxruntime") from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    faults = state.Fail, state.InvalidGraph, state.InvalidProtobuf, state.NoSuchFile, state.NotImplemented
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except faults as error:
        raise InputError(f"{path}: cannot be loaded as a network: {str(error).splitlines()[0]}") from error
