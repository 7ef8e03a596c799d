"""Where a figure stands: the point where it meets the ground, in the picture and in metres."""

from collections.abc import Sequence
from typing import Literal, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from figureground.errors import OptionError
from figureground.instances import Crop, Instances

By: TypeAlias = Literal["feet", "middle"]
"""Which point of a figure counts: where it stands, or, seen from above, the middle of it."""

Points: TypeAlias = npt.NDArray[np.float64]
"""(n, 2) float64: x and y in pixels; a pixel's own number is its middle. NaN where there is none."""

Corners: TypeAlias = Sequence[tuple[float, float]]

Matrix: TypeAlias = npt.NDArray[np.float64]

_LOWEST = 0.03  # of a figure's height are its lowest rows


def contact_points(found: Instances, by: By = "feet") -> Points:
    """The point of each figure that counts.

    "feet": the lowest row of the mask, and the median column of its lowest rows, 3 % of its height. Where a
    figure is cut off by the frame's lower edge its feet are not in sight; its point is then on that edge.
    "middle": the centroid.

    Example:
        >>> mask = np.zeros((9, 9), bool); mask[1:7, 4] = True; mask[7, 3:8] = True
        >>> contact_points(Instances.from_dense([mask])).tolist()
        [[5.0, 7.0]]
    """
    points = np.full((len(found), 2), np.nan)
    for row, crop in enumerate(found.masks):
        if crop.mask.any():
            points[row] = _middle(crop) if by == "middle" else _feet(crop)
    return points


def _feet(crop: Crop) -> tuple[float, float]:
    rows = np.flatnonzero(crop.mask.any(1))
    lowest = int(rows[-1])
    few = max(1, round(_LOWEST * (lowest - int(rows[0]) + 1)))
    columns = np.nonzero(crop.mask[max(0, lowest + 1 - few) : lowest + 1])[1]
    return crop.x0 + float(np.median(columns)), float(crop.y0 + lowest)


def _middle(crop: Crop) -> tuple[float, float]:
    rows, columns = np.nonzero(crop.mask)
    return crop.x0 + float(columns.mean()), crop.y0 + float(rows.mean())


def fit_plane(pixels: Corners, metres: Corners) -> Matrix:
    """(3, 3) float64 that brings pixels to metres on the ground (a homography, by cv2).

    Args:
        pixels: x and y of four points of the ground, in the picture.
        metres: the same points on the ground, in the same order.

    Raises:
        OptionError: three of the points lie on one line, or their orders in the two lists differ.

    Example:
        >>> square = ((0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0))
        >>> metres = ((0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0))
        >>> pixels_to_metres(fit_plane(square, metres), np.array([[5.0, 10.0]])).tolist()
        [[1.0, 2.0]]
    """
    shown, real = np.array(pixels, np.float32), np.array(metres, np.float32)
    turns = [_turns(points) for points in (shown, real)]
    if any(np.abs(turn).min() < 1e-3 * max(1e-6, float(np.abs(turn).max())) for turn in turns):
        raise OptionError("ground: three of its four points lie on one line; choose the corners of a field")
    signs = [np.sign(turn) for turn in turns]
    if abs(signs[0].sum()) != 4 or abs(signs[1].sum()) != 4:
        raise OptionError("ground: give the four corners of a field in their order round it")
    plane = np.asarray(cv2.getPerspectiveTransform(shown, real), np.float64)
    return plane * np.sign(np.array([*shown[0], 1.0]) @ plane[2])  # above 0 on this side of the horizon


def _turns(points: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """(4,): at each corner, how the way round turns."""
    way = (np.roll(points, -1, 0) - points).astype(np.float64)
    after = np.roll(way, -1, 0)
    return way[:, 0] * after[:, 1] - way[:, 1] * after[:, 0]


def pixels_to_metres(plane: Matrix, points: Points) -> Points:
    """(n, 2) float64 on the ground; NaN for points at or above the horizon."""
    if not len(points):
        return np.zeros((0, 2))
    whole = np.c_[points, np.ones(len(points))] @ plane.T
    with np.errstate(divide="ignore", invalid="ignore"):
        metres = whole[:, :2] / whole[:, 2:]
    return np.where(whole[:, 2:] > 0, metres, np.nan)
