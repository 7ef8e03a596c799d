"""What a run says: messages and a progress bar on stderr, one line of JSON on stdout."""

import contextlib
import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import typer

from figureground.errors import FiguregroundError, OutputError

Progress = Callable[[int], None]
"""Called with the number of frames that are done."""


class Screen:
    """Where messages go; errors are shown even when `quiet`.

    Attributes:
        warned: the warnings so far, shown or not.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self.quiet = quiet
        self.warned: list[str] = []

    def say(self, text: str) -> None:
        """A line for people."""
        if not self.quiet:
            typer.echo(masked(text), err=True)

    def warn(self, text: str) -> None:
        """A line on what may be wrong with the result."""
        self.warned.append(text)
        self.say(f"figureground: warning: {text}")

    def error(self, error: Exception, what: str = "") -> str:
        """Show in one line why something failed, such as the input `what`; that line, unprefixed."""
        text = plain(error, what)
        typer.echo(f"figureground: {text}", err=True)
        if os.environ.get("FIGUREGROUND_TRACEBACK"):
            import traceback

            traceback.print_exception(error)
        return text

    @contextlib.contextmanager
    def progress(
        self, name: str, total: int | None, waiting: str, unit: str = "frames"
    ) -> Iterator[Progress]:
        """A bar with what is done, rate and time left while the block runs; nothing where no one looks.

        Until the first frame (or what `unit` says) is done, `waiting` tells what is going on.
        """
        if self.quiet or not sys.stderr.isatty():
            yield lambda done: None
            return
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        columns = [
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn(
                f"{{task.completed:.0f}}/{{task.fields[frames]}} {unit}  {{task.fields[rate]}}", markup=False
            ),
            TimeRemainingColumn(),
        ]
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(f"{name}: {waiting}", total=None, frames=total or "?", rate="")
            shown = 0.0

            def show(done: int) -> None:
                nonlocal shown
                if time.monotonic() - shown < 0.1:  # each update costs as much as a small frame
                    return
                if not shown:
                    bar.reset(task, total=total, description=name)
                shown, speed = time.monotonic(), bar.tasks[0].speed
                bar.update(task, completed=done, rate=f"{speed:.1f} a second" if speed else "")

            yield show


def plain(error: Exception, what: str = "") -> str:
    """An error in one line that names a file; one that is not foreseen comes with what to do about it."""
    text = " ".join(masked(str(error)).split())
    what = masked(what)
    if isinstance(error, OSError) and not isinstance(error, FiguregroundError) and error.filename:
        text = f"{error.filename}: {error.strerror}"
    elif not isinstance(error, FiguregroundError):
        text = (
            f"unexpected {type(error).__name__}: {text}; please report it with the output of "
            "'figureground doctor' (FIGUREGROUND_TRACEBACK=1 shows where it happened)"
        )
    named = not what or isinstance(error, OutputError) or Path(what).name in text
    return text if named else f"{what}: {text}"


def masked(text: str) -> str:
    """`text` without the names and passwords of addresses.

    Example:
        >>> masked("rtsp://me:secret@10.0.0.7/stream: cannot be opened")
        'rtsp://***@10.0.0.7/stream: cannot be opened'
    """
    return re.sub(r"(\w://)[^/\s]*@", r"\1***@", text)


def put(text: str) -> None:
    """A line of the result on stdout, readable also where the terminal lacks a letter."""
    encoding = sys.stdout.encoding or "utf-8"
    typer.echo(text.encode(encoding, "backslashreplace").decode(encoding))


def put_json(record: dict[str, Any]) -> None:
    """`record` as one line of JSON on stdout, in ASCII."""
    typer.echo(json.dumps(record, default=float))
