"""What the reader of an evaluation must know to read its numbers rightly."""

from collections import Counter
from collections.abc import Sequence

from figureground.datasets.dataset import Dataset
from figureground.evaluation.coco_ap import MOST
from figureground.evaluation.result import Evaluation


def notes(found: Sequence[Evaluation], data: Dataset) -> list[str]:
    """Sentences on what is unlike the ordinary case; none as a rule.

    Example:
        >>> notes([], Dataset())
        []
    """
    told = [
        f"{one.name} has no class in common with the dataset: whatever it finds counts, of any class"
        for one in found
        if one.agnostic and len(data.categories) > 1
    ]
    for one in found:
        if one.not_drawn:
            told.append(f"{one.name} also finds {_listed(one.not_drawn)}, which the dataset lacks: left out")
        if one.not_found:
            told.append(f"{one.name} does not know {_listed(one.not_found)}: all of these count as missed")
    boxes = sum(not one.segmentation for one in data.annotations)
    if boxes:
        told.append(f"{boxes} drawn figures have a box, but no outline: masks are compared with the box")
    crowded = Counter((one.image_id, one.category_id) for one in data.annotations if not one.iscrowd)
    most = max(crowded.values(), default=0)
    if most > MOST:
        told.append(
            f"up to {most} figures of a class are drawn on a picture: of those that are found COCO's average "
            f"precision counts only the {MOST} surest"
        )
    return told


def _listed(names: Sequence[str], most: int = 3) -> str:
    """Some of `names`, and how many more there are.

    Example:
        >>> _listed(["ant", "bee"]), _listed(["ant", "bee", "cat", "dog", "eel"])
        ('ant, bee', 'ant, bee, cat and 2 more')
    """
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
