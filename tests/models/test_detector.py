"""The graphs with numpy between them, against the nets and against what detectron2 itself gave."""

import importlib.util
import tracemalloc
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from figureground.export.onnx import export_onnx
from figureground.models.architecture import Architecture, architecture
from figureground.models.boxes import Floats
from figureground.models.detector import Detector, prepared
from figureground.models.detectron2 import config_to_architecture, count_classes, rename_weights
from figureground.models.paste import paste
from figureground.models.runtime import open_graphs
from figureground.models.yaml_file import read_yaml
from figureground.nets.maskrcnn import build_maskrcnn
from figureground.nets.transform import Transform

GOLDEN = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "detectron2_golden"


@pytest.fixture(scope="module")
def golden(tmp_path_factory: pytest.TempPathFactory) -> tuple[Architecture, Path]:
    """The graphs of detectron2's recorded model."""
    if not GOLDEN.is_dir():
        pytest.skip(f"{GOLDEN} is not here")
    spec = importlib.util.spec_from_file_location("seeded", GOLDEN / "seeded.py")
    assert spec and spec.loader
    seeded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(seeded)
    config = read_yaml(GOLDEN / "config.yaml")
    what, classes = config_to_architecture(config, "c"), count_classes(config, "c")
    net = build_maskrcnn(what, classes, frozen_norm=True).eval()
    weights = rename_weights(seeded.state(GOLDEN / "calib.npz"), classes, "w")
    net.load_state_dict({name: torch.from_numpy(value) for name, value in weights.items()})
    folder = tmp_path_factory.mktemp("golden")
    export_onnx(net, what, folder)
    return what, folder


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["onnxruntime", "openvino"])
def test_detectron2s_results_are_reproduced_without_torch(
    golden: tuple[Architecture, Path], engine: str
) -> None:
    pytest.importorskip(engine)
    what, folder = golden
    detector = Detector(what, open_graphs(folder, engine))
    for name in ("chelsea", "coffee", "scene"):
        record = np.load(GOLDEN / f"{name}.npz")
        found = detector(np.asarray(Image.open(GOLDEN / f"{name}.png").convert("RGB")))
        assert found.labels.tolist() == record["classes"].tolist()
        np.testing.assert_allclose(found.boxes, record["boxes"], atol=2e-2)
        np.testing.assert_allclose(found.scores, record["scores"], atol=1e-4)
        np.testing.assert_allclose(found.masks, record["raw_mask28"].astype(np.float32), atol=2e-3)


@pytest.mark.parametrize("name", ["resnet50", "mobilenet", "detectron2"])
@pytest.mark.parametrize("size", [(67, 101), (131, 59), (64, 64)])
def test_a_picture_is_prepared_as_the_nets_do_it(name: str, size: tuple[int, int]) -> None:
    what = replace(architecture(name), short_side=96, long_side=149)
    image = np.random.default_rng(1).integers(0, 256, (*size, 3), np.uint8)
    wanted, _ = Transform(what)([torch.from_numpy(image).permute(2, 0, 1)])
    batch, inside = prepared(image, what)
    assert wanted.image_sizes == [inside]
    assert batch.shape == tuple(wanted.tensors.shape)
    grey_level = 1.001 / min(
        what.std
    )  # detectron2's rounding; torchvision's resize is the same but for floats
    np.testing.assert_allclose(
        batch, wanted.tensors.numpy(), atol=grey_level if name == "detectron2" else 2e-2
    )


class Made:
    """Graphs of one level that find what they are told."""

    def __init__(self, *chances: tuple[float, float]) -> None:
        self.chances, self.asked = chances, 0

    def graphs(self) -> Mapping[str, "Made | object"]:
        return {"dense": self.dense, "box": self.box, "mask": self.mask}

    def dense(self, inputs: Mapping[str, Floats]) -> list[Floats]:
        batch, _, height, width = inputs["pictures"].shape
        rows, columns = height // 32, width // 32
        scores = np.full((batch, rows * columns, 1), -9, np.float32)
        scores[0, : len(self.chances), 0] = 9 - np.arange(len(self.chances))
        moves = np.zeros((batch, rows * columns, 4), np.float32)
        return [np.zeros((batch, 1, rows, columns), np.float32), scores, moves]

    def box(self, inputs: Mapping[str, Floats]) -> list[Floats]:
        logits = np.full((len(inputs["rois0"]), 3), -30, np.float32)
        logits[:, 0] = 0
        chances = np.array(self.chances, np.float32).reshape(-1, 2)
        logits[: len(chances), 1:] = np.log(chances / (1 - chances.sum(1, keepdims=True)))
        return [logits, np.zeros((len(logits), 12), np.float32)]

    def mask(self, inputs: Mapping[str, Floats]) -> list[Floats]:
        self.asked += len(inputs["rois0"])
        return [np.zeros((len(inputs["rois0"]), 3, 28, 28), np.float32)]


ONE_LEVEL = replace(
    architecture("detectron2"),
    short_side=0,
    strides=(32,),
    pooled=1,
    anchor_sizes=((32,),),
    anchor_ratios=(1.0,),
)


def test_masks_are_computed_only_for_what_is_wanted() -> None:
    image = np.zeros((96, 160, 3), np.uint8)
    for options, count in (({}, 4), ({"min_score": 0.5}, 2), ({"labels": [1]}, 2), ({"labels": []}, 0)):
        made = Made((0.9, 0.08), (0.2, 0.7))
        found = Detector(ONE_LEVEL, made.graphs())(image, **options)  # type: ignore[arg-type]
        assert (len(found.scores), made.asked) == (count, count)
        assert found.masks.shape == (count, 28, 28)
        assert (np.diff(found.scores) <= 0).all()


def test_boxes_are_in_pixels_of_the_picture() -> None:
    what = replace(ONE_LEVEL, short_side=96, long_side=960)
    found = Detector(what, Made((0.9, 0.05)).graphs())(  # type: ignore[arg-type]
        np.zeros((48, 80, 3), np.uint8), min_score=0.5
    )
    np.testing.assert_allclose(found.boxes, [[0, 0, 8, 8]])  # the anchor of the first cell, half its size
    np.testing.assert_allclose(found.scores, [0.9], rtol=1e-5)
    assert found.labels.tolist() == [0]


def test_an_empty_scene_is_an_ordinary_result() -> None:
    for made in (Made(), Made((0.01, 0.01))):
        (found,) = Detector(ONE_LEVEL, made.graphs()).batch([np.zeros((64, 64, 3), np.uint8)])  # type: ignore[arg-type]
        assert (found.boxes.shape, found.scores.shape, found.masks.shape) == ((0, 4), (0,), (0, 28, 28))
        assert made.asked == 0


def test_memory_stays_flat_over_large_pictures() -> None:
    """100 full masks of 12 megapixels as floats would be 4.8 GB."""
    what = replace(ONE_LEVEL, short_side=768, long_side=1024, most=100)
    detector = Detector(what, Made(*[(0.6, 0.3)] * 100).graphs())  # type: ignore[arg-type]
    picture = np.zeros((3000, 4000, 3), np.uint8)
    peaks, held = [], []
    tracemalloc.start()
    try:
        for _ in range(4):
            tracemalloc.reset_peak()
            found = detector(picture, min_score=0.0)
            pairs = zip(found.masks, found.boxes, strict=True)
            assert len([paste(mask, box, (3000, 4000), "detectron2") for mask, box in pairs]) == 100
            del found, pairs
            peaks.append(tracemalloc.get_traced_memory()[1])
            held.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert max(peaks) < 60e6
    assert max(held[1:]) - held[1] < 1e5
