"""Frames with more or fewer figures than usual."""

from collections.abc import Sequence

import numpy as np

from figureground.review.suspicious.place import Suspicion
from figureground.review.suspicious.steps import Paths


def find_counts(paths: Paths, others: Sequence[Suspicion]) -> list[Suspicion]:
    """Spans of frames with more or fewer figures than most frames have, unless `others` tell why.

    A track that begins, ends, or is interrupted where the span begins or ends tells why.
    """
    frames = paths.tracks.frames
    counts = np.bincount(paths.place, minlength=len(frames))
    if not len(counts):
        return []
    usual = int(np.bincount(counts).argmax())
    sure = float((counts == usual).mean())
    told = _told(paths, others)
    cuts = np.flatnonzero(np.diff(counts, prepend=-1, append=-1))
    found = []
    for start, stop in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True):
        count = int(counts[start])
        if count == usual or told[start] or told[stop]:
            continue
        span = "one frame" if stop - start == 1 else f"{stop - start} frames"
        text = f"{count} figures in {span}, where {usual} are usual"
        first, last, wrong = int(frames[start]), int(frames[stop - 1]), abs(count - usual) * (stop - start)
        found.append(Suspicion("count", first, last, (), text, sure, wrong))
    return found


def _told(paths: Paths, others: Sequence[Suspicion]) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """(f + 1,) whether a suspicion says why the count changes at the frame with that place."""
    told = np.zeros(len(paths.tracks.frames) + 1, bool)
    kinds = {"birth", "death", "broken", "flicker", "gap"}
    where = [(one.frame, one.last) for one in others if one.kind in kinds]
    edges = np.searchsorted(paths.tracks.frames, np.array(where, np.int64).reshape(-1, 2))
    told[edges] = True
    told[np.minimum(edges + 1, len(told) - 1)] = True
    return told
