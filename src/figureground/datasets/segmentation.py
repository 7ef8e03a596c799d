"""Between the ways in which annotations hold a figure, and masks."""

from collections.abc import Sequence

import numpy as np
from pycocotools import mask as coco

from figureground.datasets.dataset import Annotation, Dataset, Picture, RunLengths
from figureground.errors import InputError
from figureground.instances import Crop, Instances
from figureground.masks import counts_to_crop, string_to_counts

FAR = 100_000.0
"""Pixels outside of the picture that a point may lie; further out it is a fault, and costs time to draw."""

LARGEST = 1 << 29
"""Pixels that a picture may have; a mask takes a byte for each."""


def annotation_to_crop(annotation: Annotation, size: tuple[int, int]) -> Crop:
    """The mask of `annotation` in a picture of `size` (h, w), pixel for pixel as pycocotools draws it.

    Without polygons or run lengths it is the box.

    Raises:
        InputError: it cannot be drawn; the message names the annotation and why.
    """
    shape = annotation.segmentation
    try:
        if isinstance(shape, RunLengths):
            return run_lengths_to_crop(shape, size)
        return polygons_to_crop(shape or _box(annotation), size)
    except ValueError as error:
        raise InputError(f"annotation {annotation.id}: {error}") from error


def polygons_to_crop(polygons: Sequence[Sequence[float]], size: tuple[int, int]) -> Crop:
    """The mask of `polygons`, each x y x y ... in pixels, together in a picture of `size` (h, w).

    Raises:
        ValueError: a polygon has less than three points, half a point, or one that is far outside.

    Example:
        >>> crop = polygons_to_crop([[1, 0, 4, 0, 4, 2, 1, 2]], (5, 7))
        >>> crop.y0, crop.x0, crop.mask.shape
        (0, 1, (2, 3))
    """
    _check_size(size)
    for polygon in polygons:
        check_polygon(polygon)
    if not polygons or 0 in size:
        return Crop(0, 0, np.zeros((0, 0), bool))
    runs = coco.merge(coco.frPyObjects([list(polygon) for polygon in polygons], *size))
    return counts_to_crop(string_to_counts(runs["counts"]), size)


def run_lengths_to_crop(runs: RunLengths, size: tuple[int, int]) -> Crop:
    """The mask of COCO's run lengths, packed or not.

    Raises:
        ValueError: they are damaged, or not of a picture of `size` (h, w).
    """
    _check_size(size)
    if runs.size != size:
        raise ValueError(f"the run lengths are of a picture of {runs.size}, this one is of {size} (h, w)")
    counts = string_to_counts(runs.counts) if isinstance(runs.counts, str) else runs.counts
    return counts_to_crop(counts, size)


def _check_size(size: tuple[int, int]) -> None:
    if min(size) < 0 or size[0] * size[1] > LARGEST:
        raise ValueError(f"a picture of {size} (h, w) cannot be: at most {LARGEST} pixels")


def check_polygon(polygon: Sequence[float]) -> None:
    """Raise ValueError where `polygon` (x y x y ...) cannot be drawn."""
    if len(polygon) % 2 or len(polygon) < 6:
        raise ValueError(f"a polygon has {len(polygon)} numbers; it needs x and y of at least 3 points")
    if not np.abs(polygon).max() < FAR:
        raise ValueError(f"a polygon has a point more than {FAR:g} pixels outside of the picture")


def picture_to_instances(dataset: Dataset, picture: Picture, annotations: Sequence[Annotation]) -> Instances:
    """The figures on `picture`; labels count the dataset's categories.

    Args:
        dataset: whose categories count.
        picture: of a size that is known.
        annotations: those of the picture, see `Dataset.by_picture`.

    Raises:
        InputError: one of them cannot be drawn, or is of no category of the dataset.
    """
    places = {category.id: number for number, category in enumerate(dataset.categories)}
    for annotation in annotations:
        if annotation.category_id not in places:
            raise InputError(f"annotation {annotation.id}: there is no category {annotation.category_id}")
    masks = tuple(annotation_to_crop(annotation, picture.size) for annotation in annotations)
    labels = np.array([places[annotation.category_id] for annotation in annotations], np.int64)
    return Instances(picture.size, masks, labels=labels)


def _box(annotation: Annotation) -> list[list[float]]:
    if annotation.bbox is None:
        return []
    x, y, width, height = annotation.bbox
    return [[x, y, x + width, y, x + width, y + height, x, y + height]]
