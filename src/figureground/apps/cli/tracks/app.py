"""The verbs of `figureground tracks`, as typer takes them."""

from collections.abc import Callable

import typer

from figureground.apps.cli.main import USAGE
from figureground.apps.cli.tracks import check, convert, correct, info, score, trails

Command = Callable[..., int]


def tracks_app(wrapped: Callable[[Command], Command]) -> typer.Typer:
    """The subcommand `tracks`, with each of its verbs `wrapped`."""
    app = typer.Typer(rich_markup_mode=None, invoke_without_command=True)
    app.callback()(tracks)
    app.command("info", epilog=info.EXAMPLES)(wrapped(info.info))
    app.command("trails", epilog=trails.EXAMPLES)(wrapped(trails.trails))
    app.command("convert", epilog=convert.EXAMPLES)(wrapped(convert.convert))
    app.command("check", epilog=check.EXAMPLES)(wrapped(check.check))
    app.command("correct", epilog=correct.EXAMPLES)(wrapped(correct.correct))
    app.command("score", epilog=score.EXAMPLES)(wrapped(score.score))
    return app


def tracks(context: typer.Context) -> None:
    """Who is who through a whole video: look at tracks files, convert, check, correct and score them."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(USAGE)
