"""The whole answer of a frame: which tracks go on with which figures, and which share one."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from figureground.trackers.costs import Candidates, Judge
from figureground.trackers.figures import Float64
from figureground.trackers.known import Known
from figureground.trackers.matching import assigned

_DOUBT = 6.0  # nats: two tracks that are closer to a figure than this may be mistaken
_OVERLAP = 0.62  # share of their areas together that animals in one mask have at least
_MORE = 1.2  # of the largest's area


def solved(
    group: npt.NDArray[np.int64], near: Candidates, judge: Judge, chosen: npt.NDArray[np.int64]
) -> list[tuple[float, int, int]]:
    """Cost, row and column of the pairs of a group of candidates that fit best together."""
    if len(group) == 1:
        return [(0.0, int(near.rows[group[0]]), int(near.columns[group[0]]))]
    rows, columns = near.rows[group], near.columns[group]
    own_rows, row_of = np.unique(rows, return_inverse=True)
    own_columns, column_of = np.unique(columns, return_inverse=True)
    cost = np.full((len(own_rows), len(own_columns)), np.inf)
    for at, i, j in zip(group.tolist(), row_of.tolist(), column_of.tolist(), strict=True):
        column = int(near.columns[at])
        track, shared = judge.tracks[near.rows[at]], bool(near.room[column] > 1)
        square, scale = float(near.squares[at]), float(near.scale[at])
        cost[i, j] = judge.cost(track, int(chosen[column]), square, scale, shared=shared)
    _note_doubts(cost, [judge.tracks[row] for row in own_rows])
    slots = np.repeat(np.arange(len(own_columns)), near.room[own_columns])
    whole = np.full((len(own_rows), len(slots) + len(own_rows)), np.inf)
    whole[:, : len(slots)] = np.where(cost < 0, cost, np.inf)[:, slots]
    np.fill_diagonal(whole[:, len(slots) :], 0.0)
    out = []
    for i, slot in assigned(whole).tolist():
        if slot < len(slots):
            j = slots[slot]
            out.append((float(cost[i, j]), int(own_rows[i]), int(own_columns[j])))
    return out


def _note_doubts(cost: Float64, tracks: Sequence[Known]) -> None:
    """Tracks that fit a figure about as well as another does may be mistaken from here on."""
    for column in cost.T:
        best = column.argmin()
        for i in np.flatnonzero((column < 0) & (column < column[best] + _DOUBT)).tolist():
            if i != best and tracks[i].id >= 0 and tracks[best].id >= 0:
                tracks[i].meet(tracks[best])


def holding(pairs: list[tuple[float, Known]], figure: int, area: float, judge: Judge) -> list[Known]:
    """The tracks that a mask of `area` pixels holds; the worst fitting leave one too small for all."""
    pairs = sorted(pairs, key=lambda pair: pair[0])
    while len(pairs) > 1:
        areas = [track.area for _, track in pairs]
        if area >= max(_MORE * max(areas), _OVERLAP * sum(areas)):
            break
        if len(pairs) == 2:  # the one that stays has it for itself, so its look counts
            pairs.sort(key=lambda pair: pair[0] + judge.likeness(pair[1], figure))
        _, gone = pairs.pop()
        for _, track in pairs:
            if track.id >= 0 and gone.id >= 0:
                track.meet(gone)
    return [track for _, track in pairs]
