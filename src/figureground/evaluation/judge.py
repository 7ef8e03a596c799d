"""One picture: what was drawn against what was found."""

from dataclasses import dataclass, field

import numpy as np

from figureground.evaluation.boundary import boundary_f
from figureground.evaluation.central import CHOICES, together
from figureground.evaluation.confusion import shared
from figureground.evaluation.truth import Truth
from figureground.instances import Crop, Instances

CUT = "cut"
MEASURES = (*CHOICES, CUT)
"""What the found figures are compared for: the picture's main figure as chosen in three ways, and the cut."""


@dataclass(frozen=True)
class Judged:
    """How well one picture went.

    Attributes:
        image_id: of the dataset.
        file_name: likewise.
        drawn: figures in truth, without crowds.
        found: figures that were found.
        ms: how long it took.
        iou: by measure: central, best and all compare what is found, chosen so, with the drawn main figure
            (left out where none is drawn); cut compares all that is found with all that is drawn.
        boundary: likewise, the F-measure of the outlines.
    """

    image_id: int
    file_name: str
    drawn: int
    found: int
    ms: float
    iou: dict[str, float] = field(default_factory=dict)
    boundary: dict[str, float] = field(default_factory=dict)


def compare(truth: Truth, subject: int | None, found: Instances) -> tuple[dict[str, float], dict[str, float]]:
    """IoU and boundary F of one picture, each by measure.

    Args:
        truth: what is drawn.
        subject: the place of its main figure; None where it has none.
        found: what was found and is sure enough.

    Example:
        >>> from figureground.evaluation.truth import instances_to_truth
        >>> masks = np.zeros((2, 50, 70), bool); masks[0, :10, :10] = True; masks[1, 20:30, 30:40] = True
        >>> drawn = Instances.from_dense(masks)
        >>> compare(instances_to_truth(drawn), 1, drawn)[0]
        {'central': 1.0, 'best': 0.0, 'all': 0.5, 'cut': 1.0}
    """
    size, figures = found.size, truth.figures
    crowds = together(figures, np.flatnonzero(truth.crowd).tolist())
    whole = together(figures, np.flatnonzero(~truth.crowd).tolist())
    pairs: dict[str, tuple[Crop, Crop]] = {}
    if subject is not None:
        for name, choose in CHOICES.items():
            pairs[name] = figures.masks[subject], together(found, choose(found))
    pairs[CUT] = _without(whole, crowds), _without(together(found, CHOICES["all"](found)), crowds)
    known: dict[tuple[int, int], tuple[float, float]] = {}  # with one figure all choices are the same
    for a, b in pairs.values():
        if (id(a), id(b)) not in known:
            known[id(a), id(b)] = iou(a, b), boundary_f(a, b, size)
    measured = {name: known[id(a), id(b)] for name, (a, b) in pairs.items()}
    return {name: one[0] for name, one in measured.items()}, {name: one[1] for name, one in measured.items()}


def iou(a: Crop, b: Crop) -> float:
    """Intersection over union of two masks; 1 where both are empty: nothing is there, nothing was found.

    Example:
        >>> iou(Crop(0, 0, np.ones((2, 4), bool)), Crop(0, 2, np.ones((2, 4), bool)))
        0.3333333333333333
    """
    both = shared(a, b)
    union = int(np.count_nonzero(a.mask) + np.count_nonzero(b.mask)) - both
    return both / union if union else 1.0


def _without(crop: Crop, crowds: Crop) -> Crop:
    """`crop` without the pixels that belong to a crowd: there nothing counts."""
    if not shared(crop, crowds):
        return crop
    top, left = max(crop.y0, crowds.y0), max(crop.x0, crowds.x0)
    bottom = min(crop.y0 + crop.mask.shape[0], crowds.y0 + crowds.mask.shape[0])
    right = min(crop.x0 + crop.mask.shape[1], crowds.x0 + crowds.mask.shape[1])
    mask = crop.mask.copy()
    inside = slice(top - crop.y0, bottom - crop.y0), slice(left - crop.x0, right - crop.x0)
    other = slice(top - crowds.y0, bottom - crowds.y0), slice(left - crowds.x0, right - crowds.x0)
    mask[inside] &= ~crowds.mask[other]
    return Crop(crop.y0, crop.x0, mask)
