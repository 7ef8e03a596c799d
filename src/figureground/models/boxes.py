"""Boxes between the graphs of a two-stage detector: anchors, moves, suppression; numpy alone, float32."""

import functools
import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from figureground.models.architecture import Architecture

Boxes = npt.NDArray[np.float32]
"""(n, 4) x1 y1 x2 y2 in pixels."""
Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]

_MOST_GROWTH = math.log(1000 / 16)  # of a side in one move: both libraries' limit
_BLOCK = 128  # boxes that are compared at once: their tables stay in the processor's cache
HEAD_WEIGHTS = 10.0, 10.0, 5.0, 5.0


@functools.lru_cache(maxsize=16)
def anchors(
    what: Architecture, padded: tuple[int, int], grids: tuple[tuple[int, int], ...]
) -> tuple[Boxes, ...]:
    """The anchors of each level, cell by cell; they must not be changed.

    Args:
        what: sizes, ratios and conventions.
        padded: (h, w) of the batch.
        grids: (h, w) of each level's cells.
    """
    levels = []
    for grid, sizes, stride in zip(grids, what.anchor_sizes, what.strides, strict=True):
        steps = (
            (stride, stride) if what.flavour == "detectron2" else (padded[0] // grid[0], padded[1] // grid[1])
        )
        x, y = np.meshgrid(np.arange(grid[1]) * steps[1], np.arange(grid[0]) * steps[0])
        shifts = np.stack([x, y, x, y], axis=-1).reshape(-1, 1, 4).astype(np.float32)
        levels.append((shifts + _cell(what, sizes)).reshape(-1, 4))
    return tuple(levels)


def moved(boxes: Boxes, moves: Floats, weights: Sequence[float] = (1.0, 1.0, 1.0, 1.0)) -> Floats:
    """(n, ..., 4): `boxes` (n, 4) after `moves` (n, ..., 4): of the centre in sides, of the sides in logs."""
    shape = (len(boxes),) + (1,) * (moves.ndim - 2)
    width, height = (boxes[:, 2] - boxes[:, 0]).reshape(shape), (boxes[:, 3] - boxes[:, 1]).reshape(shape)
    x = boxes[:, 0].reshape(shape) + np.float32(0.5) * width
    y = boxes[:, 1].reshape(shape) + np.float32(0.5) * height
    dx, dy, dw, dh = (moves[..., i] / np.float32(weights[i]) for i in range(4))
    limit = np.float32(_MOST_GROWTH)
    x, y = x + dx * width, y + dy * height
    half_w, half_h = (
        np.float32(0.5) * np.exp(np.minimum(d, limit)) * s for d, s in ((dw, width), (dh, height))
    )
    return np.stack([x - half_w, y - half_h, x + half_w, y + half_h], axis=-1)


def clipped(boxes: Floats, size: tuple[int, int]) -> Floats:
    """`boxes` (..., 4) cut off at the borders of a picture of `size` (h, w)."""
    high = np.array([size[1], size[0], size[1], size[0]], np.float32)
    return np.clip(boxes, np.float32(0), high)


def sizeable(boxes: Boxes, least: float) -> npt.NDArray[np.bool_]:
    """(n,) bool: whether both sides have at least `least` pixels."""
    wide: npt.NDArray[np.bool_] = boxes[:, 2] - boxes[:, 0] >= least
    return wide & (boxes[:, 3] - boxes[:, 1] >= least)


def suppressed(
    boxes: Boxes, scores: Floats, groups: Indices, overlap: float, most: int | None = None
) -> Indices:
    """Indices of the boxes that no better one of their group overlaps by more than `overlap`, best first.

    The same as torchvision's batched_nms, group by group; of equal scores the first is the better one.

    Args:
        boxes: (n, 4).
        scores: (n,).
        groups: (n,) boxes of other groups do not matter to each other.
        overlap: IoU, 0 to 1.
        most: no more are wanted; None is all.

    Example:
        >>> boxes = np.array([[0, 0, 4, 4], [0, 0, 4, 3], [9, 9, 12, 12]], np.float32)
        >>> suppressed(boxes, np.array([0.5, 0.9, 0.1], np.float32), np.zeros(3, int), 0.5).tolist()
        [1, 2]
    """
    kept = [
        rows[_suppressed(boxes[rows], scores[rows], overlap, most)]
        for rows in (np.flatnonzero(groups == group) for group in np.unique(groups))
    ]
    chosen = np.concatenate(kept) if kept else np.zeros(0, np.int64)
    return chosen[np.lexsort((chosen, -scores[chosen]))][:most]


def levels_of(boxes: Boxes, what: Architecture) -> Indices:
    """(n,) which level each box is pooled from; one of 224 x 224 from that of stride 16."""
    area = np.maximum((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]), 0)
    small = np.float32(1e-8), np.float32(0)
    inside, outside = small if what.flavour == "detectron2" else (np.float32(0), np.float32(1e-6))
    with np.errstate(divide="ignore"):
        levels = np.floor(np.float32(4) + np.log2(np.sqrt(area) / np.float32(224) + inside) + outside)
    first = round(math.log2(what.strides[0]))
    places: Indices = np.clip(levels, first, first + what.pooled - 1).astype(np.int64) - first
    return places


def _cell(what: Architecture, sizes: Sequence[float]) -> Boxes:
    """The anchors around the origin: by size, then ratio (detectron2), or by ratio, then size, rounded."""
    if what.flavour == "detectron2":
        sides = [(math.sqrt(size**2 / ratio), ratio) for size in sizes for ratio in what.anchor_ratios]
        rows = [(-width / 2, -ratio * width / 2, width / 2, ratio * width / 2) for width, ratio in sides]
        return np.array(rows, np.float32)
    ratios = np.sqrt(np.array(what.anchor_ratios, np.float32))
    scales = np.array(sizes, np.float32)
    width, height = ((one[:, None] * scales).ravel() for one in (1 / ratios, ratios))
    half: Boxes = np.stack([-width, -height, width, height], axis=1).astype(np.float32)
    return np.round(half * np.float32(0.5))


def _suppressed(boxes: Boxes, scores: Floats, overlap: float, most: int | None) -> Indices:
    """`suppressed` in one group, block after block: the kept ones against a block, then the block itself."""
    order = np.argsort(-scores, kind="stable")
    boxes = boxes[order]
    kept = np.zeros(0, np.int64)
    for start in range(0, len(boxes), _BLOCK):
        rows = np.arange(start, min(start + _BLOCK, len(boxes)))
        rows = rows[~_overlapping(boxes[kept], boxes[rows], overlap).any(axis=0)]
        kept = np.concatenate([kept, rows[_free(_overlapping(boxes[rows], boxes[rows], overlap))]])
        if most is not None and len(kept) >= most:
            break
    chosen: Indices = order[kept[:most]].astype(np.int64)
    return chosen


def _free(over: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """(n,) which remain, where each that remains removes those after it that it overlaps, `over` (n, n)."""
    over = np.triu(over, 1)
    free = np.ones(len(over), bool)
    for i in np.flatnonzero(over.any(axis=1)):
        if free[i]:
            free &= ~over[i]
    return free


def _overlapping(ones: Boxes, others: Boxes, overlap: float) -> npt.NDArray[np.bool_]:
    """(n, m) bool: whether the IoU of `ones` (n, 4) and `others` (m, 4) is above `overlap`."""
    x1, y1, x2, y2 = (ones[:, i, None] for i in range(4))
    width = np.maximum(np.minimum(x2, others[:, 2]) - np.maximum(x1, others[:, 0]), 0)
    height = np.maximum(np.minimum(y2, others[:, 3]) - np.maximum(y1, others[:, 1]), 0)
    shared = width * height
    area = (others[:, 2] - others[:, 0]) * (others[:, 3] - others[:, 1])
    both = (x2 - x1) * (y2 - y1) + area - shared
    limit = np.float32(overlap)
    if float(limit) > overlap:  # float32 is compared with the double, as C++ does
        limit = np.nextafter(limit, np.float32(-1))
    with np.errstate(invalid="ignore", divide="ignore"):  # boxes without an area overlap none
        over: npt.NDArray[np.bool_] = shared / both > limit
    return over
