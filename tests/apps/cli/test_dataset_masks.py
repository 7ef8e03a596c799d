"""`figureground dataset masks`."""

import json

import numpy as np
import pytest
from PIL import Image

from figureground.apps.cli.main import main

DATA = {
    "images": [{"id": 1, "file_name": "a.jpg", "width": 11, "height": 17}],
    "categories": [{"id": 3, "name": "rat"}, {"id": 9, "name": "egg"}],
    "annotations": [
        {"id": 1, "image_id": 1, "category_id": 9, "segmentation": [[1, 2, 5, 2, 5, 9, 1, 9]], "iscrowd": 0},
        {"id": 2, "image_id": 1, "category_id": 3, "segmentation": [[6, 2, 9, 2, 9, 9, 6, 9]], "iscrowd": 1},
    ],
}


@pytest.fixture
def dataset(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    Image.new("RGB", (11, 17), (10, 20, 30)).save(folder / "a.jpg")
    (folder / "set.json").write_text(json.dumps(DATA))
    return folder / "set.json"


def run(*arguments, code=0):
    assert main(["dataset", "masks", *map(str, arguments)]) == code


@pytest.mark.parametrize(
    ("options", "figure", "crowd"),
    [
        ([], 2, 0),
        (["--kind", "instance"], 1, 0),
        (["--kind", "merged"], 255, 0),
        (["--ignore-crowd"], 2, 255),
    ],
)
def test_kinds(dataset, tmp_path, options, figure, crowd):
    run(dataset, *options, "-o", tmp_path / "out")
    expected = np.zeros((17, 11), int)
    expected[2:9, 1:5], expected[2:9, 6:9] = figure, crowd
    with Image.open(tmp_path / "out/masks/a.png") as mask:
        np.testing.assert_array_equal(np.asarray(mask), expected)
    assert (tmp_path / "out/images/a.jpg").read_bytes() == (dataset.parent / "a.jpg").read_bytes()


def test_what_is_told(dataset, tmp_path, capsys):
    run(dataset, "-o", tmp_path / "out", "--json", "--no-images")
    said = capsys.readouterr()
    record = json.loads(said.out)
    assert record["images"] == 1 and record["warnings"] == ["crowd regions left out: 1"]
    assert "crowd regions left out: 1" in said.err and "1 masks -> " in said.err
    assert not (tmp_path / "out/images").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [(["--kind", "nosuch"], "choose one of: class, instance, merged"), (["--images", "nosuch"], "a.jpg")],
)
def test_what_makes_no_sense(dataset, tmp_path, capsys, options, message):
    run(dataset, *options, "-o", tmp_path / "out", code=2)
    assert message in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_nothing_is_replaced_unasked(dataset, tmp_path, capsys):
    run(dataset, "-o", tmp_path / "out")
    run(dataset, "-o", tmp_path / "out", code=2)
    assert "is there already" in capsys.readouterr().err
    run(dataset, "-o", tmp_path / "out", "--kind", "merged", "--overwrite")
    assert not (tmp_path / "out/classes.txt").exists()


def test_masks_are_read_as_a_dataset(dataset, tmp_path, capsys):
    run(dataset, "--kind", "instance", "-o", tmp_path / "out", "--quiet")
    assert main(["dataset", "convert", str(tmp_path / "out"), "-o", str(tmp_path / "b.json"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["classes"] == {"rat": 0, "egg": 1}
