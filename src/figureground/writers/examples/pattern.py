"""The pattern picture: the outlines of a whole window in one picture, their colours telling the time."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from figureground.frames import Image
from figureground.render import Colour, Window
from figureground.writers.examples.crop import cut_back, grown, height_width
from figureground.writers.examples.figures import Contour, Figure

NEAR = (150, 150, 150)
_WHITE = (255, 255, 255)

Stroke = tuple[Sequence[Contour], Colour]
"""Contours that are drawn in one colour."""


@dataclass(frozen=True, eq=False)
class Moment:
    """What one frame of the window gives to the picture, in the order of drawing.

    Attributes:
        outlines: of the figures.
        inner: contours within them.
        rings: around the outlines, where nothing inner is drawn.
        filled: groups of inner contours, each of which is filled as one.
    """

    outlines: Sequence[Stroke]
    inner: Sequence[Stroke] = ()
    rings: Sequence[Stroke] = ()
    filled: Sequence[Sequence[Contour]] = ()


def figures_moment(figures: Sequence[Figure], colour: Colour) -> Moment:
    """One figure, or all of a frame, in the colour of its time."""
    outlines = [one.contour for one in figures]
    inner = [one.inner for one in figures]
    return Moment([(outlines, colour)], [(one, colour) for one in inner], [(outlines, _WHITE)], inner)


def social_moment(main: Figure, near: Sequence[Figure], colour: Colour) -> Moment:
    """A figure in the colour of its time, over those near it in grey."""
    others = [one.contour for one in near]
    inside = [contour for one in near for contour in one.inner]
    return Moment(
        outlines=[(others, NEAR), ([main.contour], colour)],
        inner=[(inside, NEAR), (main.inner, colour)],
        rings=[([main.contour], _WHITE), (others, NEAR)],
        filled=[main.inner, inside],
    )


def time_colour(number: int, length: int) -> Colour:
    """The colour of frame `number` of `length`: from blue over cyan, white and magenta to red.

    Example:
        >>> [time_colour(number, 8) for number in (0, 2, 4, 7)]
        [(0, 0, 255), (0, 255, 255), (255, 255, 255), (255, 0, 128)]
    """
    rate = 255 * 4 / length
    if number < length / 4:
        return 0, number * int(rate), 255
    if number < length / 2:
        return int((number - length / 4) * rate), 255, 255
    if number < 3 * length / 4:
        return 255, 255 - int((number - length / 2) * rate), 255
    return 255, 0, 255 - int((number - 3 * length / 4) * rate)


def pattern_picture(moments: Sequence[Moment], window: Window, body_parts: int | None = None) -> Image:
    """(h, w, 3) uint8 RGB: what `moments` draw in `window`; inner contours too, if `body_parts` is given."""
    thickness = int(max(height_width(window)) / 150 + 1)
    around = grown(window, 2 * thickness + 2)  # lines begin outside, so they are drawn there too
    place, inside = (-around[1].start, -around[0].start), cut_back(window, around)
    outlines = [stroke for one in moments for stroke in one.outlines]
    picture = _drawn(around, outlines, thickness)[inside]
    if body_parts is None:
        return np.ascontiguousarray(picture)
    inner = _drawn(around, [stroke for one in moments for stroke in one.inner], thickness)
    rings = _drawn(around, [stroke for one in moments for stroke in one.rings], 2 * thickness)
    inner = np.asarray(cv2.subtract(inner, rings), np.uint8)[inside]
    if body_parts:
        filled = [_filled(around, one.filled, place)[inside] for one in moments]
        _erase_resting(inner, filled, body_parts)
    return np.asarray(cv2.add(np.ascontiguousarray(inner), np.ascontiguousarray(picture)), np.uint8)


def _drawn(around: Window, strokes: Sequence[Stroke], thickness: int) -> Image:
    picture = np.zeros((*height_width(around), 3), np.uint8)
    place = -around[1].start, -around[0].start
    for contours, colour in strokes:
        if contours:
            cv2.drawContours(picture, contours, -1, colour, thickness, offset=place)
    return picture


def _filled(
    around: Window, groups: Sequence[Sequence[Contour]], place: tuple[int, int]
) -> npt.NDArray[np.uint8]:
    picture = np.zeros(height_width(around), np.uint8)
    for contours in groups:
        if contours:
            cv2.drawContours(picture, contours, -1, 255, cv2.FILLED, offset=place)
    return picture


def _erase_resting(inner: Image, filled: Sequence[npt.NDArray[np.uint8]], least: int) -> None:
    """Make `inner` black where the standard deviation of `filled` over time is below `least`.

    It is that of float32 numbers, summed in the order of time, as LabGym computes it.
    """
    rows, columns = np.nonzero(inner.any(2))
    if not len(rows):
        return
    values = np.stack([one[rows, columns] for one in filled]).astype(np.float32)
    deviation = np.concatenate([values, values], axis=1).std(0)[: len(rows)]  # a lone column sums otherwise
    resting = deviation < least
    inner[rows[resting], columns[resting]] = 0
