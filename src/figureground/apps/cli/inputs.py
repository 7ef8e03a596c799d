"""From the arguments that name inputs to the inputs, one by one, and their places below the output folder."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

from figureground.apps.cli.plan import Input
from figureground.errors import OptionError

_STILLS = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".bmp")


def find(arguments: Sequence[str], out: str = "") -> list[Input]:
    """Every input that `arguments` name: files, folders (with all below them), patterns, cameras, streams.

    Outputs mirror the tree below the folder that all inputs have in common. What lies in the folder
    `out` is left out: it is what an earlier run made. An input that is named twice counts once. What does
    not exist is passed on, to fail where it is opened.

    Raises:
        OptionError: an argument is empty.
    """
    if not all(argument.strip() for argument in arguments):
        raise OptionError('INPUT: an empty text is no input; write "." for this folder')
    found: dict[str, tuple[str, Path | None]] = {}
    for argument in arguments:
        for what, root in _expand(argument, out):
            found.setdefault(os.path.realpath(what) if root else what, (what, root))
    roots = [os.path.realpath(root) for _, root in found.values() if root is not None]
    base = _common(roots)
    return [_input(what, root, base) for what, root in found.values()]


def count_beside(arguments: Sequence[str], found: Sequence[Input]) -> int:
    """How many pictures are left out because they lie beside videos, in folders among `arguments`."""
    given = {os.path.realpath(argument) for argument in arguments}
    videos = [Path(one.what) for one in found if one.medium == "video" and not is_address(one.what)]
    folders = {video.parent for video in videos if os.path.realpath(video) not in given}
    files = (file for folder in folders for file in folder.iterdir())
    return sum(_is_picture(file.name) and os.path.realpath(file) not in given for file in files)


def _is_picture(name: str) -> bool:
    return not name.startswith(".") and name.lower().endswith(_STILLS)


def _expand(argument: str, out: str) -> list[tuple[str, Path | None]]:
    """(what, the folder that its place is counted from) of each input; no folder for cameras and streams."""
    from figureground.sources import find_inputs

    path = Path(argument)
    if not path.is_dir():
        return [(argument, None if is_address(argument) else path.parent)]
    files = [file for file in find_inputs(path) if not _made(file, path, out)]
    if files in ([], [path]):
        return [(argument, _placed(path).parent)]
    return [(str(file), path) for file in files]


def is_address(what: str) -> bool:
    """Whether an input is a camera or a stream."""
    return "://" in what or (what.isdecimal() and not Path(what).exists())


def _without_user(address: str) -> str:
    """An address without its scheme, user and password."""
    host, slash, path = address.partition("://")[2].partition("/")
    return host.rpartition("@")[2] + slash + path


def _placed(path: Path) -> Path:
    """`path` from the root on, with a name of its own: not `.` or `..`, but links keep theirs."""
    return path.resolve() if path.name in ("", "..") else path.absolute()


def _made(file: Path, root: Path, out: str) -> bool:
    """Whether `file` lies in the output folder, where that is a folder below `root`."""
    made = Path(out).resolve()
    return bool(out) and root.resolve() in made.parents and file.resolve().is_relative_to(made)


def _common(roots: Sequence[str]) -> str:
    try:
        return os.path.commonpath(roots)
    except ValueError:  # none, or on several drives
        return ""


def _input(what: str, root: Path | None, base: str) -> Input:
    if root is None:
        name = f"camera{what}" if what.isdecimal() else re.sub(r"\W+", "_", _without_user(what))
        return Input(what, "video", name.strip("_") or "stream")
    path = Path(what)
    place = _placed(path).parent.resolve()
    folder = place.relative_to(base) if base and place.is_relative_to(base) else Path()
    if path.is_dir():
        return Input(what, "stills", _placed(path).name, folder)
    if not path.exists() and re.search(r"[*?\[]", path.name):
        return Input(what, "stills", _placed(path).parent.name or "pictures", folder)
    return Input(what, "still" if path.suffix.lower() in _STILLS else "video", path.name, folder)
