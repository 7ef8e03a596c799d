"""Opening a video file, and what its header says."""

import contextlib
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import islice, pairwise
from pathlib import Path

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from figureground.errors import InputError, OptionError
from figureground.sources.span import parse_time

TICK = Fraction(1, 90_000)
"""The time base of a stream that does not tell its own."""

_NO_VIDEO = ("tty", "srt", "webvtt", "ass", "lrc", "subviewer")  # texts that FFmpeg takes for films
_HEAD = 4096
_ALIKE = Fraction(1, 200)  # a rate whose average is off by more than this part varies
_LOOKED_AT = 120  # packets
_REORDERED = 17  # of the last times so many may still miss one between them


@contextlib.contextmanager
def opened(path: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    """The file and its video stream, ready to decode with all processors.

    Raises:
        InputError: it is missing, empty, or no video.
    """
    _check_file(path)
    try:
        container = av.open(f"file:{path}", metadata_errors="ignore")
    except (av.FFmpegError, ValueError) as error:
        raise InputError(_why_not(path, error)) from error
    with container:
        stream = video_stream(container, str(path))
        stream.thread_type = "AUTO"
        yield container, stream


def video_stream(container: InputContainer, name: str) -> VideoStream:
    """The first stream of pictures; a cover of sound files is none.

    Raises:
        InputError: there is none, or no decoder for it.
    """
    streams = [one for one in container.streams.video if not one.disposition & Disposition.attached_pic]
    if container.format.name in _NO_VIDEO:
        raise InputError(f"{name}: is a text, not a video")
    if not streams:
        what = "sound, but no pictures" if container.streams.audio else "no pictures"
        raise InputError(f"{name}: has {what}; a video or picture is needed")
    if streams[0].codec_context is None:
        raise InputError(f"{name}: its way of coding video is not known here; convert it to H.264")
    return streams[0]


def be_strict(stream: VideoStream) -> None:
    """Have damage told that the decoder would hide; before the first picture is decoded."""
    if stream.codec_context.name == "mjpeg":
        stream.codec_context.options = {"err_detect": "explode"}


def constant_rate(container: InputContainer, stream: VideoStream) -> Fraction | None:
    """Frames a second; None where they vary or are not known. The first packets are read for it.

    Headers alone do not tell: some promise a rate that the frames do not keep.
    """
    average, base = stream.average_rate, stream.base_rate
    rate = Fraction(base or average or 0)
    if not rate or (average and abs(average / rate - 1) > _ALIKE):
        return None
    step = 1 / (rate * (stream.time_base or TICK))
    with contextlib.suppress(av.FFmpegError):
        packets = [packet for packet in islice(container.demux(stream), _LOOKED_AT) if packet.size]
        times = [packet.dts if packet.pts is None else packet.pts for packet in packets]
        return rate if _steady([ticks for ticks in times if ticks is not None], step) else None
    return rate


def _steady(times: Sequence[int], step: Fraction) -> bool:
    """Whether `times` (ticks, in the order of decoding) are `step` ticks apart, but for rounding."""
    slack = max(step / 50, min(Fraction(2), step / 4))
    shown = sorted(times)[:-_REORDERED]
    return all(abs(after - before - step) <= slack for before, after in pairwise(shown))


def video_duration(container: InputContainer, stream: VideoStream) -> Fraction | None:
    """Seconds of the pictures, as the header says; None where it does not."""
    if container.format.name == "avi" and stream.frames and stream.average_rate:
        return stream.frames / stream.average_rate  # FFmpeg's own shrinks with a file that is cut off
    if stream.duration:
        return Fraction(stream.duration * (stream.time_base or TICK))
    with contextlib.suppress(OptionError):  # the tag that Matroska files have, 00:01:02.500000000
        return parse_time(stream.metadata.get("DURATION", ""))
    return Fraction(container.duration, av.time_base) if container.duration else None


def _check_file(path: Path) -> None:
    if path.is_dir():
        raise InputError(f"{path}: is a folder; give a video, or a folder that holds pictures")
    try:
        size = path.stat().st_size
    except FileNotFoundError as error:
        raise InputError(f"{path}: there is no such file or folder") from error
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from error
    if path.is_file() and not size:
        raise InputError(f"{path}: is empty (0 bytes); copy or record it again")


def _why_not(path: Path, error: Exception) -> str:
    if isinstance(error, PermissionError):
        return f"{path}: may not be read by this user; check its permissions"
    with contextlib.suppress(OSError), path.open("rb") as file:
        if file.read(_HEAD)[4:8] == b"ftyp":
            return (
                f"{path}: is an unfinished recording: the index at its end (moov) is missing; copy it again "
                "from the camera, or repair it with a tool for this"
            )
    reason = getattr(error, "strerror", None) or str(error)
    return f"{path}: is no video or picture that can be read ({reason})"
