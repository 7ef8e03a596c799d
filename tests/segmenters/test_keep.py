from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest

from figureground.errors import OptionError
from figureground.frames import Frame
from figureground.instances import Instances
from figureground.segmenters.keep import kept

FRAME = Frame(np.zeros((11, 17, 3), np.uint8), 0, Fraction(0))


class Boxes:
    """Finds a rat of 6 pixels, a larva of 12 and a rat of 20, in each frame."""

    classes = ("rat", "larva", "nest")
    stateful = True

    def __call__(self, frames: Sequence[Frame]) -> list[Instances]:
        masks = np.zeros((3, 11, 17), bool)
        masks[0, 0:2, 0:3] = masks[1, 3:6, 0:4] = masks[2, 6:10, 5:10] = True
        return [Instances.from_dense(masks, labels=[0, 1, 0], scores=[0.5, 0.6, 0.7]) for _ in frames]


@pytest.mark.parametrize(
    ("classes", "min_area", "areas"),
    [
        (None, 0, [6, 12, 20]),
        (None, 6, [6, 12, 20]),
        (None, 7, [12, 20]),
        (None, 21, []),
        (["rat"], 0, [6, 20]),
        (["larva", "rat"], 0, [6, 12, 20]),
        (["nest"], 0, []),
        (["rat"], 10, [20]),
        ([], 0, []),
    ],
)
def test_figures_that_are_kept(classes: list[str] | None, min_area: int, areas: list[int]) -> None:
    found = kept(Boxes(), classes=classes, min_area=min_area)([FRAME, FRAME])
    assert [one.areas.tolist() for one in found] == [areas, areas]


def test_columns_stay_with_their_figures() -> None:
    (found,) = kept(Boxes(), min_area=10)([FRAME])
    assert found.labels.tolist() == [1, 0]
    assert found.scores.tolist() == pytest.approx([0.6, 0.7])


def test_stays_the_segmenter_it_wraps() -> None:
    segmenter = kept(Boxes(), classes=["rat"])
    assert segmenter.classes == ("rat", "larva", "nest")
    assert segmenter.stateful
    assert segmenter([]) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"classes": ["cat"]}, "cannot keep cat: this segmenter finds only: rat, larva, nest"),
        ({"classes": ["cat", "rat", "dog"]}, "cannot keep cat, dog:"),
        ({"min_area": -1}, "must be 0 or more pixels, got -1"),
    ],
)
def test_refuses(options: dict[str, object], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        kept(Boxes(), **options)  # type: ignore[arg-type]
