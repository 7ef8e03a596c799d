import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import pytest

from figureground.errors import InputError, OptionError, OutputError
from figureground.frames import Frame
from figureground.instances import Instances
from figureground.pipeline import process
from figureground.testing import Scene, made_scene

SCENE = made_scene((23, 31), frames=10, animals=2)


@dataclass
class Counter:
    """Finds as many figures as `counts` says for the frame's index, and keeps what it was shown."""

    counts: Sequence[int] = (0, 1, 2, 0, 3, 1, 1, 0, 2, 4)
    stateful: bool = False
    fail_at: int | None = None
    error: BaseException = field(default_factory=lambda: ZeroDivisionError("segmenter broke"))
    classes: tuple[str, ...] = ("figure",)
    seen: list[list[int]] = field(default_factory=list)

    def __call__(self, frames: Sequence[Frame]) -> list[Instances]:
        self.seen.append([frame.index for frame in frames])
        if any(frame.index == self.fail_at for frame in frames):
            raise self.error
        return [self._found(frame) for frame in frames]

    def _found(self, frame: Frame) -> Instances:
        count = self.counts[frame.index % len(self.counts)]
        masks = np.zeros((count, *frame.size), bool)
        for i in range(count):
            masks[i, 3 * i : 3 * i + 2, 5] = True
        return Instances.from_dense(masks) if count else Instances.empty(frame.size)


@dataclass
class Book:
    """A Writer that notes what it gets; an earlier run has kept `done` frames, in chunks of `chunk`."""

    done: int = 0
    chunk: int = 1
    fail_at: int | None = None
    rows: list[tuple[int, int, list[int]]] = field(default_factory=list)
    ended: list[type[BaseException] | None] = field(default_factory=list)

    def rewind(self, done: int) -> int:
        self.done = min(self.done, done) // self.chunk * self.chunk
        return self.done

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.ended.append(kind)

    def write(self, frame: Frame, found: Instances) -> None:
        if frame.index == self.fail_at:
            raise OutputError("book.txt: cannot be written: No space left on device")
        self.rows.append((frame.index, len(found), found.ids.tolist()))


class Numbers:
    """A Tracker that gives each figure the number of the frame it comes in, counted by itself."""

    def __init__(self) -> None:
        self.frames = -1

    def update(self, frame: Frame, found: Instances) -> Instances:
        self.frames += 1
        return found.with_ids(10 * self.frames + np.arange(len(found)))


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) == before


def test_every_frame_goes_through_all_stages() -> None:
    books, steps = [Book(), Book()], list[int]()
    summary = process(SCENE, Counter(), books, tracker=Numbers(), progress=steps.append)
    ids = [[], [10], [20, 21], [], [40, 41, 42], [50], [60], [], [80, 81], [90, 91, 92, 93]]
    for book in books:
        assert book.rows == [(index, len(row), row) for index, row in enumerate(ids)]
        assert book.ended == [None]
    assert steps == list(range(1, 11))
    assert (summary.frames, summary.resumed, summary.frames_with_figures, summary.figures) == (10, 0, 7, 14)
    assert (summary.first, summary.last) == (0, Fraction(9, 25))
    assert summary.problems == ()
    assert summary.seconds > 0


@pytest.mark.parametrize(
    ("batch", "groups"),
    [(1, [[i] for i in range(10)]), (4, [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]), (99, [[*range(10)]])],
)
def test_batches(batch: int, groups: list[list[int]]) -> None:
    segmenter, book = Counter(), Book()
    process(SCENE, segmenter, [book], batch=batch)
    assert segmenter.seen == groups
    assert [row[0] for row in book.rows] == list(range(10))


def test_problems_of_the_source() -> None:
    damaged = replace(SCENE, problems=["1 damaged frame skipped, near 0.2 s"])
    assert process(damaged, Counter(), []).problems == ("1 damaged frame skipped, near 0.2 s",)


class TestResume:
    @pytest.mark.parametrize(
        ("stateful", "tracker", "shown"),
        [(False, None, [*range(6, 10)]), (True, None, [*range(10)]), (False, Numbers, [*range(10)])],
    )
    def test_goes_on_after_what_is_done(
        self, stateful: bool, tracker: Callable[[], Numbers] | None, shown: list[int]
    ) -> None:
        segmenter, book, steps = Counter(stateful=stateful), Book(done=6), list[int]()
        made = None if tracker is None else tracker()
        summary = process(SCENE, segmenter, [book], tracker=made, progress=steps.append)
        assert [index for group in segmenter.seen for index in group] == shown
        assert [row[0] for row in book.rows] == [6, 7, 8, 9]
        if tracker is not None:
            assert book.rows[0] == (6, 1, [60])
        assert steps == [7, 8, 9, 10]
        assert (summary.frames, summary.resumed, summary.frames_with_figures, summary.figures) == (
            10,
            6,
            3,
            7,
        )
        assert summary.first == Fraction(6, 25)

    @pytest.mark.parametrize(
        ("books", "start"),
        [
            ([Book(done=6), Book(done=4)], 4),
            ([Book(done=6, chunk=3), Book(done=8, chunk=2)], 6),
            ([Book(done=6, chunk=3), Book(done=4, chunk=2)], 0),
            ([Book(done=9, chunk=3), Book(done=8, chunk=2), Book(done=7)], 6),
            ([Book(done=6), Book(done=0)], 0),
        ],
    )
    def test_writers_agree_on_where(self, books: list[Book], start: int) -> None:
        process(SCENE, Counter(), books)
        for book in books:
            assert [row[0] for row in book.rows] == list(range(start, 10))

    def test_all_was_done(self) -> None:
        book = Book(done=10)
        summary = process(SCENE, Counter(), [book])
        assert (summary.frames, summary.resumed, summary.first, summary.last) == (10, 10, None, None)
        assert (book.rows, book.ended) == ([], [None])

    def test_input_became_shorter(self) -> None:
        book = Book(done=11)
        with pytest.raises(InputError, match="made scene: 10 frames, but an earlier run wrote 11"):
            process(SCENE, Counter(stateful=True), [book])
        assert book.ended == [InputError]


class TestFailure:
    def test_no_frames(self) -> None:
        book = Book()
        with pytest.raises(InputError, match="made scene: no frames"):
            process(made_scene((23, 31), frames=0), Counter(), [book])
        assert book.ended == [InputError]

    @pytest.mark.parametrize("error", [ZeroDivisionError("broke"), KeyboardInterrupt(), MemoryError()])
    def test_of_the_segmenter(self, error: BaseException) -> None:
        book = Book()
        with pytest.raises(type(error)):
            process(SCENE, Counter(fail_at=5, error=error), [book])
        assert book.ended == [type(error)]

    def test_of_a_writer(self) -> None:
        good, bad = Book(), Book(fail_at=3)
        with pytest.raises(OutputError, match=r"book\.txt: cannot be written"):
            process(SCENE, Counter(), [good, bad])
        assert good.ended == [OutputError]
        assert bad.ended == [OutputError]

    def test_of_the_source(self) -> None:
        class Broken(Scene):
            def __iter__(self) -> Iterator[Frame]:
                yield next(super().__iter__())
                raise InputError("film.mp4: the disk was pulled out")

        book = Book()
        with pytest.raises(InputError, match="pulled out"):
            process(Broken((23, 31), 10), Counter(), [book])
        assert book.ended == [InputError]

    def test_of_progress(self) -> None:
        def stop(done: int) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            process(SCENE, Counter(), [Book()], progress=stop)

    def test_batch_of_none(self) -> None:
        with pytest.raises(OptionError, match="batch must be at least 1, got 0"):
            process(SCENE, Counter(), [], batch=0)


def test_memory_does_not_grow_with_the_length(tmp_path: Path) -> None:
    """However slow the writer, only a few frames are on their way: read, but not yet written."""
    under_way: list[int] = []
    book = Book()

    class Long(Scene):
        def __iter__(self) -> Iterator[Frame]:
            for frame in super().__iter__():
                under_way.append(frame.index - len(book.rows))
                yield frame

    process(Long((5, 7), 300, animals=0), Counter(), [book])
    assert len(book.rows) == 300
    assert max(under_way) <= 24
