"""Examples into folders of behaviours, by a list of names and behaviours."""

import csv
import io
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from figureground.errors import InputError
from figureground.folders import written_folder
from figureground.writers.examples.names import fit_behaviour, parse_name

_NAME, _BEHAVIOUR = ("name",), ("behaviour", "behavior")
_MOST_BYTES, _SHOWN = 1 << 26, 3


@dataclass(frozen=True, slots=True)
class Sorted:
    """What was sorted.

    Attributes:
        behaviours: how many examples each has.
        unlabelled: rows without a behaviour, which were left out.
        notes: what went otherwise than the list says, in plain sentences.
    """

    behaviours: dict[str, int]
    unlabelled: int
    notes: tuple[str, ...]


def sort_examples(
    folder: str | Path,
    labels: str | Path,
    out: str | Path,
    *,
    overwrite: bool = False,
    progress: Callable[[int], None] = lambda done: None,
) -> Sorted:
    """Copy the examples that the list `labels` names from `folder` (or below) to `out`/<behaviour>/.

    The list is a .csv with the columns `name` (with or without .avi) and `behaviour`; rows without a
    behaviour are left out. Letters that LabGym cannot have in a behaviour are left out of it.

    Args:
        folder: where the examples are; they stay.
        labels: the list.
        out: the folder that is made.
        overwrite: replace `out` if figureground wrote it.
        progress: called with the number of examples that are done.

    Raises:
        InputError: the list cannot be read, names an example that is not there or one twice with different
            behaviours, or two behaviours become one without the letters that LabGym cannot have.
        OutputError: something stands at `out` already, or it cannot be written.
    """
    pairs = _find_pairs(Path(folder))
    rows = list(_read_rows(Path(labels)))
    labelled = [(line, name, text) for line, name, text in rows if text]
    chosen = _choose(labelled, Path(folder), Path(labels), pairs)
    fitted, notes = _fit_all({text for _, _, text in labelled}, Path(labels))
    if not chosen:
        raise InputError(f"{labels}: no row has both a name and a behaviour, so there is nothing to sort")
    with written_folder(out, overwrite=overwrite) as part:
        for done, (name, behaviour) in enumerate(chosen.items(), 1):
            target = part / fitted[behaviour]
            target.mkdir(exist_ok=True)
            for suffix in (".avi", ".jpg"):
                shutil.copyfile(pairs[name].with_name(name + suffix), target / f"{name}{suffix}")
            progress(done)
    counts = Counter(fitted[behaviour] for behaviour in chosen.values())
    if len(counts) == 1:
        notes.append("there is one behaviour only; LabGym learns to tell two or more apart")
    return Sorted(dict(sorted(counts.items())), len(rows) - len(labelled), tuple(notes))


def _find_pairs(folder: Path) -> dict[str, Path]:
    """The examples in `folder` and below that have both files: stem -> path of the .avi.

    Raises:
        InputError: there is no such folder, no example in it, or one lies in two places.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: there is no such folder")
    pairs: dict[str, Path] = {}
    for path in sorted(folder.rglob("*.avi")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        whole = path.is_file() and path.with_suffix(".jpg").is_file()
        if hidden or not whole or parse_name(path.stem) is None:
            continue
        if path.stem in pairs:
            raise InputError(
                f"{path}: the same name is at {pairs[path.stem]} too; sort from one folder of them"
            )
        pairs[path.stem] = path
    if not pairs:
        raise InputError(f"{folder}: holds no examples; see: figureground examples check {folder}")
    return pairs


def _read_rows(path: Path) -> Iterator[tuple[int, str, str]]:
    """Line, name and behaviour of each row that is not empty; the behaviour may be missing."""
    text = _read_text(path)
    head, *_ = text.splitlines() or [""]
    mark = max(",;\t", key=head.count)  # a spreadsheet writes what its language does
    reader = csv.reader(io.StringIO(text), delimiter=mark)
    try:
        columns = [one.strip().lower() for one in next(reader, [])]
        name, behaviour = (_column(columns, names, path) for names in (_NAME, _BEHAVIOUR))
        for row in reader:
            cells = [cell.strip() for cell in row] + [""] * len(columns)
            if cells[name]:
                yield reader.line_num, _stem(cells[name]), cells[behaviour]
    except csv.Error as error:
        raise InputError(f"{path}, line {reader.line_num}: cannot be read: {error}") from error


def _read_text(path: Path) -> str:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise InputError(f"{path}: is larger than {_MOST_BYTES >> 20} MiB, so no list of examples")
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is not UTF-8 text; save it as CSV UTF-8") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error


def _column(columns: list[str], names: tuple[str, ...], path: Path) -> int:
    for number, column in enumerate(columns):
        if column in names:
            return number
    there = ", ".join(columns[:6]) or "none"
    raise InputError(f"{path}: needs the columns name and behaviour in its first line; there: {there}")


def _stem(name: str) -> str:
    """The name of an example in a list, without a folder and an ending."""
    name = name.replace("\\", "/").rpartition("/")[2]
    return name[:-4] if name.lower().endswith((".avi", ".jpg")) else name


def _choose(
    rows: list[tuple[int, str, str]], folder: Path, labels: Path, pairs: dict[str, Path]
) -> dict[str, str]:
    """The behaviour of each example that is named."""
    chosen: dict[str, str] = {}
    missing = [(line, name) for line, name, _ in rows if name not in pairs]
    if missing:
        first = "; ".join(f"line {line}: {name}" for line, name in missing[:_SHOWN])
        more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
        raise InputError(f"{labels}: names examples that are not in {folder}: {first}{more}")
    for line, name, behaviour in rows:
        if chosen.setdefault(name, behaviour) != behaviour:
            raise InputError(
                f"{labels}, line {line}: {name} is {behaviour!r} here and {chosen[name]!r} above; keep one"
            )
    return chosen


def _fit_all(behaviours: set[str], labels: Path) -> tuple[dict[str, str], list[str]]:
    """The name of each behaviour's folder, and what to say about those that differ."""
    fitted = {one: fit_behaviour(one) for one in sorted(behaviours)}
    notes, taken = [], dict[str, str]()
    for one, fit in fitted.items():
        if not fit:
            raise InputError(f"{labels}: the behaviour {one!r} has no letter that LabGym can have in a name")
        other = taken.setdefault(fit.lower(), one)
        if other != one:
            raise InputError(
                f"{labels}: the behaviours {other!r} and {one!r} would both be {fit!r}; rename one"
            )
        if fit != one:
            notes.append(f'"{one}" is called "{fit}": LabGym takes no _ - , . in the names of behaviours')
    return fitted, notes
