"""Polygons cut at the border of the picture."""

from collections.abc import Sequence

Point = tuple[float, float]


def clip_polygon(points: Sequence[float], size: tuple[int, int]) -> list[float]:
    """The part of a polygon, x y x y ..., that lies in a picture of `size` (h, w); empty where none does.

    Points inside stay as they are. Where several parts are left they stay joined along the border,
    which covers no pixel (Sutherland and Hodgman, Reentrant polygon clipping, 1974).

    Example:
        >>> clip_polygon([-3, 1, 4, 1, 4, 5, -3, 5], (17, 11))
        [0.0, 1.0, 4, 1, 4, 5, 0.0, 5.0]
    """
    height, width = size
    corners: list[Point] = list(zip(points[::2], points[1::2], strict=True))
    for axis, bound, sign in ((0, 0, 1), (0, width, -1), (1, 0, 1), (1, height, -1)):
        corners = _cut(corners, axis, float(bound), sign)
    return [value for corner in corners for value in corner]


def _cut(corners: list[Point], axis: int, bound: float, sign: int) -> list[Point]:
    """What lies on the side of `bound` that `sign` names."""
    kept: list[Point] = []
    for before, after in zip(corners[-1:] + corners[:-1], corners, strict=True):
        was, is_in = ((one[axis] - bound) * sign >= 0 for one in (before, after))
        if was != is_in:
            kept.append(_crossing(before, after, axis, bound))
        if is_in:
            kept.append(after)
    return kept


def _crossing(before: Point, after: Point, axis: int, bound: float) -> Point:
    part = (bound - before[axis]) / (after[axis] - before[axis])
    other = before[1 - axis] + part * (after[1 - axis] - before[1 - axis])
    return (bound, other) if axis == 0 else (other, bound)
