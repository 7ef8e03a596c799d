"""Two sets of tracks side by side: who is where in which frame, and how much each pair overlaps."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from figureground.instances import BoolArray, IntArray

Floats = npt.NDArray[np.float64]
EPS = float(np.finfo(float).eps)
"""What an overlap may lack to a threshold and still reach it."""
_LARGE = 1_000_000  # figures of the truth times those of the result in a frame


@dataclass(frozen=True, eq=False)
class Overlaps:
    """The figures of truth and result, and the pairs of them that overlap.

    Ids are numbered anew from 0, in the order of the ids given, so they can index arrays.

    Attributes:
        truth_frames: (n,) int64, the frame of each figure of the truth; never falling.
        truth_ids: (n,) int64, who it is; at most once a frame.
        found_frames: (m,) int64, likewise of the result.
        found_ids: (m,) int64.
        pairs: (k, 2) int64: a row of the truth, and one of the result in the same frame; rising, none twice.
        overlap: (k,) float64 above 0, up to 1: intersection over union. Other pairs are left out.

    Raises:
        ValueError: a column has the wrong shape, order or content.

    Example:
        >>> both = Overlaps([0, 0, 1], [7, 9, 7], [0, 1], [3, 3], [[0, 0], [2, 1]], [0.9, 0.6])
        >>> both.truth_ids.tolist(), both.found_ids.tolist()
        ([0, 1, 0], [0, 0])
    """

    truth_frames: IntArray
    truth_ids: IntArray
    found_frames: IntArray
    found_ids: IntArray
    pairs: IntArray
    overlap: Floats

    def __post_init__(self) -> None:
        for side in ("truth", "found"):
            frames = np.asarray(getattr(self, f"{side}_frames"), np.int64).reshape(-1)
            known, ids = np.unique(np.asarray(getattr(self, f"{side}_ids"), np.int64), return_inverse=True)
            _check_rows(side, frames, ids, len(known))
            object.__setattr__(self, f"{side}_frames", frames)
            object.__setattr__(self, f"{side}_ids", ids)
        pairs = np.asarray(self.pairs, np.int64).reshape(-1, 2)
        object.__setattr__(self, "pairs", pairs)
        object.__setattr__(self, "overlap", np.asarray(self.overlap, np.float64))
        self._check_pairs()

    def _check_pairs(self) -> None:
        rows, columns = self.pairs.T
        inside = (self.pairs >= 0) & (self.pairs < (len(self.truth_ids), len(self.found_ids)))
        if not inside.all() or self.overlap.shape != rows.shape:
            raise ValueError("Overlaps: pairs name rows that are not there, or do not fit to overlap")
        if (self.truth_frames[rows] != self.found_frames[columns]).any():
            raise ValueError("Overlaps: a pair is of two frames")
        steps = np.diff(rows * max(1, len(self.found_ids)) + columns)
        if (steps <= 0).any() or not ((self.overlap > 0) & (self.overlap <= 1 + 1e-9)).all():
            raise ValueError("Overlaps: pairs must rise, and their overlap be above 0 and at most 1")

    def pair_ids(self) -> tuple[IntArray, IntArray]:
        """(k,) who of the truth, and (k,) who of the result, each pair is."""
        return self.truth_ids[self.pairs[:, 0]], self.found_ids[self.pairs[:, 1]]

    def frames_of_each(self) -> tuple[IntArray, IntArray]:
        """In how many frames each id of the truth is, and each of the result."""
        return np.bincount(self.truth_ids), np.bincount(self.found_ids)


def _check_rows(side: str, frames: IntArray, ids: IntArray, count: int) -> None:
    if frames.shape != ids.shape:
        raise ValueError(f"Overlaps: {side} has {len(frames)} frames and {len(ids)} ids")
    if (np.diff(frames) < 0).any():
        raise ValueError(f"Overlaps: the frames of {side} must not fall")
    order = np.lexsort((ids, frames))
    same = (np.diff(frames[order]) == 0) & (np.diff(ids[order]) == 0)
    if same.any():
        frame = int(frames[order][1:][same][0])
        raise ValueError(f"Overlaps: an id of {side} is twice in frame {frame}")


class Contest(NamedTuple):
    """A frame in which figures have more than one partner to choose from.

    Attributes:
        frame: its index.
        pairs: (c,) its pairs, as positions.
        cells: (c,) rows and (c,) columns of them in a matrix of `shape`.
        shape: how many figures the truth and the result have in it.
    """

    frame: int
    pairs: IntArray
    cells: tuple[IntArray, IntArray]
    shape: tuple[int, int]


def uncontested(pairs: IntArray) -> BoolArray:
    """(k,) bool: which of `pairs` (k, 2) are of two figures that are in no other pair."""
    alone = np.ones(len(pairs), bool)
    for column in pairs.T:
        alone &= np.bincount(column)[column] == 1
    return alone


def contests(both: Overlaps, chosen: IntArray, contested: BoolArray) -> Iterator[Contest]:
    """The frames in which one of the pairs at the positions `chosen` (c,), rising, is `contested` (c,).

    The matrix is of all figures of the frame, also of those that overlap nobody: where several ways are
    equally good, the solver takes the one that it takes for TrackEval, given the figures in order of id.
    """
    frames = both.truth_frames[both.pairs[chosen, 0]]
    for frame in np.unique(frames[contested]).tolist():
        start, stop = np.searchsorted(frames, (frame, frame + 1)).tolist()
        pairs = chosen[start:stop]
        cells, shape = [], []
        for column, side in zip(both.pairs[pairs].T, (both.truth_frames, both.found_frames), strict=True):
            first, last = np.searchsorted(side, (frame, frame + 1)).tolist()
            cells.append(column - first)
            shape.append(last - first)
        yield _compact(Contest(frame, pairs, (cells[0], cells[1]), (shape[0], shape[1])))


def _compact(contest: Contest) -> Contest:
    """`contest`, with no empty rows and columns if it has very many."""
    if contest.shape[0] * contest.shape[1] <= _LARGE:
        return contest
    rows, columns = (np.unique(cells, return_inverse=True)[1].astype(np.int64) for cells in contest.cells)
    return contest._replace(cells=(rows, columns), shape=(int(rows.max()) + 1, int(columns.max()) + 1))
