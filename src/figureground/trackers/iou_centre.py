"""The simple tracker that one can reason about: first by overlap, then by distance."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from figureground.errors import OptionError
from figureground.frames import Frame
from figureground.instances import Crop, Instances
from figureground.masks import mask_iou
from figureground.stages import Tracker
from figureground.trackers.arenas import Arenas, in_arenas
from figureground.trackers.figures import Float64, measured
from figureground.trackers.matching import assigned, groups, require_scipy
from figureground.trackers.numbers import Ids


@dataclass(frozen=True)
class Settings:
    """What the tracker goes by; see `load`."""

    overlap: float = 0.1
    distance: float = 5.0
    growth: float = 2.0
    lost: int = 30


def load(
    *,
    count: int | Sequence[int] | None = None,
    arenas: Arenas | str | Path | None = None,
    overlap: float = 0.1,
    distance: float = 5.0,
    growth: float = 2.0,
    lost: int = 30,
) -> Tracker:
    """A tracker in two stages: masks that overlap go on first, then those whose middles are near.

    Both stages look for the best whole answer, where the well-known trackers of this kind take the best
    pair, then the next. Every figure has its id from the first frame that it is found in. It knows nothing
    of movement, and where two animals become one mask, one of them is lost until they part.

    Args:
        count: no more ids than this are given: further figures go on with the nearest that is lost.
        arenas: places that no figure leaves, see `arenas.open_arenas`.
        overlap: least intersection over union of the masks, for the first stage.
        distance: percent of the frame's diagonal between the middles, at most, for the second stage.
        growth: how many times larger or smaller a figure may become, for the second stage.
        lost: frames after which a figure is given up; not used with `count`.

    Raises:
        OptionError: an option makes no sense.
        MissingExtraError: scipy is not installed.

    Example:
        >>> from figureground.testing import made_herd
        >>> herd, tracker = made_herd(frames=3, animals=2), load()
        >>> [tracker.update(frame, herd.found(frame.index)).ids.tolist() for frame in herd]
        [[0, 1], [0, 1], [0, 1]]
    """
    require_scipy()
    if not 0 < overlap <= 1 or not 0 < distance <= 100 or growth < 1 or lost < 0:
        raise OptionError(
            "overlap must be over 0 to 1, distance over 0 to 100 percent, growth 1 or more and lost 0 or "
            f"more frames, got {overlap}, {distance}, {growth} and {lost}"
        )
    settings = Settings(overlap, distance, growth, lost)
    return in_arenas(lambda ids: IouCentreTracker(ids, settings), count, arenas)


@dataclass(slots=True, eq=False)
class _Known:
    """A figure as it was last seen."""

    id: int
    crop: Crop
    centre: Float64
    area: float
    label: int
    lost: int = 0


class IouCentreTracker:
    """Follows the figures of one video; see `load`."""

    def __init__(self, ids: Ids, settings: Settings) -> None:
        self._ids = ids
        self._settings = settings
        self._tracks: list[_Known] = []

    def update(self, frame: Frame, found: Instances) -> Instances:
        """The figures of `frame` with their ids; -1 only where `count` leaves none."""
        centres, areas, _ = measured(found.masks)
        for track in self._tracks:
            track.lost += 1
        ids = np.full(len(found), -1, np.int64)
        diagonal = float(np.hypot(*found.size))
        stages = [self._overlaps, self._distances] + [self._anywhere] * (self._ids.count is not None)
        for stage in stages:
            free = np.flatnonzero((ids < 0) & (areas > 0))
            tracks = [track for track in self._tracks if track.lost]
            if stage == self._anywhere:
                self._begin(free, ids, found, centres, areas)
                free = np.flatnonzero((ids < 0) & (areas > 0))
            if not tracks or not len(free):
                continue
            for row, column in _pairs(
                stage(tracks, found.select(free), centres[free], areas[free], diagonal)
            ):
                figure, track = int(free[column]), tracks[row]
                ids[figure] = track.id
                track.crop, track.centre, track.area = found.masks[figure], centres[figure], areas[figure]
                track.label, track.lost = int(found.labels[figure]), 0
        self._begin(np.flatnonzero((ids < 0) & (areas > 0)), ids, found, centres, areas)
        if self._ids.count is None:
            self._tracks = [track for track in self._tracks if track.lost <= self._settings.lost]
        return found.with_ids(ids)

    def _overlaps(
        self, tracks: list[_Known], found: Instances, centres: Float64, areas: Float64, diagonal: float
    ) -> Float64:
        """(n, m): 1 less the overlap of the masks; infinite where it is too little."""
        cost = np.full((len(tracks), len(found)), np.inf)
        boxes = np.array([_box(track.crop) for track in tracks])
        other = np.array([_box(crop) for crop in found.masks])
        meet = (boxes[:, None, :2] < other[:, 2:]) & (other[:, :2] < boxes[:, None, 2:])
        for i, j in np.argwhere(meet.all(axis=2)).tolist():
            overlap = mask_iou([tracks[i].crop], [found.masks[j]])[0, 0]
            if overlap >= self._settings.overlap and tracks[i].label == found.labels[j]:
                cost[i, j] = 1 - overlap
        return cost

    def _distances(
        self, tracks: list[_Known], found: Instances, centres: Float64, areas: Float64, diagonal: float
    ) -> Float64:
        """(n, m): pixels between the middles; infinite where it is too far, or the size does not fit."""
        cost = np.linalg.norm(np.array([track.centre for track in tracks])[:, None] - centres, axis=2)
        ratio = np.array([track.area for track in tracks])[:, None] / areas
        fits = np.maximum(ratio, 1 / ratio) <= self._settings.growth
        fits &= np.array([track.label for track in tracks])[:, None] == found.labels
        return np.where(fits & (cost <= self._settings.distance / 100 * diagonal), cost, np.inf)

    def _anywhere(
        self, tracks: list[_Known], found: Instances, centres: Float64, areas: Float64, diagonal: float
    ) -> Float64:
        return np.linalg.norm(np.array([track.centre for track in tracks])[:, None] - centres, axis=2)

    def _begin(
        self,
        figures: npt.NDArray[np.int64],
        ids: npt.NDArray[np.int64],
        found: Instances,
        centres: Float64,
        areas: Float64,
    ) -> None:
        """Give new ids to `figures`, the largest first where not all get one."""
        left = len(figures) if self._ids.count is None else self._ids.count - self._ids.given
        largest = figures[np.argsort(-areas[figures], kind="stable")[:left]]
        for figure in sorted(largest.tolist()):
            ids[figure] = self._ids.take()
            label = int(found.labels[figure])
            track = _Known(int(ids[figure]), found.masks[figure], centres[figure], areas[figure], label)
            self._tracks.append(track)


def _box(crop: Crop) -> tuple[int, int, int, int]:
    """x1 y1 x2 y2 of a mask."""
    return crop.x0, crop.y0, crop.x0 + crop.mask.shape[1], crop.y0 + crop.mask.shape[0]


def _pairs(cost: Float64) -> list[tuple[int, int]]:
    """Rows and columns of the best whole answer, solved where pairs hang together."""
    rows, columns = np.nonzero(np.isfinite(cost))
    out = []
    for group in groups(rows, columns):
        own_rows, own_columns = np.unique(rows[group]), np.unique(columns[group])
        for i, j in assigned(cost[np.ix_(own_rows, own_columns)]).tolist():
            out.append((int(own_rows[i]), int(own_columns[j])))
    return out
