"""One pass over a video stream: packets, pictures, and the pictures that are whole, with their times."""

import contextlib
from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import chain, pairwise
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import av
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from figureground.sources.container import TICK, be_strict
from figureground.sources.report import Report

if TYPE_CHECKING:
    AnyPacket: TypeAlias = Packet[VideoStream]
else:
    AnyPacket = Packet

_SUSPECT = 300  # after damage at most so many frames are left out while a key frame is waited for
_RETRIES = 50  # failures to read on, one after the other, before the rest is given up


class Decoded(NamedTuple):
    """A whole picture.

    Attributes:
        picture: as decoded; not yet RGB nor turned.
        number: counts the frames from the start of the pass; damaged ones count too.
        ticks: its time, in the stream's time base.
    """

    picture: VideoFrame
    number: int
    ticks: int


class Clock:
    """Makes the times of a stream strictly increase; right ones are kept as they are.

    A time that is up to a second too early is put a tick after the one before. One that is earlier still
    comes from a recorder whose clock began anew: all later times move on with it.

    Args:
        tick: seconds, the stream's time base.
        report: what had to be changed is counted there.
    """

    def __init__(self, tick: Fraction, report: Report) -> None:
        self._tick, self._step, self._report = tick, report.step / tick, report
        self._second = round(1 / tick)
        self._last: int | None = None
        self._ideal = Fraction(0)
        self._offset = 0

    def ticks(self, pts: int | None) -> int:
        """The time of the next frame, in ticks, from what the file says."""
        if pts is None:
            ticks = 0 if self._last is None else round(self._ideal + self._step)
            self._report.add("untimed", ticks * self._tick)
            self._ideal += self._step if self._last is not None else 0
        else:
            ticks = pts if self._last is None else self._ordered(pts, self._last)
            self._ideal = Fraction(ticks)
        self._last = ticks
        return ticks

    def _ordered(self, pts: int, last: int) -> int:
        if abs(pts - last) < self._second:
            self._offset = 0
        ticks = pts + self._offset
        if ticks > last:
            return ticks
        if last - ticks >= self._second:
            ticks = round(last + self._step)
            self._offset = ticks - pts
            self._report.add("restarts", last * self._tick)
            return ticks
        self._report.add("disordered", last * self._tick)
        return last + 1


def read_frames(
    packets: Iterable[AnyPacket],
    stream: VideoStream,
    report: Report,
    *,
    steady: bool = False,
    lenient: bool = False,
) -> Iterator[Decoded]:
    """Decode `packets` of `stream`, and leave out what is damaged.

    A picture that the decoder mended counts as damaged, and so do those after it up to the next key
    frame, because they are built on it: a smear would look like a figure.

    Args:
        packets: in the file's order.
        stream: where they come from.
        report: what was wrong is counted there.
        steady: whether frames are `report.step` apart, so that a gap means missing ones.
        lenient: keep the damaged pictures too.
    """
    tick = Fraction(stream.time_base or TICK)
    if not lenient:
        be_strict(stream)
    clock = Clock(tick, report)
    suspect, lost, ticks, before = 0, 0, 0, None
    for number, picture in enumerate(_pictures(packets, stream)):
        if picture is None:
            report.add("damaged", ticks * tick)
            suspect, lost = 0 if lenient else _SUSPECT, lost + 1
            continue
        ticks = clock.ticks(picture.pts)
        if steady and before is not None:
            report.expect(before * tick, ticks * tick, lost)
        before, lost = ticks, 0
        if picture.is_corrupt and lenient:
            report.add("kept_damaged", ticks * tick)
        elif picture.is_corrupt or (suspect and not picture.key_frame):
            report.add("damaged", ticks * tick)
            suspect = _SUSPECT if picture.is_corrupt else suspect - 1
            if not suspect and report.smeared is None:
                report.smeared = ticks * tick
            continue
        suspect = 0
        yield Decoded(picture, number, ticks)


def read_packets(container: InputContainer, stream: VideoStream, report: Report) -> Iterator[AnyPacket]:
    """The packets of `stream`; goes on behind damage where the container can."""
    time, failures = Fraction(0), 0
    while True:
        try:
            for packet in container.demux(stream):
                if packet.size:
                    failures = 0
                    time = time if packet.dts is None else packet.dts * packet.time_base
                    yield packet
            return
        except (av.FFmpegError, OSError) as error:
            failures += 1
            if failures > _RETRIES or not isinstance(error, av.InvalidDataError):
                lost = isinstance(error, av.error.ExitError)  # a time limit ran out
                report.stop(
                    time, "nothing came any more" if lost else getattr(error, "strerror", "") or str(error)
                )
                return


def _pictures(packets: Iterable[AnyPacket], stream: VideoStream) -> Iterator[VideoFrame | None]:
    """Every picture of `packets`, None for one that could not be decoded."""
    decoder = stream.codec_context
    cut = False
    for packet, following in pairwise(chain(packets, [None])):
        if packet is None:
            continue
        cut = packet.is_corrupt and following is None
        if cut:  # it would end the decoder before it gives the pictures that are still in it
            break
        try:
            yield from decoder.decode(packet)
        except av.FFmpegError:
            yield None
    with contextlib.suppress(EOFError):
        try:
            yield from decoder.decode(None)
        except av.FFmpegError:
            yield None
    if cut:
        yield None
