"""`figureground examples sort`: examples into folders of behaviours, by a list."""

from pathlib import Path
from typing import Annotated

import typer

from figureground.apps.cli import options
from figureground.apps.cli.show import Screen, put_json

Folder = Annotated[str, typer.Argument(metavar="FOLDER", help="Of examples; they stay as they are.")]
Labels = Annotated[
    str,
    typer.Argument(
        metavar="LABELS.csv", help="A list with the columns name and behaviour, a row an example."
    ),
]
Out = Annotated[
    str, typer.Option("-o", "--out", metavar="OUT", help="A folder; each behaviour gets one in it.")
]


def sort(
    folder: Folder,
    labels: Labels,
    out: Out,
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> int:
    """Copy examples into a folder for each behaviour, as LabGym's training wants them.

    Rows without a behaviour are left out.
    """
    from figureground.apps.cli.dataset.common import check_apart
    from figureground.writers.examples.sorting import sort_examples

    check_apart(out, folder)
    screen = Screen(quiet=quiet)
    with screen.progress(Path(out).name, None, "reading the list", unit="examples") as progress:
        done = sort_examples(folder, labels, out, overwrite=overwrite, progress=progress)
    for note in done.notes:
        screen.warn(note)
    for name, count in done.behaviours.items():
        screen.say(f"  {name}: {count} examples")
    left = f" ({done.unlabelled} rows have no behaviour)" if done.unlabelled else ""
    screen.say(f"{folder} -> {out}: {sum(done.behaviours.values())} examples{left}")
    if as_json:
        put_json({"output": out, "behaviours": done.behaviours, "unlabelled": done.unlabelled})
    return 0
