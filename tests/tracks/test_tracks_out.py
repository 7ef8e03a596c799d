"""Tracks for other tools; each file is loaded by the tool's own package."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from pycocotools import mask as coco
from pycocotools.coco import COCO
from samples import INFO, SIZE, frame, square, two_figures

from figureground.errors import InputError, OptionError, OutputError
from figureground.tracks import Outlines, Tracks
from figureground.tracks.file import read_tracks
from figureground.tracks.formats import form_of, write_tracks_as
from figureground.tracks.formats.known import Known, Rows, index_times, rows_to_tracks
from figureground.tracks.formats.mot import read_mot

TIMES = {index: index * 1001 / 30000 for index in (3, 4, 6)}  # of the frames of `samples`
EMPTY = Tracks.from_instances([], INFO)


def boxes_alone() -> Tracks:
    rows = Rows([3, 4], [7, 7], [[1, 2, 4, 8], [2, 2, 5, 8]], [1, 1], [0, 0])
    return rows_to_tracks(rows, Known("a.mp4", SIZE), "a.txt")


def test_tidy_csv_in_pandas(tmp_path):
    told = write_tracks_as(two_figures(), tmp_path / "a.csv")
    table = pd.read_csv(tmp_path / "a.csv")
    assert told == ["csv holds no outlines, and nothing of frames without figures"]
    assert table.to_dict("list") == {
        "frame": [3, 3, 6, 6],
        "time": [TIMES[3], TIMES[3], TIMES[6], TIMES[6]],
        "id": [2, 7, 2, 7],
        "class": ["fly", "moth", "fly", "moth"],
        "score": [1, 0.5, 1, 1],
        "x1": [6, 0, 7, 0],
        "y1": [5, 0, 5, 1],
        "x2": [9, 2, 10, 2],
        "y2": [8, 2, 8, 3],
        "x": [7.5, 1, 8.5, 1],
        "y": [6.5, 1, 6.5, 2],
        "area": [9, 4, 9, 4],
    }


def test_one_csv_for_each_figure_has_every_frame_it_lived_through(tmp_path):
    write_tracks_as(two_figures(), tmp_path / "figures")
    assert sorted(one.name for one in (tmp_path / "figures").glob("*.csv")) == ["id_2.csv", "id_7.csv"]
    table = pd.read_csv(tmp_path / "figures/id_7.csv")
    assert table["frame"].tolist() == [3, 4, 6]
    assert table["id"].tolist() == [7, 7, 7]
    assert table["y"].isna().tolist() == [False, True, False]
    assert table["time"].tolist() == list(TIMES.values())


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # pycocotools
def test_coco_with_pycocotools(tmp_path):
    path = tmp_path / "a.json"
    assert write_tracks_as(two_figures(), path) == []
    read = COCO(path)
    assert [one["frame_id"] for one in read.imgs.values()] == [3, 4, 6]
    assert read.imgs[4]["file_name"] == "a_000003.png"
    found = read.loadAnns(read.getAnnIds(imgIds=7))
    assert [one["track_id"] for one in found] == [2, 7]
    assert [read.cats[one["category_id"]]["name"] for one in found] == ["fly", "moth"]
    assert [one["bbox"] for one in found] == [[7, 5, 3, 3], [0, 1, 2, 2]]
    np.testing.assert_array_equal(read.annToMask(found[0]), two_figures().at(6).dense()[0])
    assert coco.area(read.annToRLE(found[0])) == found[0]["area"] == 9


def test_figures_without_outlines_are_told(tmp_path):
    told = write_tracks_as(boxes_alone(), tmp_path / "a.json")
    assert told == ["2 figures have no outline, so their segmentation is empty"]
    assert json.loads((tmp_path / "a.json").read_text())["annotations"][0]["segmentation"] == []
    told = write_tracks_as(boxes_alone(), tmp_path / "a.slp")
    assert told == ["2 figures have no outline, so the .slp is without them"]


def test_damaged_outlines_are_not_passed_on(tmp_path):
    lying = replace(two_figures(), masks=Outlines.from_texts([b"72"] * 4, SIZE, "strange.parquet"))
    for name in ("a.json", "a.slp"):
        with pytest.raises(InputError, match=r"strange\.parquet: .*damaged"):
            write_tracks_as(lying, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_mot(tmp_path):
    told = write_tracks_as(two_figures(), tmp_path / "a.txt")
    assert (tmp_path / "a.txt").read_text().splitlines() == [
        "4,2,6,5,3,3,1,-1,-1,-1",
        "4,7,0,0,2,2,0.5,-1,-1,-1",
        "7,2,7,5,3,3,1,-1,-1,-1",
        "7,7,0,1,2,2,1,-1,-1,-1",
    ]
    assert told == ["mot holds boxes alone: no outlines, no times", "mot holds no names of classes"]


@pytest.fixture(scope="module")
def movement():
    """The package, whose imports warn of themselves."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from movement.io import load_bboxes, load_poses
    return load_bboxes, load_poses


def test_via_tracks_in_movement(tmp_path, movement):
    path = tmp_path / "a.csv"
    assert write_tracks_as(two_figures(), path, "via") == ["via holds boxes alone: no outlines, no times"]
    data = movement[0].from_via_tracks_file(path, fps=30, use_frame_numbers_from_file=True)
    assert data.individuals.values.tolist() == ["id_2", "id_7"]
    assert data.time.values.tolist() == [3 / 30, 6 / 30]
    np.testing.assert_array_equal(data.position.sel(individuals="id_2"), [[7.5, 6.5], [8.5, 6.5]])
    np.testing.assert_array_equal(data["shape"].sel(individuals="id_7"), [[2, 2], [2, 2]])
    np.testing.assert_array_equal(data.confidence.sel(individuals="id_7"), [0.5, 1])


def test_deeplabcut_in_movement(tmp_path, movement):
    path = tmp_path / "a.csv"
    write_tracks_as(two_figures(), path, "deeplabcut")
    data = movement[1].from_dlc_file(path, fps=30)
    assert data.individuals.values.tolist() == ["id_2", "id_7"]
    assert data.keypoints.values.tolist() == ["centroid"]
    assert len(data.time) == 7
    position = data.position.sel(individuals="id_7", keypoints="centroid").values
    assert np.isnan(position[[0, 1, 2, 4, 5]]).all()
    np.testing.assert_array_equal(position[[3, 6]], [[0.5, 0.5], [0.5, 1.5]])
    assert float(data.confidence.sel(individuals="id_7", keypoints="centroid")[3]) == 0.5


def test_sleap_in_sleap_io(tmp_path):
    import sleap_io

    path, tracks = tmp_path / "a.slp", two_figures()
    assert write_tracks_as(tracks, path) == []
    labels = sleap_io.load_slp(str(path), open_videos=False)
    assert [one.frame_idx for one in labels.labeled_frames] == [3, 6]
    assert [one.name for one in labels.tracks] == ["id_2", "id_7"]
    assert labels.video.filename == "a.mp4"
    for one in labels.labeled_frames:
        found = tracks.at(one.frame_idx)
        for mask, dense, name in zip(one.masks, found.dense(), ("fly", "moth"), strict=True):
            np.testing.assert_array_equal(mask.data, dense)
            assert mask.category.name == name
    assert [mask.track.name for mask in one.masks] == ["id_2", "id_7"]
    assert labels.labeled_frames[0].masks[1].score == 0.5


def test_a_slp_needs_the_name_of_the_video(tmp_path):
    rows = Rows([3], [7], [[1, 2, 4, 8]], [1], [0])
    with pytest.raises(OptionError, match="say it with --video"):
        write_tracks_as(rows_to_tracks(rows, Known(), "a.txt"), tmp_path / "a.slp")
    assert list(tmp_path.iterdir()) == []


def test_tracks_to_tracks(tmp_path):
    write_tracks_as(two_figures(), tmp_path / "a.tracks.parquet")
    assert len(read_tracks(tmp_path / "a.tracks.parquet")) == 4


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.csv", ""),
        ("a.csv", "via"),
        ("a.csv", "deeplabcut"),
        ("a.json", ""),
        ("a.txt", ""),
        ("a.slp", ""),
        ("a", ""),
    ],
)
def test_no_figures_are_ordinary(tmp_path, name, form):
    write_tracks_as(EMPTY, tmp_path / name, form)
    assert (tmp_path / name).exists()


@pytest.mark.parametrize("name", ["a.csv", "a.json", "a.txt", "a.slp", "a.tracks.parquet", "a"])
def test_nothing_is_replaced_unasked(tmp_path, name):
    write_tracks_as(two_figures(), tmp_path / name)
    with pytest.raises(OutputError, match="already"):
        write_tracks_as(two_figures(), tmp_path / name)
    write_tracks_as(two_figures(), tmp_path / name, overwrite=True)


@pytest.mark.parametrize(
    ("name", "form", "match"),
    [
        ("a.xml", "", r"tracks are not written as \.xml; choose one of: \.parquet"),
        ("a.csv", "coco", r"a \.csv file is not written as 'coco'; .* for coco the name has \.json"),
        ("a.json", "yolo", "not written as 'yolo'; choose from coco$"),
        ("a", "csv", r"a folder is not written as 'csv'; .* for csv the name has \.csv"),
    ],
)
def test_formats_that_do_not_fit_are_told(name, form, match):
    with pytest.raises(OptionError, match=match):
        form_of(name, form)


def test_a_mot_file_comes_back(tmp_path):
    write_tracks_as(two_figures(), tmp_path / "a.txt")
    read = read_mot(tmp_path / "a.txt", Known("a.mp4", SIZE, INFO.rate))
    np.testing.assert_array_equal(read.boxes, two_figures().boxes)
    assert read.id.tolist() == [2, 7, 2, 7]
    assert read.time(6) == two_figures().time(6)


def test_times_of_a_rate():
    assert index_times(np.array([0, 3]), None).tolist() == [[0, 1], [3, 1]]


def test_one_figure_that_comes_and_goes(tmp_path):
    tracks = Tracks.from_instances([frame(5, square(0, 0), ids=[0])], INFO)
    write_tracks_as(tracks, tmp_path / "a")
    assert len(pd.read_csv(tmp_path / "a/id_0.csv")) == 1
