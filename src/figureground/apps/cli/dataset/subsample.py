"""`figureground dataset subsample`: fewer images."""

from typing import Annotated

import typer

from figureground.apps.cli import options
from figureground.apps.cli.dataset import options as own
from figureground.apps.cli.dataset.chosen import finish
from figureground.apps.cli.dataset.common import load
from figureground.apps.cli.show import Screen

Amount = Annotated[
    float, typer.Option("-n", "--amount", metavar="N", help="How many images; below 1: which part of them.")
]
How = Annotated[
    str,
    typer.Option(
        metavar="HOW",
        help="random; even: spread over each video; classes: so that each class keeps its share.",
    ),
]


def subsample(
    dataset: own.Data,
    out: own.Out,
    amount: Amount,
    how: How = "random",
    group: own.Group = "",
    seed: own.Seed = 0,
    form: own.Form = "",
    images: own.Images = None,
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> int:
    """Keep some of the images, with all that is drawn on them."""
    from figureground.datasets.selection.subsample import subsample as choose

    screen = Screen(quiet=quiet)
    before = load(dataset, images, screen, out=out)
    after = choose(before, amount, how=how, group=group, seed=seed)
    return finish(before, after, out, form, screen, overwrite=overwrite, as_json=as_json)
