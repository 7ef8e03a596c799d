"""`figureground dataset frames`."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from figureground.apps.cli.main import main
from figureground.datasets.formats import read_dataset


def run(*arguments, code=0):
    assert main(["dataset", "frames", *map(str, arguments)]) == code


def taken(folder: Path) -> list[tuple[str, int]]:
    return [(one.get("video"), one.get("frame")) for one in read_dataset(folder).pictures]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--every", "15"], [0, 15, 30]),
        (["--at", "0.4, 3f ,0:01"], [3, 10, 25]),
        (["--at", "39f"], [39]),
    ],
)
def test_ways_to_choose(film, tmp_path, options, expected):
    video = film(tmp_path / "arena.avi")
    run(video, *options, "-o", tmp_path / "out")
    assert taken(tmp_path / "out") == [("arena.avi", index) for index in expected]
    names = sorted(path.name for path in (tmp_path / "out/images").iterdir())
    assert names == [f"arena_{index:06d}.png" for index in expected]


@pytest.mark.parametrize(("option", "count"), [("--random", 5), ("--different", 4), (None, 20)])
def test_numbers_of_frames(film, tmp_path, option, count):
    video = film(tmp_path / "arena.avi")
    for out in ("one", "two"):
        run(video, *([option, count] if option else []), "-o", tmp_path / out)
    assert len(taken(tmp_path / "one")) == count
    assert taken(tmp_path / "one") == taken(tmp_path / "two")


def test_folders_of_videos(film, tmp_path, capsys):
    for name in ("in/a/run.avi", "in/b/run.avi", "in/b/other.avi"):
        film(tmp_path / name, 7)
    run(tmp_path / "in", "--every", 6, "-o", tmp_path / "out", "--json")
    videos = {video for video, _ in taken(tmp_path / "out")}
    assert videos == {"a/run.avi", "b/run.avi", "other.avi"}
    said = capsys.readouterr()
    assert json.loads(said.out)["images"] == 6
    assert "6 images of 3 videos -> " in said.err


def test_what_is_not_there_is_told(film, tmp_path, capsys):
    video, broken = film(tmp_path / "arena.avi"), tmp_path / "broken.avi"
    broken.write_bytes(b"no video")
    run(video, broken, "--at", "3f,40f,99", "-o", tmp_path / "out", "--json", code=1)
    said = capsys.readouterr()
    missing = json.loads(said.out)["missing"]
    assert len(missing) == 2 and "broken.avi" in missing[0]
    assert missing[1].endswith("arena.avi: has no frame 40, frame at 99 s")
    assert "broken.avi" in said.err and "has no frame 40" in said.err
    assert taken(tmp_path / "out") == [("arena.avi", 3)]


def test_a_square(film, tmp_path):
    run(film(tmp_path / "a.avi", 3), "--every", 1, "--square", 48, "-o", tmp_path / "out.json")
    picture = read_dataset(tmp_path / "out.json").pictures[2]
    assert picture.size == (48, 48) and picture.get("scale") == [0.5, 0.5]
    with Image.open(tmp_path / "out" / picture.file_name) as image:
        assert image.size == (48, 48)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--every", "2", "--random", "3"], "not by --every and --random"),
        (["--every", "0"], "--every 0: takes no frame at all"),
        (["--every", "-3"], "must not be negative"),
        (["--at", "noon"], "not a time: 'noon'"),
        (["--at", ""], "takes no frame at all"),
        (["--at", "99"], "arena.avi: has no frame at 99 s"),
        (["--square", "3"], "a side of 16 to"),
    ],
)
def test_what_makes_no_sense(film, tmp_path, capsys, options, message):
    video = film(tmp_path / "in/arena.avi", 5)
    run(video, *options, "-o", tmp_path / "out", code=2)
    assert message in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


@pytest.mark.parametrize(
    ("given", "message"), [("nosuch.mp4", "there is no such file"), ("rtsp://host/x", "record it first")]
)
def test_what_cannot_be_opened(tmp_path, capsys, given, message):
    run(given, "-o", tmp_path / "out", code=2)
    said = capsys.readouterr().err
    assert message in said and said.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_nothing_is_replaced_unasked(film, tmp_path, capsys):
    video = film(tmp_path / "arena.avi", 5)
    run(video, "--every", 4, "-o", tmp_path / "out")
    run(video, "--every", 1, "-o", tmp_path / "out", code=2)
    assert "is there already" in capsys.readouterr().err
    assert len(taken(tmp_path / "out")) == 2
    run(video, "--every", 1, "-o", tmp_path / "out", "--overwrite")
    assert len(taken(tmp_path / "out")) == 5


@pytest.mark.parametrize("given", ["set", "set/images", "set/images/arena_000000.png"])
@pytest.mark.parametrize("out", ["set", "set.json"])
def test_what_is_read_is_never_replaced(film, tmp_path, capsys, monkeypatch, given, out):
    monkeypatch.chdir(tmp_path)
    run(film(tmp_path / "arena.avi"), "--every", "20", "-o", "set")
    before = sorted(path for path in tmp_path.rglob("*"))
    run(given, "-o", out, "--overwrite", code=2)
    assert "would replace what is read" in capsys.readouterr().err
    assert sorted(path for path in tmp_path.rglob("*")) == before


def test_a_run_that_is_stopped_leaves_nothing(film, tmp_path):
    video = film(tmp_path / "in/long.avi", 1500)
    arguments = ["dataset", "frames", str(video), "--every", "1", "-o", str(tmp_path / "out")]
    code = f"from figureground.apps.cli.main import run; run({arguments!r})"
    process = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 60
    while not list(tmp_path.glob(".fg-*/images/*.png")) and time.monotonic() < until:
        os.sched_yield()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130 and "Traceback" not in said
    assert [path.name for path in tmp_path.iterdir()] == ["in"]
