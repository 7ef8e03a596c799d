"""`figureground zones grid`: a frame with a grid, to read the corners of zones off."""

from typing import Annotated

import typer

from figureground.apps.cli import options
from figureground.apps.cli.show import Screen, masked, put_json
from figureground.apps.cli.zones.pictures import At, Input, check_picture, frame_of, write_picture

EXAMPLES = """\b
Example:
  figureground zones grid room.mp4 -o grid.png
"""

Out = Annotated[str, typer.Option("-o", "--out", metavar="PICTURE", help="Where to: .png or .jpg.")]


def grid(
    what: Input,
    out: Out,
    at: At = "0",
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> int:
    """Write a frame with a grid: the numbers at its lines are x (across) and y (down) in pixels."""
    from figureground.zones.picture import grid_picture, grid_step

    check_picture(out, overwrite=overwrite)
    image = frame_of(what, at)
    height, width = image.shape[:2]
    write_picture(grid_picture(image), out)
    if as_json:
        put_json({"input": masked(what), "out": out, "width": width, "height": height})
    screen = Screen(quiet=quiet)
    screen.say(f"{what} -> {out}: {width} x {height} pixels, a line every {grid_step(max(width, height))}")
    screen.say("next: figureground zones make with --polygon and the x,y of each corner of a zone")
    return 0
