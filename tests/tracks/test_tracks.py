from fractions import Fraction

import numpy as np
import pytest

from figureground.instances import Crop, Instances
from figureground.tracks import Stamp, TrackInfo, Tracks

SIZE = (19, 23)
INFO = TrackInfo("a.mp4", SIZE, Fraction(25), classes=("fly", "moth"))


def square(y0: int, x0: int, side: int = 2) -> Crop:
    return Crop(y0, x0, np.ones((side, side), bool))


def frame(index: int, *crops: Crop, **columns: object) -> tuple[Stamp, Instances]:
    return Stamp(index, Fraction(index, 25)), Instances(SIZE, crops, **columns)


@pytest.fixture
def tracks() -> Tracks:
    found = [
        frame(3, square(0, 0), square(5, 6, 3), ids=[7, 2], labels=[1, 0], scores=[0.5, 1]),
        frame(4),
        frame(6, square(5, 7, 3), square(9, 9), square(1, 0), ids=[2, -1, 7], labels=[0, 0, 1]),
    ]
    return Tracks.from_instances(found, INFO)


def test_rows_come_by_frame_and_id_without_the_unconfirmed(tracks):
    assert tracks.frame.tolist() == [3, 3, 6, 6]
    assert tracks.id.tolist() == [2, 7, 2, 7]
    assert tracks.label.tolist() == [0, 1, 0, 1]
    assert tracks.score.tolist() == [1, 0.5, 1, 1]
    assert tracks.area.tolist() == [9, 4, 9, 4]
    assert tracks.centroids.tolist() == [[7.5, 6.5], [1, 1], [8.5, 6.5], [1, 2]]
    assert tracks.ids.tolist() == [2, 7]


def test_frames_without_figures_are_known(tracks):
    assert tracks.frames.tolist() == [3, 4, 6]
    assert len(tracks.at(4)) == 0
    assert tracks.time(4) == Fraction(4, 25)
    assert tracks.seconds.tolist() == [0.12, 0.16, 0.24]


def test_a_frame_comes_back_as_instances(tracks):
    found = tracks.at(6)
    assert found.ids.tolist() == [2, 7]
    assert found.boxes.tolist() == [[7, 5, 10, 8], [0, 1, 2, 3]]
    assert [crop.y0 for crop in found.masks] == [5, 1]
    assert found.size == SIZE


def test_an_unknown_frame_is_told(tracks):
    for index in (0, 5, 7):
        with pytest.raises(KeyError, match=str(index)):
            tracks.at(index)
    with pytest.raises(KeyError, match="5"):
        tracks.time(5)


def test_one_figure(tracks):
    one = tracks.of(7)
    assert one.frame.tolist() == [3, 6]
    assert one.frames.tolist() == [3, 4, 6]
    assert [crop.y0 for crop in one.masks] == [0, 1]
    assert len(tracks.of(99)) == 0


def test_some_rows_and_some_frames(tracks):
    assert tracks.select([0, 3]).id.tolist() == [2, 7]
    assert tracks.select(tracks.area > 5).id.tolist() == [2, 2]
    assert tracks.select([]).frame.tolist() == []
    part = tracks.between(4, 7)
    assert part.frames.tolist() == [4, 6]
    assert part.time(6) == Fraction(6, 25)
    assert len(part) == 2


def test_parts_are_joined(tracks):
    both = Tracks.joined([tracks.between(0, 4), tracks.between(4, 9)], INFO)
    assert both.frames.tolist() == tracks.frames.tolist()
    assert both.id.tolist() == tracks.id.tolist()
    np.testing.assert_array_equal(both.at(6).dense(), tracks.at(6).dense())
    with pytest.raises(ValueError, match="frames must rise"):
        Tracks.joined([tracks, tracks], INFO)


def test_nothing_at_all_is_ordinary():
    none = Tracks.from_instances([], INFO)
    assert (len(none), none.ids.tolist(), none.frames.tolist()) == (0, [], [])
    assert len(none.of(1)) == len(none.between(0, 9)) == 0


def test_the_box_of_a_figure_without_pixels_is_its_place():
    empty = Crop(0, 0, np.zeros((0, 0), bool))
    tracks = Tracks.from_instances([frame(0, empty, ids=[1], boxes=[[2, 4, 6, 10]])], INFO)
    assert tracks.centroids.tolist() == [[4, 7]]
    assert tracks.area.tolist() == [0]
    assert tracks.at(0).boxes.tolist() == [[2, 4, 6, 10]]


def test_an_id_twice_in_a_frame_is_told():
    with pytest.raises(ValueError, match="id 4 in frame 0 after id 4 in frame 0"):
        Tracks.from_instances([frame(0, square(0, 0), square(5, 5), ids=[4, 4])], INFO)


def changed(tracks, **columns):
    values = {name: getattr(tracks, name) for name in Tracks.__dataclass_fields__} | columns
    return Tracks(**values)


@pytest.mark.parametrize(
    ("columns", "match"),
    [
        ({"score": np.array([0, 1, 2, 0])}, r"scores .* number 2 is not"),
        ({"score": np.array([0, np.nan, 1, 0])}, r"scores .* number 1 is not"),
        ({"label": np.array([0, 2, 0, 0])}, "labels must be below 2"),
        ({"id": np.array([-1, 2, 2, 7])}, "ids must be 0 or more"),
        ({"area": np.array([0, 2, 2, 438])}, "areas"),
        ({"boxes": np.full((4, 4), np.inf)}, "boxes"),
        ({"centroids": np.full((4, 2), np.nan)}, "centroids"),
        ({"boxes": np.zeros((3, 4))}, r"boxes must have shape \(4, 4\), got \(3, 4\)"),
        ({"frame": np.array([3, 3, 5, 5])}, "frame 5 has figures, but"),
        ({"frame": np.array([3, 3, 9, 9])}, "frame 9 has figures, but"),
        ({"frame": np.array([6, 6, 3, 3])}, "by frame and id"),
        ({"frames": np.array([3, 3, 6])}, "must rise"),
        ({"frames": np.array([-3, 3, 6])}, "must rise from 0"),
        ({"times": np.zeros((3, 2))}, "denominators"),
    ],
)
def test_columns_that_make_no_sense_are_told(tracks, columns, match):
    with pytest.raises(ValueError, match=match):
        changed(tracks, **columns)


def test_masks_must_fit(tracks):
    with pytest.raises(ValueError, match="4 masks"):
        changed(tracks, masks=tracks.masks[:3])
    with pytest.raises(ValueError, match="4 masks"):
        changed(tracks, info=TrackInfo("a", (5, 7), classes=("fly", "moth")))
