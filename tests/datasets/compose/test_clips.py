"""Pairs from a scene: with the real estimate, and with what chance puts in its place."""

import numpy as np
import pytest
from figures_for_compose import SIZE, Walk

from figureground.background.estimate import fit_background
from figureground.datasets.compose.clips import pairs_of
from figureground.datasets.compose.realism import STILL_LIFE, Realism
from figureground.datasets.compose.scene import Pair
from figureground.errors import OptionError
from figureground.frames import Frame

PLAIN = {name: getattr(STILL_LIFE, name) for name in Realism.__dataclass_fields__}


def recipe(**changes: object) -> Realism:
    return Realism(**{**PLAIN, **changes})


def same(one: Pair, other: Pair) -> bool:
    return all(
        np.array_equal(getattr(one, name), getattr(other, name), equal_nan=name == "depth")
        for name in Pair.__dataclass_fields__
    )


def moment_of(pair: Pair) -> int:
    """The moment of a Walk, from where its square is."""
    return (int(np.nonzero(pair.mask)[1].min()) - 1) // 4


def test_the_background_is_what_the_estimator_says_of_the_samples() -> None:
    walk = Walk()
    pairs = pairs_of(walk, recipe(samples=(17, 17), unaligned=1.0), 3, 4)
    expected = fit_background(Frame(walk.view(k).image, k, k) for k in range(17))  # type: ignore[arg-type]
    for pair in pairs:
        assert np.array_equal(pair.background, expected.picture)
        assert np.array_equal(pair.noise, expected.noise)


def test_frame_mask_and_depth_are_of_one_moment() -> None:
    walk = Walk()
    pairs = pairs_of(walk, recipe(samples=(17, 17)), 5, 8)
    moments = [moment_of(pair) for pair in pairs]
    assert moments == sorted(set(moments))  # in order of time, each once
    for pair, moment in zip(pairs, moments, strict=True):
        view = walk.view(moment)
        assert np.array_equal(pair.frame, view.image)
        assert np.array_equal(pair.mask, view.mask)
        assert np.array_equal(pair.depth, view.depth)


def test_more_pairs_than_moments_and_none() -> None:
    moments = [moment_of(pair) for pair in pairs_of(Walk(5), recipe(), 1, 12)]
    assert sorted(set(moments)) == [0, 1, 2, 3, 4]
    assert max(moments.count(one) for one in moments) == 3
    assert pairs_of(Walk(5), recipe(), 1, 0) == []
    with pytest.raises(OptionError, match="0 or more"):
        pairs_of(Walk(5), recipe(), 1, -1)


@pytest.mark.parametrize("few", [0.0, 1.0])
def test_the_same_seed_gives_the_same_pairs(few: float) -> None:
    realism = Realism(few=few, shaking=1.0, ghost=0.5, clean=0.5)
    one, again, other = (pairs_of(Walk(), realism, seed, 3) for seed in (7, 7, 8))
    assert all(map(same, one, again))
    assert not any(map(same, one, other))


def test_background_and_frame_have_their_own_noise() -> None:
    """What is left of both without the scene is not alike."""
    walk = Walk()
    (pair, *_) = pairs_of(walk, recipe(clean=1.0, offset=(0.0, 0.0), grain=(5.0, 5.0), unaligned=1.0), 2, 3)
    empty = walk.empty().image.astype(float)
    taken, ground = ((one - empty)[~pair.mask].ravel() for one in (pair.frame, pair.background))
    assert min(taken.std(), ground.std()) > 0.8
    # the light of the background differs by a factor: it follows the picture, and the noise does not
    share = np.polyfit(empty[~pair.mask].ravel(), ground, 1)
    ground -= np.polyval(share, empty[~pair.mask].ravel())
    assert abs(np.corrcoef(taken, ground)[0, 1]) < 0.2


def test_a_clean_background_is_never_shown_a_figure_and_may_lie_off() -> None:
    walk = Walk(3)  # from three samples the estimate is poor
    for offset in (0.0, 1.0):
        pairs = pairs_of(walk, recipe(clean=1.0, offset=(offset, offset), unaligned=1.0), 2, 3)
        off = np.abs(pairs[0].background.astype(int) - walk.empty().image)
        # the light differs by 7 % at most, of at most 255
        assert off[:, :25].mean() < (9 if offset == 0 else 30)
        assert not np.array_equal(pairs[0].background, walk.empty().image)


def test_a_ghost_is_a_figure_in_the_background() -> None:
    plain, haunted = (
        pairs_of(Walk(), recipe(ghost=chance, samples=(17, 17), unaligned=1.0), 4, 1)[0]
        for chance in (0.0, 1.0)
    )
    changed = (plain.background != haunted.background).any(-1)
    red = haunted.background[changed].astype(int)
    assert 80 < np.count_nonzero(changed) < 400  # the square has 121 pixels, and a soft edge
    assert np.count_nonzero((red[:, 0] > 180) & (red[:, 1] < 70)) > 60


def test_the_light_of_the_background_follows_the_frame() -> None:
    """The estimate is brought to each frame's light as before a frame is segmented."""
    walk = Walk()
    away, brought = (
        pairs_of(walk, recipe(drift=(0.2, 0.2), samples=(17, 17), unaligned=chance), 6, 8)[-1]
        for chance in (1.0, 0.0)
    )
    far = [np.abs(one.frame.astype(int) - one.background)[~one.mask].mean() for one in (away, brought)]
    assert far[0] > 5
    assert far[1] < 2
    assert brought.frame.shape == (*SIZE, 3)
