"""The command `figureground`: its subcommands, and what becomes of errors and signals.

Exit codes: 0 all fine, 1 some inputs failed while others worked, 2 wrong usage or no input worked,
130 stopped by Ctrl-C or by a request to end.
"""

import signal
import sys
from typing import NoReturn

import typer

from figureground import __version__
from figureground.apps.cli import cut, demo, doctor, info
from figureground.apps.cli.show import Screen, put_json
from figureground.errors import FiguregroundError

USAGE, STOPPED = 2, 130

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
app.command(epilog=cut.EXAMPLES, short_help="Cut videos and photos: only the figures stay.")(cut.cut)
app.command()(info.info)
app.command(short_help="Make a scene, cut it, compare with the truth.")(demo.demo)
app.command(short_help="Show what belongs into a bug report.")(doctor.doctor)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"figureground {__version__}")
        raise typer.Exit


@app.callback()
def figureground(
    context: typer.Context,
    version: bool = typer.Option(
        False, "--version", help="Show the version and exit.", callback=_version, is_eager=True
    ),
) -> None:
    """Given a video, a folder of frames or a photo, return only the figures, without the ground behind them.

    Try it on a scene made on the spot: figureground demo
    """
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(USAGE)


def run(arguments: list[str] | None = None) -> NoReturn:
    """Run the command with `arguments` (sys.argv's without the program by default), and exit."""
    signal.signal(signal.SIGTERM, _end)
    sys.exit(main(sys.argv[1:] if arguments is None else arguments))


def main(arguments: list[str]) -> int:
    """Run the command; its exit code. No error leaves this function."""
    try:
        code = app(arguments, prog_name="figureground", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except (KeyboardInterrupt, typer.Abort):  # before the work; `cut` itself tells of one in its midst
        return _ended("interrupted", "stopped", STOPPED, arguments)
    except Exception as error:
        if hasattr(error, "format_message"):  # of typer: an option that does not exist, and the like
            error = FiguregroundError(
                f"{error.format_message()} (see: figureground {_command(arguments)}--help)"
            )
        return _ended("failed", Screen().error(error), USAGE, arguments)


def _ended(status: str, text: str, code: int, arguments: list[str]) -> int:
    """Keep the promise of one line of JSON, though no input was begun."""
    if "--json" in arguments:
        put_json({"figureground": __version__, "status": status, "inputs": [], "error": text})
    return code


def _command(arguments: list[str]) -> str:
    return next((f"{name} " for name in arguments[:1] if name in ("cut", "info", "demo", "doctor")), "")


def _end(number: int, frame: object) -> NoReturn:
    raise KeyboardInterrupt
