"""The files of a dataset's pictures: missing, damaged, of another size, or there twice."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePosixPath

import numpy as np
from PIL import Image as Pillow

from figureground.datasets.archive import safe_name
from figureground.datasets.checks.defects import Defect, name_of_picture, picture_defect, shown
from figureground.datasets.checks.records import repeats
from figureground.datasets.dataset import Dataset, Picture
from figureground.datasets.figures import RUNS, Figures
from figureground.datasets.pass_over import over_pictures
from figureground.datasets.pictures import PictureFiles
from figureground.errors import InputError
from figureground.stills import read_still

SIDE = 100_000
"""Pixels that a side of a picture may have."""

BORDER = 2
"""Pixels that points may lie outside of a picture before its size is doubted."""

EXTENSIONS = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "MPO": (".jpg", ".jpeg", ".mpo"),
    "PNG": (".png", ".apng"),
    "BMP": (".bmp", ".dib"),
    "GIF": (".gif",),
    "TIFF": (".tif", ".tiff"),
    "WEBP": (".webp",),
}
"""What files of each format are called."""

_KNOWN = {suffix for suffixes in EXTENSIONS.values() for suffix in suffixes}


@dataclass(frozen=True)
class Look:
    """What the file of a picture is.

    Attributes:
        kind: the kind of its defect; empty where it can be read.
        text: what is wrong.
        size: (h, w) upright.
        stored: (h, w) as it lies in the file, before a rotation that its EXIF data ask for.
        form: the format, as Pillow calls it.
        digest: of its bytes.
    """

    kind: str = ""
    text: str = ""
    size: tuple[int, int] = (0, 0)
    stored: tuple[int, int] = (0, 0)
    form: str = ""
    digest: bytes = b""


Looks = dict[str, Look]
"""What the files of a dataset are, by their names."""


def look_at_pictures(dataset: Dataset, progress: Callable[[int], None]) -> Looks:
    """Read each file of `dataset` once; what was found, by its file name.

    Raises:
        InputError: its folder is not known, or a zip file that cannot be opened.
    """
    once = {one.file_name: one for one in dataset.pictures}.values()
    return {one.file_name: look for one, look in over_pictures(dataset, once, look_at, progress)}


def look_at(files: PictureFiles, picture: Picture) -> Look:
    """Read the file of `picture` whole, and tell what it is."""
    try:
        safe_name(picture.file_name)
    except InputError:
        return Look("name-leads-out", "its file name leads out of the folder; it is not opened")
    if not files.has(picture):
        return Look("picture-missing", f"there is no such file in {files.folder}")
    try:
        data = files.data(picture)
        size, stored, form = _headed(data, picture.file_name)
    except InputError as error:
        return Look("picture-unreadable", _bare(str(error), picture, files))
    return Look("", "", size, stored, form, hashlib.sha256(data).digest())


def picture_defects(dataset: Dataset, figures: Figures, looks: Looks | None) -> Iterator[Defect]:
    """Defects of the pictures' files.

    Args:
        dataset: whose they are.
        figures: its figures.
        looks: what is known of the files; empty where they are left out, None where it is not known
            where they are.
    """
    if looks is None and dataset.pictures:
        text = f"the first of {len(dataset.pictures)} pictures is not beside the annotations; none is checked"
        yield Defect("pictures-unknown", "the pictures", text)
    looks = looks or {}
    room = _room(dataset, figures)
    for index, picture in enumerate(dataset.pictures):
        look = looks.get(picture.file_name, Look())
        if look.kind:
            yield picture_defect(look.kind, dataset, index, look.text)
        if look.form:
            yield from _extension(dataset, index, look)
        yield from _size(dataset, index, look, room.get(picture.id, (0.0, 0.0)))
    yield from _same(dataset, looks)


def has_size(picture: Picture) -> bool:
    """Whether the file gives a size that a picture can have."""
    return 0 < picture.width <= SIDE and 0 < picture.height <= SIDE


def _headed(data: bytes, name: str) -> tuple[tuple[int, int], tuple[int, int], str]:
    """Size upright, size stored, and format; all of it is read, so that a file that is cut short shows."""
    height, width = read_still(name, data=data).shape[:2]
    with Pillow.open(BytesIO(data)) as file:
        return (height, width), (file.height, file.width), file.format or ""


def _extension(dataset: Dataset, index: int, look: Look) -> Iterator[Defect]:
    suffix = PurePosixPath(dataset.pictures[index].file_name).suffix.lower()
    if suffix in _KNOWN and suffix not in EXTENSIONS.get(look.form, (suffix,)):
        yield picture_defect("extension-lies", dataset, index, f"is a {look.form} file, not {suffix}")


def _size(dataset: Dataset, index: int, look: Look, room: tuple[float, float]) -> Iterator[Defect]:
    """What is wrong with a size; `room` (h, w) is what the figures on the picture need."""
    picture, (height, width) = dataset.pictures[index], look.size
    told = f"{picture.width} x {picture.height}"
    here = f"the picture is {width} x {height}"
    known = height > 0
    if not has_size(picture):
        text = f"its size is {told} in the file" + (f"; {here}" if known else "")
        yield picture_defect("size-missing", dataset, index, text, fixable=known, value=look.size)
    elif known and picture.size != look.size:
        text = f"its size is {told} in the file; {here}"
        safe = room == (0, 0)
        if picture.size == look.stored:
            text += " when turned as its EXIF data ask; the outlines may be drawn on the unturned one"
        elif _scaled(picture.size, look.size):
            text += f", {width / picture.width:.3g} times as large; the outlines are of the other size"
        else:
            safe = room[0] <= height + BORDER and room[1] <= width + BORDER
        yield picture_defect("size-differs", dataset, index, text, fixable=safe, value=look.size)


def _scaled(told: tuple[int, int], real: tuple[int, int]) -> bool:
    """Whether a picture was made larger or smaller, rather than cut or turned."""
    down, across = real[0] / told[0], real[1] / told[1]
    return abs(down / across - 1) < 0.01 and abs(down - 1) > 0.01


def _room(dataset: Dataset, figures: Figures) -> dict[int, tuple[float, float]]:
    """(h, w) that the points on each picture need, by its id; run lengths are of one size alone."""
    room: dict[int, tuple[float, float]] = {}
    ends = np.where(np.isfinite(figures.box[:, 2:]), figures.box[:, 2:], 0)
    ends[figures.kind == RUNS] = np.inf
    for one, (x, y) in zip(dataset.annotations, ends.tolist(), strict=True):
        height, width = room.get(one.image_id, (0.0, 0.0))
        room[one.image_id] = max(height, y, 1), max(width, x, 1)
    return room


def _same(dataset: Dataset, looks: Looks) -> Iterator[Defect]:
    places = {one.file_name: index for index, one in reversed(list(enumerate(dataset.pictures)))}
    read = [name for name, look in looks.items() if look.digest]
    for later, first in repeats(read, lambda name: looks[name].digest):
        other = dataset.pictures[places[read[first]]]
        text = f"is the same picture, byte for byte, as {name_of_picture(other)}"
        yield picture_defect("same-picture", dataset, places[read[later]], text)


def _bare(text: str, picture: Picture, files: PictureFiles) -> str:
    """The reason alone, without the file's name before it."""
    for name in (str(files.folder / picture.file_name), picture.file_name):
        text = text.removeprefix(f"{name}: ")
    return shown(text)
