"""Adding lines to a file that other programs may add to as well, so that no line is ever half there."""

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from figureground.errors import OutputError
from figureground.files import output_errors

_FAR = 1 << 40
_PATIENCE = 10.0  # seconds to wait for another program that adds a line


@contextlib.contextmanager
def open_for_adding(path: Path) -> Iterator[BinaryIO]:
    """The file at `path`, made if it is not there, that no other program opens so at the same time.

    Raises:
        OutputError: it cannot be written, or another program keeps it.
    """
    with output_errors(path), path.open("a+b") as file:
        _lock(file, path)
        yield file  # closing it unlocks it


def add_lines(file: BinaryIO, lines: bytes, whole: int) -> None:
    """Put `lines` after the first `whole` bytes of `file`; on disk when this returns.

    What a program that was stopped has begun to write there is removed.
    """
    file.truncate(whole)
    file.write(lines)
    file.flush()
    os.fsync(file.fileno())


def _lock(file: BinaryIO, path: Path) -> None:
    end = time.monotonic() + _PATIENCE
    while not _locked(file.fileno()):
        if time.monotonic() > end:
            raise OutputError(f"{path}: another program is writing this; close it, and try again")
        time.sleep(0.05)


def _locked(file: int) -> bool:
    """Whether no other program holds the lock; if so, this one does now."""
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(file, _FAR, os.SEEK_SET)  # where nobody reads: others cannot read what is locked
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:  # the disk knows no locks
        return True
    return True
