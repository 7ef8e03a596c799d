"""A camera or stream that is watched for days: connected again when lost, late frames dropped."""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from typing import TypeAlias

import cv2
import numpy as np

from figureground.errors import InputError
from figureground.frames import Frame, SourceInfo
from figureground.stages import Source

Connect: TypeAlias = Callable[[], Source]
"""Connects anew; raises InputError where that fails."""

_READY = 2  # frames that may wait before the older ones are dropped
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 60.0  # seconds between two tries to connect, doubled each time
_ARRIVALS = 4096  # frames whose time of arrival is remembered
_POLL = 0.5  # seconds after which one who waits for a frame looks whether the reader still lives


class LiveSource:
    """A Source that never gives up: frames of one connection after the other, in the present.

    A thread reads as fast as the camera sends. Where what follows is slower, the oldest waiting frames are
    dropped and counted, so that the delay stays short. Times count from the first picture and go on after a
    loss by this computer's clock; indices count the frames that came, dropped ones too.

    Args:
        connect: opens the camera or stream.
        learn: seconds that `sample` looks at.
        ready: frames that may wait.
        give_up: seconds without a picture after which it ends; None: never.
        end: seconds after the first frame of the iteration at which it ends; None: never.
        say: is told of losses and connections, in plain words.
        clock: seconds that only ever grow.
        today: seconds since 1970.
        wait: sleeps for some seconds or until the end; whether the end has come.

    Attributes:
        losses: how often the connection was lost.
        dropped: frames that were left out because the machine is too slow.
        received: frames that came.
        handed: when the frame arrived that was handed out last, by `clock`; None before the first.

    Raises:
        InputError: it cannot be reached to begin with.
    """

    reads_ahead = True  # so nothing else should, which would add to the delay

    def __init__(
        self,
        connect: Connect,
        *,
        learn: float = 10.0,
        ready: int = _READY,
        give_up: float | None = None,
        end: Fraction | None = None,
        say: Callable[[str], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
        today: Callable[[], float] = time.time,
        wait: Callable[[float], bool] | None = None,
    ) -> None:
        self._connect, self._learn, self._give_up = connect, Fraction(str(learn)), give_up
        self._say, self._clock, self._today = say or (lambda text: None), clock, today
        self._over = threading.Event()
        self._wait = wait or self._over.wait
        self._source: Source | None = connect()
        self._info, self._end = self._source.info, end
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="live")
        self._reader: Future[None] | None = None
        self._changed = threading.Condition()
        self._queue: deque[Frame] = deque()
        self._ready, self._ended = ready, False
        self._arrivals: OrderedDict[int, tuple[float, float]] = OrderedDict()
        self._started: float | None = None
        self._last: Fraction | None = None
        self.losses = self.dropped = self.received = 0
        self.handed: float | None = None

    @property
    def info(self) -> SourceInfo:
        """Of the first connection, without count and duration."""
        return replace(self._info, kind="camera", count=None, duration=None, audio=False)

    @property
    def problems(self) -> Sequence[str]:
        """What was lost so far."""
        told = [f"the connection was lost {self.losses} x"] * bool(self.losses)
        share = 100 * self.dropped / max(1, self.received)
        late = f"{self.dropped} of {self.received} frames ({share:.0f} %) dropped: this machine is too slow"
        return told + [late] * bool(self.dropped)

    def __iter__(self) -> Iterator[Frame]:
        """What comes from now on."""
        first: Fraction | None = None
        try:
            while (frame := self._next()) is not None:
                first = frame.time if first is None else first
                if self._end is not None and frame.time - first >= self._end:
                    return
                self.handed = self._arrivals.get(frame.index, (self._clock(), 0.0))[0]
                yield frame
        finally:
            self.close()

    def sample(self, count: int) -> Iterator[Frame]:
        """About `count` frames of the next seconds, `learn` of them; they do not come again."""
        step, due, first = self._learn / count, Fraction(0), None
        while (frame := self._next()) is not None:
            first = frame.time if first is None else first
            if frame.time - first >= due:
                due += step
                yield frame
            if frame.time - first + step >= self._learn:
                break
        self.dropped = self.received = 0  # nobody asked for those that came meanwhile

    def close(self) -> None:
        """Stop reading."""
        self._over.set()
        with self._changed:
            self._changed.notify_all()
        self._pool.shutdown(wait=False)  # it may hang in a read, which has its own time limit

    def arrived(self, index: int) -> tuple[float, float] | None:
        """When frame `index` came, by `clock` and by `today`; None for one that is long gone."""
        return self._arrivals.get(index)

    def _next(self) -> Frame | None:
        """The next frame that waits; None at the end."""
        if self._reader is None:
            self._reader = self._pool.submit(self._read)
        with self._changed:
            while not (self._queue or self._ended or self._over.is_set()):
                self._changed.wait(_POLL)
            if self._queue:
                return self._queue.popleft()
        if self._ended:
            self._reader.result()  # raises what was raised there
        return None

    def _read(self) -> None:
        """Take in frames until the end, in a thread of its own."""
        try:
            while not self._over.is_set():
                self._take_all()
                if self._over.is_set() or not self._reconnected():
                    break
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify_all()

    def _take_all(self) -> None:
        """The frames of one connection."""
        source, self._source = self._source, None
        if source is None:
            return
        offset: Fraction | None = None
        try:
            for frame in source:
                offset = self._offset(frame) if offset is None else offset
                self._put(frame, offset)
                if self._over.is_set():
                    return
        except InputError as error:
            self._say(f"{self._info.name}: {error}")

    def _offset(self, frame: Frame) -> Fraction:
        """What is added to the times of a connection: the milliseconds since the first picture of all."""
        now = self._clock()
        self._started = now if self._started is None else self._started
        elapsed = Fraction(round(1000 * (now - self._started)), 1000)
        if self._last is not None:
            elapsed = max(elapsed, self._last + Fraction(1, 1000))
        return elapsed - frame.time

    def _put(self, frame: Frame, offset: Fraction) -> None:
        at = frame.time + offset
        if self._last is not None and at <= self._last:
            at = self._last + Fraction(1, 1000)
        self._last = at
        image = frame.image
        if frame.size != self._info.size:  # another camera, or its settings were changed
            height, width = self._info.size
            image = np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
        with self._changed:
            index, self.received = self._count(), self.received + 1
            self._queue.append(Frame(image, index, at))
            if len(self._queue) > self._ready:
                self._queue.popleft()
                self.dropped += 1
            self._changed.notify_all()

    def _count(self) -> int:
        """The number of the frame that came just now."""
        index = next(reversed(self._arrivals), -1) + 1
        self._arrivals[index] = self._clock(), self._today()
        if len(self._arrivals) > _ARRIVALS:
            self._arrivals.popitem(last=False)
        return index

    def _reconnected(self) -> bool:
        """Try to connect again until it works; False if it ends before."""
        self.losses += 1
        lost, pause = self._clock(), _FIRST_WAIT
        self._say(f"{self._info.name}: no picture comes any more; connecting again")
        while True:
            if self._give_up is not None and self._clock() - lost >= self._give_up:
                self._say(f"{self._info.name}: given up after {self._clock() - lost:.0f} s without a picture")
                return False
            if self._wait(pause) or self._over.is_set():
                return False
            pause = min(2 * pause, _LONGEST_WAIT)
            try:
                self._source = self._connect()
            except InputError:
                continue
            self._say(f"{self._info.name}: connected again after {self._clock() - lost:.0f} s")
            return True
