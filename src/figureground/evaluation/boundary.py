"""How well outlines agree: the boundary measure of DAVIS."""

import cv2
import numpy as np
import numpy.typing as npt

from figureground.instances import BoolArray, Crop

TOLERANCE = 0.0075
"""Of the picture's diagonal: how far apart outlines may lie and still agree."""

_ROUNDING = 1e-3  # of OpenCV's distances, in pixels


def boundary_f(truth: Crop, found: Crop, size: tuple[int, int], *, tolerance: float = TOLERANCE) -> float:
    """The F-measure of two outlines, 0 to 1.

    Precision is the part of the outline of `found` that lies near that of `truth`, recall the part of that
    of `truth` near that of `found`, and F their harmonic mean (Perazzi et al., A Benchmark Dataset and
    Evaluation Methodology for Video Object Segmentation, CVPR 2016). Two empty masks agree.

    Args:
        truth: the drawn figure.
        found: the figure that was found.
        size: (h, w) of the picture.
        tolerance: what is near, as a part of the diagonal; rounded up to whole pixels.

    Example:
        >>> mask = np.ones((10, 10), bool)
        >>> boundary_f(Crop(20, 20, mask), Crop(21, 20, mask), (100, 100))
        1.0
        >>> boundary_f(Crop(20, 20, mask), Crop(60, 40, mask), (100, 100))
        0.0
    """
    if not truth.mask.any() or not found.mask.any():
        return float(truth.mask.any() == found.mask.any())
    radius = int(np.ceil(tolerance * np.hypot(*size)))
    real, seen = (_outline(mask) for mask in _on_one_window(truth, found, size))
    if not real.any() or not seen.any():  # a mask of the whole picture has no outline
        return float(real.any() == seen.any())
    precision = np.count_nonzero(seen & _near(real, radius)) / np.count_nonzero(seen)
    recall = np.count_nonzero(real & _near(seen, radius)) / np.count_nonzero(real)
    return float(2 * precision * recall / (precision + recall)) if precision + recall else 0.0


def _on_one_window(a: Crop, b: Crop, size: tuple[int, int]) -> tuple[BoolArray, BoolArray]:
    """Both masks in the least window of the picture that holds them with a margin of a pixel."""
    top, left = max(0, min(a.y0, b.y0) - 1), max(0, min(a.x0, b.x0) - 1)
    bottom = min(size[0], max(one.y0 + one.mask.shape[0] for one in (a, b)) + 1)
    right = min(size[1], max(one.x0 + one.mask.shape[1] for one in (a, b)) + 1)
    first, second = np.zeros((2, bottom - top, right - left), bool)
    for canvas, one in ((first, a), (second, b)):
        h, w = one.mask.shape
        canvas[one.y0 - top : one.y0 - top + h, one.x0 - left : one.x0 - left + w] = one.mask
    return first, second


def _outline(mask: BoolArray) -> BoolArray:
    """Pixels that differ from the one to the right, below, or both (davis-2017, seg2bmap)."""
    padded = np.pad(mask, ((0, 1), (0, 1)), mode="edge")
    right, below, across = padded[:-1, 1:], padded[1:, :-1], padded[1:, 1:]
    edge: BoolArray = (mask ^ right) | (mask ^ below) | (mask ^ across)
    return edge


def _near(outline: BoolArray, radius: int) -> npt.NDArray[np.bool_]:
    """Pixels at most `radius` from `outline`."""
    distance = cv2.distanceTransform((~outline).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(distance <= radius + _ROUNDING)
