import doctest
import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from real import COCO128, COMBO

from figureground.datasets.dataset import Annotation, Category, Dataset, Picture, new
from figureground.datasets.formats.coco import read_coco
from figureground.datasets.selection.subject import WEIGHTS, plain_weight, soft_weight, subject
from figureground.errors import InputError, OptionError

PAGE = Path(__file__).parents[2] / "docs/subject.md"


def made(*figures, size=(480, 640), classes="person"):
    """One picture of `size` with figures of (x of the middle, y, width, height, more keys)."""
    photo = new(Picture, id=1, file_name="a.jpg", width=size[1], height=size[0])
    rows = []
    for number, (x, y, width, height, *more) in enumerate(figures, 1):
        keys = {"image_id": 1, "category_id": 1, "bbox": [x - width / 2, y - height / 2, width, height]}
        keys |= {"area": width * height} | (more[0] if more else {})
        rows.append(new(Annotation, id=number, **keys))
    categories = tuple(new(Category, id=n, name=name) for n, name in enumerate(classes.split(), 1))
    return Dataset((photo,), tuple(rows), categories)


def main_ids(data, **options):
    return [one.id for one in subject(data, **options).annotations]


SPECK, PERSON = (322, 240, 10, 10), (360, 240, 300, 400)


def test_speck_in_the_middle():
    assert main_ids(made(SPECK, PERSON), weight="plain") == [1]
    assert main_ids(made(SPECK, PERSON)) == [2]


def test_page():
    """The examples of docs/subject.md are run."""
    found = doctest.testfile(str(PAGE), module_relative=False)
    assert found.attempted >= 12
    assert found.failed == 0


@pytest.mark.parametrize("weight", WEIGHTS)
@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ([(320, 240, 10, 10), (320, 240, 20, 20)], 2),  # both in the very middle
        ([(320, 240, 20, 20), (320, 240, 20, 20)], 1),  # equal: the first
        ([(320, 240, 0, 0), (400, 240, 20, 20)], 2),  # nothing, in the very middle
        ([(100, 240, 20, 20), (540, 240, 20, 21)], 2),
        ([(10, 240, 50, 50), (240, 240, 50, 50)], 2),
        ([(0, 0, 0, 0)], 1),
        ([(1e300, 1e300, 5, 5), (10, 10, 5, 5)], 2),
    ],
)
def test_choices(weight, figures, expected):
    assert main_ids(made(*figures), weight=weight) == [expected]


@settings(deadline=None)
@given(st.floats(1, 1e6), st.floats(0.001, 1e4), st.floats(10, 1e5))
def test_weights_as_in_the_formulas(area, distance, diagonal):
    assert math.isclose(plain_weight(area, distance, diagonal), area / distance**4)
    softening = diagonal / 10
    exact = area * softening**4 / (distance**2 + softening**2) ** 2
    assert math.isclose(soft_weight(area, distance, diagonal), exact)
    assert soft_weight(area, 0, diagonal) == area


figures = st.lists(
    st.tuples(st.integers(0, 640), st.integers(0, 480), st.integers(1, 300), st.integers(1, 300)), max_size=6
)


@settings(deadline=None)
@given(figures, st.sampled_from([2, 4, 8]))
def test_size_of_the_picture_does_not_matter(rows, times):
    larger = [tuple(value * times for value in row) for row in rows]
    assert main_ids(made(*rows)) == main_ids(made(*larger, size=(480 * times, 640 * times)))


@settings(deadline=None)
@given(figures)
def test_one_of_each_picture(rows):
    data = made(*rows)
    assert len(subject(data).annotations) == len(subject(data).pictures) == bool(rows)
    assert subject(subject(data)) == subject(data)


@pytest.mark.parametrize(("share", "left"), [(0, [1]), (0.39, [1]), (0.390625, [1]), (0.391, []), (1, [])])
def test_least_share(share, left):
    """120000 of 307200 pixels are 0.390625."""
    assert main_ids(made((320, 240, 300, 400)), share=share) == left


def test_share_is_of_the_main_figure():
    """The small one in the middle is the main one, so the large one in the corner does not count."""
    data = made((320, 240, 200, 200), (500, 430, 640, 480, {"area": 130_000}))
    assert main_ids(data, weight="plain") == [1]
    assert main_ids(data, weight="plain", share=0.4) == []


def test_classes_and_crowds():
    crowd, ball = {"iscrowd": 1}, {"category_id": 2}
    data = made(
        (320, 240, 400, 300, crowd), (300, 240, 50, 50, ball), (100, 240, 30, 30), classes="person ball"
    )
    assert main_ids(data) == [2]
    assert main_ids(data, crowd=True) == [1]
    assert main_ids(data, classes=["person"]) == [3]
    assert main_ids(data, classes=["person", "ball"]) == [2]
    assert subject(data).categories == data.categories


def test_without_area_and_box():
    """The mask tells: 9 pixels, 3 x 3 around (3.5, 3.5)."""
    square = [[2, 2, 5, 2, 5, 5, 2, 5]]
    photo = new(Picture, id=1, file_name="a.jpg", width=17, height=11)
    figure = new(Annotation, id=1, image_id=1, category_id=1, segmentation=square)
    data = Dataset((photo,), (figure,), (new(Category, id=1, name="rat"),))
    assert main_ids(data, share=9 / 187) == [1]
    assert main_ids(data, share=9.1 / 187) == []


def test_nothing_and_strange():
    assert subject(Dataset()) == Dataset()
    lost = new(Annotation, id=1, image_id=99, category_id=1, bbox=[0, 0, 1, 1])
    assert subject(Dataset((), (lost,))) == Dataset()


def test_unknown_size():
    data = made((5, 5, 3, 3), size=(0, 0))
    with pytest.raises(InputError, match=r"image 1 \(a.jpg\): its size is not known"):
        subject(data)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"weight": "hard"}, "no weight 'hard'; there are: soft, plain"),
        ({"classes": ["cat"]}, "no class 'cat'; the classes are: person"),
        ({"share": 40}, "a share of 40; it must be from 0 to 1"),
        ({"share": -0.1}, "from 0 to 1"),
        ({"share": float("nan")}, "from 0 to 1"),
    ],
)
def test_wrong_options(options, match):
    with pytest.raises(OptionError, match=match):
        subject(made(PERSON), **options)


@pytest.mark.parametrize("weight", WEIGHTS)
def test_real(weight):
    data = read_coco(COCO128)
    chosen = subject(data, weight=weight, classes=["person"])
    figures = {one.id: one for one in data.annotations}
    people = {one.image_id for one in data.annotations if data.names()[one.category_id] == "person"}
    assert {one.id for one in chosen.pictures} <= people
    assert all(bytes(one.raw) == bytes(figures[one.id].raw) for one in chosen.annotations)
    assert len(subject(read_coco(COMBO), weight=weight).annotations) == 212


def test_forty_percent_of_coco128():
    """By hand from the file: persons, not crowds, that cover so much of their picture."""
    data = read_coco(COCO128)
    sizes = {one.id: one.width * one.height for one in data.pictures}
    large = {
        one.image_id
        for one in data.annotations
        if data.names()[one.category_id] == "person"
        and not one.iscrowd
        and (one.area or 0) >= 0.4 * sizes[one.image_id]
    }
    assert {one.id for one in subject(data, classes=["person"], share=0.4).pictures} == large
    assert len(large) == 4
