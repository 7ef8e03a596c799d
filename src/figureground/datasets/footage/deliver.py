"""Where a dataset made from videos goes: a folder, a zip file for CVAT, or a COCO file beside a folder."""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from figureground.datasets.footage.frames import Gathered
from figureground.datasets.formats import write_dataset
from figureground.datasets.formats.coco import write_coco
from figureground.errors import OutputError
from figureground.files import output_errors
from figureground.folders import check_folder, written_folder

ANNOTATIONS, IMAGES = "annotations.json", "images"
"""The names in a COCO folder."""


def deliver(
    out: str | Path, make: Callable[[Path], Gathered], *, form: str = "", overwrite: bool = False
) -> Gathered:
    """Write to `out` what `make` puts into the folder that it is given, and the dataset that it returns.

    Nothing is there before all is.

    Args:
        out: a folder (annotations.json, images/); NAME.zip, for CVAT; or NAME.json, with the pictures in a
            folder NAME beside it.
        make: writes the pictures into a folder and gives their dataset.
        form: what a folder is written as, see `write_dataset`.
        overwrite: replace what is there.

    Raises:
        OutputError: it is there already, or cannot be written.
    """
    out = Path(out)
    suffix = out.suffix.lower()
    if suffix in (".json", ".zip") and (out.is_dir() or (out.exists() and not overwrite)):
        raise OutputError(f"{out}: is there already; give another name, or --overwrite")
    if suffix == ".json":
        with written_folder(out.with_suffix(""), overwrite=overwrite) as part:
            gathered = make(part)
        write_coco(gathered.dataset, out)
        return _moved(gathered, out.with_suffix(""))
    if suffix == ".zip" or form not in ("", "coco"):
        return _rewritten(out, make, form, overwrite=overwrite)
    with written_folder(out, overwrite=overwrite) as part:
        (part / IMAGES).mkdir()
        gathered = make(part / IMAGES)
        write_coco(gathered.dataset, part / ANNOTATIONS)
    return _moved(gathered, out / IMAGES)


def _rewritten(out: Path, make: Callable[[Path], Gathered], form: str, *, overwrite: bool) -> Gathered:
    """By way of a folder that is then gone."""
    if out.suffix.lower() != ".zip":
        check_folder(out, overwrite=overwrite)
    with output_errors(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=".fg-") as folder:
            gathered = make(Path(folder))
            told = write_dataset(gathered.dataset, out, form=form, overwrite=overwrite)
            gathered = replace(gathered, problems=(*gathered.problems, *told))
    return _moved(gathered, out)


def _moved(gathered: Gathered, folder: Path) -> Gathered:
    return replace(gathered, dataset=replace(gathered.dataset, folder=folder))
