"""The arguments and options of `figureground cut` and `figureground info`, each with its help."""

from typing import Annotated, TypeAlias

import typer

Inputs: TypeAlias = Annotated[
    list[str],
    typer.Argument(
        metavar="INPUT", help="Videos, photos, folders of them, a camera number or a stream address."
    ),
]
Out: TypeAlias = Annotated[
    str,
    typer.Option(
        "-o",
        "--out",
        metavar="OUT",
        help="A folder; for one input also a file: .mp4 .mov .webm .mkv .avi .png ...",
    ),
]
TracksOut: TypeAlias = Annotated[
    str,
    typer.Option(
        "-o", "--out", metavar="OUT", help="A folder; for one input also a file: NAME.tracks.parquet."
    ),
]
On: TypeAlias = Annotated[
    str,
    typer.Option(
        metavar="GROUND",
        help="What is put behind: black, white, #rrggbb, blur, transparent, or a picture's path.",
    ),
]
Also: TypeAlias = Annotated[
    str,
    typer.Option(
        metavar="NAME,...",
        help="More outputs beside the first, by commas: overlay, masks, depth, transparent, black, white, "
        "blur, each with a suffix if wanted: transparent.webm; tracks, split.",
    ),
]
Segmenter: TypeAlias = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="What finds the figures: pair, background, mog2, knn, gsoc, grabcut. auto = background for "
        "videos and more than 8 stills of one size; for others grabcut, a guess from each picture alone.",
    ),
]
Model: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="FOLDER", help="A model that figureground trained or imported finds the figures."),
]
Score: TypeAlias = Annotated[
    float | None,
    typer.Option(
        metavar="S", help="With --model: leave out figures that it is less sure of, 0 to 1; 0.5 by default."
    ),
]
Pick: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="WHICH",
        help="With --model: of each frame all figures (the default), or one: central, largest, best.",
    ),
]
Engine: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="With --model, what computes: auto (the fastest whose masks hardly differ), exact, torch, "
        "onnxruntime, openvino, openvino-bf16.",
    ),
]
Size: TypeAlias = Annotated[
    int | None,
    typer.Option(
        metavar="PX",
        help="With --model: the shorter side that frames are scaled to; 0 leaves their size, as LabGym's "
        "analysis does. By default as the model says.",
    ),
]
MinArea: TypeAlias = Annotated[
    int | None, typer.Option(metavar="PX", help="Leave out figures of fewer pixels.")
]
Keep: TypeAlias = Annotated[
    str | None, typer.Option(metavar="CLASS,...", help="Keep only these classes of figures.")
]
Feather: TypeAlias = Annotated[
    float, typer.Option(metavar="PX", help="Soften the figures' edges by this many pixels.")
]
Start: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="T", help="From here on: 12.5 (seconds), 1:02:03, or 300f (a frame)."),
]
End: TypeAlias = Annotated[
    str | None, typer.Option(metavar="T", help="Up to here, written like --start; not included.")
]
Empty: TypeAlias = Annotated[
    str | None, typer.Option(metavar="FILE", help="Your own picture of the empty scene.")
]
Track: TypeAlias = Annotated[
    bool,
    typer.Option("--track", help="Follow the figures: each has one number and colour through the video."),
]
Tracker: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="What follows the figures: motion (the default), iou-centre."),
]
Number: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--count",
        metavar="N",
        help="There are N figures, no more and no less; with --arenas better one number for each: 2,2,1.",
    ),
]
Arenas: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="WHERE",
        help="Wells or cages that no figure leaves: rectangles x1,y1,x2,y2 in pixels with a space between, "
        "or a picture that is black with one colour for each.",
    ),
]
Split: TypeAlias = Annotated[
    bool, typer.Option("--split", help="Write a cut-out video for each figure too, with --on behind it.")
]
Video: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="The video of a tracks file; else the one that is named in it."),
]
Rate: TypeAlias = Annotated[
    str | None, typer.Option(metavar="FPS", help="Frames a second of a folder of pictures; 1 by default.")
]
Resume: TypeAlias = Annotated[
    bool, typer.Option("--resume", help="Go on where a run that was stopped left off.")
]
Overwrite: TypeAlias = Annotated[
    bool, typer.Option("--overwrite", help="Replace outputs that are there already.")
]
Quiet: TypeAlias = Annotated[bool, typer.Option("--quiet", "-q", help="Show nothing but errors.")]
Count: TypeAlias = Annotated[
    bool, typer.Option("--count", help="Read every frame: exact counts, all problems.")
]
Json: TypeAlias = Annotated[
    bool, typer.Option("--json", help="Put one line of JSON on stdout; all else goes to stderr.")
]
