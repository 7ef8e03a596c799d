"""The frames of an animation: what is inside the window, without the background or with it, stretched."""

from collections.abc import Sequence

import cv2
import numpy as np

from figureground.frames import Image
from figureground.render import Window
from figureground.writers.examples.crop import cut_back, grown, height_width
from figureground.writers.examples.figures import Figure, Seen
from figureground.writers.examples.settings import Settings

MAIN = (255, 0, 255)  # red green blue of the outline around the figure that an example is about
_LINE = 2


def missing_frame(window: Window) -> Image:
    """A frame without the figure: black, whatever the background is."""
    return np.zeros((*height_width(window), 3), np.uint8)


def figure_frame(seen: Seen, figures: Sequence[Figure], window: Window, settings: Settings) -> Image:
    """The figures of a frame in `window`: (h, w, 3) uint8 RGB, its values stretched to 0..255.

    Where two of them overlap is background, as LabGym has it (it fills their contours by the even-odd rule).
    """
    if seen.image is not None:
        return stretched(seen.image[window])
    picture = np.full((*height_width(window), 3), _ground(settings), np.uint8)
    inside = np.zeros(picture.shape[:2], np.uint8)
    offset = -window[1].start, -window[0].start
    cv2.drawContours(inside, [one.contour for one in figures], -1, 1, cv2.FILLED, offset=offset)
    for one in figures:
        here, there = _shared(one, window)
        picture[here] = np.where(one.solid.mask[there][..., None], one.pixels[there], picture[here])
    picture[inside == 0] = _ground(settings)
    return stretched(picture)


def social_frame(seen: Seen, number: int, window: Window, settings: Settings) -> Image:
    """A figure in colour with a line around it, those near it in grey: (h, w, 3) uint8 RGB.

    The values are stretched by the least and the greatest of the whole frame, as LabGym does here.
    """
    around = grown(window, _LINE + 1, seen.size)  # also what the crop just cuts off counts
    if seen.image is not None:
        picture = stretched(seen.image[around], seen.levels)
    else:
        picture = _main_and_near(seen, number, around, settings)
        ground = [_ground(settings)] * (height_width(around) != seen.size)
        values = [int(picture.min()), int(picture.max()), *ground]
        picture = stretched(picture, (min(values), max(values)))
    offset = -around[1].start, -around[0].start
    cv2.drawContours(picture, [seen.figures[number].contour], 0, MAIN, _LINE, offset=offset)
    return np.ascontiguousarray(picture[cut_back(window, around)])


def _main_and_near(seen: Seen, number: int, window: Window, settings: Settings) -> Image:
    size = height_width(window)
    main, near = np.zeros((*size, 3), np.uint8), np.zeros((*size, 3), np.uint8)
    covered = np.zeros(size, bool)
    for target, numbers in ((main, (number,)), (near, seen.near[number])):
        for figure in (seen.figures[one] for one in numbers):
            here, there = _shared(figure, window)
            solid = figure.solid.mask[there]
            target[here] = np.where(solid[..., None], figure.pixels[there], target[here])
            covered[here] |= solid
    grey = cv2.cvtColor(near, cv2.COLOR_RGB2GRAY)
    picture = np.asarray(cv2.add(main, cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)), np.uint8)
    picture[~covered] = _ground(settings)
    return picture


def stretched(picture: Image, levels: tuple[int, int] | None = None) -> Image:
    """The picture with its values spread: `levels` (its own least and greatest if not given) to 0 and 255.

    Fractions are cut off. A picture of one value stays as it is.

    Example:
        >>> stretched(np.array([[10, 11, 13]], np.uint8)).tolist()
        [[0, 85, 255]]
    """
    if not picture.size:
        return picture
    low, high = (int(picture.min()), int(picture.max())) if levels is None else levels
    if low == high:
        return picture.copy()
    values = np.arange(256.0).clip(low, high)
    table = ((values - low) / (high - low) * 255).astype(np.uint8)
    return table[picture]


def _ground(settings: Settings) -> int:
    return 255 if settings.background == "white" else 0


def _shared(figure: Figure, window: Window) -> tuple[Window, Window]:
    """Where a figure is in a picture of the window, and what of the figure that is."""
    rows, columns = figure.solid.window
    top, bottom = max(rows.start, window[0].start), min(rows.stop, window[0].stop)
    left, right = max(columns.start, window[1].start), min(columns.stop, window[1].stop)
    shared = slice(top, max(top, bottom)), slice(left, max(left, right))
    return cut_back(shared, window), cut_back(shared, (rows, columns))
