"""YOLO folders of outlines, as Ultralytics trains on them."""

import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from figureground.datasets.clip import clip_polygon
from figureground.datasets.dataset import Annotation, Dataset, Picture
from figureground.datasets.formats.copied import Progress, copy_pictures, unseen
from figureground.datasets.formats.flat import flat_names
from figureground.datasets.formats.outlined import CROWD, figure_to_polygons, in_words
from figureground.datasets.formats.sizes import dataset_sizes
from figureground.datasets.formats.subsets import SPLITS
from figureground.errors import InputError

Points = npt.NDArray[np.float64]

NAMES = ("train", "val", "test")
OTHER = "pictures are of no split, or of another one than train, val, test; they are put to train"
OUTSIDE = "figures reach out of their picture; they are cut at its border"
PARTS = "figures have several polygons; a line of no width joins them"
KEYS = "figures have other keys (ids, attributes, ...), which YOLO does not hold"
STRAY = "figures are of no picture; they are left out"
_KNOWN = {"id", "image_id", "category_id", "segmentation", "area", "bbox", "iscrowd"}


def write_yolo(dataset: Dataset, folder: Path, *, progress: Progress = unseen) -> list[str]:
    """Write the pictures and labels of a YOLO folder into `folder`, which is empty.

    It has data.yaml, images/ and labels/; where pictures have a key "split" (train, val, test), each of
    these has a folder for each. A figure is a row: several polygons of it are joined by lines of no width,
    as Ultralytics does (data/converter.py, merge_multi_segment), since a row each would make them figures
    of their own. Numbers have all digits, so that reading them gives the same pixels. Figures of which
    none has an outline are written as boxes.

    Returns:
        What YOLO cannot hold, in words.

    Raises:
        InputError: a picture's file is missing, or a figure is damaged or of no picture or class.
    """
    kinds = {category.id: number for number, category in enumerate(dataset.categories)}
    told: Counter[str] = Counter()
    places = _places(dataset.pictures, told)
    boxes = not any(one.segmentation for one in dataset.annotations)
    figures = dataset.by_picture()
    told[STRAY] = len(dataset.annotations) - sum(len(some) for some in figures.values())
    for picture, size, place in zip(dataset.pictures, dataset_sizes(dataset), places, strict=True):
        rows = [_row(one, kinds, size, boxes, told) for one in figures[picture.id]]
        label = folder / "labels" / Path(place).with_suffix(".txt")
        label.parent.mkdir(parents=True, exist_ok=True)
        label.write_text("".join(row for row in rows if row), "utf-8", newline="\n")
    (folder / "data.yaml").write_text(_data_yaml(dataset, places), "utf-8", newline="\n")
    return [*in_words(told), *copy_pictures(dataset, places, folder / "images", progress)]


def join_polygons(polygons: Sequence[Sequence[float]]) -> list[float]:
    """One polygon of all: from each, a line of no width leads to the nearest point of those before.

    Example:
        >>> join_polygons([[0, 0, 2, 0, 2, 2], [3, 0, 5, 0, 5, 2]])
        [0.0, 0.0, 2.0, 0.0, 3.0, 0.0, 5.0, 0.0, 5.0, 2.0, 3.0, 0.0, 2.0, 0.0, 2.0, 2.0]
    """
    whole, *rest = [np.array(polygon, np.float64).reshape(-1, 2) for polygon in polygons]
    for part in rest:
        here, there = _nearest(whole, part)
        turned = np.concatenate([part[there:], part[: there + 1]])
        whole = np.concatenate([whole[: here + 1], turned, whole[here:]])
    return whole.ravel().tolist()


def _nearest(first: Points, second: Points) -> tuple[int, int]:
    """The indices of the two points that are nearest to each other."""
    best, found = math.inf, (0, 0)
    for number, point in enumerate(second):
        distances = np.square(first - point).sum(1)
        near = int(distances.argmin())
        if distances[near] < best:
            best, found = float(distances[near]), (near, number)
    return found


def _row(
    one: Annotation, kinds: dict[int, int], size: tuple[int, int], boxes: bool, told: Counter[str]
) -> str:
    """The row of a figure; nothing where it is left out."""
    if one.category_id not in kinds:
        raise InputError(f"annotation {one.id}: there is no category {one.category_id}")
    keys = msgspec.json.decode(one.raw, type=dict[str, msgspec.Raw])
    told[KEYS] += not keys.keys() <= _KNOWN
    if boxes and one.bbox:
        if one.iscrowd:
            told[CROWD] += 1
            return ""
        return _box_row(kinds[one.category_id], one.bbox, size, told)
    polygons = figure_to_polygons(one, size, told)
    inside = [_within(polygon, size) for polygon in polygons]
    told[OUTSIDE] += inside != polygons
    inside = [polygon for polygon in inside if len(polygon) >= 6]
    told[PARTS] += len(inside) > 1
    if not inside:
        return ""
    points = inside[0] if len(inside) == 1 else join_polygons(inside)
    return _text(kinds[one.category_id], points, size)


def _box_row(
    kind: int, box: tuple[float, float, float, float], size: tuple[int, int], told: Counter[str]
) -> str:
    """The row of a box, or what of it lies within the picture; nothing where it is all outside."""
    x, y, width, height = box
    left, top, right, bottom = max(x, 0), max(y, 0), min(x + width, size[1]), min(y + height, size[0])
    if (left, top, right, bottom) != (x, y, x + width, y + height):
        told[OUTSIDE] += 1
    if left >= right or top >= bottom:
        return ""
    return _text(kind, [(left + right) / 2, (top + bottom) / 2, right - left, bottom - top], size)


def _within(polygon: list[float], size: tuple[int, int]) -> list[float]:
    xs, ys = polygon[::2], polygon[1::2]
    if min(xs) >= 0 and min(ys) >= 0 and max(xs) <= size[1] and max(ys) <= size[0]:
        return polygon
    return clip_polygon(polygon, size)


def _text(kind: int, numbers: Sequence[float], size: tuple[int, int]) -> str:
    shares = (repr(value / (size[0] if at % 2 else size[1])) for at, value in enumerate(numbers))
    return f"{kind} {' '.join(shares)}\n"


def _places(pictures: Sequence[Picture], told: Counter[str]) -> list[str]:
    """Where each picture goes below images/."""
    names = flat_names([picture.file_name for picture in pictures])
    keys = [picture.get("split") for picture in pictures]
    splits = [SPLITS.get(str(key).lower(), "") for key in keys]
    if not any(splits):
        return names
    told[OTHER] = splits.count("")
    return [f"{split or 'train'}/{name}" for split, name in zip(splits, names, strict=True)]


def _data_yaml(dataset: Dataset, places: Sequence[str]) -> str:
    """Names, and where the pictures of each split are; without splits, all are for both."""
    used = {place.partition("/")[0] for place in places if "/" in place}
    splits = {name: f"images/{name}" for name in NAMES if name in used} if used else {}
    splits = splits or {"train": "images", "val": "images"}
    lines = [f"{name}: {place}" for name, place in splits.items()]
    names = (msgspec.json.encode(category.name).decode() for category in dataset.categories)
    return "\n".join([*lines, "names:", *(f"  {at}: {name}" for at, name in enumerate(names)), ""])
