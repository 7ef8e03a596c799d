"""LabelMe: a json file beside each picture."""

import binascii
import math
import warnings
from base64 import b64decode
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec
import numpy as np

from figureground.datasets.archive import safe_name
from figureground.datasets.collect import Collector
from figureground.datasets.dataset import Dataset, RunLengths, plain
from figureground.datasets.formats.coco import find_pictures
from figureground.datasets.formats.curves import ellipse_to_polygon
from figureground.datasets.formats.sizes import find_size, picture_size
from figureground.errors import FiguregroundWarning, InputError
from figureground.masks import counts_to_string, mask_to_counts
from figureground.stills import read_still

Number = int | float
Polygon = list[Number]

OUTLINES = ("polygon", "rectangle", "oriented_rectangle", "quad", "circle")
LARGEST = 1 << 28
"""Pixels of a picture of which a mask is kept; more would fill the memory."""


class LabelMeShape(msgspec.Struct):
    """One drawing; points are x, y in pixels."""

    label: str
    points: list[tuple[Number, Number]] = []
    shape_type: str | None = "polygon"
    group_id: int | str | None = None
    flags: dict[str, Any] | None = None
    description: str | None = None
    mask: str | None = None


class LabelMeFile(msgspec.Struct):
    """What is read of a file; its other keys are kept."""

    shapes: list[dict[str, Any]]
    imagePath: str  # noqa: N815
    imageHeight: int | None = None  # noqa: N815
    imageWidth: int | None = None  # noqa: N815


_OWN = {*LabelMeFile.__struct_fields__, "imageData", "version"}


def read_labelme(path: str | Path, images: str | Path | None = None) -> Dataset:
    """Read one LabelMe file, or all of a folder and of the folders in it.

    Shapes of one label and one group_id are one figure. A circle becomes a polygon (to 0.1 pixels) and
    keeps its own points in the key "shape"; a mask becomes run lengths. Flags, description and group_id of
    a shape are its `attributes`, those of a picture and all keys not known here stay as keys.

    Args:
        path: the file or folder.
        images: the folder of the pictures, if they are not beside.

    Raises:
        InputError: a file is damaged; the message says which and where.

    Warns:
        FiguregroundWarning: points and lines, which have no area, were left out.
    """
    path = Path(path)
    root = path if path.is_dir() else path.parent
    collector = Collector()
    left: Counter[str] = Counter()
    folder = Path(images) if images is not None else None
    for file in labelme_files(path):
        left.update(_read_file(file, root, folder, collector, alone=path.is_file()))
    dataset = collector.dataset(None)
    if not dataset.pictures:
        raise InputError(f"{path}: has no LabelMe files")
    if left:
        listed = ", ".join(f"{count} x {kind}" for kind, count in sorted(left.items()))
        message = f"{path}: shapes that have no area are left out: {listed}"
        warnings.warn(message, FiguregroundWarning, stacklevel=2)
    return collector.dataset(folder or find_pictures(root / "labelme.json", dataset.pictures))


def labelme_files(path: Path) -> list[Path]:
    """The json files at `path`: itself, those in it, or in its folders, if one is of LabelMe."""
    if path.is_file():
        return [path]
    for pattern in ("*.json", "*/*.json"):
        files = sorted(path.glob(pattern))
        if any(is_labelme(file) for file in files):
            return files
    return []


def is_labelme(file: Path) -> bool:
    """Whether `file` is one of LabelMe."""
    try:
        keys = msgspec.json.decode(file.read_bytes(), type=dict[str, msgspec.Raw])
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    return "shapes" in keys and "imagePath" in keys


def _read_file(
    file: Path, root: Path, images: Path | None, collector: Collector, *, alone: bool
) -> Counter[str]:
    """Add the picture of `file`; the kinds of shapes that were left out."""
    data = _parse(file)
    if not alone and not {"shapes", "imagePath"} & data.keys():
        return Counter()  # a json file of something else
    known = _known(file, data)
    place = _picture_name(known.imagePath, PurePosixPath(file.relative_to(root).parent.as_posix()))
    size = known.imageHeight or 0, known.imageWidth or 0
    if min(size) <= 0:
        size = _size(file, images, place)
    more = {key: value for key, value in data.items() if key not in _OWN and value not in (None, {}, [], "")}
    number = collector.picture(place, size, more)
    left: Counter[str] = Counter()
    for name, shape, keys in _figures(file, known.shapes, size, left):
        collector.figure(number, collector.category(name), shape, keys)
    return left


def _parse(file: Path) -> dict[str, Any]:
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, Any])
    except OSError as error:
        raise InputError(f"{file}: cannot be read: {error.strerror}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"{file}: is no JSON of LabelMe: {error}") from error


def _known(file: Path, data: dict[str, Any]) -> LabelMeFile:
    try:
        return msgspec.convert(data, LabelMeFile)
    except msgspec.ValidationError as error:
        raise InputError(f"{file}: is no LabelMe file: {plain(error)}") from error


def _picture_name(image_path: str, place: PurePosixPath) -> str:
    """The picture's name below the folder of the files, of which one lies at `place`."""
    name = image_path.replace("\\", "/")
    try:
        return str(place / safe_name(name))
    except InputError:  # LabelMe writes ../images/a.jpg where annotations have a folder of their own
        name = str(place / (name.rpartition("/")[2] or "picture"))
        return name if name.rpartition("/")[2] not in ("..", ".") else "picture"


def _size(file: Path, images: Path | None, name: str) -> tuple[int, int]:
    folders = [images] if images else [file.parent, file.parent.parent, file.parent.parent / "images"]
    sizes = (find_size(folder, one) for folder in folders for one in (name, PurePosixPath(name).name))
    size = next((one for one in sizes if one), None)
    if size is None:
        raise InputError(f"{file}: has no imageHeight and imageWidth, and its picture {name} is not there")
    return size


def _figures(
    file: Path, shapes: Sequence[dict[str, Any]], size: tuple[int, int], left: Counter[str]
) -> Iterable[tuple[str, list[Polygon] | RunLengths, dict[str, Any]]]:
    """The label, shape and other keys of each figure; parts of one group are put together."""
    figures: list[tuple[str, list[Polygon] | RunLengths, dict[str, Any]]] = []
    groups: dict[tuple[str, int | str], int] = {}
    for place, values in enumerate(shapes):
        try:
            one = msgspec.convert(values, LabelMeShape)
            shape = _shape(one, size)
        except msgspec.ValidationError as error:
            raise InputError(f"{file}: shapes[{place}]: {plain(error)}") from error
        except ValueError as error:
            raise InputError(f"{file}: shapes[{place}]: {error}") from error
        if shape is None:
            left[str(one.shape_type)] += 1
            continue
        keys = _keys(one, values)
        group = (one.label, one.group_id) if one.group_id is not None else None
        if group in groups and not isinstance(shape, RunLengths):
            _add_part(figures[groups[group]], shape, keys)
            continue
        if group and not isinstance(shape, RunLengths):
            groups[group] = len(figures)
        figures.append((one.label, shape, keys))
    return figures


def _add_part(
    figure: tuple[str, list[Polygon] | RunLengths, dict[str, Any]], shape: list[Polygon], keys: dict[str, Any]
) -> None:
    """Add a part of the same group; where it has keys of its own, all are kept, a part each."""
    if isinstance(figure[1], list):
        if keys != figure[2] or "parts" in figure[2]:
            before = figure[2].get("parts") or [figure[2].copy()] * len(figure[1])
            figure[2]["parts"] = [*before, keys]
        figure[1].extend(shape)


def _keys(shape: LabelMeShape, values: dict[str, Any]) -> dict[str, Any]:
    """What a shape has besides its outline, as keys of an annotation."""
    own = {"group_id": shape.group_id, "description": shape.description or None}
    more = {key: value for key, value in values.items() if key not in LabelMeShape.__struct_fields__}
    other = more.get("attributes")  # of AnyLabeling, which writes LabelMe's format
    attributes = {
        **(shape.flags or {}),
        **(more.pop("attributes") if isinstance(other, dict) else {}),
        **{key: value for key, value in own.items() if value is not None},
    }
    more = {key: value for key, value in more.items() if value is not None}
    if shape.shape_type == "circle":
        more["shape"] = {"type": "circle", "points": shape.points}
    return more | ({"attributes": attributes} if attributes else {})


def _shape(shape: LabelMeShape, size: tuple[int, int]) -> list[Polygon] | RunLengths | None:
    """The polygons or run lengths of a shape; None where it has no area.

    Raises:
        ValueError: it is damaged.
    """
    kind = shape.shape_type or "polygon"
    if kind == "mask":
        return _mask(shape, size)
    if kind not in OUTLINES:
        return None
    if (
        kind in ("rectangle", "circle")
        and len(shape.points) != 2
        and (kind, len(shape.points)) != ("rectangle", 4)
    ):
        raise ValueError(f"a {kind} needs 2 points, this one has {len(shape.points)}")
    if kind == "rectangle" and len(shape.points) == 2:
        (left, top), (right, bottom) = shape.points
        return [[left, top, right, top, right, bottom, left, bottom]]
    if kind == "circle":
        (x, y), (edge_x, edge_y) = shape.points
        radius = math.hypot(edge_x - x, edge_y - y)
        return [list(ellipse_to_polygon(x, y, radius, radius))]
    return [[value for point in shape.points for value in point]]


def _mask(shape: LabelMeShape, size: tuple[int, int]) -> RunLengths:
    """The run lengths of a mask: a PNG in base64 that fills the box of two points, both included."""
    if len(shape.points) != 2 or shape.mask is None:
        raise ValueError("a mask needs 2 points and a picture of it")
    (left, top), (right, bottom) = ((int(x), int(y)) for x, y in shape.points)
    height, width = bottom - top + 1, right - left + 1
    if left < 0 or top < 0 or height < 1 or width < 1 or bottom >= size[0] or right >= size[1]:
        raise ValueError(f"a mask from {left}, {top} to {right}, {bottom} leaves a picture of {size} (h, w)")
    if size[0] * size[1] > LARGEST:
        raise ValueError(f"a mask of a picture of {size} (h, w) is too large")
    try:
        data = b64decode(shape.mask)
    except (binascii.Error, ValueError) as error:
        raise ValueError(f"its mask is no base64: {error}") from error
    if picture_size("the mask", data=data) != (height, width):
        raise ValueError(f"its mask is not of the size of its box, {height} x {width}")
    whole = np.zeros(size, bool)
    whole[top : bottom + 1, left : right + 1] = read_still("the mask", data=data).any(2)
    return RunLengths(size, counts_to_string(mask_to_counts(whole)))
