"""From videos or pictures to a dataset that any segmenter has drawn, ready to be corrected."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from figureground import __version__
from figureground.datasets.collect import Collector
from figureground.datasets.footage.choice import Choice, Progress, Wanted, wanted_frames
from figureground.datasets.footage.frames import Figure, Footage, Gathered, gather
from figureground.datasets.segmentation import polygons_to_crop
from figureground.errors import OptionError
from figureground.frames import Frame
from figureground.instances import Crop, Instances
from figureground.masks import crop_to_polygons
from figureground.stages import Segmenter, Source

TOLERANCE = 1.0
"""Pixels that an outline may move by: the least at which the steps of pixels along a slope vanish, so that
a fifth of the points are left; who corrects them has as few to drag as someone who draws would set."""


def autolabel(
    footage: Sequence[Footage],
    folder: str | Path,
    open_segmenter: Callable[[Source], tuple[str, Segmenter]],
    choice: Choice | None = None,
    *,
    name: str | None = None,
    tolerance: float = TOLERANCE,
    min_area: int = 0,
    progress: Progress | None = None,
) -> Gathered:
    """Write some frames of `footage` to `folder`, and give the dataset of them with the figures found.

    A figure has polygons, the box and the area (pixels) of what these draw, and the attributes "score" and
    "source": what found it. A segmenter whose results depend on earlier frames is shown all of them.

    Args:
        footage: the videos or pictures.
        folder: an existing folder for the picture files.
        open_segmenter: makes the segmenter for a source, and says what it is called.
        choice: which frames, as in `take_frames`.
        name: what the class is called, for a segmenter of one class.
        tolerance: pixels that an outline may move by, see `crop_to_polygons`.
        min_area: figures of fewer pixels are left out.
        progress: is told how many frames are read.

    Raises:
        OptionError: the segmenter has several classes, so `name` cannot be that of all; or a number is
            negative.
        InputError: none of the footage gave any frame.
    """
    if not 0 <= tolerance < np.inf or min_area < 0:
        raise OptionError("the tolerance and the smallest area must be 0 or more pixels")

    def look(one: Footage, wanted: Wanted, collector: Collector) -> Iterator[tuple[Frame, list[Figure]]]:
        called, segmenter = open_segmenter(one.source)
        made_by = f"figureground {__version__} {called}"
        names = _names(segmenter, name)
        for class_name in names:
            collector.category(class_name)
        for frame, found in _segmented(one.source, segmenter, wanted):
            yield frame, instances_to_figures(found, names, tolerance, min_area=min_area, source=made_by)

    return gather(footage, Path(folder), choice, look, progress=progress)


def instances_to_figures(
    found: Instances, names: Sequence[str], tolerance: float, *, min_area: int = 0, source: str = ""
) -> list[Figure]:
    """The figures of a frame as polygons; `names` are those that their labels count.

    Box and area are those of the polygons as pycocotools draws them, not of the masks. Figures that are
    then smaller than `min_area` pixels are left out.
    """
    figures = []
    for crop, score, label in zip(found.masks, found.scores, found.labels, strict=True):
        polygons = crop_to_polygons(crop, tolerance)
        drawn = polygons_to_crop(polygons, found.size)
        area = int(np.count_nonzero(drawn.mask))
        if area < max(1, min_area):
            continue
        attributes = {"score": round(float(score), 4), "source": source}
        shape = {"segmentation": polygons, "area": area, "bbox": _box(drawn), "iscrowd": 0}
        figures.append(Figure(names[label], {**shape, "attributes": attributes}))
    return figures


def _box(crop: Crop) -> list[int]:
    height, width = crop.mask.shape
    return [crop.x0, crop.y0, width, height]


def _names(segmenter: Segmenter, name: str | None) -> tuple[str, ...]:
    """What the segmenter's classes are called."""
    if name is None:
        return segmenter.classes
    if len(segmenter.classes) > 1:
        found = ", ".join(segmenter.classes)
        raise OptionError(f"{name!r} cannot name all classes of this segmenter: {found}; leave the name out")
    return (name,)


def _segmented(source: Source, segmenter: Segmenter, wanted: Wanted) -> Iterator[tuple[Frame, Instances]]:
    """The wanted frames, each with what is found in it."""
    if not segmenter.stateful:
        for frame in wanted_frames(source, wanted):
            yield frame, segmenter([frame])[0]
        return
    for frame in source:
        found = segmenter([frame])[0]
        if wanted(frame.index, frame.time):
            yield frame, found
        if wanted.over:
            return
