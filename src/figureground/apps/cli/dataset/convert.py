"""`figureground dataset convert`: the same dataset in the format of another tool."""

from typing import Annotated

import typer

from figureground.apps.cli import options
from figureground.apps.cli.dataset import options as own
from figureground.apps.cli.dataset.common import counts, load, save
from figureground.apps.cli.show import Screen, put_json

ClassAttribute = Annotated[
    str, typer.Option(metavar="NAME", help="Of a VIA file: the region attribute that is the class.")
]


def convert(
    dataset: own.Data,
    out: own.Out,
    form: own.Form = "",
    images: own.Images = None,
    class_attribute: ClassAttribute = "",
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> int:
    """Write a dataset in the format of another tool, and say what that format cannot hold."""
    from figureground.datasets.formats import form_of

    screen = Screen(quiet=quiet)
    written_as = form_of(out, form)
    data = load(dataset, images, screen, out=out, class_attribute=class_attribute)
    save(data, out, form, screen, overwrite=overwrite)
    read = f"{len(data.pictures)} images, {len(data.annotations)} annotations read"
    screen.say(f"{read}, written as {written_as}")
    if as_json:
        put_json({"out": out, "format": written_as, **counts(data), "told": screen.warned})
    return 0
