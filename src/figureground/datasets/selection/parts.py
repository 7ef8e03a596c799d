"""Write the parts of a split, all or none."""

import secrets
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from figureground.datasets.dataset import Dataset, changed
from figureground.datasets.formats import form_of, write_dataset
from figureground.datasets.formats.copied import Progress, unseen
from figureground.errors import OptionError, OutputError
from figureground.files import output_errors
from figureground.folders import written_folder

FILES = {"json": ".json", "cvat": ".zip"}
YOLO = ("train", "val", "test")


def write_parts(
    parts: Mapping[str, Dataset],
    out: str | Path,
    *,
    form: str = "",
    overwrite: bool = False,
    progress: Progress = unseen,
) -> list[str]:
    """Write `parts`, by their names.

    Args:
        parts: what to write, see `split_dataset`.
        out: NAME.json or NAME.zip gives NAME_train.json, ...; else it is a folder.
        form: of what the folder holds: coco (default) or labgym, a folder for each part; json or cvat, a file
            for each part; yolo, one folder as YOLO trains from, its data.yaml naming train, val and test.
        overwrite: replace what is there; a folder only if figureground wrote it.
        progress: called with the number of pictures that are done, of all parts.

    Returns:
        What the format cannot hold, in words.

    Raises:
        OptionError: there is no such format, or a part has a name that YOLO does not know.
        InputError: a picture's file is missing.
        OutputError: something is there already, or it cannot be written.
    """
    out = Path(out)
    if out.suffix.lower() in FILES.values():
        return _write_files(parts, out, form, overwrite, progress)
    if form == "yolo":
        return write_dataset(_joined(parts), out, form=form, overwrite=overwrite, progress=progress)
    suffix = FILES.get(form, "")
    if not suffix:
        form_of(out, form)
    with written_folder(out, overwrite=overwrite) as folder:
        return _write(parts, {name: folder / f"{name}{suffix}" for name in parts}, form, progress)


def _write_files(
    parts: Mapping[str, Dataset], out: Path, form: str, overwrite: bool, progress: Progress
) -> list[str]:
    """Write them in a hidden folder, and move them to their places at the end."""
    form_of(out, form)
    targets = {name: out.with_name(f"{out.stem}_{name}{out.suffix}") for name in parts}
    for target in targets.values():
        if target.is_dir() or (target.exists() and not overwrite):
            raise OutputError(f"{target}: is there already; give another name, or --overwrite")
    hidden = out.parent / f".fg-{secrets.token_hex(4)}"
    with output_errors(out):
        try:
            hidden.mkdir(parents=True)
            told = _write(
                parts, {name: hidden / target.name for name, target in targets.items()}, form, progress
            )
            for target in targets.values():
                (hidden / target.name).replace(target)
            return told
        except OutputError as error:  # of a file in the hidden folder, whose name no user knows
            raise OutputError(str(error).replace(str(hidden), str(out.parent))) from error
        finally:
            shutil.rmtree(hidden, ignore_errors=True)


def _write(
    parts: Mapping[str, Dataset], targets: Mapping[str, Path], form: str, progress: Progress
) -> list[str]:
    told: list[str] = []
    before = 0
    for name, part in parts.items():
        start = before

        def count(done: int, start: int = start) -> None:
            progress(start + done)

        kind = "" if form in FILES else form
        told += [f"{name}: {line}" for line in write_dataset(part, targets[name], form=kind, progress=count)]
        before += len(part.pictures)
    return told


def _joined(parts: Mapping[str, Dataset]) -> Dataset:
    """One dataset, in which each picture tells its part in the key "split"."""
    strange = [name for name in parts if name not in YOLO]
    if strange or not parts:
        raise OptionError(f"a YOLO folder has the parts {', '.join(YOLO)}; not {', '.join(strange)}")
    pictures = [changed(one, split=name) for name, part in parts.items() for one in part.pictures]
    figures = [one for part in parts.values() for one in part.annotations]
    return replace(next(iter(parts.values())), pictures=tuple(pictures), annotations=tuple(figures))
