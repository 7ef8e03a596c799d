"""Who crosses a line, and which way."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from figureground.zones.events import Event, Moment, Sight, sight_to_event
from figureground.zones.rules import Rules
from figureground.zones.zonefile import Line, Point, segments_cross

_LEAST_FRAMES = 2


@dataclass(slots=True)
class _Walker:
    """A figure as the line knows it.

    Attributes:
        last: when and where it was seen last.
        side: +1 inside, -1 outside: where it counts as being.
        over: the first sight on the other side, since when it has been there; None where it is not.
        frames: it has been there.
        through: whether it came there between the two ends of the line.
    """

    last: Sight
    side: int
    over: Sight | None = None
    frames: int = 0
    through: bool = False


@dataclass
class Crossings:
    """The crossings of one line.

    One is told when a figure is `rules.margin` pixels beyond the line, for the first frame on that side; so
    one who sways on the line crosses it once. The way round an end of the line is no crossing.
    """

    line: Line
    rules: Rules
    _known: dict[int, _Walker] = field(default_factory=dict)

    def waiting(self) -> Iterator[int]:
        """The frames that an event may still be about."""
        return (walker.over.moment.frame for walker in self._known.values() if walker.over is not None)

    def update(self, now: Moment, seen: Sequence[Sight]) -> list[Event]:
        """What happened, now that the frame `now` with the figures `seen` was seen."""
        events = []
        for sight in seen:
            distance = self._distance(sight.point)
            side = 1 if distance >= 0 else -1
            walker = self._known.setdefault(sight.figure, _Walker(sight, side))
            before, walker.last = walker.last, sight
            if side == walker.side:
                walker.over, walker.frames, walker.through = None, 0, False
                continue
            walker.through = walker.through or segments_cross(before.point, sight.point, *self._longer())
            walker.over, walker.frames = walker.over or sight, walker.frames + 1
            if walker.frames >= _LEAST_FRAMES and abs(distance) >= self.rules.margin:
                if walker.through:
                    way = "in" if side > 0 else "out"
                    events.append(sight_to_event("cross", self.line.name, walker.over, now, how=way))
                walker.side, walker.over, walker.frames, walker.through = side, None, 0, False
        self._forget(now)
        return events

    def _forget(self, now: Moment) -> None:
        since = now.time - self.rules.memory
        self._known = {one: known for one, known in self._known.items() if known.last.moment.time >= since}

    def _distance(self, point: Point) -> float:
        """Pixels from the straight line, above 0 on its inner side."""
        (x0, y0), (x1, y1) = self.line.points
        distance = _right_of(self.line.points, point) / np.hypot(x1 - x0, y1 - y0)
        inside = self.line.inside
        turned = inside is not None and _right_of(self.line.points, inside) < 0
        return float(-distance if turned else distance)

    def _longer(self) -> tuple[Point, Point]:
        """The line, by a hair longer, so that its very ends count."""
        (x0, y0), (x1, y1) = self.line.points
        dx, dy = 1e-6 * (x1 - x0), 1e-6 * (y1 - y0)
        return (x0 - dx, y0 - dy), (x1 + dx, y1 + dy)


def _right_of(ends: tuple[Point, Point], point: Point) -> float:
    (x0, y0), (x1, y1) = ends
    return (x1 - x0) * (point[1] - y0) - (y1 - y0) * (point[0] - x0)
