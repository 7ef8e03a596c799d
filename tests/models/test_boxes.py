"""Boxes against torchvision's own functions."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torchvision.models.detection._utils import BoxCoder
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.image_list import ImageList
from torchvision.ops import boxes as theirs
from torchvision.ops.poolers import LevelMapper

from figureground.models.architecture import architecture
from figureground.models.boxes import anchors, clipped, levels_of, moved, sizeable, suppressed


def made_boxes(rng: np.random.Generator, count: int, *, decimals: int = 1, side: float = 211) -> np.ndarray:
    """Boxes that overlap, repeat themselves, and of which some have no extent."""
    corners = rng.uniform(-7, side, (count, 2))
    sides = rng.uniform(0, side / 3, (count, 2)) * (rng.random((count, 1)) > 0.05)
    return np.concatenate([corners, corners + sides], axis=1).astype(np.float32).round(decimals)


@given(
    count=st.integers(0, 300),
    seed=st.integers(0, 1000),
    decimals=st.integers(-1, 2),
    groups=st.integers(1, 5),
    overlap=st.sampled_from([0.0, 0.3, 1 / 3, 0.5, 0.7, 1.0]),
)
def test_suppression_keeps_what_torchvision_keeps(
    count: int, seed: int, decimals: int, groups: int, overlap: float
) -> None:
    rng = np.random.default_rng(seed)
    boxes = made_boxes(rng, count, decimals=decimals)
    scores = rng.random(count).astype(np.float32).round(2)
    of = rng.integers(0, groups, count)
    wanted = theirs._batched_nms_vanilla(*map(torch.from_numpy, (boxes, scores, of)), overlap)
    kept = suppressed(boxes, scores, of, overlap)
    assert sorted(kept.tolist()) == sorted(wanted.tolist())
    assert (np.diff(scores[kept]) <= 0).all()


@given(st.integers(0, 1000), st.integers(1, 40))
def test_suppression_of_the_best_is_the_beginning_of_that_of_all(seed: int, most: int) -> None:
    rng = np.random.default_rng(seed)
    boxes, scores = made_boxes(rng, 307), rng.random(307).astype(np.float32)
    of = rng.integers(0, 3, 307)
    assert (
        suppressed(boxes, scores, of, 0.5, most).tolist()
        == suppressed(boxes, scores, of, 0.5)[:most].tolist()
    )


def test_moves_are_torchvisions() -> None:
    rng = np.random.default_rng(2)
    boxes = made_boxes(rng, 53, decimals=3)
    moves = rng.normal(0, 3, (53, 7, 4)).astype(np.float32)
    coder = BoxCoder((10.0, 10.0, 5.0, 5.0))
    wanted = coder.decode(torch.from_numpy(moves.reshape(53, -1)), [torch.from_numpy(boxes)])
    np.testing.assert_allclose(
        moved(boxes, moves, (10.0, 10.0, 5.0, 5.0)), wanted.numpy(), rtol=1e-4, atol=1e-3
    )


@pytest.mark.parametrize("name", ["resnet50", "mobilenet"])
@pytest.mark.parametrize("padded", [(224, 352), (416, 96)])
def test_anchors_are_torchvisions(name: str, padded: tuple[int, int]) -> None:
    what = architecture(name)
    grids = tuple((-(-padded[0] // stride), -(-padded[1] // stride)) for stride in what.strides)
    generator = AnchorGenerator(what.anchor_sizes, (what.anchor_ratios,) * len(what.anchor_sizes))
    pictures = ImageList(torch.zeros(1, 3, *padded), [padded])
    wanted = generator(pictures, [torch.zeros(1, 1, *grid) for grid in grids])[0]
    np.testing.assert_array_equal(np.concatenate(anchors(what, padded, grids)), wanted.numpy())


def test_anchors_of_detectron2_are_exact_and_lie_on_fixed_strides() -> None:
    what = replace(architecture("detectron2"), strides=(4,), anchor_sizes=((32,),))
    (found,) = anchors(what, (8, 12), ((2, 3),))
    half_w, half_h = 32 * 2**0.5 / 2, 32 / 2**0.5 / 2  # ratio 0.5: twice as wide as high
    np.testing.assert_allclose(found[0], [-half_w, -half_h, half_w, half_h], rtol=1e-6)
    np.testing.assert_allclose(found[1], [-16, -16, 16, 16])
    np.testing.assert_allclose(found[4 * 3 + 1] - found[1], [4, 4, 4, 4])  # row 1, column 1


@given(st.integers(0, 1000))
def test_levels_are_torchvisions(seed: int) -> None:
    rng = np.random.default_rng(seed)
    boxes = made_boxes(rng, 97, side=900)
    wanted = LevelMapper(2, 5)([torch.from_numpy(boxes)])
    assert levels_of(boxes, architecture("resnet50")).tolist() == wanted.tolist()


@pytest.mark.parametrize(
    ("side", "level"), [(111, 0), (112, 1), (223, 1), (224, 2), (447, 2), (448, 3), (5000, 3), (0, 0)]
)
@pytest.mark.parametrize("name", ["resnet50", "detectron2"])
def test_a_box_of_224_is_pooled_from_the_level_of_stride_16(name: str, side: int, level: int) -> None:
    box = np.array([[3, 5, 3 + side, 5 + side]], np.float32)
    assert levels_of(box, architecture(name)).tolist() == [level]


def test_clipping_and_sizes_are_torchvisions() -> None:
    boxes = made_boxes(np.random.default_rng(5), 101)
    tensor = torch.from_numpy(boxes)
    np.testing.assert_array_equal(
        clipped(boxes, (67, 131)), theirs.clip_boxes_to_image(tensor, (67, 131)).numpy()
    )
    kept = theirs.remove_small_boxes(tensor, 1.5)
    assert np.flatnonzero(sizeable(boxes, 1.5)).tolist() == kept.tolist()


def test_nothing_is_an_ordinary_input() -> None:
    none = np.zeros((0, 4), np.float32)
    assert suppressed(none, np.zeros(0, np.float32), np.zeros(0, np.int64), 0.5).shape == (0,)
    assert moved(none, np.zeros((0, 3, 4), np.float32)).shape == (0, 3, 4)
    assert levels_of(none, architecture("resnet50")).shape == (0,)
