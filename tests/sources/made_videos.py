"""Small videos whose every frame shows its own number, and the way to read it back."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
BITS = 6


def numbered(number, size=(64, 96)):
    """(h, w, 3) uint8: the bits of `number` as columns of black and white, least first, over noise."""
    height, width = size
    noise = np.random.default_rng(number).integers(90, 160, (height // 4, width // 4, 3), dtype=np.uint8)
    image = cv2.resize(noise, (width, height), interpolation=cv2.INTER_LINEAR)
    for bit in range(BITS):
        image[: height // 2, bit * width // BITS : (bit + 1) * width // BITS] = 255 * (number >> bit & 1)
    return image


def number_in(image):
    height, width = image.shape[:2]
    columns = [image[: height // 2, int((bit + 0.5) * width / BITS)].mean() for bit in range(BITS)]
    return sum(1 << bit for bit, level in enumerate(columns) if level > 128)


def write_video(
    path: Path,
    pictures: Sequence[np.ndarray] | int = 20,
    codec: str = "libx264",
    pixels: str = "yuv420p",
    *,
    rate: Fraction | int = 25,
    times: Sequence[int] | None = None,
    gop: int = 10,
    options: dict[str, str] | None = None,
    rotation: int = 0,
    sound: bool = False,
) -> Path:
    """Write `pictures` (h, w, 3) RGB, or so many numbered ones, at `times` in ticks of 1 / rate."""
    if isinstance(pictures, int):
        pictures = [numbered(number) for number in range(pictures)]
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, options=options or {})
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt, stream.gop_size = pixels, gop
        stream.codec_context.time_base = 1 / Fraction(rate)
        if rotation:
            stream.set_display_rotation(rotation)
        if sound:
            add_sound(container)
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            frame.pts = number if times is None else times[number]
            frame.time_base = 1 / Fraction(rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def add_sound(container):
    stream = container.add_stream("pcm_s16le" if container.format.name != "mp4" else "aac", rate=8000)
    stream.layout = "mono"
    silence = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.int16), format="s16", layout="mono")
    silence.sample_rate, silence.pts = 8000, 0
    container.mux([*stream.encode(silence), *stream.encode()])


def write_sound(path: Path) -> Path:
    with av.open(str(path), "w") as container:
        add_sound(container)
    return path


def write_planes(path: Path, values, pixels="yuv420p", size=(48, 64), colorspace=2, color_range=0) -> Path:
    """Three lossless frames in which every sample of plane i is values[i]."""
    wide = "10" in pixels or "12" in pixels
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        stream.height, stream.width = size
        stream.pix_fmt = pixels
        stream.codec_context.colorspace = colorspace
        stream.codec_context.color_range = color_range
        for number in range(3):
            frame = av.VideoFrame(size[1], size[0], pixels)
            for plane, value in zip(frame.planes, values, strict=True):
                samples = np.full(
                    plane.buffer_size // (2 if wide else 1), value, np.uint16 if wide else np.uint8
                )
                plane.update(samples.tobytes())
            frame.pts, frame.time_base = number, Fraction(1, 25)
            frame.colorspace, frame.color_range = colorspace, color_range
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def packet_places(path: Path) -> list[tuple[int, int]]:
    """(position, size) in the file of each packet, in the file's order."""
    with av.open(str(path)) as container:
        return [(packet.pos, packet.size) for packet in container.demux(video=0) if packet.size]


def damage(path: Path, packet: int, *, skip: int = 12, fill: bytes | None = None) -> Path:
    """Overwrite the middle of the packet of that number, in place."""
    position, size = packet_places(path)[packet]
    content = bytearray(path.read_bytes())
    length = max(8, (size - skip) // 2)
    rubbish = np.random.default_rng(3).integers(0, 256, length, dtype=np.uint8).tobytes()
    content[position + skip : position + skip + length] = fill * length if fill else rubbish
    path.write_bytes(content)
    return path
