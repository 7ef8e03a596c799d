"""Any dataset by its path: found by its content, written as asked for, and whole or not at all."""

import errno
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_sets import (
    classes,
    damaged,
    made,
    masks,
    reads_or_refuses,
    save_blanks,
    save_json,
    save_photo,
    shapes,
)
from PIL import Image
from real import COCO128, COMBO, FERAL_CAT

from figureground.datasets.dataset import Dataset
from figureground.datasets.formats import form_of, read_dataset, write_dataset
from figureground.datasets.selection.parts import write_parts
from figureground.errors import InputError, OptionError, OutputError
from figureground.folders import MARK

SQUARE = [[1, 1, 5, 1, 5, 4, 1, 4]]
FOLDERS = [("set", "coco"), ("set", "yolo"), ("set", "labgym")]
OUTPUTS = [("a.json", ""), ("b.json", "labgym"), ("a.zip", ""), *FOLDERS]


def coco(name: str = "a.png") -> dict[str, Any]:
    figure = {"id": 1, "image_id": 1, "category_id": 1, "segmentation": SQUARE}
    photo = {"id": 1, "file_name": name, "width": 17, "height": 11}
    return {"images": [photo], "annotations": [figure], "categories": [{"id": 1, "name": "rat"}]}


@pytest.mark.parametrize(
    "name",
    [
        "annotations.json",
        "_annotations.coco.json",
        "instances.json",
        "instances_default.json",
        "any.json",
        "annotations/instances_default.json",
        "annotations/x.json",
    ],
)
def test_coco_in_a_folder(name, tmp_path):
    save_photo(tmp_path / "images/a.png")
    save_json(tmp_path / name, coco())
    data = read_dataset(tmp_path)
    assert (len(data.annotations), data.folder) == (1, tmp_path / "images")


def test_several_files_are_listed(tmp_path):
    for name in ("b.json", "a.json"):
        save_json(tmp_path / name, coco())
    with pytest.raises(InputError, match=r"several annotation files; give one of them: a\.json, b\.json"):
        read_dataset(tmp_path)
    save_json(tmp_path / "annotations/instances_val.json", coco())
    save_json(tmp_path / "annotations/instances_train.json", coco())
    with pytest.raises(
        InputError, match=r"annotations/instances_train\.json, annotations/instances_val\.json"
    ):
        read_dataset(tmp_path)


def test_other_json_files_do_not_matter(tmp_path):
    save_json(tmp_path / "any.json", coco())
    save_json(tmp_path / "settings.json", {"colour": 3})
    save_json(tmp_path / "list.json", [1, 2])
    (tmp_path / "broken.json").write_text("{")
    assert len(read_dataset(tmp_path).annotations) == 1


def test_where_there_is_nothing_it_is_told_what_was_looked_for(tmp_path):
    save_photo(tmp_path / "a.jpg")
    with pytest.raises(
        InputError, match=r"no annotations were found there; looked for COCO .*VIA.*LabelMe.*YOLO"
    ):
        read_dataset(tmp_path)
    with pytest.raises(InputError, match="none: cannot be read: No such file or directory"):
        read_dataset(tmp_path / "none")


def test_masks_beside_pictures_or_elsewhere(tmp_path):
    save_photo(tmp_path / "set/images/a.jpg")
    mask = np.zeros((11, 17), np.uint8)
    mask[1:4, 1:5] = 255
    (tmp_path / "set/masks").mkdir()
    Image.fromarray(mask).save(tmp_path / "set/masks/a.png")
    data = read_dataset(tmp_path / "set")
    assert masks(data) == masks(made([SQUARE]))
    (tmp_path / "set/images").rename(tmp_path / "photos")
    assert masks(read_dataset(tmp_path / "set", images=tmp_path / "photos")) == masks(data)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (
            {"project": {}, "view": {}},
            r"is neither of COCO, LabelMe nor VIA \(1 or 2\); its keys are project, view",
        ),
        ({"images": 3}, "is no COCO file: images: expected array, got int"),
        ({"annotations": []}, "is no COCO file: has no images"),
        ([], "is no COCO file"),
        ({}, "is no COCO file: has no images"),
        (3, "is no COCO file"),
    ],
)
def test_other_json_is_refused(content, text, tmp_path):
    with pytest.raises(InputError, match=rf"a\.json: {text}"):
        read_dataset(save_json(tmp_path / "a.json", content))


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[" * 100_000, b'{"a":' * 100_000, b"\xff\xfe", b"\0" * 99, b"text"]
)
def test_what_is_no_json_is_refused(content, tmp_path):
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(InputError, match=r"a\.json: is no (JSON|COCO file)"):
        read_dataset(tmp_path / "a.json")


@pytest.mark.parametrize(
    ("path", "images", "figures", "counts"),
    [
        (COMBO, 212, 498, {"rat": 218, "larva": 280}),
        (COCO128, 128, 939, None),
        (FERAL_CAT, 296, 1126, {"cat": 1126}),
    ],
)
@pytest.mark.parametrize(("name", "form"), OUTPUTS)
def test_real_datasets_through_every_format(path, images, figures, counts, name, form, tmp_path):
    data = read_dataset(path)
    told = write_dataset(data, tmp_path / name, form=form)
    if form == "yolo" and data.folder is None:
        save_blanks(tmp_path / name / "images", data)  # YOLO's labels are of no use without pictures
    back = read_dataset(tmp_path / name)
    lost = sum(one.iscrowd for one in data.annotations) if form in ("yolo", "labgym") else 0
    assert any("crowd" in line for line in told) == bool(lost)
    assert (len(back.pictures), len(back.annotations)) == (images, figures - lost)
    kept = [one for one in data.annotations if not (lost and one.iscrowd)]
    names = data.names()
    assert Counter(classes(back)) == counts or Counter(classes(back)) == Counter(
        names[one.category_id] for one in kept
    )
    if form != "yolo":  # whose own tests compare the polygons
        assert shapes(back) == [one.segmentation for one in kept]


def test_combo_through_yolo_keeps_its_polygons(tmp_path):
    data = read_dataset(COMBO)
    write_dataset(data, tmp_path / "set", form="yolo")
    save_blanks(tmp_path / "set/images", data)
    back = read_dataset(tmp_path / "set")
    names = {one.file_name.rpartition("/")[2]: one.id for one in back.pictures}
    figures, old = back.by_picture(), data.by_picture()
    for one in data.pictures:
        again = figures[names[one.file_name]]
        assert [figure.segmentation for figure in again] == [figure.segmentation for figure in old[one.id]]


@pytest.mark.parametrize(("name", "form"), OUTPUTS)
def test_an_empty_dataset_is_written(name, form, tmp_path):
    write_dataset(Dataset(), tmp_path / name, form=form)
    assert (tmp_path / name).exists()


@pytest.mark.parametrize(
    ("name", "form", "text"),
    [
        ("a.json", "yolo", "a .json file is not written as 'yolo'; choose from coco, labgym"),
        ("a.zip", "coco", "a .zip file is not written as 'coco'; choose from cvat"),
        ("a", "voc", "a folder is not written as 'voc'; choose from coco, yolo, labgym"),
    ],
)
def test_formats_that_there_are_not(name, form, text, tmp_path):
    with pytest.raises(OptionError, match=text.replace(".", r"\.")):
        write_dataset(Dataset(), tmp_path / name, form=form)
    assert list(tmp_path.iterdir()) == []
    assert form_of("b.c", "yolo") == "yolo"


@pytest.mark.parametrize("name", ["a.json", "a.zip"])
def test_files_are_replaced_only_if_asked_for(name, tmp_path):
    (tmp_path / name).write_text("old")
    with pytest.raises(OutputError, match="is there already; give another name, or --overwrite"):
        write_dataset(made([SQUARE]), tmp_path / name)
    assert (tmp_path / name).read_text() == "old"
    write_dataset(made([SQUARE]), tmp_path / name, overwrite=True)
    assert len(read_dataset(tmp_path / name).annotations) == 1
    (tmp_path / f"x{name}").mkdir()
    with pytest.raises(OutputError, match="is a folder"):
        write_dataset(made([SQUARE]), tmp_path / f"x{name}", overwrite=True)


@pytest.mark.parametrize(("name", "form"), FOLDERS)
def test_only_folders_of_ours_are_replaced(name, form, tmp_path):
    out = tmp_path / name
    out.mkdir()
    write_dataset(made([SQUARE]), out, form=form)  # an empty one may be there
    with pytest.raises(
        OutputError, match="is there already and not empty; give another name, or --overwrite"
    ):
        write_dataset(made([]), out, form=form)
    write_dataset(made([]), out, form=form, overwrite=True)
    (out / "thesis.txt").write_text("my thesis")
    with pytest.raises(OutputError, match="files were put into it since it was written"):
        write_dataset(made([SQUARE]), out, form=form, overwrite=True)
    (out / MARK).unlink()
    with pytest.raises(OutputError, match="was not written by figureground"):
        write_dataset(made([SQUARE]), out, form=form, overwrite=True)
    assert (out / "thesis.txt").read_text() == "my thesis"
    assert [path.name for path in tmp_path.iterdir()] == [name]
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="is a file, not a folder"):
        write_dataset(made([SQUARE]), tmp_path / "file", form=form, overwrite=True)


@pytest.mark.parametrize(("name", "form"), FOLDERS)
def test_nothing_is_left_of_what_failed(name, form, tmp_path):
    data = made([SQUARE], tmp_path)  # its picture is missing
    with pytest.raises(InputError, match=r"a\.png: No such file"):
        write_dataset(data, tmp_path / "out" / name, form=form)
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("mark", ["", "[]", '{"entries": "x"}', "[" * 9999, '{"entries": 1e999}'])
def test_a_damaged_mark_is_none(mark, tmp_path):
    write_dataset(made([SQUARE]), tmp_path / "set")
    (tmp_path / "set" / MARK).write_text(mark)
    with pytest.raises(OutputError, match="was not written by figureground"):
        write_dataset(made([SQUARE]), tmp_path / "set", overwrite=True)


def test_progress_counts_the_pictures(tmp_path):
    save_photo(tmp_path / "a.png")
    for name, form in (("a.zip", ""), *FOLDERS):
        done: list[int] = []
        out = tmp_path / f"{form}{name}"
        write_dataset(made([SQUARE], tmp_path), out, form=form, progress=done.append)
        assert done == [1]


points = st.tuples(st.floats(0, 17), st.floats(0, 11))
polygons = st.lists(points, min_size=3, max_size=6).map(lambda many: [value for one in many for value in one])


@given(st.lists(st.lists(polygons, min_size=1, max_size=2), max_size=3))
def test_any_polygons_come_back_to_the_last_digit(tmp_path_factory, figures):
    root = tmp_path_factory.mktemp("any")
    for name, form in [("a.json", ""), ("a.zip", ""), ("set", "coco"), ("lab", "labgym")]:
        write_dataset(made(figures), root / name, form=form)
        assert shapes(read_dataset(root / name)) == figures


@given(st.lists(st.integers(0, 60), max_size=9))
def test_run_lengths_keep_their_pixels(tmp_path_factory, runs):
    counts = [*runs[: len(runs) // 2], max(0, 187 - sum(runs[: len(runs) // 2]))]
    if sum(counts) != 187:
        counts = [187]
    data = made([{"size": [11, 17], "counts": counts}])
    root = tmp_path_factory.mktemp("runs")
    write_dataset(data, root / "a.zip")
    assert shapes(read_dataset(root / "a.zip")) == shapes(data)
    write_dataset(data, root / "lab", form="labgym")
    back = read_dataset(root / "lab")
    assert masks(back) == (masks(data) if any(counts[1::2]) else [])


def test_damaged_coco_is_refused_or_read(tmp_path):
    content = json.loads(COCO128.read_bytes())
    content["images"], content["annotations"] = content["images"][:3], content["annotations"][:3]
    path = save_json(tmp_path / "a.json", content)
    read, refused = reads_or_refuses(path, damaged(path.read_bytes(), 400, 7), lambda: read_dataset(path))
    assert min(read, refused) > 10


def test_paths_that_no_disk_takes(tmp_path):
    with pytest.raises(InputError):
        read_dataset(Path("x" * 5000))
    with pytest.raises(OutputError):
        write_dataset(Dataset(), tmp_path / ("x" * 5000), form="yolo")


def test_a_full_disk_is_told_of_the_place_that_was_asked_for(tmp_path, monkeypatch):
    def full(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    for name in ("coco", "cvat"):
        monkeypatch.setattr(f"figureground.datasets.formats.{name}.write_to", full)
    for out in ("set", "set.json", "set.zip"):
        with pytest.raises(OutputError, match=r"set[\w./]*: cannot be written: No space") as caught:
            write_dataset(made([SQUARE]), tmp_path / out)
        assert ".fg-" not in str(caught.value)
        with pytest.raises(OutputError) as caught:
            write_parts({"train": made([SQUARE])}, tmp_path / out)
        assert ".fg-" not in str(caught.value) and "train" in str(caught.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.YAML", "a.png"])
def test_a_mistyped_suffix_is_no_folder(tmp_path, name):
    with pytest.raises(OptionError, match=r"NAME\.json, NAME\.zip, or a folder, not as \."):
        write_dataset(Dataset(), tmp_path / name)
    assert list(tmp_path.iterdir()) == []
