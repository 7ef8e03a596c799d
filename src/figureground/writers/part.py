"""The hidden folder in which one run, and no other, keeps what is not whole yet."""

import contextlib
import os
import shutil
import sys
from pathlib import Path

from figureground.errors import OutputError
from figureground.files import output_errors, part_folder

_LOCK = "lock"


class Part:
    """The part folder of the result `path`; who has taken it works in it alone.

    The operating system lets go of the lock when the process ends, however it ends. On disks that know
    no locks there is none.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "a.txt"
        >>> part = Part(path)
        >>> part.take()
        >>> _ = (part.folder / "new.txt").write_text("whole")
        >>> part.finish("new.txt", path)
        >>> path.read_text(), len(list(path.parent.iterdir()))
        ('whole', 1)
    """

    def __init__(self, path: Path):
        self.folder = part_folder(path)
        self._path, self._lock = path, -1

    def take(self) -> None:
        """Make the folder, and keep other runs out of it.

        Raises:
            OutputError: another run has it, or it cannot be written.
        """
        with output_errors(self._path):
            if self._finished.exists() and not (self._path.exists() or self.folder.exists()):
                self._finished.rename(self.folder)  # a run was stopped between the two steps of `finish`
            while self._lock < 0:
                self.folder.mkdir(parents=True, exist_ok=True)
                with contextlib.suppress(FileNotFoundError):  # a run that ends has just removed the folder
                    self._take(self.folder / _LOCK)

    def _take(self, path: Path) -> None:
        lock = os.open(path, os.O_RDWR | os.O_CREAT)
        if not _locked(lock):
            os.close(lock)
            raise OutputError(f"{self._path}: another run is writing this; wait for it, or stop it")
        if _is_at(lock, path):
            self._lock = lock
        else:  # a run that ends has removed it between opening and locking
            os.close(lock)

    def clear(self) -> None:
        """Remove what is in the folder, but for the lock, and what a run left that was stopped at its end."""
        shutil.rmtree(self._finished, ignore_errors=True)
        for entry in self.folder.iterdir() if self.folder.exists() else ():
            if entry.is_dir():
                shutil.rmtree(entry, ignore_errors=True)
            elif entry.name != _LOCK:
                with contextlib.suppress(OSError):
                    entry.unlink()

    def finish(self, made: str, target: Path) -> None:
        """Put `made`, a file or folder in the part folder, to `target`, and remove all else.

        The part folder is renamed first. So a run that is stopped here leaves the target or the part
        folder, never both: where the target is and no part folder, the result is whole.
        """
        if sys.platform == "win32":
            self.release()  # a folder that holds an open file cannot be renamed there
        shutil.rmtree(self._finished, ignore_errors=True)
        self.folder.rename(self._finished)
        try:
            (self._finished / made).replace(target)
        except OSError:
            self._finished.rename(self.folder)
            raise
        shutil.rmtree(self._finished, ignore_errors=True)
        if self._lock >= 0:
            os.close(self._lock)  # its name is gone with the folder; one that is there is another run's
            self._lock = -1

    def release(self) -> None:
        """Let other runs take the folder; it goes if there is nothing in it."""
        if self._lock >= 0:
            lock, self._lock = self._lock, -1
            if sys.platform == "win32":  # an open file cannot be removed there
                os.close(lock)
            with contextlib.suppress(OSError):
                (self.folder / _LOCK).unlink()
            if sys.platform != "win32":  # else another run could lock it before it is removed
                os.close(lock)
        with contextlib.suppress(OSError):
            self.folder.rmdir()

    @property
    def _finished(self) -> Path:
        return self.folder.with_suffix(".done")


def _locked(file: int) -> bool:
    """Whether no other run holds the lock; if so, this one does now."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:  # the disk knows no locks
        return True
    return True


def _is_at(file: int, path: Path) -> bool:
    """Whether the open file is the one at `path`."""
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except FileNotFoundError:
        return False
