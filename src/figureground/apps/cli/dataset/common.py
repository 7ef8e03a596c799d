"""What every verb does: read, write, and tell how many there were and are."""

import warnings
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from figureground.apps.cli.show import Screen
from figureground.errors import OptionError

if TYPE_CHECKING:
    from figureground.datasets.dataset import Dataset


def load(path: str, images: str | None, screen: Screen, *, out: str = "", **options: str) -> "Dataset":
    """Read the dataset of a command's argument; tell what could not be read of it.

    Raises:
        OptionError: writing `out` would replace it, or the folder of its pictures.
    """
    check_apart(out, path, inside=True)
    from figureground.datasets.formats import read_dataset
    from figureground.errors import FiguregroundWarning

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", FiguregroundWarning)
        data = read_dataset(path, images=images, **options)
    for one in caught:
        screen.warn(str(one.message))
    if data.folder is not None:
        check_apart(out, data.folder)
    return data


def check_apart(out: str, path: str | Path, *, inside: bool = False) -> None:
    """Raise OptionError where writing `out` would replace what is read at `path`, or a file `inside` it."""
    target, read = Path(out).resolve(), Path(path).resolve()
    within = inside and read in target.parents and target.is_file()
    if out and (target == read or target in read.parents or within):
        raise OptionError(f"-o {out} would replace what is read ({path}), which stays; give another name")


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
    """A table of counts, before and after; without classes of which there are none."""
    from figureground.datasets.checks.defects import shown

    old, new = counts(before), counts(after)
    rows = [("images", old["images"], new["images"])]
    rows += [("annotations", old["annotations"], new["annotations"])]
    classes = {**dict.fromkeys(old["classes"]), **dict.fromkeys(new["classes"])}
    both = [(shown(name), old["classes"].get(name, 0), new["classes"].get(name, 0)) for name in classes]
    rows += [row for row in both if any(row[1:])]
    width = max(len(row[0]) for row in rows)
    screen.say(f"{'':{width}}  {'before':>8}  {'after':>8}")
    for name, was, now in rows:
        screen.say(f"{name:{width}}  {was:8}  {now:8}")
