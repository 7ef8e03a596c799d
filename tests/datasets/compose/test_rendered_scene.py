"""Rendered scenes as a whole."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from figureground.datasets.compose.rendered.paths import Area, random_way
from figureground.datasets.compose.rendered.places import PLACES
from figureground.datasets.compose.rendered.scene import rendered_scene

SIZE = 43, 61


def check_view(view, size):
    assert view.image.shape == (*size, 3)
    assert view.mask.shape == view.depth.shape == size
    assert (view.image.dtype, view.mask.dtype, view.depth.dtype) == (np.uint8, bool, np.float32)
    assert (view.depth > 0).all()


@pytest.mark.parametrize("place", PLACES)
def test_the_mask_is_where_the_depth_is_not_that_of_the_empty_scene(place):
    seen = 0
    for seed in range(3):
        scene = rendered_scene(seed, SIZE, 5, place=place)
        empty = scene.empty()
        check_view(empty, SIZE)
        assert empty.depth.max() == 1
        assert not empty.mask.any()
        for index in (0, 4):
            view = scene.view(index)
            check_view(view, SIZE)
            np.testing.assert_array_equal(view.mask, view.depth != empty.depth)
            seen += view.mask.sum()
    assert seen > 20


def test_same_seed_same_scene_in_any_order():
    first, second = (rendered_scene(11, SIZE, 4, place="arena") for _ in range(2))
    forward = [first.view(i) for i in range(4)]
    backward = [second.view(i) for i in (3, 2, 1, 0)][::-1]
    for a, b in zip(forward, backward, strict=True):
        for x, y in zip(a, b, strict=True):
            np.testing.assert_array_equal(x, y)
    assert any((a.image != rendered_scene(12, SIZE, 4, place="arena").empty().image).any() for a in forward)


def test_without_figures_every_view_is_the_empty_scene():
    scene = rendered_scene(3, SIZE, 3, most=0)
    for x, y in zip(scene.view(1), scene.empty(), strict=True):
        np.testing.assert_array_equal(x, y)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10**9), st.integers(1, 23), st.integers(1, 29), st.integers(1, 7))
def test_any_size_and_number_of_frames(seed, height, width, frames):
    scene = rendered_scene(seed, (height, width), frames)
    assert (scene.size, scene.frames) == ((height, width), frames)
    check_view(scene.view(frames - 1), (height, width))


def test_bodies_only_take_light_from_the_ground():
    darker = 0
    for seed in range(6):
        scene = rendered_scene(seed, SIZE, 2, place="table")
        empty, view = scene.empty().image.astype(int), scene.view(0)
        # Three pixels from the mask no sample of a figure is left.
        away = ~np.any([np.roll(view.mask, (y, x), (0, 1)) for y in range(-3, 4) for x in range(-3, 4)], 0)
        change = (view.image.astype(int) - empty)[away]
        assert (change <= 0).all() or not view.mask.any()
        darker += (change < -3).any(1).sum()
    assert darker > 20


def test_photographs_cover_the_scene():
    photo = np.zeros((32, 32, 3), np.uint8)
    photo[..., 1] = 200
    greens = 0
    for seed in range(4):
        image = (
            rendered_scene(seed, SIZE, 1, place="table", textures=[photo], most=0).empty().image.astype(float)
        )
        greens += image[..., 1].mean() > 1.5 * image[..., 0].mean()
    assert greens >= 1


def test_what_is_wrong_is_said():
    with pytest.raises(ValueError, match=r"no place 'moon'; there are room, "):
        rendered_scene(1, place="moon")
    with pytest.raises(ValueError, match="positive, got"):
        rendered_scene(1, (0, 5))
    with pytest.raises(IndexError, match="0 to 1, not 2"):
        rendered_scene(1, (5, 7), 2).view(2)


@given(st.integers(0, 10**9), st.booleans())
@settings(max_examples=30, deadline=None)
def test_figures_keep_to_a_closed_area_and_out_of_what_stands_there(seed, is_round):
    area = Area((1, 2), (3, 2), is_round, False, np.array([[1, 2, 0.5]]))
    way = random_way(np.random.default_rng(seed), area, 40, 0.4, 0.1, 0.5)
    offset = (way.place - (1, 2)) / (3, 2)
    reach = np.hypot(*offset.T) if is_round else np.abs(offset).max(1)
    assert reach.max() <= 1
    assert np.hypot(*(way.place - (1, 2)).T).min() >= 0.6 - 1e-9
    assert len(way.poses) == len(way.present) == 40


def test_some_figures_stand_still_and_most_go():
    area = Area((0, 0), (3, 3), False, False, np.zeros((0, 3)))
    ways = [random_way(np.random.default_rng(seed), area, 24, 0.4, 0.1, 0.5) for seed in range(200)]
    still = np.array([np.ptp(way.place, axis=0).max() == 0 for way in ways])
    half = np.array(
        [np.any([np.ptp(w, axis=0).max() == 0 for w in (way.place[:12], way.place[12:])]) for way in ways]
    )
    assert 0.08 < still.mean() < 0.25
    assert 0.25 < half.mean() < 0.55
    assert 0.05 < np.mean([not way.present.all() for way in ways]) < 0.3
