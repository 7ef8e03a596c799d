"""`figureground watch`: what happens in zones of a video, a camera or a stream."""

from typing import Annotated

import typer

from figureground.apps.cli import options
from figureground.apps.cli.show import Screen

EXAMPLES = """\b
Examples:
  figureground watch room.mp4
  figureground watch room.mp4 --zone zones.json -o found --pictures
  figureground watch 0 --zone zones.json --events events.csv
  figureground watch rtsp://camera/stream --zone zones.json -o found --append --webhook http://localhost:8123/x

How to make zones.json: figureground zones --help
"""

Input = Annotated[str, typer.Argument(metavar="INPUT", help="A video, a camera number or a stream address.")]
ZoneFile = Annotated[
    str | None, typer.Option(metavar="FILE", help="The zones; without it the whole picture is one.")
]
Folder = Annotated[
    str | None,
    typer.Option("-o", "--out", metavar="FOLDER", help="Here go events.jsonl, events.csv and pictures."),
]
Events = Annotated[
    str | None,
    typer.Option(
        metavar="FILE", help="One more file of events, .jsonl or .csv; - puts lines of JSON on stdout."
    ),
]
Web = Annotated[str | None, typer.Option(metavar="URL", help="Call this web address with each event (POST).")]
Pictures = Annotated[bool, typer.Option("--pictures", help="With -o: a picture of the moment of each event.")]
Near = Annotated[
    float | None, typer.Option(metavar="D", help="Figures nearer than this do not count, in any zone.")
]
Far = Annotated[
    float | None, typer.Option(metavar="D", help="Figures farther than this do not count, in any zone.")
]
By = Annotated[
    str,
    typer.Option(metavar="POINT", help="Which point of a figure counts: feet, or middle (seen from above)."),
]
Settle = Annotated[
    float, typer.Option(metavar="S", help="Seconds on the other side of a border before it counts.")
]
Margin = Annotated[
    float | None,
    typer.Option(
        metavar="PX", help="Pixels beyond a border before it counts; 1 % of the diagonal by default."
    ),
]
Memory = Annotated[
    float, typer.Option(metavar="S", help="Seconds after which a figure that is out of sight has left.")
]
Learn = Annotated[
    float, typer.Option(metavar="S", help="Live: seconds in which the empty scene is learned first.")
]
Renew = Annotated[
    float, typer.Option(metavar="MIN", help="Live: learn the scene anew every so many minutes; 0: never.")
]
GiveUp = Annotated[
    float | None,
    typer.Option(
        metavar="S", help="Live: end after so many seconds without a picture; else it tries for ever."
    ),
]
Append = Annotated[bool, typer.Option("--append", help="Go on with files that are there already.")]


def watch(
    what: Input,
    zone: ZoneFile = None,
    out: Folder = None,
    events: Events = None,
    webhook: Web = None,
    pictures: Pictures = False,
    near: Near = None,
    far: Far = None,
    by: By = "feet",
    settle: Settle = 0.5,
    margin: Margin = None,
    memory: Memory = 2.0,
    learn: Learn = 10.0,
    renew: Renew = 30.0,
    give_up: GiveUp = None,
    segmenter: options.Segmenter = "auto",
    model: options.Model = None,
    min_area: options.MinArea = None,
    keep: options.Keep = None,
    score: options.Score = None,
    pick: options.Pick = None,
    engine: options.Engine = None,
    size: options.Size = None,
    tracker: options.Tracker = None,
    start: options.Start = None,
    end: options.End = None,
    empty: options.Empty = None,
    append: Append = False,
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> int:
    """Tell what happens in zones: who enters, leaves, stays, moves, how many there are.

    Each event is told once, as a line on the screen and in files. A figure is in a zone by the point where
    it stands. A live stream goes on until Ctrl-C; where it is lost it is connected again.
    """
    from figureground.apps.cli.cut import names
    from figureground.apps.cli.segmenting import Settings
    from figureground.apps.cli.watching import Order, run_watch

    settings = Settings(
        *(segmenter, min_area, names(keep), 0.0, start, end, empty, None),
        *(model, score, pick, engine, size),
        *(True, tracker),
    )
    order = Order(
        *(zone, out, events, webhook, pictures, near, far, by, settle, margin, memory),
        *(learn, renew, give_up, append, overwrite),
    )
    return run_watch(what, settings, order, Screen(quiet=quiet), as_json=as_json)
