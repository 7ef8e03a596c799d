"""YOLO folders: a text file of outlines beside each picture, in shares of its width and height."""

import os
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from figureground.datasets.collect import Box, Collector
from figureground.datasets.dataset import Dataset
from figureground.datasets.formats.data_yaml import Value, parse_data_yaml
from figureground.datasets.formats.sizes import picture_size
from figureground.datasets.formats.subsets import SPLITS
from figureground.errors import FiguregroundWarning, InputError

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp")
DIGITS = 10
"""Decimals of a pixel that are kept: what tools wrote as shares comes out as the pixels they had, and goes
back as the very same ones."""

YAML_SIZE = 1 << 20
_CLASSES = "classes.txt"


def is_yolo_folder(folder: Path) -> bool:
    """Whether `folder` looks like one of YOLO: a data.yaml with names, or a folder `labels` with texts."""
    if _yaml(folder) is not None:
        return True
    labels = [folder / "labels", *(child / "labels" for child in _children(folder))]
    return any(next(path.rglob("*.txt"), None) for path in labels if path.is_dir())


def read_yolo(path: str | Path, images: str | Path | None = None) -> Dataset:
    """Read a YOLO folder of outlines (segmentation) or boxes (detection).

    The label of a picture is where Ultralytics looks for it (data/utils.py, img2label_paths): the last
    folder `images` of its path replaced by `labels`, else beside it. So are rows understood
    (verify_image_label): a class and x y of at least three points, then perhaps a score; or a class and a
    box (centre x y, width, height), then perhaps a score. The split of a picture (train, val, test) is its
    key "split". What data.yaml names and is not there is passed over; nothing outside of the folder is read.

    Args:
        path: the folder, or its data.yaml.
        images: the folder of the pictures, if they are not in `path`.

    Raises:
        InputError: it is no such folder, or a file in it cannot be read; with the file and the line.
    """
    path = Path(path)
    root = path if path.is_dir() else path.parent
    facts = _facts(path if path.is_file() else _yaml(root))
    names = _names(facts, root)
    collector = Collector()
    for name in names:
        collector.category(name)
    folder = Path(images) if images is not None else root
    splits = _splits(facts, root)
    used: set[Path] = set()
    for file in _picture_files(folder):
        place = PurePosixPath(file.relative_to(folder).as_posix())
        label = folder / _label_name(place) if images is None else _label_by_stem(root, place)
        if not label.is_file() and images is None and "images" not in place.parts[:-1]:
            continue  # a picture that lies about, such as a plot of results
        used.add(label)
        size = picture_size(file)
        split = _split_of(place, splits)
        number = collector.picture(str(place), size, {"split": split} if split else {})
        for kind, shape, more in _rows(label, len(names), size):
            name = names[kind] if names else str(kind)
            collector.figure(number, collector.category(name), shape, more)
    dataset = collector.dataset(folder)
    if not dataset.pictures:
        raise InputError(f"{path}: has no pictures, and labels do not tell their sizes; use --images FOLDER")
    _check_left(root, used)
    return dataset


def read_row(line: str, size: tuple[int, int]) -> tuple[int, list[list[float]] | Box, dict[str, float]]:
    """The class, the outline or box in pixels, and the score if there is one, of a row for `size` (h, w).

    Raises:
        ValueError: it is no such row.

    Example:
        >>> read_row("2 0.5 0.5 0.2 0.5", (20, 10))
        (2, (4.0, 5.0, 2.0, 10.0), {})
        >>> read_row("0 0 0 0.1 0 0.1 0.2 0.75", (20, 10))
        (0, [[0.0, 0.0, 1.0, 0.0, 1.0, 4.0]], {'score': 0.75})
    """
    numbers = [float(word) for word in line.split()]
    kind, shares = numbers[0], numbers[1:]
    if not kind.is_integer() or not 0 <= kind < 1 << 31:
        raise ValueError(f"the class is {kind:g}; it must be a number of data.yaml's names, from 0 on")
    if not all(-1 <= share <= 2 for share in shares):
        raise ValueError("a value is no share of the picture's size, 0 to 1")
    more = {"score": shares.pop()} if len(shares) >= 5 and len(shares) % 2 else {}
    scale = (size[1], size[0])
    pixels = [round(share * scale[at % 2], DIGITS) for at, share in enumerate(shares)]
    if len(pixels) == 4:
        width, height = pixels[2:]
        x, y = round(pixels[0] - width / 2, DIGITS), round(pixels[1] - height / 2, DIGITS)
        return int(kind), (x, y, width, height), more
    if len(pixels) < 6:
        raise ValueError(f"{len(shares)} numbers after the class; a box has 4, an outline 6 or more")
    return int(kind), [pixels], more


def _rows(
    label: Path, names: int, size: tuple[int, int]
) -> Iterator[tuple[int, list[list[float]] | Box, dict[str, float]]]:
    if not label.is_file():
        return
    for number, line in enumerate(_text(label).splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = read_row(line, size)
        except ValueError as error:
            raise InputError(f"{label}: line {number}: {error}; got {line.strip()[:60]!r}") from error
        if names and row[0] >= names:
            raise InputError(
                f"{label}: line {number}: is of class {row[0]}, but there are {names} names, from 0"
            )
        yield row


def _facts(path: Path | None) -> dict[str, Value]:
    """What data.yaml says."""
    if path is None:
        return {}
    try:
        return parse_data_yaml(_text(path), ("names", "path", *SPLITS))
    except ValueError as error:
        raise InputError(f"{path}: {error}") from error


def _yaml(folder: Path) -> Path | None:
    """The .yaml file of `folder` that has names."""
    files = sorted(file for file in _children(folder) if file.suffix in (".yaml", ".yml") and file.is_file())
    files.sort(key=lambda file: file.stem != "data")
    return next((file for file in files if file.name == "data.yaml" or _has_names(file)), None)


def _has_names(path: Path) -> bool:
    try:
        return "names" in parse_data_yaml(_text(path), ("names",))
    except ValueError:
        return False


def _names(facts: dict[str, Value], root: Path) -> list[str]:
    """The classes by their numbers; none where they are not told."""
    names = facts.get("names", [])
    if isinstance(names, str):
        raise InputError(f"{root}: data.yaml: expected a list of names, got {names!r}")
    if isinstance(names, dict):
        if sorted(names) != sorted(str(number) for number in range(len(names))):
            raise InputError(f"{root}: data.yaml: names must be numbered from 0 on, without gaps")
        names = [names[str(number)] for number in range(len(names))]
    if not names:
        files = (root / _CLASSES, root / "labels" / _CLASSES)  # of LabelImg and Label Studio
        names = next((_text(file).split("\n") for file in files if file.is_file()), [])
        names = [name.strip() for name in names if name.strip()]
    if len(set(names)) < len(names):
        twice = Counter(names).most_common(1)[0][0]
        raise InputError(f"{root}: two classes have the name {twice!r}; give each its own")
    return names


def _splits(facts: dict[str, Value], root: Path) -> dict[str, str]:
    """The split of each folder or picture, by its path below `root`; "" where it is of several."""
    base = facts.get("path", "")
    bases = {"", _below(base)} if isinstance(base, str) else {""}
    out: dict[str, str] = {}
    for key, split in SPLITS.items():
        entries = facts.get(key, [])
        places = [_below(f"{base}/{entry}" if base else entry) for base in bases for entry in _list(entries)]
        for place in places:
            listed = [place]
            if place.endswith(".txt") and (root / place).is_file():
                listed = [_below(line.strip()) for line in _text(root / place).splitlines() if line.strip()]
            for one in listed:
                out[one] = split if out.get(one, split) == split else ""
    return out


def _list(value: Value) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _below(entry: str) -> str:
    """`entry` of data.yaml as a path below its folder.

    `../train/images` is what Roboflow writes for `train/images`; Ultralytics (data/utils.py,
    check_det_dataset) takes it so as well.
    """
    place = os.path.normpath(entry.replace("\\", "/"))
    while place.startswith("../"):
        place = place[3:]
    return "" if place in (".", "..") or place.startswith("/") else place


def _split_of(place: PurePosixPath, splits: dict[str, str]) -> str:
    for path in (place, *place.parents):
        if str(path) in splits:
            return splits[str(path)]
    return next((SPLITS[part.lower()] for part in place.parts[:-1] if part.lower() in SPLITS), "")


def _picture_files(folder: Path) -> Iterator[Path]:
    """All pictures below `folder`, in order."""
    for base, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__")))
        for name in sorted(files):
            if name.lower().endswith(SUFFIXES) and not name.startswith("."):
                yield Path(base, name)


def _label_name(place: PurePosixPath) -> str:
    parts = list(place.parts)
    for at in range(len(parts) - 2, -1, -1):
        if parts[at] == "images":
            parts[at] = "labels"
            break
    return str(PurePosixPath(*parts).with_suffix(".txt"))


def _label_by_stem(root: Path, place: PurePosixPath) -> Path:
    """Where the label of a picture is whose folder is another one."""
    name = place.with_suffix(".txt")
    choices = [root / "labels" / name, root / name, root / "labels" / name.name, root / name.name]
    return next((path for path in choices if path.is_file()), choices[0])


def _check_left(root: Path, used: set[Path]) -> None:
    """Tell which labels have no picture."""
    labels = (file for file in sorted(root.rglob("*.txt")) if "labels" in file.relative_to(root).parts[:-1])
    left = [file for file in labels if file not in used and file.name != _CLASSES and _text(file).strip()]
    if left:
        more = f" and {len(left) - 1} more" if len(left) > 1 else ""
        message = f"{left[0]}{more}: there is no picture of that name; these labels are left out"
        warnings.warn(message, FiguregroundWarning, stacklevel=3)


def _children(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _text(path: Path) -> str:
    try:
        if path.suffix in (".yaml", ".yml") and path.stat().st_size > YAML_SIZE:
            raise InputError(f"{path}: has more than {YAML_SIZE} bytes; is it a data.yaml?")
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is no text in UTF-8") from error
