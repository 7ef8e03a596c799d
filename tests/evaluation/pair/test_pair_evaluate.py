from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from made_depths import flat_pair
from PIL import Image

from figureground.errors import InputError, OptionError
from figureground.evaluation.pair.evaluate import (
    evaluate_pairs,
    evaluate_sequence,
    find_sequences,
    scores_to_text,
)
from figureground.evaluation.pair.priors import fit_priors
from figureground.models.architecture import Architecture
from figureground.models.card import ModelCard
from figureground.models.pair import PairModel
from figureground.testing import made_scene

Floats = npt.NDArray[np.float32]


def by_difference(inputs: Mapping[str, Floats]) -> list[Floats]:
    """Figure is what differs by more than 25 grey levels; all is at half the way."""
    apart = np.abs(inputs["frame"] - inputs["background"]).max(axis=1, keepdims=True)
    n, _, h, w = apart.shape
    return [apart - 25, np.full((n, 1, h // 2, w // 2), 0.5, np.float32)]


def model(**design: bool) -> PairModel:
    card = ModelCard(("figure",), Architecture(), kind="pair", recipe={"design": design})
    return PairModel(card, by_difference)


@pytest.fixture(scope="module")
def sequence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sequences") / "dish"
    scene = made_scene((67, 89), frames=150, animals=2, noise=1.0)
    for name in ("input", "groundtruth"):
        (folder / name).mkdir(parents=True)
    for frame in scene:
        Image.fromarray(frame.image).save(folder / "input" / f"in{frame.index:04}.png")
        if frame.index % 10 == 3:
            truth = np.where(scene.truth(frame.index).union(), 255, 0).astype(np.uint8)
            truth[:7] = 170  # does not count
            Image.fromarray(truth).save(folder / "groundtruth" / f"gt{frame.index:04}.png")
    return folder


def test_pairs_beside_the_priors() -> None:
    pairs = [flat_pair(upper=True, depth=0.4), flat_pair(upper=True, depth=0.6)]
    found = evaluate_pairs(model(), pairs, "flat", fit_priors(pairs))
    assert found.pictures == 2
    assert found.scores["network"]["f"] == 0
    assert found.scores["network"]["rmse"] == pytest.approx(0.1, abs=1e-6)
    assert found.scores["mean map"]["f"] > 0.9
    assert found.scores["row map"]["abs_rel"] == pytest.approx((0.1 / 0.4 + 0.1 / 0.6) / 2, rel=1e-3)
    assert scores_to_text([found]).count("\n") == 4


def test_no_pairs() -> None:
    assert evaluate_pairs(model(), [], "none").scores == {}


def test_a_sequence(sequence: Path) -> None:
    found = evaluate_sequence(model(depth=False), sequence, most=6)
    assert found.name == "dish"
    assert found.pictures == 6
    assert found.scores["network"]["f"] > 0.8
    assert found.scores["best threshold"]["f"] >= found.scores["network"]["f"] - 1e-9


def test_sequences_are_found_in_a_folder(sequence: Path, tmp_path: Path) -> None:
    assert find_sequences(sequence) == find_sequences(sequence.parent) == [sequence]
    assert find_sequences(tmp_path) == []


def test_a_model_without_masks_is_refused(sequence: Path) -> None:
    depth_alone = PairModel(model(mask=False).card, lambda inputs: by_difference(inputs)[1:])
    with pytest.raises(OptionError, match="gives no masks"):
        evaluate_sequence(depth_alone, sequence, most=1)


def test_a_truth_of_another_size_is_told(sequence: Path, tmp_path: Path) -> None:
    (tmp_path / "groundtruth").mkdir()
    (tmp_path / "input").symlink_to(sequence / "input")
    Image.fromarray(np.zeros((5, 7), np.uint8)).save(tmp_path / "groundtruth" / "gt0003.png")
    with pytest.raises(InputError, match=r"gt0003\.png: expected a picture of \(67, 89\)"):
        evaluate_sequence(model(), tmp_path)


def test_truths_that_fit_no_frame_are_told(sequence: Path, tmp_path: Path) -> None:
    (tmp_path / "groundtruth").mkdir()
    (tmp_path / "input").symlink_to(sequence / "input")
    Image.fromarray(np.zeros((67, 89), np.uint8)).save(tmp_path / "groundtruth" / "gt9999.png")
    with pytest.raises(InputError, match="has the number of one in input/"):
        evaluate_sequence(model(), tmp_path)
