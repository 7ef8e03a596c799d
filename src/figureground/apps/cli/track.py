"""`figureground track`: from videos to who is who in every frame."""

from figureground.apps.cli import options
from figureground.apps.cli.cut import Order, names, run_all
from figureground.apps.cli.show import Screen

EXAMPLES = """\b
Examples:
  figureground track arena.mp4 -o arena.tracks.parquet --count 4
  figureground track videos/ -o tracks --also overlay
  figureground track plate.mp4 -o plate.tracks.parquet --arenas wells.png
  figureground track arena.mp4 -o out --count 4 --also overlay,black,split
"""


def track(
    inputs: options.Inputs,
    out: options.TracksOut,
    also: options.Also = "",
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
    video: options.Video = None,
    resume: options.Resume = False,
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> int:
    """Follow the figures of videos and folders of frames: who is where in every frame.

    Writes a tracks file for each, with --also pictures of them in the same pass. What can be done with
    it: figureground tracks --help. A tracks file as INPUT is followed anew, without looking for the
    figures again.
    """
    from figureground.apps.cli.segmenting import Settings

    settings = Settings(
        *(segmenter, min_area, names(keep), 0.0, start, end, empty, rate),
        *(model, score, pick, engine, size),
        *(True, tracker, count, arenas, video),
    )
    order = Order("tracks", "black", names(also) or (), resume, overwrite)
    return run_all(inputs, out, settings, order, Screen(quiet=quiet), as_json=as_json)
