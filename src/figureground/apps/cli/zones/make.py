"""`figureground zones make`: from corners on the command line to a file of zones, and its picture."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from figureground.apps.cli import options
from figureground.apps.cli.show import Screen, put_json
from figureground.apps.cli.zones.pictures import At, Input, check_picture, frame_of, write_picture
from figureground.errors import OptionError

if TYPE_CHECKING:
    from figureground.zones import Ground, Zones

EXAMPLES = """\b
Examples:
  figureground zones make room.mp4 -o zones.json --polygon "floor: 0,300 767,300 767,410 0,410"
  figureground zones make room.mp4 -o zones.json --polygon "desk: 300,90 560,90 430,410" --dwell 30 --count 2
  figureground zones make door.mp4 -o zones.json --line "door: 200,50 210,400" --inside 500,200
  figureground zones make room.mp4 -o zones.json --polygon "lane: 0,300 767,300 767,410 0,410" \\
    --ground "10,420 700,420 600,260 90,260" --metres "0,0 4,0 4,6 0,6" --near 2 --far 5
"""

Out = Annotated[str, typer.Option("-o", "--out", metavar="FILE", help="Where to: NAME.json.")]
Polygon = Annotated[
    list[str] | None,
    typer.Option(
        metavar='"NAME: X,Y X,Y ..."', help="A zone: its name, and its corners in order. May be repeated."
    ),
]
LineOption = Annotated[
    list[str] | None,
    typer.Option("--line", metavar='"NAME: X,Y X,Y"', help="A line that is crossed. May be repeated."),
]
Inside = Annotated[
    str | None, typer.Option(metavar="X,Y", help="A point on the inner side of the lines, for in and out.")
]
Tell = Annotated[str, typer.Option(metavar="WHAT,...", help="Of the zones: enter, leave, movement.")]
Dwell = Annotated[
    float | None, typer.Option(metavar="S", help="Tell of one who is in a zone for so many seconds.")
]
Count = Annotated[int | None, typer.Option(metavar="N", help="Tell when so many figures are in a zone.")]
Near = Annotated[float | None, typer.Option(metavar="D", help="Nearer figures do not count.")]
Far = Annotated[float | None, typer.Option(metavar="D", help="Farther figures do not count.")]
GroundOption = Annotated[
    str | None,
    typer.Option(
        "--ground", metavar='"X,Y X,Y X,Y X,Y"', help="The corners of a field on the ground, in order."
    ),
]
Metres = Annotated[
    str | None,
    typer.Option(metavar='"X,Y X,Y X,Y X,Y"', help="The same corners in metres: across, and away."),
]

_POINT = re.compile(r"(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)", re.ASCII)


def make(
    what: Input,
    out: Out,
    polygon: Polygon = None,
    line: LineOption = None,
    inside: Inside = None,
    tell: Tell = "enter,leave",
    dwell: Dwell = None,
    count: Count = None,
    near: Near = None,
    far: Far = None,
    ground: GroundOption = None,
    metres: Metres = None,
    at: At = "0",
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> int:
    """Write a file of zones, and beside it a picture of them: look at it before you watch.

    The options --tell, --dwell, --count, --near and --far hold for all zones; in the file, which is plain
    text, each can have its own.
    """
    from figureground.zones import write_zones
    from figureground.zones.picture import draw_zones
    from figureground.zones.zonefile import Drawn, Line, Zone, Zones, check_zones

    if Path(out).suffix.lower() != ".json":
        raise OptionError(f"-o {out}: the zones go to a file whose name ends in .json")
    if not polygon and not line:
        raise OptionError('nothing to make: give --polygon "NAME: X,Y X,Y X,Y", or --line "NAME: X,Y X,Y"')
    words = tuple(one.strip() for one in tell.split(",") if one.strip())
    if unknown := [one for one in words if one not in ("enter", "leave", "movement")]:
        raise OptionError(f"--tell {', '.join(unknown)}: choose from enter, leave, movement")
    picture = Path(out).with_suffix(".png")
    check_picture(picture, overwrite=overwrite)
    about = {"near": near, "far": far, "tell": words, "dwell": dwell, "count": count}
    zones = [Zone(name=name, polygon=points, **about) for name, points in map(_named, polygon or ())]  # type: ignore[arg-type]
    side = None if inside is None else _points(inside, 1, "--inside")[0]
    lines = [
        Line(name=name, points=_two(points, name), inside=side) for name, points in map(_named, line or ())
    ]
    image = frame_of(what, at)
    size = Drawn(width=image.shape[1], height=image.shape[0])
    made = Zones(frame=size, zones=tuple(zones), lines=tuple(lines), ground=_ground(ground, metres))
    check_zones(made, "zones")
    write_zones(made, out, overwrite=overwrite)
    write_picture(draw_zones(image, made), picture)
    _tell(made, out, picture, Screen(quiet=quiet), as_json=as_json)
    return 0


def _tell(made: "Zones", out: str, picture: Path, screen: Screen, *, as_json: bool) -> None:
    if as_json:
        put_json({"out": out, "picture": str(picture), "names": made.names})
    screen.say(f"-> {out}, {picture}: {', '.join(made.names)}")
    for one in made.zones:
        if any(not (0 <= x <= made.frame.width and 0 <= y <= made.frame.height) for x, y in one.polygon):
            screen.warn(
                f"zone {one.name!r} reaches out of the picture, {made.frame.width} x {made.frame.height}"
            )


def _named(text: str) -> tuple[str, tuple[tuple[float, float], ...]]:
    """Name and points of "NAME: X,Y X,Y ..."."""
    name, colon, points = text.rpartition(":")
    if not colon or not name.strip():
        raise OptionError(f'{text!r}: write a name, a colon and the points: "door: 10,20 30,40 50,60"')
    return name.strip(), _points(points, None, name.strip())


def _points(text: str, count: int | None, what: str) -> tuple[tuple[float, float], ...]:
    points = [_POINT.fullmatch(one) for one in text.split()]
    if not points or not all(points) or (count is not None and len(points) != count):
        number = "points" if count is None else "1 point" if count == 1 else f"{count} points"
        raise OptionError(
            f"{what}: {text.strip()!r} is not {number}; write X,Y with a space between points: 10,20 30,40"
        )
    return tuple((float(one[1]), float(one[2])) for one in points if one is not None)


def _two(
    points: tuple[tuple[float, float], ...], name: str
) -> tuple[tuple[float, float], tuple[float, float]]:
    if len(points) != 2:
        raise OptionError(f"line {name!r}: has two ends; {len(points)} points came")
    return points[0], points[1]


def _ground(ground: str | None, metres: str | None) -> "Ground | None":
    from figureground.zones import Ground

    if ground is None and metres is None:
        return None
    if ground is None or metres is None:
        raise OptionError(
            "--ground and --metres belong together: the same four points, in pixels and in metres"
        )
    pixels, real = _points(ground, 4, "--ground"), _points(metres, 4, "--metres")
    return Ground(pixels=pixels, metres=real)  # type: ignore[arg-type]
