"""`figureground dataset autolabel`: a first training set that a segmenter draws."""

from typing import TYPE_CHECKING, Annotated

import typer

from figureground.apps.cli import options
from figureground.apps.cli.dataset import footage as shared
from figureground.apps.cli.dataset import options as own
from figureground.apps.cli.show import Screen

if TYPE_CHECKING:
    from pathlib import Path

    from figureground.datasets.footage.frames import Gathered
    from figureground.stages import Segmenter, Source

Name = Annotated[
    str | None,
    typer.Option(metavar="CLASS", help="What the figures are, such as mouse; without it they are figures."),
]
Tolerance = Annotated[
    float,
    typer.Option(
        metavar="PX", help="How far an outline may lie beside the figure's edge; 0 follows each pixel."
    ),
]


def autolabel(
    inputs: shared.Inputs,
    out: shared.Out,
    name: Name = None,
    segmenter: options.Segmenter = "auto",
    model: options.Model = None,
    score: options.Score = None,
    empty: options.Empty = None,
    every: shared.Every = None,
    at: shared.At = None,
    different: shared.Different = None,
    random: shared.Random = None,
    min_area: options.MinArea = None,
    tolerance: Tolerance = 1.0,
    seed: own.Seed = 0,
    form: own.Form = "",
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> int:
    """Have the figures on frames of videos, or on pictures, drawn as polygons, to be corrected.

    Each has its score, and what drew it, as attributes.
    """
    from figureground.apps.cli.checks import check
    from figureground.apps.cli.segmenting import Settings, choose_segmenter, ready_segmenter
    from figureground.datasets.footage.autolabel import autolabel
    from figureground.datasets.footage.deliver import deliver

    screen = Screen(quiet=quiet)
    settings = Settings(segmenter, min_area, empty=empty, model=model, score=score)
    check(settings, "black")
    choice = shared.parse_choice(every, at, different, random, seed)
    footage, failed = shared.open_footage(inputs, out, screen)

    def open_segmenter(source: "Source") -> "tuple[str, Segmenter]":
        chosen = choose_segmenter(source, settings)
        return chosen, ready_segmenter(chosen, source, settings)

    total = shared.frames_to_read(footage, choice)
    with screen.progress("frames", total, "opening") as progress, shared.warnings_told(screen) as warned:

        def make(folder: "Path") -> "Gathered":
            return autolabel(
                footage,
                folder,
                open_segmenter,
                choice,
                name=name,
                tolerance=tolerance,
                min_area=min_area or 0,
                progress=progress,
            )

        gathered = deliver(out, make, form=form, overwrite=overwrite)
    return shared.tell(gathered, out, failed, warned, screen, as_json=as_json)
