"""Tracks that begin, end, or are interrupted where no animal can come or go."""

from collections.abc import Iterator

import numpy as np

from figureground.instances import IntArray
from figureground.review.suspicious.place import Suspicion
from figureground.review.suspicious.steps import Paths, Steps

_MOMENT = 3  # frames: a track that is not longer is no animal


def find_births_and_deaths(paths: Paths) -> list[Suspicion]:
    """Tracks that begin or end away from the border; those that go on as another; those of a moment."""
    starts, ends = paths.starts, paths.ends
    last_place = len(paths.tracks.frames) - 1
    born = (paths.place[starts] > 0) & ~paths.at_border(starts)
    died = (paths.place[ends] < last_place) & ~paths.at_border(ends)
    brief = (paths.size[starts] <= _MOMENT) & (born | died) & (paths.size[starts] <= last_place)
    broken = _broken(paths, ends[died & ~brief], starts[born & ~brief])
    heads, tails = {later for _, later in broken}, {earlier for earlier, _ in broken}
    return [
        *(_moment(paths, int(row)) for row in starts[brief]),
        *(_continued(paths, earlier, later) for earlier, later in broken),
        *(_birth(paths, row) for row in starts[born & ~brief].tolist() if row not in heads),
        *(_death(paths, row) for row in ends[died & ~brief].tolist() if row not in tails),
    ]


def find_gaps(paths: Paths, steps: Steps) -> list[Suspicion]:
    """Tracks that miss frames: for a moment, or so long that somebody else may have come back."""
    missing = np.flatnonzero(steps.gap > 1)
    long = steps.gap[missing] > paths.second
    found = [_gap(paths, steps, step) for step in missing[long].tolist()]
    return found + list(_flickers(paths, steps, missing[~long]))


def _flickers(paths: Paths, steps: Steps, missing: IntArray) -> Iterator[Suspicion]:
    """Short gaps of one track, less than a second apart, are one place to look at."""
    if not len(missing):
        return
    ids = paths.tracks.id[steps.after[missing]]
    starts = paths.place[steps.before[missing]]
    apart = starts[1:] - paths.place[steps.after[missing[:-1]]] > paths.second
    cuts = np.flatnonzero((ids[1:] != ids[:-1]) | apart) + 1
    for group in np.split(missing, cuts):
        frames = paths.tracks.frames
        first = int(frames[paths.place[steps.before[group[0]]] + 1])
        last = int(frames[paths.place[steps.after[group[-1]]] - 1])
        lost, identity = int((steps.gap[group] - 1).sum()), int(paths.tracks.id[steps.after[group[0]]])
        times = "" if len(group) == 1 else f", {len(group)} times"
        text = f"is missing in {_frames(lost)}{times}"
        yield Suspicion("flicker", first, last, (identity,), text, 0.5, lost)


def _gap(paths: Paths, steps: Steps, step: int) -> Suspicion:
    before, after = int(steps.before[step]), int(steps.after[step])
    identity, frames = int(paths.tracks.id[after]), paths.tracks.frames
    first, last = int(frames[paths.place[before] + 1]), int(frames[paths.place[after] - 1])
    outside = bool(paths.at_border(np.array([before, after])).all())
    text = f"is away for {_frames(int(steps.gap[step]) - 1)}, and comes back"
    wrong = int(min(paths.rank[after], paths.size[after] - paths.rank[after]))
    cure = f"split {identity} --from {int(paths.tracks.frame[after])}"
    return Suspicion("gap", first, last, (identity,), text, 0.1 if outside else 0.3, wrong, cure)


def _broken(paths: Paths, ends: IntArray, starts: IntArray) -> list[tuple[int, int]]:
    """Ends and the beginnings they may go on with: within a second, and within reach; each once."""
    ends = ends[np.argsort(paths.place[ends], kind="stable")]
    places, centroids = paths.place[ends], paths.centroids
    likely: list[tuple[float, int, int]] = []
    for start in starts.tolist():
        low, high = np.searchsorted(places, (paths.place[start] - paths.second, paths.place[start])).tolist()
        near = ends[low:high]
        far = np.hypot(*(centroids[near] - centroids[start]).T)
        reach = paths.reach(near, paths.place[start] - paths.place[near])
        close = np.flatnonzero(far <= reach)
        likely += [(far[place] / reach[place], int(near[place]), start) for place in close.tolist()]
    used: set[int] = set()
    pairs = []
    for _, end, start in sorted(likely):
        if not {end, ~start} & used:  # ~: a track of one row has its end where it starts
            used |= {end, ~start}
            pairs.append((end, start))
    return pairs


def _continued(paths: Paths, end: int, start: int) -> Suspicion:
    tracks = paths.tracks
    first, second = int(tracks.id[end]), int(tracks.id[start])
    far = float(np.hypot(*(paths.centroids[start] - paths.centroids[end])))
    gap = int(paths.place[start] - paths.place[end])
    reach = float(paths.reach(end, gap))
    text = f"id {first} ends, and {_frames(gap)} later id {second} begins {far:.0f} pixels away"
    wrong = int(min(paths.size[end], paths.size[start]))
    return Suspicion(
        "broken",
        int(tracks.frame[end]),
        int(tracks.frame[start]),
        (first, second),
        text,
        1 - far / reach / 2,
        wrong,
        f"merge {first} {second}",
    )


def _birth(paths: Paths, row: int) -> Suspicion:
    frame, identity = int(paths.tracks.frame[row]), int(paths.tracks.id[row])
    wrong = int(min(paths.size[row], paths.place[row]))
    return Suspicion(
        "birth", frame, frame, (identity,), "begins away from the border of the picture", 0.6, wrong
    )


def _death(paths: Paths, row: int) -> Suspicion:
    frame, identity = int(paths.tracks.frame[row]), int(paths.tracks.id[row])
    wrong = int(min(paths.size[row], len(paths.tracks.frames) - 1 - paths.place[row]))
    return Suspicion(
        "death", frame, frame, (identity,), "ends away from the border of the picture", 0.6, wrong
    )


def _moment(paths: Paths, row: int) -> Suspicion:
    identity, size = int(paths.tracks.id[row]), int(paths.size[row])
    frames = paths.tracks.of(identity).frame
    text = f"is there for {_frames(size)} only"
    cure = f"delete {identity}"
    return Suspicion("flicker", int(frames[0]), int(frames[-1]), (identity,), text, 0.9, size, cure)


def _frames(count: int) -> str:
    return "one frame" if count == 1 else f"{count} frames"
