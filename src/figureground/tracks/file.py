"""The tracks file, NAME.tracks.parquet: written whole, read whole, or by frame and by id."""

import contextlib
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import numpy as np

from figureground.errors import InputError, OutputError
from figureground.files import written
from figureground.instances import Instances, IntArray
from figureground.tracks.footer import Footer, bytes_to_footer, footer_to_bytes
from figureground.tracks.parquet import (
    COLUMNS,
    load_pyarrow,
    open_table_writer,
    table_to_tracks,
    tracks_schema,
    tracks_to_table,
)
from figureground.tracks.tracks import TrackInfo, Tracks

SUFFIX = ".tracks.parquet"
GROUP_ROWS = 8192  # of a row group, about: what is read to see one frame
_MOST_ROWS, _MOST_BYTES = 1 << 26, 1 << 32  # of what is read at once
_MOST_GROUP_ROWS, _MOST_GROUP_BYTES = 1 << 22, 1 << 30
_MOST_FOOTER = 1 << 28
_PIECE = 1 << 16  # rows


def read_tracks(path: str | Path) -> Tracks:
    """All of a tracks file.

    Safe for files from strangers: nothing in them is run, and what they claim is checked before it costs
    memory. Outlines are checked when they are asked for.

    Raises:
        InputError: it cannot be read, is none of tracks, or damaged.
        MissingExtraError: pyarrow is not installed.

    Example:
        >>> import tempfile
        >>> tracks = Tracks.from_instances([], TrackInfo("a.mp4", (5, 7)))
        >>> path = tempfile.mkdtemp() + "/a.tracks.parquet"
        >>> write_tracks(tracks, path)
        >>> read_tracks(path).info.video
        'a.mp4'
    """
    with TracksFile(path) as file:
        return file.between()


def open_tracks(path: str | Path) -> "TracksFile":
    """A tracks file, opened to look at some frames or figures of it; to be closed, or used with `with`.

    Raises:
        InputError: it cannot be read, is none of tracks, or damaged.
        MissingExtraError: pyarrow is not installed.
    """
    return TracksFile(path)


def write_tracks(tracks: Tracks, path: str | Path, *, overwrite: bool = False) -> None:
    """Write `tracks` to a file, in one step.

    Raises:
        OutputError: something is there, and is not to be overwritten; or it cannot be written.
        MissingExtraError: pyarrow is not installed.
    """
    path = Path(path)
    if not overwrite and path.exists():
        raise OutputError(f"{path}: exists already; use --overwrite to replace it, or choose another name")
    with written(path) as part, part.open("wb") as file:
        write_parts([tracks], file, tracks.info, name=str(path))


def write_parts(parts: Iterable[Tracks], file: BinaryIO, info: TrackInfo, *, name: str) -> None:
    """Write Tracks that follow each other to an open file; holds one part at a time, and a row group.

    Raises:
        OutputError: the times of the frames cannot be written; the message begins with `name`.
    """
    frames, times = [np.zeros(0, np.int64)], [np.zeros((0, 2), np.int64)]
    spans: list[tuple[int, int]] = []

    def seen() -> Iterator[Tracks]:
        for part in parts:
            frames.append(part.frames)
            times.append(part.times)
            yield part

    pa = load_pyarrow()
    try:
        with open_table_writer(file, tracks_schema()) as writer:
            for group in _grouped(seen(), info):
                writer.write_table(tracks_to_table(group), row_group_size=len(group))
                spans.append((int(group.frame[0]), int(group.frame[-1])))
            footer = Footer(info, np.concatenate(frames), np.concatenate(times), spans)
            writer.add_key_value_metadata(footer_to_bytes(footer))
    except (ValueError, pa.ArrowException) as error:
        raise OutputError(f"{name}: cannot be written: {error}") from error


def _grouped(parts: Iterable[Tracks], info: TrackInfo) -> Iterator[Tracks]:
    """The same rows in row groups: whole frames, about GROUP_ROWS rows each."""
    waiting: list[Tracks] = []
    for part in parts:
        waiting.append(part)
        if sum(map(len, waiting)) >= GROUP_ROWS:
            *groups, rest = _cut(Tracks.joined(waiting, info))
            yield from groups
            waiting = [rest]
    yield from (group for group in _cut(Tracks.joined(waiting, info)) if len(group))


def _cut(tracks: Tracks) -> list[Tracks]:
    """`tracks` in pieces of whole frames: each as soon as it has GROUP_ROWS rows, the last with the rest."""
    cuts = [0]
    starts = np.flatnonzero(np.diff(tracks.frame)) + 1
    while (place := int(np.searchsorted(starts, cuts[-1] + GROUP_ROWS))) < len(starts):
        cuts.append(int(starts[place]))
    ends = [*cuts[1:], len(tracks)]
    return [tracks.select(np.arange(start, end)) for start, end in zip(cuts, ends, strict=True)]


class TracksFile:
    """A tracks file that is open: its head is read, its rows are read when they are asked for.

    Attributes:
        path: where it is.
        info: the video, and what made the tracks.
        frames: (f,) int64, the indices of all frames, rising.
        times: (f, 2) int64, numerator and denominator of each frame's time in seconds.

    Raises:
        InputError: it cannot be read, is none of tracks, or damaged.
        MissingExtraError: pyarrow is not installed.
    """

    def __init__(self, path: str | Path):
        self.path = Path(path)
        self._pa = load_pyarrow()
        with self._told():
            self._file = self.path.open("rb")
        try:
            with self._told():
                _check_tail(self._file)
                self._open()
        except BaseException:
            self.close()
            raise

    def _open(self) -> None:
        try:
            self._parquet = self._pa.parquet.ParquetFile(
                self._file,
                read_dictionary=["class"],
                page_checksum_verification=True,
                pre_buffer=False,
                thrift_string_size_limit=_MOST_FOOTER,
                thrift_container_size_limit=1 << 20,
            )
        except KeyError as error:
            raise ValueError(f"is a Parquet file, but none of tracks: it has no column {error}") from error
        footer = bytes_to_footer(self._parquet.metadata.metadata or {})
        self.info, self.frames, self.times, self._spans = footer
        _check_schema(self._parquet.schema_arrow, tracks_schema())
        _check_groups(self._parquet.metadata, len(self._spans))

    def __len__(self) -> int:
        return int(self._parquet.metadata.num_rows)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def between(self, start: int = 0, stop: int | None = None) -> Tracks:
        """The frames with indices from `start` to before `stop` (None: to the end), and their figures.

        Raises:
            InputError: a part that is needed for it is damaged.
        """
        last = int(self.frames[-1]) + 1 if len(self.frames) else 0
        stop = last if stop is None else stop
        groups = [i for i, (low, high) in enumerate(self._spans) if low < stop and high >= start]
        return self._read(groups).between(start, stop)

    def at(self, frame: int) -> Instances:
        """The figures of the frame with the index `frame`; reads one row group.

        Raises:
            KeyError: the frame was not looked at.
            InputError: a part that is needed for it is damaged.
        """
        return self.between(frame, frame + 1).at(frame)

    def of(self, identity: int) -> Tracks:
        """One figure's rows; all frames stay known. Reads the ids, then those row groups that have this one.

        Raises:
            InputError: a part that is needed for it is damaged.
        """
        groups = [i for i in range(len(self._spans)) if identity in self._ids(i)]
        return self._read(groups).of(identity)

    @property
    def ids(self) -> IntArray:
        """Every id there is, once, rising.

        Raises:
            InputError: the ids are damaged.
        """
        return np.unique(np.concatenate([np.zeros(0, np.int64), *map(self._ids, range(len(self._spans)))]))

    def parts(self) -> Iterator[Tracks]:
        """The Tracks piece by piece, in order: whole frames, together all frames.

        Raises:
            InputError: a part is damaged.
        """
        edges = [0, *(low for low, _ in self._spans[1:])]
        for start, stop in zip(edges, [*edges[1:], None], strict=True):
            yield self.between(start, stop)

    def _ids(self, group: int) -> IntArray:
        with self._told():
            ids: IntArray = self._parquet.read_row_group(group, ["id"], use_threads=False)["id"].to_numpy()
            return np.unique(ids)

    def _read(self, groups: list[int]) -> Tracks:
        metadata = self._parquet.metadata
        rows = sum(metadata.row_group(group).num_rows for group in groups)
        with self._told():
            if rows > _MOST_ROWS:
                raise InputError(f"has {rows:,} rows, too many to read at once; read some frames of it")
            table = self._table(groups)
            if table.num_rows != rows or any(column.null_count for column in table.columns):
                raise InputError("is damaged: rows are missing")
            return table_to_tracks(table, self.info, self.frames, self.times, str(self.path))

    def _table(self, groups: list[int]) -> Any:
        """The rows of some row groups, read piece by piece: what a file claims of its size may be a lie."""
        pieces, size = [], 0
        for piece in self._parquet.iter_batches(_PIECE, groups, list(COLUMNS), use_threads=False):
            pieces.append(piece)
            size += piece.nbytes
            if size > _MOST_BYTES:
                raise InputError("is too large to read at once; read some frames of it")
        schema = pieces[0].schema if pieces else tracks_schema()
        return self._pa.Table.from_batches(pieces, schema)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what pyarrow, the checks and the system raise into an InputError that names the file."""
        try:
            yield
        except OSError as error:
            reason = error.strerror or f"is damaged, or no Parquet file ({_short(error)})"
            raise InputError(f"{self.path}: {reason}") from error
        except (
            UnicodeDecodeError,
            LookupError,
            MemoryError,
            OverflowError,
            self._pa.ArrowException,
        ) as error:
            raise InputError(f"{self.path}: is damaged ({_short(error)})") from error
        except ValueError as error:
            raise InputError(f"{self.path}: {error}") from error


def _short(error: BaseException) -> str:
    return " ".join(str(error).split())[:300]


def _check_tail(file: BinaryIO) -> None:
    """Raise ValueError unless the file ends as Parquet does, with a footer of a size that can be."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - 8))
    tail = file.read(8)
    if size < 12 or tail[4:] != b"PAR1":
        raise ValueError("is no tracks file (Parquet), or its end is missing")
    if int.from_bytes(tail[:4], "little") > min(size - 12, _MOST_FOOTER):
        raise ValueError("is damaged: its footer is larger than the file")
    file.seek(0)


def _check_schema(came: Any, wanted: Any) -> None:
    for field in wanted:
        if came.get_all_field_indices(field.name) == [] or came.field(field.name).type != field.type:
            found = came.field(field.name).type if field.name in came.names else "none"
            raise ValueError(f"must have a column {field.name} ({field.type}), and has {found}")


def _check_groups(metadata: Any, count: int) -> None:
    """Raise ValueError unless the sizes of the row groups can be true.

    No more is asked of pyarrow here: where what it tells of a column is damaged, it ends the process.
    """
    if metadata.num_row_groups != count:
        raise ValueError(f"is damaged: {count} row groups announced, {metadata.num_row_groups} there")
    for number in range(count):
        group = metadata.row_group(number)
        if not 0 <= group.num_rows <= _MOST_GROUP_ROWS or not 0 <= group.total_byte_size <= _MOST_GROUP_BYTES:
            raise ValueError(f"says that {group.num_rows:,} rows of it are in one piece")
