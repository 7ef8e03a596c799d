from dataclasses import fields, replace

import numpy as np
import pytest
from made_pairs import made_pair

from figureground.datasets.compose.scene import Pair
from figureground.training.pair.vary import Vary, cut, vary

NONE = Vary(**{one.name: 0.0 for one in fields(Vary)})


def same(a: Pair, b: Pair) -> bool:
    names = [one.name for one in fields(Pair)]
    return all(np.array_equal(getattr(a, n), getattr(b, n), equal_nan=n == "depth") for n in names)


def changed(**chances: float) -> tuple[Pair, Pair]:
    pair = made_pair(1, (31, 43))
    return pair, vary(pair, replace(NONE, **chances), np.random.default_rng(0))


def test_no_chance_changes_nothing() -> None:
    assert same(*changed())


@pytest.mark.parametrize("name", [one.name for one in fields(Vary) if one.name != "crop_least"])
def test_each_change_keeps_the_form_and_the_given_pair(name: str) -> None:
    kept = made_pair(1, (31, 43))
    pair, other = changed(**{name: 1.0}, crop_least=0.5)
    assert same(pair, kept)
    assert not same(pair, other)
    for one in fields(Pair):
        before, after = getattr(pair, one.name), getattr(other, one.name)
        assert before.shape == after.shape
        assert before.dtype == after.dtype
    assert same(other, changed(**{name: 1.0}, crop_least=0.5)[1])


def test_all_parts_are_mirrored_alike() -> None:
    pair, other = changed(flip_x=1.0)
    for one in fields(Pair):
        assert np.array_equal(getattr(other, one.name), getattr(pair, one.name)[:, ::-1], equal_nan=True)


def test_figures_left_in_the_background_are_no_figures_of_the_frame() -> None:
    pair, other = changed(left=1.0)
    assert np.array_equal(other.background, pair.frame)
    assert np.array_equal(other.frame, pair.background)
    assert not other.mask.any()
    assert np.isnan(other.depth[pair.mask]).all()


def test_a_frame_of_the_empty_scene_has_no_figures() -> None:
    pair, other = changed(same=1.0)
    assert not other.mask.any()
    apart = np.abs(other.frame.astype(int) - pair.background)
    assert 0 < apart.mean() < 4  # the noise is 2


def test_light_changes_both_pictures_alike() -> None:
    pair, other = changed(light=1.0)
    still = replace(pair, frame=pair.background)
    again = vary(still, replace(NONE, light=1.0), np.random.default_rng(0))
    assert np.array_equal(again.frame, again.background)
    assert np.array_equal(again.background, other.background)


def test_the_furthest_ground_of_a_part_has_depth_one() -> None:
    pair = made_pair(2, (40, 60))
    part = cut(pair, (slice(20, 40), slice(0, 30)), (40, 60))
    assert part.depth[~part.mask].max() == pytest.approx(1)
    assert part.mask.shape == (40, 60)


def test_a_pair_without_known_depth() -> None:
    pair = replace(made_pair(3, (32, 32)), depth=np.full((32, 32), np.nan, np.float32))
    for seed in range(20):
        assert np.isnan(vary(pair, Vary(), np.random.default_rng(seed)).depth).all()
