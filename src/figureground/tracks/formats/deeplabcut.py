"""DeepLabCut's csv of several individuals, with one body part, `centroid`."""

import csv
from pathlib import Path

import numpy as np

from figureground.tracks.tracks import Tracks

SCORER, PART = "figureground", "centroid"


def write_deeplabcut(tracks: Tracks, path: Path) -> list[str]:
    """Write a DeepLabCut csv with a row for every frame from 0; what it cannot hold, in words.

    Its x and y count from the centre of the first pixel, as DeepLabCut's do, so they are half a pixel less
    than a centroid of Tracks. Where a figure was not found its cells are empty.
    """
    ids = tracks.ids.tolist()
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["scorer", *[SCORER] * 3 * len(ids)])
        writer.writerow(["individuals", *(f"id_{one}" for one in ids for _ in range(3))])
        writer.writerow(["bodyparts", *[PART] * 3 * len(ids)])
        writer.writerow(["coords", *["x", "y", "likelihood"] * len(ids)])
        places = np.searchsorted(tracks.ids, tracks.id)
        values = np.column_stack([tracks.centroids - 0.5, tracks.score])
        last = int(tracks.frames[-1]) if len(tracks.frames) else -1
        edges = np.searchsorted(tracks.frame, np.arange(last + 2)).tolist()
        for frame in range(last + 1):
            row: list[object] = [""] * (3 * len(ids))
            for figure in range(edges[frame], edges[frame + 1]):
                start = 3 * int(places[figure])
                row[start : start + 3] = [f"{value:.9g}" for value in values[figure]]
            writer.writerow([frame, *row])
    return ["deeplabcut holds centroids alone: no outlines, boxes, classes or times"]
