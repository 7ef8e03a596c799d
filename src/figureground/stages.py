"""The four seams of a run: sources -> segmenters -> trackers -> writers."""

from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Protocol, Self, runtime_checkable

from figureground.frames import Frame, SourceInfo
from figureground.instances import Instances


@runtime_checkable
class Source(Protocol):
    """Where frames come from."""

    @property
    def info(self) -> SourceInfo:
        """What is known before reading."""
        ...

    @property
    def problems(self) -> Sequence[str]:
        """What was wrong with the input, in plain words, known so far; complete after an iteration."""
        ...

    def __iter__(self) -> Iterator[Frame]:
        """The frames in order of time, each time from the start."""
        ...

    def sample(self, count: int) -> Iterator[Frame]:
        """About `count` frames spread over the whole source in order of time, as cheaply as it can."""
        ...


@runtime_checkable
class Segmenter(Protocol):
    """What finds the figures.

    `stateful` tells whether the result for a frame depends on the frames given before: a run that
    resumes shows such a segmenter all earlier frames again.
    """

    @property
    def classes(self) -> tuple[str, ...]:
        """Names that labels index."""
        ...

    @property
    def stateful(self) -> bool:
        """Whether earlier calls change later results."""
        ...

    def __call__(self, frames: Sequence[Frame]) -> list[Instances]:
        """The figures of each frame, in the frames' order."""
        ...


@runtime_checkable
class Tracker(Protocol):
    """What tells which figure is which through a video: one object a video."""

    def update(self, frame: Frame, found: Instances) -> Instances:
        """The figures of `frame` with their ids."""
        ...


@runtime_checkable
class Writer(Protocol):
    """Where results go: a context manager that leaves a finished file, or none that looks finished.

    `done` counts the frames that an interrupted earlier run has safely written, counted from the
    source's first frame; the run goes on by writing the frame after them. Where several writers
    resume together, each is asked to `rewind` to the least of all.
    """

    @property
    def done(self) -> int:
        """Frames already written by an earlier run; 0 for a new one."""
        ...

    def rewind(self, done: int) -> int:
        """Forget what is written after the first `done` frames; the number that is left, at most `done`."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def write(self, frame: Frame, found: Instances) -> None:
        """Take one frame and its figures."""
        ...
