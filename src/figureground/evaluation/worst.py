"""The pictures that went worst, side by side: the picture, what is drawn on it, what was found."""

from collections.abc import Sequence

import cv2
import numpy as np

from figureground.evaluation.coco_ap import Row
from figureground.evaluation.confusion import matched
from figureground.evaluation.judge import CUT, Judged
from figureground.evaluation.naming import ANY
from figureground.evaluation.result import Evaluation
from figureground.evaluation.source import DatasetSource
from figureground.evaluation.truth import picture_to_truth
from figureground.frames import Image
from figureground.instances import Crop, Instances
from figureground.masks import counts_to_crop, string_to_counts
from figureground.render import overlay

SIDE = 420
"""Pixels of the longer side of a panel."""

_GAP = 8
_NOTHING = Crop(0, 0, np.zeros((0, 0), bool))


def worst(one: Evaluation, most: int) -> list[Judged]:
    """The `most` pictures whose cut is worst, worst first; of equal ones, those with more drawn figures."""
    return sorted(one.pictures, key=lambda judged: (judged.iou[CUT], -judged.drawn))[:most]


def side_by_side(source: DatasetSource, one: Evaluation, pictures: Sequence[Judged]) -> list[Image]:
    """For each of `pictures` its three panels, (h, w, 3) uint8 RGB, h at most SIDE.

    Raises:
        InputError: a picture is damaged.
    """
    data = source.dataset
    groups = data.by_picture()
    places = {picture.id: place for place, picture in enumerate(data.pictures)}
    rows: dict[int, list[Row]] = {judged.image_id: [] for judged in pictures}
    for row in one.results:
        if row["image_id"] in rows and row["score"] >= one.score:
            rows[row["image_id"]].append(row)
    sheets = []
    for judged in pictures:
        place = places[judged.image_id]
        image = source.frame(place).image
        picture = data.pictures[place]
        drawn = picture_to_truth(data, picture, groups[picture.id]).figures
        found = rows_to_instances(rows[picture.id], (image.shape[0], image.shape[1]))
        names = [category.name for category in data.categories]
        classes = ["figure"] if one.classes == (ANY,) else list(one.classes)
        sheets.append(panels(image, (drawn, names), (found, classes)))
    return sheets


def panels(
    image: Image, drawn: tuple[Instances, Sequence[str]], found: tuple[Instances, Sequence[str]]
) -> Image:
    """`image`, and twice again with figures over it, each with the names of its classes.

    A figure that is found has the colour of the drawn one that it is. Where there is one class alone, its
    name is left out, as it would cover small figures.
    """
    found = _in_colours_of(drawn[0], found[0]), found[1]
    height, width = image.shape[:2]
    scale = min(1.0, SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    named = max(len(drawn[1]), len(found[1])) > 1
    shown = [image, overlay(image, *drawn, named=named), overlay(image, *found, named=named)]
    small = [cv2.resize(one, size, interpolation=cv2.INTER_AREA) for one in shown]
    gap = np.full((size[1], _GAP, 3), 255, np.uint8)
    return np.concatenate([small[0], gap, small[1], gap, small[2]], axis=1)


def _in_colours_of(drawn: Instances, found: Instances) -> Instances:
    """`found` in an order by which `overlay` gives a figure the colour that it has in `drawn`.

    A figure's colour is that of its place, so those that were missed leave an empty place behind.
    """
    places = dict(matched(drawn, found))
    others = [row for row in range(len(found)) if row not in places.values()]
    order = [places.get(place, -1) for place in range(len(drawn))] + others
    rows = np.array(order, np.int64)
    masks = tuple(found.masks[row] if row >= 0 else _NOTHING for row in order)
    columns = [
        np.concatenate([one, np.zeros_like(one, shape=(1, *one.shape[1:]))])[rows]
        for one in (found.boxes, found.scores, found.labels)
    ]
    return Instances(found.size, masks, boxes=columns[0], scores=columns[1], labels=columns[2])


def rows_to_instances(rows: Sequence[Row], size: tuple[int, int]) -> Instances:
    """The figures that `coco_ap.instances_to_rows` made records of, in a picture of `size` (h, w)."""
    masks = tuple(counts_to_crop(string_to_counts(row["segmentation"]["counts"]), size) for row in rows)
    boxes = np.array([row["bbox"] for row in rows], np.float64).reshape(-1, 4)
    boxes[:, 2:] += boxes[:, :2]
    return Instances(
        size,
        masks,
        boxes=boxes.astype(np.float32),
        scores=np.array([row["score"] for row in rows], np.float32),
        labels=np.array([row["category_id"] - 1 for row in rows], np.int64),
    )
