"""Zip files from strangers: looked through before anything is unpacked, and never unpacked to disk."""

import lzma
import stat
import struct
import zipfile
import zlib
from pathlib import Path, PurePosixPath, PureWindowsPath

from figureground.errors import InputError

LARGEST = 4 << 30
"""Bytes that one member may have, unpacked."""

MEMBERS = 1_000_000
BOMB_RATIO, BOMB_SIZE = 200, 64 << 20  # text packs 5 to 20 times; a bomb a thousand times
CHUNK = 1 << 20  # zipfile unpacks up to 2 GB at once before it looks how much was announced


_FAULTS = (  # what zipfile and the unpackers raise on damaged files
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    ValueError,
    LookupError,
    RuntimeError,
    EOFError,
    OverflowError,
    MemoryError,
)


def open_zip(path: str | Path) -> zipfile.ZipFile:
    """Open a zip file and look through the list of its members.

    Raises:
        InputError: it is missing or no zip file; or a member's name leads out of the folder, or it is a
            link, encrypted, or unpacks to what nobody would pack.
    """
    try:
        archive = zipfile.ZipFile(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    except _FAULTS as error:
        raise InputError(f"{path}: is no zip file, or is damaged ({error})") from error
    try:
        _check(archive, str(path))
    except InputError:
        archive.close()
        raise
    return archive


def unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """The bytes of one member.

    Raises:
        InputError: it is damaged.
    """
    try:
        with archive.open(info) as member:
            return b"".join(iter(lambda: member.read(CHUNK), b""))
    except (*_FAULTS, OSError) as error:
        raise InputError(f"{archive.filename}: {info.filename} is damaged ({error})") from error


def safe_name(name: str) -> str:
    """`name` of a file below a folder, as it came.

    Raises:
        InputError: it is empty, starts at a root or a drive, or climbs with `..`.

    Example:
        >>> safe_name("a/../../b.jpg")
        Traceback (most recent call last):
        ...
        figureground.errors.InputError: 'a/../../b.jpg': leads out of the folder; it is not opened
    """
    paths = PurePosixPath(name), PureWindowsPath(name)
    out = any(path.drive or path.root or ".." in path.parts for path in paths)
    if out or not name.strip() or "\0" in name:
        raise InputError(f"{name!r}: leads out of the folder; it is not opened")
    return name


def _check(archive: zipfile.ZipFile, path: str) -> None:
    infos = archive.infolist()
    if len(infos) > MEMBERS:
        raise InputError(f"{path}: has {len(infos)} members; {MEMBERS} at most are read")
    names: set[str] = set()
    for info in infos:
        fault = "is there twice" if info.filename in names else _fault(info)
        names.add(info.filename)
        if fault:
            raise InputError(f"{path}: {info.filename!r} {fault}; nothing of this zip file was used")
    length = Path(path).stat().st_size
    packed, whole = (sum(getattr(info, key) for info in infos) for key in ("compress_size", "file_size"))
    if packed > length:
        raise InputError(f"{path}: its members overlap, as only a zip bomb's do; nothing of it was used")
    if whole > BOMB_SIZE and whole > BOMB_RATIO * length:
        raise InputError(f"{path}: unpacks from {length} to {whole} bytes, as only a zip bomb does")


def _fault(info: zipfile.ZipInfo) -> str:
    """What is wrong with one member; nothing as a rule."""
    try:
        safe_name(info.filename)
    except InputError:
        return "leads out of the folder"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "is a link"
    if info.flag_bits & 1:
        return "is encrypted"
    if info.file_size > LARGEST:
        return f"unpacks to {info.file_size >> 20} MB, too much"
    if info.file_size > BOMB_SIZE and info.file_size > BOMB_RATIO * max(1, info.compress_size):
        return f"unpacks from {info.compress_size} to {info.file_size} bytes, as only a zip bomb does"
    return ""
