"""`figureground examples INPUT... -o OUT`: from videos, or tracks and their video, to behaviour examples."""

import contextlib
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from figureground.apps.cli import options
from figureground.apps.cli.main import USAGE
from figureground.apps.cli.show import Screen, masked, put_json

if TYPE_CHECKING:
    from figureground.apps.cli.segmenting import Settings
    from figureground.stages import Segmenter, Source, Tracker
    from figureground.writers.examples.settings import Settings as ExampleSettings

EXAMPLES = """\b
Examples:
  figureground examples arena.mp4 -o examples --count 4
  figureground examples arena.mp4 -o examples --body-parts 30 --every 5
  figureground examples arena.tracks.parquet -o examples --interactive advanced --social-distance 3
  figureground examples check examples
  figureground examples sort examples labels.csv -o sorted
"""

Inputs = Annotated[
    list[str], typer.Argument(metavar="INPUT", help="Videos, folders of frames, or files of tracks.")
]
Out = Annotated[str, typer.Option("-o", "--out", metavar="OUT", help="A folder; each input gets one in it.")]
Length = Annotated[int, typer.Option(metavar="N", help="Frames in each example; in LabGym the same.")]
Every = Annotated[
    int | None,
    typer.Option(metavar="K", help="One example of each figure every K frames; the length by default."),
]
Background = Annotated[
    str,
    typer.Option(metavar="WHAT", help="Around the figures in animations: black, white, or keep (the scene)."),
]
BodyParts = Annotated[
    int | None,
    typer.Option(
        metavar="S", help="Draw inner contours too; 0 to 255, with more only those that move. LabGym's STD."
    ),
]
Interactive = Annotated[
    str,
    typer.Option(
        metavar="MODE", help="basic: all figures in one example; advanced: each, and those near it."
    ),
]
SocialDistance = Annotated[
    int,
    typer.Option(
        metavar="K",
        help="With advanced: near is less than K sides of a figure (roots of its area); 0 is any distance.",
    ),
]


def make(
    inputs: Inputs,
    out: Out,
    length: Length = 15,
    every: Every = None,
    background: Background = "black",
    body_parts: BodyParts = None,
    interactive: Interactive = "",
    social_distance: SocialDistance = 0,
    video: options.Video = None,
    tracker: options.Tracker = None,
    count: options.Number = None,
    arenas: options.Arenas = None,
    segmenter: options.Segmenter = "auto",
    model: options.Model = None,
    min_area: options.MinArea = None,
    keep: options.Keep = None,
    score: options.Score = None,
    pick: options.Pick = None,
    engine: options.Engine = None,
    size: options.Size = None,
    start: options.Start = None,
    end: options.End = None,
    empty: options.Empty = None,
    rate: options.Rate = None,
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> int:
    """Make behaviour examples for LabGym: pairs of an animation and a pattern picture.

    Without --interactive each figure has its own; names and pictures follow LabGym 3.1.2.
    """
    from figureground.apps.cli.checks import check
    from figureground.apps.cli.cut import names
    from figureground.apps.cli.inputs import find
    from figureground.apps.cli.segmenting import Settings
    from figureground.writers.examples.settings import Settings as ExampleSettings

    began, screen = time.perf_counter(), Screen(quiet=quiet)
    wanted = ExampleSettings(
        *(length, _step(every), cast(Any, background), body_parts, cast(Any, interactive), social_distance)
    )
    settings = Settings(
        *(segmenter, min_area, names(keep), 0.0, start, end, empty, rate),
        *(model, score, pick, engine, size),
        *(True, tracker, count, arenas, video),
    )
    check(settings, "black")
    order = _Order(Path(out), wanted, settings, overwrite)
    found = [one.what for one in find(inputs, out)]
    _check_inputs(found, order)
    records = [_made_or_failed(what, order, screen) for what in found]
    failed = sum("error" in record for record in records)
    if as_json:
        from figureground import __version__

        seconds = round(time.perf_counter() - began, 3)
        status = "ok" if not failed else "failed" if failed == len(records) else "partly"
        put_json({"figureground": __version__, "status": status, "seconds": seconds, "inputs": records})
    return 0 if not failed else USAGE if failed == len(records) else 1


@dataclass(frozen=True, slots=True)
class _Order:
    """What is asked for, whatever the input."""

    out: Path
    examples: "ExampleSettings"
    settings: "Settings"
    overwrite: bool


def _step(every: int | None) -> int:
    """What `--every` means; 0 stands for the length.

    Raises:
        OptionError: it is less than 1.
    """
    from figureground.errors import OptionError

    if every is not None and every < 1:
        raise OptionError(f"--every {every}: must be 1 frame or more")
    return every or 0


def _check_inputs(found: list[str], order: _Order) -> None:
    """Refuse what makes no sense for these inputs.

    Raises:
        OptionError: one is a camera or a stream, or an option does not go with them.
    """
    from figureground.apps.cli.inputs import is_address
    from figureground.apps.cli.replaying import check_tracks, is_tracks
    from figureground.errors import OptionError

    for what in filter(is_address, found):
        raise OptionError(f"{masked(what)}: is a camera or a stream; record it, and give the file")
    check_tracks(found, order.settings)
    given = [name for name in ("min_area", "keep") if getattr(order.settings, name) is not None]
    if given and any(is_tracks(what) for what in found):
        raise OptionError(
            f"--{given[0].replace('_', '-')} goes with videos; tracks hold their figures already"
        )


def _made_or_failed(what: str, order: _Order, screen: Screen) -> dict[str, Any]:
    """What is to be told of one input; an error is shown, and does not stop the others."""
    from figureground.errors import FiguregroundWarning

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", FiguregroundWarning)
        try:
            record = _make(what, order, screen)
        except Exception as error:
            record = {"input": masked(what), "error": screen.error(error, what)}
    said = [str(one.message) for one in caught if issubclass(one.category, FiguregroundWarning)]
    for text in dict.fromkeys([*said, *record.get("notes", ())]):
        screen.warn(text)
    return record


def _make(what: str, order: _Order, screen: Screen) -> dict[str, Any]:
    """Make the examples of one input."""
    from figureground.pipeline import process
    from figureground.writers.examples.names import video_name
    from figureground.writers.examples.writer import ExamplesWriter

    with contextlib.ExitStack() as files:
        source, segmenter, tracker = _opened(what, order, screen, files)
        place = order.out / video_name(source.info)[1]
        writer = ExamplesWriter(
            place,
            source.info,
            order.examples,
            classes=segmenter.classes,
            overwrite=order.overwrite,
            made_by=Path(masked(what)).name,
        )
        with screen.progress(Path(masked(what)).name, source.info.count, "getting ready") as progress:
            summary = process(source, segmenter, [writer], tracker=tracker, progress=progress)
    for text in summary.problems:
        screen.say(f"{masked(what)}: {text}")
    screen.say(f"{masked(what)} -> {place}")
    screen.say(f"  {summary.frames} frames, {writer.count} examples, {summary.seconds:.1f} s")
    return {
        "input": masked(what),
        "output": str(place),
        "frames": summary.frames,
        "examples": writer.count,
        "notes": [*writer.notes, *getattr(segmenter, "notes", ())],
        "seconds": round(summary.seconds, 3),
    }


def _opened(
    what: str, order: _Order, screen: Screen, files: contextlib.ExitStack
) -> "tuple[Source, Segmenter, Tracker | None]":
    """Where the frames come from, what finds the figures in them, and what follows these if it has to."""
    from figureground.apps.cli.replaying import is_tracks, open_replay
    from figureground.sources import open_source

    settings = order.settings
    if is_tracks(what):
        replay = open_replay(what, files)
        source = open_source(replay.find_video(settings.video), start=settings.start, end=settings.end)
        return source, replay, None
    from figureground.apps.cli.following import ready_tracker
    from figureground.apps.cli.segmenting import choose_segmenter, ready_segmenter

    tracker = ready_tracker(settings)
    source = open_source(what, start=settings.start, end=settings.end, rate=settings.rate)
    whole = open_source(what, rate=settings.rate)
    name = choose_segmenter(whole, settings)
    screen.say(f"{masked(what)}: looking at the scene with {name}")
    return source, ready_segmenter(name, whole, settings), tracker
