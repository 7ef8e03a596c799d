"""What every verb does: read, write, and tell how many there were and are."""

import warnings
from collections import Counter
from typing import TYPE_CHECKING, Any

from figureground.apps.cli.show import Screen

if TYPE_CHECKING:
    from figureground.datasets.dataset import Dataset


def load(path: str, images: str | None, screen: Screen, **options: str) -> "Dataset":
    """Read the dataset of a command's argument; tell what could not be read of it."""
    from figureground.datasets.formats import read_dataset
    from figureground.errors import FiguregroundWarning

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", FiguregroundWarning)
        data = read_dataset(path, images=images, **options)
    for one in caught:
        screen.warn(str(one.message))
    return data


def save(dataset: "Dataset", out: str, form: str, screen: Screen, *, overwrite: bool) -> None:
    """Write a verb's result; tell where it is, and what its format could not hold."""
    from figureground.datasets.formats import write_dataset

    with screen.progress(out, len(dataset.pictures), "writing", "images") as progress:
        told = write_dataset(dataset, out, form=form, overwrite=overwrite, progress=progress)
    for line in told:
        screen.warn(line)
    screen.say(f"-> {out}")


def names(text: str | None) -> tuple[str, ...]:
    """The names in a list by commas."""
    return tuple(name.strip() for name in (text or "").split(",") if name.strip())


def counts(dataset: "Dataset") -> dict[str, Any]:
    """How many pictures, figures, and figures of each class; for --json."""
    number = Counter(one.category_id for one in dataset.annotations)
    return {
        "images": len(dataset.pictures),
        "annotations": len(dataset.annotations),
        "classes": {category.name: number[category.id] for category in dataset.categories},
    }


def tell_counts(before: "Dataset", after: "Dataset", screen: Screen) -> None:
    """A table of counts, before and after."""
    old, new = counts(before), counts(after)
    rows = [("images", old["images"], new["images"])]
    rows += [("annotations", old["annotations"], new["annotations"])]
    classes = {**dict.fromkeys(old["classes"]), **dict.fromkeys(new["classes"])}
    rows += [(name, old["classes"].get(name, 0), new["classes"].get(name, 0)) for name in classes]
    width = max(len(row[0]) for row in rows)
    screen.say(f"{'':{width}}  {'before':>8}  {'after':>8}")
    for name, was, now in rows:
        screen.say(f"{name:{width}}  {was:8}  {now:8}")
