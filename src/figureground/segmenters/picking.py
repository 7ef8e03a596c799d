"""Which of the figures that a model finds in a frame are meant."""

from typing import Literal

import numpy as np

from figureground.models.detector import Found

Pick = Literal["all", "central", "largest", "best"]


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
