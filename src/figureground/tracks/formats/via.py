"""VIA-tracks csv, which `movement` reads: one row a box, JSON in its cells (formats as of movement 0.15)."""

import csv
import json
import re
from array import array
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import Any

import numpy as np

from figureground.errors import InputError
from figureground.tracks.formats.known import Known, Rows, rows_to_tracks, text_lines_error
from figureground.tracks.tracks import Tracks

HEAD = (
    *("filename", "file_size", "file_attributes", "region_count", "region_id"),
    *("region_shape_attributes", "region_attributes"),
)
_INDEX = re.compile(r"(0\d*)\.\w+$")  # as movement finds the frame in a file's name


def write_via(tracks: Tracks, path: Path) -> list[str]:
    """Write a VIA-tracks csv; what it cannot hold, in words."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEAD)
        writer.writerows(_rows(tracks))
    return ["via holds boxes alone: no outlines, no times"]


def _rows(tracks: Tracks) -> Iterator[tuple[Any, ...]]:
    clip = tracks.info.video
    stem = PurePath(clip.replace("\\", "/")).stem or "frame"
    first = np.searchsorted(tracks.frame, tracks.frame)
    count = np.searchsorted(tracks.frame, tracks.frame, "right") - first
    order = np.arange(len(tracks)) - first
    columns = (
        tracks.frame,
        count,
        order,
        tracks.id,
        tracks.label,
        tracks.score,
        tracks.boxes.astype(np.float64),
    )
    for frame, many, number, identity, label, score, (x1, y1, x2, y2) in zip(
        *(column.tolist() for column in columns), strict=True
    ):
        shape = {"name": "rect", "x": x1, "y": y1, "width": x2 - x1, "height": y2 - y1}
        about = {"track": str(identity), "confidence": f"{score:.9g}", "class": tracks.info.classes[label]}
        cells = json.dumps({"clip": clip, "frame": frame}), many, number, json.dumps(shape), json.dumps(about)
        yield (f"{stem}_{frame:06}.png", 0, *cells)


def is_via(line: str) -> bool:
    """Whether `line` is the first one of a VIA csv."""
    return line.strip().removeprefix("\ufeff").startswith(",".join(HEAD[:3]))


def read_via(path: Path, known: Known) -> Tracks:
    """Boxes of a VIA-tracks csv.

    Raises:
        InputError: it cannot be read, or a line makes no sense.
    """
    values, labels, classes = array("d"), array("q"), {"figure": 0}
    names: set[str] = set()
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = csv.DictReader(file, strict=True)
            for cells in lines:
                numbers, kind, clip = _box(cells, lines.line_num, str(path))
                values.extend(numbers)
                labels.append(classes.setdefault(kind, len(classes)))
                names.add(clip)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path}: is no csv of VIA ({error})") from error
    frame, identity, x, y, w, h, score = np.frombuffer(values, np.float64).reshape(-1, 7).T
    label = np.frombuffer(labels, np.int64)
    if len(classes) > 1 and 0 not in label:
        classes.pop("figure")
        label = label - 1
    boxes = np.stack([x, y, x + w, y + h], axis=1)
    if len(names) == 1 and not known.video:
        known = Known(names.pop(), known.size, known.rate)
    return rows_to_tracks(Rows(frame, identity, boxes, score, label, tuple(classes)), known, str(path))


def _box(cells: dict[str, Any], line: int, origin: str) -> tuple[list[float], str, str]:
    """Numbers frame, id, x, y, w, h, score; the class; the clip."""
    try:
        of_file, shape, about = (json.loads(cells[name]) for name in (HEAD[2], *HEAD[5:]))
        frame = of_file["frame"] if "frame" in of_file else _INDEX.search(cells[HEAD[0]])[1]  # type: ignore[index]
        sides = [float(shape[name]) for name in ("x", "y", "width", "height")]
        track, score = about["track"], about.get("confidence", 1)
        numbers = [float(frame), float(track), *sides, float(score)]
        return numbers, str(about.get("class", "figure"))[:200], str(of_file.get("clip", ""))[:1000]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        shown = ",".join(str(cells.get(name)) for name in (HEAD[0], *HEAD[5:]))
        wanted = "a rect with x, y, width, height, a track, and a frame"
        raise text_lines_error(origin, line, wanted, shown) from error
