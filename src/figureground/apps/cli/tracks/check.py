"""`figureground tracks check`: where tracks may be wrong."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from figureground.apps.cli import options
from figureground.apps.cli.show import Screen, put, put_json
from figureground.apps.cli.tracks.opened import load_tracks
from figureground.errors import OptionError, OutputError

if TYPE_CHECKING:
    from figureground.review.suspicious.place import Suspicion
    from figureground.tracks import Tracks

LISTED = 20  # places that are shown, without --all
EXAMPLES = """\b
Examples:
  figureground tracks check flies.tracks.parquet
  figureground tracks check flies.tracks.parquet -o todo.csv
  figureground tracks check flies.tracks.parquet --video flies.mp4 --pictures todo/
"""

File = Annotated[
    str, typer.Argument(metavar="FILE", help="Tracks; with their corrections, if there are any.")
]
Out = Annotated[
    str, typer.Option("-o", "--out", metavar="LIST", help="Write all places to this .csv or .json too.")
]
Pictures = Annotated[
    str,
    typer.Option(metavar="FOLDER", help="Write a picture of each place that is shown to it; needs --video."),
]
Video = Annotated[str, typer.Option(metavar="FILE", help="The video that the tracks are of, for --pictures.")]
Every = Annotated[bool, typer.Option("--all", help=f"Show every place, not only the first {LISTED}.")]


def check(
    file: File,
    out: Out = "",
    pictures: Pictures = "",
    video: Video = "",
    every: Every = False,
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> int:
    """List the places where tracks may be wrong, those that matter most first; the truth is not needed.

    Swaps, jumps, broken tracks, births and deaths away from the border, flicker, overlaps, and counts that
    change. How much a place matters: the figures that would be wrong, times how strange it is.
    """
    _check_arguments(out, pictures, video, overwrite=overwrite)
    from figureground.review.suspicious.find import find_suspicious
    from figureground.review.suspicious.tables import suspicions_to_lines, suspicions_to_records

    screen, tracks = Screen(quiet=quiet), load_tracks(file)
    found = find_suspicious(tracks)
    shown = found if every else found[:LISTED]
    if out:
        _write_list(out, found, tracks)
    if pictures:
        _write_pictures(pictures, video, shown, tracks, screen, overwrite=overwrite)
    if as_json:
        records = suspicions_to_records(found, tracks)
        put_json({"tracks": file, "frames": len(tracks.frames), "places": records})
    elif not quiet:
        for line in suspicions_to_lines(found, tracks, len(shown)):
            put(line)
    for written in filter(None, (out, pictures)):
        screen.say(f"-> {written}")
    return 0


def _check_arguments(out: str, pictures: str, video: str, *, overwrite: bool) -> None:
    if out and Path(out).suffix.lower() not in (".csv", ".json"):
        raise OptionError(f"-o {out}: the list is written to .csv or .json")
    if out and Path(out).exists() and not overwrite:
        raise OutputError(f"{out}: is there already; give another name, or --overwrite")
    if bool(pictures) != bool(video):
        raise OptionError(
            "--pictures FOLDER and --video FILE need each other: pictures are cut from the video"
        )
    if pictures:
        from figureground.folders import check_folder

        check_folder(Path(pictures), overwrite=overwrite)


def _write_list(out: str, found: "list[Suspicion]", tracks: "Tracks") -> None:
    from figureground.files import written
    from figureground.review.suspicious.tables import suspicions_to_csv, suspicions_to_records

    json_wanted = Path(out).suffix.lower() == ".json"
    records = suspicions_to_records(found, tracks)
    text = json.dumps(records, indent=1) + "\n" if json_wanted else suspicions_to_csv(found, tracks)
    with written(out) as part:
        part.write_text(text, "utf-8", newline="")


def _write_pictures(
    folder: str, video: str, found: "list[Suspicion]", tracks: "Tracks", screen: Screen, *, overwrite: bool
) -> None:
    """A JPEG for each place, named by its number, kind and frame."""
    import cv2

    from figureground.folders import written_folder
    from figureground.review.suspicious.pictures import places_to_pictures
    from figureground.sources import open_source

    last = max((one.last for one in found), default=0) + 2
    with screen.progress("pictures", last, "opening the video") as progress:
        pictures = places_to_pictures(found, tracks, open_source(video), progress)
    with written_folder(folder, overwrite=overwrite) as part:
        for number, (one, picture) in enumerate(zip(found, pictures, strict=True), 1):
            name = f"{number:03d}_{one.kind.replace(' ', '_')}_{one.frame}.jpg"
            _, data = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 90])
            (part / name).write_bytes(data.tobytes())
