"""HOTA: how well figures are found and kept apart, in one number."""

from dataclasses import dataclass

import numpy as np

from figureground.evaluation.tracks.assignment import best_pairs
from figureground.evaluation.tracks.overlaps import EPS, Floats, Overlaps
from figureground.instances import BoolArray, IntArray

ALPHAS = np.arange(0.05, 0.99, 0.05)
"""The overlaps from which on a figure counts as found; HOTA is the mean over all."""


@dataclass(frozen=True, eq=False)
class Hota:
    """The counts of one or several videos, for each of ALPHAS; they add up.

    Attributes:
        hits: (19,) figures that are found.
        missed: (19,) figures of the truth that are not.
        invented: (19,) figures of the result that are not there.
        kept: (19,) sum over the hits of how well the whole tracks of the two fit: hits they share, over all
            frames in which one of them is.
        overlap: (19,) sum of the hits' overlap.
    """

    hits: Floats
    missed: Floats
    invented: Floats
    kept: Floats
    overlap: Floats

    def __add__(self, other: "Hota") -> "Hota":
        names = self.__dataclass_fields__
        return Hota(*(getattr(self, name) + getattr(other, name) for name in names))

    @property
    def det_a(self) -> float:
        """How well figures are found; NaN where there is none at all."""
        return _mean(self.hits, self.hits + self.missed + self.invented)

    @property
    def ass_a(self) -> float:
        """How well those that are found keep their identity; NaN where there is no figure at all."""
        return float("nan") if np.isnan(self.det_a) else float((self.kept / np.maximum(1, self.hits)).mean())

    @property
    def hota(self) -> float:
        """The geometric mean of both, averaged over ALPHAS."""
        if np.isnan(self.det_a):
            return float("nan")
        found = self.hits / (self.hits + self.missed + self.invented)
        return float(np.sqrt(found * self.kept / np.maximum(1, self.hits)).mean())

    @property
    def loc_a(self) -> float:
        """The mean overlap of those that are found; 1 at an alpha that none reaches; NaN without figures."""
        if np.isnan(self.det_a):
            return float("nan")
        return float((np.maximum(1e-10, self.overlap) / np.maximum(1e-10, self.hits)).mean())


def count_hota(both: Overlaps) -> Hota:
    """Count what HOTA is made of.

    Luiten et al., HOTA: A Higher Order Metric for Evaluating Multi-Object Tracking, IJCV 129, 2021; with
    the details of TrackEval (trackeval/metrics/hota.py), whose numbers it gives: one assignment a frame for
    all alphas, weighted by how well the two tracks fit over the whole video.

    Raises:
        MissingExtraError: scipy is not installed.
    """
    truth, found = both.frames_of_each()
    first, second = both.pair_ids()
    keys, which = np.unique(first * max(1, len(found)) + second, return_inverse=True)
    frames = truth[keys // max(1, len(found))] + found[keys % max(1, len(found))]  # of both, for each two ids
    likely = np.bincount(which, weights=_relative(both), minlength=len(keys))
    matched = best_pairs(both, (likely / (frames - likely))[which] * both.overlap)
    kept = []
    for hit in _hits(both, matched):
        shared = np.bincount(which[hit], minlength=len(keys))
        kept.append(
            (len(hit), np.sum(shared * shared / np.maximum(1, frames - shared)), both.overlap[hit].sum())
        )
    hits, fit, overlap = np.array(kept, np.float64).T
    return Hota(hits, len(both.truth_ids) - hits, len(both.found_ids) - hits, fit, overlap)


def _relative(both: Overlaps) -> Floats:
    """(k,): each pair's overlap, over all overlaps of its two figures: 1 where they overlap nobody else."""
    rows, columns = both.pairs.T
    of_row = np.bincount(rows, weights=both.overlap, minlength=1)
    of_column = np.bincount(columns, weights=both.overlap, minlength=1)
    relative: Floats = both.overlap / (of_row[rows] + of_column[columns] - both.overlap)
    return relative


def _hits(both: Overlaps, matched: BoolArray) -> list[IntArray]:
    """For each alpha the pairs, as positions, that overlap so much."""
    places = np.flatnonzero(matched)
    return [places[both.overlap[places] >= alpha - EPS] for alpha in ALPHAS]


def _mean(part: Floats, whole: Floats) -> float:
    return float((part / whole).mean()) if whole.all() else float("nan")
