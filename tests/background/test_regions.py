"""Each case: a textured ground, 50 noisy samples of it, and a dark block that comes, sits or passes."""

from collections.abc import Callable

import numpy as np
import pytest
from textures import noisy, texture, with_block

from figureground.background.modes import Modes, count_modes
from figureground.background.regions import artificial, contested, seam, settle

SIZE = 101, 137
GROUND = texture(SIZE, low=120, high=190)
RADIUS = np.full(SIZE, 16, np.uint8)
DARK = 40, 30, 30
SAMPLES = 50


def counted(block: Callable[[int], tuple[int, int] | None]) -> tuple[list[np.ndarray], Modes]:
    """Samples with a block of 20 x 20 at `block(number)`, or nowhere, and their modes."""
    samples = []
    for number in range(SAMPLES):
        at = block(number)
        picture = GROUND if at is None else with_block(GROUND, *at, 20, 20, DARK)
        samples.append(noisy(picture, number))
    return samples, count_modes(samples, RADIUS)


def wrong(picture: np.ndarray) -> int:
    """Pixels that are not the ground's."""
    return int((np.abs(picture.astype(int) - GROUND).max(axis=2) > 12).sum())


@pytest.mark.parametrize("share", [0.55, 0.7, 0.8])
@pytest.mark.parametrize("at", [(40, 60), (0, 0), (81, 117), (3, 50)])
def test_a_sitter_is_removed(share: float, at: tuple[int, int]) -> None:
    samples, modes = counted(lambda number: at if number < share * SAMPLES else None)
    assert wrong(modes.colours[0]) == 400  # counting alone takes the sitter for ground
    assert wrong(settle(modes.colours[0], samples, modes, RADIUS)) == 0


def test_a_sitter_that_comes_and_leaves_on_foot_is_removed() -> None:
    samples, modes = counted(lambda number: (40, 60 if 5 < number < 40 else 3 * number))
    assert wrong(modes.colours[0]) > 300
    assert wrong(settle(modes.colours[0], samples, modes, RADIUS)) == 0


def test_a_visitor_that_sits_otherwise_each_time_is_removed() -> None:
    samples, modes = counted(lambda n: (40, 60 + n // 10 % 3) if n // 5 % 3 else None)
    assert wrong(modes.colours[0]) > 300
    assert wrong(settle(modes.colours[0], samples, modes, RADIUS)) == 0


@pytest.mark.parametrize(
    "block",
    [
        pytest.param(lambda number: None, id="empty"),
        pytest.param(lambda number: (40, 3 * number - 20), id="swept"),
        pytest.param(lambda number: (40, number), id="swept slowly"),
        pytest.param(lambda number: (10, 10) if number % 4 == 0 else None, id="flickering"),
    ],
)
def test_a_right_ground_is_not_spoiled(block: Callable[[int], tuple[int, int] | None]) -> None:
    samples, modes = counted(block)
    assert wrong(modes.colours[0]) == 0
    settled = settle(modes.colours[0], samples, modes, RADIUS)
    np.testing.assert_array_equal(settled, modes.colours[0])


def test_inputs_stay_as_they_are() -> None:
    samples, modes = counted(lambda number: (40, 60) if number < 35 else None)
    before = [sample.copy() for sample in samples], modes.colours.copy(), modes.stable.copy(), RADIUS.copy()
    settle(modes.colours[0], samples, modes, RADIUS)
    np.testing.assert_array_equal(samples, before[0])
    np.testing.assert_array_equal(modes.colours, before[1])
    np.testing.assert_array_equal(modes.stable, before[2])
    np.testing.assert_array_equal(RADIUS, before[3])


def square(top: int, left: int) -> np.ndarray:
    region = np.zeros((41, 53), bool)
    region[top : top + 20, left : left + 20] = True
    return region


@pytest.mark.parametrize("step", [0, 10, 40, 79])
@pytest.mark.parametrize(("top", "left"), [(10, 15), (0, 0), (21, 33)])
def test_the_seam_of_a_square_is_its_step(top: int, left: int, step: int) -> None:
    region = square(top, left)
    picture = np.full((*region.shape, 3), 100, np.uint8)
    picture[region] += np.uint8(step)
    # 2 pixels to each side the picture, smoothed by 1 pixel, has nearly reached its levels
    assert seam(picture, region, np.ones_like(region)) == pytest.approx(step, rel=0.12, abs=0.01)


def test_the_seam_counts_only_what_meets_settled_ground() -> None:
    region = square(10, 15)
    picture = np.full((*region.shape, 3), 100, np.uint8)
    picture[:, :25] = 160  # a step of 60 along the left half
    picture[region] = 100
    left = np.zeros_like(region)
    left[:, :12] = True
    left[12:28, :15] = True
    assert seam(picture, region, left) > 50
    right = np.zeros_like(region)
    right[12:28, 35:] = True
    assert seam(picture, region, right) < 1
    assert seam(picture, region, np.zeros_like(region)) == 0


def test_a_stronger_edge_than_the_cap_counts_no_more() -> None:
    region = square(10, 15)
    strong = np.zeros((*region.shape, 3), np.uint8)
    strong[region] = 250
    assert seam(strong, region, np.ones_like(region)) == 80


@pytest.mark.parametrize(
    ("colour", "stable", "expected"),
    [
        (100, 50, False),  # the ground itself
        (132, 50, False),  # within two radii: the same thing in another light
        (133, 50, True),
        (20, 6, True),
        (20, 5, False),  # not long enough
    ],
)
def test_contested(colour: int, stable: int, expected: bool) -> None:
    ground = np.full((5, 7, 3), 100, np.uint8)
    colours = np.stack([ground, np.full((5, 7, 3), colour, np.uint8)])
    modes = Modes(colours, np.stack([np.full((5, 7), 90, np.uint8), np.full((5, 7), stable, np.uint8)]))
    rival = contested(ground, modes, np.full((5, 7), 16, np.uint8), 6)
    assert rival.dtype == np.uint8
    assert (rival == (255 if expected else 0)).all()


def test_an_edge_that_the_samples_do_not_have_is_artificial() -> None:
    ground = np.full((11, 17, 3), 100, np.uint8)
    ground[:, 8:] = 150
    radius = np.full((11, 17), 16, np.uint8)
    made = artificial(ground, np.zeros((11, 17), np.uint8), radius)
    assert np.flatnonzero(made.any(axis=0)).tolist() == [7, 8]  # both sides of the edge
    assert not artificial(ground, np.full((11, 17), 34, np.uint8), radius).any()
