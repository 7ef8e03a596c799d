"""What is in an animation's file, looked at with care: it may come from a stranger."""

from pathlib import Path
from typing import NamedTuple

import av

from figureground.errors import InputError

_MOST_FRAMES, _MOST_PIXELS = 10_000, 1 << 26


class Movie(NamedTuple):
    """What a file holds.

    Attributes:
        codec: FFmpeg's name of it; Motion JPEG is "mjpeg".
        size: (h, w) in pixels.
        rate: frames a second, 0 where the file does not say.
        frames: how many can be decoded, up to 10,000.
    """

    codec: str
    size: tuple[int, int]
    rate: float
    frames: int


def look_at_movie(path: Path) -> Movie:
    """Open the .avi at `path` and count what can be decoded.

    Raises:
        InputError: it is no .avi, has no pictures, or is damaged.
    """
    try:
        with av.open(f"file:{path}", format="avi") as file:  # no other format, which might lead elsewhere
            if not file.streams.video:
                raise InputError(f"{path}: holds no pictures")
            stream = file.streams.video[0]
            context = stream.codec_context
            if context.width * context.height > _MOST_PIXELS:
                raise InputError(f"{path}: says it is {context.width} x {context.height} pixels large")
            context.thread_count = 1
            context.options = {"max_pixels": str(_MOST_PIXELS)}  # what the pictures say may be more
            frames = 0
            for _ in file.decode(stream):
                frames += 1
                if frames == _MOST_FRAMES:
                    break
            return Movie(
                context.name, (context.height, context.width), float(stream.average_rate or 0), frames
            )
    except (av.FFmpegError, OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path}: is damaged or no .avi ({error})") from error
