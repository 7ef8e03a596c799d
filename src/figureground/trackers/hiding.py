"""Figures that vanished into the mask of another: they wait there until it lets them go."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from figureground.trackers.costs import Candidates
from figureground.trackers.figures import Measured
from figureground.trackers.known import Known

_CLOSE = 0.8  # of the root of a mask's area: a figure so near its middle may be in it
_PART = 0.4  # of the area of the one that vanished: by so much at least the mask has grown
_LARGER = 1.15  # times its usual area: a mask may hold one who was lost long ago
_RECENT = 60  # frames
_JUST = 2  # frames lost, at which it can begin to hide


def hidden(
    tracks: Sequence[Known],
    near: Candidates,
    chosen: npt.NDArray[np.int64],
    held: Mapping[int, Sequence[Known]],
    seen: Measured,
) -> set[int]:
    """Keep those who may be in the mask of another with it; the answer is which figures may hold one.

    Args:
        tracks: that `near` speaks of.
        near: pairs of tracks and figures.
        chosen: figures that the columns of `near` stand for.
        held: the tracks that were found, by figure.
        seen: measures of the figures.
    """
    found = {id(track) for some in held.values() for track in some}
    doubtful: set[int] = set()
    inside: dict[int, float] = {}
    waits: set[int] = set()
    close = np.sqrt(near.squares * near.scale) <= _CLOSE * np.sqrt(seen.areas[chosen[near.columns]])
    for row, column in zip(near.rows[close].tolist(), near.columns[close].tolist(), strict=True):
        track, figure = tracks[row], int(chosen[column])
        if track.id < 0 or id(track) in found or id(track) in waits or figure not in held:
            continue
        hosts, area = held[figure], float(seen.areas[figure])
        usual = sum(host.area for host in hosts)
        if track.lost <= _RECENT or area > _LARGER * usual:
            doubtful.add(figure)
        full = inside.get(figure, usual)
        if track.lost <= _JUST and area >= full + _PART * track.area and hosts[0].id >= 0:
            inside[figure] = full + track.area
            waits.add(id(track))
            x, y = seen.centres[figure].tolist()
            track.state.hidden_at(x, y, area)
            track.lost = 0
            track.meet(hosts[0])
    return doubtful
