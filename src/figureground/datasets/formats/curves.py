"""Circles and ellipses as polygons."""

import math

from figureground.datasets.segmentation import FAR

TOLERANCE = 0.1
"""Pixels by which a polygon's sides may lie inside of the curve."""

FEWEST = 12  # points


def ellipse_to_polygon(
    x: float, y: float, rx: float, ry: float, theta: float = 0.0, tolerance: float = TOLERANCE
) -> list[float]:
    """Points on an ellipse, x y x y ... in pixels.

    Args:
        x: of the centre.
        y: likewise.
        rx: the first half-axis.
        ry: the second one.
        theta: by how much it is turned, in radians, clockwise as one sees it.
        tolerance: how far, in pixels, the polygon's sides may lie inside of the curve.

    Raises:
        ValueError: a half-axis is negative, or far larger than pictures are.

    Example:
        >>> len(ellipse_to_polygon(10, 20, 5, 5)) // 2
        16
    """
    radius = max(rx, ry)
    if min(rx, ry) < 0 or not radius < FAR:
        raise ValueError(f"an ellipse has the half-axes {rx:g} and {ry:g} pixels")
    flat = tolerance / radius if radius > tolerance else 1.0
    count = max(
        FEWEST, math.ceil(math.pi / math.acos(1 - flat))
    )  # each side's sagitta is r (1 - cos(pi / n))
    points = []
    for number in range(count):
        angle = 2 * math.pi * number / count
        along, across = rx * math.cos(angle), ry * math.sin(angle)
        points.append(x + along * math.cos(theta) - across * math.sin(theta))
        points.append(y + along * math.sin(theta) + across * math.cos(theta))
    return points
