"""zones.json: polygons and lines on the picture, what is to be told of them, and where the ground lies."""

import re
from itertools import combinations
from pathlib import Path
from typing import Literal, TypeAlias, TypeVar

import msgspec
import numpy as np

from figureground.errors import InputError, OptionError, OutputError
from figureground.files import written
from figureground.zones.contact import fit_plane

Point: TypeAlias = tuple[float, float]
"""x and y: in pixels from the picture's left top corner, or in metres on the ground."""

Told: TypeAlias = Literal["enter", "leave", "movement"]

_MOST_BYTES = 1 << 20
_MOST_ZONES, _MOST_CORNERS = 200, 200
_FAR = 100_000.0  # pixels or metres, beyond which a number is a slip
_NAME = re.compile(r"\w[\w .,()-]{0,59}")
_SPREAD = re.compile(r"\[\s+([-\d.e+]+),\s+([-\d.e+]+)\s+\]")  # a point over four lines
_ALIKE = 0.02  # by which the shapes of two frames may differ
_Part = TypeVar("_Part", bound="_Strict")


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """A part of the file; a word in it that is not known is refused, not passed over."""


class Drawn(_Strict, frozen=True):
    """The size of the frame that the zones were drawn on, in pixels."""

    width: int
    height: int


class Zone(_Strict, frozen=True):
    """A part of the picture.

    Attributes:
        name: told with each event.
        polygon: its corners in pixels, in their order round it.
        near: figures nearer than this do not count; in the units of the depth. None: no limit.
        far: nor do those farther than this.
        tell: what is told of figures in it.
        dwell: seconds after which it is told that a figure is still there; None: not told.
        count: it is told when so many figures are there; None: not told.
    """

    name: str
    polygon: tuple[Point, ...]
    near: float | None = None
    far: float | None = None
    tell: tuple[Told, ...] = ("enter", "leave")
    dwell: float | None = None
    count: int | None = None

    @property
    def ranged(self) -> bool:
        """Whether it has a range of depth."""
        return self.near is not None or self.far is not None


class Line(_Strict, frozen=True):
    """A line that figures cross.

    Attributes:
        name: told with each event.
        points: its two ends in pixels.
        inside: a point on the side that counts as inside; without it that is the right hand of one who
            walks from the first end to the second.
    """

    name: str
    points: tuple[Point, Point]
    inside: Point | None = None


class Ground(_Strict, frozen=True):
    """Where four points of the ground are, in the picture and in metres; see `contact.fit_plane`."""

    pixels: tuple[Point, Point, Point, Point]
    metres: tuple[Point, Point, Point, Point]


class Zones(_Strict, frozen=True):
    """What is watched, as drawn on a frame of the size `frame`."""

    frame: Drawn
    zones: tuple[Zone, ...] = ()
    lines: tuple[Line, ...] = ()
    ground: Ground | None = None

    @property
    def names(self) -> list[str]:
        """Of the zones, then of the lines."""
        return [zone.name for zone in self.zones] + [line.name for line in self.lines]

    def scaled(self, size: tuple[int, int]) -> "Zones":
        """The same on frames of `size` (h, w).

        Raises:
            InputError: the frame that it was drawn on had another shape.

        Example:
            >>> zones = whole_picture((100, 200)).scaled((50, 100))
            >>> zones.zones[0].polygon[2]
            (99.5, 49.5)
        """
        (height, width), drawn = size, self.frame
        across, down = width / drawn.width, height / drawn.height
        if abs(across / down - 1) > _ALIKE:
            raise InputError(
                f"the zones were drawn on a frame of {drawn.width} x {drawn.height} pixels, and this one, "
                f"{width} x {height}, has another shape; draw them anew on a frame of this video"
            )

        def moved(point: Point) -> Point:
            return point[0] * across, point[1] * down

        zones = (_with(zone, polygon=tuple(map(moved, zone.polygon))) for zone in self.zones)
        lines = (
            _with(
                line,
                points=tuple(map(moved, line.points)),
                inside=None if line.inside is None else moved(line.inside),
            )
            for line in self.lines
        )
        ground = self.ground and _with(self.ground, pixels=tuple(map(moved, self.ground.pixels)))
        return Zones(
            frame=Drawn(width=width, height=height), zones=tuple(zones), lines=tuple(lines), ground=ground
        )

    def in_range(self, near: float | None, far: float | None) -> "Zones":
        """The same; zones without a range of depth get this one."""
        zones = tuple(zone if zone.ranged else _with(zone, near=near, far=far) for zone in self.zones)
        return check_zones(_with(self, zones=zones), "the zones")


def _with(part: _Part, **changes: object) -> _Part:
    return msgspec.structs.replace(part, **changes)


def whole_picture(size: tuple[int, int], name: str = "picture") -> Zones:
    """One zone that is all of a frame of `size` (h, w): is someone there, does something move?"""
    height, width = size
    right, low = width - 1.0, height - 1.0
    corners = ((0.0, 0.0), (right, 0.0), (right, low), (0.0, low))
    zone = Zone(name=name, polygon=corners, tell=("enter", "leave", "movement"))
    return Zones(frame=Drawn(width=width, height=height), zones=(zone,))


def read_zones(path: str | Path) -> Zones:
    """Read a file of zones.

    Raises:
        InputError: it is missing, no such file, or something in it makes no sense; the message says what.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "zones.json"
        >>> write_zones(whole_picture((90, 160)), path)
        >>> read_zones(path).zones[0].name
        'picture'
    """
    try:
        with Path(path).open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error
    if len(data) > _MOST_BYTES:
        raise InputError(f"{path}: is larger than a file of zones can be; was another file meant?")
    try:
        zones = msgspec.json.decode(data, type=Zones)
    except msgspec.ValidationError as error:
        raise InputError(
            f"{path}: {_plain(str(error))}; docs/watch.md shows what such a file holds"
        ) from error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(
            f"{path}: is not JSON ({error}); figureground zones make writes such a file"
        ) from error
    return check_zones(zones, str(path))


def write_zones(zones: Zones, path: str | Path, *, overwrite: bool = False) -> None:
    """Write a file of zones.

    Raises:
        OutputError: it is there already, or cannot be written.
    """
    if Path(path).exists() and not overwrite:
        raise OutputError(f"{path}: is there already; give another name, or --overwrite")
    with written(path) as part:
        text = msgspec.json.format(msgspec.json.encode(zones), indent=1).decode()
        part.write_text(_SPREAD.sub(r"[\1, \2]", text) + "\n", encoding="utf-8")


def check_zones(zones: Zones, path: str) -> Zones:
    """`zones`, if all in them makes sense.

    Raises:
        InputError: something does not; the message names `path`, the zone and what is wrong.
    """
    if min(zones.frame.width, zones.frame.height) < 1 or max(zones.frame.width, zones.frame.height) > _FAR:
        raise InputError(f"{path}: frame: width and height must be the size of the frame in pixels")
    if not zones.zones and not zones.lines:
        raise InputError(f"{path}: holds no zone and no line; add one")
    if len(zones.zones) + len(zones.lines) > _MOST_ZONES:
        raise InputError(f"{path}: has more than {_MOST_ZONES} zones and lines")
    names = zones.names
    for name in names:
        if not _NAME.fullmatch(name):
            raise InputError(f"{path}: the name {name[:70]!r}: use letters, digits and spaces, 60 at most")
        if names.count(name) > 1:
            raise InputError(f"{path}: two zones or lines have the name {name!r}; each needs its own")
    for zone in zones.zones:
        _check_zone(zone, f"{path}: zone {zone.name!r}")
    for line in zones.lines:
        _check_line(line, f"{path}: line {line.name!r}")
    if zones.ground is not None:
        _check_points((*zones.ground.pixels, *zones.ground.metres), f"{path}: ground")
        try:
            fit_plane(zones.ground.pixels, zones.ground.metres)
        except OptionError as error:
            raise InputError(f"{path}: {error}") from error
    return zones


def _check_zone(zone: Zone, where: str) -> None:
    corners = (
        zone.polygon[:-1] if len(zone.polygon) > 3 and zone.polygon[0] == zone.polygon[-1] else zone.polygon
    )
    if not 3 <= len(corners) <= _MOST_CORNERS:
        raise InputError(f"{where}: needs 3 to {_MOST_CORNERS} corners; it has {len(corners)}")
    _check_points(corners, where)
    if _area(corners) < 1:
        raise InputError(f"{where}: has no area; are its corners on one line?")
    if _crosses_itself(corners):
        raise InputError(f"{where}: its edges cross each other; give the corners in their order round it")
    if zone.near is not None and zone.far is not None and zone.near >= zone.far:
        raise InputError(f"{where}: near, {zone.near:g}, must be less than far, {zone.far:g}")
    if zone.dwell is not None and not 0 < zone.dwell <= 1e7:
        raise InputError(f"{where}: dwell must be a number of seconds above 0, not {zone.dwell:g}")
    if zone.count is not None and not 1 <= zone.count <= 10_000:
        raise InputError(f"{where}: count must be a number of figures from 1 on, not {zone.count}")


def _check_line(line: Line, where: str) -> None:
    _check_points((*line.points, *([line.inside] if line.inside else [])), where)
    (x0, y0), (x1, y1) = line.points
    if np.hypot(x1 - x0, y1 - y0) < 1:
        raise InputError(f"{where}: its two ends are one point")
    if line.inside is not None and abs(_side(line.points[0], line.points[1], line.inside)) < 1:
        raise InputError(f"{where}: the point inside lies on the line; give one beside it")


def _check_points(points: tuple[Point, ...], where: str) -> None:
    if any(abs(number) > _FAR for point in points for number in point):
        raise InputError(f"{where}: a number in it is larger than {_FAR:g}")


def _area(corners: tuple[Point, ...]) -> float:
    x, y = np.array(corners).T
    return abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2


def _crosses_itself(corners: tuple[Point, ...]) -> bool:
    edges = [(one, corners[(i + 1) % len(corners)]) for i, one in enumerate(corners)]
    return any(segments_cross(*a, *b) for a, b in combinations(edges, 2))


def segments_cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Whether the segments ab and cd cross; touching with an end is no crossing.

    Example:
        >>> segments_cross((0, 0), (2, 2), (0, 2), (2, 0)), segments_cross((0, 0), (2, 2), (2, 2), (3, 0))
        (True, False)
    """
    return _side(a, b, c) * _side(a, b, d) < 0 and _side(c, d, a) * _side(c, d, b) < 0


def _side(a: Point, b: Point, point: Point) -> float:
    """Above 0 on the right hand of one who walks from a to b, where y points down."""
    return (b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0])


def _plain(text: str) -> str:
    """What msgspec says, with the place in front: "zones[0].polygon: expected ..."."""
    said, _, place = text.partition(" - at `$")
    place = place.rstrip("`").lstrip(".")
    said = said.replace("`", "'")
    return f"{place}: {said}" if place else said
