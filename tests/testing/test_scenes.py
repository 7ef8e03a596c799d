"""Made scenes: what they say is true can be read from their own pixels."""

from fractions import Fraction

import cv2
import numpy as np
import pytest

from figureground.testing import Scene, check_source, made_scene

SIZE = 151, 199


def images(**options: float) -> list[np.ndarray]:
    return [frame.image for frame in made_scene(SIZE, **{"frames": 20, "noise": 0.0, **options})]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"animals": 0},
        {"shake": 3.0, "drift": -20.0, "shadows": True, "sitters": 2},
        {"rate": Fraction(30000, 1001), "seed": 5, "animals": 9},
        {"size": (31, 17), "frames": 1},
    ],
)
def test_is_a_source(options: dict[str, object]) -> None:
    check_source(made_scene(**{"size": (47, 61), "frames": 6, **options}))  # the same pixels each time


def test_info_and_times() -> None:
    scene = made_scene((17, 31), frames=4, rate=Fraction(30000, 1001))
    info = scene.info
    assert (info.size, info.count, info.rate) == ((17, 31), 4, Fraction(30000, 1001))
    assert info.duration == Fraction(4004, 30000)
    assert [frame.time for frame in scene] == [Fraction(1001 * i, 30000) for i in range(4)]
    assert [frame.size for frame in scene] == [(17, 31)] * 4


@pytest.mark.parametrize(
    ("count", "expected"), [(1, [0]), (2, [0, 9]), (4, [0, 3, 6, 9]), (99, list(range(10)))]
)
def test_samples_are_spread(count: int, expected: list[int]) -> None:
    assert [frame.index for frame in made_scene((17, 31), frames=10).sample(count)] == expected


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_truth_is_exact_to_the_pixel(seed: int) -> None:
    """An animal belongs to the pixels it covers by half or more: its colour's share in them tells."""
    scene = made_scene(SIZE, frames=8, noise=0.0, seed=seed)
    for frame in scene:
        truth = scene.truth(frame.index)
        assert truth.ids.tolist() == [0, 1, 2, 3]
        masks = truth.dense()
        assert masks.sum(axis=0).max() == 1  # these do not touch
        for mask in masks:
            depth = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 3)
            colour = frame.image[np.unravel_index(depth.argmax(), SIZE)]
            near = cv2.dilate(mask.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
            ground = scene.ground[near].astype(float)
            cover = ((ground - frame.image[near]) / (ground - colour)).mean(axis=1)
            sure = np.abs(cover - 0.5) > 0.03  # grey levels are whole numbers
            np.testing.assert_array_equal((cover > 0.5)[sure], mask[near][sure])
            assert (~sure).sum() < 12


def test_all_else_is_the_ground() -> None:
    scene = made_scene(SIZE, frames=6, noise=0.0)
    for frame in scene:
        around = cv2.dilate(scene.truth(frame.index).union(), np.ones((5, 5), np.uint8)) > 0
        np.testing.assert_array_equal(frame.image[~around], scene.ground[~around])


def test_shake_moves_truth_and_picture_alike() -> None:
    scene, steady = made_scene(SIZE, frames=20, shake=4.0), made_scene(SIZE, frames=20)
    moved = []
    for index, (picture, empty) in enumerate(
        zip(images(shake=4.0), images(shake=4.0, animals=0), strict=True)
    ):
        differs = np.abs(picture.astype(int) - empty).max(axis=2)
        truth = scene.truth(index).union()
        assert (differs[cv2.erode(truth, np.ones((3, 3), np.uint8)) > 0] > 60).all()
        assert not differs[cv2.dilate(truth, np.ones((5, 5), np.uint8)) == 0].any()
        pairs = zip(scene.truth(index).dense(), steady.truth(index).dense(), strict=True)
        moved.append(np.mean([centre(one) - centre(other) for one, other in pairs], axis=0))
    t = np.arange(20) / 25
    path = 4 * np.stack([np.sin(9.1 * t), np.sin(6.7 * t + 1)], axis=1)
    assert np.abs(np.array(moved) - path).max() < 0.3  # masks move by whole pixels


def centre(mask: np.ndarray) -> np.ndarray:
    """x and y of the middle of the pixels that are not 0."""
    return np.argwhere(mask).mean(axis=0)[::-1]


def test_light_drifts_from_the_first_frame_to_the_last() -> None:
    steady, drifting = images(animals=0), images(animals=0, drift=-38.0)
    levels = [float((b.astype(int) - a).mean()) for a, b in zip(steady, drifting, strict=True)]
    assert levels == pytest.approx([-2.0 * i for i in range(20)], abs=0.01)


@pytest.mark.parametrize("noise", [1.5, 5.0])
def test_noise_has_the_spread_that_is_said(noise: float) -> None:
    pictures = np.array(images(noise=noise, animals=0), float)
    spread = pictures.std(axis=0, ddof=1).mean()
    assert spread == pytest.approx(np.hypot(noise, 12**-0.5), rel=0.03)  # rounding adds a little


def test_noise_is_new_in_each_frame_and_each_seed() -> None:
    grounds = {picture.tobytes() for seed in (0, 1) for picture in images(seed=seed, animals=0, noise=2.0)}
    assert len(grounds) == 40


@pytest.mark.parametrize("sitters", [0, 1, 3])
def test_sitters_sit_for_seven_tenths(sitters: int) -> None:
    scene = made_scene(SIZE, frames=30, sitters=sitters)
    masks = np.array([scene.truth(index).dense() for index in range(30)])
    for animal in range(4):
        same = [np.array_equal(masks[i, animal], masks[i + 1, animal]) for i in range(29)]
        assert sum(same[:20]) == (20 if animal < sitters else 0)  # frames 0 to 20 are alike
        assert not any(same[20:])


def test_shadows_darken_the_ground_beside_the_animals_by_a_fifth() -> None:
    scene = made_scene(SIZE, frames=20, noise=0.0, shadows=True)
    for index, (lit, plain) in enumerate(zip(images(shadows=True), images(), strict=True)):
        truth = cv2.dilate(scene.truth(index).union(), np.ones((3, 3), np.uint8)) > 0
        share = lit[~truth].astype(float).sum(axis=1) / plain[~truth].astype(float).sum(axis=1)
        assert 0.79 < share.min() < 0.83
        assert share.max() == 1
    steady = made_scene(SIZE, frames=20)
    np.testing.assert_array_equal(scene.truth(7).union(), steady.truth(7).union())


@pytest.mark.parametrize("animals", [0, 1, 6])
def test_as_many_animals_as_asked_for(animals: int) -> None:
    scene = made_scene(SIZE, frames=10, animals=animals)
    for index in range(10):
        truth = scene.truth(index)
        assert len(truth) == animals
        assert truth.size == SIZE
        assert (truth.areas > 20).all()


def test_animals_crawl() -> None:
    scene = made_scene((240, 320), frames=26)
    ways = np.array([[centre(mask) for mask in scene.truth(index).dense()] for index in range(26)])
    steps = np.linalg.norm(np.diff(ways, axis=0), axis=2)
    assert 0.3 < steps.min() < steps.max() < 5  # pixels a frame: no jumps


def test_scenes_are_equal_that_are_made_alike() -> None:
    assert made_scene(SIZE, 20, seed=3) == Scene(SIZE, 20, seed=3)
    for one, two in zip(images(seed=3), images(seed=3), strict=True):
        np.testing.assert_array_equal(one, two)


def test_an_option_that_it_does_not_have() -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'cats'"):
        made_scene(cats=3)
