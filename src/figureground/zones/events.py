"""What happens in a zone: the record that all outputs are made of."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, NamedTuple, TypeAlias

from figureground.zones.zonefile import Point

Kind: TypeAlias = Literal["enter", "leave", "dwell", "count", "movement", "cross"]

KINDS: tuple[Kind, ...] = ("enter", "leave", "dwell", "count", "movement", "cross")
"""What can happen."""


class Moment(NamedTuple):
    """A frame of the source: its index and its exact time in seconds."""

    frame: int
    time: Fraction


class Sight(NamedTuple):
    """A figure as it was seen on one frame; `beside` as in `identity.Who`."""

    moment: Moment
    figure: int
    id: int
    point: Point
    beside: int | None = None
    label: int = 0
    score: float = 1.0
    depth: float | None = None
    metres: Point | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, once.

    Attributes:
        kind: what.
        zone: name of the zone or line.
        at: when it happened; known only some frames later, when it was sure.
        told: when it was known.
        figure: whose doing it was; numbers count from 0 and outlive a tracker's change of mind.
        id: the tracker's number of it at that moment.
        point: where its feet (or middle) were, in pixels.
        how: "crossed" the border; "appeared" inside, or was "there" when it began; "parted" from another
            figure; was "lost" from sight inside; of lines "in" or "out".
        seconds: that it had been in the zone; 0 where that says nothing.
        count: figures in the zone then.
        label: class of the figure.
        score: of the figure.
        depth: of the figure, None where not known.
        metres: on the ground, None where not known.
    """

    kind: Kind
    zone: str
    at: Moment
    told: Moment
    figure: int
    id: int
    point: Point
    how: str = ""
    seconds: float = 0.0
    count: int = 0
    label: int = 0
    score: float = 1.0
    depth: float | None = None
    metres: Point | None = None


def sight_to_event(
    kind: Kind, zone: str, sight: Sight, told: Moment, *, how: str = "", seconds: float = 0.0, count: int = 0
) -> Event:
    """What happened when `sight` was seen, and was sure when it was `told`."""
    return Event(
        *(kind, zone, sight.moment, told, sight.figure, sight.id, sight.point, how, seconds, count),
        *(sight.label, sight.score, sight.depth, sight.metres),
    )


def event_to_record(event: Event, classes: tuple[str, ...] = ("figure",)) -> dict[str, Any]:
    """`event` as plain data: the columns of the files, in their order.

    Example:
        >>> moment = Moment(30, Fraction(6, 5))
        >>> record = event_to_record(Event("enter", "door", moment, moment, 0, 4, (12.0, 40.5)))
        >>> record["event"], record["time"], record["time_exact"], record["x"]
        ('enter', 1.2, '6/5', 12.0)
    """
    known = 0 <= event.label < len(classes)
    metres = event.metres or (None, None)
    return {
        "event": event.kind,
        "zone": event.zone,
        "how": event.how,
        "time": round(float(event.at.time), 6),
        "time_exact": str(event.at.time),
        "frame": event.at.frame,
        "told_at_frame": event.told.frame,
        "figure": event.figure,
        "id": event.id,
        "class": classes[event.label] if known else f"class {event.label}",
        "score": round(event.score, 4),
        "x": round(event.point[0], 2),
        "y": round(event.point[1], 2),
        "metres_x": None if metres[0] is None else round(metres[0], 3),
        "metres_y": None if metres[1] is None else round(metres[1], 3),
        "depth": None if event.depth is None else round(event.depth, 4),
        "seconds": round(event.seconds, 3),
        "count": event.count,
    }


def event_to_text(event: Event) -> str:
    """`event` in a few plain words.

    Example:
        >>> moment = Moment(30, Fraction(6, 5))
        >>> event_to_text(Event("leave", "door", moment, moment, 2, 4, (0.0, 0.0), "lost", 3.21))
        'door: figure 2 leaves after 3.2 s (lost from sight)'
    """
    figure = f"figure {event.figure}"
    why = {"appeared": " (appears in it)", "there": " (is there at the beginning)"}
    why |= {"parted": " (parts from another)", "lost": " (lost from sight)"}
    said = {
        "enter": f"{figure} enters",
        "leave": f"{figure} leaves after {event.seconds:.1f} s",
        "dwell": f"{figure} has been there for {event.seconds:.1f} s",
        "count": f"{event.count} figures are there",
        "movement": f"{figure} moves",
        "cross": f"{figure} crosses, {event.how}",
    }
    return f"{event.zone}: {said[event.kind]}{why.get(event.how, '')}"
