"""A segmenter that learns its scene anew from time to time: light changes, and chairs are moved."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from figureground.errors import OptionError
from figureground.frames import Frame, SourceInfo
from figureground.instances import Instances
from figureground.stages import Segmenter, Source

_SAMPLES = 40  # of a period, spread over it
_BYTES = 128 << 20  # that they may take


@dataclass(frozen=True)
class Samples:
    """A Source of some frames that are in memory."""

    info: SourceInfo
    frames: tuple[Frame, ...]
    problems: Sequence[str] = ()

    def __iter__(self) -> Iterator[Frame]:
        return iter(self.frames)

    def sample(self, count: int) -> Iterator[Frame]:
        """At most `count` of them, evenly spread."""
        chosen = np.linspace(0, len(self.frames) - 1, min(count, len(self.frames))).round().astype(int)
        return (self.frames[i] for i in chosen.tolist())


class Renewing:
    """`segmenter`, replaced every `period` seconds by one that `load` learns from what was seen since.

    It is learned in a thread, and takes over at the first frame after it is ready. What stood still for most
    of the period belongs to the scene then. One that cannot be learned is left out.

    Args:
        segmenter: what finds the figures to begin with.
        load: makes a segmenter ready for a source.
        info: of the source.
        period: seconds.
        pool: where the next one is learned; a thread of its own by default.

    Attributes:
        renewals: how often it was replaced.

    Raises:
        OptionError: the period is not longer than 0.
    """

    stateful = True

    def __init__(
        self,
        segmenter: Segmenter,
        load: Callable[[Source], Segmenter],
        info: SourceInfo,
        period: Fraction,
        pool: Executor | None = None,
    ) -> None:
        if period <= 0:
            raise OptionError(f"a segmenter is renewed every so many seconds, more than 0; got {period}")
        self._segmenter, self._load, self._info, self._period = segmenter, load, info, period
        self._pool = pool or ThreadPoolExecutor(1, thread_name_prefix="renewing")
        self._kept: list[Frame] = []
        self._began: Fraction | None = None
        self._next: Future[Segmenter] | None = None
        self.renewals = 0
        room = _BYTES // max(1, 3 * info.size[0] * info.size[1])
        self._most = int(min(_SAMPLES, max(8, room)))

    @property
    def classes(self) -> tuple[str, ...]:
        """As of the segmenter."""
        return self._segmenter.classes

    def __call__(self, frames: Sequence[Frame]) -> list[Instances]:
        """The figures of each frame."""
        found = []
        for frame in frames:
            self._renew(frame)
            found += self._segmenter([frame])
        return found

    def _renew(self, frame: Frame) -> None:
        if self._next is not None and self._next.done():
            done, self._next = self._next, None
            if done.exception() is None:
                self._segmenter, self.renewals = done.result(), self.renewals + 1
        self._began = frame.time if self._began is None else self._began
        if frame.time - self._began >= self._period * Fraction(len(self._kept) + 1, self._most):
            self._kept.append(frame)
        if len(self._kept) >= self._most:
            if self._next is None:
                self._next = self._pool.submit(self._load, Samples(self._info, tuple(self._kept)))
            self._kept, self._began = [], frame.time
