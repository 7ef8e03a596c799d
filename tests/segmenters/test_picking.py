"""Figures that a detector finds twice."""

import numpy as np
import pytest

from figureground.instances import Crop
from figureground.segmenters.picking import distinct


def block(x: int, width: int) -> Crop:
    return Crop(2, x, np.ones((5, width), bool))


@pytest.mark.parametrize(
    ("crops", "labels", "kept"),
    [
        ([block(0, 10), block(2, 5)], [0, 0], [0]),  # a piece of a surer one
        ([block(0, 10), block(2, 5)], [0, 1], [0, 1]),  # of another class
        ([block(2, 5), block(0, 10)], [0, 0], [0, 1]),  # half of the larger one is new
        ([block(0, 10), block(11, 10), block(0, 21)], [0, 0, 0], [0, 1]),  # two taken for one
        ([block(0, 10), block(7, 10)], [0, 0], [0, 1]),  # two that overlap
        ([block(0, 10), block(3, 10), block(1, 10)], [0, 0, 0], [0, 1]),
        ([Crop(0, 0, np.zeros((3, 2), bool)), block(0, 3)], [0, 0], [1]),
        ([], [], []),
    ],
)
def test_what_shows_nothing_new_goes(crops: list[Crop], labels: list[int], kept: list[int]) -> None:
    assert distinct(crops, labels) == kept
