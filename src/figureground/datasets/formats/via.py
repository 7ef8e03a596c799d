"""VIA, the VGG Image Annotator, version 1 and 2: a project, or annotations exported as json."""

import math
import warnings
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from figureground.datasets.collect import Collector
from figureground.datasets.dataset import Dataset, plain
from figureground.datasets.formats.coco import find_pictures
from figureground.datasets.formats.curves import ellipse_to_polygon
from figureground.datasets.formats.sizes import find_size
from figureground.errors import FiguregroundWarning, InputError, OptionError

Number = int | float

CLASS_NAMES = ("class", "label", "name", "category", "type", "species")
"""Attributes that are taken for the class where regions have several, if one of these is among them."""

UNNAMED = "unnamed"
"""The class of regions that have none."""


class ViaRegion(msgspec.Struct):
    """One drawing."""

    shape_attributes: dict[str, Any]
    region_attributes: dict[str, Any] = {}


class ViaPicture(msgspec.Struct):
    """One picture with its drawings; VIA 1 keeps them by numbers."""

    filename: str
    regions: list[ViaRegion] | dict[str, ViaRegion] = []
    file_attributes: dict[str, Any] = {}


def is_via(keys: dict[str, msgspec.Raw]) -> bool:
    """Whether a json file with these top-level keys is one of VIA."""
    if "_via_img_metadata" in keys:
        return True
    return bool(keys) and all(_has_keys(bytes(raw)) for raw in list(keys.values())[:3])


def _has_keys(raw: bytes) -> bool:
    try:
        return {"filename", "regions"} <= msgspec.json.decode(raw, type=dict[str, msgspec.Raw]).keys()
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False


def read_via(path: str | Path, images: str | Path | None = None, class_attribute: str = "") -> Dataset:
    """Read a VIA project or annotations file.

    Polygons, rectangles, circles and ellipses (to 0.1 pixels; they keep their numbers in the key "shape")
    are figures, and so are polylines, which are closed. The other
    attributes of a region are its `attributes`; those of a file stay as the picture's "file_attributes".
    VIA does not know how large a picture is: that is read from its file, and 0 where there is none.

    Args:
        path: the json file.
        images: the folder of the pictures, if they are not beside it.
        class_attribute: the region attribute that is the class. Without it, the only one; among several,
            the only one that is called class, label, name, category, type or species.

    Raises:
        InputError: it is damaged; the message says where.
        OptionError: it is not clear which attribute is the class.

    Warns:
        FiguregroundWarning: points, which have no area, were left out; or regions have no class.
    """
    path = Path(path)
    entries = _entries(path)
    names = [entry.filename.replace("\\", "/") for entry in entries]
    folder = Path(images) if images is not None else _folder(path, names)
    key = class_attribute or _class_attribute(path, entries)
    collector = Collector()
    left: Counter[str] = Counter()
    for name, entry in zip(names, entries, strict=True):
        size = (find_size(folder, name) if folder else None) or (0, 0)
        more = {"file_attributes": entry.file_attributes} if entry.file_attributes else {}
        number = collector.picture(name, size, more)
        regions = entry.regions if isinstance(entry.regions, list) else list(entry.regions.values())
        for at, region in enumerate(regions):
            try:
                left[_add(collector, number, region, key)] += 1
            except (ValueError, msgspec.ValidationError) as error:
                raise InputError(f"{path}: {entry.filename}: regions[{at}]: {error}") from error
    _tell(path, left, key)
    return collector.dataset(folder)


def _entries(path: Path) -> list[ViaPicture]:
    try:
        keys = msgspec.json.decode(path.read_bytes(), type=dict[str, msgspec.Raw])
        if "_via_img_metadata" in keys:
            keys = msgspec.json.decode(keys["_via_img_metadata"], type=dict[str, msgspec.Raw])
        return [msgspec.json.decode(raw, type=ViaPicture) for raw in keys.values()]
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    except msgspec.ValidationError as error:
        raise InputError(f"{path}: is no VIA file: {plain(error)}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"{path}: is no JSON: {error}") from error


def _folder(path: Path, names: Sequence[str]) -> Path | None:
    collector = Collector()
    for name in names[:1]:
        collector.picture(name, (0, 0), {})
    return find_pictures(path, collector.dataset(None).pictures)


def _class_attribute(path: Path, entries: Sequence[ViaPicture]) -> str:
    """The attribute that is the class."""
    used: dict[str, None] = {}
    for entry in entries:
        for region in entry.regions if isinstance(entry.regions, list) else entry.regions.values():
            used |= dict.fromkeys(region.region_attributes)
    likely = [name for name in used if name.lower() in CLASS_NAMES] if len(used) > 1 else list(used)
    if len(used) > 1 and len(likely) != 1:
        raise OptionError(
            f"{path}: which attribute is the class: {', '.join(used)}? say --class-attribute NAME"
        )
    return likely[0] if likely else ""


def _add(collector: Collector, picture: int, region: ViaRegion, key: str) -> str:
    """Add one region; what is to be told of it, if anything."""
    attributes = dict(region.region_attributes)
    name = _class_name(attributes.pop(key, None))
    shape = region.shape_attributes
    kind = str(shape.get("name"))
    polygon = _polygon(kind, shape)
    if polygon is None:
        return kind
    more: dict[str, Any] = {"attributes": attributes} if attributes else {}
    if kind in ("circle", "ellipse"):
        more["shape"] = shape
    collector.figure(picture, collector.category(name or UNNAMED), [polygon], more)
    return "" if name else UNNAMED


def _class_name(value: Any) -> str:
    """The class that an attribute's value tells: a text, or the one that is ticked."""
    if isinstance(value, dict):
        ticked = [str(name) for name, on in value.items() if on]
        if len(ticked) > 1:
            raise ValueError(f"has several classes: {', '.join(ticked)}; a figure is of one")
        value = ticked[0] if ticked else ""
    return "" if value is None else str(value).strip()


def _polygon(kind: str, shape: dict[str, Any]) -> list[Number] | None:
    """The points of a region, x y x y ...; None where it has no area.

    Raises:
        ValueError: it is damaged.
    """
    if kind in ("polygon", "polyline"):
        xs, ys = (msgspec.convert(shape.get(f"all_points_{axis}"), list[Number]) for axis in "xy")
        if len(xs) != len(ys):
            raise ValueError(f"has {len(xs)} x and {len(ys)} y")
        return [value for point in zip(xs, ys, strict=True) for value in point]
    if kind == "rect":
        x, y, width, height = _numbers(shape, "x", "y", "width", "height")
        return [x, y, x + width, y, x + width, y + height, x, y + height]
    if kind == "circle":
        x, y, radius = _numbers(shape, "cx", "cy", "r")
        return list(ellipse_to_polygon(x, y, radius, radius))
    if kind == "ellipse":
        turned = {**shape, "theta": shape.get("theta") or 0.0}
        x, y, rx, ry, theta = _numbers(turned, "cx", "cy", "rx", "ry", "theta")
        return list(ellipse_to_polygon(x, y, rx, ry, theta))
    return None


def _numbers(shape: dict[str, Any], *keys: str) -> list[Number]:
    values = msgspec.convert([shape.get(key) for key in keys], list[Number])
    if not all(math.isfinite(value) for value in values):
        raise ValueError("has a number that is not finite")
    return values


def _tell(path: Path, left: Counter[str], key: str) -> None:
    """Warn of regions that were left out, or have no class."""
    del left[""]
    unnamed = left.pop(UNNAMED, 0)
    texts = [
        f"shapes that have no area are left out: {count} x {kind}" for kind, count in sorted(left.items())
    ]
    if unnamed:
        texts.append(f"{unnamed} regions have no {key or 'class'}; they are of the class {UNNAMED!r}")
    for text in texts:
        warnings.warn(f"{path}: {text}", FiguregroundWarning, stacklevel=3)
