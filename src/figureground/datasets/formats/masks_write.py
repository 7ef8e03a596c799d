"""A mask beside each picture: what many tools train on."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from figureground.datasets.archive import safe_name
from figureground.datasets.dataset import Annotation, Dataset
from figureground.datasets.formats.copied import Progress, check_names, copy_pictures, unseen
from figureground.datasets.formats.sizes import dataset_sizes
from figureground.datasets.segmentation import annotation_to_crop
from figureground.errors import InputError, OptionError
from figureground.folders import written_folder
from figureground.instances import Crop

KINDS = ("class", "instance", "merged")
"""What the values of a mask's pixels are, see `write_masks`; 0 is ground in each."""

IMAGES, MASKS, CLASSES, TABLE = "images", "masks", "classes.txt", "instances.csv"
"""The names in a folder of masks."""

IGNORE = 255
"""The value of pixels that are neither figure nor ground, in masks of classes."""

_HEADER = "mask,value,class,annotation\n"
_PIXELS = 1 << 28  # of a mask
_LARGEST = 65_535  # that a pixel of 16 bits holds

Mask = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]


class _Drawn(NamedTuple):
    """A figure, and the place of its class among the categories, from 1."""

    annotation: Annotation
    crop: Crop
    label: int


def write_masks(
    dataset: Dataset,
    folder: str | Path,
    *,
    kind: str = "class",
    copy_images: bool = True,
    ignore_crowd: bool = False,
    overwrite: bool = False,
    progress: Progress = unseen,
) -> list[str]:
    """Write a mask of each picture to `folder`/masks, and copy the pictures, byte for byte, to its images.

    A mask is a PNG file named like its picture; where that is the name of another picture's too (a.jpg and
    a.png), the suffix of the picture stays: a.jpg.png. It has 8 bits, or 16 where numbers above 255 need
    them. Where figures overlap, the smaller one lies on the larger, and of two of one size the later.

    Args:
        dataset: its figures are drawn as pycocotools draws them; one with only a box is the box.
        folder: a new folder.
        kind: what the values are. "class": the place of the class in classes.txt, from 1, which is that
            among the categories; "instance": the figures of the picture, from 1, listed in instances.csv;
            "merged": 255 for all figures.
        copy_images: else there are only masks.
        ignore_crowd: groups that were not drawn one by one (crowd) are 255 in masks of classes, below all
            figures, as many tools leave such pixels out. Else they are ground.
        overwrite: replace a folder that figureground wrote.
        progress: called with the number of masks that are done.

    Returns:
        In words, what there is to know of the result.

    Raises:
        OptionError: there is no such kind, or it cannot hold ignored pixels.
        InputError: a figure cannot be drawn or has no class, or a picture is missing.
        OutputError: something is there already, or it cannot be written.
    """
    _check(dataset, kind, ignore_crowd=ignore_crowd)
    names = mask_names([picture.file_name for picture in dataset.pictures])
    sizes = _sizes(dataset)
    figures = dataset.by_picture()
    rows = [_HEADER]
    with written_folder(folder, overwrite=overwrite) as part:
        told = copy_pictures(dataset, _file_names(dataset), part / IMAGES) if copy_images else []
        (part / MASKS).mkdir()
        for done, (picture, name, size) in enumerate(zip(dataset.pictures, names, sizes, strict=True), 1):
            drawn = _drawn(dataset, figures[picture.id], size)
            path = part / MASKS / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_png(_mask(drawn, size, kind, ignore_crowd=ignore_crowd)))
            rows += _rows(dataset, name, drawn)
            progress(done)
        if kind != "merged":
            lines = "".join(f"{_line(category.name)}\n" for category in dataset.categories)
            (part / CLASSES).write_text(lines, "utf-8")
        if kind == "instance":
            (part / TABLE).write_text("".join(rows), "utf-8")
    crowd = sum(bool(one.iscrowd) for one in dataset.annotations)
    return [*told, f"crowd regions left out: {crowd}"] if crowd and not ignore_crowd else told


def mask_names(file_names: Sequence[str]) -> list[str]:
    """The mask's file name for each picture's, below another folder.

    Raises:
        InputError: a name leads out of the folder.
        OutputError: two pictures have one name.

    Example:
        >>> mask_names(["a/1.jpg", "a/2.jpg", "a/2.png"])
        ['a/1.png', 'a/2.jpg.png', 'a/2.png.png']
    """
    stems = [str(PurePosixPath(safe_name(name)).with_suffix("")) for name in file_names]
    shared = Counter(stem.casefold() for stem in stems)
    pairs = zip(stems, file_names, strict=True)
    names = [f"{stem if shared[stem.casefold()] == 1 else name}.png" for stem, name in pairs]
    check_names(names, MASKS)
    return names


def _check(dataset: Dataset, kind: str, *, ignore_crowd: bool) -> None:
    if kind not in KINDS:
        raise OptionError(f"there is no kind of masks {kind!r}; choose one of: {', '.join(KINDS)}")
    if ignore_crowd and (kind != "class" or len(dataset.categories) >= IGNORE):
        raise OptionError("only masks of classes, at most 254, can hold regions to ignore")
    if kind == "class" and len(dataset.categories) > _LARGEST:
        raise OptionError(f"masks hold {_LARGEST} classes at most; these are {len(dataset.categories)}")


def _file_names(dataset: Dataset) -> list[str]:
    return [picture.file_name for picture in dataset.pictures]


def _sizes(dataset: Dataset) -> list[tuple[int, int]]:
    """(h, w) of each picture, none too large for a mask."""
    sizes = dataset_sizes(dataset)
    for picture, (height, width) in zip(dataset.pictures, sizes, strict=True):
        if height * width > _PIXELS:
            raise InputError(f"{picture.file_name}: {width} x {height} pixels are too many for a mask")
    return sizes


def _drawn(dataset: Dataset, annotations: Sequence[Annotation], size: tuple[int, int]) -> list[_Drawn]:
    places = {category.id: number for number, category in enumerate(dataset.categories, 1)}
    for one in annotations:
        if one.category_id not in places:
            text = f"annotation {one.id}: no category has the id {one.category_id}"
            raise InputError(f"{text}; see: figureground dataset check")
    return [_Drawn(one, annotation_to_crop(one, size), places[one.category_id]) for one in annotations]


def _mask(drawn: Sequence[_Drawn], size: tuple[int, int], kind: str, *, ignore_crowd: bool) -> Mask:
    """The mask of one picture."""
    figures = [one for one in drawn if not one.annotation.iscrowd]
    values = [one.label for one in figures]
    if kind != "class":
        values = [255] * len(figures) if kind == "merged" else list(range(1, len(figures) + 1))
    if max(values, default=0) > _LARGEST:
        raise InputError(f"a picture has {len(figures)} figures; its mask holds {_LARGEST} at most")
    mask = np.zeros(size, np.uint16 if max(values, default=0) > 255 else np.uint8)
    for one in drawn:
        if one.annotation.iscrowd and ignore_crowd:
            mask[one.crop.window][one.crop.mask] = IGNORE
    areas = [-np.count_nonzero(one.crop.mask) for one in figures]
    for place in np.argsort(areas, kind="stable"):
        crop = figures[place].crop
        mask[crop.window][crop.mask] = values[place]
    return mask


def _rows(dataset: Dataset, name: str, drawn: Sequence[_Drawn]) -> list[str]:
    figures = [one for one in drawn if not one.annotation.iscrowd]
    names = [dataset.categories[one.label - 1].name for one in figures]
    return [
        f"{_cell(name)},{value},{_cell(class_name)},{one.annotation.id}\n"
        for value, (one, class_name) in enumerate(zip(figures, names, strict=True), 1)
    ]


def _cell(text: str) -> str:
    """`text` as a cell of a csv file."""
    text = _line(text)
    return '"' + text.replace('"', '""') + '"' if set(text) & set(',"') else text


def _line(text: str) -> str:
    return " ".join(text.split())


def _png(mask: Mask) -> bytes:
    return bytes(cv2.imencode(".png", mask)[1])
