"""Figures that are at places on frames, made without a picture: squares of 5 pixels that stand on a point."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

import numpy as np

from figureground.frames import Frame
from figureground.instances import Crop, Instances
from figureground.zones import Event, Line, Rules, Watch, Zone, Zones
from figureground.zones.zonefile import Drawn

SIZE = (113, 211)
RATE = 10
NO_IMAGE = np.zeros((*SIZE, 3), np.uint8)
BOX = ((50.0, 30.0), (150.0, 30.0), (150.0, 80.0), (50.0, 80.0))
"""The zone of most tests: columns 50 to 150, rows 30 to 80."""

RULES = Rules(settle=Fraction(1, 2), margin=4.0, memory=Fraction(2))

Places = Mapping[int, tuple[float, float]]
"""The point where each id stands, on one frame."""


def found_at(places: Places, depth: Sequence[float] | None = None, side: int = 5) -> Instances:
    """Squares whose lowest row's middle is at each place."""
    crops = [
        Crop(round(y) - side + 1, round(x) - side // 2, np.ones((side, side), bool))
        for x, y in places.values()
    ]
    return Instances(SIZE, tuple(crops), ids=list(places), depth=depth)  # type: ignore[arg-type]


def frame_at(index: int) -> Frame:
    return Frame(NO_IMAGE, index, Fraction(index, RATE))


def box_zone(**about: object) -> Zones:
    return zones_of([Zone(name="box", polygon=BOX, **about)])  # type: ignore[arg-type]


def zones_of(zones: Iterable[Zone] = (), lines: Iterable[Line] = ()) -> Zones:
    return Zones(frame=Drawn(width=SIZE[1], height=SIZE[0]), zones=tuple(zones), lines=tuple(lines))


def watched(frames: Iterable[Places], zones: Zones, rules: Rules = RULES) -> list[Event]:
    """All events, where `frames` are 0.1 s apart."""
    watch = Watch(zones, rules, SIZE)
    return [
        event
        for index, places in enumerate(frames)
        for event in watch.update(frame_at(index), found_at(places))
    ]


def short(events: Iterable[Event]) -> list[tuple[str, int, int, str]]:
    """Kind, frame, figure and how."""
    return [(event.kind, event.at.frame, event.figure, event.how) for event in events]


def way(*stretches: tuple[float, float, int]) -> list[tuple[float, float]]:
    """A way along the row 60: (from x, to x, frames) one after the other."""
    return [(float(x), 60.0) for start, end, count in stretches for x in np.linspace(start, end, count)]
