"""Folders of pictures and masks: PNG files whose pixels say which figure, or which class, they belong to."""

import csv
import os
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image as Pillow
from pycocotools import mask as coco

from figureground.datasets.collect import Collector
from figureground.datasets.dataset import Dataset, RunLengths
from figureground.datasets.formats.masks_write import CLASSES, IGNORE, TABLE
from figureground.datasets.formats.sizes import picture_size
from figureground.errors import FiguregroundWarning, InputError
from figureground.instances import Crop, tight_crop
from figureground.masks import components
from figureground.stills import picture_errors

PICTURES = (".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp")
LOSSY = (".jpg", ".jpeg")
"""Masks of these kinds have soft edges: they are cut at half of white."""

IMAGE_FOLDERS = ("images", "imgs", "image", "JPEGImages")
MASK_FOLDERS = ("masks", "mask", "SegmentationObject", "SegmentationClass", "Annotations")
"""The folders that are looked for, the first that is there."""

MARKS = ("_mask", "-mask", ".mask")
"""What the name of a mask may have behind that of its picture."""

FIGURE = "figure"
"""The class of figures of which nothing else is known."""

_COLOURS = 4096  # different ones in a mask; more are a photo
_MATTE = np.int64(1 << 24)  # the value of a figure with soft edges: no colour has it
_GREYS = 64  # values between 0 and 255 that a matte has at least
_HALF = 128
_LARGEST_TEXT = 1 << 28  # bytes

Values = npt.NDArray[np.int64]


@dataclass(frozen=True)
class _Facts:
    """What lies beside masks: names of classes by value, and of each figure by mask and value."""

    classes: tuple[str, ...] = ()
    figures: dict[tuple[str, int], str] = field(default_factory=dict)


def is_mask_folder(folder: str | Path) -> bool:
    """Whether `folder` holds pictures and masks of their names, as `read_masks` looks for them."""
    return next(_pairs(Path(folder), None), None) is not None


def read_masks(folder: str | Path, images: str | Path | None = None) -> Dataset:
    """Read a folder of pictures and masks; figures come as run lengths, so not a pixel changes.

    The pictures are in the folder images (or imgs, JPEGImages), the masks in masks (or SegmentationObject,
    SegmentationClass, Annotations), each with the name of its picture, with or without its suffix, or with
    `_mask` behind it; or they lie side by side. Pictures without a mask have no figures.

    What the values of the pixels are:

    - where instances.csv lists figures (as `write_masks` makes it), those; else
    - where classes.txt lists names, the places of these, from 1; each part that hangs together is a figure;
    - where all masks have one value beside 0 (or white, or true), each part that hangs together is a figure;
    - where masks are cut-outs or mattes, what is more opaque than not: one figure a picture;
    - else each value, or colour, of a mask is a figure. 255 in a mask with a palette is left out.

    Args:
        folder: where the masks are, and the pictures as a rule.
        images: the folder of the pictures, if elsewhere.

    Raises:
        InputError: there are no masks, or one cannot be read or is not of its picture's size.

    Warns:
        FiguregroundWarning: masks are JPEG files, or belong to no picture.
    """
    folder = Path(folder)
    pairs = list(_pairs(folder, None if images is None else Path(images)))
    if not pairs:
        raise InputError(f"{folder}: has no pictures with masks of the same name")
    root = _picture_folder(folder, None if images is None else Path(images))
    facts = _facts(folder)
    parted = not facts.figures and (bool(facts.classes) or _binary(pairs))
    _warn(folder, pairs)
    masks, taken = dict(pairs), {mask for _, mask in pairs}
    collector = Collector()
    for name in facts.classes or sorted(set(facts.figures.values())) or (FIGURE,):
        collector.category(name)
    below = _mask_folder(folder)
    for picture in _picture_files(root, below):
        if picture in taken:
            continue
        size = picture_size(picture)
        image_id = collector.picture(picture.relative_to(root).as_posix(), size, {})
        if picture in masks:
            mask = masks[picture]
            values = _values(mask)
            if values.shape != size:
                raise InputError(f"{mask}: is of {values.shape} (h, w), its picture {picture.name} of {size}")
            for name, crop in _figures(values, mask.relative_to(below).as_posix(), facts, parted=parted):
                collector.figure(image_id, collector.category(name), _run_lengths(crop, size), {})
    return collector.dataset(root)


def _pairs(folder: Path, images: Path | None) -> Iterator[tuple[Path, Path]]:
    """Each picture that has a mask, with it."""
    root, below = _picture_folder(folder, images), _mask_folder(folder)
    together = root == below
    masks: dict[str, list[Path]] = {}
    for file in _picture_files(below, None):
        masks.setdefault(file.relative_to(below).with_suffix("").as_posix(), []).append(file)
    for picture in _picture_files(root, below):
        place = picture.relative_to(root)
        stem = place.with_suffix("").as_posix()
        for name in (place.as_posix(), stem, *(stem + mark for mark in MARKS)):
            found = [file for file in masks.get(name, []) if file != picture]
            if together and name == stem:  # a.jpg and a.png: the photo is the one with losses
                found = [file for file in found if file.suffix.lower() == ".png" != picture.suffix.lower()]
            if found:
                yield picture, min(found, key=lambda file: (file.suffix.lower() != ".png", file.name))
                break


def _picture_folder(folder: Path, images: Path | None) -> Path:
    if images is not None:
        return images
    return next((folder / name for name in IMAGE_FOLDERS if (folder / name).is_dir()), folder)


def _mask_folder(folder: Path) -> Path:
    return next((folder / name for name in MASK_FOLDERS if (folder / name).is_dir()), folder)


def _picture_files(folder: Path, without: Path | None) -> Iterator[Path]:
    """The pictures in `folder` and below, in order; not those in the folder `without`, if it is below."""
    for place, below, names in os.walk(folder):
        below[:] = sorted(name for name in below if name[0] != "." and Path(place, name) != without)
        for name in sorted(names):
            if name[0] != "." and Path(name).suffix.lower() in PICTURES:
                yield Path(place, name)


def _facts(folder: Path) -> _Facts:
    """What classes.txt and instances.csv in `folder` say."""
    return _Facts(tuple(_lines(folder / CLASSES)), dict(_table(folder / TABLE)))


def _lines(file: Path) -> list[str]:
    if not file.is_file():
        return []
    try:
        if file.stat().st_size > _LARGEST_TEXT:
            raise InputError(f"{file}: is too large for what it should be")
        return file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file}: cannot be read: {error}") from error


def _table(file: Path) -> Iterator[tuple[tuple[str, int], str]]:
    """The classes of figures by their mask and value."""
    try:
        for row in csv.DictReader(_lines(file)):
            yield (str(row["mask"]), int(row["value"])), str(row["class"])
    except (csv.Error, KeyError, ValueError, TypeError) as error:
        raise InputError(f"{file}: is no table of figures with mask, value and class ({error})") from error


def _warn(folder: Path, pairs: Sequence[tuple[Path, Path]]) -> None:
    soft = sum(mask.suffix.lower() in LOSSY for _, mask in pairs)
    if soft:
        text = f"{folder}: {soft} masks are JPEG files; their edges are soft, and are cut at half of white"
        warnings.warn(text, FiguregroundWarning, stacklevel=3)
    below, taken = _mask_folder(folder), {mask for _, mask in pairs}
    alone = [file for file in _picture_files(below, None) if file not in taken] if below != folder else []
    if alone:
        text = f"{folder}: {len(alone)} masks belong to no picture, such as {alone[0].name}"
        warnings.warn(text, FiguregroundWarning, stacklevel=3)


def _binary(pairs: Sequence[tuple[Path, Path]]) -> bool:
    """Whether all masks together have one value beside 0 at most."""
    seen: set[int] = set()
    for _, mask in pairs:
        seen.update(np.unique(_values(mask)).tolist())
        if len(seen - {0}) > 1:
            return False
    return True


def _values(file: Path) -> Values:
    """(h, w) int64: the values of a mask's pixels; of a coloured one a number for each colour.

    Of a cut-out (a picture with transparent parts) or a matte (with soft edges) it is _MATTE where there is
    more figure than ground.
    """
    with picture_errors(file), Pillow.open(file) as picture:
        if file.suffix.lower() in LOSSY:
            return (np.asarray(picture.convert("L")) >= _HALF).astype(np.int64)
        if picture.mode in ("RGBA", "LA"):
            opaque = np.asarray(picture.getchannel("A")) >= _HALF
            if not opaque.all():
                return opaque * _MATTE
        single = picture.mode in ("1", "L", "P") or picture.mode.startswith("I")
        values = np.asarray(picture if single else picture.convert("RGB")).astype(np.int64)
        if picture.mode == "P":
            values[values == IGNORE] = 0
        if picture.mode == "L" and _is_soft(values):
            return (values >= _HALF) * _MATTE
    if values.ndim == 3:
        grey = (values[..., :1] == values).all()
        values = values[..., 0] if grey else values @ np.array([1 << 16, 1 << 8, 1])
        if not grey and len(np.unique(values)) > _COLOURS:
            raise InputError(f"{file}: has more than {_COLOURS} colours: it is a photo, not a mask")
    return values


def _is_soft(values: Values) -> bool:
    """Whether an 8-bit mask is a matte: mostly 0 and 255, with all the greys of soft edges between."""
    counts = np.bincount(values.ravel(), minlength=256)
    greys = counts[1:255]
    return bool(np.count_nonzero(greys) > _GREYS and counts[255] > greys.sum())


def _figures(values: Values, mask: str, facts: _Facts, *, parted: bool) -> Iterator[tuple[str, Crop]]:
    """The figures of a mask, each with the name of its class."""
    for value in np.unique(values).tolist():
        name = facts.figures.get((mask, value), FIGURE)
        if parted and facts.classes and value:
            if value == IGNORE > len(facts.classes):
                continue
            name = facts.classes[value - 1] if value <= len(facts.classes) else f"class_{value}"
        if value > 0:
            here = values == value
            whole = not parted or value == _MATTE
            for crop in [tight_crop(here)] if whole else components(here.view(np.uint8)):
                yield name, crop


def _run_lengths(crop: Crop, size: tuple[int, int]) -> RunLengths:
    whole = np.zeros(size, np.uint8, order="F")
    whole[crop.window] = crop.mask
    return RunLengths(size, coco.encode(whole)["counts"].decode())
