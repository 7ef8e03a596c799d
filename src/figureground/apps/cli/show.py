"""What a run says: messages and a progress bar on stderr, one line of JSON on stdout."""

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any

from figureground.errors import FiguregroundError

Progress = Callable[[int], None]
"""Called with the number of frames that are done."""


class Screen:
    """Where messages go; errors are shown even when `quiet`."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.quiet = quiet

    def say(self, text: str) -> None:
        """A line for people."""
        if not self.quiet:
            print(text, file=sys.stderr)

    def warn(self, text: str) -> None:
        """A line on what may be wrong with the result."""
        self.say(f"figureground: warning: {text}")

    def error(self, error: BaseException | str) -> str:
        """Show why something failed, in one line; the line without the program's name."""
        text = error if isinstance(error, str) else plain(error)
        print(f"figureground: {text}", file=sys.stderr)
        if isinstance(error, BaseException) and os.environ.get("FIGUREGROUND_TRACEBACK"):
            import traceback

            traceback.print_exception(error)
        return text

    @contextlib.contextmanager
    def progress(self, name: str, total: int | None) -> Iterator[Progress]:
        """A bar with frames, rate and time left while the block runs; nothing where no one looks."""
        if self.quiet or not sys.stderr.isatty():
            yield lambda done: None
            return
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        columns = [
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.completed:.0f}/{task.fields[frames]} frames  {task.fields[rate]}", markup=False),
            TimeRemainingColumn(),
        ]
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(name, total=total, frames=total or "?", rate="")

            def show(done: int) -> None:
                speed = bar.tasks[0].speed
                bar.update(task, completed=done, rate=f"{speed:.1f} a second" if speed else "")

            yield show


def plain(error: BaseException) -> str:
    """An error in one line; one that figureground does not know comes with what to do about it."""
    text = " ".join(str(error).split())
    if isinstance(error, FiguregroundError):
        return text
    return (
        f"unexpected {type(error).__name__}: {text}; please report it with the output of 'figureground doctor' "
        "(FIGUREGROUND_TRACEBACK=1 shows where it happened)"
    )


def put(text: str) -> None:
    """A line of the result on stdout, readable also where the terminal lacks a letter."""
    encoding = sys.stdout.encoding or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding))


def put_json(record: dict[str, Any]) -> None:
    """`record` as one line of JSON on stdout, in ASCII."""
    print(json.dumps(record, default=float))
