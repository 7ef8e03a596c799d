import pytest
from moving import short, watched, way, zones_of

from figureground.zones import Line

UPRIGHT = Line(name="door", points=((100.0, 20.0), (100.0, 90.0)))


def seen(points, line=UPRIGHT):
    return watched([{4: point} for point in points], zones_of(lines=[line]))


def test_there_and_back_are_two_crossings():
    # 10 pixels a frame from 65: 95 on frame 3, 105 on frame 4; margin 4, and two frames are needed
    events = seen(way((65, 135, 8), (135, 65, 8)))
    assert short(events) == [("cross", 4, 0, "out"), ("cross", 12, 0, "in")]
    assert [event.told.frame for event in events] == [5, 13]


@pytest.mark.parametrize(("inside", "how"), [((10.0, 50.0), "out"), ((190.0, 50.0), "in"), (None, "out")])
def test_the_inner_side_is_said_or_the_right_hand_of_one_who_walks_along(inside, how):
    line = Line(name="door", points=UPRIGHT.points, inside=inside)
    assert [event.how for event in seen(way((65, 135, 8)), line)] == [how]


def test_swaying_on_the_line_is_no_crossing():
    assert seen([(98.0 if index % 2 else 102.0, 60.0) for index in range(40)]) == []


def test_swaying_before_it_is_crossed_is_one_crossing():
    swaying = [(98.0 if index % 2 else 102.0, 60.0) for index in range(20)]
    assert len(seen([(80.0, 60.0), *swaying, (120.0, 60.0), (120.0, 60.0), (120.0, 60.0)])) == 1


def test_the_way_round_an_end_is_no_crossing():
    round_it = [(80.0, 60.0), (80.0, 100.0), (120.0, 100.0), (120.0, 100.0), (120.0, 60.0), (120.0, 60.0)]
    assert seen(round_it) == []


def test_one_frame_beyond_is_no_crossing():
    assert seen([(80.0, 60.0), (120.0, 60.0), (80.0, 60.0), (80.0, 60.0)]) == []


def test_a_crossing_while_the_number_changes_is_one():
    frames = [{1: (96.0, 60.0)}] * 5 + [{}] * 3 + [{2: (101.0, 60.0)}] + [{2: (106.0, 60.0)}] * 3
    events = watched(frames, zones_of(lines=[UPRIGHT]))
    assert short(events) == [("cross", 8, 0, "out")]
