"""Sizes of pictures: those of the upright picture, without decoding it."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin
from real import COCO128

from figureground.datasets.formats.sizes import find_size, picture_size
from figureground.errors import InputError
from figureground.stills import read_still

NOISE = np.random.default_rng(0).integers(0, 256, (22, 34, 3), np.uint8)


@pytest.mark.parametrize("orientation", range(9))
@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tif", "bmp", "gif"])
def test_it_is_the_size_that_is_read(suffix: str, orientation: int, tmp_path: Path) -> None:
    path = tmp_path / f"a.{suffix}"
    exif = Image.Exif()
    if orientation:
        exif[274] = orientation
    Image.fromarray(NOISE).save(path, exif=exif)
    assert picture_size(path) == read_still(path).shape[:2]
    assert picture_size("a", data=path.read_bytes()) == read_still(path).shape[:2]


def test_an_orientation_behind_the_pixels_of_a_png(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    exif = Image.Exif()
    exif[274] = 6
    Image.fromarray(NOISE).save(path)
    data = path.read_bytes()
    late = bytearray()
    PngImagePlugin.putchunk(_Into(late), b"eXIf", exif.tobytes()[6:])
    path.write_bytes(data[:-12] + late + data[-12:])
    assert picture_size(path) == read_still(path).shape[:2] == (34, 22)


class _Into:
    def __init__(self, data: bytearray) -> None:
        self.data = data

    def write(self, data: bytes) -> None:
        self.data += data


def test_pixels_are_not_decoded(tmp_path: Path) -> None:
    for suffix in ("jpg", "png", "webp"):
        Image.fromarray(NOISE.repeat(9, 0).repeat(9, 1)).save(tmp_path / f"a.{suffix}")
        data = (tmp_path / f"a.{suffix}").read_bytes()
        start = {"jpg": 700, "png": 60, "webp": 40}[suffix]
        assert picture_size("a", data=data[:start] + bytes(len(data) - start)) == (198, 306)


def test_real_pictures() -> None:
    for path in sorted((COCO128.parent / "images").iterdir())[::9]:
        assert picture_size(path) == read_still(path).shape[:2]


def test_what_is_no_picture(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_text("dear diary")
    with pytest.raises(InputError, match=r"a\.jpg: is no picture"):
        picture_size(tmp_path / "a.jpg")
    with pytest.raises(InputError, match=r"a\.jpg: is no picture"):
        find_size(tmp_path, "a.jpg")
    assert find_size(tmp_path, "b.jpg") is None
    assert find_size(tmp_path / "c", "../a.jpg") is None
