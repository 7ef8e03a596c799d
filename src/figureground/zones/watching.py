"""Watch: from the figures of each frame to the events in all zones."""

from collections.abc import Sequence

import cv2
import numpy as np

from figureground.errors import OptionError
from figureground.frames import Frame
from figureground.instances import Instances
from figureground.zones.contact import Points, contact_points, fit_plane, pixels_to_metres
from figureground.zones.crossings import Crossings
from figureground.zones.events import Event, Moment, Sight
from figureground.zones.identity import Identities, Who
from figureground.zones.rules import Rules
from figureground.zones.visits import Visits
from figureground.zones.zonefile import Point, Zone, Zones

_OUT = -1e9  # pixels inside the zone of one that is not in its range of depth


class Watch:
    """What happens in `zones`, frame by frame; one object a video, its memory does not grow.

    Args:
        zones: as drawn; they are brought to the size of the frames.
        rules: how sure something must be.
        size: (h, w) of the frames.

    Raises:
        InputError: the zones were drawn on a frame of another shape.

    Example:
        >>> from figureground.testing import made_herd
        >>> from figureground.zones import Rules, whole_picture
        >>> herd = made_herd((120, 160), frames=40, animals=2)
        >>> watch = Watch(whole_picture(herd.size), Rules(), herd.size)
        >>> events = [event for frame in herd for event in watch.update(frame, herd.truth(frame.index))]
        >>> [(event.kind, event.how) for event in events][:2]
        [('enter', 'there'), ('enter', 'there')]
    """

    def __init__(self, zones: Zones, rules: Rules, size: tuple[int, int]) -> None:
        zones = zones.scaled(size)
        self.zones, self.rules = zones, rules
        self._plane = None if zones.ground is None else fit_plane(zones.ground.pixels, zones.ground.metres)
        self._who = Identities(rules.memory)
        self._visits = [Visits(zone, rules) for zone in zones.zones]
        self._lines = [Crossings(line, rules) for line in zones.lines]

    def update(self, frame: Frame, found: Instances) -> list[Event]:
        """What happened, now that `frame` was seen; each event is told once, in order of time.

        Raises:
            OptionError: a zone has a range of depth, and neither the figures nor the zones tell of depth.
        """
        now = Moment(frame.index, frame.time)
        points = contact_points(found, self.rules.by)
        sizes = np.sqrt(found.areas).tolist()
        pairs: list[Point] = [(float(x), float(y)) for x, y in points]
        who = self._who.update(now.time, found.ids.tolist(), pairs, sizes)
        metres = np.full((len(points), 2), np.nan)
        if self._plane is not None:
            metres = pixels_to_metres(self._plane, points)
        sights = [_sight(now, one, found, metres) for one in who]
        events: list[Event] = []
        for visits in self._visits:
            placed = [(sight, _inside(visits.zone, sight)) for sight in sights]
            told = set(visits.zone.tell) | {"dwell", "count"}
            events += [event for event in visits.update(now, placed) if event.kind in told]
        for line in self._lines:
            events += line.update(now, sights)
        return sorted(events, key=lambda event: event.at.time)

    def waiting(self) -> set[int]:
        """The indices of the frames that an event may still be about: pictures of others can go."""
        of_zones = {frame for part in self._visits for frame in part.waiting()}
        return of_zones | {frame for part in self._lines for frame in part.waiting()}

    def inside(self) -> dict[str, int]:
        """How many figures are in each zone now."""
        return {visits.zone.name: len(visits.inside) for visits in self._visits}


def _sight(now: Moment, one: Who, found: Instances, metres: Points) -> Sight:
    row = one.row
    depth = float(found.depth[row])
    place = float(metres[row, 0]), float(metres[row, 1])
    return Sight(
        *(now, one.figure, int(found.ids[row]), one.point, one.beside),
        *(int(found.labels[row]), float(found.scores[row])),
        None if np.isnan(depth) else depth,
        None if np.isnan(place).any() else place,
    )


def _inside(zone: Zone, sight: Sight) -> float:
    """How many pixels `sight` is inside `zone`; below 0 where it is outside."""
    if zone.ranged and not _in_range(zone, sight):
        return _OUT
    return signed_distance(zone.polygon, sight.point)


def _in_range(zone: Zone, sight: Sight) -> bool:
    depth = sight.depth if sight.metres is None else sight.metres[1]
    if depth is None:
        raise OptionError(
            f"zone {zone.name!r} has a range of depth, but what finds the figures tells no depth; give "
            "the zones a ground of four known points, or leave near and far out"
        )
    return (zone.near is None or depth >= zone.near) and (zone.far is None or depth <= zone.far)


def signed_distance(polygon: Sequence[Point], point: Point) -> float:
    """Pixels from `point` to the border of `polygon`: above 0 inside, below 0 outside, 0 on it.

    Example:
        >>> signed_distance([(0, 0), (10, 0), (10, 10), (0, 10)], (3.0, 5.0))
        3.0
    """
    corners = np.asarray(polygon, np.float32)
    return float(cv2.pointPolygonTest(corners, (float(point[0]), float(point[1])), True))
