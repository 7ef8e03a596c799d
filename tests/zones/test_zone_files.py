import json

import pytest

from figureground.errors import InputError, OutputError
from figureground.zones import Ground, Line, Zone, Zones, read_zones, whole_picture, write_zones
from figureground.zones.zonefile import Drawn, segments_cross

SQUARE = [[10, 10], [60, 10], [60, 40], [10, 40]]
FRAME = {"width": 97, "height": 61}


def whole(**changes):
    return {"frame": FRAME, "zones": [{"name": "floor", "polygon": SQUARE}]} | changes


def zone(**changes):
    return whole(zones=[{"name": "floor", "polygon": SQUARE} | changes])


def read(tmp_path, content):
    path = tmp_path / "zones.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return read_zones(path)


def test_what_is_written_is_read_again(tmp_path):
    zones = Zones(
        frame=Drawn(width=97, height=61),
        zones=(
            Zone(name="floor", polygon=((1.5, 2.0), (60.0, 2.0), (60.0, 50.25)), near=1.0, dwell=30, count=2),
        ),
        lines=(Line(name="door", points=((5.0, 5.0), (5.0, 50.0)), inside=(50.0, 5.0)),),
        ground=Ground(
            pixels=((0.0, 60.0), (96.0, 60.0), (70.0, 20.0), (20.0, 20.0)),
            metres=((0.0, 0.0), (3.0, 0.0), (3.0, 5.0), (0.0, 5.0)),
        ),
    )
    path = tmp_path / "zones.json"
    write_zones(zones, path)
    assert read_zones(path) == zones
    assert "[1.5, 2.0]" in path.read_text()  # a point is one line, for people
    with pytest.raises(OutputError, match="is there already"):
        write_zones(zones, path)


def test_scaling(tmp_path):
    scaled = read(tmp_path, whole(lines=[{"name": "door", "points": [[0, 0], [9, 9]]}])).scaled((122, 194))
    assert scaled.zones[0].polygon[2] == (120.0, 80.0)
    assert scaled.lines[0].points == ((0.0, 0.0), (18.0, 18.0))
    assert (scaled.frame.width, scaled.frame.height) == (194, 122)


def test_another_shape_of_frame_is_refused(tmp_path):
    with pytest.raises(InputError, match="drawn on a frame of 97 x 61 pixels, and this one, 97 x 80"):
        read(tmp_path, whole()).scaled((80, 97))


def test_whole_picture():
    (zone,) = whole_picture((61, 97)).zones
    assert zone.polygon == ((0.0, 0.0), (96.0, 0.0), (96.0, 60.0), (0.0, 60.0))


def test_a_range_for_all_leaves_those_that_have_one(tmp_path):
    both = [{"name": "a", "polygon": SQUARE}, {"name": "b", "polygon": SQUARE, "far": 3}]
    zones = read(tmp_path, whole(zones=both)).in_range(1.0, 2.0).zones
    assert [(one.near, one.far) for one in zones] == [(1.0, 2.0), (None, 3.0)]


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"", "is not JSON"),
        (b"\xff\xfe{", "is not JSON"),
        (b"[" * 100_000, "[Ee]xpected"),
        (b"a" * (1 << 20) + b"b", "larger than a file of zones"),
        ([], "[Ee]xpected"),
        ({}, "missing required field 'frame'"),
        (whole(zones=[]), "holds no zone and no line"),
        (whole(zone=[]), "unknown field 'zone'"),
        (zone(polygon=SQUARE[:2]), "zone 'floor': needs 3 to 200 corners; it has 2"),
        (zone(polygon=SQUARE * 60), "needs 3 to 200 corners"),
        (zone(polygon=[[0, 0], [5, 5], [9, 9]]), "no area"),
        (zone(polygon=[SQUARE[0], SQUARE[2], SQUARE[1], [30, 50]]), "edges cross each other"),
        (zone(polygon=[[0, 0], [1e9, 0], [5, 5]]), "larger than 100000"),
        (zone(polygon=[[0, "0"], [5, 0], [5, 5]]), r"zones\[0\].polygon\[0\]\[1\].*[Ee]xpected 'float'"),
        (b'{"frame":{"width":9,"height":9},"zones":[{"name":"a","polygon":[[NaN,0]]}]}', "is not JSON"),
        (zone(name=""), "the name ''"),
        (zone(name="=cmd()"), "use letters, digits"),
        (zone(near=3, far=3), "near, 3, must be less than far, 3"),
        (zone(dwell=0), "dwell must be"),
        (zone(count=0), "count must be"),
        (zone(tell=["entre"]), r"zones\[0\].tell.*[Ii]nvalid enum value 'entre'"),
        (whole(frame={"width": 0, "height": 5}), "frame: width and height"),
        (whole(zones=whole()["zones"] * 2), "two zones or lines have the name 'floor'"),
        (whole(lines=[{"name": "x", "points": [[1, 1], [1, 1]]}]), "two ends are one point"),
        (whole(lines=[{"name": "x", "points": [[1, 1], [9, 1]], "inside": [5, 1]}]), "lies on the line"),
        (whole(ground={"pixels": SQUARE, "metres": [[0, 0], [1, 0], [2, 0], [3, 0]]}), "ground: three of"),
    ],
)
def test_what_makes_no_sense_is_told(tmp_path, content, match):
    with pytest.raises(InputError, match=match):
        read(tmp_path, content)


def test_a_file_that_is_missing():
    with pytest.raises(InputError, match=r"nowhere.json: cannot be read: No such file"):
        read_zones("nowhere.json")


def test_segments():
    assert segments_cross((0, 0), (4, 4), (0, 4), (4, 0))
    assert not segments_cross((0, 0), (1, 1), (0, 4), (4, 0))
