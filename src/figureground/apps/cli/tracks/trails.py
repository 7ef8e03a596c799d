"""`figureground tracks trails`: the way of each figure, as one picture."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from figureground.apps.cli import options
from figureground.apps.cli.show import Screen, put_json
from figureground.apps.cli.tracks.opened import load_tracks
from figureground.apps.cli.tracks.options import File
from figureground.errors import InputError, OptionError, OutputError

if TYPE_CHECKING:
    from figureground.frames import Image

EXAMPLES = """\b
Examples:
  figureground tracks trails flies.tracks.parquet -o flies.png
  figureground tracks trails flies.tracks.parquet -o flies.png --video flies.mp4
"""

Out = Annotated[str, typer.Option("-o", "--out", metavar="PICTURE", help="Where to: .png or .jpg.")]
Video = Annotated[
    str, typer.Option(metavar="FILE", help="The video that the tracks are of: a frame of it lies behind.")
]


def trails(
    file: File,
    out: Out,
    video: Video = "",
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> int:
    """Draw the way of each figure in its colour, on black or on a frame of the video.

    Lines that jump or change their place with others show at one look where tracks may be wrong. The number
    is written where a figure was last found; of many, those followed longest have theirs.
    """
    suffix = Path(out).suffix.lower()
    if suffix not in (".png", ".jpg", ".jpeg"):
        raise OptionError(f"-o {out}: the picture is written to .png or .jpg")
    if Path(out).exists() and not overwrite:
        raise OutputError(f"{out}: is there already; give another name, or --overwrite")
    from figureground.files import written
    from figureground.review.trails import tracks_to_trails
    from figureground.writers.pictures import picture_to_bytes

    tracks = load_tracks(file)
    data = picture_to_bytes(tracks_to_trails(tracks, _frame_of(video) if video else None), suffix)
    with written(out) as part:
        part.write_bytes(data)
    count, frames = len(tracks.ids), len(tracks.frames)
    if as_json:
        put_json({"tracks": file, "out": out, "figures": count, "frames": frames})
    Screen(quiet=quiet).say(f"{file} -> {out}: {count} figure{'s' * (count != 1)} in {frames} frames")
    return 0


def _frame_of(video: str) -> "Image":
    """A picture of the video."""
    from figureground.sources import open_source

    for frame in open_source(video).sample(1):
        return frame.image
    raise InputError(f"{video}: no frames in it")
