"""Tracks of other tools."""

import pickle
from fractions import Fraction

import numpy as np
import pytest
from samples import SIZE, two_figures

from figureground.errors import InputError
from figureground.tracks.formats import Known, read_any_tracks, write_tracks_as

HEAD = "filename,file_size,file_attributes,region_count,region_id,region_shape_attributes,region_attributes"
VIA = (
    '{name},26542080,"{{{file}}}",1,0,'
    '"{{""name"":""rect"",""x"":{x},""y"":2,""width"":3,""height"":6}}","{{""track"":""{track}""{more}}}"'
)


def via_line(name="v_0001.png", file='""clip"":123', x=1.5, track=1, more=""):
    return VIA.format(name=name, file=file, x=x, track=track, more=more)


def put(path, *lines):
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_mot_truth_with_classes(tmp_path):
    path = put(tmp_path / "gt.txt", "2,5,1,2,3,4,1,3,0.9", "", "1,6, 4.5,2,1,1,0,1,1", "2,6,7,8,1,1,1,1,1")
    tracks = read_any_tracks(path, Known("a.mp4", SIZE, Fraction(25)))
    assert tracks.frames.tolist() == [0, 1]
    assert tracks.frame.tolist() == [0, 1, 1]
    assert tracks.id.tolist() == [6, 5, 6]
    assert tracks.boxes.tolist() == [[4.5, 2, 5.5, 3], [1, 2, 4, 6], [7, 8, 8, 9]]
    assert tracks.score.tolist() == [0, 1, 1]
    assert [tracks.info.classes[label] for label in tracks.label] == ["class_1", "class_3", "class_1"]
    assert tracks.centroids.tolist() == [[5, 2.5], [2.5, 4], [7.5, 8.5]]
    assert not tracks.masks.known.any()
    assert len(tracks.at(1)) == 2


def test_what_mot_does_not_tell_is_made_up_as_little_as_can_be(tmp_path):
    tracks = read_any_tracks(put(tmp_path / "a.txt", "3,1,10,20,5.5,4", "4,1,10,20,5,4,-1,-1,-1,-1"))
    assert (tracks.info.size, tracks.info.rate, tracks.info.classes) == ((24, 16), None, ("figure",))
    assert tracks.frames.tolist() == [0, 1, 2, 3]
    assert tracks.seconds.tolist() == [0, 1, 2, 3]
    assert tracks.score.tolist() == [1, 1]


def test_nothing_in_a_file_is_ordinary(tmp_path):
    assert len(read_any_tracks(put(tmp_path / "a.txt"))) == 0
    assert len(read_any_tracks(put(tmp_path / "a.csv", HEAD))) == 0


@pytest.mark.parametrize(
    ("line", "match"),
    [
        ("1,2,3", r"line 2: expected frame,id,x,y,w,h,conf,-1,-1,-1, got '1,2,3'"),
        ("a,b,c,d,e,f", "line 2: expected numbers"),
        ("0,1,2,3,4,5,1", "frames must be whole numbers"),
        ("1e12,1,2,3,4,5,1", "frames must be whole numbers below"),
        ("nan,1,2,3,4,5,1", "frames must be whole"),
        ("1,1.5,2,3,4,5,1", "ids must be whole"),
        ("1,-1,2,3,4,5,1", "ids must be whole numbers of 0 or more; figure 2"),
        ("1,1,2,3,-4,5,1", "a width and a height of 0 or more"),
        ("1,1,1e9,3,4,5,1", "boxes must be pixels of a frame"),
        ("1,1,nan,3,4,5,1", "boxes must be"),
        ("1,9,2,3,4,5,1", r"id 9 comes twice in frame 0 \(counted from 0\)"),
    ],
)
def test_lines_that_make_no_sense_are_told(tmp_path, line, match):
    with pytest.raises(InputError, match=rf"a\.txt: .*{match}" if "line" not in match else match):
        read_any_tracks(put(tmp_path / "a.txt", "1,9,10,10,1,1,1", line))


def test_a_line_without_end_and_bytes_are_told(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"1" * 200_000)
    with pytest.raises(InputError, match=r"is no text of MOT \(field larger"):
        read_any_tracks(tmp_path / "a.txt")
    (tmp_path / "b.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="is no text of MOT"):
        read_any_tracks(tmp_path / "b.txt")


def test_via_tracks_as_others_write_them(tmp_path):
    lines = [
        via_line(track=2),
        via_line(name="v_0003.png", x=4, more=',""confidence"":""0.25""'),
        via_line(name="v_0003.png", x=7, track=2),
    ]
    tracks = read_any_tracks(put(tmp_path / "a.csv", HEAD, *lines), Known(rate=Fraction(30)))
    assert tracks.frame.tolist() == [1, 3, 3]
    assert tracks.id.tolist() == [2, 1, 2]
    assert tracks.boxes.tolist() == [[1.5, 2, 4.5, 8], [4, 2, 7, 8], [7, 2, 10, 8]]
    assert tracks.score.tolist() == [1, 0.25, 1]
    assert (tracks.info.video, tracks.info.size) == ("123", (8, 10))


def test_our_own_via_tracks_come_back(tmp_path):
    write_tracks_as(two_figures(), tmp_path / "a.csv", "via")
    tracks = read_any_tracks(tmp_path / "a.csv", Known(size=SIZE, rate=two_figures().info.rate))
    np.testing.assert_array_equal(tracks.boxes, two_figures().boxes)
    assert tracks.id.tolist() == [2, 7, 2, 7]
    assert [tracks.info.classes[label] for label in tracks.label] == ["fly", "moth", "fly", "moth"]
    assert tracks.info.video == "a.mp4"


@pytest.mark.parametrize(
    "line",
    [
        "v_01.png,1,{},1,0,{},{}",
        "v_01.png",
        via_line(name="v.png"),
        via_line(track="a"),
        via_line(x='""a""'),
        via_line().replace("}", "]"),
        "v_01.png,1," + "[" * 9000 + ",1,0,1,1",
    ],
)
def test_via_lines_that_make_no_sense_are_told(tmp_path, line):
    with pytest.raises(
        InputError, match=r"a\.csv: line 3: expected a rect with x, y, width, height, a track"
    ):
        read_any_tracks(put(tmp_path / "a.csv", HEAD, via_line(), line))


def test_unknown_files_are_told(tmp_path):
    with pytest.raises(InputError, match="tracks are read from"):
        read_any_tracks(put(tmp_path / "a.doc"))
    with pytest.raises(InputError, match="cannot be read: No such file"):
        read_any_tracks(tmp_path / "none.txt")


def held(**changed):
    """What DynamicBackgroundRemoval keeps of two animals, with torch's own tensors."""
    import torch

    whole = torch.tensor([[4.25, 5.5, 9.0, 9.0], [1, 2, 4, 4]])  # its boxes are rows of all boxes of a frame
    ring = np.array([[0, 0], [0, 4], [4, 4], [4, 0]], np.int32)[:, None]
    hole = np.array([[1, 2], [2, 1], [3, 2], [2, 3]], np.int32)[:, None]
    dot = np.array([[[1, 1]]], np.int32)
    animals = {
        0: {
            "animal_id": 0,
            "frame_number": [2, 4],
            "visible": True,
            "boxes": [whole[0], torch.tensor([4.0, 5.0, 9.0, 10.0])],
            "masks": [np.zeros((2, 2), np.uint8)],
            "contours": [(ring, hole), (ring,)],
            "scores": [torch.tensor([0.75]), torch.tensor([1.0])],
            "color": (1, 2, 3),
        },
        5: {"frame_number": [2], "boxes": [whole[1]], "contours": [(dot,)], "scores": [torch.tensor([0.5])]},
    }
    info = {"filename": "mice.mp4", "fps": 29.97002997, "width": 23, "height": 19}
    return {"animals": animals, "video_info": info} | changed


@pytest.mark.parametrize("protocol", [2, 4, 5])
def test_dynamic_background_removal(tmp_path, protocol):
    path = tmp_path / "a.pkl"
    path.write_bytes(pickle.dumps(held(), protocol))
    tracks = read_any_tracks(path)
    assert (tracks.info.video, tracks.info.size) == ("mice.mp4", SIZE)
    assert tracks.info.rate == Fraction(30000, 1001)
    assert tracks.frame.tolist() == [2, 2, 4]
    assert tracks.id.tolist() == [0, 5, 0]
    assert tracks.score.tolist() == [0.75, 0.5, 1]
    assert tracks.boxes.tolist() == [[4.25, 5.5, 9, 9], [1, 2, 4, 4], [4, 5, 9, 10]]
    ringed = np.zeros(SIZE, bool)
    ringed[5:10, 4:9] = True
    np.testing.assert_array_equal(tracks.at(4).dense()[0], ringed)
    ringed[7, 6] = False  # what the inner contour encloses, but for the contour itself
    np.testing.assert_array_equal(tracks.at(2).dense()[0], ringed)
    assert tracks.area.tolist() == [24, 1, 25]
    assert tracks.centroids.tolist() == [[6.5, 7.5], [2.5, 3.5], [6.5, 7.5]]


def test_contours_end_at_the_frame(tmp_path):
    path = tmp_path / "a.pkl"
    path.write_bytes(pickle.dumps(held(video_info={"filename": "a", "fps": 0, "width": 7, "height": 8})))
    tracks = read_any_tracks(path)
    np.testing.assert_array_equal(tracks.at(4).boxes, [[4, 5, 9, 10]])
    assert tracks.area[2] == 3 * 3
    assert tracks.info.rate is None


class Calls:
    def __reduce__(self):
        return print, ("harm",)


LONG = [np.array([[[0, 0]], [[1 << 30, 9]]], np.int32)]


@pytest.mark.parametrize(
    ("value", "match"),
    [
        ({"animals": Calls()}, r"wants to run builtins\.print, which tracks do not need"),
        ({"animals": 3}, "is no track file of DynamicBackgroundRemoval"),
        ([1], "is no track file of DynamicBackgroundRemoval"),
        ({"animals": {}, "video_info": {"filename": "", "fps": 3, "width": 0, "height": 9}}, "frames have"),
        (
            {"animals": {}, "video_info": {"filename": "", "fps": 3, "width": 1 << 40, "height": 9}},
            "frames have",
        ),
    ],
)
def test_other_pickles_are_told(tmp_path, value, match, capsys):
    path = tmp_path / "a.pkl"
    path.write_bytes(pickle.dumps(value))
    with pytest.raises(InputError, match=match):
        read_any_tracks(path)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("key", "value", "match"),
    [
        ("contours", [LONG, LONG], "id 0, frame 2: contour: reaches from"),
        ("contours", [3, 3], "id 0, frame 2: contour"),
        ("scores", [1], "must be lists of one length"),
        ("boxes", [[1], [2]], "is no track file"),
        ("boxes", [[1, 2, 3, float("nan")]] * 2, "boxes must be"),
        ("frame_number", [2, 2], "id 0 comes twice in frame 2"),
        ("frame_number", [2, 1 << 62], "frames must be whole numbers below"),
    ],
)
def test_animals_that_make_no_sense_are_told(tmp_path, key, value, match):
    wrong = held()
    wrong["animals"][0][key] = value
    (tmp_path / "a.pkl").write_bytes(pickle.dumps(wrong))
    with pytest.raises(InputError, match=match):
        read_any_tracks(tmp_path / "a.pkl")


def test_tensors_that_lie_are_told(tmp_path):
    good = pickle.dumps(held(), 2)
    path = tmp_path / "a.pkl"
    shapes = {b"K\x04\x85": b"K\x63\x85", b"FloatStorage": b"BoolStorageX", b"\x80\x02]q": b"\x80\x02}q"}
    for old, new in shapes.items():
        assert old in good
        path.write_bytes(good.replace(old, new))
        with pytest.raises(InputError, match="holds a tensor"):
            read_any_tracks(path)


def test_an_endless_family_of_lists_is_read_in_time(tmp_path):
    grown = [1]
    for _ in range(60):
        grown = [grown, grown]
    path = tmp_path / "a.pkl"
    path.write_bytes(pickle.dumps({"animals": grown}))
    with pytest.raises(InputError, match="is no track file"):
        read_any_tracks(path)
