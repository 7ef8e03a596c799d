"""Suspicious places as pictures: just before, when it begins, and, if soon, when it ends, and just after."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import cv2
import numpy as np

from figureground.errors import InputError
from figureground.frames import Frame, Image
from figureground.instances import Instances
from figureground.render import figure_colour, overlay
from figureground.review.suspicious.place import Suspicion
from figureground.sources import close_frames
from figureground.stages import Source
from figureground.tracks import Tracks

SIDE = 360
"""Pixels of the longer side of a panel."""
_HEAD, _GAP, _LEAST = (
    24,
    6,
    64,
)  # pixels: above a panel, between panels, and what is shown of the frame at least

_SOON = 50  # frames

Window = tuple[int, int, int, int]


class _Strip(NamedTuple):
    """What is shown of a place: these frames, by index, and this part of each (x1 y1 x2 y2)."""

    frames: list[int]
    window: Window
    panels: dict[int, Image]


def places_to_pictures(
    found: Sequence[Suspicion],
    tracks: Tracks,
    source: Source,
    progress: Callable[[int], None] | None = None,
) -> list[Image]:
    """For each place up to four panels side by side, (h, w, 3) uint8 RGB; the video is read once.

    Args:
        found: the places.
        tracks: what they are of.
        source: the video.
        progress: called with the number of frames that were read.

    Raises:
        InputError: the video has another size, or ends before the last place.
    """
    strips = [_strip(one, tracks) for one in found]
    missing = {frame for strip in strips for frame in strip.frames}
    frames = iter(source)
    try:
        while missing:
            frame = next(frames, None)
            if frame is None:
                raise InputError(
                    f"{source.info.name}: has no frame {min(missing)}, of which tracks are known"
                )
            if frame.index in missing:
                missing.discard(frame.index)
                _show(frame, tracks, strips)
            if progress is not None:
                progress(frame.index + 1)
    finally:
        close_frames(frames)
    return [_joined(strip) for strip in strips]


def _strip(one: Suspicion, tracks: Tracks) -> _Strip:
    frames = tracks.frames
    first, last = np.searchsorted(frames, (one.frame, one.last)).tolist()
    places = {max(0, first - 1), first}
    if last - first <= _SOON:  # else the figure is elsewhere by then
        places |= {last, min(len(frames) - 1, last + 1)}
    chosen = [int(frames[place]) for place in sorted(places)]
    rows = np.isin(tracks.frame, chosen) & np.isin(tracks.id, one.ids)
    return _Strip(chosen, _window(tracks.boxes[rows].astype(np.float64), tracks.info.size), {})


def _window(boxes: "np.ndarray[tuple[int, int], np.dtype[np.float64]]", size: tuple[int, int]) -> Window:
    """The part of a frame of `size` (h, w) with all `boxes`, and as much around them; all of it for none."""
    height, width = size
    if not len(boxes):
        return 0, 0, width, height
    low, high = boxes[:, :2].min(0), boxes[:, 2:].max(0)
    side = max(_LEAST, 2 * float((boxes[:, 2:] - boxes[:, :2]).max()) + float((high - low).max()))
    middle = (low + high) / 2
    x1, y1 = (
        np.clip(np.floor(middle - side / 2), 0, (max(0, width - 2), max(0, height - 2))).astype(int).tolist()
    )
    x2, y2 = np.clip(np.ceil(middle + side / 2), (x1 + 1, y1 + 1), (width, height)).astype(int).tolist()
    return x1, y1, x2, y2


def _show(frame: Frame, tracks: Tracks, strips: Sequence[_Strip]) -> None:
    """Put the panels of one frame to all strips that want it."""
    if frame.size != tracks.info.size:
        sizes = [f"{width} x {height}" for height, width in (frame.size, tracks.info.size)]
        raise InputError(
            f"the video has frames of {sizes[0]} pixels, the tracks are of {sizes[1]}: not this video"
        )
    figures = tracks.at(frame.index)
    drawn = overlay(frame.image, figures, named=False)
    for strip in strips:
        if frame.index in strip.frames:
            strip.panels[frame.index] = _panel(drawn, figures, strip.window, f"frame {frame.index}")


def _panel(image: Image, figures: Instances, window: Window, title: str) -> Image:
    x1, y1, x2, y2 = window
    scale = SIDE / max(x2 - x1, y2 - y1)
    size = max(1, round((x2 - x1) * scale)), max(1, round((y2 - y1) * scale))
    part = cv2.resize(
        image[y1:y2, x1:x2], size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    )
    panel = np.full((size[1] + _HEAD, size[0], 3), 255, np.uint8)
    panel[_HEAD:] = part
    _write(panel, title, (4, _HEAD - 8), (0, 0, 0))
    for box, identity in zip(np.clip(figures.boxes, -1e6, 1e6).tolist(), figures.ids.tolist(), strict=True):
        x, y = round((box[0] - x1) * scale), round((box[1] - y1) * scale)
        if 0 <= x < size[0] and 0 <= y < size[1]:
            at = min(x, size[0] - 14), max(y, 12) + _HEAD
            _write(panel, str(identity), at, (0, 0, 0), 3)
            _write(panel, str(identity), at, figure_colour(identity))
    return panel


def _write(
    panel: Image, text: str, at: tuple[int, int], colour: tuple[int, int, int], weight: int = 1
) -> None:
    cv2.putText(panel, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.5, colour, weight, cv2.LINE_AA)


def _joined(strip: _Strip) -> Image:
    panels = [strip.panels[frame] for frame in strip.frames]
    gap = np.full((panels[0].shape[0], _GAP, 3), 255, np.uint8)
    return np.concatenate([part for panel in panels for part in (panel, gap)][:-1], axis=1)
