"""`figureground dataset convert`: the same dataset in the format of another tool."""

from figureground.apps.cli import options
from figureground.apps.cli.dataset import options as own
from figureground.apps.cli.dataset.common import counts, load, save
from figureground.apps.cli.show import Screen, put_json


def convert(
    dataset: own.Data,
    out: own.Out,
    form: own.Form = "",
    images: own.Images = None,
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> int:
    """Write a dataset in the format of another tool."""
    screen = Screen(quiet=quiet)
    data = load(dataset, images)
    save(data, out, form, screen, overwrite=overwrite)
    if as_json:
        put_json({"out": out, **counts(data)})
    return 0
