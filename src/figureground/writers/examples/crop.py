"""The square that all pictures of a window are cut to."""

from collections.abc import Iterable

from figureground.render import Window
from figureground.writers.examples.figures import Contour


def contours_to_window(contours: Iterable[Contour], size: tuple[int, int]) -> Window:
    """Rows and columns of the square around all `contours`, of which there is one or more.

    It is the box of them, its short side made longer evenly, and cut to the frame of `size` (h, w). A box
    that is a square already loses its last row and column: LabGym has it so.

    Example:
        >>> import numpy as np
        >>> contours_to_window([np.array([[[20, 30]], [[29, 33]]], np.int32)], (90, 90))
        (slice(25, 38, None), slice(19, 30, None))
    """
    points = [(one.min((0, 1)), one.max((0, 1))) for one in contours]
    left, top = (int(min(low[axis] for low, _ in points)) for axis in (0, 1))
    right, bottom = (int(max(high[axis] for _, high in points)) for axis in (0, 1))
    width, height = right - left + 1, bottom - top + 1
    grow = abs(width - height) // 2 + 1
    if width > height:
        top, bottom, left, right = top - grow - 1, bottom + grow + 1, left - 1, right + 1
    elif height > width:
        top, bottom, left, right = top - 1, bottom + 1, left - grow - 1, right + grow + 1
    return slice(max(top, 0), min(bottom, size[0])), slice(max(left, 0), min(right, size[1]))


def grown(window: Window, margin: int, size: tuple[int, int] | None = None) -> Window:
    """The window with `margin` pixels more on each side; inside a frame of `size` (h, w) if given."""
    (top, bottom), (left, right) = ((side.start - margin, side.stop + margin) for side in window)
    if size is not None:
        top, left, bottom, right = max(0, top), max(0, left), min(bottom, size[0]), min(right, size[1])
    return slice(top, bottom), slice(left, right)


def cut_back(window: Window, around: Window) -> Window:
    """Where `window` lies in a picture of `around`."""
    (rows, columns), (top, left) = window, (around[0].start, around[1].start)
    return slice(rows.start - top, rows.stop - top), slice(columns.start - left, columns.stop - left)


def height_width(window: Window) -> tuple[int, int]:
    """Its sides in pixels, 0 where it is empty."""
    height, width = (max(0, side.stop - side.start) for side in window)
    return height, width
