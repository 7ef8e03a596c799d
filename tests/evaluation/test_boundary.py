import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from figureground.evaluation.boundary import boundary_f
from figureground.instances import tight_crop


def outline(mask: np.ndarray) -> set[tuple[int, int]]:
    """seg2bmap of davis-2017, pixel by pixel: what differs from the neighbours right, below and across."""
    height, width = mask.shape
    found = set()
    for y in range(height):
        for x in range(width):
            below, right = min(y + 1, height - 1), min(x + 1, width - 1)
            others = {bool(mask[y, right]), bool(mask[below, x]), bool(mask[below, right])}
            if others != {bool(mask[y, x])}:
                found.add((y, x))
    return found


def by_hand(truth: np.ndarray, found: np.ndarray, tolerance: float) -> float:
    """F by the definition: each pixel of one outline against each of the other."""
    if truth.any() != found.any():
        return 0.0
    a, b = outline(truth), outline(found)
    if not a or not b:
        return float(not a and not b)
    radius = np.ceil(tolerance * np.hypot(*truth.shape))

    def near(one: set, other: set) -> float:
        return np.mean([min(np.hypot(y - v, x - u) for v, u in other) <= radius for y, x in one])

    precision, recall = near(b, a), near(a, b)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([(17, 11), (11, 17), (1, 7), (5, 1)]), st.floats(0.01, 0.2))
def test_it_is_the_definition(seed: int, size: tuple[int, int], tolerance: float) -> None:
    rng = np.random.default_rng(seed)
    masks = []
    for _ in range(2):
        mask = np.zeros(size, bool)
        for _ in range(rng.integers(0, 3)):
            y, x = rng.integers(0, size[0]), rng.integers(0, size[1])
            mask[y : y + rng.integers(1, 9), x : x + rng.integers(1, 9)] = True
        masks.append(mask)
    got = boundary_f(*(tight_crop(mask) for mask in masks), size, tolerance=tolerance)
    assert got == pytest.approx(by_hand(*masks, tolerance))


@pytest.mark.parametrize(("shift", "expected"), [(0, 1.0), (8, 1.0), (60, 0.0)])
def test_the_tolerance_is_a_part_of_the_diagonal(shift: int, expected: float) -> None:
    """0.75 % of the diagonal of 1000 x 500 is 8.4 pixels, rounded up to 9."""
    masks = np.zeros((2, 500, 1000), bool)
    masks[0, 200:240, 300:340] = True
    masks[1, 200:240, 300 + shift : 340 + shift] = True
    first, second = (tight_crop(mask) for mask in masks)
    assert boundary_f(first, second, (500, 1000)) == expected


def test_nothing_and_all() -> None:
    nothing, all_of_it = tight_crop(np.zeros((5, 7), bool)), tight_crop(np.ones((5, 7), bool))
    assert boundary_f(nothing, nothing, (5, 7)) == 1
    assert boundary_f(all_of_it, all_of_it, (5, 7)) == 1
    assert boundary_f(nothing, all_of_it, (5, 7)) == 0
