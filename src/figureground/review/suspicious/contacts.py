"""Two figures that meet: that cover each other, or part with each other's size."""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from pycocotools import mask as coco

from figureground.instances import IntArray
from figureground.review.suspicious.place import Suspicion
from figureground.review.suspicious.steps import Floats, Paths
from figureground.tracks.meetings import meetings
from figureground.tracks.run_lengths import check_texts, rows_to_rles

_COVERED, _COVERED_BOXES = (
    0.2,
    0.7,
)  # parts of the smaller figure; boxes of two animals that touch overlap much
_PAUSE = 5  # frames without contact that do not end a meeting
_LEAST = 5  # appearances before and after, to know a size


class Meeting(NamedTuple):
    """Two figures that touch, as boxes do, in frames that follow each other.

    Attributes:
        first: (c,) rows of the one with the lower id, rising.
        second: (c,) rows of the other, in the same frames.
    """

    first: IntArray
    second: IntArray


def find_meetings(paths: Paths) -> tuple[IntArray, IntArray]:
    """(k,) and (k,) rows of two figures in a frame whose boxes overlap; the lower id first."""
    frame, boxes = paths.tracks.frame, paths.tracks.boxes
    none = np.zeros(0, np.int64)
    pairs = [(none, none)]
    for rows, others in meetings(frame, boxes, frame, boxes):
        pairs.append((rows[rows < others], others[rows < others]))  # rows of a frame are in order of id
    return np.concatenate([one for one, _ in pairs]), np.concatenate([two for _, two in pairs])


def find_overlaps(paths: Paths, rows: IntArray, others: IntArray) -> list[Suspicion]:
    """Meetings in which one figure covers the other."""
    masks = bool(paths.tracks.masks.known.all())
    least = _COVERED if masks else _COVERED_BOXES
    share = _box_share(paths, rows, others)
    near = share >= least  # masks share no more than their boxes do
    rows, others, share = rows[near], others[near], share[near]
    if masks:
        share = _mask_share(paths, rows, others)
    much = share >= least
    rows, others, share = rows[much], others[much], share[much]
    return [_overlap(paths, rows[part], others[part], share[part]) for part in _groups(paths, rows, others)]


def find_size_swaps(paths: Paths, rows: IntArray, others: IntArray) -> list[Suspicion]:
    """Meetings after which the larger figure is the smaller one, and the other way round."""
    sizes = _Sizes(paths)
    found = []
    for part in _groups(paths, rows, others):
        one = sizes.swapped(Meeting(rows[part], others[part]))
        if one is not None:
            found.append(one)
    return found


def _groups(paths: Paths, rows: IntArray, others: IntArray) -> Iterator[IntArray]:
    """The meetings of each two ids, as positions in `rows` and `others`; a pause ends one."""
    if not len(rows):
        return
    first, second, place = paths.tracks.id[rows], paths.tracks.id[others], paths.place[rows]
    order = np.lexsort((place, second, first))
    new = (np.diff(first[order]) != 0) | (np.diff(second[order]) != 0) | (np.diff(place[order]) > _PAUSE)
    yield from np.split(order, np.flatnonzero(new) + 1)


def _overlap(paths: Paths, rows: IntArray, others: IntArray, share: Floats) -> Suspicion:
    tracks = paths.tracks
    ids = (int(tracks.id[rows[0]]), int(tracks.id[others[0]]))
    most = float(share.max())
    frames = "one frame" if len(rows) == 1 else f"{len(rows)} frames"
    text = f"cover each other in {frames}, up to {most:.0%} of the smaller one"
    first, last = int(tracks.frame[rows[0]]), int(tracks.frame[rows[-1]])
    return Suspicion("overlap", first, last, ids, text, min(1.0, float(share.mean())), len(rows))


def _box_share(paths: Paths, rows: IntArray, others: IntArray) -> Floats:
    """(k,) what two boxes share, over the smaller figure's area; or box, where there is no mask."""
    one, two, areas = paths.boxes[rows], paths.boxes[others], _areas(paths)
    sides = np.minimum(one[:, 2:], two[:, 2:]) - np.maximum(one[:, :2], two[:, :2])
    share = np.maximum(sides, 0).prod(1) / np.minimum(areas[rows], areas[others])
    return np.asarray(np.minimum(share, 1))


def _areas(paths: Paths) -> Floats:
    """(n,) float64, at least 1: pixels of the mask, or of the box where there is no mask."""
    of_box = np.maximum(paths.boxes[:, 2:] - paths.boxes[:, :2], 0).prod(1)
    return np.asarray(np.maximum(1, np.where(paths.tracks.area > 0, paths.tracks.area, of_box)))


def _mask_share(paths: Paths, rows: IntArray, others: IntArray) -> Floats:
    """(k,) the part of the smaller mask that is also in the other."""
    masks = paths.tracks.masks
    check_texts(masks)
    share = np.zeros(len(rows))
    edges = np.flatnonzero(np.diff(paths.place[rows], prepend=-1, append=-1)).tolist()
    for start, stop in pairwise(edges):
        part = slice(start, stop)
        known, places = np.unique(np.concatenate([rows[part], others[part]]), return_inverse=True)
        rles = rows_to_rles(masks, known.tolist())
        of_each = coco.iou(rles, rles, [True] * len(rles))  # "crowd": what is shared, over the first's area
        i, j = places[: stop - start], places[stop - start :]
        share[part] = np.maximum(of_each[i, j], of_each[j, i])
    return np.minimum(share, 1)


class _Sizes:
    """The mean size of a figure over some of its appearances, at once, from running sums."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        size = np.log(_areas(paths))[paths.order]
        self._sum, self._square = (np.concatenate([[0.0], np.cumsum(each)]) for each in (size, size**2))
        self._at = np.empty(len(size), np.int64)
        self._at[paths.order] = np.arange(len(size))

    def swapped(self, meeting: Meeting) -> Suspicion | None:
        """What is suspicious about a meeting, if anything is."""
        one, two = (self._before_and_after(rows) for rows in meeting)
        if one is None or two is None:
            return None
        before, after = one[0] - two[0], one[1] - two[1]
        differ, noise = min(abs(before), abs(after)), max(one[2], two[2])
        if before * after >= 0 or differ <= max(0.1, noise):
            return None
        return self._suspicion(meeting, differ, noise)

    def _before_and_after(self, rows: IntArray) -> tuple[float, float, float] | None:
        """The logarithm of the size before and after the appearances `rows`, and how much it varies."""
        paths = self._paths
        first, last = int(rows[0]), int(rows[-1])
        window = max(_LEAST, paths.second)
        start = int(self._at[first]) - int(min(paths.rank[first], window))
        stop = int(self._at[last]) + 1 + int(min(paths.size[last] - 1 - paths.rank[last], window))
        parts = [(start, int(self._at[first])), (int(self._at[last]) + 1, stop)]
        if min(high - low for low, high in parts) < _LEAST:
            return None
        means, spreads = zip(*(self._moments(low, high) for low, high in parts), strict=True)
        return means[0], means[1], max(spreads)

    def _moments(self, low: int, high: int) -> tuple[float, float]:
        mean = float(self._sum[high] - self._sum[low]) / (high - low)
        square = float(self._square[high] - self._square[low]) / (high - low)
        return mean, max(0.0, square - mean**2) ** 0.5

    def _suspicion(self, meeting: Meeting, differ: float, noise: float) -> Suspicion:
        paths, tracks = self._paths, self._paths.tracks
        ends = np.array([meeting.first[-1], meeting.second[-1]])
        first, second = tracks.id[ends].tolist()
        wrong = int(np.minimum(paths.rank[ends] + 1, paths.size[ends] - 1 - paths.rank[ends]).sum())
        frame, last = int(tracks.frame[meeting.first[0]]), int(tracks.frame[meeting.first[-1]])
        text = f"meet, and part with each other's size ({np.expm1(differ):.0%} larger)"
        cure = f"swap {first} {second} --from {last + 1}"
        return Suspicion("size swap", frame, last, (first, second), text, 1 - noise / differ / 2, wrong, cure)
