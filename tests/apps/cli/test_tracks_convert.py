"""`figureground tracks convert` and `info`."""

import json
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest

from figureground.apps.cli.main import main
from figureground.instances import Crop, Instances
from figureground.tracks import Stamp, TrackInfo, Tracks
from figureground.tracks.file import read_tracks, write_tracks

SIZE = (19, 23)


def run(*arguments, code=0):
    assert main(["tracks", *map(str, arguments)]) == code


@pytest.fixture
def tracks(tmp_path):
    crop = Crop(3, 4, np.ones((2, 5), bool))
    found = [
        (Stamp(i, Fraction(i, 25)), Instances(SIZE, [crop] * (i % 3), ids=range(i % 3))) for i in range(5)
    ]
    info = TrackInfo(
        "a.mp4", SIZE, Fraction(25), "ab" * 32, ("fly",), "figureground 0.1.0 track", {"count": 2}
    )
    path = tmp_path / "a.tracks.parquet"
    write_tracks(Tracks.from_instances(found, info), path)
    return path


@pytest.fixture
def truth(tmp_path):
    path = tmp_path / "gt.txt"
    path.write_text("1,1,1,2,3,4,1\n4,2,1,2,3,4,1\n")
    return path


@pytest.mark.parametrize(
    ("name", "form", "written"),
    [
        ("b.csv", "", "csv"),
        ("b.csv", "via", "via"),
        ("b.csv", "deeplabcut", "deeplabcut"),
        ("b.json", "", "coco"),
        ("b.txt", "", "mot"),
        ("b.slp", "", "sleap"),
        ("b.tracks.parquet", "", "tracks"),
        ("b", "", "figures"),
    ],
)
def test_every_format_is_written(tracks, tmp_path, capsys, name, form, written):
    run("convert", tracks, "-o", tmp_path / name, *(["--format", form] if form else []), "--json")
    said = capsys.readouterr()
    record = json.loads(said.out)
    assert (record["format"], record["rows"], record["ids"], record["frames"]) == (written, 4, 2, 5)
    assert "4 rows of 2 figures in 5 frames read" in said.err
    assert f"-> {tmp_path / name} ({written})" in said.err
    assert all(text in said.err for text in record["told"])
    assert (tmp_path / name).exists()


def test_quiet_is_quiet(tracks, tmp_path, capsys):
    run("convert", tracks, "-o", tmp_path / "b.csv", "--quiet")
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "")


def test_mot_becomes_a_tracks_file(truth, tmp_path, capsys):
    out = tmp_path / "b.tracks.parquet"
    run("convert", truth, "-o", out, "--size", "23x19", "--rate", "30000/1001", "--video", "a.mp4")
    info = read_tracks(out).info
    assert (info.video, info.size, info.rate) == ("a.mp4", SIZE, Fraction(30000, 1001))
    assert "warning" not in capsys.readouterr().err


def test_the_video_tells_the_rest(film, truth, tmp_path):
    video = film(tmp_path / "v.avi", 3)
    run("convert", truth, "-o", tmp_path / "b.tracks.parquet", "--video", video)
    info = read_tracks(tmp_path / "b.tracks.parquet").info
    assert (info.video, info.size, info.rate) == (str(video), (64, 96), 25)


def test_what_a_file_does_not_tell_is_said(truth, tmp_path, capsys):
    run("convert", truth, "-o", tmp_path / "b.csv")
    said = capsys.readouterr().err
    assert "does not tell the rate, so frame i is at i seconds; say it with --rate" in said
    assert "as large as the boxes need, 4 x 6" in said


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["-o", "{}"], "would replace what is read"),
        (["-o", "b.xml"], "tracks are not written as .xml"),
        (["-o", "b.csv", "--format", "coco"], "choose from csv, via, deeplabcut"),
        (["-o", "b.csv", "--rate", "25"], "--size and --rate are for files that do not tell them"),
        ([], "Missing option '-o'"),
    ],
)
def test_wrong_use_is_told(tracks, tmp_path, monkeypatch, capsys, arguments, told):
    monkeypatch.chdir(tmp_path)
    run("convert", tracks, *(one.format(tracks) for one in arguments), code=2)
    assert told in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == [tracks]


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--size", "640", "--size takes width and height, as in 640x480; got '640'"),
        ("--size", "0x4", "--size takes width and height"),
        ("--rate", "fast", "--rate takes frames a second"),
        ("--rate", "-1", "--rate takes frames a second"),
        ("--rate", "1/0", "--rate takes frames a second"),
    ],
)
def test_numbers_that_make_no_sense_are_told(truth, tmp_path, capsys, option, value, told):
    run("convert", truth, "-o", tmp_path / "b.csv", f"{option}={value}", code=2)
    assert told in capsys.readouterr().err


def test_damaged_files_are_told_in_one_line(tmp_path, capsys):
    bad = tmp_path / "a.tracks.parquet"
    bad.write_bytes(b"PAR1 or not")
    run("info", bad, code=2)
    run("convert", bad, "-o", tmp_path / "b.csv", code=2)
    run("info", tmp_path / "none.pkl", code=2)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3 and "is no tracks file" in lines[0] and "No such file" in lines[2]


def test_info_for_people(tracks, capsys):
    run("info", tracks, "--ids")
    lines = capsys.readouterr().out.splitlines()
    assert lines[1:5] == [
        "  video     a.mp4, 23 x 19 pixels",
        "  rate      25.000 a second",
        "  frames    5, 0 to 4, 0.000 s to 0.160 s",
        "  figures   2 ids, 4 rows, 0 to 2 in a frame",
    ]
    assert "  made by   figureground 0.1.0 track" in lines
    assert lines[-2].split() == ["0", "1", "4", "3", "10"]
    assert lines[-1].split() == ["1", "2", "2", "1", "10"]


def test_info_for_programs(tracks, capsys):
    run("info", tracks, "--json")
    record = json.loads(capsys.readouterr().out)
    assert (record["rate"], record["frames"], record["rows"], record["outlines"]) == (25, 5, 4, 4)
    assert record["frames_by_figures"] == {"0": 2, "1": 2, "2": 1}
    assert record["settings"] == {"count": 2}
    assert record["figures"][1] == {
        "id": 1,
        "first_frame": 2,
        "last_frame": 2,
        "frames": 1,
        "median_area": 10,
    }


def test_info_of_other_files_and_of_nothing(truth, tmp_path, capsys):
    run("info", truth)
    assert "of 0 rows; of the others only boxes are known" in capsys.readouterr().out
    truth.write_text("")
    run("info", truth, "--ids")
    assert "figures   0 ids, 0 rows" in capsys.readouterr().out


def test_corrections_are_applied(tracks, tmp_path, capsys):
    run("correct", tracks, "rename", 0, 9)
    run("convert", tracks, "-o", tmp_path / "b.tracks.parquet")
    assert read_tracks(tmp_path / "b.tracks.parquet").ids.tolist() == [1, 9]
    run("info", tracks, "--json")
    assert '"id": 9' in capsys.readouterr().out


def test_help_loads_no_pyarrow():
    code = """
import sys
from figureground.apps.cli.main import main
main(["tracks", "convert", "--help"])
sys.exit(bool({"pyarrow", "numpy", "sleap_io"} & set(sys.modules)))
"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0
