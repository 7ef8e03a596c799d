import json
import random
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from real import COCO128, COMBO

from figureground.datasets.dataset import Annotation, Dataset, changed, new
from figureground.datasets.formats.coco import parse_coco, read_coco, write_coco
from figureground.errors import InputError

ODD = """\
{"images" : [{"file_name":"b/ä\\u00e4.png", "id":9007199254740993, "height":11,
   "width":17, "extra": {"z": [1.50]}}, {"id": 2, "file_name": "a.jpg"}],
 "later": {"deep": [null, 1e3, "\\ud83d\\ude00"]},
 "annotations": [{"id": 5, "image_id": 2, "category_id": 1,
   "segmentation": [[639.70, 1e1, 0.10, 3, 4, 5.000]], "track_id": 7,
   "keypoints": [1, 2, 2], "attributes": {"occluded": false, "note": "a]}\\"[{"}},
  {"id": 6, "image_id": 2, "category_id": 1, "iscrowd": 1,
   "segmentation": {"size": [11, 17], "counts": "0k5"}}],
 "info": {"year": 2014}, "categories": [{"id": 1, "name": "rat", "supercategory": "animal"}]}
"""


def normal(path):
    """A JSON file in the one form that keeps the order of keys and the digits of numbers."""
    return json.dumps(json.loads(path.read_text("utf-8"), parse_float=lambda digits: f"number {digits}"))


@pytest.mark.parametrize("path", [COMBO, COCO128], ids=["combo", "coco128"])
def test_reading_and_writing_loses_nothing(path, tmp_path):
    write_coco(read_coco(path), tmp_path / "out.json")
    assert normal(tmp_path / "out.json") == normal(path)


def test_odd_files_lose_nothing(tmp_path):
    (tmp_path / "odd.json").write_text(ODD, "utf-8")
    data = read_coco(tmp_path / "odd.json")
    write_coco(data, tmp_path / "out.json")
    assert normal(tmp_path / "out.json") == normal(tmp_path / "odd.json")
    assert b"639.70, 1e1, 0.10, 3, 4, 5.000" in (tmp_path / "out.json").read_bytes()
    assert [picture.id for picture in data.pictures] == [9007199254740993, 2]
    assert data.annotations[0].get("attributes") == {"occluded": False, "note": 'a]}"[{'}


def test_what_is_changed_changes_alone(tmp_path):
    (tmp_path / "odd.json").write_text(ODD, "utf-8")
    data = read_coco(tmp_path / "odd.json")
    moved = replace(data, annotations=tuple(changed(one, image_id=3) for one in data.annotations))
    write_coco(moved, tmp_path / "out.json")
    expected = json.loads(ODD)
    for one in expected["annotations"]:
        one["image_id"] = 3
    assert json.loads((tmp_path / "out.json").read_text("utf-8")) == expected
    assert b"[[639.70, 1e1, 0.10, 3, 4, 5.000]]" in (tmp_path / "out.json").read_bytes()


@pytest.mark.parametrize(
    ("path", "images", "classes"),
    [
        (COMBO, 212, {"rat": 218, "larva": 280}),
        (COCO128, 128, {"person": 259, "sports ball": 6}),
    ],
    ids=["combo", "coco128"],
)
def test_counts_of_real_files(path, images, classes):
    data = read_coco(path)
    names = data.names()
    found = Counter(names[one.category_id] for one in data.annotations)
    assert len(data.pictures) == images
    assert {name: found[name] for name in classes} == classes
    assert len(data.annotations) == sum(found.values()) == {212: 498, 128: 939}[images]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
IDS = st.integers(-(2**40), 2**40)


def objects(**fixed):
    return st.dictionaries(
        st.text().filter(lambda key: key not in (*fixed, "(raw)", "width", "height", "iscrowd")),
        JSON,
        max_size=3,
    ).flatmap(lambda more: st.fixed_dictionaries({**{k: st.just(v) for k, v in more.items()}, **fixed}))


LISTS = {
    "images": st.lists(objects(id=IDS, file_name=st.text()), max_size=3),
    "annotations": st.lists(objects(id=IDS, image_id=IDS, category_id=IDS), max_size=3),
    "categories": st.lists(objects(id=IDS, name=st.text()), max_size=3),
}


@given(st.fixed_dictionaries(LISTS), st.dictionaries(st.text(), JSON, max_size=3), st.randoms())
def test_any_file_comes_back_as_it_was(tmp_path_factory, lists, more, chance):
    items = list({**more, **lists}.items())
    chance.shuffle(items)
    text = json.dumps(dict(items), indent=chance.choice([None, 1]))
    out = tmp_path_factory.mktemp("law") / "out.json"
    write_coco(parse_coco(text.encode(), "made"), out)
    assert json.dumps(json.loads(out.read_text("utf-8"))) == json.dumps(dict(items))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is no JSON: Input data was truncated"),
        ("[]", "is no COCO file: expected object, got array"),
        ("{}", "is no COCO file: has no images"),
        ('{"images": {}}', "is no COCO file: images: expected array, got object"),
        ('{"images": [\n5]}', r"images\[0\]: expected object, got int"),
        ('{"images": [{"id": "1", "file_name": ""}]}', r"images\[0\]: id: expected int, got str"),
        ('{"images": [{"file_name": "a"}]}', r"images\[0\]: has no id"),
        ('{"images": [],\n\n"info": NaN}', "is no JSON: invalid character .byte 24. in line 3"),
        ('{"images": [], "annotations": [{"id": 1}]}', r"annotations\[0\]: has no image_id"),
        (
            '{"images": [], "categories": [{"id": 1, "name": "a"}, {"id": 2}]}',
            r"categories\[1\]: has no name",
        ),
        ('{"images": ' + "[" * 9999, "is no JSON"),
        ('{"images": [{"id": 1, "file_name": "\ud800"}]}', "is no JSON: 'utf-8' codec can't decode"),
        ('{"images": [{"id": 1, "file_name": "a", "more": "\ud800"}]}', "is no JSON: 'utf-8' codec can't"),
    ],
)
def test_what_is_no_coco_file_is_refused(text, told, tmp_path):
    path = tmp_path / "broken.json"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(InputError, match=f"broken.json: {told}"):
        read_coco(path)


def test_missing_file(tmp_path):
    with pytest.raises(InputError, match=r"none.json: cannot be read: No such file"):
        read_coco(tmp_path / "none.json")


def test_cut_and_changed_files_give_no_other_error():
    text, chance = COCO128.read_bytes()[:40_000], random.Random(3)
    for _ in range(300):
        broken = bytearray(text[: chance.randrange(len(text))] if chance.random() < 0.3 else text)
        for _ in range(chance.randrange(1, 4)):
            broken[chance.randrange(len(broken)) :][:1] = bytes([chance.randrange(256)])
        with pytest.raises(InputError):  # cut in the midst of its annotations, it is never whole
            parse_coco(bytes(broken), "made")


def test_byte_order_mark_is_no_fault():
    assert parse_coco(b'\xef\xbb\xbf{"images": []}', "made") == Dataset(order=("images",))


@pytest.mark.parametrize(
    "place",
    [
        *("a.jpg", "images/a.jpg", "notes/a.jpg", "../a.jpg", "../images/a.jpg", "../notes/a.jpg"),
        *("mice/a.jpg", "mice/images/a.jpg"),
    ],
)
def test_pictures_are_found_beside(tmp_path, place):
    path = tmp_path / "labels/notes.json"
    picture = (path.parent / place).resolve()
    for folder in (path.parent, picture.parent):
        folder.mkdir(parents=True, exist_ok=True)
    picture.touch()
    path.write_text('{"images": [{"id": 1, "file_name": "a.jpg"}]}')
    folder = read_coco(path).folder
    assert folder is not None
    assert folder.resolve() == picture.parent
    assert read_coco(path, tmp_path).folder == tmp_path


def test_one_missing_picture_does_not_hide_the_folder(tmp_path):
    pictures = [{"id": n, "file_name": f"{n}.jpg"} for n in range(5)]
    (tmp_path / "notes.json").write_text(json.dumps({"images": pictures}))
    (tmp_path / "images").mkdir()
    (tmp_path / "images/4.jpg").touch()
    assert read_coco(tmp_path / "notes.json").folder == tmp_path / "images"


def test_pictures_in_several_folders_beside_are_not_guessed(tmp_path):
    (tmp_path / "notes.json").write_text('{"images": [{"id": 1, "file_name": "a.jpg"}]}')
    for name in ("mice", "rats"):
        (tmp_path / name / "images").mkdir(parents=True)
        (tmp_path / name / "images/a.jpg").touch()
    assert read_coco(tmp_path / "notes.json").folder is None


def test_pictures_that_are_nowhere(tmp_path):
    path = tmp_path / "notes.json"
    path.write_text('{"images": [{"id": 1, "file_name": "a\\u0000.jpg"}]}')
    assert read_coco(path).folder is None


def test_a_new_dataset_has_the_usual_keys(tmp_path):
    figure = new(Annotation, id=1, image_id=1, category_id=1)
    write_coco(Dataset(annotations=(figure,)), tmp_path / "new.json")
    keys = list(json.loads((tmp_path / "new.json").read_text()))
    assert keys == ["images", "annotations", "categories"]
