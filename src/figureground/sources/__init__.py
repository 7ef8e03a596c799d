"""Where frames come from: videos, stills, cameras. `open_source` takes any of them."""

from collections.abc import Generator, Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Protocol, runtime_checkable

from figureground.errors import OptionError
from figureground.frames import Frame
from figureground.sources.inputs import STILLS, VIDEOS, find_inputs, is_input
from figureground.sources.span import Position, parse_span, parse_time
from figureground.stages import Source

__all__ = ["STILLS", "VIDEOS", "find_inputs", "frames_from", "is_input", "open_source", "parse_time"]


def open_source(
    what: str | Path | int,
    *,
    start: Position = None,
    end: Position = None,
    rate: Fraction | int | float | str | None = None,
) -> Source:
    """Open a video, pictures, a camera or a stream.

    Args:
        what: path of a video or a picture, a folder of pictures, a quoted pattern ("frames/*.png"), a
            camera's number, or a stream's address ("rtsp://...").
        start: where to begin: seconds after the first frame as a number or text, "h:m:s", "m:s", or "120f"
            for frame 120 (they count from 0). Frames keep the index and time they have in the whole source.
        end: where to stop, written likewise; the frame there is not included.
        rate: frames a second, for pictures only; without it they lie one second apart.

    Raises:
        InputError: there is nothing, or nothing that can be read.
        OptionError: start, end or rate make no sense.

    Example:
        >>> open_source("nothing.mp4")
        Traceback (most recent call last):
        ...
        figureground.errors.InputError: nothing.mp4: there is no such file or folder
    """
    span = parse_span(start, end)
    steps = None if rate is None else _rate(rate)
    name = str(what)
    path = Path(what) if not isinstance(what, int) else Path()
    if isinstance(what, int) or "://" in name or (name.isdecimal() and not path.exists()):
        from figureground.sources.camera import CameraSource

        _refuse(steps, name)
        return CameraSource(name, span)
    from figureground.sources.images import ImagesSource, find_stills

    stills = find_stills(path)
    if stills:
        return ImagesSource(stills, name, span, steps)
    from figureground.sources.video import VideoSource

    _refuse(steps, name)
    return VideoSource(path, span)


@runtime_checkable
class Skipping(Protocol):
    """A source that can leave out its first frames more cheaply than by making them."""

    def frames_from(self, count: int) -> Iterator[Frame]:
        """All but the first `count` frames."""
        ...


def frames_from(source: Source, count: int) -> Iterator[Frame]:
    """All but the first `count` frames of `source`, with the indices and times they always have.

    Example:
        >>> from figureground.testing import made_scene
        >>> [frame.index for frame in frames_from(made_scene((24, 32), frames=5), 3)]
        [3, 4]
    """
    if isinstance(source, Skipping):
        return source.frames_from(count)
    return _without(source, count)


def _without(source: Source, count: int) -> Iterator[Frame]:
    frames = iter(source)
    try:
        yield from islice(frames, count, None)
    finally:
        close_frames(frames)


def close_frames(frames: Iterator[Frame]) -> None:
    """Have an iterator that is left early let go of its file now, not when it is collected."""
    if isinstance(frames, Generator):
        frames.close()


def _rate(rate: Fraction | int | float | str) -> Fraction:
    try:
        value = Fraction(str(rate))
    except (ValueError, ZeroDivisionError):
        value = Fraction(0)
    if value <= 0:
        raise OptionError(f"not a rate: {rate!r}; write frames a second, 25 or 30000/1001")
    return value


def _refuse(rate: Fraction | None, name: str) -> None:
    if rate is not None:
        raise OptionError(f"{name}: a rate is for pictures; this has its own times")
