"""`figureground dataset check`: what is wrong with a dataset, and --fix."""

import textwrap
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from figureground.apps.cli import options
from figureground.apps.cli.dataset import options as own
from figureground.apps.cli.dataset.common import counts, load, save
from figureground.apps.cli.show import Screen, put, put_json
from figureground.errors import InputError, OptionError, OutputError

if TYPE_CHECKING:
    from figureground.datasets.checks.defects import Defect
    from figureground.datasets.checks.pictures import Looks
    from figureground.datasets.dataset import Dataset

LISTED = 5  # defects of a kind that are shown, without --all
WIDTH = 80

Fix = Annotated[bool, typer.Option("--fix", help="Mend what is safe to mend, and write it to -o.")]
Out = Annotated[
    str, typer.Option("-o", "--out", metavar="OUT", help="With --fix: where to write; never over the input.")
]
Pictures = Annotated[
    bool, typer.Option("--pictures/--no-pictures", help="Read the files of the pictures too, or not.")
]
Every = Annotated[bool, typer.Option("--all", help=f"List every defect, not only {LISTED} of each kind.")]


def check(
    dataset: own.Data,
    fix: Fix = False,
    out: Out = "",
    form: own.Form = "",
    images: own.Images = None,
    pictures: Pictures = True,
    every: Every = False,
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> int:
    """Find what is wrong with a dataset; with --fix, mend what is safe to mend.

    The exit code is 1 where an error is found (with --fix: is left), 0 where there are only notes.
    """
    from figureground.datasets.checks.check import find_defects, unreadable
    from figureground.datasets.checks.fix import fix_dataset

    _check_out(dataset, out, fix=fix, overwrite=overwrite)
    screen = Screen(quiet=quiet)
    record: dict[str, Any] = {"dataset": dataset}
    try:
        data = load(dataset, images, screen, out=out)
    except InputError as error:
        if not Path(dataset).exists():
            raise
        defects = [unreadable(dataset, error)]
    else:
        looks = _looks(data, screen) if pictures else {}
        defects = find_defects(data, looks)
        if fix:
            data, record["done"] = fix_dataset(data, defects)
            save(data, out, form, screen, overwrite=overwrite)
            record["out"] = out
            defects = find_defects(data, looks)
        record.update(counts(data))
    errors = sum(one.severity == "error" for one in defects)
    if as_json:
        put_json({**record, "errors": errors, "defects": [_plain(one) for one in defects]})
    elif not quiet:
        for line in _lines(record, defects, LISTED if not every else len(defects)):
            put(line)
    return 1 if errors else 0


def _check_out(dataset: str, out: str, *, fix: bool, overwrite: bool) -> None:
    if fix and not out:
        raise OptionError("--fix needs -o OUT: the mended dataset is written there; the input stays as it is")
    if out and not fix:
        raise OptionError("-o is where --fix writes; without --fix nothing is written")
    if out and Path(out).exists() and not overwrite:  # told before the pictures are read
        raise OutputError(f"{out}: is there already; give another name, or --overwrite")


def _looks(data: "Dataset", screen: Screen) -> "Looks | None":
    from figureground.datasets.checks.pictures import look_at_pictures

    if data.folder is None:
        return None
    with screen.progress("check", len(data.pictures), "opening the pictures", unit="images") as progress:
        return look_at_pictures(data, progress)


def _plain(defect: "Defect") -> dict[str, Any]:
    keys = ("kind", "severity", "where", "text", "cure", "fixable")
    return {key: getattr(defect, key) for key in keys}


def _lines(record: dict[str, Any], defects: Sequence["Defect"], listed: int) -> Iterator[str]:
    """What was done, what is wrong, and how much, for people."""
    if "done" in record:
        yield "mended:" if record["done"] else "nothing that is safe to mend"
        for line in record["done"]:
            yield from _wrapped(line, "  ")
        yield ""
        if defects:
            yield "left:"
    for kind, group in groupby(defects, key=lambda one: one.kind):
        yield from _kind_lines(kind, list(group), listed)
    yield _sum(record, defects)


def _kind_lines(kind: str, defects: Sequence["Defect"], listed: int) -> Iterator[str]:
    first = defects[0]
    yield f"{first.severity}: {kind}, {len(defects)} x"
    for one in defects[:listed]:
        yield from _wrapped(f"{one.where}: {one.text}", "    ")
    if len(defects) > listed:
        yield f"    ... and {len(defects) - listed} more; --all lists them"
    mendable = sum(one.fixable for one in defects)
    part = f" (not for {len(defects) - mendable} of them)" if 0 < mendable < len(defects) else ""
    yield from _wrapped(f"what to do: {first.cure}{part}", "  ")
    yield ""


def _sum(record: dict[str, Any], defects: Sequence["Defect"]) -> str:
    errors = sum(one.severity == "error" for one in defects)
    mendable = sum(one.fixable for one in defects)
    of = f"{record['dataset']}: "
    if "images" in record:
        of += f"{record['images']} images, {record['annotations']} annotations: "
    if not defects:
        return f"{of}nothing wrong"
    text = f"{of}{errors} error{'s' * (errors != 1)}, {len(defects) - errors} notes"
    return f"{text}; --fix -o OUT mends {mendable}" if mendable else text


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=indent, subsequent_indent=indent + "  ", break_on_hyphens=False
    )
