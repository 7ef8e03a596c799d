"""Where a frame of a shaken camera lies on the ground: a shift in pixels.

The whole shift comes from phase correlation (Kuglin and Hines, The phase correlation image alignment
method, 1975), its fraction from a few steps of Lucas and Kanade (An iterative image registration
technique, IJCAI 1981) in which pixels that fit badly, the figures, count less and less.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from figureground.background.scale import Pixel, reduced
from figureground.frames import Image

Shift: TypeAlias = tuple[float, float]
"""(dx, dy) in pixels of the frame: what stands at (x, y) on the ground stands at (x + dx, y + dy)."""

Float32: TypeAlias = npt.NDArray[np.float32]

_LONG_SIDE = 400
_LEAST_PEAK = 0.03  # a weaker peak is chance
_STEPS = 4
_CONVERGED = 0.004  # pixels: a step smaller than this is the last
_LARGEST = 0.1  # of the picture's side: a larger shift is no shake
_BETTER = 0.85  # a shift must bring the misfit below this share of what it is without
_FEW = 12  # pairs that are tried first
_SOME = 0.1  # share of pairs that may move though the camera stands still
_GAIN = 0.2  # grey levels by which a shift must lower the misfit
_LEAST_SIDE = 24  # pixels: in a smaller picture there is nothing to find
STILL = 0.3  # pixels: a smaller shift is left alone


@dataclass(frozen=True, eq=False)
class Reference:
    """The ground made ready for `fit_shift`, grey and small.

    Attributes:
        sharp, soft: (h, w) float32 grey levels, without and with smoothing.
        gradient: (2, h, w) float32: change of `soft` a pixel along x and along y.
        window: (h, w) float32: fades the borders out.
        step: pixels of the frame a small pixel.
    """

    sharp: Float32
    soft: Float32
    gradient: Float32
    window: Float32
    step: int


def fit_reference(ground: Image) -> Reference:
    """Prepare `ground` (h, w, 3) uint8 RGB."""
    step = -(-max(ground.shape[:2]) // _LONG_SIDE)
    sharp, soft = _small(ground, step)
    gradient = np.stack(
        [cv2.Sobel(soft, cv2.CV_32F, 1, 0, scale=1 / 8), cv2.Sobel(soft, cv2.CV_32F, 0, 1, scale=1 / 8)]
    )
    window = (
        cv2.createHanningWindow(sharp.shape[::-1], cv2.CV_32F)
        if min(sharp.shape) > 1
        else np.ones_like(sharp)
    )
    return Reference(sharp, soft, gradient, np.asarray(window, np.float32), step)


def fit_shift(image: Image, reference: Reference) -> Shift:
    """How far `image` is shifted against the reference; (0, 0) where nothing certain can be said.

    Example:
        >>> ground = np.random.default_rng(0).integers(0, 255, (90, 120, 3)).astype(np.uint8)
        >>> ground = cv2.GaussianBlur(ground, (0, 0), 2)
        >>> dx, dy = fit_shift(np.roll(ground, (2, -3), (0, 1)), fit_reference(ground))
        >>> round(dx, 1), round(dy, 1)
        (-3.0, 2.0)
    """
    sharp, soft = _small(image, reference.step)
    if min(image.shape[:2]) // reference.step < _LEAST_SIDE:
        return 0.0, 0.0
    # phaseCorrelate of OpenCV 5 multiplies the window into the arrays it is given: give it copies
    start, peak = cv2.phaseCorrelate(reference.sharp.copy(), sharp, reference.window)
    if peak < _LEAST_PEAK or max(np.abs(start)) > _LARGEST * min(sharp.shape):
        return 0.0, 0.0
    fine = _refine(soft, reference, np.array(start))
    before = _misfit(soft, reference)
    better = _misfit(soft, reference, fine) <= min(_BETTER * before, before - _GAIN)
    if np.abs(fine - start).max() > 1.5 or not better:
        return 0.0, 0.0
    return float(fine[0] * reference.step), float(fine[1] * reference.step)


def travel(pictures: Sequence[Image]) -> float:
    """How far apart, in pixels, lie the extreme places that the camera looked at; 0 if it stood still.

    Neighbours in time are laid on each other, so a panning camera shows where the first and the last
    picture have nothing in common. A dozen pairs that do not move end the search.

    Example:
        >>> ground = np.random.default_rng(0).integers(0, 255, (90, 140, 3)).astype(np.uint8)
        >>> ground = cv2.GaussianBlur(ground, (0, 0), 2)
        >>> round(travel([ground[:, x : x + 100] for x in range(0, 40, 4)]))
        36
    """
    pairs = list(pairwise(pictures))
    few = pairs[:: max(1, -(-len(pairs) // _FEW))]
    if sum(_moves(first, second) for first, second in few) <= _SOME * len(few):
        return 0.0
    path = np.cumsum([fit_shift(second, fit_reference(first)) for first, second in pairs], axis=0)
    return float(np.ptp(np.concatenate([[[0.0, 0.0]], path]), axis=0).max())


def _moves(first: Image, second: Image) -> bool:
    return max(map(abs, fit_shift(second, fit_reference(first)))) > 1


def _refine(soft: Float32, reference: Reference, shift: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Gauss-Newton steps on the shift, with Tukey's biweight on each pixel's misfit."""
    edge = int(max(4, np.abs(shift).max() + 3))
    inside = slice(edge, -edge), slice(edge, -edge)
    gx, gy = reference.gradient[0][inside], reference.gradient[1][inside]
    for _ in range(_STEPS):
        misfit = unshift(soft, (shift[0], shift[1]))[inside] - reference.soft[inside]
        few = misfit[::4, ::4]
        middle = _median(few)
        misfit -= middle
        scale = 1.4826 * _median(np.abs(few)) + 1
        weight = np.maximum(0, 1 - (misfit / np.float32(4.685 * scale)) ** 2) ** 2
        wx, wy = weight * gx, weight * gy
        xy = np.vdot(wx, gy)
        normal = np.array([[np.vdot(wx, gx), xy], [xy, np.vdot(wy, gy)]]) + 1e-3 * np.eye(2)
        step = np.linalg.solve(normal, np.array([np.vdot(wx, misfit), np.vdot(wy, misfit)]))
        shift = shift - step
        if np.abs(step).max() < _CONVERGED:
            break
    return shift


def _misfit(soft: Float32, reference: Reference, shift: npt.NDArray[np.float64] | None = None) -> float:
    """Median difference, in grey levels: what most of the picture says, whatever the figures do."""
    moved = soft if shift is None else unshift(soft, (shift[0], shift[1]))
    misfit = (moved - reference.soft)[8:-8:2, 8:-8:2]
    return _median(np.abs(misfit - _median(misfit)))


def _median(values: Float32) -> float:
    """The upper median, in a third of the time of numpy's, which looks for NaN and averages two."""
    middle = values.size // 2
    return float(np.partition(values, middle, axis=None)[middle])


def unshift(image: npt.NDArray[Pixel], shift: Shift, outside: int | None = None) -> npt.NDArray[Pixel]:
    """`image` (h, w) or (h, w, 3) moved onto the ground.

    What comes in from outside has the value `outside`; None repeats the border.
    """
    moved = np.array([[1, 0, shift[0]], [0, 1, shift[1]]], np.float32)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    border = cv2.BORDER_REPLICATE if outside is None else cv2.BORDER_CONSTANT
    size = image.shape[1], image.shape[0]
    return cv2.warpAffine(image, moved, size, flags=flags, borderMode=border, borderValue=outside or 0)


def _small(image: Image, step: int) -> tuple[Float32, Float32]:
    sharp = cv2.cvtColor(reduced(image, step), cv2.COLOR_RGB2GRAY).astype(np.float32)
    return sharp, cv2.GaussianBlur(sharp, (0, 0), 1.2)
