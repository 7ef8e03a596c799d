"""How two detectors agree: figures counted by hand."""

from collections.abc import Sequence

import numpy as np
import pytest

from figureground.errors import OutputError
from figureground.export.agreement import Agreement, agreement, check_agreement
from figureground.frames import Image
from figureground.models.detector import Found


class Told:
    """Finds full boxes (x1 y1 x2 y2, label), the same in each picture."""

    def __init__(self, *figures: tuple[int, int, int, int, int]) -> None:
        self.figures = np.array(figures, np.float32).reshape(-1, 5)

    def batch(self, images: Sequence[Image], *, min_score: float | None = None) -> list[Found]:
        count = len(self.figures)
        masks = np.ones((count, 28, 28), np.float32)
        labels = self.figures[:, 4].astype(np.int64)
        return [Found(self.figures[:, :4], np.ones(count, np.float32), labels, masks) for _ in images]


MOUSE, LARVA = (8, 8, 24, 16, 0), (40, 8, 48, 24, 1)


@pytest.mark.parametrize(
    ("original", "other", "wanted"),
    [
        ([MOUSE, LARVA], [LARVA, MOUSE], Agreement(4, 1.0, 0.0, 1.0)),
        ([MOUSE, LARVA], [MOUSE], Agreement(4, 0.5, 0.0, 1.0)),
        ([MOUSE], [MOUSE, MOUSE], Agreement(2, 1.0, 1.0, 1.0)),  # a figure is found once
        ([MOUSE], [(*MOUSE[:4], 1)], Agreement(2, 0.0, 1.0, 1.0)),  # of another class
        ([MOUSE], [(8, 8, 20, 16, 0)], Agreement(2, 1.0, 0.0, 0.75)),
        ([], [], Agreement(0, 1.0, 0.0, 1.0)),
        ([], [MOUSE], Agreement(0, 1.0, 2.0, 1.0)),
    ],
)
def test_agreement(original: list[tuple[int, ...]], other: list[tuple[int, ...]], wanted: Agreement) -> None:
    pictures = [np.zeros((31, 53, 3), np.uint8)] * 2
    found = agreement(Told(*original), Told(*other), pictures, "detectron2", min_score=0.3)  # type: ignore[arg-type]
    assert found == wanted


@pytest.mark.parametrize(
    "found",
    [Agreement(10, 0.8, 0.0, 1.0), Agreement(10, 1.0, 0.5, 1.0), Agreement(10, 1.0, 0.0, 0.9)],
)
def test_what_differs_is_told_with_what_was_expected(found: Agreement) -> None:
    with pytest.raises(OutputError, match=r"mice: does not do what the model does.* Ask\."):
        check_agreement(found, "mice", iou=0.95, kept=0.9, advice="Ask.")
    check_agreement(Agreement(10, 0.9, 0.1, 0.95), "mice", iou=0.95, kept=0.9, advice="Ask.")
