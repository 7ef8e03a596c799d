import numpy as np
import pytest

from figureground.evaluation.central import best, central, every, together
from figureground.instances import Crop, Instances


def figures(*boxes: tuple[int, int, int, int], **columns: list) -> Instances:
    masks = np.zeros((len(boxes), 100, 100), bool)
    for mask, (x1, y1, x2, y2) in zip(masks, boxes, strict=True):
        mask[y1:y2, x1:x2] = True
    return Instances.from_dense(masks, **columns)


ABOVE, BELOW, LEFT, RIGHT = (45, 0, 55, 10), (45, 90, 55, 100), (0, 45, 10, 55), (90, 45, 100, 55)


@pytest.mark.parametrize("far", [ABOVE, BELOW, LEFT, RIGHT])
def test_the_distance_down_counts_as_the_one_across(far: tuple[int, int, int, int]) -> None:
    """Each far one is 45 pixels from the middle (50, 50), along one axis; the near one 25 along both.

    hypot(25, 25) = 35.4 < 45. With the distance across in place of the one down, ABOVE and BELOW were 0
    away and were chosen.
    """
    near = (70, 70, 80, 80)
    assert central(figures(far, near)) == [1]
    assert central(figures(near, far)) == [0]


def test_a_large_figure_is_meant_rather_than_a_speck_in_the_middle() -> None:
    assert central(figures((49, 49, 51, 51), (30, 20, 90, 80))) == [1]


def test_of_equal_ones_the_surest() -> None:
    same = (45, 45, 55, 55)
    assert central(figures(same, same, scores=[0.6, 0.9])) == [1]
    assert best(figures(same, same, scores=[0.6, 0.9])) == [1]


def test_nothing_found() -> None:
    nothing = Instances.empty((5, 7))
    assert central(nothing) == best(nothing) == every(nothing) == []
    assert not together(nothing, []).mask.any()


def test_together_is_the_union() -> None:
    both = figures((0, 0, 20, 20), (10, 10, 40, 30))
    crop = together(both, [0, 1])
    whole = np.zeros((100, 100), bool)
    whole[crop.window] = crop.mask
    np.testing.assert_array_equal(whole, both.dense().any(0))


def test_an_empty_mask_takes_no_part() -> None:
    found = Instances((5, 7), (Crop(0, 0, np.zeros((0, 0), bool)), Crop(2, 3, np.ones((2, 2), bool))))
    assert together(found, [0, 1]).window == (slice(2, 4), slice(3, 5))
