"""Videos, through PyAV."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.video.stream import VideoStream

from figureground.errors import InputError
from figureground.frames import Frame, SourceInfo
from figureground.sources.colour import ToRGB, Turn, read_turn, stored_size
from figureground.sources.container import TICK, constant_rate, opened, video_duration
from figureground.sources.reading import AnyPacket, Decoded, read_frames, read_packets
from figureground.sources.report import Report
from figureground.sources.span import Span

_ENOUGH = Fraction(2, 3)  # a sample of key frames may be smaller than asked for by this factor
_PATIENCE = 600  # packets in which a first picture must come


@dataclass(frozen=True, slots=True)
class _First:
    """What the first whole picture tells.

    Attributes:
        size: (h, w) as stored, before it is turned.
        turn: how it is brought upright.
        ticks: its time in the stream's time base.
        timed: whether the file gives it that time.
        lenient: whether pictures that the decoder mended must be taken, as it finds no others.
    """

    size: tuple[int, int]
    turn: Turn
    ticks: int
    timed: bool
    lenient: bool


class VideoSource:
    """The frames of the video `path` that lie in `span`.

    Frames have the file's own times, exactly. The index counts the frames of the file from 0; damaged
    ones are left out but counted. Times that the file lacks are derived, and times that run backwards
    are moved; `problems` tells of both. Each iteration opens the file anew.

    Raises:
        InputError: it is missing, no video, or none of its pictures can be decoded.
    """

    def __init__(self, path: str | Path, span: Span | None = None) -> None:
        self._path, self._span = Path(path), span or Span()
        self._report = Report()
        with opened(self._path) as (container, stream):
            self._tick = Fraction(stream.time_base or TICK)
            self._rate = constant_rate(container, stream)
            self._step = 1 / Fraction(self._rate or stream.average_rate or 25)
            self._duration = video_duration(container, stream)
            total = stream.frames or round((self._duration or 0) / self._step) or None
            audio = bool(container.streams.audio)
        self._seen = self._look()
        self._origin = self._seen.ticks * self._tick
        self._info = self._describe(total, audio)

    @property
    def info(self) -> SourceInfo:
        """The size is that after rotation; count and duration are estimates for the span."""
        return self._info

    @property
    def problems(self) -> Sequence[str]:
        """What was wrong in the latest iteration, so far."""
        return self._report.lines()

    def __iter__(self) -> Iterator[Frame]:
        return self.frames_from(0)

    def frames_from(self, count: int) -> Iterator[Frame]:
        """All but the first `count` frames; those are decoded, but not converted."""
        self._report = report = Report(self._origin, step=self._step)
        return self._frames(lambda number: number >= count, report)

    def frames_where(self, wanted: Callable[[int, Fraction], bool]) -> Iterator[Frame]:
        """The frames whose index and time are `wanted`: it is asked of each, only these are converted."""
        self._report = report = Report(self._origin, step=self._step)
        with opened(self._path) as (container, stream):
            to_rgb = ToRGB(self._seen.size, self._seen.turn)
            for one in self._decoded(container, stream, report):
                if wanted(one.number, one.ticks * self._tick):
                    yield Frame(to_rgb(one.picture), one.number, one.ticks * self._tick)

    def sample(self, count: int) -> Iterator[Frame]:
        """About `count` whole frames spread over the span, in order of time.

        Where the file has enough key frames only these are decoded; their index is right where the
        rate is constant, else an estimate. Else everything is decoded once, and what is taken is
        converted.
        """
        keys = self._key_places(count)
        found = False
        if len(keys) >= _ENOUGH * min(count, self.info.count or count):
            for frame in self._key_frames(keys):
                found = True
                yield frame
        if not found:
            yield from self._spread(count)

    def _look(self) -> _First:
        """Decode the first whole picture; if there is none, the first that the decoder mended."""
        for lenient in (False, True):
            with opened(self._path) as (container, stream):
                report = Report(step=self._step)
                packets = islice(read_packets(container, stream, report), _PATIENCE)
                for one in read_frames(packets, stream, report, lenient=lenient):
                    timed = one.picture.pts is not None
                    return _First(stored_size(one.picture), read_turn(one.picture), one.ticks, timed, lenient)
        raise InputError(f"{self._path}: no picture in it can be decoded; it may be damaged or encrypted")

    def _describe(self, total: int | None, audio: bool) -> SourceInfo:
        height, width = self._seen.size
        size = (width, height) if self._seen.turn.transpose else (height, width)
        duration = self._duration
        if self._span != Span() and total is not None:
            total = len(self._span.indices(total, 1 / self._step))
            duration = total * self._step
        return SourceInfo(str(self._path), "video", size, self._rate, total, duration, self._tick, audio)

    def _frames(self, wanted: Callable[[int], bool], report: Report) -> Iterator[Frame]:
        """The frames of the span whose number in it is `wanted`."""
        with opened(self._path) as (container, stream):
            to_rgb = ToRGB(self._seen.size, self._seen.turn)
            for number, one in enumerate(self._decoded(container, stream, report)):
                if wanted(number):
                    yield Frame(to_rgb(one.picture), one.number, one.ticks * self._tick)

    def _decoded(self, container: InputContainer, stream: VideoStream, report: Report) -> Iterator[Decoded]:
        """The whole pictures of the span."""
        time = self._origin
        packets = read_packets(container, stream, report)
        steady, lenient = self._rate is not None, self._seen.lenient
        for one in read_frames(packets, stream, report, steady=steady, lenient=lenient):
            time = one.ticks * self._tick
            elapsed = time - self._origin
            if self._span.over(one.number, elapsed):
                return
            if not self._span.begun(one.number, elapsed):
                continue
            if stored_size(one.picture) != self._seen.size:
                report.add("resized", time)
            yield one
        if self._duration is not None and not report.stopped:
            report.compare_end(time + self._step, self._origin + self._duration)

    def _spread(self, count: int) -> Iterator[Frame]:
        """About `count` frames, evenly spread; all are decoded."""
        total = self.info.count or self._counted()
        chosen = set(np.linspace(0, total - 1, min(count, total)).round().astype(int).tolist())
        return self._frames(chosen.__contains__, Report(step=self._step))

    def _counted(self) -> int:
        """How many frames the span has at most, by counting the packets of the file."""
        with opened(self._path) as (container, stream):
            total = sum(1 for _ in read_packets(container, stream, Report()))
        return max(1, len(self._span.indices(total, 1 / self._step)))

    def _limits(self) -> tuple[Fraction, Fraction] | None:
        """The span in seconds after the first frame; None where that needs every frame to be read."""
        span = self._span
        if self._duration is None or not self._seen.timed:
            return None
        if self._rate is None and (span.first or span.stop is not None):
            return None
        ends = [self._duration]
        ends += [] if span.end is None else [span.end]
        ends += [] if span.stop is None else [span.stop * self._step]
        return max(span.start, span.first * self._step), min(ends)

    def _key_places(self, count: int) -> list[int]:
        """Ticks to search for, so that each leads to another key frame of the span, in order.

        There are at most `count`: where the key frames before evenly spread places are all different.
        """
        limits = self._limits()
        if limits is None:
            return []
        low, high = ((self._origin + limit) / self._tick for limit in limits)
        found: dict[int, int] = {}
        with opened(self._path) as (container, stream):
            for place in range(count):
                middle = int(low + (high - low) * Fraction(2 * place + 1, 2 * count))
                packet = _key_packet(container, stream, middle)
                if packet is None or packet.pts is None:
                    return []
                if low <= packet.pts < high:
                    found.setdefault(packet.pts, middle)
        return [found[ticks] for ticks in sorted(found)]

    def _key_frames(self, places: Sequence[int]) -> Iterator[Frame]:
        """The key frames found at `places`, those that are whole."""
        with opened(self._path) as (container, stream):
            to_rgb = ToRGB(self._seen.size, self._seen.turn)
            for place in places:
                packet = _key_packet(container, stream, place)
                packets = [] if packet is None else [packet]
                for one in read_frames(packets, stream, Report(step=self._step), lenient=self._seen.lenient):
                    time = one.ticks * self._tick
                    index = round((time - self._origin) / self._step)
                    yield Frame(to_rgb(one.picture), index, time)


def _key_packet(container: InputContainer, stream: VideoStream, ticks: int) -> AnyPacket | None:
    """The key frame at or before `ticks`; None where the file does not let itself be searched."""
    try:
        container.seek(ticks, stream=stream)
        return next((one for one in container.demux(stream) if one.size and one.is_keyframe), None)
    except av.FFmpegError:
        return None
