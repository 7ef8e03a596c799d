"""The subsets of one dataset, each a COCO file of its own, put together."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from figureground.datasets.dataset import Annotation, Category, Dataset, Picture, changed
from figureground.errors import InputError

SPLITS = {"train": "train", "val": "val", "valid": "val", "validation": "val", "test": "test"}
"""What tools call the parts of a dataset, in small letters, and what they are called here."""


def join_subsets(subsets: Mapping[str, Dataset], name: str, folder: Path | None) -> Dataset:
    """One dataset of all `subsets`, by their names.

    A single one comes as it is. Of several, pictures and figures are numbered anew, classes of one name
    become one, and each picture keeps its subset in the key "split" (train, val, test, or the name).

    Args:
        subsets: each with file names that hold from `folder` on.
        name: of the file, for messages.
        folder: where the pictures are.

    Raises:
        InputError: two subsets have pictures of one name, or ids are wrong.
    """
    if len(subsets) == 1:
        return replace(next(iter(subsets.values())), folder=folder)
    pictures: list[Picture] = []
    annotations: list[Annotation] = []
    categories: dict[str, Category] = {}
    names: set[str] = set()
    for subset, data in subsets.items():
        kinds = _kinds(data, categories)
        ids = {one.id: len(pictures) + number for number, one in enumerate(data.pictures, 1)}
        if len(ids) < len(data.pictures):
            raise InputError(f"{name}: {subset}: two pictures have one id")
        twice = next((one.file_name for one in data.pictures if one.file_name in names), None)
        if twice is not None:
            raise InputError(f"{name}: {twice} is in two subsets")
        names.update(one.file_name for one in data.pictures)
        split = SPLITS.get(subset.lower(), subset)
        pictures += [changed(one, id=ids[one.id], split=split) for one in data.pictures]
        for figure in data.annotations:
            if figure.image_id not in ids or figure.category_id not in kinds:
                raise InputError(f"{name}: {subset}: annotation {figure.id} is of no picture or class there")
            keys = {"image_id": ids[figure.image_id], "category_id": kinds[figure.category_id]}
            annotations.append(changed(figure, id=len(annotations) + 1, **keys))
    first = next(iter(subsets.values()), Dataset())
    whole = replace(first, pictures=tuple(pictures), annotations=tuple(annotations))
    return replace(whole, categories=tuple(categories.values()), folder=folder)


def _kinds(data: Dataset, categories: dict[str, Category]) -> dict[int, int]:
    """The new id of each category of `data`; new ones are added to `categories`."""
    for one in data.categories:
        if one.name not in categories:
            categories[one.name] = changed(one, id=len(categories) + 1)
    return {one.id: categories[one.name].id for one in data.categories}
