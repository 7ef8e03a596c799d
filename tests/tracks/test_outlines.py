import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from pycocotools import mask as coco

from figureground.instances import Crop, tight_crop
from figureground.tracks import Outlines
from figureground.tracks.outlines import crop_to_text

masks = arrays.arrays(bool, st.tuples(st.integers(1, 13), st.integers(1, 17)))


@given(masks)
def test_texts_are_those_of_pycocotools(mask):
    expected = coco.encode(np.asfortranarray(mask, np.uint8))["counts"] if mask.any() else b""
    assert crop_to_text(tight_crop(mask), mask.shape) == expected


@given(masks, st.integers(0, 5), st.integers(0, 3), st.integers(0, 3), st.integers(0, 2))
def test_a_loose_crop_anywhere_comes_back(mask, y0, x0, below, right):
    size = (y0 + mask.shape[0] + below, x0 + mask.shape[1] + right)
    dense = np.zeros(size, bool)
    dense[y0 : y0 + mask.shape[0], x0 : x0 + mask.shape[1]] = mask
    crop = Outlines.from_crops([Crop(y0, x0, mask)], size)[0]
    back = np.zeros(size, bool)
    back[crop.window] = crop.mask
    np.testing.assert_array_equal(back, dense)


def test_figures_are_chosen_and_joined():
    crops = [Crop(i, 0, np.ones((1, i + 1), bool)) for i in range(4)]
    outlines = Outlines.from_crops(crops, (5, 7))
    some = outlines.take(np.array([3, 1]))
    both = Outlines.joined([some, outlines[:1], Outlines.from_texts([], (5, 7))], (5, 7))
    assert [crop.mask.shape[1] for crop in both] == [4, 2, 1]
    assert [crop.y0 for crop in both] == [3, 1, 0]
    assert len(Outlines.joined([], (5, 7))) == 0


def test_without_an_outline_a_crop_is_empty():
    outlines = Outlines.from_texts([b"", b"72j0"], (5, 7))
    assert outlines[0].mask.shape == (0, 0)
    assert outlines.known.tolist() == [False, True]


@pytest.mark.parametrize("text", [b"\xff", b"7", b"72j1", b"0" * 9, b"0" * 999, b"oooooooooooooooooooo0"])
def test_a_lying_text_is_told(text):
    with pytest.raises(ValueError, match="run lengths"):
        Outlines.from_texts([text], (5, 7))[0]
