"""`figureground tracks convert`: the same tracks in the file of another tool."""

import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from figureground.apps.cli import options
from figureground.apps.cli.show import Screen, put_json
from figureground.apps.cli.tracks.options import File
from figureground.errors import OptionError

if TYPE_CHECKING:
    from figureground.tracks import Tracks
    from figureground.tracks.formats import Known

EXAMPLES = """\b
Examples:
  figureground tracks convert flies.tracks.parquet -o flies.csv
  figureground tracks convert flies.tracks.parquet -o flies_via.csv --format via
  figureground tracks convert flies.json -o flies.tracks.parquet
  figureground tracks convert gt.txt -o truth.tracks.parquet --video flies.mp4
"""
Out = Annotated[
    str,
    typer.Option(
        "-o",
        "--out",
        metavar="OUT",
        help="NAME.csv, NAME.json (COCO), NAME.txt (MOT), NAME.slp (SLEAP), NAME.tracks.parquet; without an "
        "ending a folder with a csv for each figure.",
    ),
]
Form = Annotated[
    str,
    typer.Option(
        "--format",
        metavar="FORMAT",
        help="What a .csv is written as: csv (one row a figure in a frame; the default), via (for movement), "
        "deeplabcut.",
    ),
]
Video = Annotated[
    str,
    typer.Option(metavar="FILE", help="The video, where INPUT does not tell its name, size and rate."),
]
Size = Annotated[
    str, typer.Option(metavar="WxH", help="The video's width and height in pixels, as in 640x480.")
]
Rate = Annotated[str, typer.Option(metavar="FPS", help="The video's frames a second: 25, 29.97, 30000/1001.")]


def convert(
    tracks: File,
    out: Out,
    form: Form = "",
    video: Video = "",
    size: Size = "",
    rate: Rate = "",
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> int:
    """Write tracks in the format of another tool, corrections applied, and say what that cannot hold."""
    from figureground.tracks.formats import check_free, form_of, write_tracks_as

    screen = Screen(quiet=quiet)
    if Path(tracks).resolve() == Path(out).resolve():
        raise OptionError(f"-o {out} would replace what is read, which stays; give another name")
    written_as = form_of(out, form)
    check_free(Path(out), overwrite=overwrite)
    read = _read(tracks, video, size, rate, screen)
    lost = write_tracks_as(read, out, form, overwrite=overwrite)
    count = len(read.ids)
    screen.say(f"{len(read)} rows of {count} figure{'s' * (count != 1)} in {len(read.frames)} frames read")
    for text in lost:
        screen.say(text)
    screen.say(f"-> {out} ({written_as})")
    if as_json:
        counts = {"rows": len(read), "ids": count, "frames": len(read.frames)}
        put_json({"out": out, "format": written_as, **counts, "told": [*screen.warned, *lost]})
    return 0


def _read(path: str, video: str, size: str, rate: str, screen: Screen) -> "Tracks":
    if Path(path).suffix.lower() == ".parquet":
        from figureground.review.log import read_corrected

        if size or rate:
            raise OptionError(f"--size and --rate are for files that do not tell them, and {path} does")
        tracks = read_corrected(path)
        return replace(tracks, info=replace(tracks.info, video=video)) if video else tracks
    from figureground.tracks.formats import read_any_tracks

    known = _known(video, size, rate)
    tracks = read_any_tracks(path, known)
    if tracks.info.rate is None and (tracks.seconds == tracks.frames).all():
        screen.warn(
            f"{path} does not tell the rate, so frame i is at i seconds; say it with --rate or --video"
        )
    if known.size is None and Path(path).suffix.lower() not in (".pkl", ".json"):
        height, width = tracks.info.size
        screen.warn(
            f"{path} does not tell the frames' size, so it is as large as the boxes need, {width} x {height};"
            " say it with --size or --video"
        )
    return tracks


def _known(video: str, size: str, rate: str) -> "Known":
    """What the options tell; of a video that is there, it tells the rest itself."""
    from figureground.tracks.formats import Known

    known = Known(video, _parsed_size(size) if size else None, _parsed_rate(rate) if rate else None)
    if not Path(video).is_file():
        return known
    from figureground.sources import open_source

    info = open_source(video).info
    return replace(known, size=known.size or info.size, rate=known.rate or info.rate)


def _parsed_size(text: str) -> tuple[int, int]:
    """(h, w) of WxH."""
    match = re.fullmatch(r"(\d{1,5})[x×](\d{1,5})", text.strip())
    if match is None or "0" in match.groups():
        raise OptionError(f"--size takes width and height, as in 640x480; got {text!r}")
    return int(match[2]), int(match[1])


def _parsed_rate(text: str) -> Fraction:
    try:
        rate = Fraction(text)
    except (ValueError, ZeroDivisionError):
        rate = Fraction(0)
    if not 0 < rate < 1_000_000 or rate.denominator > 1_000_000:
        raise OptionError(f"--rate takes frames a second, as in 25 or 30000/1001; got {text!r}")
    return rate
