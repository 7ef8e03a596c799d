import numpy as np
import pytest

from figureground.instances import Instances
from figureground.training.scores import average_precision

SIZE = 61, 83


def of_boxes(*boxes: tuple[int, int, int, int], **columns: object) -> Instances:
    masks = np.zeros((len(boxes), *SIZE), bool)
    for mask, (y0, x0, y1, x1) in zip(masks, boxes, strict=True):
        mask[y0:y1, x0:x1] = True
    return Instances.from_dense(masks, **columns)


TRUTH = [of_boxes((5, 7, 25, 37), (30, 40, 50, 70), labels=[0, 1]), Instances.empty(SIZE)]


def test_all_found() -> None:
    assert list(average_precision(TRUTH, TRUTH).values()) == pytest.approx([1.0] * 4)


def test_one_of_two_classes_found() -> None:
    found = [TRUTH[0].select([0]), Instances.empty(SIZE)]
    assert average_precision(TRUTH, found)["mask_ap"] == pytest.approx(0.5)


def test_found_as_the_other_class() -> None:
    found = [of_boxes((5, 7, 25, 37), (30, 40, 50, 70), labels=[1, 0]), Instances.empty(SIZE)]
    assert average_precision(TRUTH, found)["mask_ap"] == 0


def test_a_class_that_is_not_in_the_truth_does_not_count() -> None:
    found = [of_boxes((5, 7, 25, 37), labels=[7]), Instances.empty(SIZE)]
    assert average_precision(TRUTH, found)["mask_ap"] == 0


def test_masks_that_overlap_in_part() -> None:
    truth = [of_boxes((0, 0, 20, 30))]
    found = [of_boxes((0, 0, 20, 19))]  # an IoU of 19 / 30 = 0.633: three of ten bounds
    scores = average_precision(truth, found)
    assert scores["mask_ap50"] == pytest.approx(1.0)
    assert scores["mask_ap"] == scores["box_ap"] == pytest.approx(0.3)


@pytest.mark.parametrize("nothing", ["truth", "found"])
def test_nothing(nothing: str) -> None:
    empty = [Instances.empty(SIZE)] * 2
    truth, found = (empty, TRUTH) if nothing == "truth" else (TRUTH, empty)
    assert set(average_precision(truth, found).values()) == {0.0}
