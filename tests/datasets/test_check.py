"""check: each defect by its name, clean data without any."""

import re
import warnings
import zipfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from broken import BROKEN, NOTED, Break, outline, polygon, put, write_dataset
from PIL import Image
from real import COCO128, COMBO, DATA

from figureground.datasets.checks.check import check_dataset, unreadable
from figureground.datasets.checks.defects import KINDS, Defect
from figureground.datasets.dataset import Dataset, Picture, new
from figureground.datasets.formats.coco import read_coco
from figureground.errors import InputError


def found(path: Path) -> list[Defect]:
    """What check finds in a file, as the command does it."""
    try:
        return check_dataset(read_coco(path))
    except InputError as error:
        return [unreadable(path, error)]


def test_a_clean_dataset_has_no_defects(tmp_path: Path) -> None:
    assert found(write_dataset(tmp_path)) == []


@pytest.mark.parametrize(("kind", "text", "change"), BROKEN)
def test_each_defect_is_named(kind: str, text: str, change: Break, tmp_path: Path) -> None:
    defects = found(write_dataset(tmp_path, change))
    named = [one for one in defects if one.kind == kind]
    assert named, defects
    assert re.search(text, named[0].text)
    assert named[0].severity == "error"
    assert named[0].where
    assert named[0].cure


@pytest.mark.parametrize(("kind", "text", "change"), NOTED)
def test_what_may_be_meant_so_is_a_note(kind: str, text: str, change: Break, tmp_path: Path) -> None:
    if kind == "no-annotations":
        tmp_path.mkdir(exist_ok=True)
        Image.new("L", (5, 7)).save(tmp_path / "d.png")
    defects = found(write_dataset(tmp_path, change))
    assert [(one.kind, one.severity) for one in defects] == [(kind, "note")]
    assert re.search(text, defects[0].text)


def test_every_kind_is_tested() -> None:
    assert {kind for kind, _, _ in BROKEN + NOTED} == set(KINDS)


def test_real_data_give_no_false_alarms() -> None:
    defects = check_dataset(read_coco(COCO128))
    counts = Counter(one.kind for one in defects)
    assert counts == {"no-annotations": 2, "unused-category": 9}  # counted in the file by hand
    assert check_dataset(read_coco(COMBO), pictures=False) == []


def test_jpegs_that_are_named_png_are_told(tmp_path: Path) -> None:
    folder = DATA / "seeds/mde_bs_samples"
    names = sorted(path.name for path in folder.glob("*.png"))
    pictures = tuple(new(Picture, id=i, file_name=name) for i, name in enumerate(names))
    defects = check_dataset(Dataset(pictures, folder=folder))
    lying = {one.where.split()[0] for one in defects if one.kind == "extension-lies"}
    assert lying == {name for name in names if (folder / name).read_bytes()[:3] == b"\xff\xd8\xff"}
    assert len(lying) == 20


BIG = {"area": 390}


@pytest.mark.parametrize(
    ("values", "kinds"),
    [
        ({"bbox": [5.5, 12.5, 25, 11]}, []),  # 2 px and less, as other tools round
        ({"bbox": [4, 11, 26, 13]}, ["box-disagrees"]),
        ({"area": 285}, []),
        ({"area": 280}, ["area-disagrees"]),
        ({"area": 30, "iscrowd": 1}, []),
        ({"segmentation": [polygon(-2, 11, 32, 13)], "bbox": [0, 11, 30, 13]} | BIG, []),
        ({"segmentation": [polygon(-3, 11, 33, 13)], "bbox": [0, 11, 30, 13]} | BIG, ["points-outside"]),
    ],
)  # fmt: skip
def test_tolerances(values: dict[str, object], kinds: list[str], tmp_path: Path) -> None:
    assert [one.kind for one in found(write_dataset(tmp_path, put("annotations", 0, **values)))] == kinds


def test_box_and_area_may_be_of_the_points_or_of_the_mask(tmp_path: Path) -> None:
    overlapping = [polygon(7, 11, 20, 20), polygon(7, 11, 20, 20)]
    for area in (400, 800):
        change = outline(*overlapping, bbox=[7, 11, 20, 20], area=area)
        assert found(write_dataset(tmp_path / str(area), change)) == []


def test_pictures_in_a_zip_file_are_checked_too(tmp_path: Path) -> None:
    dataset = read_coco(write_dataset(tmp_path))
    (tmp_path / "b.png").write_bytes(b"no picture")
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for name in ("b.png", "c.jpg"):
            archive.write(tmp_path / name, f"images/{name}")
    zipped = replace(dataset, folder=tmp_path / "all.zip")
    assert [one.kind for one in check_dataset(zipped)] == ["picture-missing", "picture-unreadable"]


def test_progress_counts_the_pictures_and_warnings_come_back(tmp_path: Path) -> None:
    done: list[int] = []
    filters = list(warnings.filters)
    check_dataset(read_coco(write_dataset(tmp_path)), progress=done.append)
    assert done == [1, 2, 3]
    assert warnings.filters == filters


def test_a_name_that_steers_the_terminal_is_shown_harmless(tmp_path: Path) -> None:
    defects = found(write_dataset(tmp_path, put("images", 1, file_name="a\x1b[2J\n.jpg")))
    assert all(one.where.isprintable() and one.text.isprintable() for one in defects)
    assert "\\x1b[2J\\n.jpg" in defects[0].where
