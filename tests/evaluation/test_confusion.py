import numpy as np

from figureground.evaluation.confusion import confusion, matched
from figureground.evaluation.truth import Truth, instances_to_truth
from figureground.instances import Instances


def figures(*boxes: tuple[int, int, int, int], labels: list[int]) -> Instances:
    masks = np.zeros((len(boxes), 31, 37), bool)
    for mask, (x1, y1, x2, y2) in zip(masks, boxes, strict=True):
        mask[y1:y2, x1:x2] = True
    return Instances.from_dense(masks, labels=labels)


def test_by_hand() -> None:
    drawn = figures((0, 0, 10, 10), (20, 0, 30, 10), (0, 20, 10, 30), labels=[0, 1, 1])
    found = figures((0, 0, 10, 8), (20, 1, 30, 10), (20, 20, 30, 30), labels=[0, 0, 1])
    table = confusion(instances_to_truth(drawn), found, 2)
    # the first found; the second taken for class 0; the third missed; one of class 1 invented
    assert table.tolist() == [[1, 0, 0], [1, 0, 1], [0, 1, 0]]


def test_each_figure_belongs_to_one_other_and_the_best_goes_first() -> None:
    drawn = figures((0, 0, 10, 10), labels=[0])
    found = figures((0, 0, 10, 6), (0, 0, 10, 9), labels=[0, 0])
    assert matched(drawn, found) == [(0, 1)]
    assert confusion(instances_to_truth(drawn), found, 1).tolist() == [[1, 0], [1, 0]]


def test_at_equal_overlap_the_same_class_goes_first() -> None:
    drawn = figures((0, 0, 10, 10), labels=[1])
    found = figures((0, 0, 10, 10), (0, 0, 10, 10), labels=[0, 1])
    assert matched(drawn, found) == [(0, 1)]


def test_an_overlap_of_exactly_a_half_counts() -> None:
    drawn = figures((0, 0, 10, 10), labels=[0])
    assert matched(drawn, figures((0, 0, 10, 5), labels=[0])) == [(0, 0)]
    assert matched(drawn, figures((0, 0, 9, 5), labels=[0])) == []


def test_what_is_found_in_a_crowd_is_not_invented() -> None:
    alone = instances_to_truth(figures((0, 0, 20, 20), labels=[0]))
    crowd = Truth(alone.figures, alone.boxes, alone.areas, np.array([True]))
    found = figures((0, 0, 5, 5), (18, 18, 30, 30), labels=[0, 0])
    assert confusion(crowd, found, 1).tolist() == [[0, 0], [1, 0]]


def test_nothing() -> None:
    nothing = Instances.empty((31, 37))
    assert confusion(instances_to_truth(nothing), nothing, 2).tolist() == [[0] * 3] * 3
