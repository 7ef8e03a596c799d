"""Each figure from one frame to the next in which it is: what all suspicions are computed from."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from figureground.instances import BoolArray, IntArray
from figureground.tracks import Tracks

Floats = npt.NDArray[np.float64]
_FAR = 1e9  # pixels: nothing is farther, and nothing computed of it overflows


@dataclass(frozen=True, eq=False)
class Paths:
    """The rows of tracks, figure by figure.

    Attributes:
        tracks: what it is of.
        place: (n,) int64, the frame of each row, counted in frames that were looked at.
        order: (n,) int64, the rows by id, then by frame.
        rank: (n,) int64, how many rows of the same id come before each row.
        size: (n,) int64, how many rows its id has.
        boxes: (n, 4) float64, as the tracks have them; files of strangers may have any number there.
        centroids: (n, 2) float64, likewise.
        side: (n,) float64, the longer side of each box, at least 1 pixel.
        step: pixels that a figure usually moves from one frame to the next.
        second: frames of a second, at least 1; 25 where the time is not known.
    """

    tracks: Tracks
    place: IntArray
    order: IntArray
    rank: IntArray
    size: IntArray
    boxes: Floats
    centroids: Floats
    side: Floats
    step: float
    second: int

    @property
    def starts(self) -> IntArray:
        """The first row of each id."""
        return self.order[self.rank[self.order] == 0]

    @property
    def ends(self) -> IntArray:
        """The last row of each id, in the same order."""
        rows = self.order
        return rows[self.rank[rows] == self.size[rows] - 1]

    def reach(self, row: IntArray | int, gap: IntArray | int) -> Floats:
        """How far at most the figure at `row` should come in `gap` frames: a body, and 8 usual steps each."""
        reach: Floats = self.side[row] + 8 * self.step * np.asarray(gap)
        return reach

    def at_border(self, rows: IntArray) -> BoolArray:
        """Whether each figure may just be coming in or going out at the border of the frame."""
        height, width = self.tracks.info.size
        boxes = self.boxes[rows]
        inside = np.minimum(boxes[:, :2].min(1), np.minimum(width - boxes[:, 2], height - boxes[:, 3]))
        near: BoolArray = inside <= np.maximum(2, self.side[rows] / 4 + 2 * self.step)
        return near


@dataclass(frozen=True, eq=False)
class Steps:
    """Two appearances of a figure that follow each other.

    Attributes:
        before: (s,) int64, rows.
        after: (s,) int64, rows of the same ids.
        gap: (s,) int64, 1 where the frames follow each other too.
        distance: (s,) float64, pixels from centroid to centroid.
    """

    before: IntArray
    after: IntArray
    gap: IntArray
    distance: Floats


def tracks_to_paths(tracks: Tracks) -> tuple[Paths, Steps]:
    """Sort tracks by figure; costs a few seconds for three million rows."""
    place = np.searchsorted(tracks.frames, tracks.frame)
    order = np.lexsort((place, tracks.id))
    ids = tracks.id[order]
    first = np.flatnonzero(np.diff(ids, prepend=-1))
    counts = np.diff(np.append(first, len(ids)))
    rank, size = np.empty_like(place), np.empty_like(place)
    rank[order] = np.arange(len(ids)) - np.repeat(first, counts)
    size[order] = np.repeat(counts, counts)
    follows = np.flatnonzero(ids[1:] == ids[:-1])
    before, after = order[follows], order[follows + 1]
    gap = place[after] - place[before]
    boxes, centroids = (
        np.clip(each, -_FAR, _FAR) for each in (tracks.boxes.astype(np.float64), tracks.centroids)
    )
    distance = np.hypot(*(centroids[after] - centroids[before]).T)
    side = np.maximum(1, (boxes[:, 2:] - boxes[:, :2]).max(1, initial=1))
    step = float(np.median(distance[gap == 1])) if (gap == 1).any() else 0.0
    second = _frames_of_a_second(tracks)
    paths = Paths(tracks, place, order, rank, size, boxes, centroids, side, max(step, 0.1), second)
    return paths, Steps(before, after, gap, distance)


def _frames_of_a_second(tracks: Tracks) -> int:
    if len(tracks.frames) < 2:
        return 25
    step = float(np.median(np.diff(tracks.seconds)))
    return 25 if not step > 0 else int(np.clip(round(1 / step), 1, 1000))
