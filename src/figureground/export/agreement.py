"""How far two ways of running a model agree; an export that differs from its original is refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from figureground.errors import OutputError
from figureground.frames import Image
from figureground.instances import Crop
from figureground.masks import mask_iou
from figureground.models.architecture import Flavour
from figureground.models.detector import Found
from figureground.models.paste import paste

SAME = 0.5  # IoU from which two masks of one class are the same figure


class Finder(Protocol):
    """A detector, whatever runs it."""

    def batch(self, images: Sequence[Image], *, min_score: float | None = None) -> list[Found]:
        """What is in each picture."""
        ...


@dataclass(frozen=True)
class Agreement:
    """How what one detector finds compares with what the original finds.

    Attributes:
        figures: how many the original finds in all.
        kept: share of these that the other finds too.
        more: figures that only the other finds, as a share of the original's.
        iou: mean IoU of the masks of what both find; 1 where that is nothing.
    """

    figures: int
    kept: float
    more: float
    iou: float


def agreement(
    original: Finder, other: Finder, pictures: Sequence[Image], flavour: Flavour, *, min_score: float
) -> Agreement:
    """Compare two detectors on `pictures`, each (h, w, 3) uint8 RGB, over what they score `min_score`."""
    figures, extra, ious = 0, 0, []
    for picture in pictures:
        size = picture.shape[0], picture.shape[1]
        first, second = (
            _pasted(one.batch([picture], min_score=min_score)[0], size, flavour) for one in (original, other)
        )
        pairs = _matched(first, second)
        figures += len(first)
        extra += len(second) - len(pairs)
        ious += pairs
    share = max(1, figures)
    return Agreement(
        figures, len(ious) / share if figures else 1.0, extra / share, float(np.mean(ious)) if ious else 1.0
    )


def check_agreement(found: Agreement, name: str, *, iou: float, kept: float, advice: str) -> None:
    """Raise OutputError where less than `kept` of the figures are found, or masks agree less than `iou`."""
    if found.kept < kept or found.more > 2 * (1 - kept) or found.iou < iou:
        raise OutputError(
            f"{name}: does not do what the model does: of its {found.figures} figures in the sample pictures "
            f"{found.kept:.1%} are found (expected {kept:.0%}), {found.more:.1%} more, and their masks agree "
            f"with an IoU of {found.iou:.3f} (expected {iou:g}); it was not written. {advice}"
        )


def _pasted(found: Found, size: tuple[int, int], flavour: Flavour) -> list[tuple[int, Crop]]:
    """The label and the pixels of each figure that has any."""
    rows = zip(found.labels, found.masks, found.boxes, strict=True)
    pasted = [(int(label), paste(mask, box, size, flavour)) for label, mask, box in rows]
    return [one for one in pasted if one[1].mask.any()]


def _matched(first: Sequence[tuple[int, Crop]], second: Sequence[tuple[int, Crop]]) -> list[float]:
    """The IoU of each pair, best pairs first; a figure is in one pair at most."""
    ious = mask_iou([crop for _, crop in first], [crop for _, crop in second])
    labels, others = (np.array([label for label, _ in some], int) for some in (first, second))
    ious[labels[:, None] != others] = 0
    pairs = []
    while ious.size and (best := ious.max()) >= SAME:
        row, column = np.unravel_index(ious.argmax(), ious.shape)
        ious[row], ious[:, column] = 0, 0
        pairs.append(float(best))
    return pairs
