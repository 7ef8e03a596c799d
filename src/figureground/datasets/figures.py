"""Boxes and areas of all figures of a dataset, from their outlines, in one pass and as columns."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
import numpy.typing as npt

from figureground.datasets.dataset import Annotation, Dataset, RunLengths, plain
from figureground.datasets.segmentation import run_lengths_to_crop
from figureground.instances import Crop
from figureground.masks import string_to_counts

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

BOX, POLYGONS, RUNS, DAMAGED, NOTHING = range(5)
"""What an annotation is drawn with."""

LARGEST = 1 << 28
"""Pixels of a picture whose run lengths are unpacked; more would fill the memory."""

CHUNK = 4096  # annotations whose points are measured at once


class Shape(msgspec.Struct, gc=False):
    """What an annotation says of its figure; the box may have any length here."""

    segmentation: list[list[float]] | RunLengths | None = None
    bbox: list[float] | None = None
    area: float | None = None


decode_shape = msgspec.json.Decoder(Shape).decode


@dataclass(frozen=True, eq=False)
class Polygons:
    """The polygons of a dataset, a row each, m rows.

    Attributes:
        owner: (m,) index of the annotation.
        numbers: (m,) how many numbers it has.
        box: (m, 4) x1 y1 x2 y2; NaN where it has too few points or half a point.
        area: (m,) likewise.
        length: (m,) of its outline, likewise.
    """

    owner: Integers
    numbers: Integers
    box: Floats
    area: Floats
    length: Floats


@dataclass(frozen=True, eq=False)
class Figures:
    """The figures of a dataset, a row an annotation, n rows.

    Attributes:
        picture: (n,) index of the picture, the first one of its id; -1 where there is none.
        kind: (n,) BOX, POLYGONS, RUNS, DAMAGED or NOTHING.
        box: (n, 4) x1 y1 x2 y2 of the points, or of the mask of run lengths; NaN where not known.
        area: (n,) pixels: of polygons the sum of their areas, of run lengths the mask's; NaN likewise.
        told_box: (n, 4) x y width height as the file says; NaN where it does not.
        told_area: (n,) likewise.
        polygons: those that the figures are drawn with.
        faults: by index, why an annotation cannot be read.
    """

    picture: Integers
    kind: Integers
    box: Floats
    area: Floats
    told_box: Floats
    told_area: Floats
    polygons: Polygons
    faults: dict[int, str]


def measure_figures(dataset: Dataset) -> Figures:
    """Measure all figures; what is damaged is noted, and has NaN.

    Example:
        >>> from figureground.datasets.dataset import Picture, new
        >>> photo = new(Picture, id=7, file_name="a.jpg", width=11, height=17)
        >>> outline = [[1, 2, 5, 2, 5, 5]]
        >>> figure = new(Annotation, id=1, image_id=7, category_id=1, segmentation=outline)
        >>> found = measure_figures(Dataset((photo,), (figure,)))
        >>> found.box.tolist(), found.area.tolist()
        ([[1.0, 2.0, 5.0, 5.0]], [6.0])
    """
    places = {one.id: index for index, one in reversed(list(enumerate(dataset.pictures)))}
    count = len(dataset.annotations)
    picture = np.fromiter((places.get(one.image_id, -1) for one in dataset.annotations), np.int64, count)
    table = _Table(count)
    for start in range(0, count, CHUNK):
        for index, one in enumerate(dataset.annotations[start : start + CHUNK], start):
            at = picture[index]
            table.add(index, one, dataset.pictures[at].size if at >= 0 else None)
        table.measure_points()
    return table.figures(picture)


def runs_to_crop(runs: RunLengths, size: tuple[int, int]) -> Crop:
    """The mask of run lengths from strangers.

    Raises:
        ValueError: they are damaged, not of a picture of `size` (h, w), or of more than LARGEST pixels.
    """
    pixels = size[0] * size[1]
    if pixels > LARGEST:
        raise ValueError(f"run lengths of {pixels} pixels are not unpacked; {LARGEST} at most are")
    if runs.size == size:  # numbers beyond 64 bits would come out as small ones
        counts = string_to_counts(runs.counts).tolist() if isinstance(runs.counts, str) else runs.counts
        if min(counts, default=0) < 0 or sum(counts) != pixels:
            raise ValueError(f"run lengths add up to {sum(counts)} pixels; a mask of {size} has {pixels}")
        runs = RunLengths(runs.size, counts)
    return run_lengths_to_crop(runs, size)


def polygon_measures(points: Sequence[float]) -> tuple[float, float]:
    """The area of one polygon, x y x y ..., and the length of its outline.

    Example:
        >>> polygon_measures([0, 0, 4, 0, 4, 3])
        (6.0, 12.0)
    """
    _, area, length = _measured(np.array(points, np.float64), np.array([0]))
    return float(area[0]), float(length[0])


class _Table:
    """Figures as they are filled in, row by row."""

    def __init__(self, count: int) -> None:
        self.kind = np.full(count, NOTHING, np.int64)
        self.box, self.told_box = np.full((count, 4), np.nan), np.full((count, 4), np.nan)
        self.area, self.told_area = np.full(count, np.nan), np.full(count, np.nan)
        self.faults: dict[int, str] = {}
        self.owner: list[int] = []
        self.numbers: list[int] = []
        self.points: list[float] = []
        self.parts: list[tuple[Integers, Integers, Floats, Floats, Floats]] = []

    def add(self, index: int, annotation: Annotation, size: tuple[int, int] | None) -> None:
        """Take one annotation; its picture's size (h, w) is None where there is no picture."""
        try:
            shape = decode_shape(annotation.raw)
        except msgspec.ValidationError as error:
            self._fail(index, plain(error))
            return
        if shape.area is not None:
            self.told_area[index] = shape.area
        if shape.bbox and len(shape.bbox) == 4:
            self.told_box[index] = shape.bbox
        elif shape.bbox:
            self._fail(index, f"bbox: expected 4 numbers, got {len(shape.bbox)}")
            return
        if isinstance(shape.segmentation, RunLengths):
            self._add_runs(index, shape.segmentation, size)
        elif shape.segmentation and any(shape.segmentation):  # some tools write [[]] for none
            self._add_polygons(index, shape.segmentation)
        elif shape.bbox:
            x, y, width, height = shape.bbox
            self.kind[index], self.area[index] = BOX, max(0, width) * max(0, height)
            self.box[index] = x, y, x + width, y + height

    def measure_points(self) -> None:
        """Measure the polygons that were added since the last time."""
        numbers = np.array(self.numbers, np.int64)
        good = (numbers >= 6) & (numbers % 2 == 0)
        starts = np.concatenate(([0], np.cumsum(numbers[good] // 2)[:-1])).astype(np.int64)
        box = np.full((len(numbers), 4), np.nan)
        area, length = np.full(len(numbers), np.nan), np.full(len(numbers), np.nan)
        if good.any():
            box[good], area[good], length[good] = _measured(np.array(self.points, np.float64), starts)
        owner = np.array(self.owner, np.int64)
        self._join(owner[good], box[good], area[good])
        self.parts.append((owner, numbers, box, area, length))
        self.owner, self.numbers, self.points = [], [], []

    def figures(self, picture: Integers) -> Figures:
        """The whole table."""
        empty = np.empty(0, np.int64), np.empty(0, np.int64), np.empty((0, 4)), np.empty(0), np.empty(0)
        columns = [np.concatenate(column) for column in zip(empty, *self.parts, strict=True)]
        polygons = Polygons(*columns)
        told = self.told_box, self.told_area
        return Figures(picture, self.kind, self.box, self.area, *told, polygons, self.faults)

    def _add_polygons(self, index: int, polygons: list[list[float]]) -> None:
        self.kind[index] = POLYGONS
        for points in polygons:
            self.owner.append(index)
            self.numbers.append(len(points))
            if len(points) >= 6 and len(points) % 2 == 0:
                self.points.extend(points)

    def _add_runs(self, index: int, runs: RunLengths, size: tuple[int, int] | None) -> None:
        self.kind[index] = RUNS
        if size is None or min(size) < 1:
            return
        try:
            crop = runs_to_crop(runs, size)
        except ValueError as error:
            self._fail(index, str(error))
            return
        (height, width), self.area[index] = crop.mask.shape, np.count_nonzero(crop.mask)
        self.box[index] = crop.x0, crop.y0, crop.x0 + width, crop.y0 + height

    def _fail(self, index: int, text: str) -> None:
        self.kind[index], self.faults[index] = DAMAGED, text

    def _join(self, owner: Integers, box: Floats, area: Floats) -> None:
        """Boxes and areas of figures from those of their polygons, which lie side by side."""
        if not len(owner):
            return
        first = np.flatnonzero(np.concatenate(([True], owner[1:] != owner[:-1])))
        low, high = np.minimum.reduceat(box[:, :2], first), np.maximum.reduceat(box[:, 2:], first)
        self.box[owner[first]] = np.concatenate((low, high), axis=1)
        self.area[owner[first]] = np.add.reduceat(area, first)


def _measured(numbers: Floats, starts: Integers) -> tuple[Floats, Floats, Floats]:
    """Boxes, areas and lengths of polygons that begin at the points `starts` of x y x y ..."""
    points = numbers.reshape(-1, 2)
    after = np.arange(1, len(points) + 1)
    after[np.concatenate((starts[1:], [len(points)])) - 1] = starts
    low, high = np.minimum.reduceat(points, starts), np.maximum.reduceat(points, starts)
    with np.errstate(all="ignore"):  # numbers too large to be true come out as infinite
        middle = points - np.repeat(low, np.diff(np.concatenate((starts, [len(points)]))), axis=0)
        (x, y), (x2, y2) = middle.T, middle[after].T
        areas = np.abs(np.add.reduceat(x * y2 - x2 * y, starts)) / 2
        lengths = np.add.reduceat(np.hypot(x2 - x, y2 - y), starts)
    return np.concatenate((low, high), axis=1), areas, lengths
