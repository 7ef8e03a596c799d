"""`figureground watch` and `figureground zones`, through the command's own entry."""

import json
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

import figureground.sources
from figureground.apps.cli.main import main
from figureground.apps.cli.watching import _Pace
from figureground.errors import InputError
from figureground.sources.camera import CameraSource
from figureground.sources.live import LiveSource
from figureground.zones import read_zones

ROOT = Path(__file__).parents[3]
Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """80 frames of 192 x 96, 20 a second: a bright square of 24 walks from left to right, 2 pixels a frame.

    On frame i it covers the columns 2 * i to 2 * i + 23 and the rows 40 to 63; it stays out of sight on the
    first 8 frames.
    """
    path = tmp_path_factory.mktemp("walk") / "walk.mkv"
    ground = np.random.default_rng(3).integers(60, 121, (12, 24, 1), np.uint8)
    ground = ground.repeat(8, axis=0).repeat(8, axis=1).repeat(3, axis=2)
    with av.open(str(path), "w") as out:
        stream = out.add_stream("ffv1", rate=20)
        stream.width, stream.height, stream.pix_fmt = 192, 96, "bgr0"
        for index in range(80):
            picture = ground.copy()
            if index >= 8:
                picture[40:64, 2 * index : 2 * index + 24] = 240
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        out.mux(stream.encode(None))
    return path


@pytest.fixture
def zones(tmp_path: Path, walk: Path) -> Path:
    """A zone over the columns 60 to 120."""
    path = tmp_path / "zones.json"
    polygon = "middle: 60,10 120,10 120,90 60,90"
    assert main(["zones", "make", str(walk), "-o", str(path), "--polygon", polygon, "--quiet"]) == 0
    return path


def told(capture: Capture) -> dict:
    return json.loads(capture.readouterr().out)


def test_a_walk_through_a_zone(walk: Path, zones: Path, tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "found"
    code = main(
        ["watch", str(walk), "--zone", str(zones), "-o", str(out), "--pictures", "--margin", "3", "--json"]
    )
    captured = capsys.readouterr()
    record = json.loads(captured.out)
    assert code == 0 and record["status"] == "ok"
    (one,) = record["inputs"]
    assert one["events"] == {"middle": {"enter": 1, "leave": 1}} and one["frames"] == 80
    events = [json.loads(line) for line in (out / "events.jsonl").read_text().splitlines()]
    # the middle column is 2 * frame + 11.5: above 60 from frame 25 on, above 120 from frame 55 on
    assert [(event["event"], event["how"]) for event in events] == [
        ("enter", "crossed"),
        ("leave", "crossed"),
    ]
    assert [abs(event["frame"] - true) <= 1 for event, true in zip(events, (25, 55), strict=True)] == [
        True,
        True,
    ]
    assert events[0]["time"] == events[0]["frame"] / 20
    assert sorted(path.name for path in (out / "pictures").iterdir()) == [
        event["picture"] for event in events
    ]
    assert "middle: figure 0 enters" in captured.err and "middle: 1 entered, 1 left" in captured.err


def test_events_on_stdout(walk: Path, zones: Path, capsys: Capture) -> None:
    assert main(["watch", str(walk), "--zone", str(zones), "--events", "-", "--quiet"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["enter", "leave"]


def test_without_zones_the_whole_picture_is_one(walk: Path, tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "events.csv"
    assert main(["watch", str(walk), "--events", str(path), "--json", "--quiet"]) == 0
    (one,) = told(capsys)["inputs"]
    assert one["events"]["picture"]["enter"] == 1 and one["events"]["picture"]["movement"] == 1
    assert one["inside"] == {"picture": 1} and one["outputs"] == [str(path)]


def test_what_is_there_is_not_lost(walk: Path, zones: Path, tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "events.jsonl"
    command = ["watch", str(walk), "--zone", str(zones), "--events", str(path), "--quiet"]
    assert main(command) == 0
    assert main(command) == 2
    assert "is there already" in capsys.readouterr().err
    assert main([*command, "--append"]) == 0
    assert len(path.read_text().splitlines()) == 4


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--zone", "nowhere.json"], "nowhere.json: cannot be read"),
        (["--pictures"], "--pictures need a folder"),
        (["--events", "events.txt"], "ends in .jsonl or .csv"),
        (["--webhook", "ftp://x"], "must be a web address"),
        (["--near", "3", "--far", "2"], "--near 3 must be less than --far 2"),
        (["--near", "3", "--segmenter", "background"], "tells no depth"),
        (["--by", "head"], "--by head: choose feet or middle"),
        (["--settle", "-1"], "settle and memory"),
        (["--margin", "nan"], "margin must be"),
        (["--learn", "0"], "--learn 0"),
        (["--renew", "0.1"], "--renew 0.1"),
        (["--give-up", "-1"], "--give-up -1"),
        (["--append", "--overwrite"], "only one of them"),
        (["--tracker", "none"], "no tracker 'none'"),
        (["--segmenter", "none"], "there is none"),
    ],
)
def test_what_makes_no_sense(walk: Path, options: list[str], message: str, capsys: Capture) -> None:
    assert main(["watch", str(walk), *options, "--json"]) == 2
    captured = capsys.readouterr()
    assert message in captured.err and "unexpected" not in captured.err
    assert json.loads(captured.out)["status"] == "failed"


@pytest.fixture
def stream(walk: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The address rtsp://me:secret@cam/1 gives the walk, and is gone after it."""
    opened: list[str] = []
    true_open: Callable[..., object] = figureground.sources.open_source

    def fake(what: str, **options: object) -> object:
        if "://" not in str(what):
            return true_open(what, **options)
        opened.append(what)
        if len(opened) > 1:
            raise InputError(f"{what}: cannot be opened")
        return CameraSource(what, None, opener=lambda: av.open(str(walk)))

    monkeypatch.setattr(figureground.sources, "open_source", fake)
    monkeypatch.setitem(LiveSource.__init__.__kwdefaults__, "ready", 1000)  # it comes faster than any camera
    return opened


def test_a_live_stream(stream: list[str], tmp_path: Path, capsys: Capture) -> None:
    command = ["watch", "rtsp://me:secret@cam/1", "-o", str(tmp_path), "--learn", "1", "--json"]
    code = main([*command, "--give-up", "0"])
    captured = capsys.readouterr()
    (one,) = json.loads(captured.out)["inputs"]
    assert "secret" not in captured.out + captured.err and "rtsp://***@cam/1" in captured.err
    assert "looking at the empty scene for 1 s" in captured.err
    assert (code, one["status"], one["losses"]) == (0, "ok", 1)
    assert one["frames"] == 59 and one["dropped"] == 0  # the scene is learned from frames 0 to 20: one second
    events = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    assert events[0]["event"] == "enter"
    assert datetime.fromisoformat(events[0]["clock"]).tzinfo is not None


@pytest.mark.parametrize(("live", "code", "status"), [(True, 0, "ok"), (False, 130, "interrupted")])
def test_ctrl_c_ends_a_stream_and_stops_a_video(
    live: bool,
    code: int,
    status: str,
    stream: list[str],
    walk: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Capture,
) -> None:
    def press(pace: _Pace, done: int) -> None:
        pace._result.frames = done
        if done == 40:
            raise KeyboardInterrupt

    monkeypatch.setattr(_Pace, "__call__", press)
    what = "rtsp://cam/1" if live else str(walk)
    assert main(["watch", what, "--learn", "1", "--json"]) == code
    record = told(capsys)
    assert record["status"] == record["inputs"][0]["status"] == status
    assert record["inputs"][0]["frames"] == 40


def test_ctrl_c_while_the_scene_is_learned(
    stream: list[str], monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    begun: list[LiveSource] = []

    def press(source: LiveSource, *_: object) -> None:
        begun.append(source)
        next(source.sample(1))
        raise KeyboardInterrupt

    monkeypatch.setattr("figureground.apps.cli.watching._segmenter", press)
    assert main(["watch", "rtsp://cam/1", "--json"]) == 130
    assert told(capsys)["status"] == "interrupted"
    (source,) = begun
    assert source._reader is not None and source._reader.result(30) is None  # its thread has ended


def test_a_live_stream_begins_now(stream: list[str], capsys: Capture) -> None:
    assert main(["watch", "rtsp://cam/1", "--start", "5"]) == 2
    assert "a live stream begins now" in capsys.readouterr().err


def test_grid(walk: Path, tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "grid.png"
    assert main(["zones", "grid", str(walk), "-o", str(path), "--json", "--quiet"]) == 0
    assert told(capsys) == {"input": str(walk), "out": str(path), "width": 192, "height": 96}
    picture = np.asarray(Image.open(path))
    assert picture.shape == (96, 192, 3)
    assert (picture[70:75, 100] == (0, 255, 255)).all()  # a line every 20 pixels
    assert main(["zones", "grid", str(walk), "-o", str(path)]) == 2


def test_zones_are_shown(walk: Path, zones: Path, tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "shown.png"
    assert main(["zones", "show", str(walk), "--zone", str(zones), "-o", str(path), "--json"]) == 0
    assert told(capsys)["names"] == ["middle"]
    beside = np.asarray(Image.open(zones.with_suffix(".png")))  # what `make` wrote
    assert (np.asarray(Image.open(path)) == beside).all()
    assert (beside[50, 60] != beside[50, 40]).any()


def test_all_that_can_be_made(walk: Path, tmp_path: Path) -> None:
    path = tmp_path / "zones.json"
    command = ["zones", "make", str(walk), "-o", str(path), "--quiet", "--polygon", "a: 0,0 99.5,0 99,50"]
    command += ["--polygon", "b: 100,0 180,0 180,90", "--line", "door: 60,0 60,90", "--inside", "90,40"]
    command += ["--tell", "enter,movement", "--dwell", "30", "--count", "2", "--near", "1", "--far", "4"]
    command += ["--ground", "0,90 190,90 150,20 40,20", "--metres", "0,0 3,0 3,5 0,5"]
    assert main(command) == 0
    made = json.loads(path.read_text())
    about = {"near": 1.0, "far": 4.0, "tell": ["enter", "movement"], "dwell": 30.0, "count": 2}
    assert made["frame"] == {"width": 192, "height": 96}
    assert made["zones"][0] == {"name": "a", "polygon": [[0, 0], [99.5, 0], [99, 50]]} | about
    assert made["lines"] == [{"name": "door", "points": [[60, 0], [60, 90]], "inside": [90, 40]}]
    assert made["ground"]["metres"] == [[0, 0], [3, 0], [3, 5], [0, 5]]
    assert main(command) == 2  # is there already


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "nothing to make"),
        (["--polygon", "0,0 9,0 9,9"], "write a name, a colon"),
        (["--polygon", "a: 0,0 9 9,9"], "is not points; write X,Y"),
        (["--polygon", "a: 0,0 9,0"], "needs 3 to 200 corners"),
        (["--line", "a: 0,0 9,0 9,9"], "line 'a': has two ends; 3 points came"),
        (["--polygon", "a: 0,0 9,0 9,9", "--tell", "all"], "--tell all: choose from"),
        (["--polygon", "a: 0,0 9,0 9,9", "--ground", "0,0 1,0 1,1 0,1"], "belong together"),
        (
            ["--polygon", "a: 0,0 9,0 9,9", "--ground", "0,0", "--metres", "0,0"],
            "--ground: '0,0' is not 4 points",
        ),
        (["--polygon", "a: 0,0 9,0 9,9", "--at", "99"], "has no frame at 99"),
    ],
)
def test_what_cannot_be_made(
    walk: Path, tmp_path: Path, options: list[str], message: str, capsys: Capture
) -> None:
    assert main(["zones", "make", str(walk), "-o", str(tmp_path / "z.json"), *options]) == 2
    err = capsys.readouterr().err
    assert message in err and "unexpected" not in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", [["watch"], ["zones", "make"], ["zones", "grid"], ["zones", "show"]])
def test_the_guide_names_every_option(command: list[str], capsys: Capture) -> None:
    guide = (ROOT / "docs/watch.md").read_text(encoding="utf-8")
    main([*command, "--help"])
    named = set(re.findall(r"(--[a-z][a-z-]+)", capsys.readouterr().out)) - {"--help"}
    assert len(named) > 2
    assert sorted(option for option in named if option not in guide) == []


def test_the_lines_of_the_guide(
    walk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    guide = (ROOT / "docs/watch.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```json\n(.*?)```", guide, re.DOTALL)
    (tmp_path / "zones.json").write_text(example)
    assert read_zones(tmp_path / "zones.json").names == ["floor", "near the table", "exit"]
    (tmp_path / "room.mp4").symlink_to(walk)
    monkeypatch.chdir(tmp_path)
    polygon = "floor: 60,10 120,10 120,90 60,90"
    command = [
        "zones",
        "make",
        "room.mp4",
        "-o",
        "zones.json",
        "--polygon",
        polygon,
        "--overwrite",
        "--quiet",
    ]
    assert main(command) == 0
    (code,) = re.findall(r"```python\n(.*?)```", guide, re.DOTALL)
    exec(compile(code, "watch.md", "exec"), {})
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].partition(" ")[2] == "floor: figure 0 enters"
