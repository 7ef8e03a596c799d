import numpy as np
import pytest
from textures import noisy, view, with_block

from figureground.background.registration import fit_reference, fit_shift, travel, unshift
from figureground.testing import made_scene

SIZE = 211, 307
SHIFTS = [(0.0, 0.0), (3.0, -2.0), (0.5, 0.0), (0.0, -0.75), (-1.25, 2.75), (6.5, -4.25), (-9.0, 11.25)]


@pytest.mark.parametrize("shift", SHIFTS)
def test_finds_a_shift_to_a_tenth_of_a_pixel(shift: tuple[float, float]) -> None:
    found = fit_shift(noisy(view(SIZE, *shift), 1), fit_reference(noisy(view(SIZE), 2)))
    assert found == pytest.approx(shift, abs=0.1)


@pytest.mark.parametrize("shift", SHIFTS)
def test_figures_on_a_third_of_the_picture_do_not_pull_it(shift: tuple[float, float]) -> None:
    covered = noisy(view(SIZE, *shift), 1)
    for y, x, colour in ((20, 15, (200, 40, 30)), (70, 160, (20, 20, 20)), (140, 30, (250, 250, 240))):
        covered = with_block(covered, y, x, 60, 120, colour)
    assert (covered != noisy(view(SIZE, *shift), 1)).any(2).mean() > 0.32
    assert fit_shift(covered, fit_reference(view(SIZE))) == pytest.approx(shift, abs=0.1)


@pytest.mark.parametrize("shift", [(2.0, -6.0), (-3.5, 4.25)])
def test_light_and_a_reduced_picture(shift: tuple[float, float]) -> None:
    size = 401, 523  # looked at with half of its pixels a side
    darker = (view(size, *shift) * 0.8 + 3).astype(np.uint8)
    assert fit_shift(darker, fit_reference(view(size))) == pytest.approx(shift, abs=0.2)


@pytest.mark.parametrize(
    ("index", "shift"),  # 4 sin(9.1 t) and 4 sin(6.7 t + 1) at t = 0, 0.2 and 1 s
    [(0, (0.0, 3.366)), (5, (3.877, 2.873)), (25, (1.276, 3.954))],
)
def test_a_shaken_scene_with_animals(index: int, shift: tuple[float, float]) -> None:
    scene = made_scene(frames=26, shake=4.0)
    frame = list(scene)[index]
    assert fit_shift(frame.image, fit_reference(scene.ground)) == pytest.approx(shift, abs=0.1)


@pytest.mark.parametrize("seed", range(1, 6))
def test_unrelated_pictures_have_no_shift(seed: int) -> None:
    assert fit_shift(view(SIZE, seed=seed), fit_reference(view(SIZE))) == (0.0, 0.0)


def test_a_picture_that_is_mostly_covered_has_no_shift() -> None:
    covered = with_block(noisy(view(SIZE), 3), 0, 0, 211, 220, (10, 10, 10))
    assert fit_shift(covered, fit_reference(view(SIZE))) == (0.0, 0.0)


@pytest.mark.parametrize("flat", [0, 90, 255])
def test_flat_pictures_have_no_shift(flat: int) -> None:
    blank = np.full((*SIZE, 3), flat, np.uint8)
    assert fit_shift(blank, fit_reference(view(SIZE))) == (0.0, 0.0)
    assert fit_shift(view(SIZE), fit_reference(blank)) == (0.0, 0.0)
    assert fit_shift(blank, fit_reference(blank)) == pytest.approx((0.0, 0.0), abs=1e-3)


def test_a_shift_too_large_for_a_shake_is_none() -> None:
    assert fit_shift(view(SIZE, dx=24), fit_reference(view(SIZE))) == (0.0, 0.0)


def test_changes_neither_picture_nor_reference() -> None:
    size = 240, 320  # OpenCV works in place on sizes that suit its Fourier transform
    ground, image = view(size), view(size, 2.5, 1.0)
    ground_before, image_before = ground.copy(), image.copy()
    reference = fit_reference(ground)
    columns = "sharp", "soft", "gradient", "window"
    reference_before = [getattr(reference, name).copy() for name in columns]
    fit_shift(image, reference)
    for name, before in zip(columns, reference_before, strict=True):
        np.testing.assert_array_equal(getattr(reference, name), before)
    np.testing.assert_array_equal(ground, ground_before)
    np.testing.assert_array_equal(image, image_before)


@pytest.mark.parametrize("channels", [(), (3,)])
@pytest.mark.parametrize(("dx", "dy"), [(3, -2), (-5, 0), (0, 7), (0, 0)])
def test_unshift_by_whole_pixels(channels: tuple[int, ...], dx: int, dy: int) -> None:
    image = np.random.default_rng(3).integers(0, 256, (23, 31, *channels)).astype(np.uint8)
    y, x = np.mgrid[0:23, 0:31]
    inside = (y + dy >= 0) & (y + dy < 23) & (x + dx >= 0) & (x + dx < 31)
    expected = image[(y + dy).clip(0, 22), (x + dx).clip(0, 30)]
    np.testing.assert_array_equal(unshift(image, (dx, dy)), expected)
    filled = unshift(image, (dx, dy), outside=0)
    np.testing.assert_array_equal(filled[inside], expected[inside])
    assert not filled[~inside].any()


def test_unshift_by_half_a_pixel_takes_the_mean() -> None:
    ramp = np.tile(np.arange(0, 200, 10, dtype=np.uint8), (9, 1))
    np.testing.assert_array_equal(unshift(ramp, (0.5, 0.0))[:, :-1], ramp[:, :-1] + 5)


def looked_at(path: list[tuple[float, float]]) -> list[np.ndarray]:
    return [noisy(view((101, 137), dx, dy), number) for number, (dx, dy) in enumerate(path)]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param([(0.0, 0.0)] * 12, 0.0, id="still"),
        pytest.param([(2.0 * i, 0.0) for i in range(11)], 20.0, id="to the left"),
        pytest.param([(6.0 * abs(i - 3) - 9, 3.0 * i - 9) for i in range(7)], 18.0, id="there and back"),
        pytest.param([(3.0, 4.0) if i % 2 else (-3.0, -4.0) for i in range(12)], 8.0, id="shaking"),
        pytest.param([(0.0, 0.0)] * 11 + [(8.0, 0.0)] * 9, 0.0, id="pushed once"),
        pytest.param([(0.0, 0.0)], 0.0, id="one picture"),
    ],
)
def test_travel(path: list[tuple[float, float]], expected: float) -> None:
    assert travel(looked_at(path)) == pytest.approx(expected, abs=0.5)


def test_what_moves_before_a_still_camera_is_no_travel() -> None:
    pictures = [
        with_block(one, 5 * i, 8 * i, 40, 50, (200, 40, 30))
        for i, one in enumerate(looked_at([(0.0, 0.0)] * 12))
    ]
    assert travel(pictures) == 0


@pytest.mark.parametrize("size", [(1, 50), (50, 1), (1, 1), (5, 7), (16, 16)])
def test_tiny_pictures_never_move(size: tuple[int, int]) -> None:
    picture = np.random.default_rng(0).integers(0, 255, (*size, 3)).astype(np.uint8)
    assert fit_shift(np.roll(picture, 1, axis=0), fit_reference(picture)) == (0.0, 0.0)


def test_an_animal_on_a_plain_ground_is_no_camera() -> None:
    """Without noise or texture only the animal could be laid on itself."""
    pictures = []
    for x in range(20, 90, 5):
        picture = np.full((120, 160, 3), 200, np.uint8)
        picture[50:60, x : x + 20] = 30
        pictures.append(picture)
    assert travel(pictures) == 0.0
