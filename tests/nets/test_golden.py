"""The nets against what detectron2 and torchvision themselves give."""

import importlib.util
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.models import detection
from torchvision.models.detection import MaskRCNN

from figureground.models.architecture import Architecture, architecture
from figureground.models.detectron2 import config_to_architecture, count_classes, rename_weights
from figureground.models.paste import paste
from figureground.models.yaml_file import read_yaml
from figureground.nets.checkpoints import put_weights
from figureground.nets.maskrcnn import build_maskrcnn

GOLDEN = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "detectron2_golden"
PICTURES = "chelsea", "coffee", "scene"
golden = pytest.mark.skipif(not GOLDEN.is_dir(), reason=f"{GOLDEN} is not here")


def seeded_weights() -> dict[str, np.ndarray]:
    spec = importlib.util.spec_from_file_location("seeded", GOLDEN / "seeded.py")
    assert spec and spec.loader
    seeded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(seeded)
    weights: dict[str, np.ndarray] = seeded.state(GOLDEN / "calib.npz")
    return weights


@pytest.fixture(scope="module")
def model() -> tuple[MaskRCNN, Architecture]:
    config = read_yaml(GOLDEN / "config.yaml")
    what, classes = config_to_architecture(config, "config.yaml"), count_classes(config, "config.yaml")
    net = build_maskrcnn(what, classes, frozen_norm=True).eval()
    put_weights(net, rename_weights(seeded_weights(), classes, "w"), "w")
    return net, what


def pixels(masks: np.ndarray, boxes: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(n, h, w) bool."""
    whole = np.zeros((len(masks), *size), bool)
    for row, mask, box in zip(whole, masks, boxes, strict=True):
        crop = paste(mask, box, size, "detectron2")
        height, width = crop.mask.shape
        row[crop.y0 : crop.y0 + height, crop.x0 : crop.x0 + width] = crop.mask
    return whole


def recorded_masks(record: Any, start: str) -> np.ndarray:
    """(n, h, w) bool."""
    shape = tuple(record[f"{start}masks_shape"])
    return np.unpackbits(record[f"{start}masks_packed"], count=np.prod(shape)).reshape(shape).astype(bool)


@golden
@pytest.mark.parametrize("start", ["", "direct_"])
@pytest.mark.parametrize("name", PICTURES)
def test_detectron2s_results_are_reproduced(
    model: tuple[MaskRCNN, Architecture], name: str, start: str
) -> None:
    net, what = model
    net.transform.what = replace(what, short_side=0)
    record = np.load(GOLDEN / f"{name}.npz")
    image = np.asarray(Image.open(GOLDEN / f"{name}.png").convert("RGB"))
    given = image if start else record["net_input"][..., ::-1]
    with torch.no_grad():
        found = net([torch.from_numpy(given.copy()).permute(2, 0, 1)])[0]
    height, width = image.shape[:2]
    grown = np.array([width / given.shape[1], height / given.shape[0]] * 2, np.float32)
    boxes = found["boxes"].numpy() * grown
    assert (found["labels"].numpy() - 1).tolist() == record[f"{start}classes"].tolist()
    assert np.abs(boxes - record[f"{start}boxes"]).max() < 2e-2
    assert np.abs(found["scores"].numpy() - record[f"{start}scores"]).max() < 1e-4
    ours = pixels(found["masks"].numpy()[:, 0], boxes, (height, width))
    theirs = recorded_masks(record, start)
    assert theirs.any()
    assert (ours != theirs).sum() <= 1e-3 * theirs.sum()


@pytest.mark.parametrize(
    ("name", "theirs"),
    [("resnet50", detection.maskrcnn_resnet50_fpn), ("resnet50_v2", detection.maskrcnn_resnet50_fpn_v2)],
)
def test_torchvisions_own_models_give_the_same(name: str, theirs: Any) -> None:
    torch.manual_seed(0)
    image = torch.from_numpy(np.random.default_rng(3).integers(0, 256, (3, 67, 101), np.uint8))
    sides = {"min_size": 96, "max_size": 131, "rpn_post_nms_top_n_test": 100}
    their = theirs(weights=None, weights_backbone=None, num_classes=4, box_score_thresh=0.0, **sides).eval()
    what = replace(architecture(name), short_side=96, long_side=131, min_score=0.0, rpn_after=100)
    our = build_maskrcnn(what, 3).eval()
    assert our.load_state_dict(their.state_dict())
    with torch.no_grad():
        wanted, found = their([image.float() / 255])[0], our([image])[0]
    assert found["labels"].tolist() == wanted["labels"].tolist()
    torch.testing.assert_close(found["boxes"], wanted["boxes"], atol=5e-3, rtol=0)
    torch.testing.assert_close(found["scores"], wanted["scores"], atol=1e-5, rtol=0)
    for mask, box, whole in zip(found["masks"], found["boxes"], wanted["masks"], strict=True):
        crop = paste(mask[0].numpy(), box.numpy(), (67, 101), "torchvision")
        height, width = crop.mask.shape
        part = whole[0, crop.y0 : crop.y0 + height, crop.x0 : crop.x0 + width].numpy()
        sure = np.abs(part - 0.5) > 1e-4
        assert (crop.mask == (part > 0.5))[sure].all()
