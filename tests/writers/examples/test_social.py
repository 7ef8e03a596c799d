from fractions import Fraction

import numpy as np
import pytest

from figureground.frames import Frame
from figureground.instances import Instances
from figureground.writers.examples.figures import frame_to_figures
from figureground.writers.examples.settings import Settings
from figureground.writers.examples.social import Neighbours

SIZE = (43, 131)


def figures_at(*places, side=11, labels=None):
    """Squares whose contours enclose (side - 1)² pixels, with their left edges at `places`."""
    masks = np.zeros((len(places), *SIZE), bool)
    for mask, x in zip(masks, places, strict=True):
        mask[10 : 10 + side, x : x + side] = True
    frame = Frame(np.zeros((*SIZE, 3), np.uint8), 0, Fraction(0))
    return frame_to_figures(frame, Instances.from_dense(masks, labels=labels), Settings())


@pytest.mark.parametrize(
    ("distance", "near"),
    [
        (0, ((1, 2), (0, 2), (0, 1))),  # any distance
        (2, ((), (), ())),  # reaches 20 pixels, and at 20 one is not near
        (3, ((1,), (0,), ())),
        (8, ((1,), (0,), ())),  # 80, and at 80 one is not near
        (10, ((1,), (0, 2), (1,))),
        (11, ((1, 2), (0, 2), (0, 1))),
    ],
)
def test_near_is_less_than_so_many_sides(distance, near):
    assert Neighbours(distance)(figures_at(5, 25, 105)) == near


def test_figures_at_one_place_do_not_see_each_other():
    assert Neighbours(0)(figures_at(5, 5, 60)) == ((2,), (2,), (0, 1))


def test_the_area_is_a_mean_over_time():
    near = Neighbours(2)
    assert near(figures_at(5, 30)) == ((), ())  # area 100, reach 20, and they are 25 apart
    near(figures_at(5, side=21))  # area 400, mean 250
    assert near(figures_at(5, 30, side=21)) == ((1,), (0,))  # mean 325, reach 36


def test_each_class_has_its_area():
    near = Neighbours(2)
    near(figures_at(5, side=21, labels=[1]))  # 400 for class 1
    two = figures_at(5, 30, labels=[0, 1])  # 100 for class 0, 250 for class 1: reach 2 * sqrt(175) = 26.5
    assert near(two) == ((1,), (0,))


@pytest.mark.parametrize("places", [(), (5,)])
def test_nobody_and_one_have_no_neighbours(places):
    figures = figures_at(*places) if places else ()
    assert Neighbours(3)(figures) == tuple(() for _ in places)


def test_lines_enclose_nothing_and_reach_nobody():
    assert Neighbours(3)(figures_at(5, 20, side=1)) == ((), ())
