"""What it costs to take a figure for one that is known: by its place, its shape, its look and its class."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from figureground.instances import Instances
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
    furthest: float,
    *,
    crowded: bool,
) -> Candidates:
    """The pairs that are near enough.

    Args:
        tracks: as predicted for this frame.
        found: the figures of the frame.
        seen: their measures.
        chosen: (m,) positions of the figures that are asked about; `columns` are positions in it.
        furthest: pixels, for each frame that a track was lost and one more.
        crowded: whether large masks may hold several animals.
    """
    at = np.array([(track.state.x, track.state.y) for track in tracks])
    noise = np.array([track.state.pp + jitter(track.area) for track in tracks])
    area = np.array([track.area for track in tracks])
    lost = np.array([track.lost for track in tracks])
    gaps = np.square(at[:, None] - seen.centres[chosen]).sum(axis=2)
    speed = np.array([track.state.vx**2 + track.state.vy**2 for track in tracks])
    reach = np.maximum(np.maximum(_REACH**2 * noise, _BODY**2 * area), _TURN**2 * speed)
    reach = np.minimum(reach, np.square(furthest * (1 + lost)))
    room = np.ones(len(chosen), np.int64)
    large = np.flatnonzero(crowded & (seen.areas[chosen] > _LARGE * area.min()))
    for j in large.tolist():
        near = gaps[:, j] <= np.square(np.sqrt(reach) + np.hypot(*found.masks[chosen[j]].mask.shape) / 2)
        near = np.flatnonzero(near)
        gaps[near, j] = np.square(distances_to(found.masks[chosen[j]], at[near]))
        near = near[gaps[near, j] <= reach[near]]
        if len(near) > 1:
            usual = float(np.sort(area[near])[:2].mean())
            room[j] = min(len(near), max(1, int(seen.areas[chosen[j]] / usual + _ROOM)))
    rows, columns = np.nonzero(gaps <= reach[:, None])
    scale = noise[rows]
    return Candidates(rows, columns, gaps[rows, columns] / scale, scale, room)


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
        cost = (_TAILS + 2) / 2 * float(np.log1p(square / _TAILS)) + float(np.log(scale)) - self.nothing
        cost += _CLASS * (self.found.labels[figure] != track.label) + _NEW * (track.id < 0)
        return cost if shared else cost + self.likeness(track, figure)

    def likeness(self, track: Known, figure: int) -> float:
        """Nats by which shape and look speak against the pair, for a figure that is one animal."""
        overlap = aligned_iou(track.crop, self.found.masks[figure])
        cost = -_SHAPE * float(np.log((overlap + _UNLIKE) / (1 + _UNLIKE)))
        if track.look is not None:
            cost += self.spread.cost(self.look(figure), track.look)
        return cost


def unmatched_cost(scale: Float64) -> float:
    """What `Judge.nothing` should be where distances have the variances `scale`."""
    usual = float(np.log(np.median(scale))) if len(scale) else 0.0
    most = (_TAILS + 2) / 2 * float(np.log1p(_REACH**2 / _TAILS))
    return usual + most + _ALONE
