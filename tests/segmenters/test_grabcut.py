from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image as Still

from figureground.frames import Frame
from figureground.segmenters.grabcut import GrabCutSegmenter, cut_middle, load
from figureground.testing import made_scene

PHOTOS = Path(__file__).resolve().parents[2].parent / "shared/data/cutouts/animals"


def frame(image: np.ndarray, index: int = 0) -> Frame:
    return Frame(image, index, Fraction(index))


def cloth(size: tuple[int, int], low: int, high: int, seed: int = 0) -> np.ndarray:
    """(h, w, 3) uint8: a smooth texture between the levels `low` and `high`."""
    grey = cv2.GaussianBlur(np.random.default_rng(seed).normal(0, 1, size).astype(np.float32), (0, 0), 2)
    grey = low + (high - low) * (grey - grey.min()) / np.ptp(grey)
    return np.repeat(grey.round().astype(np.uint8)[..., None], 3, axis=2)


def disc(size: tuple[int, int], y: float, x: float, radius: float) -> np.ndarray:
    rows, columns = np.mgrid[: size[0], : size[1]]
    mask: np.ndarray = np.hypot(rows - y * size[0], columns - x * size[1]) < radius * min(size)
    return mask


def overlap(found: np.ndarray, truth: np.ndarray) -> float:
    return 2 * float((found & truth).sum()) / float(found.sum() + truth.sum())


@pytest.mark.parametrize("size", [(97, 131), (131, 97), (401, 613)])
@pytest.mark.parametrize(("y", "x", "radius"), [(0.5, 0.5, 0.2), (0.5, 0.5, 0.35), (0.45, 0.6, 0.25)])
def test_a_dark_disc_in_the_middle(size: tuple[int, int], y: float, x: float, radius: float) -> None:
    truth = disc(size, y, x, radius)
    picture = np.where(truth[..., None], cloth(size, 20, 70, 1), cloth(size, 130, 190))
    before = picture.copy()
    (found,) = load(made_scene())([frame(picture)])
    assert len(found) == 1
    assert found.size == size
    assert overlap(found.dense()[0], truth) > 0.94
    np.testing.assert_array_equal(picture, before)


def test_a_figure_that_is_cut_off_at_the_bottom() -> None:
    picture, truth = cloth((120, 160), 130, 190), np.zeros((120, 160), bool)
    truth[40:, 55:105] = True
    picture[truth] = cloth((120, 160), 20, 70, 1)[truth]
    (found,) = GrabCutSegmenter()([frame(picture)])
    assert overlap(found.dense()[0], truth) > 0.97
    assert found.boxes[0, 3] == 120


def test_parts_and_holes() -> None:
    """A large part, a small one of a fifth and a speck, and a hole of some pixels."""
    size = 120, 160
    truth = disc(size, 0.5, 0.5, 0.22) | disc(size, 0.5, 0.74, 0.1)
    hole, speck = disc(size, 0.4, 0.5, 0.02), disc(size, 0.22, 0.4, 0.03)
    dark = (truth & ~hole) | speck
    picture = np.where(dark[..., None], cloth(size, 20, 70, 1), cloth(size, 130, 190))
    (found,) = GrabCutSegmenter()([frame(picture)])
    mask = found.dense()[0]
    assert overlap(mask, truth) > 0.97
    assert mask[hole].all()
    assert not mask[speck].any()


@pytest.mark.parametrize(("min_area", "count"), [(None, 1), (0, 1), (700, 1), (1000, 0)])
def test_smallest_area(min_area: float | None, count: int) -> None:
    size = 97, 131
    picture = np.where(disc(size, 0.5, 0.5, 0.17)[..., None], cloth(size, 20, 70, 1), cloth(size, 130, 190))
    (found,) = load(made_scene(), min_area=min_area)([frame(picture)])  # pi (0.17 * 97)^2 = 854 pixels
    assert len(found) == count


def test_the_same_each_time_and_in_any_order() -> None:
    pictures = [frame(cloth((60, 80), 20, 220, seed), seed) for seed in range(3)]
    find = GrabCutSegmenter()
    first, second = find(pictures), find(pictures[::-1])[::-1]
    for one, two in zip(first, second, strict=True):
        np.testing.assert_array_equal(one.union(), two.union())
    np.testing.assert_array_equal(cut_middle(pictures[0].image), cut_middle(pictures[0].image))


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (50, 1), (3, 400), (8, 8)])
def test_tiny_pictures(size: tuple[int, int]) -> None:
    (found,) = GrabCutSegmenter()([frame(cloth((50, 400), 20, 220)[: size[0], : size[1]].copy())])
    assert found.size == size
    assert (found.areas > 0).all()


def test_photos_of_animals() -> None:
    """Seven photos with their outlines: far better than to take an ellipse in the middle."""
    cut, ellipse = [], []
    for path in sorted(PHOTOS.glob("*.png"))[::2]:
        with Still.open(next(PHOTOS.glob(f"{path.stem}.jp*"))) as photo:
            photo.draft("RGB", (240, 240))
            picture = np.asarray(photo.convert("RGB").resize((240, 180)))
        with Still.open(path) as outline:
            truth = np.asarray(outline.convert("L").resize((240, 180))) > 127
        (found,) = GrabCutSegmenter()([frame(picture)])
        rows, columns = np.mgrid[:180, :240]
        middle = np.hypot((columns + 0.5) / 240 - 0.5, (rows + 0.5) / 180 - 0.5) <= 0.42
        cut.append(overlap(found.union() > 0, truth))
        ellipse.append(overlap(middle, truth))
    assert len(cut) == 7
    assert np.mean(cut) > 0.8
    assert np.mean(cut) > np.mean(ellipse) + 0.2
