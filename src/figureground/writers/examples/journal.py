"""Which examples are whole while a run goes on, so that a killed run can go on from there."""

import contextlib
import os
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import Any, BinaryIO

import msgspec

from figureground.writers.examples.names import parse_name

KINDS = ".avi", ".jpg"


class WindowLine(msgspec.Struct, frozen=True):
    """What the journal says of one window.

    Attributes:
        frames: how many had come when it ended.
        index: of its last frame.
        made: its examples: place below the folder without ending, and a checksum of both files.
        figures: what the files of figures are called that were first seen since the window before.
        areas: what `Neighbours` knew before the window's second frame, from which a run goes on.
    """

    frames: int
    index: int
    made: list[tuple[str, int]] = []  # msgspec copies it
    figures: dict[int, str] = {}
    areas: dict[int, float] = {}


class Journal:
    """The windows whose examples are whole, a line each, after a line with the settings.

    A line counts if its examples' files are as it says; what comes after the first that does not is made
    again. Nothing is changed before `open`.

    Attributes:
        last: the last line that counts; None where there is none.
        count: examples in all lines that count.
        figures: what the files of each figure are called, by id.

    Example:
        >>> import tempfile
        >>> journal = Journal(Path(tempfile.mkdtemp()), {"length": 3})
        >>> journal.open()
        >>> journal.append(WindowLine(4, 3), [])
        >>> journal.close()
        >>> journal.last.frames, journal.count
        (4, 0)
    """

    def __init__(self, part: Path, facts: dict[str, Any], *, resume: bool = False):
        """Look at what is in the folder `part`.

        Args:
            part: where the journal is, and beside it the examples in the folder `made`.
            facts: what must be the same for a run to go on; fit for JSON.
            resume: go on from what is there.
        """
        self.made = part / "made"
        self._path, self._head = part / "journal.jsonl", msgspec.json.encode(facts) + b"\n"
        self._file: BinaryIO | None = None
        self._forget()
        if resume:
            self.keep_until(None)

    def keep_until(self, frames: int | None) -> None:
        """Let only those lines count at which no more than `frames` had come; None for all that are whole."""
        self._forget()
        for line, end in self._whole_lines():
            if frames is not None and line.frames > frames:
                return
            self._add(line)
            self._end = end

    def open(self) -> None:
        """Drop what does not count, and be ready for more."""
        self.made.mkdir(parents=True, exist_ok=True)
        if self.last is None:
            self._path.write_bytes(self._head)
            self._end = len(self._head)
        os.truncate(self._path, self._end)
        self._file = self._path.open("ab")
        for folder in [*self.made.iterdir()]:
            for file in [folder] if folder.is_file() else [*folder.iterdir()]:
                if not self._counts(file):
                    file.unlink()
            with contextlib.suppress(OSError):  # it holds examples that count
                folder.rmdir()

    def append(self, line: WindowLine, made: list[str]) -> None:
        """One window more, whose examples `made` are written."""
        line = msgspec.structs.replace(line, made=[(one, _checksum(self.made / one)) for one in made])
        if self._file is None:
            raise ValueError("the journal is not open")
        self._file.write(msgspec.json.encode(line) + b"\n")
        self._file.flush()
        self._add(line)

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            with contextlib.suppress(OSError):  # of what could not be written, `append` has told
                self._file.close()
            self._file = None

    def _forget(self) -> None:
        self.last: WindowLine | None = None
        self.count, self.figures, self._end = 0, dict[int, str](), 0

    def _add(self, line: WindowLine) -> None:
        self.last, self.count = line, self.count + len(line.made)
        self.figures |= line.figures

    def _counts(self, file: Path) -> bool:
        named = parse_name(file.stem)
        return named is not None and self.last is not None and named.frame <= self.last.index

    def _whole_lines(self) -> Iterator[tuple[WindowLine, int]]:
        """The lines up to the first that is damaged, or whose examples are; with each where it ends."""
        decoder, end, frames = msgspec.json.Decoder(WindowLine), len(self._head), 0
        try:
            with self._path.open("rb") as file:
                if file.readline(len(self._head) + 1) != self._head:
                    return
                for text in file:
                    line = decoder.decode(text)
                    if not text.endswith(b"\n") or line.frames <= frames or not self._is_whole(line):
                        return
                    end, frames = end + len(text), line.frames
                    yield line, end
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return

    def _is_whole(self, line: WindowLine) -> bool:
        places = (PurePath(place) for place, _ in line.made)
        below = all(len(place.parts) == 2 and not {"/", ".."} & {*place.parts} for place in places)
        return below and all(_checksum(self.made / place) == check for place, check in line.made)


def _checksum(stem: Path) -> int:
    """CRC-32 of the two files of an example, one after the other."""
    movie, still = (stem.with_name(stem.name + kind) for kind in KINDS)
    return zlib.crc32(still.read_bytes(), zlib.crc32(movie.read_bytes()))
