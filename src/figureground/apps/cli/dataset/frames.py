"""`figureground dataset frames`: frames of videos, to be annotated."""

from typing import TYPE_CHECKING, Annotated

import typer

from figureground.apps.cli import options
from figureground.apps.cli.dataset import footage as shared
from figureground.apps.cli.dataset import options as own
from figureground.apps.cli.show import Screen

if TYPE_CHECKING:
    from pathlib import Path

    from figureground.datasets.footage.frames import Gathered

Square = Annotated[
    int | None,
    typer.Option(
        metavar="PX",
        help="Fit each frame into a square with this side, at the top left on black. A point (x, y) of the "
        'frame is then at x and y times the image\'s "scale".',
    ),
]


def frames(
    inputs: shared.Inputs,
    out: shared.Out,
    every: shared.Every = None,
    at: shared.At = None,
    different: shared.Different = None,
    random: shared.Random = None,
    square: Square = None,
    seed: own.Seed = 0,
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> int:
    """Get frames out of videos, to be annotated; frame k is the k-th that the video has."""
    from figureground.datasets.footage.deliver import deliver
    from figureground.datasets.footage.frames import take_frames

    screen = Screen(quiet=quiet)
    choice = shared.parse_choice(every, at, different, random, seed)
    footage, failed = shared.open_footage(inputs, out, screen)
    total = shared.frames_to_read(footage, choice)
    with screen.progress("frames", total, "opening") as progress, shared.warnings_told(screen) as warned:

        def make(folder: "Path") -> "Gathered":
            return take_frames(footage, folder, choice, square=square, progress=progress)

        gathered = deliver(out, make, overwrite=overwrite)
    return shared.tell(gathered, out, failed, warned, screen, as_json=as_json)
