import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from figureground.apps.cli.main import main

DATA = Path(__file__).parents[4] / "shared/data"
COMBO, COCO128, FERAL_CAT = (
    DATA / name for name in ("seeds/combo_annotations.json", "coco/coco128", "coco/feral_cat")
)


def run(capfd: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = main(["dataset", "convert", *map(str, arguments)])
    said = capfd.readouterr()
    return code, said.out, said.err


def via(path: Path, **attributes: str) -> Path:
    Image.fromarray(np.zeros((11, 17, 3), np.uint8)).save(path / "a.png")
    shapes = [{"name": "rect", "x": 1, "y": 2, "width": 3, "height": 4}, {"name": "point", "cx": 1, "cy": 2}]
    regions = [{"shape_attributes": shape, "region_attributes": attributes} for shape in shapes]
    (path / "via.json").write_text(
        json.dumps({"a.png1": {"filename": "a.png", "size": 1, "regions": regions}})
    )
    return path / "via.json"


def test_for_people(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capfd, COCO128, "-o", tmp_path / "set", "--format", "yolo")
    assert (code, out) == (0, "")
    assert err.splitlines() == [
        "figureground: warning: 82 figures have several polygons; a line of no width joins them",
        "figureground: warning: 10 crowd regions are left out",
        f"-> {tmp_path / 'set'}",
        "128 images, 939 annotations read, written as yolo",
    ]
    assert len(list((tmp_path / "set/labels").iterdir())) == 128


def test_for_programs(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capfd, COMBO, "-o", tmp_path / "a.zip", "--json", "--quiet")
    assert (code, err) == (0, "")
    assert json.loads(out) == {
        "out": str(tmp_path / "a.zip"),
        "format": "cvat",
        "images": 212,
        "annotations": 498,
        "classes": {"rat": 218, "larva": 280},
        "told": ["the pictures are not in it: it is not known where they are (--images FOLDER)"],
    }


def test_from_format_to_format(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(capfd, FERAL_CAT, "-o", tmp_path / "a.zip")[0] == 0
    assert run(capfd, tmp_path / "a.zip", "-o", tmp_path / "coco")[0] == 0
    assert run(capfd, tmp_path / "coco", "-o", tmp_path / "lab", "--format", "labgym")[0] == 0
    content = json.loads((tmp_path / "lab/annotations.json").read_text())
    assert (len(content["images"]), len(content["annotations"])) == (296, 1126)
    assert len(list((tmp_path / "lab/images").iterdir())) == 296
    with zipfile.ZipFile(tmp_path / "a.zip") as file:
        assert len(file.namelist()) == 297


def test_what_a_reader_leaves_out_is_shown(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = via(tmp_path, animal="rat")
    code, out, err = run(capfd, path, "-o", tmp_path / "a.json", "--json")
    assert code == 0
    assert "warning: " in err and "shapes that have no area are left out: 1 x point" in err
    assert "left out: 1 x point" in json.loads(out)["told"][0]


def test_the_class_of_a_via_file(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = via(tmp_path, animal="rat", sex="f")
    code, _, err = run(capfd, path, "-o", tmp_path / "a.json")
    assert code == 2
    assert "which attribute is the class: animal, sex? say --class-attribute NAME" in err
    assert run(capfd, path, "-o", tmp_path / "a.json", "--class-attribute", "sex")[0] == 0
    assert json.loads((tmp_path / "a.json").read_text())["categories"] == [{"id": 1, "name": "f"}]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["none.json", "-o", "b.json"], "none.json: cannot be read: No such file"),
        ([".", "-o", "b.json"], ".: no annotations were found there; looked for COCO"),
        (["a.json", "-o", "a.json"], "-o a.json would replace what is read (a.json)"),
        (["a.json", "-o", "b", "--format", "voc"], "is not written as 'voc'; choose from coco, yolo, labgym"),
        (["bad.json", "-o", "b.json"], "bad.json: is no JSON"),
        (["bad.zip", "-o", "b.json"], "bad.zip: is no zip file, or is damaged"),
        (["a.json", "-o", "a.json/b"], "a.json/b: cannot be written"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(
    arguments: list[str],
    text: str,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    if arguments[0] != ".":
        Path("a.json").write_text('{"images": []}')
        Path("bad.json").write_text("{")
        Path("bad.zip").write_bytes(b"PK")
    before = sorted(tmp_path.iterdir())
    code, out, err = run(capfd, *arguments)
    assert (code, out) == (2, "")
    assert text in err and err.count("\n") == 1
    assert sorted(tmp_path.iterdir()) == before


def test_a_set_is_replaced_only_if_asked_for(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "set"
    assert run(capfd, COMBO, "-o", out)[0] == 0
    assert run(capfd, COMBO, "-o", out)[0] == 2
    assert run(capfd, COMBO, "-o", out, "--overwrite")[0] == 0
    (out / "mine.txt").write_text("mine")
    code, _, err = run(capfd, COMBO, "-o", out, "--overwrite")
    assert code == 2 and "files were put into it since it was written" in err
