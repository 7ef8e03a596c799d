"""COCO json with track_id, as it is read: our own, and what other tools write."""

import json
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools import mask as coco
from samples import INFO, SIZE, assert_equal, frame, square, two_figures, walkers

from figureground.apps.cli.main import main
from figureground.errors import InputError
from figureground.tracks import Stamp, Tracks
from figureground.tracks.file import read_tracks, write_tracks
from figureground.tracks.formats import Known, read_any_tracks, write_tracks_as

SQUARE = [1, 0, 4, 0, 4, 2, 1, 2]  # x 1 to 4, y 0 to 2


def image(number=1, **more):
    return {"id": number, "height": SIZE[0], "width": SIZE[1], "file_name": "a.png"} | more


def figure(**more):
    return {"image_id": 1, "category_id": 3, "track_id": 5, "segmentation": [SQUARE]} | more


def put(path, images=None, figures=None, **more):
    held = {"images": [image()] if images is None else images}
    held |= {"annotations": [figure()] if figures is None else figures}
    held |= {"categories": [{"id": 3, "name": "fly"}, {"id": 1, "name": "ant"}]} | more
    path.write_text(json.dumps(held))
    return path


def without(record, *names):
    return {key: value for key, value in record.items() if key not in names}


@pytest.mark.parametrize(
    "tracks", [two_figures(), walkers(11, 3), Tracks.from_instances([], INFO)], ids=["two", "blobs", "none"]
)
def test_our_own_comes_back_whole(tmp_path, tracks):
    write_tracks_as(tracks, tmp_path / "a.json")
    read = read_any_tracks(tmp_path / "a.json", Known(size=SIZE))  # which no image tells where there is none
    assert read.info.made_by.endswith(" from a.json")
    about = {name: getattr(tracks.info, name) for name in ("made_by", "settings")}
    assert_equal(replace(read, info=replace(read.info, **about)), tracks)


def test_times_that_are_no_multiples_come_back(tmp_path):
    (stamp, first), (_, second) = frame(3, square(0, 0), ids=[1]), frame(9, square(2, 2), ids=[1])
    late = Stamp(9, Fraction(12345, 90001))
    tracks = Tracks.from_instances([(stamp, first), (late, second)], INFO)
    write_tracks_as(tracks, tmp_path / "a.json")
    assert read_any_tracks(tmp_path / "a.json").time(9) == Fraction(12345, 90001)


def test_polygons_packed_and_plain_run_lengths_are_the_same_figure(tmp_path):
    mask = np.zeros(SIZE, np.uint8, order="F")
    mask[0:2, 1:4] = 1
    packed = coco.encode(mask)
    packed["counts"] = packed["counts"].decode()
    plain = {"size": [*SIZE], "counts": [SIZE[0], 2, 17, 2, 17, 2, SIZE[0] * 18 + 17 + SIZE[0]]}
    figures = [
        figure(track_id=number, segmentation=shape) for number, shape in enumerate(([SQUARE], packed, plain))
    ]
    tracks = read_any_tracks(put(tmp_path / "a.json", figures=figures))
    assert tracks.id.tolist() == [0, 1, 2]
    for dense in tracks.at(0).dense():
        np.testing.assert_array_equal(dense, mask)
    assert tracks.boxes.tolist() == [[1, 0, 4, 2]] * 3  # as none is given
    assert tracks.area.tolist() == [6] * 3
    assert (tracks.info.classes, tracks.label.tolist()) == (("ant", "fly"), [1, 1, 1])


def test_boxes_alone(tmp_path):
    bare = [without(figure(bbox=[1.5, 2, 3, 4.25], score=0.25), "segmentation"), figure(track_id=6)]
    bare[1] |= {"segmentation": [], "bbox": [0, 0, 2, 2]}
    tracks = read_any_tracks(put(tmp_path / "a.json", figures=bare))
    assert tracks.boxes.tolist() == [[1.5, 2, 4.5, 6.25], [0, 0, 2, 2]]
    assert tracks.score.tolist() == [0.25, 1]
    assert not tracks.masks.known.any()


@pytest.mark.parametrize(
    ("images", "frames"),
    [
        ([image(7, frame_id=2), image(3, frame_id=0)], [2, 0]),
        ([image(7, file_name="frame_000012.png"), image(3, file_name="frame_000004.png")], [12, 4]),
        ([image(7, file_name="v1.png"), image(3, file_name="v1.png")], [1, 0]),
        ([image(7), image(3, file_name="b.png")], [1, 0]),
        ([image(7, frame_id=2, file_name="x_8.png"), image(3, file_name="x_6.png")], [8, 6]),
    ],
    ids=["frame_id", "number", "one number", "no number", "frame_id of one only"],
)
def test_which_frame_an_image_is(tmp_path, images, frames):
    tracks = read_any_tracks(
        put(tmp_path / "a.json", images, [figure(image_id=7)]), Known("a.mp4", rate=Fraction(30))
    )
    assert tracks.frame.tolist() == [frames[0]]
    assert tracks.frames.tolist() == sorted(frames)
    assert tracks.time(frames[0]) == Fraction(frames[0], 30)


def test_what_cvat_writes(tmp_path):
    """Its track_id is among the attributes, and its frames are numbered in the files' names."""
    attributes = {"occluded": False, "track_id": 4, "keyframe": True, "colour": "red"}
    one = without(figure(attributes=attributes, iscrowd=0, area=6.0, id=1), "track_id")
    images = [image(1, file_name="frame_000009.png", license=0, flickr_url="", coco_url="", date_captured=0)]
    tracks = read_any_tracks(put(tmp_path / "a.json", images, [one], licenses=[], info={"year": ""}))
    assert (tracks.id.tolist(), tracks.frame.tolist()) == ([4], [9])


def test_seconds_as_other_tools_write_them(tmp_path):
    images = [image(1, time=0.1), image(2, time=0.5, file_name="b.png")]
    tracks = read_any_tracks(put(tmp_path / "a.json", images))
    assert [tracks.time(0), tracks.time(1)] == [Fraction(1, 10), Fraction(1, 2)]


def test_nothing_in_it_is_ordinary(tmp_path):
    assert len(read_any_tracks(put(tmp_path / "a.json", [], []), Known(size=SIZE))) == 0
    (tmp_path / "b.json").write_text('{"images": []}')
    assert len(read_any_tracks(tmp_path / "b.json")) == 0


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"figures": [without(figure(), "track_id")]}, "annotation 1 has no track_id"),
        ({"figures": [figure(attributes=3)]}, r"is no COCO json of tracks .*annotations\[0\]\.attributes"),
        ({"figures": [figure(image_id=9)]}, "annotation 1 is of an image that is not there"),
        ({"figures": [figure(category_id=9)]}, "annotation 1 is of a category that is not there"),
        ({"figures": [figure(), figure()]}, r"id 5 comes twice in frame 0 \(counted from 0\)"),
        ({"figures": [figure(track_id=-1)]}, "ids must be whole numbers of 0 or more"),
        ({"figures": [figure(track_id=1 << 60)]}, "is no COCO json of tracks"),
        ({"figures": [figure(track_id="a")]}, r"annotations\[0\]\.track_id"),
        ({"figures": [figure(bbox=[1, 2, 3])]}, r"annotations\[0\]\.bbox"),
        ({"figures": [figure(bbox=[1, 2, -3, 4])]}, "a width and a height of 0 or more"),
        ({"figures": [figure(bbox=[1, 2, 1e300, 4])]}, "boxes must be pixels of a frame"),
        ({"figures": [figure(segmentation=[[1, 2, 3]])]}, "annotation 1: .*a polygon has 3 numbers"),
        ({"figures": [figure(segmentation=[[1e9, 2, 3, 4, 5, 6]])]}, "more than 100000 pixels outside"),
        ({"figures": [figure(segmentation={"size": [19, 23], "counts": "7"})]}, "annotation 1: .*drawn"),
        ({"figures": [figure(segmentation={"size": [19, 23], "counts": "~~~"})]}, "cut short, or are no"),
        ({"figures": [figure(segmentation={"size": [19, 23], "counts": [437, -1, 1]})]}, "annotation 1"),
        ({"figures": [figure(segmentation={"size": [23, 19], "counts": [437]})]}, "this one is of"),
        ({"images": [image(), image()]}, "two images have the same id"),
        ({"images": [image(frame_id=4), image(2, frame_id=4)]}, "two images have the frame_id 4"),
        ({"images": [image(frame_id=-1)]}, r"images\[0\]\.frame_id"),
        ({"images": [image(frame_id=1 << 40)]}, r"images\[0\]\.frame_id"),
        ({"images": [image(), image(2, height=5)]}, r"several sizes \(23 x 19 pixels, 23 x 5 pixels\)"),
        ({"images": [image(height=1 << 27, width=1 << 27)]}, "says that frames have"),
        ({"images": [image(height=0)]}, r"images\[0\]\.height"),
        ({"images": [image(exact_time=[1, 0])]}, r"images\[0\]\.exact_time"),
        ({"images": [image(), image(2, video_id=2)]}, "holds several videos"),
        ({"images": [{"id": 1}]}, "no image tells its height and width"),
    ],
)
def test_what_makes_no_sense_is_told(tmp_path, change, match):
    with pytest.raises(InputError, match=rf"a\.json: .*{match}"):
        read_any_tracks(put(tmp_path / "a.json", **change))


@pytest.mark.parametrize(
    "text", [b"", b"[]", b"{}", b"[" * 100_000, b'{"images": [' * 9000, b"\xff\xfe{", b"3"]
)
def test_other_files_are_told(tmp_path, text):
    (tmp_path / "a.json").write_bytes(text)
    with pytest.raises(InputError, match=r"a\.json: is no COCO json of tracks"):
        read_any_tracks(tmp_path / "a.json")


@given(st.data())
def test_any_damage_is_read_or_told(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "damaged.json"
    write_tracks_as(two_figures(), path, overwrite=True)
    text = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(text) - 1))
        text[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    path.write_bytes(text)
    try:
        assert len(read_any_tracks(path)) <= 5
    except InputError as error:
        assert "damaged.json" in str(error)


def test_convert_reads_it_and_tells_nothing_that_is_known(tmp_path, capsys):
    write_tracks(two_figures(), tmp_path / "a.tracks.parquet")
    names = [str(tmp_path / name) for name in ("a.tracks.parquet", "a.json", "b.tracks.parquet")]
    assert main(["tracks", "convert", names[0], "-o", names[1], "--quiet"]) == 0
    assert main(["tracks", "convert", names[1], "-o", names[2]]) == 0
    assert "warning" not in capsys.readouterr().err
    assert read_tracks(names[2]).masks.text(3) == two_figures().masks.text(3)
    put(tmp_path / "c.json")
    assert main(["tracks", "convert", str(tmp_path / "c.json"), "-o", names[2], "--overwrite"]) == 0
    assert "does not tell the rate, so frame i is at i seconds" in capsys.readouterr().err
