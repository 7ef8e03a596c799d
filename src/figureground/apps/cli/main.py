"""The command `figureground`: its subcommands, and what becomes of errors and signals.

Exit codes: 0 all fine, 1 some inputs failed while others worked, 2 wrong usage or no input worked,
130 stopped by Ctrl-C or by a request to end.
"""

import signal
import sys
from typing import NoReturn

USAGE, STOPPED = 2, 130


class StoppedError(Exception):
    """Ctrl-C, or a request to end, before or after the work on an input."""


def run(arguments: list[str] | None = None) -> NoReturn:
    """Run the command with `arguments` (sys.argv's without the program by default), and exit."""
    signal.signal(signal.SIGTERM, _end)
    sys.exit(main(sys.argv[1:] if arguments is None else arguments))


def main(arguments: list[str]) -> int:
    """Run the command; its exit code. No error leaves this function."""
    try:
        from figureground.apps.cli.app import app

        code = app(arguments, prog_name="figureground", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except (KeyboardInterrupt, StoppedError):  # `cut` itself tells of one in the midst of its work
        return _ended("interrupted", "stopped", STOPPED, arguments)
    except Exception as error:
        return _ended("failed", _told(error, arguments), USAGE, arguments)


def _told(error: Exception, arguments: list[str]) -> str:
    """Show what went wrong; the line that was shown."""
    from figureground.apps.cli.show import Screen
    from figureground.errors import FiguregroundError

    if hasattr(error, "format_message"):  # of typer: an option that does not exist, and the like
        error = FiguregroundError(f"{error.format_message()} (see: figureground {_command(arguments)}--help)")
    return Screen().error(error)


def _ended(status: str, text: str, code: int, arguments: list[str]) -> int:
    """Keep the promise of one line of JSON, though no input was begun."""
    if "--json" in arguments:
        from figureground import __version__
        from figureground.apps.cli.show import put_json

        put_json({"figureground": __version__, "status": status, "inputs": [], "error": text})
    return code


def _command(arguments: list[str]) -> str:
    """The subcommand that was asked for, as far as there is one."""
    if arguments[:1] in (["dataset"], ["models"], ["tracks"], ["zones"]):
        return " ".join(one for one in arguments[:2] if not one.startswith("-")) + " "
    alone = "cut", "track", "info", "demo", "doctor", "train", "evaluate", "export", "examples", "watch"
    return next((f"{name} " for name in arguments[:1] if name in alone), "")


def _end(number: int, frame: object) -> NoReturn:
    raise KeyboardInterrupt
