import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from figureground.instances import Crop, Instances, tight_crop

SIZE = (7, 11)
DENSE = st.integers(1, 4).flatmap(lambda n: arrays.arrays(bool, (n, *SIZE)))


def square(y, x, side=2):
    return Crop(y, x, np.ones((side, side), bool))


@given(arrays.arrays(bool, SIZE), st.integers(0, 5), st.integers(0, 5))
def test_a_tight_crop_has_figure_on_every_side_and_loses_none(mask, y0, x0):
    crop = tight_crop(mask, y0, x0)
    back = np.zeros((20, 20), bool)
    back[crop.window] = crop.mask
    np.testing.assert_array_equal(back[y0 : y0 + SIZE[0], x0 : x0 + SIZE[1]], mask)
    if mask.any():
        assert all(side.any() for side in (crop.mask[0], crop.mask[-1], crop.mask[:, 0], crop.mask[:, -1]))
    else:
        assert crop.mask.shape == (0, 0)


@given(DENSE)
def test_dense_masks_come_back(masks):
    found = Instances.from_dense(masks)
    np.testing.assert_array_equal(found.dense(), masks)
    np.testing.assert_array_equal(found.union(), 255 * masks.any(0))
    assert found.areas.tolist() == [int(mask.sum()) for mask in masks]
    for box, mask in zip(found.boxes, masks, strict=True):
        ys, xs = np.nonzero(mask)
        assert box.tolist() == ([xs.min(), ys.min(), xs.max() + 1, ys.max() + 1] if len(ys) else [0, 0, 0, 0])


def test_columns_that_are_not_given_are_filled():
    found = Instances(SIZE, (square(1, 2), square(4, 8, 3)))
    assert found.boxes.tolist() == [[2, 1, 4, 3], [8, 4, 11, 7]]
    assert (found.scores.tolist(), found.labels.tolist(), found.ids.tolist()) == ([1, 1], [0, 0], [-1, -1])
    assert np.isnan(found.depth).all()
    types = [getattr(found, name).dtype for name in ("boxes", "scores", "labels", "ids", "depth")]
    assert types == [np.float32, np.float32, np.int64, np.int64, np.float32]


def test_none_is_an_ordinary_number_of_figures():
    found = Instances.empty(SIZE)
    assert len(found) == 0
    assert found.boxes.shape == (0, 4)
    assert found.dense().shape == (0, *SIZE)
    assert not found.union().any()
    assert found.areas.tolist() == []
    assert len(found.select([])) == len(found.select(slice(None))) == len(found.with_ids([])) == 0


FULL = Instances(
    SIZE,
    (square(0, 0), square(1, 3), square(5, 9)),
    boxes=[[0, 0, 2.5, 2], [3, 1, 5, 3], [9, 5, 11, 7]],
    scores=[0.25, 0.5, 0.75],
    labels=[2, 0, 1],
    ids=[7, -1, 9],
    depth=[0.5, np.nan, 1.5],
)


@pytest.mark.parametrize(
    ("index", "rows"),
    [
        ([2, 0], [2, 0]),
        ([1, 1], [1, 1]),
        ([False, True, True], [1, 2]),
        ([False] * 3, []),
        ([], []),
        (slice(1, None), [1, 2]),
        (slice(None, None, -1), [2, 1, 0]),
        (np.array([-1]), [2]),
        (np.array([0.2, 0.5, 0.9]) > 0.4, [1, 2]),
    ],
)
def test_selecting_takes_every_column_along(index, rows):
    chosen = FULL.select(index)
    assert [crop.window for crop in chosen.masks] == [FULL.masks[i].window for i in rows]
    assert chosen.scores.tolist() == [[0.25, 0.5, 0.75][i] for i in rows]
    assert chosen.labels.tolist() == [[2, 0, 1][i] for i in rows]
    assert chosen.ids.tolist() == [[7, -1, 9][i] for i in rows]
    assert chosen.boxes[:, 2].tolist() == [[2.5, 5, 11][i] for i in rows]
    np.testing.assert_array_equal(chosen.depth, np.array([0.5, np.nan, 1.5], np.float32)[rows])
    assert chosen.size == SIZE


def test_new_ids_change_nothing_else():
    renamed = FULL.with_ids([1, 2, 3])
    assert (renamed.ids.tolist(), FULL.ids.tolist()) == ([1, 2, 3], [7, -1, 9])
    assert renamed.scores.tolist() == FULL.scores.tolist()
    assert renamed.boxes.tolist() == FULL.boxes.tolist()
    assert renamed.masks == FULL.masks


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (lambda: Instances(SIZE, (square(6, 0),)), r"a mask of 2 x 2 at \(6, 0\) leaves the frame \(7, 11\)"),
        (lambda: Instances(SIZE, (square(0, 10),)), r"at \(0, 10\) leaves the frame"),
        (lambda: Instances(SIZE, (square(-1, 0),)), r"at \(-1, 0\) leaves the frame"),
        (
            lambda: Instances(SIZE, (Crop(0, 0, np.ones((2, 2))),)),
            r"must be \(h, w\) bool, got \(2, 2\) float64",
        ),
        (lambda: Instances(SIZE, (Crop(0, 0, np.ones(2, bool)),)), r"must be \(h, w\) bool, got \(2,\) bool"),
        (lambda: Instances(SIZE, (square(0, 0),), scores=[1, 2]), r"must have shape \(1,\), got \(2,\)"),
        (lambda: Instances(SIZE, (square(0, 0),), boxes=[[1, 2]]), r"must have shape \(1, 4\), got \(1, 2\)"),
        (lambda: Instances.from_dense([]), "at least one mask; for none use Instances.empty"),
        (lambda: FULL.with_ids([1]), r"must have shape \(3,\), got \(1,\)"),
    ],
)
def test_what_does_not_fit_is_refused(made, message):
    with pytest.raises(ValueError, match=message):
        made()


def test_a_figure_is_not_changed_in_place():
    with pytest.raises(AttributeError, match="cannot assign to field 'size'"):
        FULL.size = (1, 1)
