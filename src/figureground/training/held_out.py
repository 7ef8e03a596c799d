"""What is learned from and what judges it: never the same frames, nor frames of the same video."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace

from figureground.datasets.dataset import Category, Dataset, new
from figureground.datasets.pictures import PictureFiles
from figureground.datasets.selection.split import split_dataset
from figureground.errors import InputError, OptionError
from figureground.training.recipe import Recipe

Say = Callable[[str], None]

MOST_TIMES = 1.5
"""How many times the wanted part may be held out, so that whole videos are."""

FEWEST = 5
"""Pictures from which on a part can be held out."""


def held_out(dataset: Dataset, recipe: Recipe, say: Say) -> tuple[Dataset, Dataset | None]:
    """What is learned from, and a part that is held out to judge it, and say how it was chosen.

    Whole videos where there are several; else the end of each video; else single pictures. None where
    there are too few.
    """
    if len(dataset.pictures) < FEWEST:
        say(
            f"{len(dataset.pictures)} images are too few to hold any out: nothing judges this training, and "
            "its last state becomes the model; give --validation DATASET"
        )
        return dataset, None
    wanted = {"train": 1 - recipe.part, "validation": recipe.part}
    ways = {
        "video": "images of other videos (or photos of their own)",
        "time": "the last frames of each video, as there are too few videos to keep one for it",
        "picture": "images chosen at random",
    }
    for way, told in ways.items():
        try:
            parts = split_dataset(dataset, wanted, by=way, seed=recipe.seed)
        except OptionError:
            continue
        number = len(parts["validation"].pictures)
        if way == "video" and number > MOST_TIMES * recipe.part * len(dataset.pictures) + 1:
            continue  # of two videos it would be half of all that there is to learn from
        say(
            f"held out for validation, as no --validation is given: {number} of {len(dataset.pictures)} "
            f"images; {told}"
        )
        return parts["train"], parts["validation"]
    return dataset, None


def check_classes(dataset: Dataset, say: Say) -> tuple[str, ...]:
    """The names of the classes, and say which of them has no figure.

    Raises:
        InputError: there is no class, picture or figure, or two classes have the same name.
    """
    names = tuple(category.name for category in dataset.categories)
    if not dataset.pictures or not dataset.annotations:
        what = "images" if not dataset.pictures else "annotations"
        raise InputError(f"the dataset has no {what}, so there is nothing to learn from")
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(f"two classes are named {twice!r}; figureground dataset merge or filter mends it")
    used = {one.category_id for one in dataset.annotations}
    for category in dataset.categories:
        if category.id not in used:
            say(f"the class {category.name!r} has no figure in the images to learn from")
    return names


def with_classes(dataset: Dataset, classes: Sequence[str]) -> Dataset:
    """A validation part with the classes in the order of the other part.

    Raises:
        InputError: it has a class that is not learned.
    """
    of_name = {category.name: category for category in dataset.categories}
    used = {one.category_id for one in dataset.annotations}
    for name, category in of_name.items():
        if name not in classes and category.id in used:
            raise InputError(
                f"the validation part has the class {name!r}, which the dataset does not have; it has: "
                f"{', '.join(classes)}"
            )
    free = max((category.id for category in dataset.categories), default=0) + 1
    made = [
        of_name[name] if name in of_name else new(Category, id=free + number, name=name)
        for number, name in enumerate(classes)
    ]
    return replace(dataset, categories=tuple(made))


def fingerprint(dataset: Dataset) -> str:
    """sha256 of all records and of the pictures' files: it tells whether a dataset is still the same.

    Raises:
        InputError: a picture's file is missing.
    """
    digest = hashlib.sha256()
    for record in (*dataset.categories, *dataset.annotations):
        digest.update(bytes(record.raw))
    with PictureFiles(dataset) as files:
        for picture in dataset.pictures:
            digest.update(bytes(picture.raw))
            digest.update(hashlib.sha256(files.data(picture)).digest())
    return digest.hexdigest()
