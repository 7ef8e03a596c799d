"""What an evaluation found out about a model."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from figureground.evaluation.coco_ap import Row, Scores
from figureground.evaluation.confusion import Table
from figureground.evaluation.judge import Judged

POOR = 0.5
"""An IoU below that is a failure."""


@dataclass(frozen=True)
class Spread:
    """Numbers of many pictures in four; NaN where there is no picture.

    Attributes:
        count: pictures.
        mean: of them.
        median: of them.
        poor: the part of them below POOR.
    """

    count: int
    mean: float
    median: float
    poor: float


@dataclass(frozen=True, eq=False)
class Evaluation:
    """How good a model is on a dataset.

    Attributes:
        name: of the model, short and unlike the others'.
        classes: what labels index.
        agnostic: it has no class in common with the dataset, so that all figures count as of one.
        score: figures less sure than that count for nothing but average precision.
        scores: COCO's average precision.
        pictures: each by itself.
        confusion: see `evaluation.confusion`.
        results: what was found as COCO's records, with the dataset's ids of pictures; categories are labels
            counted from 1.
        not_drawn: classes of the model that the dataset does not have; what is found of them is left out.
        not_found: classes of the dataset that the model does not know; their figures are missed.
    """

    name: str
    classes: tuple[str, ...]
    agnostic: bool
    score: float
    scores: Scores
    pictures: tuple[Judged, ...]
    confusion: Table
    results: tuple[Row, ...]
    not_drawn: tuple[str, ...] = ()
    not_found: tuple[str, ...] = ()

    @property
    def ms(self) -> float:
        """Milliseconds a picture takes: the median without the first, which also warms up.

        Unsure figures are found and drawn too, so it is an upper bound for `figureground cut`.
        """
        times = [one.ms for one in self.pictures]
        return float(np.median(times[1:] or times)) if times else float("nan")

    def iou(self, measure: str) -> Spread:
        """Of one of judge.MEASURES, over all pictures that have it."""
        return spread([one.iou[measure] for one in self.pictures if measure in one.iou])

    def boundary(self, measure: str) -> Spread:
        """Likewise, of the outlines' F-measure."""
        return spread([one.boundary[measure] for one in self.pictures if measure in one.boundary])


def spread(values: Sequence[float]) -> Spread:
    """Count, mean, median, and the part below POOR.

    Example:
        >>> spread([0.2, 0.9, 1.0])
        Spread(count=3, mean=0.7000000000000001, median=0.9, poor=0.3333333333333333)
    """
    if not len(values):
        return Spread(0, float("nan"), float("nan"), float("nan"))
    array = np.asarray(values)
    return Spread(len(array), float(array.mean()), float(np.median(array)), float((array < POOR).mean()))
