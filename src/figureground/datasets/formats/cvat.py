"""Zip files with COCO files in them: as CVAT exports and imports them ("COCO 1.0"), and as others do."""

import re
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from figureground.datasets.archive import open_zip, safe_name, unpacked
from figureground.datasets.dataset import Dataset, changed
from figureground.datasets.formats.coco import parse_coco, write_to
from figureground.datasets.formats.copied import WITHOUT, Progress, check_names, unseen
from figureground.datasets.formats.numbered import numbered
from figureground.datasets.formats.subsets import join_subsets
from figureground.datasets.pictures import PictureFiles, members
from figureground.errors import InputError
from figureground.files import written

SUBSET = re.compile(r"(?:^|/)annotations/instances_([^/]*)\.json$")
EXPORTED = re.compile(r"(?:^|/)_annotations\.coco\.json$")
INSTANCES = "annotations/instances_default.json"
QUICK = 1  # of zlib's levels: a fifth of the time for a file that is a fifth larger


def read_zip(path: str | Path, images: str | Path | None = None) -> Dataset:
    """Read a zip file with one COCO file in it, or one for each subset.

    Subsets are annotations/instances_SUBSET.json (CVAT) or SUBSET/_annotations.coco.json (Roboflow); of
    several, see `join_subsets`. The pictures stay in the zip file.

    Args:
        path: the zip file.
        images: the folder of the pictures, if they are not in it.

    Raises:
        InputError: it is missing, damaged, not safe to unpack, or has no COCO file, or several of them.
    """
    path = Path(path)
    with open_zip(path) as archive:
        held = members(archive)
        subsets = {
            subset: _below(parse_coco(unpacked(archive, info), f"{path}: {info.filename}"), info, held)
            for subset, info in _coco_files(archive, path).items()
        }
    return join_subsets(_apart(subsets, held), str(path), path if images is None else Path(images))


def _coco_files(archive: zipfile.ZipFile, path: Path) -> dict[str, zipfile.ZipInfo]:
    """The COCO files of `archive` by their subsets."""
    files = [info for info in archive.infolist() if info.filename.lower().endswith(".json")]
    files = [info for info in files if not _hidden(info.filename)]
    for pattern in (SUBSET, EXPORTED):
        found = {_subset(info.filename, pattern): info for info in files if pattern.search(info.filename)}
        if found:
            return found
    if len(files) == 1:
        return {"": files[0]}
    listed = ", ".join(info.filename for info in files[:9])
    if files:
        raise InputError(f"{path}: has several json files: {listed}; unpack it, and give one of them")
    raise InputError(
        f"{path}: has no COCO file; looked for annotations/instances_*.json, _annotations.coco.json, and any "
        "single .json. If it is of another format, unpack it and give the folder"
    )


def _hidden(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(name).parts)


def _subset(name: str, pattern: re.Pattern[str]) -> str:
    found = pattern.search(name)
    return found[1] if found and pattern.groups else str(PurePosixPath(name).parent)


def _below(data: Dataset, info: zipfile.ZipInfo, held: Mapping[str, zipfile.ZipInfo]) -> Dataset:
    """`data` with file names from the zip file's top on, where its pictures lie beside its COCO file."""
    base = PurePosixPath(info.filename).parent
    first = data.pictures[0].file_name if data.pictures else ""
    if str(base) == "." or not first or first in held or str(base / first) not in held:
        return data
    pictures = tuple(changed(one, file_name=str(base / one.file_name)) for one in data.pictures)
    return replace(data, pictures=pictures)


def _apart(subsets: Mapping[str, Dataset], held: Mapping[str, zipfile.ZipInfo]) -> dict[str, Dataset]:
    """`subsets`, with names that tell pictures of one name in two subsets apart."""
    seen: set[str] = set()
    out = {}
    for subset, data in subsets.items():
        names = {one.file_name for one in data.pictures}
        if seen & names and all(f"{subset}/{name}" in held for name in names):
            pictures = (changed(one, file_name=f"{subset}/{one.file_name}") for one in data.pictures)
            data = replace(data, pictures=tuple(pictures))
        seen |= names
        out[subset] = data
    return out


def write_cvat(dataset: Dataset, path: str | Path, *, progress: Progress = unseen) -> list[str]:
    """Write a zip file that CVAT imports as "COCO 1.0": annotations/instances_default.json and images/.

    Ids from 1 on are what CVAT counts by: where some are less, or twice, all are numbered anew. The files
    of the pictures go in as they are.

    Returns:
        What is not as in `dataset`, in words.

    Raises:
        InputError: a picture's file is missing.
        OutputError: it cannot be written.
    """
    dataset, told = numbered(dataset)
    packed = zipfile.ZIP_DEFLATED, True, QUICK
    with written(path) as part, zipfile.ZipFile(part, "w", *packed) as archive:
        with archive.open(INSTANCES, "w", force_zip64=True) as file:
            write_to(dataset, cast(BinaryIO, file))
        if dataset.folder is None:
            return [*told, WITHOUT]
        names = [f"images/{safe_name(one.file_name)}" for one in dataset.pictures]
        check_names(names, path)
        with PictureFiles(dataset) as files:
            for done, (name, picture) in enumerate(zip(names, dataset.pictures, strict=True), 1):
                archive.writestr(_member(name), files.data(picture))
                progress(done)
    return told


def _member(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)  # without a time of its own: the same dataset gives the same bytes
    info.external_attr = 0o644 << 16
    return info
