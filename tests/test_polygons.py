"""Outlines as polygons: what pycocotools draws from them, and how far they are from the pixels' edges."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from pycocotools import mask as coco

from figureground.instances import Crop, tight_crop
from figureground.masks import components, crop_to_polygons, fill_holes

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # pycocotools

SIZE = (17, 11)
MASKS = arrays.arrays(bool, SIZE)


def read(rows):
    return np.array([[letter == "#" for letter in row] for row in rows])


def drawn(polygons, size):
    """What pycocotools makes of them, with none of our code."""
    if not polygons:
        return np.zeros(size, bool)
    return coco.decode(coco.merge(coco.frPyObjects(polygons, *size))).astype(bool)


def points(polygon):
    return np.reshape(polygon, (-1, 2))


def pixel_edges(mask):
    """Every corner of the pixels' edges between figure and ground, as x y."""
    padded = np.pad(mask, 1)
    found = set()
    for y, x in np.argwhere(padded):
        for dy, dx, ends in [
            (-1, 0, [(0, 0), (1, 0)]),
            (1, 0, [(0, 1), (1, 1)]),
            (0, -1, [(0, 0), (0, 1)]),
            (0, 1, [(1, 0), (1, 1)]),
        ]:
            if not padded[y + dy, x + dx]:
                found |= {(int(x) - 1 + right, int(y) - 1 + down) for right, down in ends}
    return np.array(sorted(found), float)


def far(places, polygons):
    """The largest distance of `places` (n, 2) from the closed lines of `polygons`."""
    nearest = np.full(len(places), np.inf)
    for polygon in map(points, polygons):
        for start, end in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
            line = end - start
            along = ((places - start) @ line / max(line @ line, 1e-9)).clip(0, 1)
            nearest = np.minimum(nearest, np.linalg.norm(places - start - along[:, None] * line, axis=1))
    return nearest.max()


@given(MASKS, st.integers(0, 5), st.integers(0, 7))
def test_pycocotools_draws_the_very_mask_again(mask, down, right):
    """Whatever its parts, holes and corners."""
    crop = tight_crop(mask)
    polygons = crop_to_polygons(Crop(crop.y0 + down, crop.x0 + right, crop.mask))
    expected = np.pad(mask, ((down, 2), (right, 3)))
    np.testing.assert_array_equal(drawn(polygons, expected.shape), expected)
    assert len(polygons) == len(components(mask.astype(np.uint8)))
    assert all(isinstance(number, float) for polygon in polygons for number in polygon)


@given(MASKS, st.floats(0, 4))
def test_no_edge_is_further_than_the_tolerance(mask, tolerance):
    crop = tight_crop(fill_holes(mask))
    polygons = crop_to_polygons(crop, tolerance)
    if mask.any():
        assert far(pixel_edges(fill_holes(mask)), polygons) <= tolerance + 1e-9


@given(MASKS, st.floats(0, 60))
def test_no_part_vanishes(mask, tolerance):
    """Whatever the tolerance, each part has its polygon of three points, that draws something."""
    polygons = crop_to_polygons(tight_crop(mask), tolerance)
    assert len(polygons) == len(components(mask.astype(np.uint8)))
    for polygon in polygons:
        assert len(polygon) >= 6 and drawn([polygon], SIZE).any()
        assert (points(polygon) >= 0).all() and (points(polygon) <= SIZE[::-1]).all()


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (["#"], [[(0, 0), (1, 0), (1, 1), (0, 1)]]),
        (["##", "##"], [[(0, 0), (2, 0), (2, 2), (0, 2)]]),
        (["#..#"], [[(0, 0), (1, 0), (1, 1), (0, 1)], [(3, 0), (4, 0), (4, 1), (3, 1)]]),
        # touching by a corner: one part, whose outline passes twice there
        (["#.", ".#"], [[(0, 0), (1, 0), (1, 1), (2, 1), (2, 2), (1, 2), (1, 1), (0, 1)]]),
        ([".#", "#."], [[(1, 0), (2, 0), (2, 1), (1, 1), (1, 2), (0, 2), (0, 1), (1, 1)]]),
    ],
)
def test_by_hand(rows, expected):
    polygons = crop_to_polygons(Crop(0, 0, read(rows)))
    assert [sorted(map(tuple, points(polygon).tolist())) for polygon in polygons] == [
        sorted(one) for one in expected
    ]


def test_a_hole_is_cut_out_along_a_bridge_that_has_no_width():
    ring = np.ones((7, 5), bool)
    ring[2:5, 2:4] = False
    (polygon,) = crop_to_polygons(Crop(0, 0, ring))
    assert len(points(polygon)) == 4 + 4 + 2
    np.testing.assert_array_equal(drawn([polygon], ring.shape), ring)


@pytest.mark.parametrize(
    ("width", "tolerance", "holes"),
    [(1, 1.0, 0), (1, 0.5, 1), (2, 2.0, 0), (2, 1.0, 1), (5, 2.0, 1)],
)
def test_holes_as_narrow_as_the_tolerance_are_filled(width, tolerance, holes):
    mask = np.ones((31, 29), bool)
    mask[11 : 11 + width, 13 : 13 + width] = False
    (polygon,) = crop_to_polygons(Crop(0, 0, mask), tolerance)
    assert (~drawn([polygon], mask.shape)).sum() == (width**2 if holes else 0)


def test_an_ellipse_needs_few_points():
    y, x = np.mgrid[:61, :97]
    mask = (x - 48) ** 2 / 45**2 + (y - 30) ** 2 / 25**2 <= 1
    counts, overlaps = [], []
    for tolerance in (0, 1, 2):
        (polygon,) = crop_to_polygons(Crop(0, 0, mask), tolerance)
        again = drawn([polygon], mask.shape)
        counts.append(len(points(polygon)))
        overlaps.append((again & mask).sum() / (again | mask).sum())
    assert counts[0] > 100 and counts[1] < 40 and counts[2] < 20
    assert overlaps[0] == 1 and overlaps[1] > 0.97 and overlaps[2] > 0.95


def test_nothing_has_no_polygons():
    assert crop_to_polygons(Crop(0, 0, np.zeros((0, 0), bool)), 1.0) == []
    assert crop_to_polygons(Crop(2, 3, np.zeros((5, 7), bool))) == []


def test_the_mask_is_not_changed():
    mask = np.ones((5, 7), bool)
    mask[2, 3] = False
    before = mask.copy()
    crop_to_polygons(Crop(0, 0, mask), 3.0)
    np.testing.assert_array_equal(mask, before)


@pytest.mark.parametrize("tolerance", [-0.1, np.inf, np.nan])
def test_a_tolerance_that_makes_no_sense_is_refused(tolerance):
    with pytest.raises(ValueError, match="a tolerance must be 0 or more pixels"):
        crop_to_polygons(Crop(0, 0, np.ones((1, 1), bool)), tolerance)
