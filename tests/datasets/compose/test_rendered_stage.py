"""Rays that meet the empty scene."""

import numpy as np
import pytest

from figureground.datasets.compose.rendered.camera import look_at, pixel_rays
from figureground.datasets.compose.rendered.stage import (
    Solid,
    Stage,
    Surface,
    blocked,
    colours,
    mip_levels,
    trace,
)
from figureground.datasets.compose.rendered.textures import KINDS, made_tile, noise, photo_tile

NO_STAIN = np.zeros((8, 8), np.float32)
LOW, HIGH = np.float32([-3, -4, 0]), np.float32([3, 7, 2.5])


def stage(*solids, surfaces=()):
    return Stage(LOW, HIGH, (0, 1, 2, 3, 4, 5), solids, tuple(surfaces), NO_STAIN)


CAMERA = look_at((0.5, -3, 2), (0, 3, 0.5), focal=20, size=(19, 29))
RAYS = pixel_rays(CAMERA).reshape(-1, 3)


def test_the_floor_has_the_depth_of_the_formula():
    hits = trace(stage(), CAMERA.position, RAYS)
    floor = hits.surface == 4
    assert floor.sum() > 100
    np.testing.assert_allclose(hits.t[floor], 2 / -RAYS[floor, 2], rtol=1e-5)
    np.testing.assert_array_equal(hits.normal[floor], np.broadcast_to([0, 0, 1], (floor.sum(), 3)))
    np.testing.assert_allclose(hits.uv[floor, 0], 0.5 + hits.t[floor] * RAYS[floor, 0], atol=1e-4)


def test_every_ray_ends_on_a_face_of_the_room():
    hits = trace(stage(), CAMERA.position, RAYS)
    points = CAMERA.position + hits.t[:, None] * RAYS
    faces = np.stack([points - LOW, points - HIGH], 2)[:, [0, 0, 1, 1, 2, 2], [0, 1] * 3]
    np.testing.assert_allclose(faces[np.arange(len(points)), hits.surface], 0, atol=1e-4)
    assert (points > LOW - 1e-4).all()
    assert (points < HIGH + 1e-4).all()


INSIDE = {
    "box": lambda p: (np.abs(p) < (0.5, 0.8, 0.6)).all(-1),
    "ball": lambda p: ((p / (0.5, 0.8, 0.6)) ** 2).sum(-1) < 1,
    "cylinder": lambda p: (np.hypot(p[..., 0], p[..., 1]) < 0.5) & (np.abs(p[..., 2]) < 0.6),
    "shell": lambda p: (np.abs(np.hypot(p[..., 0], p[..., 1]) - 0.9) < 0.4) & (np.abs(p[..., 2]) < 0.6),
}


@pytest.mark.parametrize("kind", INSIDE)
def test_solids_by_small_steps(kind):
    centre, turn = np.array([0.2, 1, 0.6]), 0.5
    scene = stage(Solid(kind, tuple(centre), (0.5, 0.8, 0.6), turn, 6))
    hits = trace(scene, CAMERA.position, RAYS)
    back = np.array([[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
    expected = np.full(len(RAYS), np.inf)
    for t in np.arange(7, 1, -0.005):
        expected[INSIDE[kind]((CAMERA.position + t * RAYS - centre) @ back)] = t
    on = hits.surface == 6
    assert on.sum() > 20
    assert (on != np.isfinite(expected)).sum() <= 3
    both = on & np.isfinite(expected)
    np.testing.assert_allclose(hits.t[both], expected[both], atol=0.03)
    assert (np.einsum("nk,nk->n", hits.normal[on], RAYS[on]) < 1e-6).all()


def test_what_hides_a_lamp():
    scene = stage(Solid("box", (0, 0, 1), (0.5, 0.5, 0.1), 0, 0))
    points = np.float32([[0, 0, 0], [0.4, 0, 0], [2, 0, 0], [0, 0, 1.2]])
    np.testing.assert_array_equal(
        blocked(scene, points, np.float32([0, 0, 2.4]) - points), [True, True, False, False]
    )
    np.testing.assert_array_equal(blocked(scene, points[:1], np.float32([[0, 0, 0.5]])), [False])


def test_far_away_a_check_is_grey():
    tile = np.zeros((256, 256, 3), np.float32)
    tile[:, ::2] = 1
    scene = stage(surfaces=[Surface(mip_levels(tile), 1.0)] * 6)
    hits = trace(scene, CAMERA.position, RAYS)
    grey = colours(scene, hits, np.full(len(RAYS), 0.1, np.float32))
    np.testing.assert_allclose(grey, 0.5, atol=1e-5)
    assert np.ptp(colours(scene, hits, np.full(len(RAYS), 1e-4, np.float32))) > 0.5


@pytest.mark.parametrize("kind", KINDS)
def test_tiles_are_reflectances_that_the_seed_gives(kind):
    tile = made_tile(np.random.default_rng(5), [kind])
    assert tile.shape == (256, 256, 3)
    assert tile.dtype == np.float32
    assert 0 < tile.min() < tile.max() < 1
    np.testing.assert_array_equal(tile, made_tile(np.random.default_rng(5), [kind]))


def test_noise_has_no_seam():
    field = noise(np.random.default_rng(2), 1.5, n=64)
    step = np.abs(np.diff(field, axis=0)).mean()
    assert np.abs(field[0] - field[-1]).mean() < 2 * step
    assert field.std() == pytest.approx(1, abs=1e-3)


def test_a_photograph_becomes_a_tile_without_a_seam():
    y, x = np.mgrid[:320, :320] * 0.7
    photo = np.stack([y, x, np.full_like(x, 90)], 2).astype(np.uint8)
    tile = photo_tile(photo)
    assert tile.shape == (256, 256, 3)
    np.testing.assert_allclose(tile[200, 100], (photo[200, 100] / 255) ** 2.2, atol=1e-5)
    for seam in (tile[0] - tile[-1], tile[:, 0] - tile[:, -1]):
        assert np.abs(seam).max() < 0.02
    assert np.ptp(tile[..., 0]) > 0.3
