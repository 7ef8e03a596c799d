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
