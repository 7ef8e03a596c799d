"""`figureground dataset convert`: the same dataset in the format of another tool."""

import warnings
from typing import Annotated

import typer

from figureground.apps.cli import options
from figureground.apps.cli.dataset import options as own
from figureground.apps.cli.dataset.common import counts
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
    from figureground.datasets.formats import form_of, read_dataset, write_dataset
    from figureground.errors import FiguregroundWarning

    screen = Screen(quiet=quiet)
    written_as = form_of(out, form)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", FiguregroundWarning)
        data = read_dataset(dataset, images=images, class_attribute=class_attribute)
    told = [str(one.message) for one in caught if issubclass(one.category, FiguregroundWarning)]
    with screen.progress(out, len(data.pictures), "writing", "images") as done:
        told += write_dataset(data, out, form=form, overwrite=overwrite, progress=done)
    for line in told:
        screen.warn(line)
    screen.say(f"{len(data.pictures)} images, {len(data.annotations)} annotations -> {out} ({written_as})")
    if as_json:
        put_json({"out": out, "format": written_as, **counts(data), "told": told})
    return 0
