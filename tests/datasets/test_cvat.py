"""Zip files with COCO files: as CVAT and Roboflow make them, and as we write them for CVAT."""

import json
import warnings
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from made_sets import SIZE, damaged, made, reads_or_refuses, save_photo, shapes
from real import COCO128, COMBO

from figureground.datasets.dataset import Annotation, Dataset, changed, new
from figureground.datasets.formats import read_dataset, write_dataset
from figureground.datasets.formats.coco import read_coco
from figureground.datasets.formats.cvat import read_zip, write_cvat
from figureground.datasets.formats.numbered import numbered
from figureground.datasets.pictures import PictureFiles
from figureground.errors import InputError, OutputError

INSTANCES = "annotations/instances_default.json"
SQUARE = [[1, 1, 5, 1, 5, 4, 1, 4]]


def coco(*names: str, kinds: tuple[str, ...] = ("rat",), category: int = 1) -> dict[str, Any]:
    """A COCO file with a figure on each picture."""
    figure = {"category_id": category, "segmentation": SQUARE, "iscrowd": 0, "attributes": {"track_id": 3}}
    return {
        "images": [
            {"id": 5 + at, "file_name": name, "width": 17, "height": 11} for at, name in enumerate(names)
        ],
        "annotations": [{"id": 9 + at, "image_id": 5 + at, **figure} for at in range(len(names))],
        "categories": [{"id": at, "name": name} for at, name in enumerate(kinds, 1)],
    }


def save(path: Path, **members: Any) -> Path:
    return save_members(path, members)


def save_members(path: Path, members: dict[str, Any]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content if isinstance(content, bytes) else json.dumps(content))
    return path


def photo(tmp_path: Path, seed: int) -> bytes:
    return save_photo(tmp_path / f"photo{seed}.png", seed=seed).read_bytes()


@pytest.mark.parametrize("place", ["images/a.png", "images/default/a.png", "a.png", "default/a.png"])
def test_as_cvat_exports_it(place, tmp_path):
    data = photo(tmp_path, 1)
    path = save_members(tmp_path / "a.zip", {INSTANCES: coco("a.png"), place: data})
    found = read_dataset(path)
    assert (found.folder, found.annotations[0].get("attributes")) == (path, {"track_id": 3})
    with PictureFiles(found) as files:
        held = files.has(found.pictures[0])
        assert held == (place != "default/a.png")
        if held:
            assert files.data(found.pictures[0]) == data
            assert files.read(found.pictures[0]).shape == (*SIZE, 3)


def test_several_subsets_are_put_together(tmp_path):
    members = {
        "annotations/instances_Train.json": coco("a.png", "b.png"),
        "annotations/instances_valid.json": coco("c.png", kinds=("larva", "rat"), category=2),
        "annotations/person_keypoints_valid.json": {"no": "coco"},
        "images/Train/a.png": photo(tmp_path, 1),
        "images/valid/c.png": photo(tmp_path, 2),
    }
    data = read_dataset(save_members(tmp_path / "a.zip", members))
    assert [(one.id, one.file_name, one.get("split")) for one in data.pictures] == [
        (1, "a.png", "train"),
        (2, "b.png", "train"),
        (3, "c.png", "val"),
    ]
    assert [(one.id, one.image_id, one.category_id) for one in data.annotations] == [
        (1, 1, 1),
        (2, 2, 1),
        (3, 3, 1),
    ]
    assert [(one.id, one.name) for one in data.categories] == [(1, "rat"), (2, "larva")]
    with PictureFiles(data) as files:
        assert [files.has(one) for one in data.pictures] == [True, False, True]


def test_pictures_of_one_name_in_two_subsets(tmp_path):
    members = {
        "annotations/instances_a.json": coco("x.png"),
        "annotations/instances_b.json": coco("x.png"),
        "images/a/x.png": photo(tmp_path, 1),
        "images/b/x.png": photo(tmp_path, 2),
    }
    data = read_dataset(save_members(tmp_path / "a.zip", members))
    with PictureFiles(data) as files:
        assert [files.data(one) for one in data.pictures] == [photo(tmp_path, 1), photo(tmp_path, 2)]
    del members["images/a/x.png"], members["images/b/x.png"]
    with pytest.raises(InputError, match=r"x\.png is in two subsets"):
        read_dataset(save_members(tmp_path / "b.zip", members))


def test_as_roboflow_exports_it(tmp_path):
    members = {
        "README.txt": b"",
        "train/_annotations.coco.json": coco("a.png"),
        "valid/_annotations.coco.json": coco("a.png"),
        "train/a.png": photo(tmp_path, 1),
        "valid/a.png": photo(tmp_path, 2),
    }
    path = save_members(tmp_path / "a.zip", members)
    with zipfile.ZipFile(path) as file:
        file.extractall(tmp_path / "unpacked")
    for place in (path, tmp_path / "unpacked"):
        data = read_dataset(place)
        assert [(one.file_name, one.get("split")) for one in data.pictures] == [
            ("train/a.png", "train"),
            ("valid/a.png", "val"),
        ]
        with PictureFiles(data) as files:
            assert [files.data(one) for one in data.pictures] == [photo(tmp_path, 1), photo(tmp_path, 2)]


def test_a_zip_file_with_any_one_coco_file(tmp_path):
    members = {"set/my.json": coco("a.png"), "set/a.png": photo(tmp_path, 1), "__MACOSX/._my.json": b"\0"}
    data = read_zip(save_members(tmp_path / "a.zip", members))
    with PictureFiles(data) as files:
        assert files.has(data.pictures[0])


def test_names_from_the_top_on_are_taken_as_they_are(tmp_path):
    members = {"set/my.json": coco("a.png"), "a.png": photo(tmp_path, 1), "set/a.png": photo(tmp_path, 2)}
    data = read_zip(save_members(tmp_path / "a.zip", members))
    with PictureFiles(data) as files:
        assert files.data(data.pictures[0]) == photo(tmp_path, 1)


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ({"a.txt": b"x"}, "has no COCO file; looked for annotations/instances_"),
        ({"a.json": coco("a"), "b.json": coco("b")}, r"has several json files: a\.json, b\.json"),
        ({INSTANCES: {"shapes": []}}, "instances_default.json: is no COCO file: has no images"),
        ({INSTANCES: b"{"}, "instances_default.json: is no JSON"),
        ({INSTANCES: coco("a"), "../b": b""}, "leads out of the folder"),
    ],
)
def test_what_is_refused(members, text, tmp_path):
    with pytest.raises(InputError, match=rf"a\.zip: .*{text}"):
        read_dataset(save_members(tmp_path / "a.zip", members))


def test_a_zip_file_is_known_by_its_content(tmp_path):
    path = save_members(tmp_path / "export", {INSTANCES: coco("a.png")})
    assert len(read_dataset(path).pictures) == 1
    (tmp_path / "b.zip").write_bytes(b"PK no zip")
    with pytest.raises(InputError, match=r"b\.zip: is no zip file, or is damaged"):
        read_dataset(tmp_path / "b.zip")


def test_combo_comes_back_byte_by_byte(tmp_path):
    data = read_coco(COMBO)
    told = write_dataset(data, tmp_path / "a.zip")
    assert told == ["the pictures are not in it: it is not known where they are (--images FOLDER)"]
    back = read_dataset(tmp_path / "a.zip")
    assert (len(back.pictures), len(back.annotations)) == (212, 498)
    for name in ("pictures", "annotations", "categories"):
        old, again = getattr(data, name), getattr(back, name)
        assert [bytes(one.raw) for one in again] == [bytes(one.raw) for one in old]
    with zipfile.ZipFile(tmp_path / "a.zip") as file:
        assert json.loads(file.read(INSTANCES)) == json.loads(COMBO.read_bytes())


def test_coco128_with_its_pictures(tmp_path):
    data = read_coco(COCO128)
    assert write_dataset(data, tmp_path / "a.zip") == []
    with zipfile.ZipFile(tmp_path / "a.zip") as file:
        assert file.testzip() is None
        assert json.loads(file.read(INSTANCES)) == json.loads(COCO128.read_bytes())
        for info in file.infolist()[1:]:
            assert info.compress_type == zipfile.ZIP_STORED
            assert file.read(info) == (COCO128.parent / info.filename).read_bytes()
        assert len(file.infolist()) == 129
    again = tmp_path / "b.zip"
    write_dataset(read_dataset(tmp_path / "a.zip"), again)  # from zip to zip
    assert again.read_bytes() == (tmp_path / "a.zip").read_bytes()


def test_track_ids_and_attributes_survive(tmp_path):
    data = made([SQUARE])
    figure = changed(data.annotations[0], track_id=7, attributes={"occluded": True, "sex": "f"})
    write_cvat(replace(data, annotations=(figure,)), tmp_path / "a.zip")
    (back,) = read_zip(tmp_path / "a.zip").annotations
    assert (back.get("track_id"), back.get("attributes")) == (7, {"occluded": True, "sex": "f"})


def test_ids_from_0_become_ids_from_1(tmp_path):
    data = made([SQUARE, SQUARE])
    zero = Dataset(
        tuple(changed(one, id=0) for one in data.pictures),
        tuple(changed(one, id=4, image_id=0, category_id=0) for one in data.annotations),
        tuple(changed(one, id=0) for one in data.categories),
    )
    assert write_cvat(zero, tmp_path / "a.zip")[:3] == [
        "the ids of its images are numbered anew, from 1 on",
        "the ids of its categories are numbered anew, from 1 on",
        "the ids of its annotations are numbered anew, from 1 on",
    ]
    back = read_zip(tmp_path / "a.zip")
    assert [(one.id, one.image_id, one.category_id) for one in back.annotations] == [(1, 1, 1), (2, 1, 1)]
    assert shapes(back) == [SQUARE, SQUARE]


def test_figures_of_nothing_are_refused(tmp_path):
    data = made([SQUARE])
    stray = new(Annotation, id=3, image_id=8, category_id=1)
    with pytest.raises(InputError, match="annotation 3: its image 8 or category 1 is not there"):
        numbered(replace(data, annotations=(stray,)))
    with pytest.raises(InputError, match="two images or categories have one id"):
        numbered(replace(data, categories=data.categories * 2))
    assert numbered(Dataset()) == (Dataset(), [])


def test_nothing_is_left_where_a_picture_is_missing(tmp_path):
    save_photo(tmp_path / "a.png")
    data = made([SQUARE], tmp_path)
    missing = new(type(data.pictures[0]), id=2, file_name="b.png")
    data = replace(data, pictures=(*data.pictures, missing))
    with pytest.raises(InputError, match=r"b\.png: No such file"):
        write_dataset(data, tmp_path / "out/a.zip")
    assert list((tmp_path / "out").iterdir()) == []
    hostile = replace(data, pictures=(new(type(missing), id=1, file_name="../a.png"),))
    with pytest.raises(InputError, match=r"'\.\./a\.png': leads out of the folder"):
        write_dataset(hostile, tmp_path / "out/a.zip")
    double = replace(data, pictures=(data.pictures[0], changed(missing, file_name="A.png")))
    with pytest.raises(OutputError, match=r"'images/a\.png' and 'images/A\.png' would be one file"):
        write_dataset(double, tmp_path / "out/a.zip")
    assert list((tmp_path / "out").iterdir()) == []


def test_damage_is_refused_or_read(tmp_path):
    members = {INSTANCES: coco("a.png", "b.png"), "images/a.png": photo(tmp_path, 1)}
    content = save_members(tmp_path / "a.zip", members).read_bytes()
    path = tmp_path / "b.zip"

    def read() -> Dataset:
        data = read_dataset(path)
        with PictureFiles(data) as files:
            for one in data.pictures:
                if files.has(one):
                    files.read(one)
        return data

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read_well, refused = reads_or_refuses(path, damaged(content, 300, 6), read)
    assert min(read_well, refused) > 3
