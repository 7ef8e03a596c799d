"""The verbs of `figureground dataset`, as typer takes them."""

from collections.abc import Callable

import typer

from figureground.apps.cli.dataset import (
    autolabel,
    balance,
    check,
    compose,
    convert,
    empty,
    filter,
    frames,
    info,
    masks,
    merge,
    split,
    subject,
    subsample,
)
from figureground.apps.cli.main import USAGE

Command = Callable[..., int]

VERBS: dict[str, Command] = {
    "info": info.info,
    "check": check.check,
    "convert": convert.convert,
    "filter": filter.filter,
    "balance": balance.balance,
    "merge": merge.merge,
    "split": split.split,
    "subsample": subsample.subsample,
    "subject": subject.subject,
    "masks": masks.masks,
    "frames": frames.frames,
    "empty": empty.empty,
    "autolabel": autolabel.autolabel,
    "compose": compose.compose,
}


def dataset_app(wrapped: Callable[[Command], Command]) -> typer.Typer:
    """The subcommand `dataset`, with each of its verbs `wrapped`."""
    app = typer.Typer(rich_markup_mode=None, invoke_without_command=True)
    app.callback()(dataset)
    for name, verb in VERBS.items():
        app.command(name)(wrapped(verb))
    return app


def dataset(context: typer.Context) -> None:
    """Look at annotated pictures, mend, choose, split and convert them; get frames to annotate."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(USAGE)
