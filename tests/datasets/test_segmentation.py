import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools import mask as reference
from pycocotools.coco import COCO
from real import COCO128

from figureground.datasets.dataset import Annotation, Category, Dataset, Picture, RunLengths, new
from figureground.datasets.formats.coco import read_coco
from figureground.datasets.segmentation import (
    annotation_to_crop,
    picture_to_instances,
    polygons_to_crop,
    run_lengths_to_crop,
)
from figureground.errors import InputError

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation")  # pycocotools 2.0.11, decode

SIZE = 11, 17
POINT = st.floats(-20, 30, width=32)
POLYGONS = st.lists(st.lists(POINT, min_size=6, max_size=12).filter(lambda p: len(p) % 2 == 0), max_size=3)


def dense(crop, size=SIZE):
    mask = np.zeros(size, bool)
    mask[crop.window] = crop.mask
    return mask


def test_all_masks_of_coco128_equal_those_of_pycocotools():
    data, other = read_coco(COCO128), COCO(COCO128)
    groups, compared = data.by_picture(), 0
    for picture in data.pictures:
        found = picture_to_instances(data, picture, groups[picture.id])
        for annotation, mask in zip(groups[picture.id], found.dense(), strict=True):
            assert np.array_equal(mask, other.annToMask(other.anns[annotation.id]) > 0), annotation.id
            compared += 1
    assert compared == 939


@given(POLYGONS)
def test_polygons_are_drawn_as_pycocotools_draws_them(polygons):
    expected = np.zeros(SIZE, bool)
    for polygon in polygons:
        expected |= reference.decode(reference.frPyObjects([polygon], *SIZE))[..., 0] > 0
    assert np.array_equal(dense(polygons_to_crop(polygons, SIZE)), expected)


@pytest.mark.parametrize("packed", [False, True])
@given(mask=st.lists(st.booleans(), min_size=11 * 17, max_size=11 * 17))
def test_run_lengths_of_pycocotools(packed, mask):
    mask = np.array(mask).reshape(SIZE)
    runs = reference.encode(np.asfortranarray(mask, np.uint8))
    counts = runs["counts"].decode()
    if not packed:
        counts, flat, value = [], list(mask.T.ravel()), False
        while flat:  # by hand: how many of `value`, then of the other
            run = next((i for i, one in enumerate(flat) if one != value), len(flat))
            counts.append(run)
            flat, value = flat[run:], not value
    crop = run_lengths_to_crop(RunLengths(SIZE, counts), SIZE)
    assert np.array_equal(dense(crop), mask)
    assert not crop.mask.size or crop.mask.any(0)[[0, -1]].all()  # tight


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"segmentation": [[1, 2, 3, 4]]}, "a polygon has 4 numbers; it needs x and y of at least 3"),
        ({"segmentation": [[1, 2, 3, 4, 5, 6, 7]]}, "a polygon has 7 numbers"),
        ({"segmentation": [[1, 2, 3, 4, 5, 1e9]]}, "a point more than 100000 pixels outside"),
        ({"segmentation": {"size": [17, 11], "counts": [187]}}, r"of \(17, 11\), this one is of \(11, 17\)"),
        ({"segmentation": {"size": [11, 17], "counts": [180, 8]}}, "add up to 188 pixels"),
        ({"segmentation": {"size": [11, 17], "counts": [190, -3]}}, "add up to 187"),
        (
            {"segmentation": {"size": [11, 17], "counts": [187, 2**64]}},
            "run lengths up to 18446744073709551616",
        ),
        ({"segmentation": {"size": [11, 17], "counts": [187, *[2**62] * 4]}}, "add up to 18446744073709551"),
        ({"segmentation": {"size": [11, 17], "counts": "k"}}, "cut short"),
        ({"segmentation": {"size": [11, 17], "counts": "é"}}, "cut short"),
        ({"segmentation": {"size": [11, 17], "counts": "o" * 30 + "1"}}, "too large"),
        ({"segmentation": {"size": [11, 17], "counts": "5"}}, "add up to 5 pixels"),
        ({"bbox": [0, 0, 1e300, 1]}, "pixels outside"),
    ],
)
def test_what_cannot_be_drawn(values, told):
    with pytest.raises(InputError, match=f"annotation 7: .*{told}"):
        annotation_to_crop(new(Annotation, id=7, image_id=1, category_id=1, **values), SIZE)


@pytest.mark.parametrize(
    ("values", "pixels"),
    [
        ({}, 0),
        ({"segmentation": []}, 0),
        ({"bbox": [2, 3, 4, 5]}, 20),
        ({"segmentation": [], "bbox": [2, 3, 4, 5]}, 20),
        ({"segmentation": [[0, 0, 2, 0, 2, 2, 0, 2], [1, 1, 3, 1, 3, 3, 1, 3]]}, 7),
        ({"segmentation": {"size": [11, 17], "counts": [187]}}, 0),
        ({"segmentation": {"size": [11, 17], "counts": [0, 187]}}, 187),
        ({"segmentation": [[50, 50, 60, 50, 60, 60]]}, 0),
    ],
)
def test_pixels(values, pixels):
    crop = annotation_to_crop(new(Annotation, id=7, image_id=1, category_id=1, **values), SIZE)
    assert crop.mask.sum() == pixels


def test_labels_count_the_categories():
    categories = tuple(new(Category, id=n, name=str(n)) for n in (9, 4))
    picture = new(Picture, id=1, file_name="a", width=17, height=11)
    figures = [new(Annotation, id=n, image_id=1, category_id=n, bbox=[0, 0, n, 2]) for n in (4, 9)]
    found = picture_to_instances(Dataset((picture,), (), categories), picture, figures)
    assert found.labels.tolist() == [1, 0]
    assert found.boxes.tolist() == [[0, 0, 4, 2], [0, 0, 9, 2]]
    with pytest.raises(InputError, match="annotation 4: there is no category 4"):
        picture_to_instances(Dataset((picture,), (), categories[:1]), picture, figures)


@pytest.mark.parametrize("size", [(2**20, 2**20), (-1, 5)])
@pytest.mark.parametrize("shape", [[[0, 0, 9, 0, 9, 9]], {"size": [1048576, 1048576], "counts": [0, 2**40]}])
def test_size_that_cannot_be(size, shape):
    figure = new(Annotation, id=7, image_id=1, category_id=1, segmentation=shape)
    with pytest.raises(InputError, match=r"annotation 7: a picture of .* cannot be"):
        annotation_to_crop(figure, size)
