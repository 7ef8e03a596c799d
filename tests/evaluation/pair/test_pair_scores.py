import math
from pathlib import Path

import numpy as np
import pytest
from made_depths import flat_pair

from figureground.errors import InputError
from figureground.evaluation.pair.priors import FILE, SIZE, fit_priors, read_priors, write_priors
from figureground.evaluation.pair.scores import DepthTally, MaskTally


def test_masks_by_hand() -> None:
    """Two pictures together: 3 hits, 1 false, 2 missed."""
    tally = MaskTally()
    tally.add(np.float32([[0.9, 0.6, 0.6, 0.1]]), np.array([[True, True, False, True]]))
    tally.add(np.float32([[0.5, 0.0, 0.0, 0.4]]), np.array([[True, False, False, True]]))
    scores = tally.scores()
    assert scores["iou"] == pytest.approx(3 / 6)
    assert scores["f"] == pytest.approx(6 / 9)
    assert scores["mae"] == pytest.approx((0.1 + 0.4 + 0.6 + 0.9 + 0.5 + 0 + 0 + 0.6) / 8)


def test_pixels_that_do_not_count() -> None:
    tally = MaskTally()
    counts = np.array([[True, True, False]])
    tally.add(np.float32([[1, 0, 1]]), np.array([[True, False, False]]), counts)
    assert tally.scores()["iou"] == 1
    assert tally.scores()["mae"] == 0
    assert tally.pixels == 2


def test_no_picture_and_empty_pictures() -> None:
    assert MaskTally().scores() == {"iou": 1, "f": 1, "boundary_f": 1, "mae": 0}
    tally = MaskTally()
    tally.add(np.zeros((5, 7), np.float32), np.zeros((5, 7), bool))
    assert tally.scores()["f"] == 1


def test_the_outline_of_a_shifted_square() -> None:
    truth = np.zeros((101, 103), bool)
    truth[30:60, 30:60] = True
    for shift, expected in ((1, 1.0), (30, 0.0)):
        tally = MaskTally()
        tally.add(np.roll(truth, (shift, shift), (0, 1)).astype(np.float32), truth)
        assert tally.scores()["boundary_f"] == pytest.approx(expected, abs=0.08)


def test_depth_by_hand() -> None:
    depth = np.array([[0.5, 0.4], [0.2, np.nan]], np.float32)
    found = np.array([[0.6, 0.4], [0.3, 9.0]], np.float32)
    tally = DepthTally()
    tally.add(found, depth)
    scores = tally.scores()
    assert scores["rmse"] == pytest.approx(math.sqrt((0.01 + 0 + 0.01) / 3), rel=1e-5)
    assert scores["abs_rel"] == pytest.approx((0.2 + 0 + 0.5) / 3, rel=1e-5)
    assert scores["delta1"] == pytest.approx(2 / 3)


def test_a_depth_that_is_nowhere_known_does_not_count() -> None:
    tally = DepthTally()
    tally.add(np.ones((9, 9), np.float32), np.full((9, 9), np.nan, np.float32))
    assert tally.scores() == {}


def test_a_perfect_depth() -> None:
    depth = np.random.default_rng(0).uniform(0.1, 1, (23, 29)).astype(np.float32)
    tally = DepthTally()
    tally.add(depth, depth)
    scores = tally.scores()
    assert (scores["rmse"], scores["abs_rel"], scores["delta1"]) == (0, 0, 1)
    assert scores["ssim"] == pytest.approx(1)


def test_priors_are_the_means() -> None:
    """Figures are in the upper half of two of three pictures; the depth is known in two."""
    pairs = [flat_pair(upper=True, depth=0.4), flat_pair(upper=True, depth=0.8), flat_pair(False, np.nan)]
    priors = fit_priors(pairs)
    half = SIZE[0] // 2
    np.testing.assert_allclose(priors.mask[: half - 1], 2 / 3, atol=1e-5)
    np.testing.assert_allclose(priors.mask[half + 1 :], 0, atol=1e-5)
    np.testing.assert_allclose(priors.depth, 0.6, atol=1e-5)
    guesses = priors.guesses((30, 50))
    chance, inside, _ = guesses["mean map"]
    assert chance.shape == (30, 50)
    assert ((chance >= inside)[:14]).all()
    assert not (chance >= inside)[16:].any()


def test_priors_of_nothing() -> None:
    guesses = fit_priors([]).guesses((7, 11))
    for chance, inside, depth in guesses.values():
        assert not (chance >= inside).any()
        np.testing.assert_allclose(depth, 1, atol=1e-6)


def test_priors_are_written_and_read(tmp_path: Path) -> None:
    folder = tmp_path
    assert read_priors(folder) is None
    priors = fit_priors([flat_pair(upper=True, depth=0.4)])
    write_priors(priors, folder)
    again = read_priors(folder)
    assert again is not None
    np.testing.assert_allclose(again.mask, priors.mask, atol=1e-3)
    assert again.inside == pytest.approx(priors.inside)


@pytest.mark.parametrize("data", [b"", b"no zip", b"PK\x03\x04broken"])
def test_damaged_priors_are_told(data: bytes, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(data)
    with pytest.raises(InputError, match=r"priors\.npz: is damaged"):
        read_priors(tmp_path)
