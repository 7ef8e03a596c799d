import json
from pathlib import Path

import pytest

from figureground.apps.cli.main import main
from figureground.models.architecture import Architecture
from figureground.models.card import ModelCard, write_card


def pair(capfd: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = main(["pair", *map(str, arguments)])
    said = capfd.readouterr()
    return code, said.out, said.err


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--size", "192"], "expected height x width"),
        (["--size", "100x256"], "multiples of 32"),
        (["--seconds", 5, "--steps", 5], "either seconds or steps"),
        (["--rendered", 101], "must be 0 to 100"),
        (["--rendered", 10], "needs backgrounds"),
        (["--mask-only", "--depth-only"], "gives neither"),
        (["--test-store", "x"], "goes with --store"),
        (["--store", "x", "--rendered", 5], "holds pairs already"),
    ],
)
def test_options_without_sense_are_told_before_anything_is_made(
    options: list[object], told: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    code, _, err = pair(capfd, "train", "-o", tmp_path / "model", *options)
    assert code == 2
    assert told in err
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def test_figures_that_are_not_there_are_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, _, err = pair(capfd, "train", "-o", tmp_path / "model", "--figures", tmp_path / "none")
    assert code != 0
    assert "none" in err
    assert "Traceback" not in err


def test_evaluate_refuses_what_is_no_pair_network(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write_card(ModelCard(("mouse",), Architecture()), tmp_path)
    code, _, err = pair(capfd, "evaluate", tmp_path, tmp_path)
    assert code != 0
    assert "expected one of the kind 'pair'" in err


@pytest.mark.slow
def test_train_and_evaluate(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The whole way, on rendered scenes, with a graph that is really made and run."""
    model = tmp_path / "model"
    options = ["--steps", 2, "--size", "32x64", "--batch", 2, "--kept", 8, "--judged", 4, "--workers", 0]
    code, out, err = pair(capfd, "train", "-o", model, *options, "--json")
    assert code == 0, err
    assert json.loads(out)["steps"] == 2
    assert (model / "pair.onnx").stat().st_size <= 2_500_000
    code, out, err = pair(
        capfd, "evaluate", model, "--count", 5, "--size", "32x64", "--json", "-o", tmp_path / "s.json"
    )
    assert code == 0, err
    scores = json.loads(out)["scores"][0]["scores"]
    assert set(scores) == {"network", "mean map", "row map"}
    assert json.loads((tmp_path / "s.json").read_text())[0]["pictures"] == 5
