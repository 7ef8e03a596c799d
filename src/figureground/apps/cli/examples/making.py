"""One input of `figureground examples`, from opening it to its finished folder."""

import contextlib
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from figureground.apps.cli.following import ready_tracker
from figureground.apps.cli.main import STOPPED, USAGE
from figureground.apps.cli.plan import Job, Output
from figureground.apps.cli.replaying import is_tracks, open_replay
from figureground.apps.cli.resume import (
    can_resume,
    drop_records,
    is_proven,
    keep_record,
    proof_of,
    record_of,
)
from figureground.apps.cli.segmenting import Settings, choose_segmenter, ready_segmenter
from figureground.apps.cli.show import Screen, masked
from figureground.errors import FiguregroundWarning, OptionError
from figureground.folders import check_folder
from figureground.pipeline import Summary, process
from figureground.sources import open_source
from figureground.stages import Segmenter, Source, Tracker
from figureground.writers.examples.names import video_name
from figureground.writers.examples.settings import Settings as ExampleSettings
from figureground.writers.examples.writer import ExamplesWriter

if TYPE_CHECKING:
    from figureground.segmenters.replay import Replay


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for, whatever the input."""

    out: Path
    examples: ExampleSettings
    settings: Settings
    resume: bool
    overwrite: bool


def make_all(inputs: Sequence[str], order: Order, screen: Screen) -> list[dict[str, Any]]:
    """Make the examples of one input after the other: what is to be told of each.

    One that fails does not stop the rest, Ctrl-C does.
    """
    records: list[dict[str, Any]] = []
    taken: set[str] = set()
    for what in inputs:
        if records and records[-1]["status"] in ("interrupted", "not started"):
            records.append({"input": masked(what), "status": "not started"})
        else:
            records.append(_made_or_failed(what, order, taken, screen))
    return records


def outcome(records: Sequence[dict[str, Any]]) -> tuple[str, int]:
    """The run's status in one word, and its exit code."""
    statuses = {record["status"] for record in records}
    if "interrupted" in statuses:
        return "interrupted", STOPPED
    if "failed" not in statuses:
        return "ok", 0
    return ("failed", USAGE) if statuses == {"failed"} else ("partly", 1)


def _made_or_failed(what: str, order: Order, taken: set[str], screen: Screen) -> dict[str, Any]:
    """What is to be told of one input; an error is shown, and does not stop the others."""
    record: dict[str, Any] = {"input": masked(what), "status": "failed"}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", FiguregroundWarning)
        try:
            record |= _make(what, order, taken, screen)
        except KeyboardInterrupt:
            record["status"] = "interrupted"
            screen.say(f"{masked(what)}: stopped; the same command with --resume goes on from here")
        except Exception as error:
            record["error"] = screen.error(error, what)
    said = [str(one.message) for one in caught if issubclass(one.category, FiguregroundWarning)]
    for text in dict.fromkeys([*said, *record.get("notes", ())]):
        screen.warn(text)
    return record


def _make(what: str, order: Order, taken: set[str], screen: Screen) -> dict[str, Any]:
    """Make the examples of one input, or what an interrupted run has left of them to do.

    Raises:
        OptionError: they would go to one of the folders in `taken`, of inputs before this; it is added there.
    """
    with contextlib.ExitStack() as files:
        read = _open(what, order.settings, files)
        output = Output(order.out / video_name(read.source.info)[1], "examples", folder=True)
        if str(output.path).casefold() in taken:
            raise OptionError(
                f"{masked(what)}: another input has the same name; LabGym needs one for each video"
            )
        taken.add(str(output.path).casefold())
        record = record_of(Job(what, (output,)), _shaping(order))
        if order.resume and not order.overwrite and is_proven(output, record):
            screen.say(f"{masked(what)}: done by an earlier run: {output.path}")
            return {"output": str(output.path), "status": "skipped"}
        check_folder(output.path, overwrite=order.overwrite)
        resume = order.resume and can_resume([output], record)
        segmenter, tracker = _ready(what, read, order.settings, screen)
        writer = ExamplesWriter(
            output.path,
            read.source.info,
            order.examples,
            classes=segmenter.classes,
            resume=resume,
            overwrite=order.overwrite,
            made_by=Path(masked(what)).name,
            proof=proof_of(output, record),
        )
        name = Path(masked(what)).name
        with screen.progress(name, read.source.info.count, "getting ready") as progress:
            try:
                keep_record([output], record)
                summary = process(read.source, segmenter, [writer], tracker=tracker, progress=progress)
            finally:
                drop_records([output])
    return _told(what, summary, writer, segmenter, screen)


def _shaping(order: Order) -> dict[str, Any]:
    """The options that shape the examples, by name."""
    return asdict(order.settings) | asdict(order.examples) | {"every": order.examples.step}


@dataclass(frozen=True, slots=True)
class _Read:
    """The part that is asked for, all of the input, and its tracks if these are given."""

    source: Source
    whole: Source
    replay: "Replay | None"


def _open(what: str, settings: Settings, files: contextlib.ExitStack) -> _Read:
    if is_tracks(what):
        replay = open_replay(what, files)
        source = open_source(replay.find_video(settings.video), start=settings.start, end=settings.end)
        return _Read(source, source, replay)
    source = open_source(what, start=settings.start, end=settings.end, rate=settings.rate)
    return _Read(source, open_source(what, rate=settings.rate), None)


def _ready(what: str, read: _Read, settings: Settings, screen: Screen) -> tuple[Segmenter, Tracker | None]:
    """What finds the figures, and what follows these if it has to."""
    if read.replay is not None:
        return read.replay, None
    tracker = ready_tracker(settings)
    name = choose_segmenter(read.whole, settings)
    screen.say(f"{masked(what)}: looking at the scene with {name}")
    return ready_segmenter(name, read.whole, settings), tracker


def _told(
    what: str, summary: Summary, writer: ExamplesWriter, segmenter: Segmenter, screen: Screen
) -> dict[str, Any]:
    for text in summary.problems:
        screen.say(f"{masked(what)}: {text}")
    resumed = f" ({summary.resumed} of them by an earlier run)" if summary.resumed else ""
    screen.say(f"{masked(what)} -> {writer.path}")
    screen.say(f"  {summary.frames} frames{resumed}, {writer.count} examples, {summary.seconds:.1f} s")
    return {
        "output": str(writer.path),
        "status": "ok",
        "frames": summary.frames,
        "resumed": summary.resumed,
        "examples": writer.count,
        "notes": [*writer.notes, *getattr(segmenter, "notes", ())],
        "seconds": round(summary.seconds, 3),
    }
