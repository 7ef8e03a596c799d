"""Files appear only when they are whole."""

import contextlib
import hashlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from figureground.errors import OutputError


@contextlib.contextmanager
def written(path: str | Path) -> Iterator[Path]:
    """Yield a path beside `path` to write to; rename it to `path` when the block ends without an error.

    The temporary name is short (whatever the length of `path`'s own) and keeps the suffix, because
    encoders choose a format by it. If the block raises, the temporary file is removed and whatever
    stood at `path` before is untouched.

    Raises:
        OutputError: the folder cannot be made or written, or the disk is full.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> with written(folder / "a.txt") as part:
        ...     _ = part.write_text("whole")
        >>> (folder / "a.txt").read_text(), len(list(folder.iterdir()))
        ('whole', 1)
    """
    path = Path(path)
    part = path.parent / f".fg-{secrets.token_hex(4)}{path.suffix}"
    try:
        with output_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            yield part
            part.replace(path)
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


@contextlib.contextmanager
def output_errors(path: str | Path) -> Iterator[None]:
    """Turn the operating system's errors into an OutputError that names `path` and the reason."""
    try:
        yield
    except OutputError:
        raise
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
        raise OutputError(f"{path}: cannot be written: {reason}") from error


def part_folder(path: str | Path) -> Path:
    """Where the unfinished parts of `path` are kept until they are whole: a short hidden name beside it.

    The name depends on `path` alone, so a later run finds what an interrupted one left.
    """
    path = Path(path)
    return path.parent / f".fg-{hashlib.sha256(os.fsencode(path.name)).hexdigest()[:16]}.part"
