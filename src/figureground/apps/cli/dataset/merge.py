"""`figureground dataset merge`: several datasets as one."""

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from figureground.apps.cli import options
from figureground.apps.cli.dataset import options as own
from figureground.apps.cli.dataset.common import counts, load, save
from figureground.apps.cli.show import Screen, put_json
from figureground.errors import InputError, OutputError

if TYPE_CHECKING:
    from figureground.datasets.selection.merge import Merged

Datasets = Annotated[list[str], typer.Argument(metavar="DATASET...", help="Datasets of any format.")]
Images = Annotated[
    str | None,
    typer.Option(metavar="FOLDER", help="Where the pictures of all of them are, if not beside each."),
]


def merge(
    datasets: Datasets,
    out: own.Out,
    form: own.Form = "",
    images: Images = None,
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> int:
    """Put several datasets together: classes are joined by name, ids made different.

    The same file in the same folder is one image. Files of the same name in different folders stay apart:
    their names then start with the folder, from the one above all of them on.
    """
    from figureground.datasets.formats import check_free, form_of
    from figureground.datasets.selection.merge import UNKNOWN
    from figureground.datasets.selection.merge import merge as join

    screen = Screen(quiet=quiet)
    form_of(out, form)
    check_free(out, overwrite=overwrite)
    merged = join([load(one, images, screen, out=out) for one in datasets], names=_names(datasets))
    for note in merged.notes:
        if note.endswith(UNKNOWN) and not out.endswith(".json"):
            raise InputError(f"{note}: say so with --images FOLDER, or write -o NAME.json, which needs none")
        screen.warn(note)
    _save(merged, out, form, screen, overwrite=overwrite)
    told = counts(merged.dataset)
    screen.say(f"{told['images']} images, {told['annotations']} annotations, {len(told['classes'])} classes")
    if as_json:
        put_json({"out": out, **told, "notes": merged.notes})
    return 0


def _names(paths: list[str]) -> list[str]:
    """What each dataset is called: its file or folder, and where two are the same, with the folder above."""
    stems = [Path(path).stem for path in paths]
    if len(set(stems)) == len(stems):
        return stems
    return [f"{Path(path).absolute().parent.name}/{stem}" for path, stem in zip(paths, stems, strict=True)]


def _save(merged: "Merged", out: str, form: str, screen: Screen, *, overwrite: bool) -> None:
    """Write it; pictures that have no folder in common are copied into one first."""
    dataset = merged.dataset
    apart = dataset.folder is None and any(merged.places.prefixes)
    if not apart or out.endswith(".json"):
        save(dataset, out, form, screen, overwrite=overwrite)
        if apart:
            screen.warn("the pictures lie in no common folder; -o FOLDER (not .json) copies them into one")
        return
    Path(out).absolute().parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".fg-", dir=Path(out).absolute().parent))
    try:
        with screen.progress("merge", len(dataset.pictures), "copying", unit="images") as progress:
            merged.places.copy_to(folder, progress)
        save(replace(dataset, folder=folder), out, form, screen, overwrite=overwrite)
    except OutputError as error:  # of a file in the hidden folder, whose name no user knows
        raise OutputError(str(error).replace(str(folder), out)) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
