"""Writers that work in threads of their own, so that encoding goes on while the next frames are computed."""

import contextlib
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from figureground.frames import Frame
from figureground.instances import Instances
from figureground.stages import Writer


class Behind:
    """Several writers as one, each in a thread; at most `depth` frames wait for each.

    An error in a thread is raised by a later `write`, or at the exit. Then, and if the block raises, no
    frame that still waits is written, and every writer's exit gets the error, so that none of them leaves
    anything that looks finished.

    Example:
        >>> with Behind([]) as writer:
        ...     writer.done
        0
    """

    def __init__(self, writers: Sequence[Writer], depth: int = 8):
        self._writers, self._depth = list(writers), depth
        self._lanes: list[_Lane] = []
        self._exits = contextlib.ExitStack()

    @property
    def notes(self) -> list[str]:
        """What the writers noted."""
        return [note for writer in self._writers for note in getattr(writer, "notes", ())]

    @property
    def done(self) -> int:
        """Frames that each of the writers has safely written in an earlier run."""
        return min((writer.done for writer in self._writers), default=0)

    def rewind(self, done: int) -> int:
        """Rewind all writers to one frame: the first `done`, or the most that all of them can keep."""
        while True:
            left = min((writer.rewind(done) for writer in self._writers), default=done)
            if all(writer.done == left for writer in self._writers):
                return left
            done = left

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as exits:
            entered = [exits.enter_context(writer) for writer in self._writers]
            self._exits = exits.pop_all()
        self._lanes = [_Lane(writer, self._depth) for writer in entered]
        return self

    def write(self, frame: Frame, found: Instances) -> None:
        """Hand the frame to every writer; waits while too many wait already."""
        for lane in self._lanes:
            lane.put(frame, found)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            for lane in self._lanes:
                lane.discard()
            self._exits.__exit__(kind, error, trace)
            return
        with self._exits:  # gives each writer's exit the error that is raised here, if one is
            try:
                for lane in self._lanes:
                    lane.finish()
            finally:
                for lane in self._lanes:
                    lane.discard()


class _Lane:
    """One writer and the thread in which it works."""

    def __init__(self, writer: Writer, depth: int):
        self._writer, self._depth = writer, depth
        self._pool = ThreadPoolExecutor(1)
        self._waiting: deque[Future[None]] = deque()
        self._broken = self._dropped = False

    def put(self, frame: Frame, found: Instances) -> None:
        """Let the thread write the frame; raises what an earlier one raised there."""
        while self._waiting and (self._waiting[0].done() or len(self._waiting) >= self._depth):
            self._waiting.popleft().result()
        self._waiting.append(self._pool.submit(self._write, frame, found))

    def finish(self) -> None:
        """Wait until all is written; raises what was raised there."""
        while self._waiting:
            self._waiting.popleft().result()

    def discard(self) -> None:
        """Drop what waits, and wait for the one frame that is under way."""
        self._dropped = True
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _write(self, frame: Frame, found: Instances) -> None:
        if not (self._broken or self._dropped):
            self._broken = True  # stays so if the next line raises: no later frame may follow a lost one
            self._writer.write(frame, found)
            self._broken = False
