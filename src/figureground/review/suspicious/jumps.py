"""Figures that move farther than they could, alone or with another that takes their place."""

from collections.abc import Iterator

import numpy as np

from figureground.instances import IntArray
from figureground.review.suspicious.place import Suspicion
from figureground.review.suspicious.steps import Paths, Steps


def find_jumps(paths: Paths, steps: Steps) -> list[Suspicion]:
    """Jumps, and pairs of figures that change places from one frame to the next."""
    strange = np.flatnonzero(steps.distance > _least(paths, steps) / 2)
    swaps = list(_swaps(paths, steps, strange))
    explained = {step for pair, _ in swaps for step in pair}
    alone = (step for step in strange.tolist() if step not in explained)
    return [found for _, found in swaps] + [found for step in alone for found in _jump(paths, steps, step)]


def _least(paths: Paths, steps: Steps) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    side = np.maximum(paths.side[steps.before], paths.side[steps.after])
    return np.asarray(side + 8 * paths.step * steps.gap)


def _jump(paths: Paths, steps: Steps, step: int) -> Iterator[Suspicion]:
    before, after = int(steps.before[step]), int(steps.after[step])
    far, gap = float(steps.distance[step]), int(steps.gap[step])
    reach = float(max(paths.reach(before, gap), paths.reach(after, gap)))
    if far <= reach:
        return
    identity, tracks = int(paths.tracks.id[after]), paths.tracks
    frames = "one frame" if gap == 1 else f"{gap} frames"
    text = f"moves {far:.0f} pixels in {frames}, where {paths.step:.1f} a frame are usual"
    wrong = int(min(paths.rank[after], paths.size[after] - paths.rank[after]))
    where = int(tracks.frame[after])
    yield Suspicion(
        "jump",
        where,
        where,
        (identity,),
        text,
        1 - reach / far,
        wrong,
        f"split {identity} --from {where}",
    )


def _swaps(paths: Paths, steps: Steps, strange: IntArray) -> Iterator[tuple[tuple[int, int], Suspicion]]:
    """Pairs of strange steps to the same frame that together are the same as two small ones."""
    places = paths.place[steps.after[strange]]
    order = np.argsort(places, kind="stable")
    edges = np.flatnonzero(np.diff(places[order], prepend=-1, append=-1))
    for start, stop in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        if stop - start > 1:
            yield from _swaps_of_frame(paths, steps, strange[order[start:stop]])


def _swaps_of_frame(
    paths: Paths, steps: Steps, strange: IntArray
) -> Iterator[tuple[tuple[int, int], Suspicion]]:
    centroids = paths.centroids
    start, end = centroids[steps.before[strange]], centroids[steps.after[strange]]
    across = np.hypot(*(end[:, None] - start[None]).transpose(2, 0, 1))  # [i, j]: i comes to where j was
    crossed, straight = across + across.T, np.diag(across)[:, None] + np.diag(across)[None]
    np.fill_diagonal(crossed, np.inf)
    free = np.ones(len(strange), bool)
    for flat in np.argsort(crossed / np.maximum(straight, 1e-9), axis=None, kind="stable").tolist():
        i, j = divmod(flat, len(strange))
        if crossed[i, j] * 2 >= straight[i, j]:
            return
        if free[i] and free[j]:
            free[[i, j]] = False
            doubt = 1 - float(crossed[i, j] / straight[i, j])
            pair = (int(strange[i]), int(strange[j]))
            yield pair, _swap(paths, steps, pair, doubt)


def _swap(paths: Paths, steps: Steps, pair: tuple[int, int], doubt: float) -> Suspicion:
    after = steps.after[list(pair)]
    first, second = sorted(paths.tracks.id[after].tolist())
    frame = int(paths.tracks.frame[after[0]])
    wrong = np.minimum(paths.rank[after], paths.size[after] - paths.rank[after]).sum()
    far = float(steps.distance[list(pair)].max())
    text = f"change places, {far:.0f} pixels apart, from one frame to the next"
    cure = f"swap {first} {second} --from {frame}"
    return Suspicion("swap", frame, frame, (first, second), text, doubt, int(wrong), cure)
