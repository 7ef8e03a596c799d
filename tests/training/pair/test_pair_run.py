import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from made_pairs import Boxes
from safetensors.torch import load_file

from figureground.errors import InputError, OptionError
from figureground.evaluation.pair.priors import read_priors
from figureground.models.card import read_card
from figureground.training.curves import read_log
from figureground.training.pair import run
from figureground.training.pair.learning import PairLearner
from figureground.training.pair.recipe import PairRecipe
from figureground.training.pair.records import PairProgress
from figureground.training.pair.run import train_pair
from figureground.training.pair.stock import Stock

SIZE = 32, 64
RECIPE = PairRecipe(steps=4, size=SIZE, batch=4, kept=16, fresh=2.0, judged=4, looks=2, workers=0)
MATERIAL = Boxes(SIZE)


@pytest.fixture(autouse=True)
def _no_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    """Making it takes long, and has its own tests."""
    monkeypatch.setattr(run, "export_pair", lambda net, folder: (folder / "pair.onnx").write_bytes(b"stub"))


def stop_after(step: int) -> Callable[[PairProgress], None]:
    def press(progress: PairProgress) -> None:
        if progress.step == step:
            os.kill(os.getpid(), signal.SIGINT)

    return press


def test_a_model_folder_and_its_run(tmp_path: Path) -> None:
    folder = train_pair(MATERIAL, RECIPE, tmp_path / "model")
    card = read_card(tmp_path / "model")
    assert card.kind == "pair"
    assert set(card.files) == {"pair.onnx", "priors.npz", "weights.safetensors"}
    assert card.recipe["material"] == {"boxes": "made up, no licence needed"}
    assert {"iou", "f", "rmse", "delta1", "f_mean_map", "abs_rel_row_map"} <= set(card.scores)
    assert read_priors(tmp_path / "model") is not None
    assert [row["step"] for row in read_log(folder / "log.csv")] == [1, 2, 4]
    assert len(list((folder / "looks").iterdir())) == 2
    assert list((folder / "tensorboard").iterdir())


def test_a_run_that_was_stopped_goes_on_as_if_it_was_not(tmp_path: Path) -> None:
    train_pair(MATERIAL, RECIPE, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        train_pair(MATERIAL, RECIPE, tmp_path / "parts", on_progress=stop_after(3))
    assert not (tmp_path / "parts").exists()
    train_pair(MATERIAL, RECIPE, tmp_path / "parts", resume=True)
    whole, parts = (load_file(tmp_path / name / "weights.safetensors") for name in ("whole", "parts"))
    assert all(torch.equal(one, parts[name]) for name, one in whole.items())


def test_a_run_that_was_begun_otherwise_is_not_gone_on_with(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        train_pair(MATERIAL, RECIPE, tmp_path / "model", on_progress=stop_after(1))
    other = PairRecipe(**{**RECIPE.__dict__, "rate": 1e-5})
    with pytest.raises(OptionError, match=r"rate \(0\.003 then, 1e-05 now\)"):
        train_pair(MATERIAL, other, tmp_path / "model", resume=True)


def test_the_state_is_kept_where_pairs_end(tmp_path: Path) -> None:
    material = Boxes(SIZE, fails=30)
    long = PairRecipe(**{**RECIPE.__dict__, "steps": 60, "looks": 1, "judged": 0})
    with pytest.raises(InputError, match=r"box\.png"):
        train_pair(material, long, tmp_path / "model")
    assert list(tmp_path.glob("model_*/last.pt"))


def test_a_loss_that_is_no_number_is_refused_and_nothing_learned() -> None:
    learner = PairLearner(RECIPE, torch.device("cpu"))
    with Stock(MATERIAL, RECIPE) as stock:
        batch = stock.draw(0)
    batch["noise"][0] = float("nan")
    before = {name: one.clone() for name, one in learner.net.named_parameters()}
    with pytest.raises(OptionError, match=r"step 8: loss \(nan\).*lower the learning rate, --rate 0\.001"):
        learner.step(7, 0.5, batch)
    assert all(torch.equal(one, before[name]) for name, one in learner.net.named_parameters())


@pytest.mark.slow
def test_it_learns(tmp_path: Path) -> None:
    recipe = PairRecipe(steps=80, size=SIZE, batch=8, fresh=8.0, judged=12, looks=1, workers=0, average=0.9)
    train_pair(MATERIAL, recipe, tmp_path / "model")
    scores = read_card(tmp_path / "model").scores
    assert scores["f"] > scores["f_mean_map"] + 0.3
    assert scores["abs_rel"] < scores["abs_rel_mean_map"]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"steps": 0}, "either seconds or steps"),
        ({"seconds": 3.0}, "either seconds or steps"),
        ({"batch": 1}, "batch: must be 2 to 1024, got 1"),
        ({"kept": 3}, r"kept: must be at least the batch \(4\)"),
        ({"size": (33, 64)}, "multiples of 32"),
        ({"rate": float("nan")}, "rate: must be"),
    ],
)
def test_numbers_without_sense_are_refused(values: dict[str, object], told: str, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=told):
        train_pair(MATERIAL, PairRecipe(**{**RECIPE.__dict__, **values}), tmp_path / "model")  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []
