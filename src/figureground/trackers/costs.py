"""What it costs to take a figure for one that is known: by its place, its shape, its look and its class."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from figureground.instances import Crop, Instances
from figureground.trackers.figures import Float64, Measured, aligned_iou, distances_to
from figureground.trackers.known import Known
from figureground.trackers.looks import Spread
from figureground.trackers.moving import jitter

_TAILS = 3.0  # degrees of freedom: animals that dash are not impossible
_REACH = 6.0  # standard deviations off its expected place that a figure is looked for
_TURN = 2.5  # times its speed: at least so far too, as it may turn on the spot
_BODY = 0.6  # of the root of its area: at least so far it is looked for
_SHAPE = 1.5  # weight of the overlap's logarithm
_UNLIKE = 0.25  # added to it, so that a figure that is half hidden is not ruled out
_ALONE = 12.0  # nats: one figure vanishing and another coming at its place is that unlikely
_CLASS = 3.0  # nats against another class
_NEW = 2.0  # nats against what is not confirmed yet
_LARGE = 1.3  # of the usual area: a larger mask may hold two
_ROOM = 0.7  # a mask of 1.3 bodies has room for two, one of 2.3 for three


@dataclass(frozen=True)
class Candidates:
    """Pairs of a track and a figure that may be one.

    Attributes:
        rows: (k,) positions of the tracks.
        columns: (k,) positions of the figures.
        squares: (k,) distance squared, in standard deviations.
        scale: (k,) variance of the distance along one axis, pixels squared.
        room: (m,) how many animals each figure can hold.
    """

    rows: npt.NDArray[np.int64]
    columns: npt.NDArray[np.int64]
    squares: Float64
    scale: Float64
    room: npt.NDArray[np.int64]


def candidates(
    tracks: Sequence[Known],
    found: Instances,
    seen: Measured,
    chosen: npt.NDArray[np.int64],
    furthest: Float64,
    *,
    crowded: bool,
) -> Candidates:
    """The pairs that are near enough; to masks larger than a track, any of their pixels counts.

    Args:
        tracks: as predicted for this frame.
        found: the figures of the frame.
        seen: their measures.
        chosen: (m,) positions of the figures that are asked about; `columns` are positions in it.
        furthest: (n,) pixels that each track is looked for at most.
        crowded: whether a large mask may be given to several tracks.
    """
    states = [
        (one.state.x, one.state.y, one.state.pp, one.state.vx, one.state.vy, one.area) for one in tracks
    ]
    x, y, pp, vx, vy, area = np.array(states).T
    at, noise = np.stack([x, y], axis=1), pp + jitter(area)
    reach = np.maximum(np.maximum(_REACH * np.sqrt(noise), _BODY * np.sqrt(area)), _TURN * np.hypot(vx, vy))
    reach = np.minimum(reach, furthest)
    centres, sizes = seen.centres[chosen], seen.areas[chosen]
    room, large = np.ones(len(chosen), np.int64), np.zeros(len(chosen), bool)
    rows, columns, squares = _near(at, reach, centres)
    pairs = [(rows, columns, squares)]
    masks = [found.masks[figure] for figure in chosen]
    for j, near in _larger(masks, centres, sizes, at, reach, area):
        off = distances_to(masks[j], at[near])
        near, off = near[off <= reach[near]], off[off <= reach[near]]
        pairs.append((near, np.full(len(near), j), np.square(off)))
        large[j] = True
        if crowded and len(near) > 1:
            usual = float(np.sort(area[near])[:2].mean())
            room[j] = min(len(near), max(1, int(sizes[j] / usual + _ROOM)))
    pairs[0] = rows[~large[columns]], columns[~large[columns]], squares[~large[columns]]
    rows, columns, squares = (np.concatenate(part) for part in zip(*pairs, strict=True))
    order = np.lexsort((columns, rows))
    rows, columns, squares = rows[order], columns[order], squares[order]
    return Candidates(rows, columns, squares / noise[rows], noise[rows], room)


def _near(
    at: Float64, reach: Float64, centres: Float64
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Float64]:
    """Rows and columns of the places and the centres within `reach` (n,) of them; distances squared."""
    from scipy.spatial import cKDTree

    lists = cKDTree(centres).query_ball_point(at, reach, return_sorted=True)
    rows = np.repeat(np.arange(len(at)), [len(one) for one in lists])
    columns = np.fromiter((j for one in lists for j in one), np.int64, len(rows))
    return rows, columns, np.square(at[rows] - centres[columns]).sum(axis=1)


def _larger(
    masks: Sequence[Crop], centres: Float64, sizes: Float64, at: Float64, reach: Float64, area: Float64
) -> Iterator[tuple[int, npt.NDArray[np.int64]]]:
    """The columns whose mask is larger than a track near it, and the rows of the tracks near each."""
    large = np.flatnonzero(sizes > _LARGE * area.min())
    half = np.array([math.hypot(*masks[j].mask.shape) / 2 for j in large.tolist()])
    x, y = centres[large].T
    close = np.hypot(at[:, :1] - x, at[:, 1:] - y) <= reach[:, None] + half
    smallest = np.where(close, area[:, None], np.inf).min(axis=0, initial=np.inf)
    for i in np.flatnonzero(sizes[large] > _LARGE * smallest).tolist():
        yield int(large[i]), np.flatnonzero(close[:, i])


@dataclass(frozen=True)
class Judge:
    """Weighs pairs of a track and a figure.

    Attributes:
        tracks: as predicted for this frame.
        found: the figures of the frame.
        look: of the figure at a position.
        spread: how much looks change.
        nothing: nats that it costs to leave a track and a figure without each other.
    """

    tracks: Sequence[Known]
    found: Instances
    look: Callable[[int], Float64]
    spread: Spread
    nothing: float

    def cost(self, track: Known, figure: int, square: float, scale: float, *, shared: bool) -> float:
        """Nats that speak against the pair, less than 0 if it is better than none.

        How far a figure is off its place follows Student's distribution; what animals in one mask look
        like is not known.
        """
        cost = (_TAILS + 2) / 2 * math.log1p(square / _TAILS) + math.log(scale) - self.nothing
        cost += _CLASS * (self.found.labels[figure] != track.label) + _NEW * (track.id < 0)
        return cost if shared else cost + self.likeness(track, figure)

    def likeness(self, track: Known, figure: int) -> float:
        """Nats by which shape and look speak against the pair, for a figure that is one animal."""
        overlap = aligned_iou(track.crop, self.found.masks[figure])
        cost = -_SHAPE * math.log((overlap + _UNLIKE) / (1 + _UNLIKE))
        if track.likely is not None:
            cost += self.spread.cost(self.look(figure), track.likely)
        return cost


def unmatched_cost(scale: Float64) -> float:
    """What `Judge.nothing` should be where distances have the variances `scale`."""
    usual = float(np.log(np.median(scale))) if len(scale) else 0.0
    most = (_TAILS + 2) / 2 * float(np.log1p(_REACH**2 / _TAILS))
    return usual + most + _ALONE
