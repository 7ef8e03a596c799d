"""A source that is read ahead in a thread of its own."""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from figureground.frames import Frame, SourceInfo
from figureground.sources import close_frames, frames_from
from figureground.stages import Source


class Prefetch:
    """`source`, with up to `depth` frames decoded ahead while the caller works.

    Errors of the source come where its frame would have come. An iteration that is left early stops
    reading, and its thread has ended when the iterator is closed.

    Example:
        >>> from figureground.testing import made_scene
        >>> [frame.index for frame in Prefetch(made_scene((24, 32), frames=3))]
        [0, 1, 2]
    """

    def __init__(self, source: Source, depth: int = 8) -> None:
        self._source = source
        self._depth = depth

    @property
    def info(self) -> SourceInfo:
        """As of the source."""
        return self._source.info

    @property
    def problems(self) -> Sequence[str]:
        """As of the source, which may be some frames ahead."""
        return self._source.problems

    def __iter__(self) -> Iterator[Frame]:
        return self.frames_from(0)

    def frames_from(self, count: int) -> Iterator[Frame]:
        """All but the first `count` frames."""
        return _read_ahead(frames_from(self._source, count), self._depth)

    def sample(self, count: int) -> Iterator[Frame]:
        """As of the source, read ahead too."""
        return _read_ahead(self._source.sample(count), self._depth)


def _read_ahead(frames: Iterator[Frame], depth: int) -> Iterator[Frame]:
    reader = ThreadPoolExecutor(1, thread_name_prefix="prefetch")
    ahead: deque[Future[Frame | None]] = deque()
    try:
        ahead.extend(reader.submit(next, frames, None) for _ in range(depth))
        while (frame := ahead.popleft().result()) is not None:
            ahead.append(reader.submit(next, frames, None))
            yield frame
    finally:
        reader.shutdown(cancel_futures=True)
        close_frames(frames)
