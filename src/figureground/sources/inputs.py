"""What can be an input, by its name: files to look for in a folder, and their order."""

import os
import re
from collections.abc import Iterable
from pathlib import Path

STILLS = frozenset({".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".bmp"})
"""Suffixes of pictures, in lower case."""

_VIDEOS = """
    mp4 m4v mov qt 3gp 3g2 mkv webm avi wmv asf flv f4v mpg mpeg mpe m2v vob ts mts m2ts ogv dv dav mxf nut
    gif mjpg mjpeg y4m h264 264 avc h265 265 hevc
"""
VIDEOS = frozenset(f".{suffix}" for suffix in _VIDEOS.split())
"""Suffixes of videos, in lower case; `open_source` also takes others."""


def is_still(path: str | Path) -> bool:
    """Whether the name is that of a picture."""
    return Path(path).suffix.lower() in STILLS


def is_input(path: str | Path) -> bool:
    """Whether the name is that of a video or picture; hidden files are none.

    Example:
        >>> is_input("a.MP4"), is_input("a.png"), is_input("notes.txt"), is_input("._a.mp4")
        (True, True, False, False)
    """
    path = Path(path)
    return not path.name.startswith(".") and path.suffix.lower() in STILLS | VIDEOS


def find_inputs(path: str | Path) -> list[Path]:
    """The inputs below the folder `path`, in natural order; `path` itself where it is a file.

    Each video is one. A folder that holds pictures and no video is one, as a whole; pictures beside
    videos (previews, mostly) are left out. Hidden files and folders are left out, and links to
    folders are not followed.
    """
    path = Path(path)
    if not path.is_dir():
        return [path]
    found = []
    for folder, below, names in os.walk(path):
        below[:] = natural_order(name for name in below if not name.startswith("."))
        inputs = [Path(folder, name) for name in natural_order(names) if is_input(name)]
        videos = [file for file in inputs if not is_still(file)]
        found += videos or ([Path(folder)] if inputs else [])
    return found


def natural_order(names: Iterable[str]) -> list[str]:
    """Sorted as people count: numbers by value, letters without regard to case.

    Example:
        >>> natural_order(["img10.png", "IMG2.png", "img1.png"])
        ['img1.png', 'IMG2.png', 'img10.png']
    """
    return sorted(names, key=_natural)


def _natural(name: str) -> tuple[list[str | int], str]:
    parts = re.split(r"(\d+)", name)
    return [int(part) if place % 2 else part.casefold() for place, part in enumerate(parts)], name
