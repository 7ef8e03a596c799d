"""The files of a dataset's pictures: in a folder or a zip file, and nowhere else."""

import zipfile
from pathlib import Path

import numpy as np
import pytest
from made_sets import SIZE, save_photo

from figureground.datasets.dataset import Dataset, Picture, new
from figureground.datasets.pictures import PictureFiles
from figureground.errors import InputError
from figureground.stills import read_still

HOSTILE = [
    "/etc/passwd",
    "../secret.png",
    "a/../../secret.png",
    "..\\secret.png",
    "C:\\secret.png",
    "",
    "a\0b",
]


def picture(name: str) -> Picture:
    return new(Picture, id=1, file_name=name)


@pytest.fixture(params=["folder", "zip"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A folder or zip file with two pictures, beside a secret one."""
    save_photo(tmp_path / "secret.png", seed=1)
    folder = tmp_path / "in"
    save_photo(folder / "a.png", seed=2)
    save_photo(folder / "sub/b.png", seed=3)
    (folder / "c.png").write_text("no picture")
    if request.param == "folder":
        return folder
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as file:
        for path in sorted(folder.rglob("*.png")):
            file.write(path, path.relative_to(folder).as_posix())
    return tmp_path / "in.zip"


def test_what_is_there_is_read(place: Path) -> None:
    with PictureFiles(Dataset(folder=place)) as files:
        for name in ("a.png", "sub/b.png"):
            path = place.parent / "in" / name
            assert files.has(picture(name))
            assert files.data(picture(name)) == path.read_bytes()
            assert np.array_equal(files.read(picture(name)), read_still(path))
            assert files.read(picture(name)).shape == (*SIZE, 3)


def test_what_is_not_there_is_told(place: Path) -> None:
    with PictureFiles(Dataset(folder=place)) as files:
        for name in ("z.png", "sub", "secret.png"):
            assert not files.has(picture(name))
            with pytest.raises(InputError, match=name):
                files.data(picture(name))
        with pytest.raises(InputError, match=r"c\.png: is no picture"):
            files.read(picture("c.png"))


@pytest.mark.parametrize("name", HOSTILE)
def test_names_that_lead_out_are_refused(name: str, place: Path) -> None:
    with PictureFiles(Dataset(folder=place)) as files:
        assert not files.has(picture(name))
        with pytest.raises(InputError, match="leads out of the folder"):
            files.data(picture(name))


def test_a_name_that_no_disk_takes(place: Path) -> None:
    with PictureFiles(Dataset(folder=place)) as files:
        assert not files.has(picture("x" * 5000))
        with pytest.raises(InputError, match="xxx"):
            files.data(picture("x" * 5000))


def test_a_folder_that_is_not_known() -> None:
    with pytest.raises(InputError, match="say so with --images FOLDER"):
        PictureFiles(Dataset())


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with PictureFiles(Dataset(folder=tmp_path / "none")) as files:
        assert not files.has(picture("a.png"))


def test_names_below_images_are_found_as_cvat_means_them(tmp_path: Path) -> None:
    names = ["images/default/a.png", "images/b.png", "images/c/d.png", "b.png", "images/default/b.png"]
    names += ["images/default/e.png", "images/e.png"]
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        for name in names:
            file.writestr(name, name)
    with PictureFiles(Dataset(folder=tmp_path / "a.zip")) as files:
        found = {
            name: files.data(picture(name)).decode()
            for name in ("a.png", "b.png", "c/d.png", "d.png", "e.png")
        }
    assert found == {
        "a.png": "images/default/a.png",
        "b.png": "b.png",
        "c/d.png": "images/c/d.png",
        "d.png": "images/c/d.png",
        "e.png": "images/e.png",
    }
