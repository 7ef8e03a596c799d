"""`figureground tracks check`: where tracks may be wrong."""

import json
from pathlib import Path
from typing import Annotated

import typer

from figureground.apps.cli import options
from figureground.apps.cli.show import Screen, put, put_json
from figureground.apps.cli.tracks.opened import load_tracks
from figureground.errors import OptionError, OutputError

LISTED = 20  # places that are shown, without --all
EXAMPLES = """\b
Examples:
  figureground tracks check flies.tracks.parquet
  figureground tracks check flies.tracks.parquet -o todo.csv
"""

File = Annotated[
    str, typer.Argument(metavar="FILE", help="Tracks; with their corrections, if there are any.")
]
Out = Annotated[
    str, typer.Option("-o", "--out", metavar="LIST", help="Write all places to this .csv or .json too.")
]
Every = Annotated[bool, typer.Option("--all", help=f"Show every place, not only the first {LISTED}.")]


def check(
    file: File,
    out: Out = "",
    every: Every = False,
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> int:
    """List the places where tracks may be wrong, those that matter most first; the truth is not needed.

    Swaps, jumps, broken tracks, births and deaths away from the border, flicker, overlaps, and counts that
    change. How much a place matters: the figures that would be wrong, times how strange it is.
    """
    suffix = Path(out).suffix.lower()
    if out and suffix not in (".csv", ".json"):
        raise OptionError(f"-o {out}: the list is written to .csv or .json")
    if out and Path(out).exists() and not overwrite:
        raise OutputError(f"{out}: is there already; give another name, or --overwrite")
    from figureground.files import written
    from figureground.review.suspicious.find import find_suspicious
    from figureground.review.suspicious.tables import (
        suspicions_to_csv,
        suspicions_to_lines,
        suspicions_to_records,
    )

    screen, tracks = Screen(quiet=quiet), load_tracks(file)
    found = find_suspicious(tracks)
    if out:
        records = suspicions_to_records(found, tracks)
        text = json.dumps(records, indent=1) + "\n" if suffix == ".json" else suspicions_to_csv(found, tracks)
        with written(out) as part:
            part.write_text(text, "utf-8", newline="")
    if as_json:
        put_json(
            {"tracks": file, "frames": len(tracks.frames), "places": suspicions_to_records(found, tracks)}
        )
    elif not quiet:
        for line in suspicions_to_lines(found, tracks, len(found) if every else LISTED):
            put(line)
    if out:
        screen.say(f"-> {out}")
    return 0
