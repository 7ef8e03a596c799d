"""Checks that a part keeps the promises of its seam; each raises AssertionError that says which it broke.

For a part of your own: run its check in a test, on input of the kind that it is made for.
"""

import contextlib
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import islice, pairwise
from pathlib import Path

import numpy as np

from figureground.errors import OutputError
from figureground.frames import Frame
from figureground.instances import Instances
from figureground.stages import Segmenter, Source, Tracker, Writer
from figureground.testing.scenes import made_scene


def check_source(source: Source) -> None:
    """Check a Source: every iteration gives the same well-formed frames in order of time.

    It is read several times over, so give it a short one.

    Raises:
        AssertionError: a promise is broken.

    Example:
        >>> check_source(made_scene((24, 32), frames=3))
    """
    _require(isinstance(source, Source), "a source has info, problems, __iter__ and sample")
    info = source.info
    _require(info.kind in ("video", "stills", "camera"), f"info.kind must not be {info.kind!r}")
    first = list(source)
    _require(bool(first), "the source has no frames")
    for frame in first:
        _check_frame(frame)
        exact = isinstance(frame.time, Fraction) and (frame.time / info.time_base).denominator == 1
        _require(exact, f"frame {frame.index}: time {frame.time} is no multiple of {info.time_base}")
    _require(first[0].size == tuple(info.size), f"info.size {info.size}, first frame {first[0].size}")
    _require(info.kind == "stills" or len({frame.size for frame in first}) == 1, "frames differ in size")
    for a, b in pairwise(first):
        _require(a.index < b.index, f"index {b.index} comes after {a.index}")
        _require(a.time < b.time, f"frame {b.index}: time {b.time} is not after {a.time}")
    _require(all(isinstance(text, str) for text in source.problems), "problems must be texts")
    problems = list(source.problems)
    _same_frames(first, list(source), "a second iteration")
    _require(list(source.problems) == problems, "problems must not pile up from one iteration to the next")
    next(iter(source))
    _same_frames(first[:2], list(islice(source, 2)), "an iteration after one that was left early")
    _check_sample(source, first)


def _check_sample(source: Source, frames: Sequence[Frame]) -> None:
    known = {frame.time: frame for frame in frames}
    for count in (1, 2, len(frames) + 3):
        chosen = list(source.sample(count))
        _require(bool(chosen), f"sample({count}) is empty")
        _require(
            all(a.time < b.time for a, b in pairwise(chosen)), f"sample({count}) is not in order of time"
        )
        for frame in chosen:
            same = frame.time in known and np.array_equal(frame.image, known[frame.time].image)
            _require(same, f"sample({count}) gives a picture at {frame.time} s that the source does not have")
    _require(len(chosen) <= len(frames), f"sample({count}) gives more frames than the source has")


def check_segmenter(segmenter: Segmenter, source: Source) -> None:
    """Check a Segmenter that was made ready for `source`: well-formed figures, one set a frame.

    Raises:
        AssertionError: a promise is broken.

    Example:
        >>> from figureground.segmenters import load_segmenter
        >>> scene = made_scene((48, 64), frames=12)
        >>> check_segmenter(load_segmenter("background", scene), scene)
    """
    _require(isinstance(segmenter, Segmenter), "a segmenter has classes, stateful and __call__")
    _require(isinstance(segmenter.stateful, bool), "stateful must be True or False")
    names = segmenter.classes
    _require(
        isinstance(names, tuple) and len(names) > 0 and all(isinstance(name, str) for name in names),
        f"classes must be a tuple of names, got {names!r}",
    )
    _require(len(segmenter([])) == 0, "no frames must give no figures")
    frames = list(islice(source, 8))
    before = [frame.image.copy() for frame in frames]
    found = segmenter(frames)
    _require(len(found) == len(frames), f"{len(frames)} frames gave {len(found)} results")
    for frame, image, one in zip(frames, before, found, strict=True):
        _require(
            np.array_equal(frame.image, image), f"frame {frame.index}: the segmenter changed the picture"
        )
        _check_found(one, frame, len(names))
    if segmenter.stateful:
        return
    for frame, one in reversed(list(zip(frames, found, strict=True))):
        alone = segmenter([frame])[0]
        _require(_same(alone, one), f"frame {frame.index}: alone it gives other figures than among others")


def _check_found(found: Instances, frame: Frame, classes: int) -> None:
    where = f"frame {frame.index}"
    _require(isinstance(found, Instances), f"{where}: the result must be Instances")
    _require(found.size == frame.size, f"{where}: figures of a frame {found.size}, the frame is {frame.size}")
    _require(bool((found.areas > 0).all()), f"{where}: a figure without pixels")
    inside = (found.labels >= 0) & (found.labels < classes)
    _require(bool(inside.all()), f"{where}: labels {found.labels.tolist()} of {classes} classes")
    fair = (found.scores >= 0) & (found.scores <= 1)
    _require(bool(fair.all()), f"{where}: scores {found.scores.tolist()} are not in 0..1")


def check_tracker(start: Callable[[], Tracker]) -> None:
    """Check the Tracker that `start()` gives new each time, on a made scene.

    A tracker may cut a figure into several; it shows no pixel that was not found.

    Raises:
        AssertionError: a promise is broken.

    Example:
        >>> from figureground.trackers import load_tracker
        >>> check_tracker(lambda: load_tracker("iou-centre"))
    """
    scene = made_scene((48, 64), frames=12, animals=3)
    truth = [scene.truth(i).with_ids(np.full(3, -1)) for i in range(scene.frames)]
    truth[4] = truth[5] = Instances.empty(scene.size)
    runs = []
    for tracker in (start(), start()):
        _require(isinstance(tracker, Tracker), "a tracker has update")
        runs.append([tracker.update(frame, found) for frame, found in zip(scene, truth, strict=True)])
    for index, (found, one, two) in enumerate(zip(truth, *runs, strict=True)):
        _require(one.size == found.size, f"frame {index}: figures of another frame size")
        invented = (one.union() > 0) & (found.union() == 0)
        _require(not invented.any(), f"frame {index}: a new mask, with pixels that were not found")
        ids = one.ids[one.ids >= 0].tolist()
        _require(len(ids) == len(set(ids)), f"frame {index}: an id is given twice: {ids}")
        _require(one.ids.tolist() == two.ids.tolist(), f"frame {index}: a second run gives other ids")
        _require(_same(one, two), f"frame {index}: a second run gives other figures")
        _require(bool((found.ids == -1).all()), f"frame {index}: the tracker changed its input")
    _require(any((one.ids >= 0).any() for one in runs[0]), "no figure ever gets an id")


def check_writer(open_: Callable[[Path], Writer], path: Path) -> None:
    """Check the Writer that `open_(path)` gives: it leaves a finished result, or none that looks finished.

    Args:
        open_: opens a new writer of one fixed kind that neither resumes nor overwrites.
        path: where to write; nothing may be there. The result of a whole run is left there.

    Raises:
        AssertionError: a promise is broken.
    """
    scene = made_scene((48, 64), frames=5)
    _require(not path.exists(), f"{path} is there already")
    with contextlib.suppress(ZeroDivisionError), open_(path) as writer:
        writer.write(next(iter(scene)), scene.truth(0))
        raise ZeroDivisionError  # stands for whatever ends a run early
    _require(not path.exists(), "a run that failed left something that looks finished")
    writer = open_(path)
    _require(isinstance(writer, Writer), "a writer has done, rewind, __enter__, __exit__ and write")
    _require(writer.done == 0, f"a new writer has done {writer.done} frames")
    _require(writer.rewind(0) == 0, "rewind(0) must leave nothing")
    with writer:
        for frame in scene:
            writer.write(frame, scene.truth(frame.index))
            _require(not path.exists(), "the result appears before it is whole")
    _require(path.exists(), "a whole run left no result")
    _refuses_to_overwrite(open_, path)


def _refuses_to_overwrite(open_: Callable[[Path], Writer], path: Path) -> None:
    try:
        open_(path)
    except OutputError:
        return
    raise AssertionError("a result that is there already was not refused with an OutputError")


def _require(holds: bool, broken: str) -> None:
    if not holds:
        raise AssertionError(broken)


def _check_frame(frame: Frame) -> None:
    image = frame.image
    fits = image.dtype == np.uint8 and image.ndim == 3 and image.shape[2] == 3 and image.size > 0
    _require(fits, f"frame {frame.index}: a picture must be (h, w, 3) uint8, got {image.shape} {image.dtype}")


def _same_frames(first: Sequence[Frame], second: Sequence[Frame], what: str) -> None:
    _require(len(first) == len(second), f"{what} gives {len(second)} frames, the first gave {len(first)}")
    for a, b in zip(first, second, strict=True):
        same = (a.index, a.time, a.name) == (b.index, b.time, b.name) and np.array_equal(a.image, b.image)
        _require(same, f"{what} gives another frame {a.index}")


def _same(first: Instances, second: Instances) -> bool:
    columns = ("boxes", "scores", "labels")
    return (
        len(first) == len(second)
        and all(np.array_equal(getattr(first, name), getattr(second, name)) for name in columns)
        and all(_crop_key(first, i) == _crop_key(second, i) for i in range(len(first)))
    )


def _crop_key(found: Instances, index: int) -> tuple[int, int, tuple[int, ...], bytes]:
    crop = found.masks[index]
    return crop.y0, crop.x0, crop.mask.shape, crop.mask.tobytes()
