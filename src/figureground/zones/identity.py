"""Who is still the same although the tracker lost it for a moment and gave it another number."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from figureground.zones.zonefile import Point

_REACH = 1.0  # figures' own sizes that a lost one may be found away from its place
_DRIFT = 1.0  # and how many more for each second that it was out of sight


@dataclass(slots=True)
class _Known:
    """A tracker's number: the figure that it stands for, and where it was seen last."""

    figure: int
    point: Point
    size: float
    time: Fraction
    beside: int | None = None


@dataclass(frozen=True, slots=True)
class Who:
    """One figure of a frame.

    Attributes:
        row: its place in the frame's Instances.
        figure: its number, which outlives a change of the tracker's.
        point: where it is, in pixels.
        beside: the figure out of which it came, None where it came alone.
    """

    row: int
    figure: int
    point: Point
    beside: int | None


class Identities:
    """Numbers of figures from the numbers of a tracker.

    A number that begins near the place where another was lost a moment ago goes on with its figure. One
    that begins beside a figure that is still seen (a mask that falls into pieces, two that part) is a new
    figure that is known to come out of that one.

    Args:
        memory: seconds for which a figure that was lost is remembered.

    Example:
        >>> who = Identities(Fraction(2))
        >>> who.update(Fraction(0), [7], [(10.0, 10.0)], [8.0])[0].figure
        0
        >>> who.update(Fraction(1), [9], [(15.0, 10.0)], [8.0])[0].figure
        0
    """

    def __init__(self, memory: Fraction) -> None:
        self._memory = memory
        self._known: dict[int, _Known] = {}
        self._next = 0

    def update(
        self, time: Fraction, ids: Sequence[int], points: Sequence[Point], sizes: Sequence[float]
    ) -> list[Who]:
        """Who the figures of a frame are, in their order; those with an id below 0 are left out.

        Args:
            time: of the frame in seconds.
            ids: the tracker's numbers.
            points: where they are, in pixels.
            sizes: square root of their areas, in pixels.
        """
        self._known = {one: known for one, known in self._known.items() if time - known.time <= self._memory}
        rows = [row for row, one in enumerate(ids) if one >= 0 and np.isfinite(points[row]).all()]
        fresh = [row for row in rows if ids[row] not in self._known]
        for row in rows:
            if row not in fresh:
                known = self._known[ids[row]]
                known.point, known.size, known.time = points[row], sizes[row], time
        self._take_over(time, fresh, ids, points, sizes)
        for row in fresh:
            if ids[row] not in self._known:
                beside = self._beside(time, points[row], sizes[row])
                self._known[ids[row]] = _Known(self._next, points[row], sizes[row], time, beside)
                self._next += 1
        return [self._who(row, ids[row], points[row]) for row in rows]

    def _who(self, row: int, one: int, point: Point) -> Who:
        known = self._known[one]
        return Who(row, known.figure, point, known.beside)

    def _take_over(
        self,
        time: Fraction,
        fresh: Sequence[int],
        ids: Sequence[int],
        points: Sequence[Point],
        sizes: Sequence[float],
    ) -> None:
        """Let new numbers go on with lost figures, the nearest pairs first."""
        lost = [(one, known) for one, known in self._known.items() if known.time < time]
        pairs = sorted(
            (distance, row, one)
            for row in fresh
            for one, known in lost
            if (distance := _distance(points[row], known.point)) <= _reach(known, sizes[row], time)
        )
        for _, row, one in pairs:
            if one in self._known and ids[row] not in self._known:
                old = self._known.pop(one)
                self._known[ids[row]] = _Known(old.figure, points[row], sizes[row], time, old.beside)

    def _beside(self, time: Fraction, point: Point, size: float) -> int | None:
        """The nearest figure that is seen now, if it is near enough to have come out of it."""
        near = [
            (distance, known.figure)
            for known in self._known.values()
            if known.time == time and (distance := _distance(point, known.point)) <= _reach(known, size, time)
        ]
        return min(near)[1] if near else None


def _reach(known: _Known, size: float, time: Fraction) -> float:
    return max(known.size, size) * (_REACH + _DRIFT * float(time - known.time))


def _distance(one: Point, two: Point) -> float:
    return float(np.hypot(one[0] - two[0], one[1] - two[1]))
