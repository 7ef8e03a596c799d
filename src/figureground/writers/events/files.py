"""Events as lines of JSON or as a table: a log, written line by line."""

import csv
import io
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from figureground.errors import OptionError, OutputError
from figureground.files import output_errors

SUFFIXES = ".jsonl", ".csv"
"""The endings of names of files of events."""

COLUMNS = (
    *(
        "event",
        "zone",
        "how",
        "time",
        "time_exact",
        "clock",
        "frame",
        "told_at_frame",
        "figure",
        "id",
        "class",
    ),
    *("score", "x", "y", "metres_x", "metres_y", "depth", "seconds", "count", "picture"),
)
"""Of the table, and the names in each line of JSON."""


class EventFile:
    r"""A log of events at `path`, a context manager; unlike other results it grows at its place.

    So what was told is there when the power fails, and other programs can read along. Every line is whole;
    a last line that an earlier run left unfinished is closed before the next one.

    Args:
        path: its ending tells the kind: .jsonl or .csv.
        overwrite: begin anew where one is there already.
        append: go on with the one that is there already.

    Raises:
        OptionError: the name ends otherwise, or both `overwrite` and `append` are asked for.
        OutputError: it is there already, or cannot be written.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "events.jsonl"
        >>> with EventFile(path) as log:
        ...     log.add({"event": "enter", "zone": "door"})
        >>> path.read_text()
        '{"event":"enter","zone":"door"}\n'
    """

    def __init__(self, path: str | Path, *, overwrite: bool = False, append: bool = False) -> None:
        self.path = Path(path)
        if self.path.suffix.lower() not in SUFFIXES:
            raise OptionError(f"{path}: events go to a file whose name ends in .jsonl or .csv")
        if overwrite and append:
            raise OptionError("append goes on with the file, overwrite begins it anew: only one of them")
        with output_errors(path):
            if self.path.is_dir():
                raise OutputError(f"{path}: is a folder; give the name of a file in it")
            if self.path.exists() and not (overwrite or append):
                raise OutputError(
                    f"{path}: is there already; --append goes on with it, --overwrite replaces it"
                )
        self._append = append
        self._table = self.path.suffix.lower() == ".csv"
        self._file: io.BufferedRandom | None = None

    def __enter__(self) -> Self:
        with output_errors(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("a+b" if self._append else "w+b")
            size = self._file.seek(0, io.SEEK_END)
            if size:
                self._file.seek(size - 1)
                whole = self._file.read(1) == b"\n"
                self._put(b"" if whole else b"\n")
            elif self._table:
                self._put(_row(COLUMNS))
        return self

    def add(self, record: dict[str, Any]) -> None:
        """Write one event, see `zones.events.event_to_record`."""
        line = (
            _row([record.get(name) for name in COLUMNS])
            if self._table
            else msgspec.json.encode(record) + b"\n"
        )
        with output_errors(self.path):
            self._put(line)

    def _put(self, line: bytes) -> None:
        if self._file is not None:
            self._file.write(line)
            self._file.flush()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            with output_errors(self.path):
                self._file.close()
            self._file = None


def _row(cells: Any) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerow(["" if cell is None else cell for cell in cells])
    return text.getvalue().encode()
