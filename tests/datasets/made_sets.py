"""Small datasets of other tools' formats, and what tests compare of datasets."""

import json
import random
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from figureground.datasets.dataset import Annotation, Category, Dataset, Picture, new
from figureground.datasets.segmentation import annotation_to_crop
from figureground.errors import InputError

SIZE = 11, 17


def save_photo(path: Path, size: tuple[int, int] = SIZE, seed: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(seed).integers(0, 256, (*size, 3), np.uint8)
    Image.fromarray(noise).save(path)
    return path


def save_blanks(folder: Path, dataset: Dataset) -> None:
    """A black picture of the right size for each of `dataset`, all of one size packed once."""
    packed: dict[tuple[int, int], Path] = {}
    for one in dataset.pictures:
        path = folder / one.file_name
        if one.size in packed:
            path.write_bytes(packed[one.size].read_bytes())
        else:
            Image.new("RGB", one.size[::-1]).save(path)
            packed[one.size] = path


def save_json(path: Path, content: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
    return path


def made(polygons: Iterable[Any], folder: Path | None = None, size: tuple[int, int] = SIZE) -> Dataset:
    """One picture `a.png` with a rat for each of `polygons` (lists of polygons, or run lengths)."""
    photo = new(Picture, id=1, file_name="a.png", width=size[1], height=size[0])
    rats = [
        new(Annotation, id=number, image_id=1, category_id=1, segmentation=shape, iscrowd=0)
        for number, shape in enumerate(polygons, 1)
    ]
    return Dataset((photo,), tuple(rats), (new(Category, id=1, name="rat"),), folder)


def masks(dataset: Dataset) -> list[bytes]:
    """Each figure drawn, as the bytes of its whole mask."""
    sizes = {picture.id: picture.size for picture in dataset.pictures}
    out = []
    for one in dataset.annotations:
        whole = np.zeros(sizes[one.image_id], bool)
        crop = annotation_to_crop(one, sizes[one.image_id])
        whole[crop.window] = crop.mask
        out.append(np.packbits(whole).tobytes())
    return out


def shapes(dataset: Dataset) -> list[Any]:
    return [one.segmentation for one in dataset.annotations]


def classes(dataset: Dataset) -> list[str]:
    names = dataset.names()
    return [names[one.category_id] for one in dataset.annotations]


def damaged(content: bytes, cases: int, seed: int) -> Iterable[bytes]:
    """`content` cut, or with a few bytes changed, inserted or taken out, in `cases` ways."""
    chance = random.Random(seed)
    for case in range(cases):
        data = bytearray(content)
        if case % 4 == 0:
            del data[chance.randrange(len(data)) :]
        for _ in range(chance.randrange(1, 5)):
            at = chance.randrange(len(data) + 1)
            data[at : at + chance.randrange(2)] = chance.choice(
                [
                    b"",
                    b"-",
                    b"9",
                    b"e9",
                    b"1e999",
                    b"null",
                    b'"',
                    b"[",
                    b"}",
                    b",",
                    b"\0",
                    b"\xff",
                    b"nan",
                    b":",
                ]
            )
        yield bytes(data)


def reads_or_refuses(path: Path, cases: Iterable[bytes], read: Callable[[], Dataset]) -> tuple[int, int]:
    """How many cases, written to `path`, were read, and how many were refused; any other error comes out."""
    read_well = refused = 0
    for case in cases:
        path.write_bytes(case)
        try:
            read_well += isinstance(read(), Dataset)
        except InputError:
            refused += 1
    return read_well, refused
