"""Runs that are stopped from outside, as the operating system does it: in processes of their own."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from figureground.files import part_folder
from figureground.tracks.file import read_tracks

Film = Callable[..., Path]

PROGRAM = '''
import resource, sys, threading, types
import numpy as np
from figureground.apps.cli.main import run
from figureground.instances import Instances
from figureground.segmenters import SEGMENTERS

stop, limit = int(sys.argv[1]), int(sys.argv[2])

class Square:
    """Finds the bright square; from frame `stop` on it waits for ever, after it has said so."""
    classes, stateful = ("square",), False
    def __call__(self, frames):
        if frames[0].index == stop:
            print("waiting", flush=True)
            threading.Event().wait()
        return [Instances.from_dense([frame.image[..., 1] > 170]) for frame in frames]

sys.modules["plugged"] = types.ModuleType("plugged")
sys.modules["plugged"].load = lambda source: Square()
SEGMENTERS["square"] = "plugged:load"
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
run(sys.argv[3:])
'''


def command(*arguments: str | Path, stop: int = -1, limit: int = 0, verb: str = "cut") -> list[str]:
    """`figureground cut`, or another verb, with the segmenter `square`, in a process of its own."""
    options = [str(stop), str(limit), verb, *map(str, arguments), "--segmenter", "square"]
    return [sys.executable, "-c", PROGRAM, *options]


@contextmanager
def waiting(line: list[str]) -> Iterator[subprocess.Popen[str]]:
    """The run, once it waits."""
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "waiting\n", run.communicate()
        yield run
        run.kill()


def finished(line: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture(scope="module")
def video(film: Film, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film(tmp_path_factory.mktemp("long") / "a.avi", 600)


def test_kill_and_resume_give_the_same_bytes(video: Path, tmp_path: Path) -> None:
    also = ("--also", "masks,transparent.webm")
    whole, out = tmp_path / "whole.mp4", tmp_path / "out.mp4"
    assert finished(command(video, "-o", whole, *also)).returncode == 0
    state = part_folder(out) / "state.json"
    with waiting(command(video, "-o", out, *also, stop=530)) as run:
        # of 529 frames all but the few that wait for the encoder are in it: at least the first 256 are safe
        while not state.exists() or json.loads(state.read_text())["done"] < 256:
            assert run.poll() is None
        run.send_signal(signal.SIGKILL)
        assert run.wait(30) == -signal.SIGKILL
    assert not out.exists()
    resumed = finished(command(video, "-o", out, *also, "--resume", "--json"))
    assert resumed.returncode == 0, resumed.stderr
    assert json.loads(resumed.stdout)["inputs"][0]["resumed"] >= 256
    for name in ("{}.mp4", "{}_masks.mkv", "{}_transparent.webm"):
        assert (tmp_path / name.format("out")).read_bytes() == (tmp_path / name.format("whole")).read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []


def test_tracks_of_a_killed_run_that_is_resumed_are_those_of_a_whole_one(video: Path, tmp_path: Path) -> None:
    """The square jumps back at the end of its way, every 38 frames: the tracker's memory decides its ids."""
    also = ("--also", "overlay", "--resume")
    whole, out = tmp_path / "whole.tracks.parquet", tmp_path / "out.tracks.parquet"
    assert finished(command(video, "-o", whole, *also, verb="track")).returncode == 0
    with waiting(command(video, "-o", out, *also, stop=530, verb="track")) as run:
        while not (part_folder(out) / "000001.parquet").exists():  # the second chunk: 256 frames are safe
            assert run.poll() is None
        run.send_signal(signal.SIGKILL)
        assert run.wait(30) == -signal.SIGKILL
    assert not out.exists()
    resumed = finished(command(video, "-o", out, *also, "--json", verb="track"))
    assert resumed.returncode == 0, resumed.stderr
    (record,) = json.loads(resumed.stdout)["inputs"]
    assert record["resumed"] >= 128
    assert record["tracking"]["ids"] > 1
    tracks, expected = read_tracks(out), read_tracks(whole)
    for name in ("frames", "times", "frame", "id", "area", "boxes", "centroids"):
        assert (getattr(tracks, name) == getattr(expected, name)).all(), name
    assert len(tracks.frames) == 600
    pictures = [path.with_name(path.name.replace(".tracks.parquet", "_overlay.mp4")) for path in (whole, out)]
    assert pictures[0].read_bytes() == pictures[1].read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []
    assert finished(command(video, "-o", out, *also, verb="track")).returncode == 0  # nothing left to do


def test_examples_of_a_killed_run_that_is_resumed_are_those_of_a_whole_one(
    video: Path, tmp_path: Path
) -> None:
    more = ("--length", "5", "--interactive", "advanced", "--end", "160f", "--resume")
    whole, out = tmp_path / "whole", tmp_path / "out"
    assert finished(command(video, "-o", whole, *more, verb="examples")).returncode == 0
    made = part_folder(out / "a") / "made"
    with waiting(command(video, "-o", out, *more, stop=130, verb="examples")) as run:
        while not [*made.glob("*/a_square_*_120_len5_*.jpg")]:  # at most 8 frames wait for the writer
            assert run.poll() is None
        run.send_signal(signal.SIGKILL)
        assert run.wait(30) == -signal.SIGKILL
    assert not (out / "a").exists()
    kept = {one.name: one.stat().st_mtime_ns for one in made.glob("*/*")}
    resumed = finished(command(video, "-o", out, *more, "--json", verb="examples"))
    assert resumed.returncode == 0, resumed.stderr
    (record,) = json.loads(resumed.stdout)["inputs"]
    assert record["resumed"] in (112, 117, 122)  # behind the window that ended at frame 115, 120 or 125
    files = {one.relative_to(out): one for one in out.rglob("*") if one.is_file()}
    assert {name: one.read_bytes() for name, one in files.items()} == {
        one.relative_to(whole): one.read_bytes() for one in whole.rglob("*") if one.is_file()
    }
    same = {one.name for one in files.values() if kept.get(one.name) == one.stat().st_mtime_ns}
    assert {name for name in kept if int(name.split("_len")[0].split("_")[-1]) <= 115} <= same
    assert record["examples"] * 2 == len(files) - 1
    assert [one.name for one in out.iterdir()] == ["a"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_told_to_stop(number: signal.Signals, video: Path, tmp_path: Path) -> None:
    with waiting(command(video, "-o", tmp_path / "out.mp4", "--json", stop=300)) as run:
        run.send_signal(number)
        out, err = run.communicate(timeout=30)
    assert run.returncode == 130
    assert "Traceback" not in err
    assert "--resume goes on from here" in err
    assert json.loads(out)["status"] == "interrupted"
    assert all(path.name.startswith(".fg-") for path in tmp_path.iterdir())


def test_no_room_left(video: Path, tmp_path: Path) -> None:
    """A limit on the size of files stands for a full disk: the system refuses to write on."""
    run = finished(command(video, "-o", tmp_path / "out.mp4", limit=20_000))
    assert run.returncode == 2
    assert run.stderr.count("\n") == 1
    assert f"figureground: {tmp_path / 'out.mp4'}: cannot be written: File too large" in run.stderr
    assert not (tmp_path / "out.mp4").exists()
    run = finished(command(video, "-o", tmp_path / "out.mp4", "--resume"))
    assert run.returncode == 0, run.stderr
    assert (tmp_path / "out.mp4").stat().st_size > 20_000
