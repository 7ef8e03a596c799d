"""Rays that meet bodies: against the formula by hand, and against small steps along the ray."""

import numpy as np
import pytest

from figureground.datasets.compose.rendered.actors import MAKERS
from figureground.datasets.compose.rendered.bodies import blob, block, drop, limb, placed, together
from figureground.datasets.compose.rendered.camera import look_at, pixel_rays, project
from figureground.datasets.compose.rendered.cast import cast
from figureground.datasets.compose.rendered.figures import Pose
from figureground.datasets.compose.rendered.lights import Light, falling
from figureground.datasets.compose.rendered.shadows import Floor, body_shadow, cells_with

SIZE = 23, 31
CAMERA = look_at((0, 0, 0), (0, 1, 0), focal=20, size=SIZE)
RAYS = pixel_rays(CAMERA)
FAR = np.full(SIZE, np.inf, np.float32)


def in_world(*parts):
    return placed(parts, (0, 0, 0), 0, 1, 0, 0, hovers=True)


def depths(bodies, limit=FAR):
    seen = cast(CAMERA, RAYS, bodies, limit)
    out = np.full(SIZE[0] * SIZE[1], np.inf)
    out[seen.sample] = seen.t
    return out.reshape(SIZE)


def first_inside(inside):
    """The depth at which each ray comes into a body, by steps of 2 mm."""
    out = np.full(SIZE, np.inf)
    for t in np.arange(8, 2, -0.002):
        out[inside(t * RAYS.astype(np.float64))] = t
    return out


def check_by_steps(part, inside):
    got, expected = depths(in_world(part)), first_inside(inside)
    rim = np.isfinite(got) != np.isfinite(expected)
    assert np.isfinite(expected).sum() > 20
    assert rim.sum() <= 1
    both = np.isfinite(got) & np.isfinite(expected)
    np.testing.assert_allclose(got[both], expected[both], atol=0.02)


def test_a_sphere_has_the_depth_of_the_formula():
    ray = RAYS.astype(np.float64)
    a, b, c = (ray**2).sum(2), ray[..., 1] * 5 + ray[..., 2] * 0.5, 25 + 0.25 - 1.2**2
    with np.errstate(invalid="ignore"):
        expected = (b - np.sqrt(b * b - a * c)) / a
    got = depths(in_world(blob((0, 5, 0.5), (1.2, 1.2, 1.2), 0)))
    np.testing.assert_allclose(got, np.where(np.isnan(expected), np.inf, expected), rtol=1e-5)


def test_the_nearest_point_of_a_sphere_is_its_radius_before_its_centre():
    assert depths(in_world(blob((0, 5, 0), (1, 1, 1), 0)))[11, 15] == pytest.approx(4)


def test_a_rod_aslant():
    a, b, radius = np.array([-1, 4, -0.5]), np.array([1.5, 6, 1]), 0.3

    def inside(points):
        along = np.clip((points - a) @ (b - a) / ((b - a) @ (b - a)), 0, 1)
        return np.linalg.norm(points - a - along[..., None] * (b - a), axis=-1) < radius

    check_by_steps(limb(a, b, radius, 0), inside)


def test_a_box_aslant():
    forward = np.array([1, 2, 0]) / np.sqrt(5)
    side = np.array([-2, 1, 0]) / np.sqrt(5)

    def inside(points):
        offset = points - (0.3, 5, -0.2)
        return (
            (np.abs(offset @ forward) < 1.1) & (np.abs(offset @ side) < 0.5) & (np.abs(offset[..., 2]) < 0.7)
        )

    check_by_steps(block((0.3, 5, -0.2), (1.1, 0.5, 0.7), 0, forward), inside)


def test_a_flat_ellipsoid_aslant():
    forward = np.array([1, 1, 0]) / np.sqrt(2)
    side = np.array([-1, 1, 0]) / np.sqrt(2)

    def inside(points):
        offset = points - (0, 4, 0)
        return (offset @ forward / 1.4) ** 2 + (offset @ side / 0.4) ** 2 + (offset[..., 2] / 0.6) ** 2 < 1

    check_by_steps(blob((0, 4, 0), (1.4, 0.4, 0.6), 0, forward), inside)


def test_a_leg_of_a_millimetre_five_metres_away_is_round():
    seen = cast(
        CAMERA, np.float32([[[0.0001, 1, 0]]]), in_world(limb((0, 5, -1), (0, 5, 1), 0.001, 0)), FAR[:1, :1]
    )
    assert seen.t[0] == pytest.approx(5 - np.sqrt(0.001**2 - 0.0005**2), abs=2e-6)


def test_the_nearer_body_and_the_nearer_scene_win():
    near, far = blob((0, 4, 0), (0.5, 0.5, 0.5), 0), blob((0, 6, 0), (1.5, 1.5, 1.5), 0)
    both = depths(in_world(far, near))
    np.testing.assert_array_equal(both, np.minimum(depths(in_world(near)), depths(in_world(far))))
    assert np.isinf(depths(in_world(near), np.full(SIZE, 3.4, np.float32))).all()


def test_what_is_behind_the_camera_is_not_seen_and_nothing_is_nothing():
    assert np.isinf(depths(in_world(blob((0, -5, 0), (1, 1, 1), 0)))).all()
    assert np.isinf(depths(together([]))).all()


def test_rays_and_projection_agree():
    camera = look_at((1, 2, 3), (4, 3, 1), focal=17, size=(7, 11), roll=0.4)
    places = project(camera, camera.position + 2.5 * pixel_rays(camera))
    np.testing.assert_allclose(places[3, 5], [5.5, 3.5, 2.5], rtol=1e-5)
    np.testing.assert_allclose(places[6, 2], [2.5, 6.5, 2.5], rtol=1e-5)


@pytest.mark.parametrize("name", MAKERS)
def test_figures_stand_on_the_ground(name):
    for seed in range(4):
        rng = np.random.default_rng(seed)
        figure = MAKERS[name](rng, np.float32([0.5, 0.4, 0.3]))
        parts = figure.body(
            Pose(rng.uniform(0, 3), rng.uniform(-1, 1), rng.uniform(0, 1), rng.uniform(-1, 1))
        )
        assert max(part.skin for part in parts) < len(figure.skins)
        bodies = placed(parts, (3, 4, 0.25), 1.0, 2.0, 0, 0, figure.hovers)
        lowest = (bodies.centre[:, 2] - drop(bodies.kind, bodies.axes, bodies.half)).min()
        assert lowest == pytest.approx(0.25, abs=1e-5) if not figure.hovers else lowest > 0.25


def test_how_far_parts_reach_down():
    parts = [
        blob((0, 0, 0), (3, 1, 2), 0),
        block((0, 0, 0), (3, 1, 2), 0),
        limb((0, 0, -1), (0, 0, 1), 0.5, 0),
    ]
    bodies = in_world(*parts)
    np.testing.assert_allclose(drop(bodies.kind, bodies.axes, bodies.half), [2, 2, 1.5])


def shadow(part, light, spread):
    """On a floor of 16 x 24 points from 0 to 1.5 and 0 to 2.3."""
    y, x = np.mgrid[:16, :24] / 10
    points = np.stack([x, y, np.zeros_like(x)], 2).reshape(-1, 3).astype(np.float32)
    floor = Floor(
        points, np.broadcast_to(np.float32([0, 0, 1]), points.shape), np.full(384, 0.1, np.float32), 24
    )
    cells = cells_with(np.ones(384, bool), 24)
    assert len(cells) == 24
    return body_shadow(in_world(part), falling(light, points), spread, floor, cells).reshape(16, 24)


SUN = Light(np.float32([0.6, 0, 0.8]), np.ones(3, np.float32), 0.01, 0.0)


def test_a_ball_in_the_sun_throws_its_shadow_where_the_sun_points():
    got = shadow(blob((1.6, 0.7, 0.8), (0.4, 0.4, 0.4), 0), SUN, 0.001)
    y, x = np.mgrid[:16, :24] / 10
    # The sun's ray through (x, y, 0) passes the centre at this distance, by the cross product.
    away = np.linalg.norm(
        np.cross(np.stack([1.6 - x, 0.7 - y, np.full_like(x, 0.8)], 2), [0.6, 0, 0.8]), axis=2
    )
    np.testing.assert_array_equal(got[away < 0.29], 0)
    np.testing.assert_array_equal(got[away > 0.51], 1)
    assert (away < 0.29).sum() > 15


def test_a_larger_lamp_throws_a_softer_shadow_of_the_same_place():
    rod = limb((1.6, 0.2, 0.8), (1.6, 1.2, 0.8), 0.15, 0)
    hard, soft = shadow(rod, SUN, 0.001), shadow(rod, SUN, 0.5)
    between = [np.count_nonzero((s > 0.02) & (s < 0.98)) for s in (hard, soft)]
    assert between[1] > between[0] + 20
    assert hard[7, 10] == 0
    assert soft[7].argmin() == 10


def test_a_lamp_below_a_body_is_not_hidden_by_it():
    lamp = Light(np.float32([1, 0.7, 0.4]), np.ones(3, np.float32), 0.01, 1.0)
    np.testing.assert_array_equal(shadow(blob((1, 0.7, 0.8), (0.2, 0.2, 0.2), 0), lamp, 0.01), 1)
