"""IDF1: the part of the figures that have the right identity, when each has one for the whole video."""

from dataclasses import dataclass

import numpy as np

from figureground.evaluation.tracks.assignment import best_partners
from figureground.evaluation.tracks.overlaps import Overlaps

FOUND = 0.5
"""The overlap from which on a figure counts as found, in IDF1 and MOTA."""


@dataclass(frozen=True)
class Identity:
    """The counts of one or several videos; they add up.

    Attributes:
        right: figures with the right identity.
        missed: figures of the truth that have none, or a wrong one.
        wrong: figures of the result that are not there, or are somebody else.
    """

    right: int
    missed: int
    wrong: int

    def __add__(self, other: "Identity") -> "Identity":
        return Identity(self.right + other.right, self.missed + other.missed, self.wrong + other.wrong)

    @property
    def idf1(self) -> float:
        """The harmonic mean of `idp` and `idr`; NaN without any figure."""
        return ratio(2 * self.right, 2 * self.right + self.missed + self.wrong)

    @property
    def idp(self) -> float:
        """The part of the result's figures whose identity is right; NaN if it has none."""
        return ratio(self.right, self.right + self.wrong)

    @property
    def idr(self) -> float:
        """The part of the truth's figures that have their identity; NaN if it has none."""
        return ratio(self.right, self.right + self.missed)


def count_identity(both: Overlaps) -> Identity:
    """Count what IDF1 is made of: each id of the truth gets the one of the result that serves all best.

    Ristani et al., Performance Measures and a Data Set for Multi-Target, Multi-Camera Tracking, ECCV
    workshops 2016; the numbers are those of TrackEval (trackeval/metrics/identity.py).

    Raises:
        MissingExtraError: scipy is not installed.
    """
    enough = both.overlap >= FOUND
    first, second = (ids[enough] for ids in both.pair_ids())
    width = int(second.max(initial=0)) + 1
    keys, shared = np.unique(first * width + second, return_counts=True)
    best = best_partners(keys // width, keys % width, shared)
    right = int(shared[best].sum())
    return Identity(right, len(both.truth_ids) - right, len(both.found_ids) - right)


def ratio(part: float, whole: float) -> float:
    """`part` of `whole`, NaN of nothing."""
    return part / whole if whole else float("nan")
