"""`figureground export` on small models."""

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from figureground.apps.cli.main import main
from figureground.models.architecture import architecture
from figureground.models.card import ModelCard, write_card
from figureground.nets.maskrcnn import build_maskrcnn
from figureground.nets.weights import write_weights


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "mice.model"
    folder.mkdir()
    what = replace(architecture("detectron2"), body="resnet18", short_side=0, rpn_after=31, most=5)
    torch.manual_seed(0)
    write_weights(build_maskrcnn(what, 1, frozen_norm=True), folder)
    write_card(ModelCard(("mouse",), what), folder)
    return folder


def test_a_labgym_folder_is_written_and_told(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(3):
        picture = np.random.default_rng(number).integers(0, 256, (67, 101, 3), np.uint8)
        (tmp_path / "frames").mkdir(exist_ok=True)
        cv2.imwrite(str(tmp_path / "frames" / f"{number}.png"), picture)
    out = tmp_path / "detector"
    line = ["export", str(model), "--to", "labgym", "-o", str(out), "--images", str(tmp_path / "frames")]
    assert main([*line, "--count", "2", "--json"]) == 0
    told = capsys.readouterr()
    assert sorted(one.name for one in out.iterdir()) == [
        "config.yaml",
        "model_final.pth",
        "model_parameters.txt",
    ]
    record = json.loads(told.out)
    assert (record["form"], record["pictures"], record["out"]) == ("labgym", 2, str(out))
    assert "compared on 2 of your pictures" in told.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--to", "tflite"], "choose one of: onnx, int8, torchscript, labgym"),
        (["--to", "int8"], "--images"),
        (["--to", "labgym", "--count", "0"], "--count 0: must be 1 or more"),
    ],
)
def test_what_makes_no_sense_is_told_in_a_line(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert main(["export", str(model), "-o", str(tmp_path / "out"), *arguments]) == 2
    err = capsys.readouterr().err
    assert words in err
    assert len(err.strip().splitlines()) == 1
