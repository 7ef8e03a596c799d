"""MOTChallenge's text files: `frame,id,x,y,w,h,conf,-1,-1,-1`, frames from 1 (motchallenge.net)."""

import csv
from array import array
from pathlib import Path

import numpy as np

from figureground.errors import InputError
from figureground.tracks.formats.known import Known, Rows, rows_to_tracks, text_lines_error
from figureground.tracks.tracks import Tracks


def write_mot(tracks: Tracks, path: Path) -> list[str]:
    """Write MOT's text; what it cannot hold, in words. Ids stay what they are; boxes count pixels from 0."""
    x1, y1, x2, y2 = tracks.boxes.astype(np.float64).T
    columns = (tracks.frame + 1, tracks.id, x1, y1, x2 - x1, y2 - y1, tracks.score)
    with path.open("w", encoding="ascii", newline="\n") as file:
        for frame, identity, *numbers in zip(*(column.tolist() for column in columns), strict=True):
            shown = ",".join(f"{number:.9g}" for number in numbers)
            file.write(f"{frame},{identity},{shown},-1,-1,-1\n")
    told = ["mot holds boxes alone: no outlines, no times"]
    return told if len(tracks.info.classes) < 2 else [*told, "mot holds no names of classes"]


def read_mot(path: Path, known: Known) -> Tracks:
    """Boxes of a MOT file, gt.txt or results; the class is column 8 of a gt.txt, as `class_<number>`.

    Raises:
        InputError: it cannot be read, or a line makes no sense.
    """
    numbers = _numbers(path)
    frame, identity, x, y, w, h, score = numbers[:, :7].T
    kinds, label = np.unique(numbers[:, 7], return_inverse=True)
    classes = tuple("figure" if kind < 0 else f"class_{kind:g}" for kind in kinds)
    boxes = np.stack([x, y, x + w, y + h], axis=1)
    score = np.where(score < 0, 1, score)
    rows = Rows(frame - 1, identity, boxes, score, label, classes or ("figure",))
    return rows_to_tracks(rows, known, str(path))


def _numbers(path: Path) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """(n, 8) frame, id, x, y, w, h, conf, class; -1 where there is no class."""
    values = array("d")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for line, cells in enumerate(csv.reader(file), 1):
                if cells:
                    values.extend(_cells_to_numbers(cells, line, str(path)))
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path}: is no text of MOT ({error})") from error
    return np.frombuffer(values, np.float64).reshape(-1, 8)


def _cells_to_numbers(cells: list[str], line: int, origin: str) -> list[float]:
    try:
        numbers = [float(cell) for cell in cells[:8]]
    except ValueError as error:
        raise text_lines_error(origin, line, "numbers frame,id,x,y,w,h,conf,...", cells) from error
    if len(numbers) < 6:
        raise text_lines_error(origin, line, "frame,id,x,y,w,h,conf,-1,-1,-1", cells)
    numbers += [1.0] if len(numbers) == 6 else []
    kind = numbers[7] if len(cells) == 9 else -1.0  # of ten columns, 8 to 10 are a place in the world
    return [*numbers[:7], kind]
