"""Real people walk over a real floor: every entry is one event, at the frame that was seen by eye."""

from pathlib import Path

import pytest

from figureground.pipeline import process
from figureground.segmenters import load_segmenter
from figureground.sources import open_source
from figureground.trackers import load_tracker
from figureground.writers.events.writer import EventWriter
from figureground.zones import Line, Rules, Watch, Zone, Zones, margin_for
from figureground.zones.zonefile import Drawn

VIDEO = Path(__file__).parents[3] / "shared/data/fixed_camera/people_one_by_one.mp4"

SEEN_BY_EYE = [74, 242, 520, 762, 940, 1254]
"""The first frame on which both feet are above the row 410, looked up frame by frame.

Six people come in over the lower edge of the picture one after the other, stand at the table, and go out to
the right. The foot that comes last tells: on the frame before it is still on the row 410 or below it.
"""

TOLERANCE = 3
"""Frames, 0.3 s: a foot is in the air for as long, and its shadow below it belongs to the figure."""

FLOOR = Zone(name="floor", polygon=((0.0, 300.0), (767.0, 300.0), (767.0, 410.0), (0.0, 410.0)))
EXIT = Line(name="exit", points=((560.0, 250.0), (560.0, 431.0)))


@pytest.mark.slow
def test_every_entry_is_one_event() -> None:
    source = open_source(VIDEO)
    zones = Zones(frame=Drawn(width=768, height=432), zones=(FLOOR,), lines=(EXIT,))
    events = []
    writer = EventWriter(
        Watch(zones, Rules(margin=margin_for(source.info.size)), source.info.size),
        say=lambda text, record: events.append(record),
    )
    process(source, load_segmenter("pair", source), [writer], tracker=load_tracker())
    entered = [event["frame"] for event in events if event["event"] == "enter"]
    assert len(entered) == len(SEEN_BY_EYE)
    off = [frame - seen for frame, seen in zip(entered, SEEN_BY_EYE, strict=True)]
    assert max(map(abs, off)) <= TOLERANCE, off
    # each of them leaves once, after it came and before the next one comes, and crosses the line to the right
    order = [(event["zone"], event["event"], event["how"]) for event in events]
    assert [one[:2] for one in order if one[0] == "floor"] == [("floor", "enter"), ("floor", "leave")] * 6
    assert [one for one in order if one[0] == "exit"] == [("exit", "cross", "out")] * 6
    assert writer.inside == {"floor": 0}
