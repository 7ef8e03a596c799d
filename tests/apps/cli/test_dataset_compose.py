"""`figureground dataset compose`."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from figureground.apps.cli.main import main
from figureground.datasets.compose.store import Store


def run(*arguments, code=0):
    assert main(["dataset", "compose", *map(str, arguments)]) == code


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A folder with 2 cut-outs and one with 2 backgrounds."""
    y, x = np.mgrid[:37, :41] - 18
    for name, colour in (("red", (220, 20, 20)), ("blue", (20, 20, 220))):
        rgba = np.dstack([np.full((37, 41, 3), colour), 255 * (np.hypot(x, y) < 15)]).astype(np.uint8)
        path = tmp_path / f"figures/{name}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(rgba).save(path)
    rng = np.random.default_rng(0)
    (tmp_path / "grounds").mkdir()
    for number in range(2):
        cloth = rng.integers(60, 190, (12, 16, 3)).astype(np.uint8).repeat(8, 0).repeat(8, 1)
        Image.fromarray(cloth).save(tmp_path / f"grounds/{number}.png")
    return tmp_path


def options(folder: Path, out: str = "out") -> list[object]:
    return [
        "--figures",
        folder / "figures",
        "--backgrounds",
        folder / "grounds",
        "-o",
        folder / out,
        "--size",
        "37x53",
    ]


def test_clips(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(*options(made), "--count", 9, "--seed", 3, "--json")
    told = json.loads(capsys.readouterr().out)
    assert told["pairs"] == len(Store(made / "out")) == 9
    assert Store(made / "out")[8].frame.shape == (37, 53, 3)
    run(*options(made, "again"), "--count", 9, "--seed", 3, "-q")
    assert (made / "out/shards/00000.zip").read_bytes() == (made / "again/shards/00000.zip").read_bytes()
    with Image.open(made / "out/sheet.jpg") as sheet:
        assert sheet.width > 900


def test_pairs(made: Path) -> None:
    run(*options(made), "--pairs", "--places", 3)
    assert len(Store(made / "out")) == 2 * 2 * 2 * 3
    run(*options(made, "few"), "--pairs", "--places", 3, "--count", 7)
    stored, every = Store(made / "few"), Store(made / "out")
    assert len(stored) == 7
    whole = [every[k].frame.tobytes() for k in range(24)]
    places = [whole.index(stored[k].frame.tobytes()) for k in range(7)]
    assert places == sorted(set(places))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (["--size", "12x9"], "expected height x width"),
        (["--pairs", "--count", "99"], "there are 80 pairs"),
        (["--pairs", "--count", "99", "--places", "99", "--rendered", "3"], "--rendered goes with --clips"),
        (["--rendered", "2000"], "--rendered 2000: must be"),
        (["--resume"], "nothing to go on with"),
        (["--figures", "/missing"], "is no folder"),
        (["--backgrounds", "/missing"], "no such file"),
        (["--teacher", "/missing.onnx"], "cannot be loaded"),
    ],
)
def test_what_cannot_be_done(
    made: Path, capsys: pytest.CaptureFixture[str], changes: list[str], message: str
) -> None:
    given = options(made)
    places = [] if "--places" in changes else ["--places", "10"]
    run(*given, *places, *changes, code=2)
    assert message in capsys.readouterr().err
    assert not (made / "out").exists()


def test_without_sources(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("-o", tmp_path / "out", code=2)
    assert "nothing to compose" in capsys.readouterr().err


def test_the_output_may_not_be_an_input(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(*options(made), "-o", made / "figures", "--overwrite", code=2)
    assert "would replace what is read" in capsys.readouterr().err
