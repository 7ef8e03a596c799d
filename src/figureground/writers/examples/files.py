"""The two files of an example: an animation in Motion JPEG, and the pattern picture beside it."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
from av.packet import Packet

from figureground.errors import OutputError
from figureground.files import output_errors
from figureground.frames import Image


def write_pair(stem: Path, frames: Sequence[Image], picture: Image, rate: Fraction, comment: str) -> None:
    """Write `stem`.avi and `stem`.jpg: frames and picture are (h, w, 3) uint8 RGB of one size.

    Raises:
        OutputError: they cannot be written.
    """
    movie, still = (stem.with_name(f"{stem.name}{suffix}") for suffix in (".avi", ".jpg"))
    with output_errors(movie):
        try:
            write_motion_jpeg(movie, [picture_to_jpeg(one) for one in frames], rate, picture.shape, comment)
        except av.FFmpegError as error:
            raise OutputError(f"{movie}: cannot be written: {error}") from error
        still.write_bytes(picture_to_jpeg(picture))


def picture_to_jpeg(picture: Image) -> bytes:
    """The bytes of a JPEG file of an (h, w, 3) RGB picture, as OpenCV writes it by default."""
    fine, data = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    if not fine:
        raise OutputError(f"a picture of {picture.shape[1]} x {picture.shape[0]} cannot be kept as .jpg")
    return bytes(data)


def write_motion_jpeg(
    path: Path, pictures: Sequence[bytes], rate: Fraction, shape: Sequence[int], comment: str
) -> None:
    """Write an .avi of JPEG pictures of `shape` (h, w, ...), as they are; `rate` is frames a second."""
    with av.open(f"file:{path}", "w", format="avi") as output:  # else "x:" is taken for a protocol
        output.metadata["comment"] = comment
        stream = output.add_stream("mjpeg", rate=rate)
        context = stream.codec_context
        context.height, context.width, context.pix_fmt = shape[0], shape[1], "yuvj420p"
        context.time_base, context.thread_count = 1 / rate, 1
        for number, data in enumerate(pictures):
            packet: Packet[Any] = Packet(data)  # type: ignore[misc, unused-ignore]
            packet.pts = packet.dts = number
            packet.time_base, packet.duration = 1 / rate, 1
            packet.is_keyframe, packet.stream = True, stream
            output.mux(packet)
