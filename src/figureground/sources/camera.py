"""Cameras and network streams, through PyAV."""

import sys
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple, TypeAlias

import av
from av.container import InputContainer

from figureground.errors import InputError
from figureground.frames import Frame, SourceInfo
from figureground.sources.colour import ToRGB, read_turn, stored_size
from figureground.sources.container import TICK, video_stream
from figureground.sources.reading import AnyPacket, read_frames, read_packets
from figureground.sources.report import Report
from figureground.sources.span import Span

_WAIT = 15.0  # seconds without a picture after which a camera counts as lost
_WATCHED = Fraction(10)  # seconds that a sample looks at
_KEPT_BYTES = 256 << 20  # of packets that are kept while a sample looks

Opener: TypeAlias = Callable[[], InputContainer]


class Device(NamedTuple):
    """How FFmpeg is asked for a camera: address, format, options."""

    address: str
    format: str | None
    options: dict[str, str]


def find_device(name: str, platform: str = sys.platform) -> Device:
    """The camera number `name` of this computer, or the stream at the address `name`.

    Raises:
        InputError: there is no such camera, as far as that can be known.

    Example:
        >>> find_device("1", "linux")
        Device(address='/dev/video1', format='v4l2', options={})
    """
    if not name.isdecimal():
        return Device(name, None, {"rtsp_transport": "tcp"} if name.startswith("rtsp") else {})
    if platform == "darwin":
        return Device(name, "avfoundation", {"framerate": "30"})
    if platform == "win32":
        return Device(f"video={_windows_camera(int(name))}", "dshow", {})
    return Device(f"/dev/video{name}", "v4l2", {})


def open_device(name: str) -> InputContainer:
    """Connect to a camera or stream.

    Raises:
        InputError: it cannot be reached.
    """
    device = find_device(name)
    try:
        return av.open(device.address, format=device.format, options=device.options, timeout=(_WAIT, _WAIT))
    except (av.FFmpegError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        what = f"camera {name}" if name.isdecimal() else name
        hint = "is it plugged in, and not in use?" if name.isdecimal() else "is the address right, is it on?"
        raise InputError(f"{what}: cannot be opened ({reason}); {hint}") from error


class CameraSource:
    """A camera or stream, from the moment it is opened until it ends, is lost, or `span` is over.

    Times count from the first picture. What passed cannot be read again: each iteration after the first
    connects anew and goes on in the present. But what `sample` looked at is kept, still compressed, and
    comes first in the iteration after it, so that the sample costs no picture.

    Args:
        name: a camera's number or a stream's address.
        span: which part of it.
        opener: connects; for streams that need more than an address.

    Raises:
        InputError: it cannot be reached or gives no picture.
    """

    def __init__(self, name: str, span: Span | None = None, opener: Opener | None = None) -> None:
        self._name, self._span = name, span or Span()
        self._opener: Opener = opener or (lambda: open_device(name))
        self._live: _Connection | None = self._connect()
        self._report, self._info = self._live.report, self._live.info

    @property
    def info(self) -> SourceInfo:
        """Count and duration are not known, and sound is not recorded."""
        return self._info

    @property
    def problems(self) -> Sequence[str]:
        """What was wrong in the latest iteration, so far."""
        return self._report.lines()

    def __iter__(self) -> Iterator[Frame]:
        live, self._live = self._live or self._connect(), None
        self._report = live.report
        with live.container:
            for frame in live.frames(live.packets(keep=False), live.report):
                elapsed = frame.time
                if self._span.over(frame.index, elapsed):
                    return
                if self._span.begun(frame.index, elapsed):
                    yield frame

    def sample(self, count: int) -> Iterator[Frame]:
        """About `count` frames, evenly spread over the next 10 seconds; fewer where memory is short."""
        live = self._live = self._live or self._connect()
        step = _WATCHED / count
        due = Fraction(0)
        for frame in live.frames(live.packets(keep=True), Report()):
            if frame.time >= due:
                yield frame
                due += step
            if frame.time + step >= _WATCHED or live.kept_bytes > _KEPT_BYTES:
                return

    def _connect(self) -> "_Connection":
        return _Connection(self._opener(), self._name)


class _Connection:
    """An open stream, and its packets so far, for as long as they are kept."""

    def __init__(self, container: InputContainer, name: str) -> None:
        self.container, self.report, self.kept_bytes = container, Report(), 0
        self._stream = video_stream(container, name)
        self._stream.thread_type = "AUTO"
        self._kept: list[AnyPacket] = []
        self._tick = Fraction(self._stream.time_base or TICK)
        self._read = read_packets(container, self._stream, self.report)
        first = next(read_frames(self.packets(keep=True), self._stream, Report()), None)
        if first is None:
            raise InputError(f"{name}: gives no picture; is it on?")
        self._origin = first.ticks * self._tick
        self.report.origin = self._origin
        self._to_rgb = ToRGB(stored_size(first.picture), turn := read_turn(first.picture))
        height, width = stored_size(first.picture)
        size = (width, height) if turn.transpose else (height, width)
        rate = self._stream.average_rate or self._stream.guessed_rate
        self.info = SourceInfo(name, "camera", size, Fraction(rate) if rate else None, None, None, self._tick)

    def packets(self, *, keep: bool) -> Iterator[AnyPacket]:
        """All since the beginning or the last time that they were not kept, then the coming ones."""
        self._stream.codec_context.flush_buffers()
        kept = self._kept if keep else self._kept.copy()
        if not keep:
            self._kept = []
        yield from kept
        for packet in self._read:
            if keep:
                self._kept.append(packet)
                self.kept_bytes += packet.size
            yield packet

    def frames(self, packets: Iterator[AnyPacket], report: Report) -> Iterator[Frame]:
        """The whole pictures of `packets`; times count from the connection's first."""
        for one in read_frames(packets, self._stream, report):
            yield Frame(self._to_rgb(one.picture), one.number, one.ticks * self._tick - self._origin)


def _windows_camera(number: int) -> str:
    """The name of camera `number`: on Windows FFmpeg finds cameras by name alone."""
    devices = av.device.enumerate_input_devices("dshow")
    names = [device.name for device in devices if "video" in device.media_types]
    if number >= len(names):
        raise InputError(f"camera {number}: there are only {len(names)}, counted from 0")
    return names[number]
