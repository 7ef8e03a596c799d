"""Figures in a composed scene: where they are, what their masks and depths say."""

import cv2
import numpy as np
import pytest
from figures_for_compose import SIZE, Walk, cloth, disc
from hypothesis import given, settings
from hypothesis import strategies as st

from figureground.datasets.compose.actors import Actor, Shadow
from figureground.datasets.compose.backgrounds import Ground
from figureground.datasets.compose.composed import (
    ComposedScene,
    composed_scene,
    contact_depth,
    view_to_ground,
)
from figureground.datasets.compose.looks import Surroundings, made_look
from figureground.datasets.compose.realism import STILL_LIFE, Realism
from figureground.datasets.compose.scene import View
from figureground.datasets.compose.ways import Way, made_way, sitting_way
from figureground.errors import OptionError

RED = 220, 30, 40
BLUE = 20, 40, 230


def ground(depth: float | np.ndarray = np.nan, horizon: float = 0.0) -> Ground:
    return Ground(cloth(1, SIZE), horizon, np.broadcast_to(np.float32(depth), SIZE).copy())


def actor(colour: tuple[int, int, int], x: float, y: float, side: float, *, above: bool = False) -> Actor:
    rng = np.random.default_rng(0)
    look = made_look(disc(colour), side, Surroundings(cloth(), cloth()), STILL_LIFE, rng)
    way = Way(np.array([[x, y]]), np.zeros(1), np.zeros(1))
    return Actor(look, way, np.array([side]), 0.0, above, False)


def scene(*actors: Actor, on: Ground | None = None, shadow: Shadow | None = None) -> ComposedScene:
    return ComposedScene(on or ground(), actors, 1, shadow, None, lit=0.0)


def test_a_figure_stands_on_its_foot_and_has_its_size() -> None:
    view = scene(actor(RED, 0.5, 0.8, 25)).view(0)
    rows, columns = np.nonzero(view.mask)
    assert abs(columns.mean() - 0.5 * SIZE[1]) < 1
    # 27 of the disc's 31 pixels are opaque, on 25 of all: 22, and the foot is at 0.8 of 61 rows
    assert abs(rows.max() - 0.8 * SIZE[0]) < 3.5
    assert abs(np.ptp(rows) - 22) < 3
    inside = view.image[int(rows.mean()), int(columns.mean())]
    assert np.abs(inside.astype(int) - RED).max() < 3


def test_from_above_the_place_is_the_middle() -> None:
    rows, columns = np.nonzero(scene(actor(RED, 0.4, 0.6, 25, above=True)).view(0).mask)
    assert abs(columns.mean() - 0.4 * SIZE[1]) < 1
    assert abs(rows.mean() - 0.6 * SIZE[0]) < 1


def test_outside_of_masks_there_is_the_empty_scene() -> None:
    made = scene(actor(RED, 0.3, 0.7, 20), actor(BLUE, 0.7, 0.9, 25))
    view, empty = made.view(0), made.empty()
    far = cv2.dilate(view.mask.view(np.uint8), np.ones((7, 7), np.uint8)) == 0
    assert np.array_equal(view.image[far], empty.image[far])
    assert not empty.mask.any()


def test_who_stands_lower_hides_the_other() -> None:
    near, far = actor(RED, 0.5, 0.9, 30), actor(BLUE, 0.5, 0.8, 30)
    for order in ((near, far), (far, near)):
        view = scene(*order).view(0)
        assert np.abs(view.image[45, 41].astype(int) - RED).max() < 3


def test_depth_is_that_of_the_contact_and_nearer_ground_hides() -> None:
    depth = np.linspace(1, 0.2, SIZE[0])[:, None].repeat(SIZE[1], 1)
    depth[:, 41:] = 0.1  # a post that stands near
    on = Ground(cloth(1, SIZE), -20.0, depth.astype(np.float32))
    made = scene(actor(RED, 0.4, 0.7, 30), on=on)
    view = made.view(0)
    assert np.nonzero(view.mask)[1].max() < 42
    inner = view.mask & (np.arange(SIZE[1]) < 38)
    expected = depth[int(0.7 * SIZE[0]), 5]
    assert np.unique(view.depth[inner]).tolist() == pytest.approx([expected], abs=1e-6)
    outside = ~view.mask
    assert np.array_equal(view.depth[outside], depth.astype(np.float32)[outside])


def test_below_the_picture_a_plane_goes_on() -> None:
    """1 / depth is linear in the row on a plane: here 1 / depth = (row + 9) / 100."""
    rows = np.arange(SIZE[0])
    on = Ground(cloth(1, SIZE), -9.0, (100 / (rows + 9.0))[:, None].repeat(SIZE[1], 1).astype(np.float32))
    assert contact_depth(on, 30, 80) == pytest.approx(100 / 89, rel=0.03)
    assert np.isnan(contact_depth(ground(), 3, 3))


def test_the_horizon_is_found_from_depth() -> None:
    rows = np.arange(SIZE[0])
    plane = (40 / np.maximum(rows - 13.0, 0.4)).clip(0, 100)[:, None].repeat(SIZE[1], 1).astype(np.float32)
    empty = View(cloth(1, SIZE), np.zeros(SIZE, bool), plane / plane.max())
    assert view_to_ground(empty).horizon == pytest.approx(13.0, abs=0.1)
    assert view_to_ground(empty._replace(depth=np.full(SIZE, 0.7, np.float32))).horizon < -1000
    assert view_to_ground(empty._replace(depth=np.full(SIZE, np.nan, np.float32))).horizon == 0


def test_shadows_darken_the_ground_and_are_no_figure() -> None:
    light, dark = (
        scene(actor(RED, 0.5, 0.7, 25), shadow=one).view(0) for one in (None, Shadow(0.5, 0.8, 0.3, 0.01))
    )
    assert np.array_equal(light.mask, dark.mask)
    changed = (light.image != dark.image).any(-1) & ~light.mask
    assert np.count_nonzero(changed) > 30
    lost = light.image.astype(int) - dark.image
    assert lost.min() >= -1
    ratio = dark.image[changed].sum() / light.image[changed].sum()
    assert 0.5 < ratio < 0.95


@settings(max_examples=12)
@given(seed=st.integers(0, 1000), above=st.booleans(), count=st.integers(0, 3))
def test_the_same_seed_gives_the_same_scene(seed: int, above: bool, count: int) -> None:
    made, again = (
        composed_scene(
            ground(), [disc()] * count, Realism(), seed, frames=5, above=above, textures=[cloth(3)]
        )
        for _ in range(2)
    )
    for index in (4, 0):
        one, two = made.view(index), again.view(index)
        assert np.array_equal(one.image, two.image)
        assert np.array_equal(one.mask, two.mask)
        assert one.mask.any() <= (count > 0)
        assert one.image.dtype == np.uint8
        assert np.isnan(one.depth).all()


def test_figures_walk_in_the_empty_scene_of_another() -> None:
    walk = Walk()
    realism = Realism(waving=0.0, sits=1.0)
    made = composed_scene(walk.empty(), [disc((255, 255, 255))] * 3, realism, 3, frames=4)
    view = made.view(0)
    assert view.mask.any()
    assert np.isfinite(view.depth).all()


def test_no_moments() -> None:
    with pytest.raises(OptionError, match="1 moment"):
        composed_scene(ground(), [], Realism(), 0, frames=0)
    with pytest.raises(IndexError, match="1 moments"):
        scene().view(1)


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000), rest=st.floats(0, 0.8), top=st.floats(0, 0.9), frames=st.integers(1, 40))
def test_ways_go_on_and_keep_below_the_top(seed: int, rest: float, top: float, frames: int) -> None:
    way = made_way(frames, rest, np.random.default_rng(seed), top=top)
    assert way.at.shape == (frames, 2)
    assert np.isfinite(way.at).all()
    assert np.isfinite(way.angle).all()
    assert (np.diff(way.gone) >= 0).all()
    assert way.at[:, 1].min() >= top - 0.1


def test_pauses_take_the_share_asked_for() -> None:
    still = [
        np.mean(np.diff(made_way(400, 0.5, np.random.default_rng(seed)).gone) < 1e-5) for seed in range(20)
    ]
    assert 0.25 < np.mean(still) <= 0.55  # pauses may overlap, and starting takes time


def test_who_sits_keeps_the_place_for_two_thirds() -> None:
    for seed in range(8):
        way = sitting_way(60, np.random.default_rng(seed))
        assert np.ptp(way.at[:39], axis=0).max() == 0
