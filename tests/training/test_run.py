import os
import signal
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from made_training import boxes_set, small
from PIL import Image
from safetensors.torch import load_file

from figureground.datasets.dataset import Dataset
from figureground.errors import InputError, OptionError, OutputError
from figureground.export.export import FORMS, check_written
from figureground.models.card import read_card
from figureground.models.detector import Found
from figureground.nets.weights import read_net
from figureground.training import run
from figureground.training.curves import read_log
from figureground.training.records import Progress
from figureground.training.run import train
from figureground.training.starts import started_net

BOXES = [
    [("a", (7, 11, 20, 30))],
    [("a", (40, 5, 17, 13)), ("a", (5, 30, 20, 20))],
    [("a", (40, 10, 23, 29))],
    [],
]


@pytest.fixture(autouse=True)
def _no_graphs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Graphs take long to make, and have their own tests."""

    def stub(net: object, what: object, folder: Path) -> None:
        for name in ("dense", "box", "mask"):
            (folder / f"{name}.onnx").write_bytes(b"stub")

    monkeypatch.setattr(run, "export_onnx", stub)
    monkeypatch.setattr(run, "check_written", lambda *what, **how: None)


@pytest.fixture
def data(tmp_path: Path) -> Dataset:
    return boxes_set(tmp_path / "set", BOXES, ["a"])


def losses(folder: Path) -> list[dict[str, float]]:
    return read_log(folder / "log.csv")


def stop_after(step: int) -> Callable[[Progress], None]:
    def press(progress: Progress) -> None:
        if progress.step == step:
            os.kill(os.getpid(), signal.SIGINT)

    return press


def test_a_run_that_was_stopped_goes_on_as_if_it_had_not_been(tmp_path: Path, data: Dataset) -> None:
    recipe = small(iterations=5, validate_every=2, keep_each=True)
    judged = boxes_set(tmp_path / "judged", BOXES[:1], ["a"])
    whole = train(data, recipe, tmp_path / "whole", validation=judged)
    with pytest.raises(KeyboardInterrupt):
        train(data, recipe, tmp_path / "parts", validation=judged, on_progress=stop_after(3))
    assert not (tmp_path / "parts").exists()
    folder = train(data, recipe, tmp_path / "parts", validation=judged, resume=True)
    assert len(list(tmp_path.glob("parts_*"))) == 1
    assert losses(folder) == losses(whole)
    assert [row["step"] for row in losses(folder)] == [1, 2, 3, 4, 5]
    same_weights(tmp_path / "whole", tmp_path / "parts")
    kept = sorted((whole / "epochs").iterdir())
    assert [one.name for one in kept] == ["step_000000", "step_000002", "step_000004", "step_000005"]
    for one in kept:
        same_weights(one, folder / "epochs" / one.name)


def same_weights(one: Path, other: Path) -> None:
    first, second = (load_file(model / "weights.safetensors") for model in (one, other))
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_each_state_that_is_judged_is_a_model_folder(
    tmp_path: Path, data: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = {"mask_ap": 0.3}, {"mask_ap": 0.2}
    told = iter(scores)
    monkeypatch.setattr(run, "_scores", lambda *what: next(told))
    recipe = small(iterations=2, validate_every=1, keep_each=True, average=0)
    folder = train(data, recipe, tmp_path / "model")
    kept = [read_net(one) for one in sorted((folder / "epochs").iterdir())]
    assert [card.scores for _, card in kept] == [{}, *scores]
    assert [set(card.files) for _, card in kept] == [{"weights.safetensors"}] * 3
    assert [card.classes for _, card in kept] == [("a",)] * 3
    begun, first, last = (net.state_dict()["roi_heads.box_predictor.cls_score.weight"] for net, _ in kept)
    start = started_net(recipe, ["a"]).state_dict()["roi_heads.box_predictor.cls_score.weight"]
    assert torch.equal(begun, start)
    assert not torch.equal(first, start) and not torch.equal(first, last)


class Astray:
    """Finds the same nine figures in every picture."""

    def batch(self, images: Sequence[np.ndarray], *, min_score: float | None = None) -> list[Found]:
        corners = np.array([(x, y) for x in (3, 23, 43) for y in (3, 23, 43)], np.float32)
        boxes, ones = np.hstack([corners, corners + 7]), np.ones((9, 28, 28), np.float32)
        return [Found(boxes, ones[:, 0, 0], np.zeros(9, np.int64), ones) for _ in images]


def test_graphs_that_do_something_else_are_no_model(
    tmp_path: Path, data: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(run, "check_written", check_written)
        patch.setitem(FORMS, "onnx", replace(FORMS["onnx"], open=lambda path, card: Astray()))
        with pytest.raises(OutputError, match=r"model: does not do what the model does.*--resume writes"):
            train(data, small(), tmp_path / "model")
    assert not (tmp_path / "model").exists()
    (folder,) = tmp_path.glob("model_*")
    kept = {one.name for one in folder.iterdir()}
    assert {"best.safetensors", "last.pt", "log.csv"} <= kept
    assert not {"model", "model.part"} & kept
    assert train(data, small(), tmp_path / "model", resume=True) == folder
    assert read_card(tmp_path / "model").classes == ("a",)


def test_what_a_run_leaves(tmp_path: Path, data: Dataset) -> None:
    told: list[str] = []
    seen: list[Progress] = []
    folder = train(data, small(), tmp_path / "model", say=told.append, on_progress=seen.append)
    assert {one.name for one in folder.iterdir()} == {
        "best.safetensors",
        "curves.png",
        "last.pt",
        "log.csv",
        "model",
        "recipe.toml",
        "run.json",
        "tensorboard",
    }
    record = msgspec.json.decode((folder / "run.json").read_bytes())
    assert len(record["dataset"]) == 64
    assert record["figureground"]
    card = read_card(tmp_path / "model")
    assert card.classes == ("a",)
    assert card.architecture.short_side == 64
    assert card.recipe["iterations"] == 2
    assert set(card.files) == {"weights.safetensors", "dense.onnx", "box.onnx", "mask.onnx"}
    assert "torch" in card.versions
    assert "4 images are too few to hold any out" in told[0]
    assert "training mobilenet from none on 4 images of 1 class, cpu: 2 steps of 2" in told[1]
    assert [one.step for one in seen] == [1, 2]
    assert list((folder / "tensorboard").iterdir())


def test_one_class_and_five_take_the_same_call(tmp_path: Path) -> None:
    names = ["a", "b", "c", "d", "never"]
    figures = [[(name, (7, 11, 20, 30)), (names[0], (40, 5, 17, 13))] for name in names[:4]] + [[]]
    data = boxes_set(tmp_path / "set", figures, names)
    Image.open(tmp_path / "set/1.png").convert("L").save(tmp_path / "set/1.png")
    grey = np.asarray(Image.open(tmp_path / "set/2.png").convert("L")).astype(np.uint16) * 257
    Image.fromarray(grey).save(tmp_path / "set/2.png")
    told: list[str] = []
    train(data, small(iterations=3), tmp_path / "model", say=told.append)
    assert read_card(tmp_path / "model").classes == tuple(names)
    assert any("held out for validation" in text and "1 of 5 images" in text for text in told)
    assert "the class 'never' has no figure in the images to learn from" in told


def test_the_best_state_becomes_the_model(
    tmp_path: Path, data: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = iter([0.2, 0.6, 0.4])

    def judge(*inputs: object) -> dict[str, float]:
        return {"mask_ap": next(scores), "mask_ap50": 0.5}

    monkeypatch.setattr(run, "_scores", judge)
    seen: list[Progress] = []
    train(data, small(iterations=3, validate_every=1), tmp_path / "model", on_progress=seen.append)
    assert [one.best for one in seen] == [True, True, False]
    assert read_card(tmp_path / "model").scores == {"mask_ap": 0.6, "mask_ap50": 0.5}


def test_a_model_that_is_there_is_kept(tmp_path: Path, data: Dataset) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model/notes.txt").write_text("mine")
    with pytest.raises(OutputError, match="is there already and not empty"):
        train(data, small(), tmp_path / "model")
    assert not list(tmp_path.glob("model_*"))


def test_going_on_with_another_recipe_or_dataset(tmp_path: Path, data: Dataset) -> None:
    recipe = small(iterations=3)
    with pytest.raises(KeyboardInterrupt):
        train(data, recipe, tmp_path / "model", on_progress=stop_after(1))
    with pytest.raises(OptionError, match=r"was begun otherwise: batch \(2 then, 4 now\)"):
        train(data, small(iterations=3, batch=4), tmp_path / "model", resume=True)
    other = boxes_set(tmp_path / "other", BOXES[:3], ["a"])
    with pytest.raises(OptionError, match="the dataset is not the one that it was begun with"):
        train(other, recipe, tmp_path / "model", resume=True)
    (state,) = tmp_path.glob("model_*/last.pt")
    state.write_bytes(state.read_bytes()[:1000])
    with pytest.raises(InputError, match=r"last\.pt: is damaged"):
        train(data, recipe, tmp_path / "model", resume=True)


def test_a_state_runs_no_code(tmp_path: Path, data: Dataset) -> None:
    recipe = small(iterations=3)
    with pytest.raises(KeyboardInterrupt):
        train(data, recipe, tmp_path / "model", on_progress=stop_after(1))
    (state,) = tmp_path.glob("model_*/last.pt")
    torch.save({"done": Path("x"), "learner": {}}, state)
    with pytest.raises(InputError, match=r"last\.pt: is damaged"):
        train(data, recipe, tmp_path / "model", resume=True)


def test_faults_are_told_before_the_start(tmp_path: Path, data: Dataset) -> None:
    with pytest.raises(InputError, match="the dataset has no images"):
        train(Dataset(), small(), tmp_path / "model")
    with pytest.raises(OptionError, match="there is no device 'tpu'"):
        train(data, small(), tmp_path / "model", device="tpu")
    (tmp_path / "set/2.png").write_bytes(b"no picture")
    with pytest.raises(InputError, match=r"2\.png"):
        train(data, small(), tmp_path / "model")
    assert not list(tmp_path.glob("model*"))
