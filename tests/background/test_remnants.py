"""A dark animal that never leaves its place, beside things of the scene that must stay."""

from collections.abc import Callable
from typing import TypeAlias

import cv2
import numpy as np
import pytest
from textures import frames, noisy, texture

from figureground.background.estimate import fit_background
from figureground.background.remnants import without_remnants
from figureground.frames import Image

SIZE = 151, 211
FLOOR = texture(SIZE, low=165, high=185)
ANIMAL, CUP = (45, 35, 30), (60, 70, 110)
SAMPLES = 48

Place: TypeAlias = tuple[float, float, float]
"""x, y and the angle in degrees."""


def with_animal(picture: Image, at: Place) -> Image:
    """An ellipse of 50 x 22 pixels."""
    out = picture.copy()
    cv2.ellipse(out, ((at[0], at[1]), (50, 22), at[2]), ANIMAL, -1, cv2.LINE_AA)
    return out


def with_cup(picture: Image, at: tuple[int, int] = (150, 80), colour: tuple[int, int, int] = CUP) -> Image:
    out = picture.copy()
    cv2.circle(out, at, 17, colour, -1, cv2.LINE_AA)
    return out


def found(scene: Image, way: Callable[[int], Place]) -> Image:
    """The empty scene that is estimated from an animal's places in each of the samples."""
    pictures = [noisy(with_animal(scene, way(number)), number) for number in range(SAMPLES)]
    return fit_background(iter(frames(pictures))).picture


def off(picture: Image, expected: Image) -> int:
    """Pixels that are wrong by more than 25 grey levels."""
    return int((cv2.absdiff(picture, expected).max(axis=2) > 25).sum())


def creeps(number: int) -> Place:
    """Rests, goes on by half its length, and rests."""
    return 70 + 25 * float(np.clip(number / 12 - 1.5, 0, 1)), 70, 0


def turns(number: int) -> Place:
    """Rests in four directions, one after the other."""
    return 80, 75, 45 * (number // 12)


def jitters(number: int) -> Place:
    x, y = np.random.default_rng(number).uniform(-7, 7, 2)
    return 80 + x, 75 + y, 15 * (number % 5)


@pytest.mark.parametrize("way", [creeps, turns, jitters])
def test_an_animal_that_never_leaves_is_filled_in(way: Callable[[int], Place]) -> None:
    always = np.logical_and.reduce([with_animal(FLOOR, way(n)).max(axis=2) < 100 for n in range(SAMPLES)])
    assert always.sum() > 40  # pixels that no sample shows
    assert off(found(FLOOR, way), FLOOR) < 0.05 * 860  # of the animal's pixels


@pytest.mark.parametrize("colour", [CUP, ANIMAL])
@pytest.mark.parametrize("way", [creeps, turns, jitters])
def test_a_cup_farther_off_stays(way: Callable[[int], Place], colour: tuple[int, int, int]) -> None:
    scene = with_cup(FLOOR, (160, 80), colour)
    assert off(found(scene, way), scene) < 0.05 * 860


def visits(number: int) -> Place:
    """Walks to the cup from all sides, and away."""
    angle = 2.4 * (number // 6)
    far = 40 + 22 * abs(number % 6 - 3)
    return 105 + far * float(np.cos(angle)), 75 + 0.6 * far * float(np.sin(angle)), float(np.degrees(angle))


def stays_beside(number: int) -> Place:
    """Never leaves the cup's left side, but turns there."""
    return 72, 60 + 30 * (number // 12 % 2), 90


@pytest.mark.parametrize("colour", [CUP, ANIMAL])
@pytest.mark.parametrize("way", [visits, stays_beside])
def test_a_cup_that_is_visited_stays(way: Callable[[int], Place], colour: tuple[int, int, int]) -> None:
    scene = with_cup(FLOOR, (105, 75), colour)
    assert off(found(scene, way)[55:95, 90:125], scene[55:95, 90:125]) < 0.05 * 908  # of the cup's pixels


def pieces(
    places: list[Place | None], piece: Place, colour: tuple[int, int, int] = ANIMAL
) -> tuple[Image, list[Image], np.ndarray, float]:
    """An estimate that holds `piece`, a fifth of an animal, and samples of animals at `places`."""
    ground = FLOOR.copy()
    cv2.ellipse(ground, ((piece[0], piece[1]), (22, 10), piece[2]), colour, -1, cv2.LINE_AA)
    samples = [FLOOR if at is None else with_animal(FLOOR, at) for at in places]
    return ground, samples, np.full(SIZE, 12, np.uint8), 860.0


def test_a_piece_that_an_animal_always_covers_goes() -> None:
    given = pieces([(80 + 6 * (n % 3), 75, 0) for n in range(24)], (86, 75, 0))
    before = given[0].copy()
    assert off(without_remnants(*given), FLOOR) == 0
    np.testing.assert_array_equal(given[0], before)


@pytest.mark.parametrize(
    "places",
    [
        pytest.param([None] * 24, id="nobody there"),
        pytest.param([(80, 75, 0) if n % 4 else None for n in range(24)], id="at times nobody"),
        pytest.param([(80, 130, 0)] * 24, id="elsewhere"),
        pytest.param([(80, 75 + 17 * (1 - 2 * (n % 2)), 0) for n in range(24)], id="beside"),
    ],
)
def test_a_thing_without_the_signs_stays(places: list[Place | None]) -> None:
    ground, _, radius, area = pieces(places, (86, 75, 0), (110, 110, 200))
    scene = [ground if at is None else with_animal(ground, at) for at in places]
    np.testing.assert_array_equal(without_remnants(ground, scene, radius, area), ground)
