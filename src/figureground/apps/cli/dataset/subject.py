"""`figureground dataset subject`: the main figure of each image."""

from typing import Annotated

import typer

from figureground.apps.cli import options
from figureground.apps.cli.dataset import options as own
from figureground.apps.cli.dataset.chosen import finish
from figureground.apps.cli.dataset.common import load, names
from figureground.apps.cli.show import Screen

Share = Annotated[
    float,
    typer.Option(metavar="PART", help="Only images whose main figure covers at least this part, 0 to 1."),
]
Weight = Annotated[
    str,
    typer.Option(
        metavar="WEIGHT",
        help="The main figure has the largest: soft, or plain = area / distance^4 from the middle.",
    ),
]
Crowd = Annotated[bool, typer.Option("--crowd", help="It may also be a figure that stands for a crowd.")]


def subject(
    dataset: own.Data,
    out: own.Out,
    classes: own.Classes = None,
    share: Share = 0,
    weight: Weight = "soft",
    crowd: Crowd = False,
    form: own.Form = "",
    images: own.Images = None,
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> int:
    """Keep of each image its main figure: the large one in the middle.

    Photos whose main person covers at least 40 %: --classes person --share 0.4
    """
    from figureground.datasets.selection.subject import subject as choose

    screen = Screen(quiet=quiet)
    before = load(dataset, images, screen, out=out)
    after = choose(before, classes=names(classes), share=share, weight=weight, crowd=crowd)
    return finish(before, after, out, form, screen, overwrite=overwrite, as_json=as_json)
