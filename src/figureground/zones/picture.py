"""Zones drawn on a picture, and a picture with a grid to read places off."""

import cv2
import numpy as np
import numpy.typing as npt

from figureground.frames import Image
from figureground.render import figure_colour
from figureground.zones.zonefile import Point, Zones

_CELLS = 10  # about so many of the grid's lines across the picture


def draw_zones(image: Image, zones: Zones, only: str | None = None) -> Image:
    """A copy of `image` (h, w, 3) RGB with each zone and line outlined and named; or the one named `only`."""
    out = image.copy()
    zones = zones.scaled((image.shape[0], image.shape[1]))
    wide = max(1, round(max(image.shape) / 500))
    shapes = [(one.name, one.polygon, True) for one in zones.zones]
    shapes += [(one.name, one.points, False) for one in zones.lines]
    for number, (name, points, closed) in enumerate(shapes):
        if only is None or name == only:
            colour = figure_colour(number)
            corners = _rounded(points)
            cv2.polylines(out, [corners], closed, (0, 0, 0), wide + 2, cv2.LINE_AA)
            cv2.polylines(out, [corners], closed, colour, wide, cv2.LINE_AA)
            _name(out, name, _place(corners, out.shape), colour)
    for line in zones.lines:
        if only in (None, line.name):
            _arrow(out, line.points, line.inside, wide)
    return out


def grid_picture(image: Image) -> Image:
    """`image` (h, w, 3) RGB with lines at round numbers of pixels, each number written at its line.

    Example:
        >>> grid_picture(np.zeros((90, 160, 3), np.uint8)).shape
        (90, 160, 3)
    """
    out = image.copy()
    height, width = out.shape[:2]
    step = grid_step(max(height, width))
    for x in range(0, width, step):
        cv2.line(out, (x, 0), (x, height - 1), (0, 255, 255), 1)
    for y in range(0, height, step):
        cv2.line(out, (0, y), (width - 1, y), (0, 255, 255), 1)
    for x in range(step, width, step):
        _name(out, str(x), (x + 2, 0), (255, 255, 0))
    for y in range(step, height, step):
        _name(out, str(y), (2, y + 2), (255, 255, 0))
    return out


def grid_step(side: int) -> int:
    """The round number of pixels between two lines on a picture whose longer side is `side`.

    Example:
        >>> grid_step(768), grid_step(1920), grid_step(90)
        (100, 200, 10)
    """
    steps = [unit * 10**power for power in range(1, 6) for unit in (1, 2, 5)]
    return next((step for step in steps if side / step <= _CELLS), steps[-1])


def write_text(image: Image, text: str) -> Image:
    """A copy of `image` (h, w, 3) RGB with a line of text at its lower left corner."""
    out = image.copy()
    scale, weight = _font(out)
    while scale > 0.2 and cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, weight)[0][0] > out.shape[1]:
        scale *= 0.9
    (_, tall), below = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, weight)
    _put(out, text, (2, out.shape[0] - tall - below - 4), (255, 255, 255), scale, weight)
    return out


def _name(out: Image, text: str, at: tuple[int, int], colour: tuple[int, int, int]) -> None:
    scale, weight = _font(out)
    _put(out, text, at, colour, scale, weight)


def _font(out: Image) -> tuple[float, int]:
    scale = max(0.35, max(out.shape) / 1800)
    return scale, max(1, round(scale * 1.5))


def _put(
    out: Image, text: str, at: tuple[int, int], colour: tuple[int, int, int], scale: float, weight: int
) -> None:
    """Text on black, its left top corner `at` or as near as the picture allows; letters it lacks become ?."""
    text = text.encode("ascii", "replace").decode()
    (wide, tall), below = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, weight)
    x = int(np.clip(at[0], 0, max(0, out.shape[1] - wide - 2)))
    y = int(np.clip(at[1], 0, max(0, out.shape[0] - tall - below - 2)))
    cv2.rectangle(out, (x, y), (x + wide + 2, y + tall + below + 2), (0, 0, 0), -1)
    cv2.putText(
        out, text, (x + 1, y + tall + 1), cv2.FONT_HERSHEY_SIMPLEX, scale, colour, weight, cv2.LINE_AA
    )


def _rounded(points: tuple[Point, ...]) -> npt.NDArray[np.int32]:
    return np.array(points).round().clip(-30000, 30000).astype(np.int32)


def _place(corners: npt.NDArray[np.int32], shape: tuple[int, ...]) -> tuple[int, int]:
    """Where the name goes: at the corner nearest to the picture's left top corner."""
    inside = corners.clip(0, [shape[1] - 1, shape[0] - 1])
    x, y = inside[int(np.argmin(inside.sum(1)))]
    return int(x) + 3, int(y) + 3


def _arrow(out: Image, ends: tuple[Point, Point], inside: Point | None, wide: int) -> None:
    """An arrow over the middle of a line, to its inner side."""
    (x0, y0), (x1, y1) = ends
    way = np.array([y0 - y1, x1 - x0]) / np.hypot(x1 - x0, y1 - y0)
    middle = np.array([x0 + x1, y0 + y1]) / 2
    if inside is not None and np.dot(np.array(inside) - middle, way) < 0:
        way = -way
    tip = middle + way * max(out.shape) / 20
    start, end = _rounded((tuple(middle), tuple(tip)))
    cv2.arrowedLine(out, start.tolist(), end.tolist(), (255, 255, 255), wide + 1, cv2.LINE_AA, 0, 0.3)
