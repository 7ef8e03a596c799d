"""MOTA and MOTP: missed and invented figures and switched identities in one number; and where they switch."""

from dataclasses import dataclass

import numpy as np

from figureground.evaluation.tracks.assignment import best_of
from figureground.evaluation.tracks.identity import FOUND, ratio
from figureground.evaluation.tracks.overlaps import EPS, Floats, Overlaps, contests, uncontested
from figureground.instances import BoolArray, IntArray

_STAYS = 1000.0
"""What keeping a partner is worth, beside the overlap of at most 1: as TrackEval has it."""


@dataclass(frozen=True)
class Clear:
    """The counts of one or several videos; they add up.

    Attributes:
        hits: figures that are found.
        missed: figures of the truth that are not.
        invented: figures of the result that are not there.
        switches: how often a figure is found under another id than when it was last found.
        overlap: sum of the hits' overlap.
    """

    hits: int
    missed: int
    invented: int
    switches: int
    overlap: float

    def __add__(self, other: "Clear") -> "Clear":
        return Clear(
            self.hits + other.hits,
            self.missed + other.missed,
            self.invented + other.invented,
            self.switches + other.switches,
            self.overlap + other.overlap,
        )

    @property
    def mota(self) -> float:
        """1 without any fault, negative where there are more faults than figures; NaN without truth."""
        return ratio(self.hits - self.invented - self.switches, self.hits + self.missed)

    @property
    def motp(self) -> float:
        """The mean overlap of the figures that are found; NaN if none is."""
        return ratio(self.overlap, self.hits)


@dataclass(frozen=True, eq=False)
class Switches:
    """Where identities switch, in order of time.

    Attributes:
        frames: (s,) int64, the frame in which a figure is first found under another id.
        truth: (s,) int64, who it is.
        before: (s,) int64, its id in the result until then.
        after: (s,) int64, its id from then on.
    """

    frames: IntArray
    truth: IntArray
    before: IntArray
    after: IntArray


def count_clear(both: Overlaps) -> tuple[Clear, Switches]:
    """Count what MOTA is made of, and find the switches; their ids are those of `both`.

    A figure keeps its partner of the frame before while they overlap; the others get the partners that
    overlap most. Bernardin and Stiefelhagen, Evaluating Multiple Object Tracking Performance, EURASIP JIVP
    2008; the numbers are those of TrackEval (trackeval/metrics/clear.py): the frame before is the last one
    in which truth and result have figures.

    Raises:
        MissingExtraError: scipy is not installed.
    """
    matched = _matched(both)
    hits = int(np.count_nonzero(matched))
    switches = _switches(both, matched)
    missed, invented = len(both.truth_ids) - hits, len(both.found_ids) - hits
    overlap = float(both.overlap[matched].sum())
    return Clear(hits, missed, invented, len(switches.frames), overlap), switches


def _matched(both: Overlaps) -> BoolArray:
    """(k,) bool: the pairs that count as found."""
    enough = np.flatnonzero(both.overlap >= FOUND - EPS)
    alone = uncontested(both.pairs[enough])
    matched = np.zeros(len(both.pairs), bool)
    matched[enough[alone]] = True
    first, second = both.pair_ids()
    frames = both.truth_frames[both.pairs[:, 0]]
    active = np.intersect1d(both.truth_frames, both.found_frames)
    edges = np.searchsorted(frames, active), np.searchsorted(frames, active, "right")
    partner = np.full(int(both.truth_ids.max(initial=-1)) + 1, -1)
    for contest in contests(both, enough, ~alone):
        place = int(np.searchsorted(active, contest.frame))
        before = slice(int(edges[0][place - 1]), int(edges[1][place - 1])) if place else slice(0, 0)
        kept = before.start + np.flatnonzero(matched[before])
        partner[first[kept]] = second[kept]
        stays = partner[first[contest.pairs]] == second[contest.pairs]
        partner[first[kept]] = -1
        worth: Floats = both.overlap[contest.pairs] + _STAYS * stays
        matched[contest.pairs] = best_of(contest, worth)
    return matched


def _switches(both: Overlaps, matched: BoolArray) -> Switches:
    first, second = (ids[matched] for ids in both.pair_ids())
    frames = both.truth_frames[both.pairs[matched, 0]]
    order = np.lexsort((frames, first))
    who, is_, when = first[order], second[order], frames[order]
    turns = np.flatnonzero((who[1:] == who[:-1]) & (is_[1:] != is_[:-1])) + 1
    turns = turns[np.argsort(when[turns], kind="stable")]
    return Switches(when[turns], who[turns], is_[turns - 1], is_[turns])
