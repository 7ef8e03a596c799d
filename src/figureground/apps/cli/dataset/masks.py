"""`figureground dataset masks`: a mask beside each picture."""

from typing import Annotated

import typer

from figureground.apps.cli import options
from figureground.apps.cli.dataset import options as own
from figureground.apps.cli.dataset.common import counts, load
from figureground.apps.cli.show import Screen, put_json

Out = Annotated[
    str, typer.Option("-o", "--out", metavar="FOLDER", help="A new folder: images/ and masks/ in it.")
]
Kind = Annotated[
    str,
    typer.Option(
        metavar="KIND",
        help="What the pixels say. class: the line of the class in classes.txt; instance: the number of the "
        "figure, listed in instances.csv; merged: 255 for all figures. Ground is 0.",
    ),
]
NoImages = Annotated[bool, typer.Option("--no-images", help="Write only masks; do not copy the pictures.")]
IgnoreCrowd = Annotated[
    bool,
    typer.Option("--ignore-crowd", help="Write groups (crowd) as 255 in masks of classes, not as ground."),
]


def masks(
    dataset: own.Data,
    out: Out,
    kind: Kind = "class",
    no_images: NoImages = False,
    ignore_crowd: IgnoreCrowd = False,
    images: own.Images = None,
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> int:
    """Write a mask for each picture, and copy the pictures beside.

    Where figures overlap, the smaller lies on the larger.
    """
    from figureground.datasets.formats.masks_write import write_masks

    screen = Screen(quiet=quiet)
    data = load(dataset, images, screen, out=out)
    with screen.progress("masks", len(data.pictures), "copying", unit="images") as progress:
        told = write_masks(
            data,
            out,
            kind=kind,
            copy_images=not no_images,
            ignore_crowd=ignore_crowd,
            overwrite=overwrite,
            progress=progress,
        )
    for text in told:
        screen.warn(text)
    screen.say(f"{len(data.pictures)} masks -> {out}")
    if as_json:
        put_json({"out": out, **counts(data), "warnings": told})
    return 0
