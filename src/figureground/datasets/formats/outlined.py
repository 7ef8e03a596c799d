"""Figures as polygons, for formats that hold nothing else."""

from collections import Counter

from figureground.datasets.dataset import Annotation, RunLengths
from figureground.datasets.figures import runs_to_crop
from figureground.datasets.segmentation import check_polygon
from figureground.errors import InputError
from figureground.masks import crop_to_polygons

CROWD = "crowd regions are left out"
BOXES = "figures have only a box; it is their outline now"
TRACED = "figures were run lengths; their outlines are traced along the pixels' edges"
POINTS = "polygons of less than 3 points are left out"
NOTHING = "figures are drawn with nothing; they are left out"


def figure_to_polygons(
    annotation: Annotation, size: tuple[int, int], told: Counter[str]
) -> list[list[float]]:
    """The polygons of `annotation` in a picture of `size` (h, w); none where it is to be left out.

    Run lengths are traced along the pixels' edges, so that they are drawn as before; a box is its four
    corners. Crowd regions, and polygons of less than three points, are left out.

    Args:
        annotation: the figure.
        size: of its picture.
        told: counts what was done, in words.

    Raises:
        InputError: it is damaged.
    """
    if annotation.iscrowd:
        told[CROWD] += 1
        return []
    shape = annotation.segmentation
    try:
        if isinstance(shape, RunLengths):
            told[TRACED] += 1
            polygons = crop_to_polygons(runs_to_crop(shape, size))
        elif shape:
            polygons = [polygon for polygon in shape if len(polygon) >= 6 and not len(polygon) % 2]
            told[POINTS] += len(shape) - len(polygons)
        else:
            polygons = _box(annotation)
            told[BOXES] += len(polygons)
        for polygon in polygons:
            check_polygon(polygon)
    except ValueError as error:
        raise InputError(f"annotation {annotation.id}: {error}") from error
    told[NOTHING] += not polygons
    return polygons


def in_words(told: Counter[str]) -> list[str]:
    """What was counted, a line each."""
    return [f"{count} {what}" for what, count in told.items() if count]


def _box(annotation: Annotation) -> list[list[float]]:
    if annotation.bbox is None:
        return []
    x, y, width, height = annotation.bbox
    return [[x, y, x + width, y, x + width, y + height, x, y + height]]
