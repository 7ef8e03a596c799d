"""The rows of a tracks file: Tracks to a table of pyarrow and back.

Anything that reads Parquet reads them: `frame`, `time` (seconds, rounded; the exact ones are in the footer),
`id`, `class`, `score`, the box `x1 y1 x2 y2`, the centroid `x y`, `area`, and `outline`, which is COCO's
packed run lengths (pycocotools: `decode({"size": [h, w], "counts": outline})`).
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from figureground.errors import MissingExtraError
from figureground.instances import IntArray
from figureground.tracks.outlines import Outlines
from figureground.tracks.tracks import TrackInfo, Tracks

if TYPE_CHECKING:
    import pyarrow as pa

NUMBERS = {
    "frame": "int64",
    "time": "float64",
    "id": "int64",
    "score": "float32",
    "x1": "float32",
    "y1": "float32",
    "x2": "float32",
    "y2": "float32",
    "x": "float64",
    "y": "float64",
    "area": "int64",
}
"""Columns that hold numbers, and of which kind; beside them are `class` (text) and `outline` (bytes)."""

COLUMNS = ("frame", "time", "id", "class", *tuple(NUMBERS)[3:], "outline")
_SPLIT, _STEPS = "BYTE_STREAM_SPLIT", "DELTA_BINARY_PACKED"
_ENCODINGS = {"frame": _STEPS, "id": _STEPS, "area": _STEPS, "x": _SPLIT, "y": _SPLIT, "time": _SPLIT}


def load_pyarrow() -> Any:
    """The package pyarrow with its part for Parquet.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise MissingExtraError("tracks files need pyarrow: pip install 'figureground[tracks]'") from error
    return pyarrow


def open_table_writer(file: Any, schema: "pa.Schema") -> Any:
    """A pyarrow ParquetWriter on an open binary file, with the settings that suit tracks."""
    return load_pyarrow().parquet.ParquetWriter(
        file,
        schema,
        compression="zstd",
        compression_level=9,
        use_dictionary=[name for name in COLUMNS if name not in _ENCODINGS and name != "outline"],
        column_encoding=_ENCODINGS,
        write_statistics=["frame", "id"],
        write_page_checksum=True,
        store_schema=False,
    )


def tracks_schema() -> "pa.Schema":
    """The columns of the table."""
    pa = load_pyarrow()
    kinds = {"class": pa.dictionary(pa.int32(), pa.string()), "outline": pa.binary()}
    kinds |= {name: getattr(pa, kind)() for name, kind in NUMBERS.items()}
    return pa.schema([pa.field(name, kinds[name], nullable=False) for name in COLUMNS])


def tracks_to_table(tracks: Tracks) -> "pa.Table":
    """The rows of `tracks`."""
    pa = load_pyarrow()
    seconds = tracks.seconds[np.searchsorted(tracks.frames, tracks.frame)]
    numbers = [
        tracks.frame,
        seconds,
        tracks.id,
        tracks.score,
        *tracks.boxes.T,
        *tracks.centroids.T,
        tracks.area,
    ]
    columns = dict(zip(NUMBERS, map(pa.array, numbers), strict=True))
    labels = pa.array(tracks.label.astype(np.int32))
    columns["class"] = pa.DictionaryArray.from_arrays(labels, pa.array(tracks.info.classes, pa.string()))
    columns["outline"] = pa.array([tracks.masks.text(row) for row in range(len(tracks))], pa.binary())
    return pa.table([columns[name] for name in COLUMNS], schema=tracks_schema())


def table_to_tracks(
    table: "pa.Table", info: TrackInfo, frames: IntArray, times: IntArray, origin: str
) -> Tracks:
    """The Tracks of a table's rows, of `info` and with all its `frames` and `times`; `origin` is its file.

    Raises:
        ValueError: the rows make no sense.
    """
    numbers = {name: table.column(name).to_numpy() for name in NUMBERS if name != "time"}
    return Tracks(
        info,
        frames,
        times,
        frame=numbers["frame"],
        id=numbers["id"],
        label=_labels(table.column("class"), info.classes),
        score=numbers["score"],
        boxes=np.stack([numbers[name] for name in ("x1", "y1", "x2", "y2")], axis=1),
        centroids=np.stack([numbers["x"], numbers["y"]], axis=1),
        area=numbers["area"],
        masks=_outlines(table.column("outline"), info.size, origin),
    )


def _labels(column: "pa.ChunkedArray", classes: tuple[str, ...]) -> IntArray:
    known = {name: label for label, name in enumerate(classes)}
    parts = [np.zeros(0, np.int64)]
    for chunk in column.chunks:
        names = chunk.dictionary.to_pylist()
        labels = np.array([known.get(name, len(classes)) for name in names], np.int64)
        parts.append(labels[chunk.indices.to_numpy(zero_copy_only=False)])
    return np.concatenate(parts)


def _outlines(column: "pa.ChunkedArray", size: tuple[int, int], origin: str) -> Outlines:
    parts = []
    for chunk in column.chunks:
        _, offsets, data = chunk.buffers()
        ends = np.frombuffer(offsets, np.int32)[chunk.offset :][: len(chunk) + 1].astype(np.int64)
        bytes_ = np.frombuffer(b"" if data is None else data, np.uint8)
        parts.append(Outlines(size, bytes_, ends[:-1], ends[1:], origin))
    return Outlines.joined(parts, size) if len(parts) != 1 else parts[0]
