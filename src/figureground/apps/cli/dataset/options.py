"""The arguments and options that several verbs have, each with its help."""

from typing import Annotated, TypeAlias

import typer

Data: TypeAlias = Annotated[
    str,
    typer.Argument(
        metavar="DATASET",
        help="A COCO .json, a CVAT .zip, a VIA .json, or a folder: COCO, LabelMe, YOLO-seg, or masks.",
    ),
]
Images: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="FOLDER", help="Where the pictures are, if not beside the annotations."),
]
Out: TypeAlias = Annotated[
    str,
    typer.Option(
        "-o",
        "--out",
        metavar="OUT",
        help="NAME.json: a COCO file alone. NAME.zip: for CVAT, with pictures. A folder: with pictures.",
    ),
]
Form: TypeAlias = Annotated[
    str,
    typer.Option(
        "--format", metavar="FORMAT", help="What a folder is written as: coco (default), yolo, or labgym."
    ),
]
Classes: TypeAlias = Annotated[
    str | None, typer.Option(metavar="CLASS,...", help="These classes only, by name; by commas.")
]
Seed: TypeAlias = Annotated[
    int, typer.Option(metavar="N", help="Another number chooses otherwise; the same chooses the same.")
]
Group: TypeAlias = Annotated[
    str,
    typer.Option(
        metavar="REGEX",
        help="What frames of one video have in common in their file names: a regular expression; its first "
        "brackets, or all it finds.",
    ),
]
