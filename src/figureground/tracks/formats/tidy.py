"""Tidy csv: one row for each figure in each frame; and one csv for each figure."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from figureground.folders import written_folder
from figureground.tracks.tracks import Tracks

HEAD = ("frame", "time", "id", "class", "score", "x1", "y1", "x2", "y2", "x", "y", "area")
"""Frame from 0, time in seconds, score, box (half-open), centroid and area in pixels."""


def write_csv(tracks: Tracks, path: Path) -> list[str]:
    """Write all figures to one csv; what it cannot hold, in words."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEAD)
        writer.writerows(rows(tracks))
    return ["csv holds no outlines, and nothing of frames without figures"]


def write_figures(tracks: Tracks, folder: Path, *, overwrite: bool = False) -> list[str]:
    """Write `id_<N>.csv` for each figure into a folder: its frames from the first to the last one it is in.

    In frames between them where it was not found, all but frame, time and id is left empty.

    Raises:
        OutputError: something is there already, or it cannot be written.
    """
    with written_folder(folder, overwrite=overwrite) as part:
        for identity in tracks.ids.tolist():
            _write_figure(tracks.of(identity), part / f"id_{identity}.csv")
    return ["csv holds no outlines"]


def _write_figure(one: Tracks, path: Path) -> None:
    found = {row[0]: row for row in rows(one)}
    first, last = np.searchsorted(one.frames, one.frame[[0, -1]]).tolist()
    moments = zip(one.frames[first : last + 1].tolist(), one.seconds[first : last + 1].tolist(), strict=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEAD)
        for frame, time in moments:
            writer.writerow(found.get(frame, (frame, time, one.id[0], *[""] * (len(HEAD) - 3))))


def rows(tracks: Tracks) -> Iterator[tuple[Any, ...]]:
    """The figures, with values in the order of HEAD; floats as short as they can be read back from."""
    seconds = tracks.seconds[np.searchsorted(tracks.frames, tracks.frame)]
    names = tracks.info.classes
    boxes = (column.tolist() for column in tracks.boxes.T)
    return zip(
        tracks.frame.tolist(),
        seconds.tolist(),
        tracks.id.tolist(),
        [names[label] for label in tracks.label],
        [f"{score:.9g}" for score in tracks.score.tolist()],
        *([f"{value:.9g}" for value in column] for column in boxes),
        *(column.tolist() for column in tracks.centroids.T),
        tracks.area.tolist(),
        strict=True,
    )
