"""From the frames of one window to its examples: whose they are, their frames and their picture."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from figureground.frames import Image
from figureground.render import Window
from figureground.writers.examples.animation import figure_frame, missing_frame, social_frame
from figureground.writers.examples.crop import contours_to_window, height_width
from figureground.writers.examples.figures import Seen
from figureground.writers.examples.pattern import (
    Moment,
    figures_moment,
    pattern_picture,
    social_moment,
    time_colour,
)
from figureground.writers.examples.settings import Settings


class Example(NamedTuple):
    """One example.

    Attributes:
        key: id of the figure it is about; -1 where it is about all.
        frames: (h, w, 3) uint8 RGB, as many as the window has.
        picture: (h, w, 3) uint8 RGB, the pattern.
    """

    key: int
    frames: list[Image]
    picture: Image


def window_to_examples(window: Sequence[Seen], settings: Settings) -> Iterator[Example]:
    """The examples of a window, by id: one a figure that is seen in it, or one for all together."""
    if settings.interactive == "basic":
        examples = iter([_together(window, settings)])
    else:
        keys = sorted({one.key for seen in window for one in seen.figures if one.key >= 0})
        make = _social if settings.interactive == "advanced" else _alone
        examples = (make(window, key, settings) for key in keys)
    return (one for one in examples if one is not None)


def _alone(window: Sequence[Seen], key: int, settings: Settings) -> Example | None:
    places = [seen.find(key) for seen in window]
    chosen = [
        () if place is None else (seen.figures[place],) for seen, place in zip(window, places, strict=True)
    ]
    crop = contours_to_window([one.contour for figures in chosen for one in figures], window[0].size)
    frames = [
        figure_frame(seen, figures, crop, settings) if figures else missing_frame(crop)
        for seen, figures in zip(window, chosen, strict=True)
    ]
    colours = [time_colour(number, len(window)) for number in range(len(window))]
    moments = [
        figures_moment(figures, colour) for figures, colour in zip(chosen, colours, strict=True) if figures
    ]
    return _example(key, frames, moments, crop, settings)


def _together(window: Sequence[Seen], settings: Settings) -> Example | None:
    """All figures at once; frames without any count neither in the colours nor in their time."""
    chosen = [seen.figures for seen in window if seen.figures]
    if not chosen:
        return None
    crop = contours_to_window([one.contour for figures in chosen for one in figures], window[0].size)
    frames = [
        figure_frame(seen, seen.figures, crop, settings) if seen.figures else missing_frame(crop)
        for seen in window
    ]
    moments = [
        figures_moment(figures, time_colour(number, len(chosen))) for number, figures in enumerate(chosen)
    ]
    return _example(-1, frames, moments, crop, settings)


def _social(window: Sequence[Seen], key: int, settings: Settings) -> Example | None:
    places = [seen.find(key) for seen in window]
    contours, moments = [], []
    for number, (seen, place) in enumerate(zip(window, places, strict=True)):
        if place is not None:
            main, near = seen.figures[place], [seen.figures[other] for other in seen.near[place]]
            contours += [main.contour, *(one.contour for one in near)]
            moments.append(social_moment(main, near, time_colour(number, len(window))))
    crop = contours_to_window(contours, window[0].size)
    frames = [
        missing_frame(crop) if place is None else social_frame(seen, place, crop, settings)
        for seen, place in zip(window, places, strict=True)
    ]
    return _example(key, frames, moments, crop, settings)


def _example(
    key: int, frames: list[Image], moments: Sequence[Moment], crop: Window, settings: Settings
) -> Example | None:
    """The example; None where the crop is empty, as that of a single pixel is."""
    if 0 in height_width(crop):
        return None
    return Example(key, frames, pattern_picture(moments, crop, settings.body_parts))
