"""`figureground examples INPUT... -o OUT`: from videos, or tracks and their video, to behaviour examples."""

import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from figureground.apps.cli import options
from figureground.apps.cli.main import USAGE
from figureground.apps.cli.show import Screen, masked, put_json

if TYPE_CHECKING:
    from figureground.apps.cli.segmenting import Settings
    from figureground.segmenters.replay import Replay
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
Video = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="The video of a file of tracks; else the one that is named in it."),
]
TrackerName = Annotated[str, typer.Option(metavar="NAME", help="What follows the figures of a video.")]
Number = Annotated[
    int | None, typer.Option("--count", metavar="N", help="There are N figures, no more and no less.")
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
    video: Video = None,
    tracker: TrackerName = "motion",
    count: Number = None,
    segmenter: options.Segmenter = "auto",
    model: options.Model = None,
    min_area: options.MinArea = None,
    keep: options.Keep = None,
    score: options.Score = None,
    pick: options.Pick = None,
    engine: options.Engine = None,
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
    from figureground.apps.cli.inputs import find
    from figureground.apps.cli.segmenting import Settings
    from figureground.writers.examples.settings import Settings as ExampleSettings

    began, screen = time.perf_counter(), Screen(quiet=quiet)
    wanted = ExampleSettings(
        *(length, _step(every), cast(Any, background), body_parts, cast(Any, interactive), social_distance)
    )
    names = None if not keep else tuple(one.strip() for one in keep.split(",") if one.strip())
    settings = Settings(
        *(segmenter, min_area, names, 0.0, start, end, empty, rate, model, score, pick, engine)
    )
    check(settings, "black")
    follow = {"tracker": tracker, **({} if count is None else {"count": count})}
    records = []
    for one in find(inputs, out):
        try:
            records.append(_make(one.what, out, wanted, settings, follow, video, screen, overwrite=overwrite))
        except Exception as error:
            records.append({"input": masked(one.what), "error": screen.error(error, one.what)})
    failed = sum("error" in record for record in records)
    if as_json:
        from figureground import __version__

        seconds = round(time.perf_counter() - began, 3)
        status = "ok" if not failed else "failed" if failed == len(records) else "partly"
        put_json({"figureground": __version__, "status": status, "seconds": seconds, "inputs": records})
    return 0 if not failed else USAGE if failed == len(records) else 1


def _step(every: int | None) -> int:
    """What `--every` means; 0 stands for the length.

    Raises:
        OptionError: it is less than 1.
    """
    from figureground.errors import OptionError

    if every is not None and every < 1:
        raise OptionError(f"--every {every}: must be 1 frame or more")
    return every or 0


def _make(
    what: str,
    out: str,
    wanted: "ExampleSettings",
    settings: "Settings",
    follow: dict[str, Any],
    video: str | None,
    screen: Screen,
    *,
    overwrite: bool,
) -> dict[str, Any]:
    """The examples of one input; what is to be told of them."""
    from figureground.errors import FiguregroundWarning
    from figureground.pipeline import process
    from figureground.writers.examples.names import video_name
    from figureground.writers.examples.writer import ExamplesWriter

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", FiguregroundWarning)
        source, segmenter, tracker = _opened(what, settings, follow, video, screen)
        place = Path(out) / video_name(source.info)[1]
        writer = ExamplesWriter(
            place,
            source.info,
            wanted,
            classes=segmenter.classes,
            overwrite=overwrite,
            made_by=Path(what).name,
        )
        with screen.progress(Path(masked(what)).name, source.info.count, "getting ready") as progress:
            summary = process(source, segmenter, [writer], tracker=tracker, progress=progress)
    told = [str(one.message) for one in caught if issubclass(one.category, FiguregroundWarning)]
    for text in dict.fromkeys([*told, *writer.notes, *getattr(segmenter, "notes", ())]):
        screen.warn(text)
    for text in summary.problems:
        screen.say(f"{masked(what)}: {text}")
    screen.say(f"{masked(what)} -> {place}")
    screen.say(f"  {summary.frames} frames, {writer.count} examples, {summary.seconds:.1f} s")
    return {
        "input": masked(what),
        "output": str(place),
        "frames": summary.frames,
        "examples": writer.count,
        "notes": writer.notes,
        "seconds": round(summary.seconds, 3),
    }


def _opened(
    what: str, settings: "Settings", follow: dict[str, Any], video: str | None, screen: Screen
) -> "tuple[Source, Segmenter, Tracker | None]":
    """Where the frames come from, what finds the figures in them, and what follows these if it has to."""
    from figureground.sources import open_source

    if what.lower().endswith(".parquet"):
        replay = _replay(what)
        source = open_source(replay.find_video(video), start=settings.start, end=settings.end)
        return source, replay, None
    from figureground.apps.cli.segmenting import choose_segmenter, ready_segmenter
    from figureground.trackers import load_tracker

    options = {**follow}
    tracker = load_tracker(options.pop("tracker"), **options)
    source = open_source(what, start=settings.start, end=settings.end, rate=settings.rate)
    whole = open_source(what, rate=settings.rate)
    name = choose_segmenter(whole, settings)
    screen.say(f"{masked(what)}: looking at the scene with {name}")
    return source, ready_segmenter(name, whole, settings), tracker


def _replay(what: str) -> "Replay":
    from figureground.segmenters.replay import Replay
    from figureground.tracks.file import open_tracks

    return Replay(open_tracks(what))
