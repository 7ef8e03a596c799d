"""Each check passes a part that keeps its promises and names the promise that a broken one breaks."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import pytest

from figureground.errors import OutputError
from figureground.frames import Frame, SourceInfo
from figureground.instances import Crop, Instances
from figureground.testing import check_segmenter, check_source, check_tracker, check_writer, made_scene

SCENE = made_scene((23, 31), frames=5, animals=2)
FRAMES = tuple(SCENE)


class Reel:
    """A Source of given frames, with a twist: `change(frames, time)` before the n-th iteration."""

    def __init__(self, twist: Callable[[list[Frame], int], list[Frame]], **info: Any) -> None:
        self._twist, self._times = twist, 0
        self.info: SourceInfo = replace(SCENE.info, **info)
        self.problems: Sequence[str] = ()

    def __iter__(self) -> Iterator[Frame]:
        self._times += 1
        return iter(self._twist(list(FRAMES), self._times))

    def sample(self, count: int) -> Iterator[Frame]:
        return iter(self._twist(list(FRAMES), 1)[:count])


class PilingUp(Reel):
    def __iter__(self) -> Iterator[Frame]:
        self.problems = [*self.problems, "1 damaged frame skipped"]
        return super().__iter__()


class WrongSample(Reel):
    def sample(self, count: int) -> Iterator[Frame]:
        return iter([replace(FRAMES[0], image=FRAMES[1].image)])


class BackwardSample(Reel):
    def sample(self, count: int) -> Iterator[Frame]:
        return iter(FRAMES[:count][::-1])


def plain(frames: list[Frame], time: int) -> list[Frame]:
    return frames


def twisted(at: int, **changes: Any) -> Callable[[list[Frame], int], list[Frame]]:
    def twist(frames: list[Frame], time: int) -> list[Frame]:
        return [replace(one, **changes) if one.index == at else one for one in frames]

    return twist


def test_source_that_keeps_its_promises() -> None:
    check_source(Reel(plain))
    check_source(SCENE)


@pytest.mark.parametrize(
    ("source", "broken"),
    [
        (Reel(lambda frames, time: []), "no frames"),
        (Reel(plain, kind="film"), "info.kind must not be 'film'"),
        (Reel(plain, size=(31, 23)), r"info.size \(31, 23\)"),
        (Reel(plain, time_base=Fraction(1, 7)), "no multiple of 1/7"),
        (Reel(twisted(1, image=np.zeros((23, 31), np.uint8))), r"\(h, w, 3\) uint8"),
        (Reel(twisted(1, image=np.zeros((23, 31, 3), np.float32))), r"\(h, w, 3\) uint8"),
        (Reel(twisted(1, image=np.zeros((7, 11, 3), np.uint8))), "differ in size"),
        (Reel(twisted(2, index=1)), "index 1 comes after 1"),
        (Reel(twisted(2, time=FRAMES[1].time)), "is not after"),
        (Reel(lambda frames, time: frames[: 6 - time]), "a second iteration gives 4 frames"),
        (Reel(lambda frames, time: frames[:1] if time == 2 else frames), "a second iteration gives 1 "),
        (Reel(lambda frames, time: frames[time > 3 :]), "left early"),
        (PilingUp(plain), "pile up"),
        (WrongSample(plain), "that the source does not have"),
        (BackwardSample(plain), "not in order of time"),
        (object(), "a source has info"),
    ],
)
def test_source_that_breaks_a_promise(source: Any, broken: str) -> None:
    with pytest.raises(AssertionError, match=broken):
        check_source(source)


class Bright:
    """Takes the pixels above a level as one figure; `twist` changes the result."""

    stateful = False
    classes: Any = ("figure",)

    def __init__(self, twist: Callable[[Instances, Sequence[Frame]], Any] = lambda found, frames: found):
        self._twist = twist

    def __call__(self, frames: Sequence[Frame]) -> list[Instances]:
        return [
            self._twist(Instances.from_dense([frame.image[..., 0] >= np.median(frame.image)]), frames)
            for frame in frames
        ]


class Nameless(Bright):
    classes = ["figure"]  # noqa: RUF012 - wrong on purpose


class Losing(Bright):
    def __call__(self, frames: Sequence[Frame]) -> list[Instances]:
        return super().__call__(frames)[1:]


class Staining(Bright):
    def __call__(self, frames: Sequence[Frame]) -> list[Instances]:
        for frame in frames:
            frame.image[0, 0] += 1
        return super().__call__(frames)


class Greedy(Bright):
    def __call__(self, frames: Sequence[Frame]) -> list[Instances]:
        return super().__call__(FRAMES[:1])


def test_segmenter_that_keeps_its_promises() -> None:
    check_segmenter(Bright(), SCENE)


@pytest.mark.parametrize(
    ("segmenter", "broken"),
    [
        (Nameless(), "classes must be a tuple"),
        (Losing(), "5 frames gave 4"),
        (Greedy(), "no frames must give"),
        (Staining(), "frame 0: the segmenter changed the picture"),
        (Bright(lambda found, frames: found.masks), "must be Instances"),
        (Bright(lambda found, frames: Instances.empty((31, 23))), r"figures of a frame \(31, 23\)"),
        (Bright(lambda found, frames: replace(found, labels=[1])), r"labels \[1\] of 1 classes"),
        (Bright(lambda found, frames: replace(found, scores=[1.5])), "not in 0..1"),
        (
            Bright(lambda found, frames: Instances(found.size, (Crop(0, 0, np.zeros((2, 2), bool)),))),
            "a figure without pixels",
        ),
        (
            Bright(lambda found, frames: found if len(frames) > 1 else Instances.empty(found.size)),
            "alone it gives other figures",
        ),
        (object(), "a segmenter has classes"),
    ],
)
def test_segmenter_that_breaks_a_promise(segmenter: Any, broken: str) -> None:
    with pytest.raises(AssertionError, match=broken):
        check_segmenter(segmenter, SCENE)


class Numbering:
    """A Tracker that numbers figures in their order; `number(count, calls)` gives the ids."""

    runs = 0

    def __init__(self, number: Callable[[int, int], Any] = lambda count, run: np.arange(count)) -> None:
        self._number = number
        Numbering.runs += 1
        self._run = Numbering.runs

    def update(self, frame: Frame, found: Instances) -> Instances:
        return found.with_ids(self._number(len(found), self._run))


class Inventing(Numbering):
    def update(self, frame: Frame, found: Instances) -> Instances:
        return Instances.from_dense([np.ones(found.size, bool)], ids=[0])


class Marking(Numbering):
    def update(self, frame: Frame, found: Instances) -> Instances:
        found.ids[:] = 3 + np.arange(len(found))
        return found


def test_tracker_that_keeps_its_promises() -> None:
    check_tracker(Numbering)


@pytest.mark.parametrize(
    ("start", "broken"),
    [
        (lambda: Numbering(lambda count, run: np.zeros(count)), "given twice"),
        (lambda: Numbering(lambda count, run: np.arange(count) + run), "a second run gives other ids"),
        (lambda: Numbering(lambda count, run: np.full(count, -1)), "no figure ever gets an id"),
        (Inventing, "a new mask"),
        (Marking, "changed its input"),
        (object, "a tracker has update"),
    ],
)
def test_tracker_that_breaks_a_promise(start: Any, broken: str) -> None:
    with pytest.raises(AssertionError, match=broken):
        check_tracker(start)


class Counting:
    """A Writer of a text with a line a frame; the flags break one promise each."""

    def __init__(self, path: Path, *, flaw: str = "") -> None:
        if path.exists() and flaw != "overwrites":
            raise OutputError(f"{path}: exists already")
        self._path, self._flaw, self._lines = path, flaw, ""
        self.done = 3 if flaw == "done" else 0

    def rewind(self, done: int) -> int:
        return 2 if self._flaw == "rewind" else 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if (kind is None and self._flaw != "nothing") or self._flaw == "leaves":
            self._path.write_text(self._lines)

    def write(self, frame: Frame, found: Instances) -> None:
        self._lines += f"{frame.index} {len(found)}\n"
        if self._flaw == "early" and frame.index == 2:
            self._path.write_text(self._lines)


def test_writer_that_keeps_its_promises(tmp_path: Path) -> None:
    check_writer(Counting, tmp_path / "out.txt")
    assert (tmp_path / "out.txt").read_text() == "0 4\n1 4\n2 4\n3 4\n4 4\n"


@pytest.mark.parametrize(
    ("flaw", "broken"),
    [
        ("leaves", "left something that looks finished"),
        ("done", "a new writer has done 3 frames"),
        ("rewind", r"rewind\(0\)"),
        ("early", "appears before it is whole"),
        ("nothing", "left no result"),
        ("overwrites", "not refused"),
    ],
)
def test_writer_that_breaks_a_promise(flaw: str, broken: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=broken):
        check_writer(lambda path: Counting(path, flaw=flaw), tmp_path / "out.txt")


def test_writer_needs_an_empty_place(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="is there already"):
        check_writer(Counting, tmp_path)
