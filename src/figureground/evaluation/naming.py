"""Which of a model's classes is which of a dataset's."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from figureground.evaluation.truth import Truth
from figureground.instances import Instances

ANY = "any class"


@dataclass(frozen=True, eq=False)
class Naming:
    """How labels are compared.

    Attributes:
        classes: what labels index once they are translated.
        labels: for each class of the model, its label; -1 where the dataset does not have it.
        agnostic: the two have no class in common, so all figures count as of one.
        not_drawn: classes of the model that the dataset does not have; what is found of them is left out.
        not_found: classes of the dataset that the model does not know; their figures are missed.
    """

    classes: tuple[str, ...]
    labels: npt.NDArray[np.int64]
    agnostic: bool
    not_drawn: tuple[str, ...] = ()
    not_found: tuple[str, ...] = ()

    def found(self, found: Instances) -> Instances:
        """What the model found, of classes that count, with the dataset's labels."""
        labels = self.labels[found.labels]
        named = Instances(found.size, found.masks, boxes=found.boxes, scores=found.scores, labels=labels)
        return named.select(labels >= 0)

    def truth(self, truth: Truth) -> Truth:
        """What is drawn, with the labels that are compared."""
        if not self.agnostic:
            return truth
        one = truth.figures
        same = Instances(one.size, one.masks, boxes=one.boxes, scores=one.scores)
        return Truth(same, truth.boxes, truth.areas, truth.crowd)


def name_classes(drawn: Sequence[str], found: Sequence[str]) -> Naming:
    """Compare classes by name, large and small letters alike; without a name in common, as one class.

    Args:
        drawn: the dataset's classes.
        found: the model's.

    Example:
        >>> name_classes(["rat", "larva"], ["Larva", "car"]).labels.tolist()
        [1, -1]
        >>> name_classes(["rat", "larva"], ["figure"]).classes
        ('any class',)
    """
    places: dict[str, int] = {}
    for label, name in enumerate(drawn):
        places.setdefault(_plain(name), label)
    labels = np.array([places.get(_plain(name), -1) for name in found], np.int64)
    if (labels >= 0).any():
        not_drawn = tuple(name for name, label in zip(found, labels, strict=True) if label < 0)
        not_found = tuple(name for label, name in enumerate(drawn) if label not in labels)
        return Naming(tuple(drawn), labels, agnostic=False, not_drawn=not_drawn, not_found=not_found)
    names = tuple(drawn) if len(drawn) == 1 else (ANY,)
    return Naming(names, np.zeros(len(found), np.int64), agnostic=True)


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()
