"""Small models with random weights that find something in pictures."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from torchvision.models.detection import MaskRCNN

from figureground.frames import Image
from figureground.models.architecture import Architecture, architecture
from figureground.models.card import ModelCard, write_card
from figureground.nets.maskrcnn import build_maskrcnn
from figureground.nets.weights import write_weights

CLASSES = "mouse", "larva"


def small(name: str) -> Architecture:
    """Of detectron2 the pictures are not scaled: such nets make much of a grey level of difference."""
    scaled = {"body": "resnet18", "short_side": 0} if name == "detectron2" else {"short_side": 96}
    return replace(architecture(name), **{"long_side": 131, "rpn_after": 61, "most": 17, **scaled})


def decided(what: Architecture) -> MaskRCNN:
    """A net whose numbers have the size that training gives them: it finds something, and is sure of it."""
    torch.manual_seed(0)
    rough = build_maskrcnn(what, len(CLASSES))
    pictures = [torch.from_numpy(image).permute(2, 0, 1) for image in made_pictures()]
    with torch.no_grad():
        for norm in rough.modules():
            if isinstance(norm, torch.nn.BatchNorm2d):
                norm.momentum = None  # the mean of what it sees
        rough.backbone.train()(rough.transform(pictures)[0].tensors)
        net = build_maskrcnn(what, len(CLASSES), frozen_norm=True).eval()
        net.load_state_dict(rough.state_dict())
        predictor = net.roi_heads.box_predictor
        for layer, size in (
            (net.rpn.head.cls_logits, 2.0),
            (net.rpn.head.bbox_pred, 0.3),
            (predictor.cls_score, 3.0),
            (predictor.bbox_pred, 0.7),
            (net.roi_heads.mask_predictor.mask_fcn_logits, 6.0),
        ):
            seen: list[torch.Tensor] = []
            hook = layer.register_forward_hook(
                lambda _layer, _given, out, seen=seen: seen.append(out.flatten())
            )
            net(pictures)
            hook.remove()
            values = torch.cat(seen)
            layer.weight *= size / values.std()
            layer.bias -= (values.mean() - layer.bias.mean()) * size / values.std()
    return net


def made_pictures(count: int = 4, seed: int = 3) -> list[Image]:
    """Pictures of different sizes, of soft spots."""
    rng = np.random.default_rng(seed)
    sizes = [(67 + 12 * i, 101 - 6 * i) for i in range(count)]
    return [
        cv2.resize(rng.integers(0, 256, (9, 13, 3), np.uint8), size[::-1], interpolation=cv2.INTER_CUBIC)
        for size in sizes
    ]


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A function that makes the model folder of an architecture."""
    made: dict[str, Path] = {}

    def make(name: str) -> Path:
        if name not in made:
            folder = made[name] = tmp_path_factory.mktemp(name)
            what = small(name)
            write_weights(decided(what), folder)
            write_card(ModelCard(CLASSES, what), folder)
        return made[name]

    return make
