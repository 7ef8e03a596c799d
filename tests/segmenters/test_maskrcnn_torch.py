"""The net in torch finds what the graphs find; pictures of one size go together."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from figureground.errors import MissingExtraError, OptionError
from figureground.frames import Image
from figureground.models.architecture import Architecture, architecture
from figureground.models.card import ModelCard, write_card
from figureground.nets.maskrcnn import build_maskrcnn
from figureground.nets.weights import write_weights
from figureground.segmenters.maskrcnn import load
from figureground.segmenters.maskrcnn_torch import TorchDetector, best_device, open_torch
from figureground.testing import made_scene

WHAT = replace(architecture("mobilenet"), short_side=96, long_side=131, rpn_after=61, most=7, min_score=0.0)


class Asked:
    """A net that finds its pictures' shapes, and notes what comes together."""

    def __init__(self) -> None:
        self.batches: list[list[tuple[int, ...]]] = []

    def __call__(self, pictures: list[torch.Tensor]) -> list[dict[str, torch.Tensor]]:
        self.batches.append([tuple(one.shape) for one in pictures])
        return [
            {
                "boxes": torch.tensor([[0.0, 0.0, one.shape[2], one.shape[1]]] * 3),
                "scores": torch.tensor([0.9, 0.5, 0.2]),
                "labels": torch.tensor([1, 2, 1]),
                "masks": torch.ones(3, 1, 28, 28),
            }
            for one in pictures
        ]


def pictures(*sizes: tuple[int, int]) -> list[Image]:
    return [np.zeros((*size, 3), np.uint8) for size in sizes]


def test_pictures_of_one_size_go_together_and_come_back_in_order() -> None:
    net = Asked()
    found = TorchDetector(WHAT, net).batch(pictures((7, 11), (13, 5), (7, 11)), min_score=0.0)
    assert net.batches == [[(3, 7, 11), (3, 7, 11)], [(3, 13, 5)]]
    assert [one.boxes[0].tolist() for one in found] == [[0, 0, 11, 7], [0, 0, 5, 13], [0, 0, 11, 7]]
    assert TorchDetector(WHAT, net).batch([]) == []


@pytest.mark.parametrize(
    ("min_score", "labels", "wanted"),
    [(None, None, [0.9, 0.5, 0.2]), (0.5, None, [0.9, 0.5]), (0.1, [0], [0.9, 0.2]), (0.1, [], [])],
)
def test_only_what_is_wanted_comes_back(
    min_score: float | None, labels: list[int] | None, wanted: list[float]
) -> None:
    (image,) = pictures((7, 11))
    found = TorchDetector(WHAT, Asked())(image, min_score=min_score, labels=labels)
    assert found.scores.round(1).tolist() == pytest.approx(wanted)
    assert found.masks.shape == (len(wanted), 28, 28)


@pytest.fixture
def model(tmp_path: Path) -> tuple[Path, Architecture]:
    torch.manual_seed(0)
    write_weights(build_maskrcnn(WHAT, 2, frozen_norm=True), tmp_path)
    write_card(ModelCard(("mouse", "larva"), WHAT), tmp_path)
    return tmp_path, WHAT


def test_a_model_folder_is_opened_and_gives_what_its_net_gives(model: tuple[Path, Architecture]) -> None:
    torch.manual_seed(0)
    net = build_maskrcnn(WHAT, 2, frozen_norm=True).eval()
    image = np.random.default_rng(0).integers(0, 256, (67, 101, 3), np.uint8)
    with torch.no_grad():
        wanted = net([torch.from_numpy(image).permute(2, 0, 1)])[0]
    found = open_torch(model[0], "cpu")(image)
    assert len(found.scores) == 7
    np.testing.assert_array_equal(found.boxes, wanted["boxes"].numpy())
    np.testing.assert_array_equal(found.labels, wanted["labels"].numpy() - 1)
    np.testing.assert_array_equal(found.masks, wanted["masks"][:, 0].numpy())
    few = open_torch(model[0], "cpu", proposals=3)(image)
    assert len(few.scores) < 7


def test_another_size_than_the_models_own(model: tuple[Path, Architecture]) -> None:
    torch.manual_seed(0)
    net = build_maskrcnn(replace(WHAT, short_side=64, long_side=87), 2, frozen_norm=True).eval()
    image = np.random.default_rng(0).integers(0, 256, (67, 101, 3), np.uint8)
    with torch.no_grad():
        wanted = net([torch.from_numpy(image).permute(2, 0, 1)])[0]
    found = open_torch(model[0], "cpu", size=64)(image)
    np.testing.assert_allclose(found.boxes, wanted["boxes"].numpy(), atol=1e-4)
    own = open_torch(model[0], "cpu")(image)
    assert own.boxes.shape != found.boxes.shape or not np.allclose(own.boxes, found.boxes, atol=0.5)


def test_a_folder_of_weights_alone_is_run_by_torch(model: tuple[Path, Architecture]) -> None:
    net = build_maskrcnn(WHAT, 2, frozen_norm=True)
    torch.nn.init.ones_(net.roi_heads.mask_predictor.mask_fcn_logits.bias)  # masks that fill their boxes
    write_weights(net, model[0])
    write_card(ModelCard(("mouse", "larva"), WHAT), model[0])
    segmenter = load(None, model=model[0], score=0, size=64)
    (frame,) = made_scene((67, 101), frames=1)
    (found,) = segmenter([frame])
    assert segmenter.classes == ("mouse", "larva")
    boxes = open_torch(model[0], size=64)(frame.image).boxes.tolist()
    assert len(found)
    assert all(box in boxes for box in found.boxes.tolist())
    with pytest.raises(OptionError, match=r"engine exact: .* has no graphs, only weights, which the engines"):
        load(None, model=model[0], engine="exact")


@pytest.mark.skipif(best_device() == "cuda", reason="it can be used here")
def test_a_device_that_is_not_there_is_told(model: tuple[Path, Architecture]) -> None:
    with pytest.raises(OptionError, match="device cuda: torch cannot use it here; it can use"):
        open_torch(model[0], "cuda")


def test_without_torch_the_cure_is_told(
    model: tuple[Path, Architecture], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "figureground.nets.weights", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'figureground\[train\]'"):
        open_torch(model[0])
