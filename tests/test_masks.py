import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from pycocotools import mask as reference

from figureground.instances import Crop, tight_crop
from figureground.masks import (
    components,
    counts_to_crop,
    counts_to_mask,
    counts_to_string,
    covered_share,
    fill_holes,
    mask_iou,
    mask_to_counts,
    outlines,
    string_to_counts,
)

SIZES = st.tuples(st.integers(1, 9), st.integers(1, 11))
MASKS = SIZES.flatmap(lambda size: arrays.arrays(bool, size))


def flood(mask, start, neighbours):
    """The pixels of `mask` that can be reached from `start`, one step at a time."""
    seen, todo = {start}, [start]
    while todo:
        y, x = todo.pop()
        for dy, dx in neighbours:
            near = y + dy, x + dx
            inside = 0 <= near[0] < mask.shape[0] and 0 <= near[1] < mask.shape[1]
            if inside and mask[near] and near not in seen:
                seen.add(near)
                todo.append(near)
    return seen


FOUR = [(-1, 0), (1, 0), (0, -1), (0, 1)]
EIGHT = [*FOUR, (-1, -1), (-1, 1), (1, -1), (1, 1)]


def parts_by_hand(mask):
    left = {(int(y), int(x)) for y, x in np.argwhere(mask)}
    parts = []
    while left:
        part = flood(mask, min(left), EIGHT)
        parts.append(part)
        left -= part
    return parts


def pixels(crop: Crop):
    return {(int(y) + crop.y0, int(x) + crop.x0) for y, x in np.argwhere(crop.mask)}


@given(MASKS, st.integers(1, 5))
def test_components_are_the_connected_parts(mask, min_area):
    expected = [part for part in parts_by_hand(mask) if len(part) >= min_area]
    found = components(mask.astype(np.uint8) * 255, min_area)
    assert [pixels(crop) for crop in found] == expected
    for crop, part in zip(found, expected, strict=True):
        ys, xs = zip(*part, strict=True)
        assert (crop.y0, crop.x0) == (min(ys), min(xs))
        assert crop.mask.shape == (max(ys) - min(ys) + 1, max(xs) - min(xs) + 1)
        assert crop.mask.dtype == bool


@given(MASKS, st.none() | st.integers(0, 4))
def test_holes_are_ground_that_cannot_reach_the_border(mask, max_area):
    expected = mask.copy()
    ground = np.pad(~mask, 1, constant_values=True)
    outside = flood(ground, (0, 0), FOUR)
    for y, x in np.argwhere(~mask):
        hole = flood(ground, (int(y) + 1, int(x) + 1), FOUR)
        if not hole & outside and (max_area is None or len(hole) <= max_area):
            expected[y, x] = True
    before = mask.copy()
    np.testing.assert_array_equal(fill_holes(mask, max_area), expected)
    np.testing.assert_array_equal(mask, before)


RING = ["#####", "#..##", "#..##", "####.", "##.##"]


@pytest.mark.parametrize(
    ("max_area", "expected"),
    [
        (None, ["#####", "#####", "#####", "####.", "##.##"]),
        (4, ["#####", "#####", "#####", "####.", "##.##"]),
        (3, RING),
    ],
)
def test_a_ring_by_hand(max_area, expected):
    def read(rows):
        return np.array([[c == "#" for c in row] for row in rows])

    np.testing.assert_array_equal(fill_holes(read(RING), max_area), read(expected))


@given(MASKS)
def test_the_outline_encloses_exactly_the_figure_without_holes(mask):
    crop = tight_crop(mask)
    figure = Crop(crop.y0 + 3, crop.x0 + 5, fill_holes(crop.mask))
    if not crop.mask.size:
        return
    edge = set()
    for outline in outlines(figure):
        assert outline.dtype == np.int32
        closed = np.vstack([outline, outline[:1]])
        for (x0, y0), (x1, y1) in zip(closed[:-1].tolist(), closed[1:].tolist(), strict=True):
            steps = max(abs(x1 - x0), abs(y1 - y0), 1)
            edge |= {(y0 + (y1 - y0) * k // steps, x0 + (x1 - x0) * k // steps) for k in range(steps + 1)}
    inside = pixels(figure)
    border = {(y, x) for y, x in inside if any((y + dy, x + dx) not in inside for dy, dx in FOUR)}
    assert border <= edge <= inside


@given(st.lists(MASKS, max_size=3), st.lists(MASKS, max_size=3), st.data())
def test_overlap_is_that_of_the_pixel_sets(first, second, data):
    def placed(masks):
        return [Crop(data.draw(st.integers(0, 6)), data.draw(st.integers(0, 6)), mask) for mask in masks]

    left, right = placed(first), placed(second)
    expected = [
        [len(pixels(a) & pixels(b)) / max(1, len(pixels(a) | pixels(b))) for b in right] for a in left
    ]
    result = mask_iou(left, right)
    assert result.shape == (len(left), len(right))
    np.testing.assert_allclose(result, np.reshape(expected, result.shape))


def test_overlap_by_hand():
    square = Crop(0, 0, np.ones((2, 2), bool))
    shifted = Crop(1, 1, np.ones((2, 2), bool))
    far, empty = Crop(9, 9, np.ones((2, 2), bool)), Crop(0, 0, np.zeros((0, 0), bool))
    np.testing.assert_allclose(
        mask_iou([square, empty], [square, shifted, far, empty]), [[1, 1 / 7, 0, 0], [0] * 4]
    )


@pytest.mark.parametrize(
    ("mask", "counts"),
    [
        # column by column; the first run is ground, so it is 0 where the first pixel is figure
        ([[0, 0], [0, 0]], [4]),
        ([[1, 1], [1, 1]], [0, 4]),
        ([[0, 1], [0, 1], [1, 0]], [2, 3, 1]),
        ([[1, 0, 0], [0, 1, 0]], [0, 1, 2, 1, 2]),
        ([[1]], [0, 1]),
        ([[0]], [1]),
    ],
)
def test_run_lengths_by_hand(mask, counts):
    assert mask_to_counts(np.array(mask, bool)) == counts
    np.testing.assert_array_equal(counts_to_mask(counts, np.shape(mask)), np.array(mask, bool))


@given(MASKS)
def test_run_lengths_come_back(mask):
    counts = mask_to_counts(mask)
    assert all(count > 0 for count in counts[1:])
    np.testing.assert_array_equal(counts_to_mask(counts, mask.shape), mask)


@pytest.mark.parametrize(("counts", "total"), [([3], 3), ([], 0), ([5, 2], 7), ([8, -2], 6)])
def test_run_lengths_that_do_not_fit_are_refused(counts, total):
    with pytest.raises(ValueError, match=rf"add up to {total} pixels; a mask of \(2, 3\) has 6"):
        counts_to_mask(counts, (2, 3))


@given(MASKS)
def test_packed_counts_are_those_of_pycocotools(mask):
    packed = reference.encode(np.asfortranarray(mask, np.uint8))["counts"].decode()
    counts = mask_to_counts(mask)
    assert counts_to_string(counts) == packed
    assert string_to_counts(packed).tolist() == counts


@given(st.lists(st.integers(0, 2**40), max_size=9))
def test_long_runs_are_packed_and_unpacked(counts):
    assert string_to_counts(counts_to_string(counts)).tolist() == counts


@given(MASKS)
def test_crop_of_counts(mask):
    crop, expected = counts_to_crop(mask_to_counts(mask), mask.shape), tight_crop(mask)
    assert crop.window == expected.window or not mask.any()
    assert np.array_equal(crop.mask, expected.mask)


@given(
    st.lists(
        st.tuples(st.integers(-3, 9), st.integers(-3, 9), st.integers(0, 2**12 - 1)), min_size=1, max_size=4
    )
)
def test_covered_share_is_that_of_whole_masks(parts):
    """By brute force on a canvas that holds all of them."""
    crops, canvases = [], []
    for y, x, bits in parts:
        mask = np.array([bits >> i & 1 for i in range(12)], bool).reshape(3, 4)
        canvas = np.zeros((17, 19), bool)
        canvas[y + 3 : y + 6, x + 3 : x + 7] = mask
        crops.append(Crop(y, x, mask))
        canvases.append(canvas)
    others = np.any([np.zeros((17, 19), bool), *canvases[1:]], axis=0)
    area = canvases[0].sum()
    expected = (canvases[0] & others).sum() / area if area else 0
    assert covered_share(crops[0], crops[1:]) == pytest.approx(expected)
