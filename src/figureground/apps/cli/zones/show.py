"""`figureground zones show`: the zones of a file, drawn on a frame."""

from typing import Annotated

import typer

from figureground.apps.cli import options
from figureground.apps.cli.show import Screen, put_json
from figureground.apps.cli.zones.pictures import At, Input, check_picture, frame_of, write_picture

EXAMPLES = """\b
Example:
  figureground zones show room.mp4 --zone zones.json -o zones.png
"""

Out = Annotated[str, typer.Option("-o", "--out", metavar="PICTURE", help="Where to: .png or .jpg.")]
ZoneFile = Annotated[str, typer.Option(metavar="FILE", help="The file of zones.")]


def show(
    what: Input,
    zone: ZoneFile,
    out: Out,
    at: At = "0",
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> int:
    """Draw the zones of a file on a frame: are they where they should be?"""
    from figureground.zones import read_zones
    from figureground.zones.picture import draw_zones

    check_picture(out, overwrite=overwrite)
    zones = read_zones(zone)
    write_picture(draw_zones(frame_of(what, at), zones), out)
    if as_json:
        put_json({"zones": zone, "out": out, "names": zones.names})
    Screen(quiet=quiet).say(f"{zone} -> {out}: {', '.join(zones.names)}")
    return 0
