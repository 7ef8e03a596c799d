"""A day is long: what is remembered must not grow with it."""

import tracemalloc

from moving import RULES, SIZE, found_at, frame_at, zones_of

from figureground.writers.events.writer import EventWriter
from figureground.zones import Line, Watch, Zone

LINE = Line(name="line", points=((100.0, 0.0), (100.0, 112.0)))
ZONE = Zone(
    name="box",
    polygon=((50.0, 30.0), (150.0, 30.0), (150.0, 80.0), (50.0, 80.0)),
    tell=("enter", "leave", "movement"),
    dwell=1,
    count=1,
)


def test_thousands_of_visitors_leave_nothing_behind():
    writer = EventWriter(Watch(zones_of([ZONE], [LINE]), RULES, SIZE))
    held = []

    def visits(first: int, count: int) -> None:
        """Each visitor has a number of its own, stays 8 frames, and vanishes in the zone."""
        for index in range(first, first + count):
            writer.write(frame_at(index), found_at({index // 8: (60.0 + 10 * (index % 8), 60.0)}))

    with writer:
        visits(0, 400)
        tracemalloc.start()
        for round_ in range(1, 4):
            visits(400 * round_, 400)
            held.append(tracemalloc.get_traced_memory()[0])
        tracemalloc.stop()
    assert writer.counts["box"]["enter"] > 50  # they did come
    assert held[2] - held[0] < 20_000  # 100 visitors more; each would be some hundred bytes
