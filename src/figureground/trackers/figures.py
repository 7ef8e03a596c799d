"""What a tracker measures of the figures of a frame: place, size and shape of their masks."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from figureground.instances import BoolArray, Crop

Float64 = npt.NDArray[np.float64]


class Measured(NamedTuple):
    """The figures of a frame as numbers.

    Attributes:
        centres: (n, 2) x y in pixels, mean of each mask's pixel centres; NaN where it has no pixels.
        areas: (n,) pixels.
        spreads: (n, 3) variance of the pixels along x, their covariance, variance along y.
    """

    centres: Float64
    areas: Float64
    spreads: Float64


def measured(masks: Sequence[Crop]) -> Measured:
    """Place, size and shape of each mask, by its moments.

    Example:
        >>> centres, areas, spreads = measured([Crop(5, 2, np.ones((3, 5), bool))])
        >>> centres.tolist(), areas.tolist(), spreads.round(2).tolist()
        ([[4.0, 6.0]], [15.0], [[2.0, 0.0, 0.67]])
    """
    rows = [_measure(crop) for crop in masks]
    table = np.array(rows, np.float64).reshape(-1, 6)
    return Measured(table[:, :2], table[:, 2], table[:, 3:])


def _measure(crop: Crop) -> tuple[float, ...]:
    if not crop.mask.size:
        return np.nan, np.nan, 0.0, 0.0, 0.0, 0.0
    m = cv2.moments(np.ascontiguousarray(crop.mask).view(np.uint8), True)
    area = m["m00"]
    if not area:
        return np.nan, np.nan, 0.0, 0.0, 0.0, 0.0
    centre = crop.x0 + m["m10"] / area, crop.y0 + m["m01"] / area
    return *centre, area, m["mu20"] / area, m["mu11"] / area, m["mu02"] / area


def axes(spread: Float64) -> tuple[float, float, float]:
    """Variance along the long and the short axis of a spread (3,), and the long axis' angle in radians.

    Example:
        >>> long, short, angle = axes(np.array([2.0, 0.0, 0.5]))
        >>> long, short, angle
        (2.0, 0.5, 0.0)
    """
    xx, xy, yy = spread.tolist()
    middle, off = (xx + yy) / 2, math.hypot((xx - yy) / 2, xy)
    return middle + off, max(middle - off, 1 / 12), math.atan2(2 * xy, xx - yy) / 2


def aligned_iou(first: Crop, second: Crop) -> float:
    """Intersection over union of two masks that are moved so that the middles of their boxes are one.

    So it compares shapes; how far apart the figures are plays no part.

    Example:
        >>> aligned_iou(Crop(0, 0, np.ones((2, 4), bool)), Crop(9, 9, np.ones((2, 2), bool)))
        0.5
    """
    (h, w), (height, width) = first.mask.shape, second.mask.shape
    top, left = (height - h) // 2, (width - w) // 2
    a = first.mask[max(0, -top) : height - top, max(0, -left) : width - left]
    b = second.mask[max(0, top) : max(0, top) + a.shape[0], max(0, left) : max(0, left) + a.shape[1]]
    shared = int(np.count_nonzero(a & b))
    together = int(np.count_nonzero(first.mask)) + int(np.count_nonzero(second.mask)) - shared
    return shared / max(1, together)


def distances_to(crop: Crop, points: Float64) -> Float64:
    """(n,) pixels from each point (n, 2) x y to the figure; 0 for points inside of its outline."""
    mask = np.ascontiguousarray(crop.mask).view(np.uint8)
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    out = np.full(len(points), np.inf)
    for i, (x, y) in enumerate(points - (crop.x0, crop.y0)):
        out[i] = min(-cv2.pointPolygonTest(contour, (float(x), float(y)), True) for contour in contours)
    return np.maximum(out, 0.0)


def solidity(mask: BoolArray) -> float:
    """Share of its convex hull that a mask (h, w) fills, without what is thin: legs, feelers, tails.

    Example:
        >>> solidity(np.ones((20, 40), bool)) > 0.95
        True
    """
    area = np.count_nonzero(mask)
    side = max(1, round(0.12 * np.sqrt(area)))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * side + 1, 2 * side + 1))
    opened = cv2.morphologyEx(np.pad(mask, side).astype(np.uint8), cv2.MORPH_OPEN, kernel)
    points = cv2.findNonZero(opened)
    if points is None:
        return 1.0
    corners = np.concatenate([points + offset for offset in ((0, 0), (0, 1), (1, 0), (1, 1))])
    return float(cv2.countNonZero(opened) / max(1.0, cv2.contourArea(cv2.convexHull(corners))))
