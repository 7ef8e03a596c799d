import numpy as np
import pytest
from textures import noisy, texture, with_block

from figureground.background.light import SAME_LIGHT, fit_light, is_steady, relight, unlight

SIZE = 131, 173
GROUND = texture(SIZE, low=30, high=210)


def in_light(picture: np.ndarray, gains: tuple[float, ...], offsets: tuple[float, ...]) -> np.ndarray:
    return (picture * np.array(gains) + offsets).round().clip(0, 255).astype(np.uint8)


def figures(picture: np.ndarray, share: float, kind: str) -> np.ndarray:
    """Cover the upper `share` of the picture: with one dark colour, or with another texture."""
    rows = round(share * picture.shape[0])
    if kind == "dark":
        return with_block(picture, 0, 0, rows, picture.shape[1], (28, 20, 16))
    covered = picture.copy()
    covered[:rows] = texture(picture.shape[:2], seed=9, low=5, high=250)[:rows]
    return covered


@pytest.mark.parametrize("kind", ["dark", "texture"])
@pytest.mark.parametrize("share", [0.0, 0.2, 0.4])
@pytest.mark.parametrize(
    ("gains", "offsets"),
    [
        ((1.0, 1.0, 1.0), (20.0, 20.0, 20.0)),
        ((0.8, 0.8, 0.8), (0.0, 0.0, 0.0)),
        ((1.2, 1.1, 1.0), (-10.0, 0.0, 12.0)),
        ((0.85, 0.9, 1.15), (15.0, -8.0, 0.0)),
    ],
)
def test_gain_and_offset(
    gains: tuple[float, ...], offsets: tuple[float, ...], share: float, kind: str
) -> None:
    image = figures(noisy(in_light(GROUND, gains, offsets), 1), share, kind)
    light = fit_light(image, GROUND)
    for level in (80, 120, 160):
        expected = level * np.array(gains) + offsets
        assert level * light[:, 0] + light[:, 1] == pytest.approx(expected, abs=1.5)


@pytest.mark.parametrize("kind", ["dark", "texture"])
@pytest.mark.parametrize("share", [0.0, 0.1, 0.4])
def test_steady_light_is_left_alone(share: float, kind: str) -> None:
    assert is_steady(fit_light(figures(noisy(GROUND, 1), share, kind), GROUND))


def test_nothing_to_fit_gives_the_very_same_light() -> None:
    np.testing.assert_array_equal(fit_light(noisy(GROUND, 1), GROUND), SAME_LIGHT)


@pytest.mark.parametrize(
    "image",
    [
        pytest.param(np.full((*SIZE, 3), 255, np.uint8), id="saturated"),
        pytest.param(np.zeros((*SIZE, 3), np.uint8), id="black"),
        pytest.param(texture(SIZE, seed=5, low=5, high=250), id="another picture"),
        pytest.param(texture(SIZE, seed=5, low=100, high=180), id="another picture, flatter"),
    ],
)
def test_nothing_to_go_by_gives_the_same_light(image: np.ndarray) -> None:
    np.testing.assert_array_equal(fit_light(image, GROUND), SAME_LIGHT)


def test_same_light_is_given_as_a_copy() -> None:
    for image in (GROUND, np.zeros_like(GROUND), texture(SIZE, seed=5)):
        assert fit_light(image, GROUND) is not SAME_LIGHT


def test_saturated_pixels_do_not_pull() -> None:
    ground = texture(SIZE, low=60, high=250)
    image = in_light(ground, (1.0, 1.0, 1.0), (50.0, 50.0, 50.0))
    assert (image == 255).mean() > 0.03
    assert fit_light(image, ground) == pytest.approx(np.array([[1.0, 50.0]] * 3), abs=0.5)


def test_on_a_flat_scene_only_the_offset_is_known() -> None:
    flat = np.full((*SIZE, 3), (90, 120, 150), np.uint8)
    light = fit_light(noisy(flat + np.uint8(30), 1), flat)
    assert light[:, 0] == pytest.approx([1, 1, 1], abs=0.05)
    assert light[:, 0] * (90, 120, 150) + light[:, 1] == pytest.approx([120, 150, 180], abs=0.5)


def test_inputs_stay_as_they_are() -> None:
    image, ground = noisy(GROUND, 1), GROUND.copy()
    before = image.copy()
    light = np.array([[1.3, -5.0]] * 3)
    fit_light(image, ground), relight(ground, light), unlight(image, light)
    np.testing.assert_array_equal(image, before)
    np.testing.assert_array_equal(ground, GROUND)


@pytest.mark.parametrize(
    ("gain", "offset", "steady"),
    [
        (1.0, 0.0, True),
        (1.0, 1.0, True),
        (1.0, -1.0, True),
        (1.0, 1.2, False),
        (1.003, 0.0, True),
        (1.01, 0.0, False),  # white moves by 2.55
        (1.01, -1.0, False),
        (0.99, 1.0, False),
    ],
)
def test_steady(gain: float, offset: float, steady: bool) -> None:
    assert is_steady(np.array([[1, 0], [gain, offset], [1, 0]])) == steady


def test_light_moves_each_channel_by_its_own_line() -> None:
    light = np.array([[1.5, -10.0], [1.0, 30.0], [0.5, 0.0]])
    levels = np.array([[[0, 0, 0], [100, 100, 100], [200, 250, 255]]], np.uint8)
    lit = [[[0, 30, 0], [140, 130, 50], [255, 255, 128]]]  # 127.5 rounds to the even
    np.testing.assert_array_equal(relight(levels, light), lit)
    back = unlight(relight(levels, light), light)[0, 1]
    np.testing.assert_array_equal(back, [100, 100, 100])
