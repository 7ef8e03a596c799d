"""A dataset as it grows while the files of another tool are read."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from figureground.datasets.dataset import Annotation, Category, Dataset, Picture, RunLengths, new
from figureground.datasets.segmentation import run_lengths_to_crop
from figureground.errors import InputError

Polygons = Sequence[Sequence[float]]
"""Each x y x y ... in pixels."""

Box = tuple[float, float, float, float]
"""x, y, width, height in pixels."""


class Collector:
    """Takes pictures, figures and classes in the order of the file, and numbers each from 1."""

    def __init__(self) -> None:
        self._pictures: list[Picture] = []
        self._annotations: list[Annotation] = []
        self._categories: dict[str, int] = {}

    def category(self, name: str) -> int:
        """The id of the class `name`, new if need be."""
        return self._categories.setdefault(name, len(self._categories) + 1)

    def picture(self, file_name: str, size: tuple[int, int], more: Mapping[str, Any]) -> int:
        """A new picture of `size` (h, w) with `more` keys; its id."""
        number = len(self._pictures) + 1
        try:
            own = {"id": number, "file_name": file_name, "width": size[1], "height": size[0]}
            self._pictures.append(new(Picture, **_apart(own, more)))
        except UnicodeEncodeError as error:
            raise InputError(f"{file_name!r}: the file's name is no UTF-8; rename it") from error
        return number

    def figure(
        self, image_id: int, category_id: int, shape: Polygons | RunLengths | Box, more: Mapping[str, Any]
    ) -> None:
        """A new figure with `more` keys, as polygons, run lengths, or only a box."""
        values: dict[str, Any] = {
            "id": len(self._annotations) + 1,
            "image_id": image_id,
            "category_id": category_id,
        }
        if isinstance(shape, RunLengths):
            box, area = _run_lengths_box(shape)
        elif isinstance(shape, tuple):
            box, area, shape = shape, shape[2] * shape[3], []
        else:
            box, area = polygons_to_box(shape), polygons_to_area(shape)
        values |= {"segmentation": shape, "area": area, "bbox": box, "iscrowd": 0}
        self._annotations.append(new(Annotation, **_apart(values, more)))

    def dataset(self, folder: Path | None) -> Dataset:
        """All of it, with the pictures in `folder`."""
        categories = (new(Category, id=number, name=name) for name, number in self._categories.items())
        return Dataset(tuple(self._pictures), tuple(self._annotations), tuple(categories), folder)


def _apart(own: dict[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Both; those of `more` that have the name of one of `own` get another name."""
    return own | {f"{key}_" if key in own else key: value for key, value in more.items()}


def polygons_to_box(polygons: Polygons) -> Box:
    """The box around `polygons`: x, y, width, height in pixels; zeros where there are none.

    Example:
        >>> polygons_to_box([[1, 2, 5, 2, 5, 9], [0, 3, 1, 3, 1, 4]])
        (0, 2, 5, 7)
    """
    xs = [x for polygon in polygons for x in polygon[::2]]
    ys = [y for polygon in polygons for y in polygon[1::2]]
    if not xs or not ys:
        return 0, 0, 0, 0
    return min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)


def polygons_to_area(polygons: Polygons) -> float:
    """The areas within `polygons` added up, in pixels.

    Example:
        >>> polygons_to_area([[0, 0, 4, 0, 4, 3]])
        6.0
    """
    return float(sum(_area(polygon) for polygon in polygons))


def _area(polygon: Sequence[float]) -> float:
    points = np.asarray(polygon[: len(polygon) // 2 * 2], np.float64).reshape(-1, 2)
    if not len(points):
        return 0.0
    points = points - points[0]  # else large coordinates cancel
    x, y = points.T
    return abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2


def _run_lengths_box(shape: RunLengths) -> tuple[Box, float]:
    crop = run_lengths_to_crop(shape, shape.size)
    height, width = crop.mask.shape
    return (crop.x0, crop.y0, width, height), float(np.count_nonzero(crop.mask))
