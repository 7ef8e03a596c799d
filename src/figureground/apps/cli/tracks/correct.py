"""`figureground tracks correct`: say who is who, and take it back."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from figureground.apps.cli import options
from figureground.apps.cli.show import Screen, put, put_json
from figureground.errors import InputError, OptionError

if TYPE_CHECKING:
    from figureground.review.corrections import Correction
    from figureground.review.log import CorrectionLog

EXAMPLES = """\b
Examples:
  figureground tracks correct flies.tracks.parquet swap 3 7 --from 512
  figureground tracks correct flies.tracks.parquet merge 3 9
  figureground tracks correct flies.tracks.parquet split 3 --from 900
  figureground tracks correct flies.tracks.parquet delete 4 --from 100 --to 200
  figureground tracks correct flies.tracks.parquet rename 9 2
  figureground tracks correct flies.tracks.parquet undo
  figureground tracks correct flies.tracks.parquet log
"""
_WANTED = {
    "swap": "two ids, and --from FRAME: from there on each is called as the other",
    "merge": "two ids: the second is called as the first",
    "split": "an id, and --from FRAME: from there on it gets a new id, or the one that is given as second",
    "delete": "an id; only some of its frames with --from FRAME and --to FRAME",
    "rename": "an id, and its new one",
    "undo": "nothing more: the last correction is taken back",
    "log": "nothing more: all corrections are listed",
}

File = Annotated[str, typer.Argument(metavar="FILE", help="A tracks file; it stays as it is.")]
What = Annotated[str, typer.Argument(metavar="WHAT", help=f"{', '.join(_WANTED)}.")]
Ids = Annotated[list[int] | None, typer.Argument(metavar="[ID]...", help="Who is meant.")]
From = Annotated[
    int | None,
    typer.Option("--from", metavar="FRAME", min=0, help="From this frame on; frames count from 0."),
]
To = Annotated[
    int | None,
    typer.Option("--to", metavar="FRAME", min=0, help="With delete: up to this frame, not included."),
]


def correct(
    file: File,
    what: What,
    ids: Ids = None,
    start: From = None,
    stop: To = None,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> int:
    """Correct who is who. The tracks file stays as it is; what you say is kept beside it and can be undone.

    Whatever reads the file then reads it corrected: tracks check, convert, score and all else.
    """
    _check_arguments(what, ids or [], start, stop)
    if not Path(file).is_file():
        raise InputError(f"{file}: no such file; give a tracks file (NAME.tracks.parquet)")
    from figureground.review.log import CorrectionLog

    screen, log = Screen(quiet=quiet), CorrectionLog(file)
    record: dict[str, Any] = {"tracks": file, "corrections": str(log.beside)}
    if what == "log":
        lines = _log_lines(log)
        if as_json:
            put_json({**record, "log": lines})
        else:
            for line in lines:
                put(f"{line['line']:>5}  {line['at']}  {'' if line['counts'] else '(undone) '}{line['text']}")
            screen.say(f"{_counting(log)}; {log.beside}")
        return 0
    text, changed = (
        _undone(log) if what == "undo" else _made(log, _correction(log, what, ids or [], start, stop))
    )
    if as_json:
        put_json({**record, "did": text, "figures": changed, "left": len(log.corrections)})
    screen.say(f"{text}: {changed} figures change; {_counting(log)} -> {log.beside}")
    return 0


def _counting(log: "CorrectionLog") -> str:
    count = len(log.corrections)
    return "1 correction counts" if count == 1 else f"{count} corrections count"


def _check_arguments(what: str, ids: list[int], start: int | None, stop: int | None) -> None:
    if what not in _WANTED:
        raise OptionError(f"{what}: what to do is one of: {', '.join(_WANTED)}")
    counts = {"swap": (2, 2), "merge": (2, 2), "split": (1, 2), "delete": (1, 1), "rename": (2, 2)}
    least, most = counts.get(what, (0, 0))
    needs = (start is not None) if what in ("swap", "split") else (start is None or what == "delete")
    if not (least <= len(ids) <= most and needs and (stop is None or what == "delete")):
        raise OptionError(f"{what} takes {_WANTED[what]}")
    if any(one < 0 for one in ids):
        raise OptionError(f"ids are 0 or more, got {min(ids)}")


def _correction(
    log: "CorrectionLog", what: str, ids: list[int], start: int | None, stop: int | None
) -> "Correction":
    from figureground.review.corrections import Delete, Merge, Rename, Split, Swap

    frame = start or 0
    match what:
        case "swap":
            return Swap(ids[0], ids[1], frame)
        case "merge":
            return Merge(ids[0], ids[1])
        case "split":
            return Split(ids[0], frame, ids[1] if len(ids) > 1 else log.new_id)
        case "delete":
            return Delete(ids[0], start, stop)
        case _:
            return Rename(ids[0], ids[1])


def _made(log: "CorrectionLog", correction: "Correction") -> tuple[str, int]:
    from figureground.review.corrections import correction_to_text

    return correction_to_text(correction), log.add(correction)


def _undone(log: "CorrectionLog") -> tuple[str, int]:
    from figureground.review.corrections import correction_to_text

    undone, changed = log.undo()
    return f"undone: {correction_to_text(undone)}", changed


def _log_lines(log: "CorrectionLog") -> list[dict[str, Any]]:
    """The lines of the log but the first, for people and for --json."""
    from figureground.review.corrections import correction_to_text
    from figureground.review.entries import Undo

    counting = set(log.counting)
    lines = []
    for place, entry in enumerate(log.entries):
        undo = isinstance(entry.step, Undo)
        text = "undo" if isinstance(entry.step, Undo) else correction_to_text(entry.step)
        lines.append({"line": place + 2, "at": entry.at, "text": text, "counts": undo or place in counting})
    return lines
