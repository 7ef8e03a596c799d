"""Encoded pictures and sound into one file."""

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, islice
from pathlib import Path
from typing import cast

import av
from av.video.stream import VideoStream

from figureground.writers.encode import configure, record_to_packet
from figureground.writers.formats import Format
from figureground.writers.sound import Sound, TimedPacket
from figureground.writers.spool import Record


@dataclass(frozen=True)
class Track:
    """What the packets of a video are.

    Attributes:
        format: how they were encoded.
        size: (h, w) of the pictures in pixels, as players show them.
        rate: frames a second, about; also how long the last frame lasts.
        tick: seconds that their times are multiples of.
        comment: what made them.
    """

    format: Format
    size: tuple[int, int]
    rate: Fraction
    tick: Fraction
    comment: str


def write_container(path: Path, track: Track, records: Iterable[Record], sound: Sound | None = None) -> int:
    """Write the file `path` from encoded pictures and, if given, the sound that belongs to them.

    Returns:
        How many pictures it holds.

    Raises:
        av.FFmpegError: the file cannot be written, or the container refuses a packet.
    """
    header = track.format.header
    name = f"file:{path}"  # else "x:" is taken for a protocol
    with av.open(name, "w", format=track.format.container, container_options=header) as output:
        output.metadata["comment"] = track.comment
        stream = cast(VideoStream, output.add_stream(track.format.codec, rate=track.rate))
        configure(stream.codec_context, track.format, track.size, track.rate, track.tick)
        if track.format.pixels == "yuva420p":
            stream.metadata["alpha_mode"] = "1"
        packets = iter(()) if sound is None else sound.attach(output, track.format)
        early = list(islice(packets, 1))  # the first adds the stream, which must come before the header
        pictures = _pictures(records, track, stream)
        written = 0
        for _, packet in heapq.merge(pictures, chain(early, packets), key=lambda timed: timed[0]):
            output.mux(packet)
            written += packet.stream is stream
    return written


def _pictures(records: Iterable[Record], track: Track, stream: VideoStream) -> Iterator[TimedPacket]:
    """The packets; each lasts until the next, the last one as long as the one before it."""
    waiting: Record | None = None
    duration = max(1, round(1 / track.rate / track.tick))
    for record in records:
        if waiting is not None:
            duration = record.pts - waiting.pts
            yield _timed(waiting, duration, track.tick, stream)
        waiting = record
    if waiting is not None:
        yield _timed(waiting, duration, track.tick, stream)


def _timed(record: Record, duration: int, tick: Fraction, stream: VideoStream) -> TimedPacket:
    packet = record_to_packet(record, tick, duration)
    packet.stream = stream
    return float(record.pts * tick), packet
