"""process(): frames from a source, figures from a segmenter, ids from a tracker, results to writers."""

import contextlib
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice

from figureground.errors import InputError, OptionError
from figureground.frames import Frame
from figureground.sources import frames_from
from figureground.sources.prefetch import Prefetch
from figureground.stages import Segmenter, Source, Tracker, Writer
from figureground.writers.behind import Behind


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run did.

    Attributes:
        frames: how many the outputs hold.
        resumed: how many of them an earlier run had written; what follows does not count them.
        frames_with_figures: frames with at least one figure.
        figures: sum over frames, so an animal counts once a frame.
        first: time of the first frame in seconds, None where there was none.
        last: time of the last frame.
        seconds: how long the run took.
        problems: what was wrong with the input, in plain words.
    """

    frames: int
    resumed: int
    frames_with_figures: int
    figures: int
    first: Fraction | None
    last: Fraction | None
    seconds: float
    problems: tuple[str, ...]


def process(
    source: Source,
    segmenter: Segmenter,
    writers: Sequence[Writer],
    *,
    tracker: Tracker | None = None,
    progress: Callable[[int], None] | None = None,
    batch: int = 1,
) -> Summary:
    """Send every frame of `source` once through all stages; decoding and encoding run beside the rest.

    It begins where all writers can go on. A segmenter or tracker whose result depends on earlier frames
    is shown them again; others are not.

    Args:
        source: where frames come from.
        segmenter: what finds the figures.
        writers: opened, not yet entered; finished when the run is, left unfinished when it fails.
        tracker: what gives figures their ids; a new one for each run.
        progress: called with the number of frames that are done, after each.
        batch: how many frames the segmenter gets at a time.

    Raises:
        InputError: the source has no frames, or fewer than an earlier run has written.

    Example:
        >>> import tempfile
        >>> from figureground import load_segmenter, open_writer
        >>> from figureground.testing import made_scene
        >>> scene = made_scene(frames=30)
        >>> path = tempfile.mkdtemp() + "/animals.mp4"
        >>> process(scene, load_segmenter("background", scene), [open_writer(path, scene.info)]).frames
        30
    """
    if batch < 1:
        raise OptionError(f"batch must be at least 1, got {batch}")
    began, first, last = time.perf_counter(), None, None
    sink = Behind(writers)
    resumed = sink.rewind(sink.done)
    number = skipped = 0 if segmenter.stateful or tracker is not None else resumed
    with_figures = figures = 0
    with sink, contextlib.closing(_ahead(source, skipped)) as frames:
        while group := list(islice(frames, batch)):
            for frame, found in zip(group, segmenter(group), strict=True):
                found = found if tracker is None else tracker.update(frame, found)
                number += 1
                if number <= resumed:
                    continue
                sink.write(frame, found)
                first, last = frame.time if first is None else first, frame.time
                with_figures, figures = with_figures + bool(len(found)), figures + len(found)
                if progress is not None:
                    progress(number)
        if number < max(1, resumed):
            raise InputError(_too_short(source.info.name, number, resumed))
    problems = tuple(source.problems)
    seconds = time.perf_counter() - began
    return Summary(number, resumed, with_figures, figures, first, last, seconds, problems)


def _ahead(source: Source, skipped: int) -> Generator[Frame]:
    """The frames of `source` after the first `skipped`, read ahead if it does not do so itself."""
    yield from frames_from(source if getattr(source, "reads_ahead", False) else Prefetch(source), skipped)


def _too_short(name: str, frames: int, resumed: int) -> str:
    if not resumed:
        return f"{name}: no frames in it, or in the part that was asked for"
    return f"{name}: {frames} frames, but an earlier run wrote {resumed}; start anew, without resuming"
