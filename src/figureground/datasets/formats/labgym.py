"""COCO files that LabGym and detectron2 train on."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from figureground.datasets.collect import polygons_to_area, polygons_to_box
from figureground.datasets.dataset import Annotation, Dataset, Picture, changed
from figureground.datasets.formats.copied import unseen
from figureground.datasets.formats.flat import flat_names
from figureground.datasets.formats.numbered import numbered
from figureground.datasets.formats.outlined import figure_to_polygons, in_words


def dataset_for_labgym(
    dataset: Dataset, progress: Callable[[int], None] = unseen
) -> tuple[Dataset, list[str]]:
    """`dataset` as LabGym wants it, and what is not as before, in words.

    LabGym takes polygons only, a box with each, no crowd regions, category ids from 1 on without gaps, and
    pictures in one folder without folders in it. Run lengths are traced; what is a polygon already keeps
    its points. The names of the pictures' files are those to be written, see `flat_names`.

    Raises:
        InputError: a figure is damaged, or of no picture or category.
    """
    dataset, told = numbered(dataset, anew=("categories",))
    counted: Counter[str] = Counter()
    sizes = {picture.id: picture.size for picture in dataset.pictures}
    figures = []
    for done, one in enumerate(dataset.annotations, 1):
        figure = _outlined(one, sizes[one.image_id], counted)
        figures += [figure] if figure else []
        progress(done)
    names = flat_names([picture.file_name for picture in dataset.pictures])
    pictures = tuple(_named(one, name) for one, name in zip(dataset.pictures, names, strict=True))
    renamed = sum(one is not other for one, other in zip(pictures, dataset.pictures, strict=True))
    counted["pictures have another name, without folders"] += renamed
    return replace(dataset, pictures=pictures, annotations=tuple(figures)), [*told, *in_words(counted)]


def _outlined(one: Annotation, size: tuple[int, int], counted: Counter[str]) -> Annotation | None:
    """`one` as polygons with a box; itself where it is so already, None where it is left out."""
    polygons = figure_to_polygons(one, size, counted)
    if not polygons:
        return None
    if polygons == one.segmentation and one.bbox and one.area is not None and one.get("iscrowd") == 0:
        return one
    keys = {"segmentation": polygons, "bbox": one.bbox or polygons_to_box(polygons), "iscrowd": 0}
    return changed(one, area=one.area if one.area is not None else polygons_to_area(polygons), **keys)


def _named(picture: Picture, name: str) -> Picture:
    return picture if picture.file_name == name else changed(picture, file_name=name)
