"""Any dataset by its path: which format it is in, and the function that reads or writes it."""

import zipfile
from pathlib import Path

import msgspec

from figureground.datasets.dataset import Dataset, changed
from figureground.datasets.formats.coco import read_coco, write_coco
from figureground.datasets.formats.copied import Progress, copy_pictures, unseen
from figureground.datasets.formats.cvat import EXPORTED, read_zip, write_cvat
from figureground.datasets.formats.labelme import labelme_files, read_labelme
from figureground.datasets.formats.labgym import dataset_for_labgym
from figureground.datasets.formats.masks import is_mask_folder, read_masks
from figureground.datasets.formats.subsets import join_subsets
from figureground.datasets.formats.via import is_via, read_via
from figureground.datasets.formats.yolo import is_yolo_folder, read_yolo
from figureground.datasets.formats.yolo_write import write_yolo
from figureground.errors import InputError, OptionError, OutputError
from figureground.files import output_errors
from figureground.folders import check_folder, written_folder

FORMS = {".json": ("coco", "labgym"), ".zip": ("cvat",), "": ("coco", "yolo", "labgym")}
"""What an output can be written as, by its suffix (none: a folder); the first where none is asked for."""

OTHER_SUFFIXES = (".txt", ".csv", ".xml", ".yaml", ".yml", ".tar", ".gz", ".png", ".jpg", ".mp4", ".html")
"""What nobody means as a folder's name."""

COCO_NAMES = ("annotations.json", "_annotations.coco.json", "instances*.json", "annotations/*.json")
LOOKED_FOR = (
    "COCO (annotations.json, instances*.json, _annotations.coco.json, annotations/*.json), VIA (*.json), "
    "LabelMe (*.json, */*.json), YOLO (data.yaml, or images/ and labels/), masks (*.png beside pictures)"
)


def read_dataset(path: str | Path, *, images: str | Path | None = None, class_attribute: str = "") -> Dataset:
    """Read a dataset, whatever its format; that is told by its content.

    Args:
        path: a .json file (COCO, VIA, one of LabelMe), a .zip file with COCO files in it (CVAT), a data.yaml
            of YOLO, or a folder (COCO, LabelMe, VIA, YOLO, or masks beside pictures).
        images: where the pictures are, if not beside it.
        class_attribute: of VIA, the region attribute that is the class.

    Raises:
        InputError: it is missing or damaged, or of no known format, or there are several datasets.
        OptionError: in a VIA file it is not clear which attribute is the class.

    Warns:
        FiguregroundWarning: it holds what a dataset cannot, such as single points.
    """
    path = Path(path)
    try:
        if path.is_dir():
            return _read_folder(path, images, class_attribute)
        if zipfile.is_zipfile(path):
            return read_zip(path, images)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    if path.suffix.lower() in (".yaml", ".yml"):
        return read_yolo(path, images)
    if path.suffix.lower() == ".zip":
        return read_zip(path, images)
    return _read_json(path, images, class_attribute)


def _read_json(path: Path, images: str | Path | None, class_attribute: str) -> Dataset:
    """Read a json file; the cases that are not COCO are looked at only when it is found not to be that."""
    try:
        return read_coco(path, images)
    except InputError as error:
        keys = _keys(path)
        if "shapes" in keys:
            return read_labelme(path, images)
        if is_via(keys):
            return read_via(path, images, class_attribute)
        if keys and not keys.keys() & {"images", "annotations", "categories"}:
            listed = ", ".join(list(keys)[:5])
            text = f"{path}: is neither of COCO, LabelMe nor VIA (1 or 2); its keys are {listed[:200]}"
            raise InputError(text) from error
        raise


def _keys(path: Path) -> dict[str, msgspec.Raw]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, msgspec.Raw])
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return {}


def _read_folder(path: Path, images: str | Path | None, class_attribute: str) -> Dataset:
    named = sorted({file for name in COCO_NAMES for file in path.glob(name)})
    files = named or [file for file in sorted(path.glob("*.json")) if _is_whole(file)]
    if len(files) > 1:
        listed = ", ".join(str(file.relative_to(path)) for file in files[:9])
        raise InputError(f"{path}: has several annotation files; give one of them: {listed}")
    if files:
        return _read_json(files[0], images, class_attribute)
    exported = sorted(file for file in path.glob("*/*.json") if EXPORTED.search(file.as_posix()))
    if exported:
        return _read_exported(path, exported)
    if labelme_files(path):
        return read_labelme(path, images)
    if is_yolo_folder(path):
        return read_yolo(path, images)
    if is_mask_folder(path) or (images is not None and next(path.rglob("*.png"), None)):
        return read_masks(path, images)
    raise InputError(f"{path}: no annotations were found there; looked for {LOOKED_FOR}")


def _is_whole(file: Path) -> bool:
    """Whether a json file holds a whole dataset: COCO or VIA."""
    keys = _keys(file)
    return {"images", "annotations"} <= keys.keys() or ("shapes" not in keys and is_via(keys))


def _read_exported(path: Path, files: list[Path]) -> Dataset:
    """Read the folder of each split as Roboflow exports them for COCO."""
    subsets = {}
    for file in files:
        split = file.parent.name
        data = read_coco(file, file.parent)
        pictures = (changed(one, file_name=f"{split}/{one.file_name}") for one in data.pictures)
        subsets[split] = Dataset(
            tuple(pictures), data.annotations, data.categories, None, data.rest, data.order
        )
    return join_subsets(subsets, str(path), path)


def write_dataset(
    dataset: Dataset,
    out: str | Path,
    *,
    form: str = "",
    overwrite: bool = False,
    progress: Progress = unseen,
) -> list[str]:
    """Write `dataset` to `out`, whole or not at all.

    Args:
        dataset: what to write.
        out: NAME.json: a COCO file alone; NAME.zip: for CVAT, with the pictures; else a folder, with the
            pictures.
        form: the format, where `out` does not tell: coco, yolo or labgym, see FORMS.
        overwrite: replace what is there; a folder only if figureground wrote it.
        progress: called with the number of pictures that are done.

    Returns:
        What the format cannot hold, and what was changed for it, in words; nothing as a rule.

    Raises:
        OptionError: there is no such format.
        InputError: a picture's file is missing, or a figure is damaged.
        OutputError: it is there already, or cannot be written.
    """
    out = Path(out)
    form = form_of(out, form)
    with output_errors(out):
        check_free(out, overwrite=overwrite)
        if out.suffix.lower() not in (".json", ".zip"):
            with written_folder(out, overwrite=overwrite) as part:
                return _write_folder(dataset, part, form, progress)
        if form == "cvat":
            return write_cvat(dataset, out, progress=progress)
        dataset, told = dataset_for_labgym(dataset) if form == "labgym" else (dataset, [])
        write_coco(dataset, out)
        return told


def check_free(out: str | Path, *, overwrite: bool = False) -> None:
    """Raise OutputError where `write_dataset` would, because something else is there."""
    out = Path(out)
    if out.suffix.lower() not in (".json", ".zip"):
        check_folder(out, overwrite=overwrite)
    elif out.is_dir():
        raise OutputError(f"{out}: is a folder; give another name")
    elif out.exists() and not overwrite:
        raise OutputError(f"{out}: is there already; give another name, or --overwrite")


def form_of(out: str | Path, form: str = "") -> str:
    """The format that `out` is written in, of FORMS.

    Raises:
        OptionError: `form` is none that such a file or folder can have, or `out` is of another kind.

    Example:
        >>> form_of("a.zip"), form_of("a"), form_of("a", "yolo")
        ('cvat', 'coco', 'yolo')
    """
    suffix = Path(out).suffix.lower()
    kind = suffix if suffix in FORMS else ""
    if suffix in OTHER_SUFFIXES:
        raise OptionError(f"{out}: a dataset is written as NAME.json, NAME.zip, or a folder, not as {suffix}")
    if not form:
        return FORMS[kind][0]
    if form not in FORMS[kind]:
        what = f"a {kind} file" if kind else "a folder"
        raise OptionError(f"{out}: {what} is not written as {form!r}; choose from {', '.join(FORMS[kind])}")
    return form


def _write_folder(dataset: Dataset, folder: Path, form: str, progress: Progress) -> list[str]:
    """Write into `folder`, which is empty; what is to be told."""
    if form == "yolo":
        return write_yolo(dataset, folder, progress=progress)
    flat, told = dataset_for_labgym(dataset) if form == "labgym" else (dataset, [])
    write_coco(flat, folder / "annotations.json")
    names = [picture.file_name for picture in flat.pictures]
    return [*told, *copy_pictures(dataset, names, folder / "images", progress)]
