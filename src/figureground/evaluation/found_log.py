"""A file that keeps what was found, picture by picture, so that a run that is stopped can go on."""

import contextlib
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import msgspec
import numpy as np

from figureground.evaluation.coco_ap import crop_to_rle
from figureground.files import output_errors
from figureground.instances import Instances
from figureground.masks import counts_to_crop, string_to_counts


class _Line(msgspec.Struct):
    picture: int
    size: tuple[int, int]
    ms: float
    masks: list[str]
    boxes: list[list[float]]
    scores: list[float]
    labels: list[int]


class FoundLog:
    """The figures of each picture in a file of lines, appended as they come: a context manager.

    A last line that was cut off by the end of an earlier run is dropped.

    Args:
        path: the file; None keeps nothing.

    Raises:
        OutputError: it cannot be written.

    Example:
        >>> with FoundLog(None) as log:
        ...     log.get(1) is None
        True
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._places: dict[int, int] = {}
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        if self._path is not None:
            with output_errors(self._path):
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._file = self._path.open("a+b")
                self._file.truncate(self._index(self._file))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def get(self, picture: int) -> tuple[Instances, float] | None:
        """What was found in the picture with that id, and in how many ms; None where it is not known."""
        if self._file is None or picture not in self._places:
            return None
        self._file.seek(self._places[picture])
        line = msgspec.json.decode(self._file.readline(), type=_Line)
        masks = tuple(counts_to_crop(string_to_counts(text), line.size) for text in line.masks)
        boxes = np.array(line.boxes, np.float32).reshape(-1, 4)
        scores, labels = np.array(line.scores, np.float32), np.array(line.labels, np.int64)
        return Instances(line.size, masks, boxes=boxes, scores=scores, labels=labels), line.ms

    def add(self, picture: int, found: Instances, ms: float) -> None:
        """Keep what was found in a picture."""
        if self._file is None or self._path is None:
            return
        masks = [crop_to_rle(crop, found.size)["counts"].decode() for crop in found.masks]
        columns = found.boxes.tolist(), found.scores.tolist(), found.labels.tolist()
        with output_errors(self._path):
            self._file.write(msgspec.json.encode(_Line(picture, found.size, ms, masks, *columns)) + b"\n")
            self._file.flush()

    def _index(self, file: BinaryIO) -> int:
        """Where each picture's line begins; the end of the last whole line."""
        end = 0
        file.seek(0)
        for line in file:
            if not line.endswith(b"\n"):
                break
            with contextlib.suppress(msgspec.MsgspecError):
                self._places[msgspec.json.decode(line, type=_Line).picture] = end
            end += len(line)
        return end
