"""The sound of the source: copied where the new file can hold it, else encoded anew."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import TypeAlias, cast

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer

from figureground.writers.encode import AnyPacket
from figureground.writers.formats import Format

TimedPacket: TypeAlias = tuple[float, AnyPacket]
"""A packet and its time in seconds, to bring sound and pictures in order."""


class Sound:
    """The first sound of the file `path` from the time `first` to before `end`, in seconds of its clock.

    It begins and ends with whole packets inside of the span, so up to one packet (some 20 ms) may be
    missing at either end; what is kept stands at its exact time.

    Raises:
        av.FFmpegError: the file cannot be opened.
    """

    def __init__(self, path: Path, first: Fraction, end: Fraction):
        self._input: InputContainer = av.open(str(path))
        self._first, self._end = first, end
        self.problem = ""

    def attach(self, output: OutputContainer, format: Format) -> Iterator[TimedPacket]:
        """Add the sound to `output`, if there is any; its packets.

        Damage in the middle ends the sound there and is told in `problem`.
        """
        streams = self._input.streams.audio
        if not streams or not format.sound_codec:
            return iter(())
        if streams[0].codec.canonical_name in format.sound:
            return self._guarded(_copied(streams[0], self._packets(streams[0]), output))
        return self._guarded(_encoded(streams[0], self._frames(streams[0]), output, format.sound_codec))

    def close(self) -> None:
        """Let go of the file."""
        self._input.close()

    def _packets(self, stream: AudioStream) -> Iterator[AnyPacket]:
        """The source's packets in the span, their times counted from its start."""
        latest = None
        for packet in self._input.demux(stream):
            if packet.pts is None or packet.dts is None or (latest is not None and packet.dts <= latest):
                continue
            if self._first <= packet.pts * packet.time_base < self._end:
                latest, shift = packet.dts, round(self._first / packet.time_base)
                packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
                yield packet

    def _frames(self, stream: AudioStream) -> Iterator[AudioFrame]:
        for frame in self._input.decode(stream):
            if frame.pts is None or frame.time_base is None:
                continue
            if self._first <= frame.pts * frame.time_base < self._end:
                frame.pts -= round(self._first / frame.time_base)
                yield frame

    def _guarded(self, packets: Iterator[AnyPacket]) -> Iterator[TimedPacket]:
        try:
            for packet in packets:
                yield float((packet.pts or 0) * packet.time_base), packet
        except (av.FFmpegError, ValueError) as error:
            self.problem = str(error)


def _copied(
    source: AudioStream, packets: Iterator[AnyPacket], output: OutputContainer
) -> Iterator[AnyPacket]:
    first = next(packets, None)
    if first is None:
        return
    stream = output.add_stream_from_template(source)
    for packet in chain([first], packets):
        packet.stream = stream
        yield packet


def _encoded(
    source: AudioStream, frames: Iterator[AudioFrame], output: OutputContainer, codec: str
) -> Iterator[AnyPacket]:
    first = next(frames, None)
    if first is None:
        return
    rate = 48_000 if codec == "libopus" else min(source.rate, 48_000)
    stream = cast(AudioStream, output.add_stream(codec, rate=rate))
    stream.layout = "mono" if source.channels == 1 else "stereo"
    for frame in chain([first], frames):
        yield from stream.encode(frame)
    yield from stream.encode(None)
