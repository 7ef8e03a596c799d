"""Example pictures for a page of HTML: small JPEGs with the figures' outlines over them."""

import base64
from collections.abc import Iterator, Sequence
from html import escape

import cv2
import numpy as np
import numpy.typing as npt

from figureground.datasets.dataset import Annotation, Dataset, Picture, RunLengths
from figureground.datasets.figures import Floats, decode_shape, runs_to_crop
from figureground.datasets.pictures import PictureFiles
from figureground.errors import InputError
from figureground.frames import Image
from figureground.masks import outlines

SIDE = 420
"""Pixels of the longer side of an example."""

BUDGET = 700_000
"""Bytes that all examples have together, however large the dataset."""

CLASSES, EACH = 24, 8
"""Classes that have examples, and how many there are of each at most."""

POINTS = 4000  # that one example has at most
QUALITY = 74

Drawn = tuple[Annotation, str]
"""A figure and the name of its class."""


def examples(dataset: Dataset) -> Iterator[str]:
    """Examples of the most frequent classes as HTML, while there is room.

    Nothing comes where it is not known where the pictures are.
    """
    if dataset.folder is None:
        return
    try:
        files = PictureFiles(dataset)
    except InputError:
        return
    with files:
        left = BUDGET
        chosen = _chosen(dataset)
        groups = dataset.by_picture()
        names = dataset.names()
        for category, pictures in chosen:
            for picture in pictures:
                drawn = [(one, names.get(one.category_id, "?")) for one in groups[picture.id]]
                text = _example(files, picture, drawn, category)
                if text and len(text) <= left:
                    left -= len(text)
                    yield text


def _chosen(dataset: Dataset) -> list[tuple[int, list[Picture]]]:
    """Pictures of each of the most frequent categories, spread over the dataset; each picture once."""
    pictures = {one.id: one for one in dataset.pictures}
    of_class: dict[int, dict[int, None]] = {one.id: {} for one in dataset.categories}
    number = dict.fromkeys(of_class, 0)
    for one in dataset.annotations:
        if one.image_id in pictures and one.category_id in of_class:
            of_class[one.category_id][one.image_id] = None
            number[one.category_id] += 1
    frequent = sorted((key for key in number if number[key]), key=lambda key: -number[key])[:CLASSES]
    each = max(1, min(EACH, CLASSES // max(1, len(frequent))))
    taken: set[int] = set()
    chosen = []
    for category in frequent:
        free = [image for image in of_class[category] if image not in taken] or list(of_class[category])
        places = sorted({len(free) * (2 * i + 1) // (2 * each) for i in range(each)})
        images = [free[place] for place in places]
        taken.update(images)
        chosen.append((category, [pictures[image] for image in images]))
    return chosen


def _example(files: PictureFiles, picture: Picture, drawn: Sequence[Drawn], category: int) -> str:
    """One picture as an SVG; empty where it cannot be read."""
    try:
        image = files.read(picture)
    except InputError:
        return ""
    height, width = image.shape[:2]
    scale = min(1.0, SIDE / max(height, width))
    wide, tall = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(image, (wide, tall), interpolation=cv2.INTER_AREA)
    told = picture.size if min(picture.size) > 0 else (height, width)
    paths = _paths(drawn, told, (tall / told[0], wide / told[1]), category)
    name = escape(picture.file_name)
    of = next(escape(text) for one, text in drawn if one.category_id == category)
    return (
        f'<figure><svg viewBox="0 0 {wide} {tall}" role="img" aria-label="{name}"><title>{name}</title>'
        f'<image width="{wide}" height="{tall}" href="data:image/jpeg;base64,{_jpeg(small)}"/>{paths}</svg>'
        f"<figcaption><b>{of}</b> {name}</figcaption></figure>"
    )


def _paths(drawn: Sequence[Drawn], size: tuple[int, int], scale: tuple[float, float], category: int) -> str:
    """The outlines of the figures, those of `category` last and brighter."""
    parts, left = [], POINTS
    for one, name in sorted(drawn, key=lambda item: item[0].category_id == category):
        shapes = [_thin(shape * scale[::-1]) for shape in _outlines(one, size)]
        left -= sum(map(len, shapes))
        if left < 0:
            break
        line = "".join("M" + " ".join(f"{x:.1f},{y:.1f}" for x, y in shape) + "Z" for shape in shapes)
        kind = "here" if one.category_id == category else "other"
        parts.append(f'<path d="{line}" class="{kind}"><title>{escape(name)}</title></path>')
    return "".join(parts)


def _outlines(one: Annotation, size: tuple[int, int]) -> list[Floats]:
    """The outlines of a figure, each (n, 2) x y; none where it is damaged."""
    try:
        shape = decode_shape(one.raw)
        if isinstance(shape.segmentation, RunLengths):
            return [line.astype(np.float64) for line in outlines(runs_to_crop(shape.segmentation, size))]
    except ValueError:  # msgspec's errors are too
        return []
    polygons = [points for points in shape.segmentation or () if len(points) >= 6 and len(points) % 2 == 0]
    if not polygons and shape.bbox and len(shape.bbox) == 4:
        x, y, width, height = shape.bbox
        polygons = [[x, y, x + width, y, x + width, y + height, x, y + height]]
    return [np.clip(np.reshape(points, (-1, 2)), -1e5, 1e5) for points in polygons]


def _thin(points: Floats) -> npt.NDArray[np.float32]:
    """Without points that change nothing at this size."""
    line = cv2.approxPolyDP(points.astype(np.float32)[:, None], 0.4, True)
    return np.asarray(line, np.float32).reshape(-1, 2)


def _jpeg(image: Image) -> str:
    bgr = np.ascontiguousarray(image[..., ::-1])
    _, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return base64.b64encode(data.tobytes()).decode()
