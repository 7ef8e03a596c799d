"""The footer of a tracks file: the video, what made the tracks, and each frame with its exact time."""

import base64
import math
import zlib
from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from figureground.instances import IntArray
from figureground.tracks.tracks import TrackInfo

FORMAT = 1
MOST_FRAMES = 1 << 25  # 15 days at 25 frames a second
MOST_PIXELS = 1 << 28  # of a frame
_ABOUT, _FRAMES, _TICKS = b"figureground.tracks", b"figureground.frames", b"figureground.ticks"
_CLOCK = 1 << 62


class _About(msgspec.Struct):
    """The JSON at the key `figureground.tracks`; a frame's time is its tick / `clock` seconds."""

    format: int
    video: str
    size: tuple[int, int]
    rate: str | None
    sha256: str
    classes: tuple[str, ...]
    made_by: str
    settings: dict[str, Any]
    frames: int
    clock: int
    groups: list[tuple[int, int]]


class Footer(NamedTuple):
    """What a file says of itself.

    Attributes:
        info: the video, and what made the tracks.
        frames: (f,) int64, indices of all frames, rising.
        times: (f, 2) int64, numerator and denominator of each one's time in seconds.
        groups: the first and the last frame of each row group, in order; none is in two.
    """

    info: TrackInfo
    frames: IntArray
    times: IntArray
    groups: list[tuple[int, int]]


def footer_to_bytes(footer: Footer) -> dict[bytes, bytes]:
    """Keys and values for the file.

    Raises:
        ValueError: the times have no common clock in 64 bits, or the settings are not fit for JSON.
    """
    info, frames, times, groups = footer
    clock = math.lcm(*np.unique(times[:, 1]).tolist())
    most = int(np.abs(times[:, 0] / times[:, 1]).max(initial=0)) + 1
    if clock * most >= _CLOCK:
        raise ValueError(f"the times of the frames have no common clock (1/{clock} s)")
    about = _About(
        FORMAT,
        info.video,
        info.size,
        None if info.rate is None else str(info.rate),
        info.sha256,
        info.classes,
        info.made_by,
        dict(info.settings),
        len(frames),
        clock,
        groups,
    )
    try:
        text = msgspec.json.encode(about)
    except TypeError as error:
        raise ValueError(f"the settings are not fit for JSON: {error}") from error
    ticks = times[:, 0] * (clock // times[:, 1])
    return {_ABOUT: text, _FRAMES: _packed(frames), _TICKS: _packed(ticks)}


def bytes_to_footer(found: Mapping[bytes, bytes]) -> Footer:
    """What a file says of itself, from its keys and values.

    Raises:
        ValueError: it is no footer of tracks, of a later version, or damaged.
    """
    if _ABOUT not in found:
        raise ValueError("is a Parquet file, but none of tracks")
    about = _checked_about(found[_ABOUT])
    frames = _unpacked(found.get(_FRAMES, b""), about.frames)
    ticks = _unpacked(found.get(_TICKS, b""), about.frames)
    shared = np.gcd(ticks, about.clock)
    times = np.stack([ticks // shared, about.clock // shared], axis=1)
    rate, classes = _rate(about.rate), about.classes
    info = TrackInfo(about.video, about.size, rate, about.sha256, classes, about.made_by, about.settings)
    return Footer(info, frames, times, about.groups)


def _checked_about(text: bytes) -> _About:
    try:
        about = msgspec.json.decode(text, type=_About)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"is damaged in what it says of itself ({error})") from error
    if about.format != FORMAT:
        raise ValueError(f"is of format {about.format}; this version of figureground reads {FORMAT}")
    height, width = about.size
    if height < 1 or width < 1 or height * width > MOST_PIXELS:
        raise ValueError(f"says that frames have {height} x {width} pixels")
    if not 0 <= about.frames <= MOST_FRAMES or not 1 <= about.clock < _CLOCK:
        raise ValueError(f"says that it has {about.frames} frames, timed by a clock of 1/{about.clock} s")
    edges = [edge for group in about.groups for edge in group]
    if edges != sorted(edges) or any(a[1] >= b[0] for a, b in pairwise(about.groups)):
        raise ValueError("is damaged in its list of row groups")
    return about


def _rate(text: str | None) -> Fraction | None:
    if text is None:
        return None
    try:
        rate = Fraction(text[:40])
    except (ValueError, ZeroDivisionError):
        rate = Fraction(0)
    if not 0 < rate < 1 << 32:
        raise ValueError(f"says that there are {text[:40]} frames a second")
    return rate


def _packed(values: IntArray) -> bytes:
    """`values` (f,) as text: differences as 64 bits each, low byte first, by zlib and base64."""
    steps = np.diff(values, prepend=np.int64(0)).astype("<i8")
    return base64.b64encode(zlib.compress(steps.tobytes(), 9))


def _unpacked(text: bytes, count: int) -> npt.NDArray[np.int64]:
    """`count` values; never takes more memory than they need, whatever the text would grow to."""
    try:
        steps = zlib.decompressobj().decompress(base64.b64decode(text, validate=True), 8 * count + 1)
    except (ValueError, zlib.error) as error:
        raise ValueError(f"is damaged in its list of frames ({error})") from error
    if len(steps) != 8 * count:
        raise ValueError(f"is damaged in its list of frames ({count} announced)")
    return np.cumsum(np.frombuffer(steps, "<i8")).astype(np.int64)
