"""Whole folders: built beside their place, and there only when they are whole."""

import contextlib
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec

from figureground import __version__
from figureground.errors import OutputError
from figureground.files import output_errors

MARK = ".figureground.json"
"""The file by which a folder that figureground wrote is known again."""


@contextlib.contextmanager
def written_folder(path: str | Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Yield a folder beside `path` to write to; rename it to `path` when the block ends without an error.

    If the block raises, what was written is removed, and what stood at `path` is untouched.

    Args:
        path: the folder; one that is there must be empty.
        overwrite: replace also one that figureground wrote, if nothing was put into it since.

    Raises:
        OutputError: something else is there, or it cannot be written.

    Example:
        >>> import tempfile
        >>> out = Path(tempfile.mkdtemp()) / "set"
        >>> with written_folder(out) as part:
        ...     _ = (part / "a.txt").write_text("whole")
        >>> (out / "a.txt").read_text()
        'whole'
    """
    path = Path(path)
    part = path.parent / f".fg-{secrets.token_hex(4)}"
    with output_errors(path):
        check_folder(path, overwrite=overwrite)
        part.mkdir(parents=True)
        try:
            yield part
            mark_folder(part)
            check_folder(path, overwrite=overwrite)
            with moved_aside(path):
                part.rename(path)
        except OutputError as error:  # one of a file in it, whose name no user knows
            raise OutputError(str(error).replace(str(part), str(path))) from error
        finally:
            shutil.rmtree(part, ignore_errors=True)


def check_folder(path: Path, *, overwrite: bool) -> None:
    """Raise OutputError where `written_folder` would."""
    if not path.exists() and not path.is_symlink():
        return
    if not path.is_dir():
        raise OutputError(f"{path}: is a file, not a folder; give another name")
    if not any(path.iterdir()):
        return
    if not overwrite:
        raise OutputError(f"{path}: is there already and not empty; give another name, or --overwrite")
    entries = _marked_entries(path)
    if entries is None:
        raise OutputError(
            f"{path}: was not written by figureground, so it is not replaced; remove it yourself"
        )
    if _entries(path) > entries:
        raise OutputError(f"{path}: files were put into it since it was written; move them, or remove it")


@contextlib.contextmanager
def moved_aside(path: Path) -> Iterator[None]:
    """What stands at `path` is out of the way in the block, and gone after it; back if the block raises."""
    if not path.exists():
        yield
        return
    old = path.parent / f".fg-{secrets.token_hex(4)}-old"
    path.rename(old)
    try:
        yield
    except BaseException:
        old.rename(path)
        raise
    shutil.rmtree(old, ignore_errors=True)


def mark_folder(folder: Path, proof: str = "") -> None:
    """Mark a folder that is whole as written by figureground; `proof` says by which run."""
    record = {"figureground": __version__, "entries": _entries(folder) + 1}
    (folder / MARK).write_bytes(msgspec.json.encode(record | ({"proof": proof} if proof else {})))


def folder_proof(folder: Path) -> str:
    """Which run wrote a folder, as far as its mark says that."""
    return str((_read_mark(folder) or {}).get("proof", ""))


def _marked_entries(folder: Path) -> int | None:
    """How many files and folders there were when figureground wrote `folder`; None if it did not."""
    entries = (_read_mark(folder) or {}).get("entries")
    return entries if isinstance(entries, int) else None


def _read_mark(folder: Path) -> dict[str, int | str] | None:
    try:
        return msgspec.json.decode((folder / MARK).read_bytes(), type=dict[str, int | str])
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _entries(folder: Path) -> int:
    return sum(1 for _ in folder.rglob("*"))
