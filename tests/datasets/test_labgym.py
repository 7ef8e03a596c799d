"""What LabGym and detectron2 ask of a COCO file."""

import json
from dataclasses import replace

import numpy as np
import pytest
from made_sets import made, masks, save_photo
from pycocotools import mask as cocomask
from real import COCO128, COMBO, FERAL_CAT

from figureground.datasets.dataset import Picture, changed, new
from figureground.datasets.formats import read_dataset, write_dataset
from figureground.datasets.formats.coco import read_coco
from figureground.datasets.formats.labgym import dataset_for_labgym
from figureground.errors import InputError

SQUARE = [[1, 1, 5, 1, 5, 4, 1, 4]]


def check(content: dict, names: list[str]) -> None:
    """The rules of formats for LabGym, one by one."""
    assert [one["id"] for one in content["categories"]] == list(range(1, len(content["categories"]) + 1))
    assert [one["file_name"] for one in content["images"]] == names
    assert not any("/" in name or "\\" in name for name in names)
    assert len({name.casefold() for name in names}) == len(names)
    ids = {one["id"] for one in content["images"]}
    for one in content["annotations"]:
        assert one["image_id"] in ids and 1 <= one["category_id"] <= len(content["categories"])
        assert one["iscrowd"] == 0 and len(one["bbox"]) == 4
        assert one["segmentation"] and all(
            len(part) >= 6 and not len(part) % 2 for part in one["segmentation"]
        )


@pytest.mark.parametrize(("path", "figures"), [(COCO128, 929), (FERAL_CAT, 1126), (COMBO, 498)])
def test_real_datasets(path, figures, tmp_path):
    data = read_dataset(path)
    told = write_dataset(data, tmp_path / "set", form="labgym")
    content = json.loads((tmp_path / "set/annotations.json").read_text())
    names = [one.file_name.rpartition("/")[2] for one in data.pictures]
    check(content, names)
    assert len(content["annotations"]) == figures
    assert any("are left out" in line for line in told) == (len(data.annotations) > figures)
    kept = [one for one in data.annotations if not one.iscrowd]
    assert [one["segmentation"] for one in content["annotations"]] == [one.segmentation for one in kept]
    assert [one["bbox"] for one in content["annotations"]] == [list(one.bbox) for one in kept]
    if data.folder:
        for one, name in zip(data.pictures, names, strict=True):
            assert (tmp_path / "set/images" / name).read_bytes() == (data.folder / one.file_name).read_bytes()


def test_run_lengths_become_polygons_of_the_same_pixels():
    chance = np.random.default_rng(0)
    dense = chance.random((6, 11, 17)) < 0.6
    runs = [cocomask.encode(np.asfortranarray(mask.astype(np.uint8))) for mask in dense]
    data = made([{"size": one["size"], "counts": one["counts"].decode()} for one in runs])
    out, told = dataset_for_labgym(data)
    assert all(isinstance(one.segmentation, list) for one in out.annotations)
    assert masks(out) == masks(data) == [np.packbits(mask).tobytes() for mask in dense]
    assert told == ["6 figures were run lengths; their outlines are traced along the pixels' edges"]


def test_what_is_right_already_keeps_its_bytes():
    data = read_coco(COMBO)
    out, told = dataset_for_labgym(data)
    assert told == []
    assert [bytes(one.raw) for one in out.annotations] == [bytes(one.raw) for one in data.annotations]


def test_what_is_changed_is_told(tmp_path):
    data = made([SQUARE, [], [[1, 1, 2, 2]], SQUARE, SQUARE])
    plain, box, thin, crowd, other = data.annotations
    some = (
        plain,
        changed(box, bbox=[1, 2, 3, 4]),
        thin,
        changed(crowd, iscrowd=1),
        changed(other, category_id=40, bbox=None, area=None),
    )
    kinds = (*data.categories, changed(data.categories[0], id=40, name="larva"))
    out, told = dataset_for_labgym(replace(data, annotations=some, categories=kinds))
    assert [(one.id, one.category_id) for one in out.annotations] == [(1, 1), (2, 1), (5, 2)]
    assert out.annotations[1].segmentation == [[1, 2, 4, 2, 4, 6, 1, 6]]
    assert (out.annotations[2].bbox, out.annotations[2].area) == ((1, 1, 4, 3), 12)
    assert set(told) == {
        "the ids of its categories are numbered anew, from 1 on",
        "1 figures have only a box; it is their outline now",
        "1 polygons of less than 3 points are left out",
        "1 figures are drawn with nothing; they are left out",
        "1 crowd regions are left out",
    }


def test_pictures_of_one_name_are_told_apart(tmp_path):
    names = ["a/1.png", "b/1.png", "b_1.png", "2.png", "a/X.png", "b/x.png"]
    for seed, name in enumerate(names):
        save_photo(tmp_path / name, seed=seed)
    pictures = tuple(
        new(Picture, id=at, file_name=name, width=17, height=11) for at, name in enumerate(names)
    )
    data = replace(made([], tmp_path), pictures=pictures)
    write_dataset(data, tmp_path / "set", form="labgym")
    back = read_dataset(tmp_path / "set")
    assert [one.file_name for one in back.pictures] == [
        "1.png",
        "b_1.png",
        "b_1-2.png",
        "2.png",
        "X.png",
        "b_x.png",
    ]
    for one, name in zip(back.pictures, names, strict=True):
        assert (tmp_path / "set/images" / one.file_name).read_bytes() == (tmp_path / name).read_bytes()


def test_damaged_figures_are_named():
    for shape in (
        {"size": [9, 9], "counts": [81]},
        {"size": [11, 17], "counts": [5]},
        [[0, 0, 1e9, 0, 1, 1]],
    ):
        with pytest.raises(InputError, match="annotation 1: "):
            dataset_for_labgym(made([shape]))
