"""The verbs of `figureground zones`, as typer takes them."""

from collections.abc import Callable

import typer

from figureground.apps.cli.main import USAGE
from figureground.apps.cli.zones import grid, make, show

Command = Callable[..., int]


def zones_app(wrapped: Callable[[Command], Command]) -> typer.Typer:
    """The subcommand `zones`, with each of its verbs `wrapped`."""
    app = typer.Typer(rich_markup_mode=None, invoke_without_command=True)
    app.callback()(zones)
    app.command("grid", epilog=grid.EXAMPLES)(wrapped(grid.grid))
    app.command("make", epilog=make.EXAMPLES)(wrapped(make.make))
    app.command("show", epilog=show.EXAMPLES)(wrapped(show.show))
    return app


def zones(context: typer.Context) -> None:
    """Say which places on the picture are watched: read them off a grid, make the file, look at it."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(USAGE)
