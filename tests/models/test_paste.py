"""Masks pasted within their boxes, against what the two libraries paste."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torchvision.models.detection.roi_heads import paste_masks_in_image

from figureground.instances import Instances
from figureground.models.paste import paste

GOLDEN = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "detectron2_golden"


@pytest.mark.skipif(not GOLDEN.is_dir(), reason=f"{GOLDEN} is not here")
@pytest.mark.parametrize("name", ["chelsea", "coffee", "scene"])
def test_the_pixels_are_detectron2s(name: str) -> None:
    record = np.load(GOLDEN / f"{name}.npz")
    shape = tuple(record["masks_shape"])
    wanted = np.unpackbits(record["masks_packed"], count=np.prod(shape)).reshape(shape).astype(bool)
    pairs = zip(record["raw_mask28"].astype(np.float32), record["boxes"], strict=True)
    crops = [paste(mask, box, shape[1:], "detectron2") for mask, box in pairs]
    assert wanted.any()
    assert (Instances(shape[1:], tuple(crops)).dense() != wanted).sum() <= 1e-3 * wanted.sum()


@given(
    seed=st.integers(0, 10_000),
    size=st.tuples(st.integers(11, 97), st.integers(11, 97)),
    side=st.floats(0.5, 120),
)
def test_the_pixels_are_torchvisions(seed: int, size: tuple[int, int], side: float) -> None:
    rng = np.random.default_rng(seed)
    mask = torch.nn.functional.interpolate(torch.from_numpy(rng.random((1, 1, 7, 7), np.float32)), (28, 28))
    low = rng.uniform(0, 0.9, 2) * size[::-1]
    high = np.minimum(low + np.maximum(0.1, side * rng.random(2)), size[::-1])
    box = np.concatenate([low, high]).astype(np.float32)
    chances = paste_masks_in_image(mask, torch.from_numpy(box[None]), size)[0, 0].numpy()
    crop = paste(mask[0, 0].numpy(), box, size, "torchvision")
    found = Instances(size, (crop,)).dense()[0]
    sure = np.abs(chances - 0.5) > 1e-5
    np.testing.assert_array_equal(found[sure], (chances > 0.5)[sure])


@pytest.mark.parametrize("flavour", ["torchvision", "detectron2"])
def test_a_crop_is_no_larger_than_its_box(flavour: str) -> None:
    box = np.array([1000.25, 2000.5, 1053.75, 2031.0], np.float32)
    crop = paste(np.ones((28, 28), np.float32), box, (3000, 4000), flavour)
    assert crop.mask.shape[0] <= 31 + 6
    assert crop.mask.shape[1] <= 54 + 6
    rows, columns = np.flatnonzero(crop.mask.any(1)), np.flatnonzero(crop.mask.any(0))
    assert abs(crop.y0 + rows[0] - 2000.5) <= 2
    assert abs(crop.x0 + columns[-1] - 1053.75) <= 2


@pytest.mark.parametrize("flavour", ["torchvision", "detectron2"])
@pytest.mark.parametrize("box", [(-9, -5, 7, 4), (90, 60, 140, 90), (0, 0, 101, 67)])
def test_what_lies_outside_of_the_picture_is_left_out(
    flavour: str, box: tuple[float, float, float, float]
) -> None:
    crop = paste(np.ones((28, 28), np.float32), np.array(box, np.float32), (67, 101), flavour)
    assert Instances((67, 101), (crop,)).areas[0] > 0
