"""Events of figures whose way is known; what is expected is counted by hand.

The zone covers the columns 50 to 150; frames are 0.1 s apart, so that 0.5 s are 5 frames after the first.
"""

from fractions import Fraction
from itertools import pairwise

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from moving import BOX, RULES, SIZE, box_zone, found_at, frame_at, short, watched, way, zones_of

from figureground.errors import OptionError
from figureground.zones import Ground, Rules, Watch, Zone
from figureground.zones.zonefile import Drawn, Zones


def one(points, key=7):
    return [{key: point} for point in points]


def test_through_the_zone_is_one_enter_and_one_leave():
    walk = one(way((20, 180, 17)))  # 10 pixels a frame: 50 on frame 3, 150 on frame 13, 160 on frame 14
    events = watched([*walk, *[{7: (190.0, 60.0)}] * 9], box_zone())
    assert short(events) == [("enter", 3, 0, "crossed"), ("leave", 14, 0, "crossed")]
    assert [event.at.time for event in events] == [Fraction(3, 10), Fraction(14, 10)]
    assert [event.told.frame for event in events] == [8, 19]
    assert (events[0].point, events[0].id, events[0].count) == ((50.0, 60.0), 7, 1)
    assert (events[1].seconds, events[1].count) == (1.1, 0)


def test_swaying_on_the_border_is_one_enter():
    swaying = [(51.0 if index % 3 else 47.0, 60.0) for index in range(60)]  # never more than 3 pixels out
    still = [(60.0, 60.0)] * 8
    assert short(watched(one([(20.0, 60.0)] * 3 + still + swaying), box_zone())) == [
        ("enter", 3, 0, "crossed")
    ]


def test_a_short_look_into_the_zone_is_nothing():
    assert watched(one([(20.0, 60.0)] * 3 + [(60.0, 60.0)] * 5 + [(20.0, 60.0)] * 30), box_zone()) == []


def test_a_short_step_out_ends_no_stay():
    out = [(20.0, 60.0)] * 5
    events = watched(one([(60.0, 60.0)] * 9 + out + [(60.0, 60.0)] * 30), box_zone())
    assert short(events) == [("enter", 0, 0, "there")]


def test_the_feet_count_and_not_the_box():
    tall = [{3: (100.0, 100.0)}] * 20  # reaches up into the zone, stands below it
    watch = Watch(box_zone(), RULES, SIZE)
    events = [
        event
        for index, places in enumerate(tall)
        for event in watch.update(frame_at(index), found_at(places, side=61))
    ]
    assert events == []
    above = Watch(box_zone(), Rules(by="middle"), SIZE)
    assert [
        event.kind
        for index, places in enumerate(tall)
        for event in above.update(frame_at(index), found_at(places, side=61))
    ] == ["enter"]


def test_one_who_vanishes_has_left_where_it_was_seen_last():
    events = watched([*one([(20.0, 60.0)] * 2 + [(60.0, 60.0)] * 10), *[{}] * 30], box_zone())
    assert short(events) == [("enter", 2, 0, "crossed"), ("leave", 11, 0, "lost")]
    assert events[1].told.frame == 32  # the first frame more than 2 s later


def test_a_new_number_for_the_same_figure_is_no_second_enter():
    before, gap, after = [(60.0, 60.0)] * 10, [{}] * 9, [(64.0, 60.0)] * 30
    events = watched([*one(before, 1), *gap, *one(after, 2)], box_zone())
    assert short(events) == [("enter", 0, 0, "there")]


def test_another_figure_far_away_is_a_second_enter():
    before, after = [(60.0, 60.0)] * 10, [(140.0, 60.0)] * 40
    events = watched([*one(before, 1), *[{}] * 3, *one(after, 2)], box_zone())
    assert short(events) == [("enter", 0, 0, "there"), ("enter", 13, 1, "appeared"), ("leave", 9, 0, "lost")]


def test_pieces_of_a_figure_are_no_figures():
    whole, pieces = {1: (60.0, 60.0)}, {1: (60.0, 60.0), 2: (63.0, 58.0)}
    assert short(watched([*[whole] * 9, *[pieces] * 12, *[whole] * 40], box_zone())) == [
        ("enter", 0, 0, "there")
    ]


def test_the_stay_goes_on_in_the_piece_that_is_left():
    whole, pieces, rest = {1: (60.0, 60.0)}, {1: (60.0, 60.0), 2: (63.0, 58.0)}, {2: (63.0, 58.0)}
    events = watched([*[whole] * 9, *[pieces] * 9, *[rest] * 40, *[{2: (20.0, 60.0)}] * 9], box_zone())
    assert short(events) == [("enter", 0, 0, "there"), ("leave", 58, 1, "crossed")]
    assert events[1].seconds == 5.8


def test_two_that_came_in_as_one_are_two_when_they_stay_apart():
    whole = {1: (60.0, 60.0)}
    apart = [{1: (60.0, 60.0), 2: (63.0 + min(3 * step, 60), 60.0)} for step in range(40)]
    events = watched([*[whole] * 9, *apart], box_zone(count=2))
    assert short(events) == [("enter", 0, 0, "there"), ("enter", 9, 1, "parted"), ("count", 9, 1, "")]


def test_dwell_is_told_once_a_stay():
    stay = [(60.0, 60.0)] * 31
    outside = [(20.0, 60.0)] * 9
    events = watched(one(outside + stay + outside + stay), box_zone(dwell=2, tell=("enter",)))
    assert [(event.kind, event.at.frame, event.seconds) for event in events] == [
        ("enter", 9, 0.0),
        ("dwell", 29, 2.0),
        ("enter", 49, 0.0),
        ("dwell", 69, 2.0),
    ]


def test_count_is_told_when_it_is_reached_and_again_after_it_fell():
    two = {1: (60.0, 60.0), 2: (140.0, 60.0)}
    one_out = {1: (60.0, 60.0), 2: (170.0, 60.0)}
    events = watched([*[one_out] * 3, *[two] * 20, *[one_out] * 9, *[two] * 9], box_zone(count=2, tell=()))
    assert [(event.kind, event.at.frame, event.count) for event in events] == [
        ("count", 3, 2),
        ("count", 32, 2),
    ]


def test_movement_is_told_when_it_begins():
    moving, still = way((60, 100, 9)), [(100.0, 60.0)] * 30  # 5 pixels a frame; more than 4 counts
    events = watched(
        one([(60.0, 60.0)] * 9 + moving + still + way((100, 140, 9))), box_zone(tell=("movement",))
    )
    assert short(events) == [("movement", 10, 0, ""), ("movement", 49, 0, "")]


def test_trembling_is_no_movement():
    places = [(60.0 + index % 4, 60.0) for index in range(80)]
    assert watched(one(places), box_zone(tell=("movement",))) == []


def depths(values, zones):
    watch = Watch(zones, RULES, SIZE)
    return [
        event
        for index, depth in enumerate(values)
        for event in watch.update(frame_at(index), found_at({1: (60.0, 60.0)}, [depth]))
    ]


def test_a_range_of_depth_is_part_of_the_zone():
    events = depths([1.0] * 5 + [2.5] * 10 + [4.0] * 10, box_zone(near=2, far=3))
    assert short(events) == [("enter", 5, 0, "crossed"), ("leave", 15, 0, "crossed")]
    assert events[0].depth == 2.5


def test_a_range_of_depth_needs_depth():
    with pytest.raises(OptionError, match=r"zone 'box' has a range of depth.*tells no depth"):
        depths([np.nan], box_zone(near=2))


def test_depth_from_the_ground():
    corners = ((0.0, 0.0), (200.0, 0.0), (200.0, 100.0), (0.0, 100.0))
    metres = ((0.0, 10.0), (20.0, 10.0), (20.0, 0.0), (0.0, 0.0))  # 10 pixels a metre, up is away
    zones = Zones(
        frame=Drawn(width=SIZE[1], height=SIZE[0]),
        zones=(Zone(name="box", polygon=BOX, near=3, far=5),),
        ground=Ground(pixels=corners, metres=metres),
    )
    rows = [75.0] * 9 + [60.0] * 9  # 2.5 m, 4 m
    events = watched([{1: (60.0, row)} for row in rows], zones)
    assert short(events) == [("enter", 9, 0, "crossed")]
    assert events[0].metres == pytest.approx((6.0, 4.0), abs=1e-5)


def test_zones_do_not_know_each_other():
    left = Zone(name="left", polygon=((0.0, 0.0), (100.0, 0.0), (100.0, 112.0), (0.0, 112.0)))
    right = Zone(name="right", polygon=((100.5, 0.0), (210.0, 0.0), (210.0, 112.0), (100.5, 112.0)))
    events = watched(one([(60.0, 60.0)] * 9 + [(150.0, 60.0)] * 9), zones_of([left, right]))
    assert [(event.zone, *row) for event, row in zip(events, short(events), strict=True)] == [
        ("left", "enter", 0, 0, "there"),
        ("left", "leave", 9, 0, "crossed"),
        ("right", "enter", 9, 0, "crossed"),
    ]


def test_nothing_seen_is_nothing_told():
    assert watched([{}] * 20, box_zone()) == []
    assert watched([{-1: (60.0, 60.0)}] * 20, box_zone()) == []


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(st.tuples(st.integers(0, 5), st.integers(3, 207)), max_size=4), max_size=60))
def test_stays_of_a_figure_begin_before_they_end_and_do_not_overlap(frames):
    events = watched([{key: (float(x), 60.0) for key, x in frame} for frame in frames], box_zone())
    assert [event.at.time <= event.told.time for event in events] == [True] * len(events)
    for figure in {event.figure for event in events}:
        kinds = [event.kind for event in events if event.figure == figure]
        assert all(first != second for first, second in pairwise(kinds)), kinds
    assert all(event.count >= 0 for event in events)
