"""Tracks of truth and result laid beside each other: by their masks, or by their boxes."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from pycocotools import mask as coco

from figureground.errors import InputError, OptionError
from figureground.evaluation.tracks.overlaps import Floats, Overlaps
from figureground.instances import IntArray
from figureground.tracks import Tracks
from figureground.tracks.meetings import AT_ONCE, box_overlap, meetings
from figureground.tracks.run_lengths import check_texts, rows_to_rles

KINDS = ("auto", "masks", "boxes")

Pairs = tuple[IntArray, IntArray, Floats]
"""Rows of the truth, rows of the result, and their intersection over union."""


def lay_beside(truth: Tracks, result: Tracks, on: str = "auto") -> Overlaps:
    """Pair the figures of two tracks of one video, in the frames that the truth looked at.

    Frames that only the result has do not count: a truth may be of every tenth frame. Classes do not count.

    Args:
        truth: who is who.
        result: what is to be judged.
        on: "masks", "boxes", or "auto": masks if all figures of both have them.

    Raises:
        InputError: the frames differ in size, or an outline is damaged.
        OptionError: there is no such kind, or a figure has no mask.
    """
    if truth.info.size != result.info.size:
        sizes = [f"{width} x {height}" for height, width in (truth.info.size, result.info.size)]
        raise InputError(
            f"the truth has frames of {sizes[0]} pixels, the result {sizes[1]}: they are not of one video"
        )
    result = result.select(np.isin(result.frame, truth.frames))
    masks = overlaps_of(truth, result, on) == "masks"
    found = list(_mask_pairs(truth, result) if masks else _box_pairs(truth, result))
    rows, columns, overlap = _joined(found)
    return Overlaps(
        truth.frame, truth.id, result.frame, result.id, np.stack([rows, columns], 1), np.minimum(overlap, 1)
    )


def overlaps_of(truth: Tracks, result: Tracks, on: str = "auto") -> str:
    """Whether "masks" or "boxes" are compared where `on` is asked for.

    Raises:
        OptionError: there is no such kind, or a figure has no mask.
    """
    if on not in KINDS:
        raise OptionError(f"tracks are compared on {', '.join(KINDS)}; got {on!r}")
    sides = (("the truth", truth), ("the result", result))
    without = [name for name, tracks in sides if not tracks.masks.known.all()]
    if on == "masks" and without:
        raise OptionError(f"{' and '.join(without)}: not every figure has a mask; compare on boxes")
    return "boxes" if on == "boxes" or without else "masks"


def _box_pairs(truth: Tracks, result: Tracks) -> Iterator[Pairs]:
    for rows, columns in meetings(truth.frame, truth.boxes, result.frame, result.boxes):
        overlap = box_overlap(truth.boxes[rows], result.boxes[columns])
        yield rows[overlap > 0], columns[overlap > 0], overlap[overlap > 0]


def _mask_pairs(truth: Tracks, result: Tracks) -> Iterator[Pairs]:
    for outlines in (truth.masks, result.masks):
        check_texts(outlines)
    first, last = (np.searchsorted(result.frame, truth.frame, side) for side in ("left", "right"))
    edges = np.flatnonzero(np.diff(truth.frame, prepend=-1, append=-1)).tolist()
    for start, stop in pairwise(edges):
        columns = range(int(first[start]), int(last[start]))
        if not columns:
            continue
        others = rows_to_rles(result.masks, columns)
        step = max(1, AT_ONCE // len(others))
        for row in range(start, stop, step):
            some = rows_to_rles(truth.masks, range(row, min(row + step, stop)))
            overlap = coco.iou(some, others, [False] * len(others))
            rows, found = np.nonzero(overlap > 0)  # run lengths of a stranger may give NaN
            yield row + rows, columns.start + found, overlap[rows, found]


def _joined(pairs: list[Pairs]) -> Pairs:
    none = np.zeros(0, np.int64)
    rows, columns, overlap = zip((none, none, np.zeros(0)), *pairs, strict=True)
    return np.concatenate(rows), np.concatenate(columns), np.concatenate(overlap)
