"""Which class is taken for which: a table of what was drawn against what was found."""

import numpy as np
import numpy.typing as npt

from figureground.evaluation.truth import Truth
from figureground.instances import Crop, Instances
from figureground.masks import mask_iou

OVERLAP = 0.5
"""From this IoU of the masks on, what was drawn and what was found are the same figure."""

Table = npt.NDArray[np.int64]


def confusion(truth: Truth, found: Instances, classes: int) -> Table:
    """How often what was drawn as one class was found as another, in one picture.

    Each figure belongs to at most one other, those that overlap most first; at equal overlap, those of one
    class. Crowds are left out, and so is what was found with at least half of it in a crowd.

    Args:
        truth: what is drawn.
        found: what was found; figures too unsure to count are left out before.
        classes: how many there are.

    Returns:
        (classes + 1, classes + 1) int64: rows are what was drawn, columns what was found. The last row is
        what was invented, the last column what was missed.

    Example:
        >>> from figureground.evaluation.truth import instances_to_truth
        >>> masks = np.zeros((2, 5, 7), bool); masks[0, :2] = True; masks[1, 3:] = True
        >>> drawn = instances_to_truth(Instances.from_dense(masks, labels=[0, 1]))
        >>> confusion(drawn, Instances.from_dense(masks[:1], labels=[1]), 2).tolist()
        [[0, 1, 0], [0, 0, 1], [0, 0, 0]]
    """
    drawn = truth.figures.select(~truth.crowd)
    table = np.zeros((classes + 1, classes + 1), np.int64)
    pairs = matched(drawn, found)
    of_drawn, of_found = dict(pairs), {column: row for row, column in pairs}
    for row, label in enumerate(drawn.labels.tolist()):
        other = of_drawn.get(row)
        table[label, classes if other is None else found.labels[other]] += 1
    crowds = truth.figures.select(truth.crowd).masks
    for column, label in enumerate(found.labels.tolist()):
        if column not in of_found and not _in_crowd(found.masks[column], crowds):
            table[classes, label] += 1
    return table


def matched(drawn: Instances, found: Instances, overlap: float = OVERLAP) -> list[tuple[int, int]]:
    """Which figure of `drawn` is which of `found`, as pairs of their places."""
    ious = mask_iou(drawn.masks, found.masks)
    rows, columns = np.nonzero(ious >= overlap)
    same = drawn.labels[rows] == found.labels[columns]
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for i in np.lexsort((~same, -ious[rows, columns])):
        row, column = int(rows[i]), int(columns[i])
        if row not in pairs and column not in taken:
            pairs[row] = column
            taken.add(column)
    return list(pairs.items())


def _in_crowd(crop: Crop, crowds: tuple[Crop, ...]) -> bool:
    area = np.count_nonzero(crop.mask)
    return any(area and shared(crop, crowd) >= area / 2 for crowd in crowds)


def shared(a: Crop, b: Crop) -> int:
    """Pixels that two masks have in common.

    Example:
        >>> shared(Crop(0, 0, np.ones((2, 4), bool)), Crop(0, 2, np.ones((2, 4), bool)))
        4
    """
    top, left = max(a.y0, b.y0), max(a.x0, b.x0)
    bottom = max(top, min(a.y0 + a.mask.shape[0], b.y0 + b.mask.shape[0]))
    right = max(left, min(a.x0 + a.mask.shape[1], b.x0 + b.mask.shape[1]))
    first = a.mask[top - a.y0 : bottom - a.y0, left - a.x0 : right - a.x0]
    return int(np.count_nonzero(first & b.mask[top - b.y0 : bottom - b.y0, left - b.x0 : right - b.x0]))
