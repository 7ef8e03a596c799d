"""COCO files: read and written back without any loss, at the speed of reading their bytes.

A file of hundreds of megabytes is scanned once for where its objects lie and once for the few values that
tools choose by (msgspec; the polygons stay text). Writing copies the bytes of what was chosen.
"""

import codecs
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO, TypeVar

import msgspec
import numpy as np
from msgspec import Raw

from figureground.datasets.dataset import (
    LISTS,
    Annotation,
    Category,
    Dataset,
    Picture,
    Record,
    parser,
    plain,
)
from figureground.errors import InputError
from figureground.files import written

R = TypeVar("R", bound=Record)

CHUNK = 4096  # objects that are written at once


class _Lists(msgspec.Struct):
    """The three lists of a COCO file, each object as it stands there."""

    images: list[Raw]
    annotations: list[Raw] = []
    categories: list[Raw] = []


def read_coco(path: str | Path, images: str | Path | None = None) -> Dataset:
    """Read a COCO file.

    Args:
        path: the .json file.
        images: the folder (or zip file) that its file names start from. Without it, the nearest folder
            that holds the first picture, see `find_pictures`.

    Raises:
        InputError: it is missing or no COCO file; the message says where.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    dataset = parse_coco(data, str(path))
    folder = Path(images) if images is not None else find_pictures(path, dataset.pictures)
    return Dataset(
        dataset.pictures, dataset.annotations, dataset.categories, folder, dataset.rest, dataset.order
    )


def parse_coco(data: bytes, name: str) -> Dataset:
    """The dataset that the JSON text `data` holds; its folder is not known.

    Raises:
        InputError: as `read_coco`, with `name` for the file.
    """
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        _check_text(data)
        lists = msgspec.json.decode(data, type=_Lists)
        rest = msgspec.json.decode(_without_lists(data, lists), type=dict[str, Raw])
    except msgspec.ValidationError as error:
        raise InputError(f"{name}: is no COCO file: {plain(error)}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"{name}: is no JSON: {_place(str(error), data)}") from error
    order = tuple(rest)
    return Dataset(
        _records(Picture, lists.images, f"{name}: images"),
        _records(Annotation, lists.annotations, f"{name}: annotations"),
        _records(Category, lists.categories, f"{name}: categories"),
        None,
        {key: Raw(bytes(value)) for key, value in rest.items() if key not in LISTS},
        order,
    )


def write_coco(dataset: Dataset, path: str | Path) -> None:
    """Write a COCO file, an object a line; what was read and not changed stays as it was.

    Raises:
        OutputError: it cannot be written.
    """
    with written(path) as part, part.open("wb") as file:
        write_to(dataset, file)


def write_to(dataset: Dataset, file: BinaryIO) -> None:
    """Write the text of a COCO file."""
    lists = {
        "images": dataset.pictures,
        "annotations": dataset.annotations,
        "categories": dataset.categories,
    }
    added = [key for key in (*dataset.rest, *LISTS) if key not in dataset.order]
    keys = [*dataset.order, *(key for key in added if dataset.rest.get(key) or lists.get(key))]
    keys = [key for key in keys if key in lists or key in dataset.rest]
    for number, key in enumerate(keys):
        file.write(b",\n" if number else b"{")
        file.write(msgspec.json.encode(key) + b": ")
        if key in lists:
            _write_list(lists[key], file)
        else:
            file.write(dataset.rest[key])
    file.write(b"}\n" if keys else b"{}\n")


def _check_text(data: bytes) -> None:
    """Raise UnicodeDecodeError where `data` is no UTF-8; what no tool looks at is carried undecoded."""
    if not data.isascii():
        decoder = codecs.getincrementaldecoder("utf-8")()
        for start in range(0, len(data), 1 << 20):
            decoder.decode(data[start : start + (1 << 20)])
        decoder.decode(b"", final=True)


def find_pictures(path: Path, pictures: Sequence[Picture]) -> Path | None:
    """The nearest folder that holds some of `pictures` of the file `path`; None if there is none.

    Folders beside the file are looked into last, and only if just one of them fits: of several, any could
    be meant.
    """
    some = [pictures[place].file_name for place in {0, len(pictures) // 2, len(pictures) - 1} if pictures]
    bases = [path.parent, path.absolute().parent.parent]
    for folder in (base / below for base in bases for below in ("", "images", path.stem)):
        if _holds(folder, some):
            return folder
    beside = [one / below for one in _folders(path.parent) for below in ("", "images")]
    found = [folder for folder in beside if _holds(folder, some)]
    return found[0] if len(found) == 1 else None


def _folders(folder: Path) -> list[Path]:
    try:
        return [one for one in folder.iterdir() if one.is_dir()]
    except OSError:
        return []


def _holds(folder: Path, names: Iterable[str]) -> bool:
    """Whether any of the files `names` is in `folder`."""
    try:
        return any((folder / name).is_file() for name in names)
    except (OSError, ValueError):
        return False


def _records(kind: type[R], raws: list[Raw], name: str) -> tuple[R, ...]:
    parse = parser(kind)
    records: list[R] = []
    try:
        for raw in raws:
            records.append(parse(raw))  # noqa: PERF401  (a comprehension would not tell how far it came)
        return tuple(records)
    except msgspec.ValidationError as error:
        raise InputError(f"{name}[{len(records)}]: {plain(error)}") from error


def _without_lists(data: bytes, lists: _Lists) -> bytes:
    """`data` with its lists emptied, so that what else it holds is found without a second scan of it all."""
    spans = sorted(_span(data, raws) for raws in (lists.images, lists.annotations, lists.categories) if raws)
    ends = [0, *(end for _, end in spans)]
    starts = [*(start for start, _ in spans), len(data)]
    return b"".join(data[end:start] for end, start in zip(ends, starts, strict=True))


def _span(data: bytes, raws: Sequence[Raw]) -> tuple[int, int]:
    """Where in `data` the first of `raws`, which are views of it, begins, and the last one ends."""
    base, first, last = (_address(part) for part in (data, raws[0], raws[-1]))
    return first - base, last - base + len(memoryview(raws[-1]))


def _address(part: bytes | Raw) -> int:
    return int(np.frombuffer(part, np.uint8).__array_interface__["data"][0])


def _write_list(records: Iterable[Record], file: BinaryIO) -> None:
    raws = [record.raw for record in records]
    file.write(b"[")
    for start in range(0, len(raws), CHUNK):
        file.write(b",\n" if start else b"\n")
        file.write(b",\n".join(raws[start : start + CHUNK]))
    file.write(b"]")


def _place(text: str, data: bytes) -> str:
    """What is wrong with JSON, with the line where."""
    found = re.search(r"\(byte (\d+)\)", text)
    line = f" in line {data.count(bytes([10]), 0, int(found[1])) + 1}" if found else ""
    return f"{text.removeprefix('JSON is malformed: ')}{line}"
