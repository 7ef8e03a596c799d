from dataclasses import replace

import numpy as np
from made_training import STILL

from figureground.instances import Instances
from figureground.training.pasting import composed

SHARP = replace(STILL, feather=0.0)
SIZE = 23, 31


def of_box(*boxes: tuple[int, int, int, int]) -> Instances:
    """Figures that fill boxes y0, x0, y1, x1; labels count them."""
    masks = np.zeros((len(boxes), *SIZE), bool)
    for mask, (y0, x0, y1, x1) in zip(masks, boxes, strict=True):
        mask[y0:y1, x0:x1] = True
    return Instances.from_dense(masks, labels=range(len(boxes)))


def plain(value: int) -> np.ndarray:
    return np.full((*SIZE, 3), value, np.uint8)


def test_pixels_and_masks_of_what_is_pasted() -> None:
    image, other = plain(10), plain(200)
    out, figures = composed(image, Instances.empty(SIZE), other, of_box((4, 6, 9, 13)), SHARP)
    wanted = plain(10)
    wanted[4:9, 6:13] = 200
    assert np.array_equal(out, wanted)
    assert figures.boxes.tolist() == [[6, 4, 13, 9]]
    assert (image == 10).all()


def test_what_is_hidden_is_not_in_the_masks() -> None:
    before = of_box((2, 2, 12, 12), (4, 14, 8, 20), (15, 20, 22, 30))
    out, figures = composed(plain(10), before, plain(99), of_box((0, 8, 10, 21)), SHARP)
    seen = figures.dense()
    assert figures.labels.tolist() == [0, 2, 0]  # the second is hidden
    assert seen[0].sum() == 100 - 8 * 4
    assert not (seen[0] & seen[2]).any()
    assert (out[seen[2]] == 99).all()


def test_a_soft_edge() -> None:
    out, figures = composed(
        plain(0), Instances.empty(SIZE), plain(200), of_box((5, 5, 15, 15)), replace(STILL, feather=2.0)
    )
    row = out[10, :, 0].astype(int)
    assert row[10] == 200
    assert row[0] == 0
    assert 0 < row[4] < row[5] < 200
    assert figures.boxes.tolist() == [[5, 5, 15, 15]]


def test_nothing_to_paste() -> None:
    before = of_box((2, 2, 12, 12))
    out, figures = composed(plain(10), before, plain(99), Instances.empty(SIZE), SHARP)
    assert (out == 10).all()
    assert len(figures) == 1


def test_anywhere_and_turned() -> None:
    rng = np.random.default_rng(0)
    steps = replace(SHARP, flip_x=0.5, flip_y=0.5, paste_scale=(0.5, 2.0))
    for _ in range(40):
        out, figures = composed(
            plain(10), Instances.empty(SIZE), plain(200), of_box((4, 6, 9, 13)), steps, rng
        )
        inside = figures.union() > 0
        assert (out[~inside] < 110).all()
        assert (out[inside] > 100).all()
        assert len(figures) <= 1
