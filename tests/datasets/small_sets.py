"""Datasets in which only names and classes matter."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from figureground.datasets.dataset import Annotation, Category, Dataset, Picture, new


def of_classes(pictures: Mapping[str, str], classes: str = "", **keys: Any) -> Dataset:
    """A picture of 17 x 11 for each file name, with figures of the classes that its text names."""
    names = classes.split() or sorted({name for text in pictures.values() for name in text.split()})
    ids = {name: number for number, name in enumerate(names, 1)}
    figures = []
    for number, text in enumerate(pictures.values(), 1):
        for name in text.split():
            values = {"image_id": number, "category_id": ids[name], "bbox": [1, 2, 5, 3], "area": 15}
            figures.append(new(Annotation, id=len(figures) + 1, **values))
    photos = [
        new(Picture, id=number, file_name=name, width=17, height=11, **keys)
        for number, name in enumerate(pictures, 1)
    ]
    categories = [new(Category, id=number, name=name) for name, number in ids.items()]
    return Dataset(tuple(photos), tuple(figures), tuple(categories))


def frames(**videos: int) -> dict[str, str]:
    """So many frames of each video, with nothing on them."""
    return {f"{video}_{frame:06}.png": "" for video, count in videos.items() for frame in range(count)}


def files(dataset: Dataset) -> list[str]:
    return [picture.file_name for picture in dataset.pictures]


def tally(dataset: Dataset) -> dict[str, int]:
    """How many figures of each class."""
    names = dataset.names()
    return dict(Counter(names[one.category_id] for one in dataset.annotations))


def shuffled(dataset: Dataset, order: Iterable[int]) -> Dataset:
    """The same with its pictures in another order."""
    pictures = tuple(dataset.pictures[place] for place in order)
    return Dataset(pictures, dataset.annotations, dataset.categories, dataset.folder, dataset.rest)
