"""Who is in a zone, and since when: one stay is one enter and one leave, however the border is drawn."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from figureground.zones.events import Event, Moment, Sight, sight_to_event
from figureground.zones.rules import Rules
from figureground.zones.zonefile import Zone

_LEAST_FRAMES = 2  # one frame alone proves nothing, however long it lasts


@dataclass(slots=True)
class _Visitor:
    """A figure as the zone knows it.

    Attributes:
        last: when and where it was seen last.
        first: when and where it was seen first.
        inside: whether it counts as inside.
        over: the first sight of it on the other side, since when it has been there; None where it is not.
        frames: it has been on the other side.
        outside: whether it was ever seen outside.
        entered: when its stay began.
        part_of: the figure whose stay it shares, as it came out of that one inside the zone.
        anchor: from where its movement is measured.
        dwelt: whether it was told that it stays.
    """

    last: Sight
    first: Sight
    inside: bool = False
    over: Sight | None = None
    frames: int = 0
    outside: bool = False
    entered: Moment | None = None
    part_of: int | None = None
    anchor: tuple[float, float] = (0.0, 0.0)
    dwelt: bool = False


@dataclass
class Visits:
    """The stays in one zone.

    A figure is inside once it was seen in the zone on all frames of `rules.settle` seconds; the enter is told
    for the first of them. It is outside once it was not in the zone for as long, and is farther than
    `rules.margin` pixels from it. What is not seen any more for `rules.memory` seconds has left when it was
    seen last.
    """

    zone: Zone
    rules: Rules
    _known: dict[int, _Visitor] = field(default_factory=dict)
    _began: Moment | None = None
    _full: bool = False
    _moved: Fraction | None = None

    @property
    def inside(self) -> list[int]:
        """The figures that are inside now, without those that share the stay of another."""
        return [one for one, visitor in self._known.items() if visitor.inside and visitor.part_of is None]

    def waiting(self) -> Iterator[int]:
        """The frames that an event may still be about."""
        for visitor in self._known.values():
            if visitor.over is not None:
                yield visitor.over.moment.frame
            if visitor.inside:
                yield visitor.last.moment.frame

    def update(self, now: Moment, seen: Sequence[tuple[Sight, float]]) -> list[Event]:
        """What happened, now that the frame `now` was seen.

        Args:
            now: the frame.
            seen: each figure, and how many pixels it is inside the zone; below 0 where it is outside.
        """
        self._began = self._began or now
        events: list[Event] = []
        for sight, depth in seen:
            visitor = self._known.setdefault(sight.figure, _Visitor(sight, sight, anchor=sight.point))
            visitor.last = sight
            events += (
                self._left(visitor, depth, now) if visitor.inside else self._entered(visitor, depth, now)
            )
        events += self._parted(now)
        events += self._lost(now)
        return events + self._counted(now, events) + self._stayed(now) + self._movement(now)

    def _entered(self, visitor: _Visitor, depth: float, now: Moment) -> list[Event]:
        if depth < 0:
            visitor.over, visitor.frames, visitor.outside = None, 0, True
            return []
        visitor.over, visitor.frames = visitor.over or visitor.last, visitor.frames + 1
        if not self._settled(visitor, now):
            return []
        sight, visitor.over, visitor.frames = visitor.over, None, 0
        visitor.inside, visitor.entered, visitor.dwelt = True, sight.moment, False
        visitor.anchor = visitor.last.point
        if not visitor.outside and self._holds(sight.beside):
            visitor.part_of = sight.beside
            return []
        how = "crossed" if visitor.outside else "appeared"
        if sight.moment == self._began:
            how = "there"
        return [self._event("enter", sight, now, how=how)]

    def _left(self, visitor: _Visitor, depth: float, now: Moment) -> list[Event]:
        if depth >= 0:
            visitor.over, visitor.frames = None, 0
            return []
        visitor.over, visitor.frames, visitor.outside = visitor.over or visitor.last, visitor.frames + 1, True
        if depth >= -self.rules.margin or not self._settled(visitor, now):
            return []
        return self._ended(visitor, visitor.over, now, "crossed")

    def _settled(self, visitor: _Visitor, now: Moment) -> bool:
        """Whether it has been on the other side for long enough."""
        since = visitor.over.moment.time if visitor.over is not None else now.time
        return visitor.frames >= _LEAST_FRAMES and now.time - since >= self.rules.settle

    def _ended(self, visitor: _Visitor, sight: Sight, now: Moment, how: str) -> list[Event]:
        """The stay ends; of one that is shared only with the last of those who share it."""
        entered, part = visitor.entered or sight.moment, visitor.part_of
        visitor.inside, visitor.over, visitor.frames, visitor.part_of = False, None, 0, None
        if part is not None:
            return []
        parts = [one for one in self._known.values() if one.part_of == sight.figure]
        heir = next((one for one in parts if one.inside and one.last.moment == now), None)
        for one in parts:
            one.part_of = None if one is heir else (heir.last.figure if heir else None)
            one.inside = one.inside and heir is not None
        if heir is not None and how == "lost":
            heir.entered, heir.dwelt = entered, visitor.dwelt
            return []
        if heir is not None:  # the other one went, so these were two
            return [self._gone(sight, now, how, entered), self._event("enter", heir.first, now, how="parted")]
        return [self._gone(sight, now, how, entered)]

    def _gone(self, sight: Sight, now: Moment, how: str, entered: Moment) -> Event:
        return self._event("leave", sight, now, how=how, seconds=float(sight.moment.time - entered.time))

    def _parted(self, now: Moment) -> list[Event]:
        """Figures that came out of another, and were seen beside it for so long that these are two."""
        events = []
        for visitor in self._known.values():
            if visitor.part_of is None or visitor.last.moment != now:
                continue
            whole = self._known.get(visitor.part_of)
            if whole is None or not whole.inside or whole.last.moment != now:
                continue
            if now.time - visitor.first.moment.time >= self.rules.memory:
                visitor.part_of = None
                events.append(self._event("enter", visitor.first, now, how="parted"))
        return events

    def _lost(self, now: Moment) -> list[Event]:
        """Forget those who were not seen for long; who was inside has left."""
        events = []
        for one, visitor in list(self._known.items()):
            if now.time - visitor.last.moment.time <= self.rules.memory:
                continue
            if visitor.inside:
                how = "lost" if visitor.over is None else "crossed"
                events += self._ended(visitor, visitor.over or visitor.last, now, how)
            del self._known[one]
        return events

    def _holds(self, figure: int | None) -> bool:
        """Whether `figure` is inside, or about to be."""
        visitor = None if figure is None else self._known.get(figure)
        return visitor is not None and (visitor.inside or visitor.over is not None)

    def _counted(self, now: Moment, events: Sequence[Event]) -> list[Event]:
        count, most = len(self.inside), self.zone.count
        reached = most is not None and count >= most
        if reached and not self._full:
            self._full = True
            last = next((one for one in reversed(events) if one.kind == "enter"), None)
            sight = self._known[self.inside[-1] if last is None else last.figure].last
            if last is not None:
                sight = sight._replace(moment=last.at, point=last.point, id=last.id)
            return [self._event("count", sight, now)]
        self._full = reached
        return []

    def _stayed(self, now: Moment) -> list[Event]:
        events = []
        for figure in self.inside if self.zone.dwell is not None else ():
            visitor = self._known[figure]
            stayed = visitor.last.moment.time - (visitor.entered or now).time
            if visitor.over is None and not visitor.dwelt and stayed >= Fraction(str(self.zone.dwell)):
                visitor.dwelt = True
                events.append(self._event("dwell", visitor.last, now, seconds=float(stayed)))
        return events

    def _movement(self, now: Moment) -> list[Event]:
        """One event for each time that something moves after all was still for `rules.memory` seconds."""
        if "movement" not in self.zone.tell:
            return []
        moved = [visitor for visitor in self._known.values() if self._has_moved(visitor, now)]
        still = self._moved is None or now.time - self._moved > self.rules.memory
        if moved:
            self._moved = now.time
        return [self._event("movement", moved[0].last, now)] if moved and still else []

    def _has_moved(self, visitor: _Visitor, now: Moment) -> bool:
        """Whether it is far from its anchor, which then goes with it."""
        if not visitor.inside or visitor.last.moment != now:
            return False
        point, anchor = visitor.last.point, visitor.anchor
        if np.hypot(point[0] - anchor[0], point[1] - anchor[1]) <= self.rules.margin:
            return False
        visitor.anchor = point
        return True

    def _event(self, kind: str, sight: Sight, now: Moment, *, how: str = "", seconds: float = 0.0) -> Event:
        return sight_to_event(
            kind,  # type: ignore[arg-type]
            self.zone.name,
            sight,
            now,
            how=how,
            seconds=seconds,
            count=len(self.inside),
        )
