"""Which of the figures that were found is meant, where a picture is of one figure only."""

from collections.abc import Callable
from typing import Literal, get_args

import numpy as np

from figureground.datasets.selection.subject import soft_weight
from figureground.instances import Crop, Instances, tight_crop

Pick = Literal["central", "best", "all"]
PICKS: tuple[Pick, ...] = get_args(Pick)


def central(found: Instances) -> list[int]:
    """The place of the figure that is large and in the middle, of equal ones the surest; none of none.

    This is how a model that was not trained for the task, and finds whatever it knows, is made to name one
    figure. It is chosen as `figureground dataset subject` chooses the drawn one: by its area, and by how far
    the middle of its box is from the middle of the picture, across and down alike:

        distance = hypot(x - width / 2, y - height / 2)

    Where such a model was first compared with one trained for the task (0.780 against 0.866 in the mean),
    the distance across was taken for the one down too. A figure straight above or below the middle then
    counts as being in it, however far away it is, and that baseline is worse than it need be.

    Example:
        >>> masks = np.zeros((2, 100, 100), bool)
        >>> masks[0, 0:10, 45:55] = True  # straight above the middle, 45 pixels away
        >>> masks[1, 45:55, 65:75] = True  # beside it, 20 pixels away
        >>> central(Instances.from_dense(masks))
        [1]
    """
    height, width = found.size
    middles = (found.boxes[:, :2].astype(float) + found.boxes[:, 2:]) / 2
    distances = np.hypot(middles[:, 0] - width / 2, middles[:, 1] - height / 2).tolist()
    diagonal = float(np.hypot(height, width))
    ranks = [
        (soft_weight(area, distance, diagonal), score)
        for area, distance, score in zip(found.areas.tolist(), distances, found.scores.tolist(), strict=True)
    ]
    return [max(range(len(ranks)), key=ranks.__getitem__)] if ranks else []


def best(found: Instances) -> list[int]:
    """The place of the surest figure; none of none."""
    return [int(found.scores.argmax())] if len(found) else []


def every(found: Instances) -> list[int]:
    """The places of all figures."""
    return list(range(len(found)))


CHOICES: dict[Pick, Callable[[Instances], list[int]]] = {"central": central, "best": best, "all": every}


def together(figures: Instances, rows: list[int]) -> Crop:
    """One mask of the figures at `rows`, cut down to them."""
    if len(rows) == 1:
        return figures.masks[rows[0]]
    crops = [figures.masks[row] for row in rows if figures.masks[row].mask.size]
    if not crops:
        return Crop(0, 0, np.zeros((0, 0), bool))
    top, left = min(crop.y0 for crop in crops), min(crop.x0 for crop in crops)
    bottom = max(crop.y0 + crop.mask.shape[0] for crop in crops)
    right = max(crop.x0 + crop.mask.shape[1] for crop in crops)
    mask = np.zeros((bottom - top, right - left), bool)
    for crop in crops:
        h, w = crop.mask.shape
        mask[crop.y0 - top : crop.y0 - top + h, crop.x0 - left : crop.x0 - left + w] |= crop.mask
    return tight_crop(mask, top, left)
