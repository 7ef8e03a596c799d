"""`figureground dataset filter`: some classes, sizes, pictures."""

from typing import Annotated

import typer

from figureground.apps.cli import options
from figureground.apps.cli.dataset import options as own
from figureground.apps.cli.dataset.chosen import finish
from figureground.apps.cli.dataset.common import load, names
from figureground.apps.cli.show import Screen

MOST = float("inf")


def _number(name: str, text: str) -> object:
    return typer.Option(name, metavar="N", help=text, show_default=False)


AnyOf = Annotated[
    str | None, typer.Option("--any", metavar="CLASS,...", help="Only images with one of these classes.")
]
AllOf = Annotated[
    str | None, typer.Option("--all", metavar="CLASS,...", help="Only images with all of these classes.")
]
Crowd = Annotated[
    bool | None,
    typer.Option("--crowd/--no-crowd", help="Only figures that stand for a crowd, or only others."),
]
MinArea = Annotated[float, _number("--min-area", "Only figures of at least so many pixels.")]
MaxArea = Annotated[float, _number("--max-area", "Only figures of at most so many pixels.")]
MinShare = Annotated[float, _number("--min-share", "Only figures that cover this part of the image, 0 to 1.")]
MaxShare = Annotated[float, _number("--max-share", "Only figures that cover at most this part.")]
MinSide = Annotated[float, _number("--min-side", "Only images with both sides at least so many pixels.")]
MaxSide = Annotated[float, _number("--max-side", "Only images with both sides at most so many pixels.")]
Without = Annotated[
    str | None, typer.Option(metavar="NAME,...", help="Leave out the images of these file names.")
]
CrowdRest = Annotated[
    bool,
    typer.Option(
        "--crowd-rest",
        help="Figures that area or share rule out stay as crowds: neither figure nor ground to a training.",
    ),
]
There = Annotated[bool, typer.Option("--there", help="Only images whose file is there.")]
KeepEmpty = Annotated[bool, typer.Option("--keep-empty", help="Keep also images that have no figure left.")]
Renumber = Annotated[
    bool, typer.Option("--renumber", help="Number the classes that stay from 1; else they keep their ids.")
]


def filter(
    dataset: own.Data,
    out: own.Out,
    classes: own.Classes = None,
    any_of: AnyOf = None,
    all_of: AllOf = None,
    crowd: Crowd = None,
    min_area: MinArea = 0,
    max_area: MaxArea = MOST,
    min_share: MinShare = 0,
    max_share: MaxShare = MOST,
    min_side: MinSide = 0,
    max_side: MaxSide = MOST,
    crowd_rest: CrowdRest = False,
    without: Without = None,
    there: There = False,
    keep_empty: KeepEmpty = False,
    renumber: Renumber = False,
    form: own.Form = "",
    images: own.Images = None,
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> int:
    """Keep some figures and images: by class, size, or what else is on the image.

    Images go first by name, file and size, figures by crowd and size, images by --any and --all, figures by
    class; then images without a figure, if any condition was on figures.
    """
    from figureground.datasets.selection.filter import Wanted, filter_dataset

    wanted = Wanted(
        names(classes),
        crowd,
        area=(min_area, max_area),
        share=(min_share, max_share),
        side=(min_side, max_side),
        any_of=names(any_of),
        all_of=names(all_of),
        without=names(without),
        there=there,
        crowd_rest=crowd_rest,
    )
    screen = Screen(quiet=quiet)
    before = load(dataset, images, screen, out=out)
    after = filter_dataset(before, wanted, keep_empty=keep_empty, renumber=renumber)
    return finish(before, after, out, form, screen, overwrite=overwrite, as_json=as_json)
