import json
from collections.abc import Callable
from pathlib import Path

import pytest

from figureground.apps.cli.main import main

Film = Callable[..., Path]
DATA = Path(__file__).parents[4] / "shared/data"


def test_for_people(film: Film, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["info", str(film(tmp_path / "a.avi")), "--count"]) == 0
    said = capfd.readouterr()
    assert said.err == ""
    facts = [tuple(line.split(maxsplit=1)) for line in said.out.splitlines()[1:-1]]
    assert facts == [
        ("what", "video, 96 x 64 pixels"),
        ("frames", "40"),
        ("rate", "25.000 a second"),
        ("length", "1.60 s"),
        ("times", "steady steps, 0.000 s to 1.560 s"),
        ("codec", "mjpeg, yuvj444p, in avi"),
        ("sound", "none"),
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mouse_arena.mp4", {"width": 640, "height": 480, "codec": "h264", "kind": "video"}),
        ("three_mice.mp4", {"width": 512, "height": 512}),
    ],
)
def test_real_video(name: str, expected: dict[str, object], capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["info", str(DATA / "animals" / name), "--json"]) == 0
    (record,) = json.loads(capfd.readouterr().out)["inputs"]
    assert {key: record[key] for key in expected} == expected
    assert record["problems"] == []


def test_one_bad_input(film: Film, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    good, bad = film(tmp_path / "a.avi", 5), tmp_path / "b.avi"
    bad.write_text("no video")
    assert main(["info", str(bad), str(good), "--json"]) == 1
    said = capfd.readouterr()
    first, second = json.loads(said.out)["inputs"]
    assert "b.avi" in first["error"]
    assert second["rate"] == 25
    assert said.err.count("\n") == 1
    assert main(["info", str(bad)]) == 2


def test_damage_is_told(film: Film, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    video = film(tmp_path / "a.avi")
    video.write_bytes(video.read_bytes()[: video.stat().st_size // 2])
    assert main(["info", str(video), "--count", "--json"]) == 0
    (record,) = json.loads(capfd.readouterr().out)["inputs"]
    assert 10 <= record["frames"] <= 30
    assert len(record["problems"]) >= 1
