import json

import pytest
from msgspec import Raw, ValidationError

from figureground.datasets.dataset import Annotation, Category, Dataset, Picture, changed, new, parse
from figureground.errors import InputError


def figure(number, image=1, **values):
    return new(Annotation, id=number, image_id=image, category_id=1, **values)


def picture(number):
    return new(Picture, id=number, file_name=f"{number}.png", width=17, height=11)


def test_record_keeps_its_text():
    raw = Raw(b'{"name": "a", "id": 3 , "more": 1.500}')
    record = parse(Category, raw)
    assert (record.id, record.name, bytes(record.raw)) == (3, "a", bytes(raw))
    assert record.get("more") == 1.5
    assert record.get("none", 4) == 4


def test_changed_keeps_order_and_digits():
    record = parse(Picture, Raw(b'{"width": 5, "id": 3, "file_name": "x", "f": 1.500}'))
    other = changed(record, id=4, split="val")
    assert bytes(other.raw) == b'{"width":5,"id":4,"file_name":"x","f":1.500,"split":"val"}'
    assert (other.id, other.width, record.id) == (4, 5, 3)


def test_changed_to_nonsense():
    with pytest.raises(ValidationError, match="Expected `int`"):
        changed(picture(1), id="one")


def test_by_picture():
    data = Dataset((picture(1), picture(2)), (figure(1, 2), figure(2, 9), figure(3, 2)))
    groups = {key: [one.id for one in value] for key, value in data.by_picture().items()}
    assert groups == {1: [], 2: [1, 3]}


def test_of_pictures():
    data = Dataset((picture(1), picture(2)), (figure(1, 2), figure(2, 1)), (), rest={"info": Raw(b"{}")})
    kept = data.of_pictures(data.pictures[1:])
    assert [one.id for one in kept.annotations] == [1]
    assert [one.id for one in kept.pictures] == [2]
    assert kept.rest == data.rest


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"segmentation": [["1"]]}, r"annotation 7: segmentation\[0\]\[0\]: expected float, got str"),
        ({"segmentation": 5}, r"annotation 7: segmentation: expected .*, got int"),
        ({"segmentation": {"size": [1, 2]}}, "annotation 7: has no counts"),
        ({"bbox": [1, 2, 3]}, "annotation 7: bbox: expected array of length 4"),
        ({"area": "1"}, r"annotation 7: area: expected float \| null, got str"),
    ],
)
def test_shape_that_is_none(values, told):
    with pytest.raises(InputError, match=told):
        _ = figure(7, **values).bbox


def test_shape():
    one = figure(1, segmentation=[[1, 2.5, 3, 4, 5, 6]], bbox=[1, 2, 3, 4], area=5)
    assert one.segmentation == [[1, 2.5, 3, 4, 5, 6]]
    assert (one.bbox, one.area) == ((1, 2, 3, 4), 5)
    assert (figure(2).segmentation, figure(2).bbox, figure(2).area) == (None, None, None)


def test_new_keeps_what_it_is_given():
    values = {"id": 1, "image_id": 2, "category_id": 3, "attributes": {"score": 0.5}}
    assert json.loads(bytes(new(Annotation, **values).raw)) == values
