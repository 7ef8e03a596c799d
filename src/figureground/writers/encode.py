"""Encoders, the frames they take, and the packets they give."""

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

import av
import cv2
from av.codec.context import Flags
from av.packet import Packet, PacketSideData, packet_sidedata_type_from_literal
from av.video.codeccontext import VideoCodecContext
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter

from figureground.frames import SourceInfo
from figureground.render import Window
from figureground.writers.formats import Format
from figureground.writers.pixels import BT709, JPEG, Picture, rgb_to_yuv420
from figureground.writers.spool import Record

if TYPE_CHECKING:
    AnyPacket: TypeAlias = Packet[Any]
else:
    AnyPacket = Packet

_BT709 = 1  # the same number for FFmpeg's primaries, transfer and matrix
_ALPHA: Literal["matroska_block_additional"] = "matroska_block_additional"
_AVX512 = 13  # OpenCV's number; x264's code for it gives other bytes in a run or two of a hundred, AVX2 never
_LARGEST = 2**31 - 1  # FFmpeg's fractions are of 32-bit integers


def nominal_rate(info: SourceInfo) -> Fraction:
    """Frames a second, about: what encoders and .avi want to know also of a source whose rate varies."""
    rate = info.rate
    if not rate and info.kind == "stills":
        rate = Fraction(1)
    if not rate and info.count and info.duration:
        rate = info.count / info.duration
    return (rate or Fraction(25)).limit_denominator(10_000)


def output_tick(format: Format, info: SourceInfo) -> Fraction:
    """The seconds that all times of the output are multiples of."""
    if format.container == "avi":
        return 1 / nominal_rate(info)
    if format.tick is not None:
        return format.tick
    tick = info.time_base
    return tick if 0 < max(tick.numerator, tick.denominator) <= _LARGEST else Fraction(1, 90_000)


def open_encoder(format: Format, size: tuple[int, int], rate: Fraction, tick: Fraction) -> VideoCodecContext:
    """An open encoder for pictures of `size` (h, w) whose times are multiples of `tick` seconds.

    Raises:
        av.FFmpegError: the encoder cannot take such pictures.
    """
    context = cast(VideoCodecContext, av.CodecContext.create(format.codec, "w"))
    configure(context, format, size, rate, tick)
    context.open()
    return context


def configure(
    context: VideoCodecContext, format: Format, size: tuple[int, int], rate: Fraction, tick: Fraction
) -> None:
    """Set up an encoder that is not open yet; equal settings give equal bytes."""
    context.height, context.width = size
    context.pix_fmt, context.time_base, context.framerate = format.pixels, tick, rate
    context.options = dict(format.options)
    if format.codec == "libx264" and cv2.checkHardwareSupport(_AVX512):
        context.options["x264-params"] = "asm=avx2"
    context.thread_count = 0  # as many as there are processors
    if format.container != "avi":
        context.flags |= int(Flags.global_header)
    if format.pixels.startswith("yuvj"):
        context.color_range = int(ColorRange.JPEG)
    elif format.pixels.startswith("yuv"):
        context.color_primaries = context.color_trc = context.colorspace = _BT709
        context.color_range = int(ColorRange.MPEG)


class Converter:
    """Turns painted pictures of one size into a format's frames; it remembers what the pixels' ground is.

    `ground` is a picture to which all others are equal outside of their windows, if there is one.
    """

    def __init__(self, format: Format, ground: Picture | None = None):
        self._format, self._reformatter = format, VideoReformatter()
        self._matrix = JPEG if format.pixels == "yuvj420p" else BT709
        self._ground = None if ground is None else rgb_to_yuv420(ground, self._matrix)

    def __call__(self, picture: Picture, windows: list[Window] | None = None) -> av.VideoFrame:
        """The frame; `picture` may be changed afterwards."""
        pixels = self._format.pixels
        if pixels in ("yuv420p", "yuvj420p"):
            planes = rgb_to_yuv420(picture, self._matrix, self._ground, windows)
            return av.VideoFrame.from_ndarray(planes, format=pixels)
        if pixels == "gray":
            return av.VideoFrame.from_ndarray(picture, format=pixels)
        frame = av.VideoFrame.from_ndarray(picture, format="rgba")
        return self._reformatter.reformat(
            frame, format=pixels, dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG
        )


def packet_to_record(packet: AnyPacket, format: Format, size: tuple[int, int]) -> Record:
    """What to keep of an encoder's packet; `size` (h, w) is what players shall show."""
    data = bytes(packet)
    if format.codec == "prores_ks":  # the frame's header holds its width and height: SMPTE RDD 36, 5.1
        height, width = size
        data = data[:16] + width.to_bytes(2) + height.to_bytes(2) + data[20:]
    extra = bytes(packet.get_sidedata(_ALPHA)) if packet.has_sidedata(_ALPHA) else b""
    return Record(packet.pts or 0, packet.is_keyframe, data, extra)


def record_to_packet(record: Record, tick: Fraction, duration: int) -> AnyPacket:
    """The packet again, `duration` ticks long, to be put into a file."""
    packet = Packet(record.data)
    packet.pts = packet.dts = record.pts
    packet.time_base, packet.duration, packet.is_keyframe = tick, duration, record.key
    if record.extra:
        kind = packet_sidedata_type_from_literal(_ALPHA)
        side = PacketSideData(kind, len(record.extra))  # type: ignore[call-arg]  # the stub lacks it
        side.update(record.extra)
        packet.set_sidedata(side)
    return packet
