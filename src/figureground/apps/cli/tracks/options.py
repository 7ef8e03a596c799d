"""The arguments that several verbs have, each with its help."""

from typing import Annotated, TypeAlias

import typer

File: TypeAlias = Annotated[
    str,
    typer.Argument(
        metavar="TRACKS",
        help="A tracks file (NAME.tracks.parquet); or of COCO (.json), MOT (.txt), VIA-tracks (.csv), or "
        "DynamicBackgroundRemoval (.pkl).",
    ),
]
