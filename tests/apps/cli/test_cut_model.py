"""`figureground cut --model`: what a trained model finds, as far as it is wanted."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from figureground import load_segmenter, open_source
from figureground.apps.cli.main import main
from figureground.errors import InputError, OptionError
from figureground.export.onnx import export_onnx
from figureground.instances import Instances
from figureground.models import detector
from figureground.models.architecture import Architecture, architecture
from figureground.models.card import ModelCard, write_card
from figureground.models.detector import prepared
from figureground.nets.maskrcnn import build_maskrcnn
from figureground.testing import check_segmenter, made_scene
from figureground.writers import open_writer

SMALL = replace(architecture("mobilenet"), short_side=96, long_side=128, min_score=0.0, most=20)
CLASSES = "mouse", "larva"


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with random weights, which finds twenty figures of two classes anywhere."""
    folder = tmp_path_factory.mktemp("model")
    torch.manual_seed(3)
    net = build_maskrcnn(SMALL, len(CLASSES)).eval()
    with torch.no_grad():
        chances = net.roi_heads.box_predictor.cls_score
        chances.weight[2], chances.bias[1:] = chances.weight[1], 0  # so that it finds as many of both
        net.roi_heads.mask_predictor.mask_fcn_logits.bias.fill_(9)  # and each fills its box
    export_onnx(net, SMALL, folder)
    write_card(ModelCard(CLASSES, SMALL), folder)
    return folder


@pytest.fixture
def arena(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    scene = made_scene((72, 96), frames=5)
    with open_writer(tmp_path / "arena.mp4", scene.info, kind="overlay") as writer:
        for frame in scene:
            writer.write(frame, Instances.empty(frame.size))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def cut(capfd: pytest.CaptureFixture[str], *arguments: str | Path) -> dict[str, object]:
    """The record of one input of a run that went well."""
    line = ["cut", "arena.mp4", "-o", "out.mp4", "--json", "--quiet", *map(str, arguments)]
    assert main(line) == 0
    record: dict[str, object] = json.loads(capfd.readouterr().out)["inputs"][0]
    return record


def test_only_what_is_wanted_is_found(model: Path, arena: Path, capfd: pytest.CaptureFixture[str]) -> None:
    every = cut(capfd, "--model", model, "--score", "0")
    mice = cut(capfd, "--model", model, "--score", "0", "--keep", "mouse", "--overwrite")
    larvae = cut(capfd, "--model", model, "--score", "0", "--keep", "larva", "--overwrite")
    one = cut(capfd, "--model", model, "--score", "0", "--pick", "central", "--overwrite")
    assert every["segmenter"] == "maskrcnn"
    assert mice["figures"] > 0 and larvae["figures"] > 0  # type: ignore[operator]
    assert every["figures"] == mice["figures"] + larvae["figures"]  # type: ignore[operator]
    assert one["figures"] == 5


def test_frames_are_seen_in_the_size_that_is_said(
    model: Path, arena: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    seen: list[tuple[int, int]] = []

    def noted(image: object, what: Architecture) -> object:
        batch, size = prepared(image, what)  # type: ignore[arg-type]
        seen.append(size)
        return batch, size

    monkeypatch.setattr(detector, "prepared", noted)
    cut(capfd, "--model", model, "--size", "36")
    cut(capfd, "--model", model, "--size", "0", "--overwrite")
    assert set(seen) == {(36, 48), (72, 96)}


def test_the_picked_figure_is_the_one_that_is_meant(model: Path) -> None:
    (frame,) = list(made_scene((72, 96), frames=1))
    found = load_segmenter("maskrcnn", None, model=model, score=0)([frame])[0]  # type: ignore[arg-type]
    centres = (found.boxes[:, :2] + found.boxes[:, 2:]) / 2
    sides = found.boxes[:, 2:] - found.boxes[:, :2]
    meant = {
        "central": np.hypot(*(centres - [48, 36]).T).argmin(),
        "largest": sides.prod(axis=1).argmax(),
        "best": found.scores.argmax(),
    }
    for pick, row in meant.items():
        one = load_segmenter("maskrcnn", None, model=model, score=0, pick=pick)([frame])[0]  # type: ignore[arg-type]
        assert one.boxes.tolist() == [found.boxes[row].tolist()], pick


def test_it_keeps_the_promises_of_a_segmenter(model: Path, arena: Path) -> None:
    source = open_source("arena.mp4")
    check_segmenter(load_segmenter("maskrcnn", source, model=model, score=0), source)


def test_photos_and_folders(model: Path, tmp_path: Path) -> None:
    for number, size in enumerate([(61, 47), (47, 61)]):
        picture = np.full((*size, 3), 90 * number, np.uint8)
        (tmp_path / "photos").mkdir(exist_ok=True)
        Image.fromarray(picture).save(tmp_path / f"photos/{number}.png")
    line = ["cut", str(tmp_path / "photos"), "-o", str(tmp_path / "out"), "--model", str(model)]
    assert main([*line, "--on", "transparent", "--quiet"]) == 0
    made = sorted((tmp_path / "out").rglob("*.png"))
    sizes = []
    for path in made:
        with Image.open(path) as picture:
            sizes.append(picture.size)
    assert sizes == [(47, 61), (61, 47)]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--keep", "rat"], "--keep rat: this model finds only: mouse, larva"),
        (["--score", "1.5"], "--score 1.5: must be 0 to 1"),
        (["--pick", "middle"], "--pick middle: choose one of: all, central, largest, best"),
        (["--segmenter", "mog2"], "--model and --segmenter mog2: one of them, not both"),
        (["--empty", "arena.mp4"], "--empty goes with a pair network, not with a model"),
        (["--engine", "gpu"], "engine: there is no 'gpu'"),
        (["--size", "7"], "--size 7: must be 32 to 8192 pixels, or 0 for the frames' own size"),
    ],
)
def test_options_that_make_no_sense(
    model: Path, arena: Path, capfd: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    assert main(["cut", "arena.mp4", "-o", "out.mp4", "--model", str(model), *arguments]) == 2
    assert told in capfd.readouterr().err
    assert not (arena / "out.mp4").exists()


@pytest.mark.parametrize("option", ["--score", "--pick", "--engine", "--size"])
def test_options_of_a_model_without_one(arena: Path, capfd: pytest.CaptureFixture[str], option: str) -> None:
    assert main(["cut", "arena.mp4", "-o", "out.mp4", option, "1"]) == 2
    assert f"{option} goes with --model FOLDER only" in capfd.readouterr().err


def test_a_model_without_a_folder() -> None:
    with pytest.raises(OptionError, match="missing 1 required keyword-only argument: 'model'"):
        load_segmenter("maskrcnn", made_scene(frames=1))


def test_a_model_that_was_changed_is_refused(model: Path, tmp_path: Path) -> None:
    for path in model.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "box.onnx").write_bytes((model / "box.onnx").read_bytes() + b"\0")
    with pytest.raises(InputError, match=r"box\.onnx: is not the file that the model was written with"):
        load_segmenter("maskrcnn", made_scene(frames=1), model=tmp_path)
