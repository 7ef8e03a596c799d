"""Which of the figures that a model finds in a frame are meant."""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from figureground.instances import Crop, Instances, tight_crop
from figureground.masks import covered_share
from figureground.models.detector import Found

Pick = Literal["all", "central", "largest", "best"]
COVERED = 0.8
"""Share of a figure within surer ones of its class from which on it shows nothing that they do not.

Suppression by the IoU of boxes, all that detectors do, keeps a half of a figure beside the whole of it, and
two figures taken for one beside each of them.
"""


def picked(found: Found, size: tuple[int, int], pick: Pick) -> list[int]:
    """Which figures of `found` are meant; ties go to the surest."""
    if pick == "all" or not len(found.scores):
        return list(range(len(found.scores)))
    if pick == "best":
        return [0]
    boxes = found.boxes
    if pick == "largest":
        return [int(((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])).argmax())]
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    return [int(np.square(centres - np.array(size[::-1]) / 2).sum(axis=1).argmin())]


def figures(found: Found, rows: Sequence[int], crops: Sequence[Crop], size: tuple[int, int]) -> Instances:
    """The figures of a picture of `size` (h, w), without those that show nothing new.

    Args:
        found: what the model found, surest first.
        rows: of it that are meant.
        crops: the pixels of each of these.
        size: of the picture.
    """
    tight = [tight_crop(crop.mask, crop.y0, crop.x0) for crop in crops]
    seen = distinct(tight, [int(found.labels[row]) for row in rows])
    kept = np.array([rows[i] for i in seen], np.int64)
    return Instances(
        size,
        tuple(tight[i] for i in seen),
        boxes=found.boxes[kept],
        scores=found.scores[kept],
        labels=found.labels[kept],
    )


def distinct(crops: Sequence[Crop], labels: Sequence[int]) -> list[int]:
    """The rows of figures that show something which the surer ones of their class do not.

    Args:
        crops: the figures, surest first.
        labels: of each.

    Example:
        >>> whole, half = Crop(0, 0, np.ones((4, 9), bool)), Crop(0, 0, np.ones((4, 5), bool))
        >>> distinct([whole, half, half], [0, 0, 1]), distinct([half, whole], [0, 0])
        ([0, 2], [0, 1])
    """
    kept: list[int] = []
    for row, crop in enumerate(crops):
        surer = [crops[other] for other in kept if labels[other] == labels[row]]
        if crop.mask.any() and covered_share(crop, surer) < COVERED:
            kept.append(row)
    return kept
