"""The corrections of a tracks file: a file of lines beside it, which only ever grows."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import msgspec
import numpy as np

from figureground import __version__
from figureground.errors import InputError, OptionError
from figureground.files import output_errors
from figureground.instances import IntArray
from figureground.review.appending import add_lines, open_for_adding
from figureground.review.corrections import GONE, Correction, corrected_ids
from figureground.review.entries import (
    FORMAT,
    Entry,
    Head,
    Undo,
    corrections_of,
    entry_to_line,
    in_force,
    lines_to_entries,
)
from figureground.tracks import Tracks
from figureground.tracks.file import read_tracks

MOST_BYTES = 1 << 26
"""Of a file of corrections."""


def corrections_path(path: str | Path) -> Path:
    """Where the corrections of the tracks file `path` are.

    Example:
        >>> corrections_path("flies/a.tracks.parquet").name
        'a.tracks.corrections.jsonl'
    """
    path = Path(path)
    return path.with_name(f"{path.name.removesuffix('.parquet')}.corrections.jsonl")


def read_corrected(path: str | Path) -> Tracks:
    """All of a tracks file, with the corrections beside it, if there are any.

    Raises:
        InputError: the tracks or the corrections cannot be read, are damaged, or do not belong together.
        MissingExtraError: pyarrow is not installed.
    """
    return CorrectionLog(path).tracks if corrections_path(path).exists() else read_tracks(path)


class CorrectionLog:
    """A tracks file with its corrections; new ones are on disk when `add` and `undo` return.

    A program or machine that is stopped in between leaves a line whole, or none. Other programs may add
    corrections to the same file: what they added is read before anything is added here.

    Attributes:
        path: the tracks file.
        beside: the file of its corrections; there is none before the first.
        entries: all lines, in order; also corrections that were undone, and the undoing.

    Raises:
        InputError: the tracks or the corrections cannot be read, are damaged, or do not belong together.
        MissingExtraError: pyarrow is not installed.

    Example:
        >>> import tempfile
        >>> from fractions import Fraction
        >>> from figureground.instances import Instances
        >>> from figureground.review.corrections import Rename
        >>> from figureground.tracks import Stamp, TrackInfo
        >>> from figureground.tracks.file import write_tracks
        >>> figure = Instances.from_dense(np.ones((1, 5, 7), bool), ids=[3])
        >>> tracks = Tracks.from_instances([(Stamp(0, Fraction(0)), figure)], TrackInfo("a.mp4", (5, 7)))
        >>> path = tempfile.mkdtemp() + "/a.tracks.parquet"
        >>> write_tracks(tracks, path)
        >>> log = CorrectionLog(path)
        >>> log.add(Rename(3, 5))
        1
        >>> log.tracks.ids.tolist(), read_corrected(path).ids.tolist()
        ([5], [5])
        >>> log.undo()
        (Rename(id=3, new=5), 1)
        >>> read_corrected(path).ids.tolist()
        [3]
    """

    def __init__(self, path: str | Path) -> None:
        self.path, self.beside = Path(path), corrections_path(path)
        self._found = read_tracks(path)
        with self.path.open("rb") as file:
            self._sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        self._ids = self._found.id.copy()
        self._changes: list[tuple[IntArray, IntArray]] = []  # of each that counts: rows, and their ids before
        self._text = b""
        self.entries: list[Entry] = []
        self._take(self._content())

    @property
    def counting(self) -> list[int]:
        """The places in `entries` of the corrections that count, in order."""
        return in_force([entry.step for entry in self.entries])

    @property
    def corrections(self) -> list[Correction]:
        """The corrections that count, in order."""
        return corrections_of([entry.step for entry in self.entries])

    @property
    def tracks(self) -> Tracks:
        """The tracks, corrected; their settings say how."""
        tracks = with_ids(self._found, self._ids)
        if not self.corrections:
            return tracks
        made = {**tracks.info.settings, "corrections": msgspec.to_builtins(self.corrections)}
        return replace(tracks, info=replace(tracks.info, settings=made))

    @property
    def new_id(self) -> int:
        """A number that no figure has, nor had before any correction."""
        return int(max(self._found.id.max(initial=-1), self._ids.max(initial=-1))) + 1

    def add(self, correction: Correction) -> int:
        """Make a correction; in how many rows it changes the id, or deletes it.

        Raises:
            OptionError: it cannot be made; nothing has changed.
            InputError: what another program has written to the file is damaged.
            OutputError: it cannot be written.
        """
        if not self.beside.exists():  # and is not to be, if this fails
            corrected_ids(self._found.frame, self._ids, [correction])
        with open_for_adding(self.beside) as file:
            self._take(_read(file))
            ids = corrected_ids(self._found.frame, self._ids, [correction])
            self._write(file, correction)
            return self._follow(ids)

    def undo(self) -> tuple[Correction, int]:
        """Take back the last correction that counts, as often as there are any; it, and how many rows change.

        Raises:
            OptionError: there is none left.
            InputError: what another program has written to the file is damaged.
            OutputError: it cannot be written.
        """
        if not self.beside.exists():
            raise OptionError(f"{self.path}: there is no correction to undo")
        with open_for_adding(self.beside) as file:
            self._take(_read(file))
            if not self.corrections:
                raise OptionError(f"{self.path}: there is no correction left to undo")
            last = self.corrections[-1]
            self._write(file, Undo())
            return last, self._step_back()

    def _content(self) -> bytes:
        try:
            with self.beside.open("rb") as file:
                return _read(file)
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise InputError(f"{self.beside}: cannot be read: {error.strerror}") from error

    def _take(self, text: bytes) -> None:
        """Make the corrections in `text`, if they are not made already."""
        if text == self._text:
            return
        name = str(self.beside)
        head, entries, whole = lines_to_entries(text, name)
        if head is not None and head.sha256 != self._sha256:
            raise InputError(
                f"{name}: these corrections are of another version of {self.path.name}, as its sha256 tells;"
                " put that version back, or move the corrections away"
            )
        self._ids, self._changes = self._found.id.copy(), []
        for place in in_force([entry.step for entry in entries]):
            step = entries[place].step
            try:
                self._follow(corrected_ids(self._found.frame, self._ids, corrections_of([step])))
            except OptionError as error:
                raise InputError(f"{name}, line {place + 2}: {error}") from error
        self._text, self.entries = text[:whole], entries

    def _write(self, file: BinaryIO, step: Correction | Undo) -> None:
        head = b"" if self._text else entry_to_line(Head(FORMAT, __version__, self.path.name, self._sha256))
        entry = Entry(datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), step)
        lines = head + entry_to_line(entry)
        with output_errors(self.beside):
            add_lines(file, lines, len(self._text))
        self._text += lines
        self.entries = [*self.entries, entry]

    def _follow(self, ids: IntArray) -> int:
        rows = np.flatnonzero(ids != self._ids)
        self._changes.append((rows, self._ids[rows]))
        self._ids = ids
        return len(rows)

    def _step_back(self) -> int:
        rows, before = self._changes.pop()
        self._ids = self._ids.copy()
        self._ids[rows] = before
        return len(rows)


def with_ids(tracks: Tracks, ids: IntArray) -> Tracks:
    """The same figures with `ids` (n,), in order again; those that are GONE are left out."""
    kept = np.flatnonzero(ids != GONE)
    order = kept[np.lexsort((ids[kept], tracks.frame[kept]))]
    names = ("frame", "label", "score", "boxes", "centroids", "area")
    columns = {name: getattr(tracks, name)[order] for name in names}
    return replace(tracks, **columns, id=ids[order], masks=tracks.masks.take(order))


def _read(file: BinaryIO) -> bytes:
    file.seek(0)
    text = file.read(MOST_BYTES + 1)
    if len(text) > MOST_BYTES:
        raise InputError(f"{file.name}: has more than {MOST_BYTES >> 20} MiB; corrections are a small file")
    return text
