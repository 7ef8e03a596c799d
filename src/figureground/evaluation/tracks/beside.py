"""Tracks of truth and result laid beside each other: by their masks, or by their boxes."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from pycocotools import mask as coco

from figureground.errors import InputError, OptionError
from figureground.evaluation.tracks.overlaps import Floats, Overlaps
from figureground.instances import FloatArray, IntArray
from figureground.tracks import Outlines, Tracks

KINDS = ("auto", "masks", "boxes")
_AT_ONCE = 1_000_000  # pairs that are looked at together: bounds the memory

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
    spans = _spans(truth.frame, result.frame)
    found = list(_mask_pairs(truth, result, spans) if masks else _box_pairs(truth.boxes, result.boxes, spans))
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


def _spans(frames: IntArray, others: IntArray) -> tuple[IntArray, IntArray]:
    """For each figure of `frames` (n,), the first row of `others` in its frame, and how many there are."""
    first = np.searchsorted(others, frames)
    return first, np.searchsorted(others, frames, "right") - first


def _parts(counts: IntArray) -> Iterator[slice]:
    """Rows that have about _AT_ONCE pairs together, at least one row."""
    ends = np.cumsum(counts)
    start = 0
    while start < len(counts):
        before = int(ends[start - 1]) if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, before + _AT_ONCE, "right")))
        yield slice(start, stop)
        start = stop


def _box_pairs(boxes: FloatArray, others: FloatArray, spans: tuple[IntArray, IntArray]) -> Iterator[Pairs]:
    first, counts = spans
    sides = [(boxes[:, axis].copy(), boxes[:, axis + 2].copy()) for axis in (0, 1)]
    for part in _parts(counts):
        count = counts[part]
        rows = np.repeat(np.arange(part.start, part.stop), count)
        columns = np.arange(len(rows)) + np.repeat(first[part] - np.cumsum(count) + count, count)
        for axis, (low, high) in enumerate(sides):  # nearly all pairs are apart, most of them in x
            near = (low[rows] < others[columns, axis + 2]) & (others[columns, axis] < high[rows])
            rows, columns = rows[near], columns[near]
        overlap = box_overlap(boxes[rows].astype(np.float64), others[columns].astype(np.float64))
        meet = overlap > 0
        yield rows[meet], columns[meet], overlap[meet]


def box_overlap(boxes: Floats, others: Floats) -> Floats:
    """(k,) float64: intersection over union of k boxes (k, 4) x1 y1 x2 y2 with k others.

    Example:
        >>> box_overlap(np.array([[0.0, 0, 4, 2]]), np.array([[2.0, 0, 6, 2]])).round(3).tolist()
        [0.333]
    """
    low, high = np.maximum(boxes[:, :2], others[:, :2]), np.minimum(boxes[:, 2:], others[:, 2:])
    shared = np.maximum(high - low, 0).prod(1)
    areas = [np.maximum(one[:, 2:] - one[:, :2], 0).prod(1) for one in (boxes, others)]
    whole = areas[0] + areas[1] - shared
    overlap: Floats = np.divide(shared, whole, out=np.zeros(len(shared)), where=shared > 0)
    return overlap


def _mask_pairs(truth: Tracks, result: Tracks, spans: tuple[IntArray, IntArray]) -> Iterator[Pairs]:
    for name, outlines in (("truth", truth.masks), ("result", result.masks)):
        check_texts(outlines, name)
    first, counts = spans
    edges = np.flatnonzero(np.diff(truth.frame, prepend=-1, append=-1)).tolist()
    for start, stop in pairwise(edges):
        if not counts[start]:
            continue
        columns = range(int(first[start]), int(first[start] + counts[start]))
        others = _texts(result.masks, columns)
        step = max(1, _AT_ONCE // len(others))
        for row in range(start, stop, step):
            some = _texts(truth.masks, range(row, min(row + step, stop)))
            overlap = coco.iou(some, others, [False] * len(others))
            rows, found = np.nonzero(overlap)
            yield row + rows, columns.start + found, overlap[rows, found]


def check_texts(outlines: Outlines, name: str) -> None:
    """Make sure that pycocotools, which checks nothing, does not read beyond the end of a text.

    Raises:
        InputError: an outline holds characters that no run lengths have, or is cut.
    """
    texts = outlines.data
    lengths = outlines.ends - outlines.starts
    last = texts[outlines.ends[lengths > 0] - 1] if len(texts) else texts
    if texts.size and (texts.min() < 48 or texts.max() > 111 or ((last - 48) & 32).any()):
        raise InputError(f"the {name} has damaged outlines: they are no COCO run lengths")


def _texts(outlines: Outlines, rows: range) -> list[dict[str, Any]]:
    return [{"size": outlines.size, "counts": outlines.text(row)} for row in rows]


def _joined(pairs: list[Pairs]) -> Pairs:
    none = np.zeros(0, np.int64)
    rows, columns, overlap = zip((none, none, np.zeros(0)), *pairs, strict=True)
    return np.concatenate(rows), np.concatenate(columns), np.concatenate(overlap)
