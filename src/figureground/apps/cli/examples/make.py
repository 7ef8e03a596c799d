"""`figureground examples INPUT... -o OUT`: from videos, or tracks and their video, to behaviour examples."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from figureground.apps.cli import options
from figureground.apps.cli.show import Screen, masked, put_json

if TYPE_CHECKING:
    from figureground.apps.cli.segmenting import Settings

EXAMPLES = """\b
Examples:
  figureground examples arena.mp4 -o examples --count 4
  figureground examples arena.mp4 -o examples --body-parts 30 --every 5
  figureground examples arena.tracks.parquet -o examples --interactive advanced --social-distance 3
  figureground examples arena.mp4 -o examples --count 4 --resume
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
    resume: options.Resume = False,
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> int:
    """Make behaviour examples for LabGym: pairs of an animation and a pattern picture.

    Without --interactive each figure has its own; names and pictures follow LabGym 3.1.2.
    """
    from figureground.apps.cli.checks import check
    from figureground.apps.cli.cut import names
    from figureground.apps.cli.examples.making import Order, make_all, outcome
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
    order = Order(Path(out), wanted, settings, resume, overwrite)
    found = [one.what for one in find(inputs, out)]
    _check_inputs(found, settings)
    records = make_all(found, order, screen)
    status, code = outcome(records)
    if as_json:
        from figureground import __version__

        seconds = round(time.perf_counter() - began, 3)
        put_json({"figureground": __version__, "status": status, "seconds": seconds, "inputs": records})
    return code


def _step(every: int | None) -> int:
    """What `--every` means; 0 stands for the length.

    Raises:
        OptionError: it is less than 1.
    """
    from figureground.errors import OptionError

    if every is not None and every < 1:
        raise OptionError(f"--every {every}: must be 1 frame or more")
    return every or 0


def _check_inputs(found: list[str], settings: "Settings") -> None:
    """Refuse what makes no sense for these inputs.

    Raises:
        OptionError: one is a camera or a stream, or an option does not go with them.
    """
    from figureground.apps.cli.inputs import is_address
    from figureground.apps.cli.replaying import check_tracks, is_tracks
    from figureground.errors import OptionError

    for what in filter(is_address, found):
        raise OptionError(f"{masked(what)}: is a camera or a stream; record it, and give the file")
    check_tracks(found, settings)
    given = [name for name in ("min_area", "keep") if getattr(settings, name) is not None]
    if given and any(is_tracks(what) for what in found):
        raise OptionError(
            f"--{given[0].replace('_', '-')} goes with videos; tracks hold their figures already"
        )
