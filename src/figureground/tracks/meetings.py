"""Which figures are near each other: in the same frame, with boxes that overlap."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from figureground.instances import FloatArray, IntArray

AT_ONCE = 1_000_000
"""Pairs that are looked at together: bounds the memory."""


def meetings(
    frames: IntArray, boxes: FloatArray, other_frames: IntArray, other_boxes: FloatArray
) -> Iterator[tuple[IntArray, IntArray]]:
    """The pairs of figures of two sets whose boxes overlap in the same frame: rows of each, (k,) and (k,).

    They come in pieces, together in order of the rows.

    Args:
        frames: (n,) int64, never falling.
        boxes: (n, 4) x1 y1 x2 y2.
        other_frames: (m,) int64, never falling.
        other_boxes: (m, 4).

    Example:
        >>> boxes = np.array([[0, 0, 4, 4], [3, 3, 6, 6], [9, 9, 12, 12]], np.float32)
        >>> [pair.tolist() for pair in next(meetings([5, 5, 5], boxes, [5, 6], boxes[1:]))]
        [[0, 1], [0, 0]]
    """
    first, last = (np.searchsorted(other_frames, frames, side) for side in ("left", "right"))
    counts = last - first
    sides = [(boxes[:, axis].copy(), boxes[:, axis + 2].copy()) for axis in (0, 1)]
    for part in _parts(counts):
        count = counts[part]
        rows = np.repeat(np.arange(part.start, part.stop), count)
        others = np.arange(len(rows)) + np.repeat(first[part] - np.cumsum(count) + count, count)
        for axis, (low, high) in enumerate(sides):  # nearly all pairs are apart, most of them in x
            near = (low[rows] < other_boxes[others, axis + 2]) & (other_boxes[others, axis] < high[rows])
            rows, others = rows[near], others[near]
        yield rows, others


def _parts(counts: IntArray) -> Iterator[slice]:
    """Rows that have about AT_ONCE pairs together, at least one row."""
    ends = np.cumsum(counts)
    start = 0
    while start < len(counts):
        before = int(ends[start - 1]) if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, before + AT_ONCE, "right")))
        yield slice(start, stop)
        start = stop


def box_overlap(boxes: FloatArray, others: FloatArray) -> npt.NDArray[np.float64]:
    """(k,) float64: intersection over union of k boxes (k, 4) x1 y1 x2 y2 with k others.

    Example:
        >>> box_overlap(np.array([[0, 0, 4, 2]]), np.array([[2, 0, 6, 2]])).round(3).tolist()
        [0.333]
    """
    first, second = np.asarray(boxes, np.float64), np.asarray(others, np.float64)
    low, high = np.maximum(first[:, :2], second[:, :2]), np.minimum(first[:, 2:], second[:, 2:])
    shared = np.maximum(high - low, 0).prod(1)
    areas = [np.maximum(one[:, 2:] - one[:, :2], 0).prod(1) for one in (first, second)]
    whole = areas[0] + areas[1] - shared
    return np.divide(shared, whole, out=np.zeros(len(shared)), where=shared > 0)
