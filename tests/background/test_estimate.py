"""The estimated empty scene against one that is known: made scenes, and views of a texture."""

import weakref
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from textures import frames, noisy, texture, view, with_block

from figureground.background.estimate import SAMPLES, Background, fit_background
from figureground.errors import InputError
from figureground.frames import Frame
from figureground.testing import Scene, made_scene

SIZE = 167, 223
DARK = 40, 30, 30


def off(found: Background, expected: np.ndarray) -> np.ndarray:
    """(h, w): grey levels of the largest channel by which the picture is wrong."""
    assert found.picture.dtype == np.uint8
    assert found.noise.dtype == np.float32
    assert found.picture.shape[:2] == found.noise.shape
    return np.abs(found.picture.astype(int) - expected).max(axis=2)


def middle_of(scene: Scene) -> np.ndarray:
    """The scene's empty ground as its middle frame shows it: there the samples are laid."""
    options = {"drift": scene.drift, "shake": scene.shake, "seed": scene.seed}
    empty = made_scene(scene.size, scene.frames, animals=0, noise=0.0, **options)
    return list(empty)[scene.frames // 2].image


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="plain"),
        pytest.param({"animals": 0}, id="empty"),
        pytest.param({"seed": 3, "animals": 7}, id="another"),
        pytest.param({"noise": 0.0}, id="without noise"),
        pytest.param({"shadows": True}, id="shadows"),
        pytest.param({"sitters": 2, "frames": 120}, id="sitters"),
        pytest.param({"sitters": 4, "frames": 120}, id="all sit"),
        pytest.param({"drift": 40.0}, id="brighter"),
        pytest.param({"drift": -60.0}, id="darker"),
        pytest.param({"size": (101, 241)}, id="wide"),
        pytest.param({"size": (211, 127), "sitters": 1, "frames": 120}, id="upright"),
    ],
)
def test_made_scenes(options: dict[str, Any]) -> None:
    scene = made_scene(**{"size": SIZE, "frames": 61, **options})
    wrong = off(fit_background(scene.sample(SAMPLES)), middle_of(scene))
    assert wrong.mean() < 1.5
    assert (wrong > 12).mean() < 1e-3  # an animal covers 1.5e-3


def test_a_noisy_scene() -> None:
    scene = made_scene(SIZE, noise=6.0)
    wrong = off(fit_background(scene.sample(SAMPLES)), scene.ground)
    assert wrong.mean() < 2  # 60 samples leave a seventh or so of the noise
    assert (wrong > 12).mean() < 5e-4


def test_a_shaken_scene_is_laid_on_its_middle_frame() -> None:
    scene = made_scene(SIZE, shake=4.0)
    wrong = off(fit_background(scene.sample(SAMPLES)), middle_of(scene))[12:-12, 12:-12]
    assert wrong.mean() < 1
    assert (wrong > 12).mean() < 0.02  # the rim of the dish is a line 2 pixels wide: it blurs


def shaken(size: tuple[int, int], sigma: float = 2.0) -> Iterator[Frame]:
    """21 views, every other one moved by 5 pixels; the middle one is not."""
    around = [(3, -4), (-3, 4), (4, 3), (-4, -3), (5, 0)]
    shifts = [(0, 0) if number % 2 == 0 else around[number % 5] for number in range(21)]
    return iter(frames(noisy(view(size, *shift), number, sigma) for number, shift in enumerate(shifts)))


def test_shake_is_measured() -> None:
    size = 149, 199
    found = fit_background(shaken(size))
    assert found.shake == pytest.approx(5, abs=0.1)
    assert off(found, view(size))[6:-6, 6:-6].max() <= 8
    assert np.median(found.noise) == pytest.approx(2, abs=0.6)


def test_a_camera_that_stands_still_has_no_shake() -> None:
    assert fit_background(made_scene(SIZE, drift=30.0, shadows=True).sample(SAMPLES)).shake == 0


@pytest.mark.parametrize("size", [(401, 523), (701, 907)])  # a whole picture, and one reduced to a half
def test_a_block_that_moves(size: tuple[int, int]) -> None:
    """40 x 60 pixels in 24 samples: at a new place in each."""
    ground = texture(size, low=120, high=190)
    noise = np.random.default_rng(0).normal(0, 3, (*size, 3))
    pictures = []
    for number in range(24):
        picture = with_block(ground, 40 + 90 * (number % 4), 20 + 70 * (number % 7), 40, 60, DARK)
        picture = picture + np.roll(noise, (97 * number, 61 * number), (0, 1))
        pictures.append(picture.round().clip(0, 255).astype(np.uint8))
    found = fit_background(iter(frames(pictures)))
    wrong = off(found, ground)
    assert wrong.mean() < 2.5
    assert (wrong > 12).mean() < 1e-4
    assert found.samples == 24
    assert found.changing == pytest.approx(2400 / (size[0] * size[1]), rel=0.15)
    assert found.unsettled == 0
    assert found.figure_area == pytest.approx(2400, rel=0.1)
    assert np.median(found.noise) == pytest.approx(3.3, abs=0.4)  # the largest of three spreads about 3


@pytest.mark.parametrize("noise", [1.0, 2.0, 6.0])
def test_noise_is_near_the_made_noise(noise: float) -> None:
    found = fit_background(made_scene(SIZE, noise=noise).sample(SAMPLES))
    # 60 samples of three channels: the largest of the three spreads lies some 7 % above each
    assert np.median(found.noise) == pytest.approx(1.07 * np.hypot(noise, 12**-0.5), rel=0.08)
    assert (found.noise > 2 * noise + 0.6).mean() < 0.01


def test_noise_has_its_place() -> None:
    ground = texture((83, 120), low=120, high=190)
    pictures = [noisy(ground, i, 1.5) for i in range(60)]
    for i, picture in enumerate(pictures):
        picture[:, 60:] = noisy(ground, 100 + i, 6.0)[:, 60:]
    noise = fit_background(iter(frames(pictures))).noise
    assert np.median(noise[:, :55]) == pytest.approx(1.07 * 1.53, rel=0.1)
    assert np.median(noise[:, 65:]) == pytest.approx(1.07 * 6.0, rel=0.1)


@pytest.mark.parametrize("size", [(167, 223), (101, 137)])
def test_figure_area_is_near_the_animals(size: tuple[int, int]) -> None:
    scene = made_scene(size)
    animals = np.median(np.concatenate([scene.truth(i).areas for i in range(0, 60, 7)]))
    found = fit_background(scene.sample(SAMPLES)).figure_area
    assert animals * 0.9 < found < animals * 1.35  # with the pixels that animals cover in part


def test_an_empty_scene_has_no_figures() -> None:
    found = fit_background(made_scene(SIZE, animals=0).sample(SAMPLES))
    assert (found.changing, found.unsettled, found.figure_area, found.shake) == (0, 0, 0, 0)


def test_what_never_rests_is_unsettled() -> None:
    rng = np.random.default_rng(0)
    pictures = [noisy(texture((90, 120)), i) for i in range(40)]
    for picture in pictures:
        picture[20:65, 30:90] = rng.integers(0, 256, (45, 60, 3))
    # nor do the surroundings rest, 4 pixels to each side
    assert fit_background(iter(frames(pictures))).unsettled == pytest.approx(53 * 68 / 10800, abs=0.02)


@pytest.mark.parametrize("count", [1, 2])
def test_few_frames_are_averaged(count: int) -> None:
    pictures = [noisy(texture((59, 83)), i) for i in range(count)]
    found = fit_background(iter(frames(pictures)))
    assert found.samples == count
    assert off(found, np.mean(pictures, axis=0)).max() <= 1
    assert (found.noise > 0).all()  # not known from so few, but not none either
    assert np.isfinite(found.noise).all()


def test_no_frame() -> None:
    with pytest.raises(InputError, match="there is no frame to estimate the background from"):
        fit_background(iter([]))


def test_sizes_that_differ() -> None:
    pictures = [np.zeros((21, 30, 3), np.uint8)] * 3 + [np.zeros((30, 21, 3), np.uint8)]
    message = r"frame 3: its size \(30, 21\) differs from the first, \(21, 30\)"
    with pytest.raises(InputError, match=message):
        fit_background(iter(frames(pictures)))


def test_pictures_stay_as_they_are() -> None:
    given = list(made_scene((101, 137), frames=20, shake=3.0, drift=20.0))
    before = [frame.image.copy() for frame in given]
    first, second = fit_background(iter(given)), fit_background(iter(given))
    np.testing.assert_array_equal([frame.image for frame in given], before)
    np.testing.assert_array_equal(first.picture, second.picture)
    np.testing.assert_array_equal(first.noise, second.noise)


def test_an_endless_source_is_left_after_255_frames() -> None:
    def endless() -> Iterator[Frame]:
        index = 0
        while True:
            yield Frame(np.full((23, 31, 3), 90, np.uint8), index, Fraction(index))
            index += 1

    assert fit_background(endless()).samples == 255


class SeenEnoughError(Exception):
    pass


@pytest.mark.parametrize(
    ("size", "most"),
    [((1000, 1400), 49), ((2160, 3840), 18)],  # 200 MB but at least 16, one too many, one on its way
)
def test_whole_frames_in_bounded_memory(size: tuple[int, int], most: int) -> None:
    made: list[weakref.ref[np.ndarray]] = []
    alive = []

    def watched() -> Iterator[Frame]:
        for index in range(70):
            image = np.zeros((*size, 3), np.uint8)
            made.append(weakref.ref(image))
            alive.append(sum(ref() is not None for ref in made))
            yield Frame(image, index, Fraction(index))
            del image
        raise SeenEnoughError

    with pytest.raises(SeenEnoughError):
        fit_background(watched())
    assert 8 < max(alive) <= most
