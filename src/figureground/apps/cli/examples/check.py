"""`figureground examples check`: what LabGym would stumble over in a folder of examples."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from figureground.apps.cli import options
from figureground.apps.cli.show import Screen, put, put_json

LISTED = 20

Folder = Annotated[
    str,
    typer.Argument(metavar="FOLDER", help="Of examples, as they were made or sorted; all below it counts."),
]
All = Annotated[bool, typer.Option("--all", help=f"List every fault, not only the first {LISTED}.")]


def check(
    folder: Folder, every: All = False, quiet: options.Quiet = False, as_json: options.Json = False
) -> int:
    """Tell what LabGym would stumble over: names, pairs, codec, number of frames, rate, other pictures.

    The exit code is 1 where a fault is found, else 0.
    """
    from figureground.writers.examples.checking import check_examples

    screen = Screen(quiet=quiet)
    with screen.progress(Path(folder).name, None, "looking", unit="files") as progress:
        checked = check_examples(folder, progress)
    faults = checked.faults
    if as_json:
        listed = [asdict(fault) for fault in faults]
        put_json(
            {"folder": folder, "pairs": checked.pairs, "behaviours": checked.behaviours, "faults": listed}
        )
    elif not quiet:
        for fault in faults if every else faults[:LISTED]:
            put(f"{fault.file}: {fault.text}\n  what to do: {fault.cure}")
        if len(faults) > LISTED and not every:
            put(f"... and {len(faults) - LISTED} more; --all lists them")
        for name, pairs in checked.behaviours.items():
            put(f"  {name}: {pairs} examples")
        wrong = f"{len(faults)} fault{'s' * (len(faults) != 1)}" if faults else "nothing wrong"
        put(f"{folder}: {checked.pairs} examples: {wrong}")
    return 1 if faults else 0
