import json
from dataclasses import replace
from pathlib import Path

import pytest
from made_sets import save_photo
from small_sets import files, of_classes

from figureground.datasets.formats import read_dataset
from figureground.datasets.selection.parts import write_parts
from figureground.datasets.selection.split import split_dataset
from figureground.errors import InputError, OptionError, OutputError


@pytest.fixture
def parts(tmp_path):
    """Two parts with pictures: `train` has three, `val` one."""
    names = {f"{n}.png": "rat" for n in range(4)}
    for seed, name in enumerate(names):
        save_photo(tmp_path / "photos" / name, seed=seed)
    data = replace(of_classes(names), folder=tmp_path / "photos")
    return split_dataset(data, {"train": 0.75, "val": 0.25}, by="picture")


def tree(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {
        ".figureground.json"
    }


def test_folder_of_folders(parts, tmp_path):
    done = []
    assert write_parts(parts, tmp_path / "out", progress=done.append) == []
    assert done == [1, 2, 3, 4]
    for name, part in parts.items():
        found = read_dataset(tmp_path / "out" / name)
        assert files(found) == files(part)
        assert all(
            (found.folder / file).read_bytes() == (tmp_path / "photos" / file).read_bytes()
            for file in files(found)
        )


@pytest.mark.parametrize(("form", "suffix"), [("json", ".json"), ("cvat", ".zip")])
def test_folder_of_files(parts, tmp_path, form, suffix):
    write_parts(parts, tmp_path / "out", form=form)
    assert tree(tmp_path / "out") == {f"train{suffix}", f"val{suffix}"}
    for name, part in parts.items():
        assert len(read_dataset(tmp_path / "out" / f"{name}{suffix}").pictures) == len(part.pictures)


@pytest.mark.parametrize("suffix", [".json", ".zip"])
def test_files_named_after_parts(parts, tmp_path, suffix):
    write_parts(parts, tmp_path / f"deep/set{suffix}")
    assert tree(tmp_path / "deep") == {f"set_train{suffix}", f"set_val{suffix}"}
    assert len(read_dataset(tmp_path / f"deep/set_val{suffix}").pictures) == 1


def test_yolo_is_one_folder(parts, tmp_path):
    write_parts(parts, tmp_path / "out", form="yolo")
    found = read_dataset(tmp_path / "out")
    splits = {Path(one.file_name).name: one.get("split") for one in found.pictures}
    assert splits == {name: part for part, data in parts.items() for name in files(data)}
    with pytest.raises(OptionError, match="a YOLO folder has the parts train, val, test; not fold_1"):
        write_parts({"fold_1": parts["train"]}, tmp_path / "other", form="yolo")
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize(("out", "form"), [("out", "png"), ("out.json", "yolo"), ("out.zip", "coco")])
def test_no_such_format(parts, tmp_path, out, form):
    with pytest.raises(OptionError, match=f"not written as '{form}'"):
        write_parts(parts, tmp_path / out, form=form)
    assert [path.name for path in tmp_path.iterdir()] == ["photos"]


@pytest.mark.parametrize("out", ["out", "out.zip"])
def test_all_or_none(parts, tmp_path, out):
    """A picture of the last part is missing, so the first one is not written either."""
    (name,) = files(parts["val"])
    (tmp_path / "photos" / name).unlink()
    with pytest.raises(InputError, match=name):
        write_parts(parts, tmp_path / out)
    assert [path.name for path in tmp_path.iterdir()] == ["photos"]


def test_what_is_there_stays(parts, tmp_path):
    (tmp_path / "set_val.json").write_text("mine")
    with pytest.raises(OutputError, match=r"set_val\.json: is there already"):
        write_parts(parts, tmp_path / "set.json")
    assert not (tmp_path / "set_train.json").exists()
    write_parts(parts, tmp_path / "set.json", overwrite=True)
    assert len(json.loads((tmp_path / "set_val.json").read_text())["images"]) == 1
    (tmp_path / "out").mkdir()
    (tmp_path / "out/mine").write_text("mine")
    for overwrite in (False, True):
        with pytest.raises(OutputError, match=r"out: (is there already|was not written by figureground)"):
            write_parts(parts, tmp_path / "out", overwrite=overwrite)
    assert tree(tmp_path / "out") == {"mine"}
