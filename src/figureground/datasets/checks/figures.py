"""Figures of a dataset: outlines that cannot be drawn, leave the picture, or disagree with box and area."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from pycocotools import mask as coco

from figureground.datasets.checks.defects import Defect, annotation_defect, shown
from figureground.datasets.checks.pictures import has_size
from figureground.datasets.dataset import Annotation, Dataset, RunLengths
from figureground.datasets.figures import (
    BOX,
    DAMAGED,
    LARGEST,
    NOTHING,
    RUNS,
    Figures,
    Floats,
    Integers,
    decode_shape,
    polygon_measures,
    runs_to_crop,
)
from figureground.datasets.segmentation import FAR, check_polygon
from figureground.instances import BoolArray, Crop

TOLERANCE = 2.0
"""Pixels that a box may be off, and points may lie outside: tools count the border differently."""

AREA_SHARE, AREA_PIXELS = 0.05, 10.0
"""How far an area may be off, as a share of the figure or in pixels, whichever is more."""

THICK = 1.0
"""Area over length above which a polygon surely has pixels: a circle of that radius fits into it."""


MOST = 20_000
"""Figures that are drawn because their box or area looks wrong; of further ones the points alone tell."""


def figure_defects(dataset: Dataset, figures: Figures) -> Iterator[Defect]:
    """Defects of outlines, boxes and areas."""
    check = _Check(dataset, figures)
    yield from check.damaged()
    yield from check.degenerate()
    yield from check.outside()
    yield from check.boxes()
    yield from check.areas()


def polygon_fault(points: Sequence[float], size: tuple[int, int]) -> str:
    """Why a polygon is none in a picture of `size` (h, w); empty as a rule.

    Example:
        >>> polygon_fault([1, 1, 9, 1, 5, 1], (17, 11))
        'a polygon has no area: its points lie in a line'
    """
    if len(points) % 2:
        return f"a polygon has {len(points)} numbers, x of a point without y"
    if len(points) < 6:
        return f"a polygon has {len(points) // 2} points; it needs 3 at least"
    if max(map(abs, points)) >= FAR:
        return ""  # told as points outside
    area, length = polygon_measures(points)
    if area == 0:
        return "a polygon has no area: its points lie in a line"
    if area < THICK * length and 0 not in size and _of_polygons([points], size) is None:
        return "a polygon is so thin that it covers no pixel"
    return ""


class Drawn(NamedTuple):
    """The mask of a figure in numbers.

    Attributes:
        box: x y width height.
        area: pixels.
    """

    box: tuple[int, int, int, int]
    area: int


def measure_mask(annotation: Annotation, size: tuple[int, int]) -> Drawn | None:
    """The box and area of a figure's mask; None where it cannot be drawn or has no pixel."""
    shape = decode_shape(annotation.raw)
    try:
        if isinstance(shape.segmentation, RunLengths):
            return _of_crop(runs_to_crop(shape.segmentation, size))
        if shape.segmentation and any(shape.segmentation):
            return _of_polygons(shape.segmentation, size)
        x, y, width, height = shape.bbox or (0, 0, 0, 0)
        return _of_polygons([[x, y, x + width, y, x + width, y + height, x, y + height]], size)
    except ValueError:
        return None


def agrees(told: float, area: float) -> bool:
    """Whether the file's area can be meant for a figure of `area` pixels."""
    return abs(told - area) <= max(AREA_PIXELS, AREA_SHARE * area)


class _Check:
    """One look at all figures: columns tell which few are suspicious, and only these are drawn."""

    def __init__(self, dataset: Dataset, figures: Figures) -> None:
        self.dataset, self.figures = dataset, figures
        sizes_of: dict[int, set[tuple[int, int]]] = {}
        for one in dataset.pictures:
            sizes_of.setdefault(one.id, set()).add(one.size)
        clear = [has_size(one) and len(sizes_of[one.id]) == 1 for one in dataset.pictures]
        sized = np.array([*clear, False])
        sizes = np.array([one.size if has_size(one) else (0, 0) for one in dataset.pictures] + [(0, 0)])
        self.sized, self.sizes = sized[figures.picture], sizes[figures.picture]  # the last for no picture
        self.drawn: dict[int, Drawn | None] = {}
        self.reached = _reached(figures.box, self.sizes)

    def damaged(self) -> Iterator[Defect]:
        for index, text in self.figures.faults.items():
            yield self._defect("outline-damaged", index, text)
        for index in _rows(self.figures.kind == NOTHING):
            yield self._defect("nothing-drawn", index, "has neither outline nor box")
        for index in _rows(self.figures.kind == BOX):
            yield self._defect("only-box", index, "has a box and no outline")

    def degenerate(self) -> Iterator[Defect]:
        polygons = self.figures.polygons
        bad = (polygons.numbers < 6) | (polygons.numbers % 2 == 1)
        thin = polygons.area < THICK * polygons.length
        inside = self.sized[polygons.owner] & _reached(polygons.box, self.sizes[polygons.owner])
        told = set()
        for row in _rows(bad | (polygons.area == 0) | (thin & inside)):
            index = int(polygons.owner[row])
            if index in told:
                continue
            told.add(index)
            size = (int(self.sizes[index][0]), int(self.sizes[index][1]))
            faults = [polygon_fault(points, size) for points in self._polygons(index)]
            fault = next((fault for fault in faults if fault), "")
            half = any(len(points) % 2 for points in self._polygons(index))  # a figure, but for one number
            if fault:
                mendable = bool(self.sized[index]) and not half
                yield self._defect("outline-degenerate", index, fault, fixable=mendable)
        for index in _rows(self.figures.area == 0):
            if self.figures.kind[index] == BOX:
                _, _, width, height = self.figures.told_box[index]
                yield self._defect("outline-degenerate", index, f"its box is {width:g} x {height:g} px")
            elif self.figures.kind[index] == RUNS:
                yield self._defect("outline-degenerate", index, "its run lengths hold no pixel")

    def outside(self) -> Iterator[Defect]:
        box, (height, width) = self.figures.box, self.sizes.T
        beyond = np.stack((-box[:, 0], -box[:, 1], box[:, 2] - width, box[:, 3] - height))
        off = np.where(self.sized & np.isfinite(box).all(1), beyond.max(0), 0)
        near = (off <= np.maximum(height, width)) & self.reached
        for index in _rows(off > TOLERANCE):
            far = f"{off[index]:.6g} px outside of the picture of {width[index]} x {height[index]}"
            text = f"points lie up to {far}" if self.reached[index] else f"lies outside, up to {far}"
            yield self._defect("points-outside", index, text, fixable=bool(near[index]))

    def boxes(self) -> Iterator[Defect]:
        figures, told = self.figures, self.figures.told_box
        for index in _rows(np.isnan(told[:, 0]) & self._drawable()):
            yield self._defect("box-missing", index, "has no box")
        ends = np.concatenate((told[:, :2], told[:, :2] + told[:, 2:]), axis=1)
        off = np.abs(ends - figures.box).max(1, initial=0)
        for index in _rows((off > TOLERANCE) & self._drawable() & (figures.kind != BOX)):
            drawn = self._drawn(index)
            if drawn is None:
                continue
            x, y, width, height = drawn.box
            least = min(off[index], np.abs(ends[index] - (x, y, x + width, y + height)).max())
            if least > TOLERANCE:
                text = f"its box {_row(told[index])} is {least:.6g} px off; it should be {_row(drawn.box)}"
                yield self._defect("box-disagrees", index, text)

    def areas(self) -> Iterator[Defect]:
        figures, told = self.figures, self.figures.told_area
        for index in _rows(np.isnan(told) & self._drawable()):
            yield self._defect("area-missing", index, "has no area")
        off = np.abs(told - figures.area) > np.maximum(AREA_PIXELS, AREA_SHARE * figures.area)
        crowd = np.array([bool(one.iscrowd) for one in self.dataset.annotations], bool)
        for index in _rows(off & self._drawable() & ~crowd):
            drawn = self._drawn(index)
            if drawn is None or agrees(told[index], drawn.area):
                continue
            text = f"its area is {told[index]:g}; the figure has {drawn.area} px"
            _, _, width, height = figures.told_box[index]
            of_box = abs(width * height - told[index]) <= 1
            kind = "area-of-box" if of_box else "area-disagrees"
            yield self._defect(kind, index, f"{text}, its box as much as that" if of_box else text)

    def _drawable(self) -> BoolArray:
        return self.sized & self.reached & (self.figures.kind != NOTHING) & (self.figures.kind != DAMAGED)

    def _drawn(self, index: int) -> "Drawn | None":
        """The mask of an annotation; None where it cannot be drawn or is empty, which is told elsewhere."""
        if index not in self.drawn and len(self.drawn) >= MOST:
            x1, y1, x2, y2 = np.round(self.figures.box[index]).astype(int).tolist()
            return Drawn((x1, y1, x2 - x1, y2 - y1), round(float(self.figures.area[index])))
        if index not in self.drawn:
            height, width = (int(side) for side in self.sizes[index])
            x1, y1, x2, y2 = np.clip(self.figures.box[index], 0, (width, height, width, height))
            small = (x2 - x1) * (y2 - y1) <= LARGEST
            self.drawn[index] = (
                measure_mask(self.dataset.annotations[index], (height, width)) if small else None
            )
        return self.drawn[index]

    def _polygons(self, index: int) -> list[list[float]]:
        shape = decode_shape(self.dataset.annotations[index].raw).segmentation
        return shape if isinstance(shape, list) else []

    def _defect(self, kind: str, index: int, text: str, *, fixable: bool | None = None) -> Defect:
        at = int(self.figures.picture[index])
        one = self.dataset.annotations[index]
        where = shown(self.dataset.pictures[at].file_name) if at >= 0 else f"image {one.image_id}"
        return annotation_defect(kind, self.dataset, int(index), where, text, fixable=fixable)


def _reached(box: Floats, sizes: Integers) -> BoolArray:
    """(n,) whether each box x1 y1 x2 y2 meets its picture of `sizes` (n, 2) h w; not where it is NaN."""
    height, width = sizes.T
    return (box[:, 0] < width) & (box[:, 1] < height) & (box[:, 2] > 0) & (box[:, 3] > 0)


def _of_crop(crop: Crop) -> Drawn | None:
    height, width = crop.mask.shape
    area = int(np.count_nonzero(crop.mask))
    return Drawn((crop.x0, crop.y0, width, height), area) if area else None


def _of_polygons(polygons: Sequence[Sequence[float]], size: tuple[int, int]) -> Drawn | None:
    """As the mask of `polygons_to_crop` has it, and several times as fast, as it is not unpacked."""
    for polygon in polygons:
        check_polygon(polygon)
    runs = coco.merge(coco.frPyObjects([list(polygon) for polygon in polygons], *size))
    x, y, width, height = (int(value) for value in coco.toBbox(runs))
    area = int(coco.area(runs))
    return Drawn((x, y, width, height), area) if area else None


def _rows(which: BoolArray) -> list[int]:
    return np.flatnonzero(which).tolist()


def _row(box: Iterable[float]) -> str:
    return "[" + ", ".join(f"{value:g}" for value in box) + "]"
