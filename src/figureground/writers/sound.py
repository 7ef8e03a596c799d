"""The sound of the source: copied where the new file can hold it, else encoded anew."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import chain, dropwhile, takewhile
from pathlib import Path
from typing import TypeAlias, cast

import av
import numpy as np
import numpy.typing as npt
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer

from figureground.writers.encode import AnyPacket
from figureground.writers.formats import Format

TimedPacket: TypeAlias = tuple[float, AnyPacket]
"""A packet and its time in seconds, to bring sound and pictures in order."""


class Sound:
    """The first sound of the file `path` from the time `first` to before `end`, in seconds of its clock.

    Copied sound begins and ends with whole packets inside of the span, so up to one packet (some 20 ms)
    may be missing at either end; what is kept stands at its exact time. Sound that is encoded anew fills
    the span to the sample, with silence where the source has none.

    Raises:
        av.FFmpegError: the file cannot be opened.
    """

    def __init__(self, path: Path, first: Fraction, end: Fraction):
        self._input: InputContainer = av.open(f"file:{path}")  # else "x:" is taken for a protocol
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
        return self._guarded(self._encoded(streams[0], output, format.sound_codec))

    def close(self) -> None:
        """Let go of the file."""
        self._input.close()

    def _packets(self, stream: AudioStream) -> Iterator[AnyPacket]:
        """The source's packets in the span, their times counted from its start."""
        latest = None
        for packet in self._input.demux(stream):
            if packet.pts is None or packet.dts is None or (latest is not None and packet.dts <= latest):
                continue
            time = packet.pts * packet.time_base
            if time >= self._end:
                return
            if time >= self._first:
                latest, shift = packet.dts, round(self._first / packet.time_base)
                packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
                yield packet

    def _encoded(self, source: AudioStream, output: OutputContainer, codec: str) -> Iterator[AnyPacket]:
        timed = (frame for frame in self._input.decode(source) if frame.time is not None)
        late = dropwhile(lambda frame: (frame.time or 0) < self._first - 1, timed)  # none lasts a second
        frames = takewhile(lambda frame: (frame.time or 0) < self._end, late)
        first = next(frames, None)
        if first is None:
            return
        rate = 48_000 if codec == "libopus" else min(source.rate, 48_000)
        stream = cast(AudioStream, output.add_stream(codec, rate=rate))
        stream.layout = "mono" if source.channels == 1 else "stereo"
        for frame in self._filled(chain([first], frames), stream.layout.name, rate):
            yield from stream.encode(frame)
        yield from stream.encode(None)

    def _filled(self, frames: Iterator[AudioFrame], layout: str, rate: int) -> Iterator[AudioFrame]:
        """The sound of the span without a gap, cut to the sample, counted from its start."""
        resampler = av.AudioResampler("flt", layout, rate)
        channels, done, length = 1 if layout == "mono" else 2, 0, round((self._end - self._first) * rate)
        for part in (p for frame in chain(frames, [None]) for p in resampler.resample(frame)):
            at = round(((part.pts or 0) * (part.time_base or Fraction(1, rate)) - self._first) * rate)
            samples = np.asarray(part.to_ndarray(), np.float32).reshape(-1, channels)
            samples = samples[max(0, done - at) : max(0, length - at)]
            while done < min(at, length):
                silence = np.zeros((min(rate, at - done), channels), np.float32)
                yield _sound_frame(silence, layout, rate, done)
                done += len(silence)
            if len(samples):
                yield _sound_frame(samples, layout, rate, done)
                done += len(samples)

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


def _sound_frame(samples: npt.NDArray[np.float32], layout: str, rate: int, at: int) -> AudioFrame:
    """`samples` (n, channels) float32 as a frame that starts at sample number `at`."""
    frame = AudioFrame.from_ndarray(np.ascontiguousarray(samples).reshape(1, -1), "flt", layout)
    frame.sample_rate, frame.time_base, frame.pts = rate, Fraction(1, rate), at
    return frame
