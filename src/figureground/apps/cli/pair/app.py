"""The verbs of `figureground pair`, as typer takes them."""

from collections.abc import Callable

import typer

from figureground.apps.cli.main import USAGE
from figureground.apps.cli.pair import evaluate, train

Command = Callable[..., int]


def pair_app(wrapped: Callable[[Command], Command]) -> typer.Typer:
    """The subcommand `pair`, with each of its verbs `wrapped`."""
    app = typer.Typer(rich_markup_mode=None, invoke_without_command=True)
    app.callback()(pair)
    app.command("train", epilog=train.EXAMPLES)(wrapped(train.train))
    app.command("evaluate", epilog=evaluate.EXAMPLES)(wrapped(evaluate.evaluate))
    return app


def pair(context: typer.Context) -> None:
    """The network that compares a frame with the empty scene: train it, and tell how good it is."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(USAGE)
