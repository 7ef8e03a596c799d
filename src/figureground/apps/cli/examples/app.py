"""The verbs of `figureground examples`, as typer takes them: without a verb, examples are made."""

from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperGroup

from figureground.apps.cli.examples import check, make, sort
from figureground.apps.cli.main import USAGE

Command = Callable[..., int]

_MAKE = "make"


class _MakingGroup(TyperGroup):
    """A group whose first argument may also be an input: then it is the verb `make` that gets it."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in (*self.commands, *ctx.help_option_names):
            args = [_MAKE, *args]
        return super().parse_args(ctx, args)

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        formatter.write_usage(
            ctx.command_path, "INPUT... -o OUT | check FOLDER | sort FOLDER LABELS.csv -o OUT"
        )


def examples_app(wrapped: Callable[[Command], Command]) -> typer.Typer:
    """The subcommand `examples`, with each of its verbs `wrapped`."""
    app = typer.Typer(cls=_MakingGroup, rich_markup_mode=None, invoke_without_command=True)
    app.callback(epilog=make.EXAMPLES)(examples)
    app.command(_MAKE, short_help="Make them; the word make may be left out.")(wrapped(make.make))
    app.command("check", short_help="Tell what LabGym would stumble over.")(wrapped(check.check))
    app.command("sort", short_help="Copy them into behaviour folders, by a list.")(wrapped(sort.sort))
    return app


def examples(context: typer.Context) -> None:
    """Make behaviour examples for LabGym, check them, sort them.

    All options for making them: figureground examples make --help
    """
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(USAGE)
