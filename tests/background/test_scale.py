import numpy as np
import pytest

from figureground.background.scale import reduced, step_for


@pytest.mark.parametrize(
    ("size", "pixels", "step"),
    [
        ((1, 1), 420_000, 1),
        ((600, 700), 420_000, 1),
        ((601, 700), 420_000, 2),
        ((1200, 1400), 420_000, 2),
        ((1080, 1920), 420_000, 3),
        ((2160, 3840), 420_000, 5),
        ((1080, 1920), 700_000, 2),
        ((7, 11), 1, 9),
    ],
)
def test_steps(size: tuple[int, int], pixels: int, step: int) -> None:
    assert step_for(size, pixels) == step


@pytest.mark.parametrize("shape", [(1, 1), (2, 7), (11, 17), (12, 18, 3), (13, 29, 3), (1, 31, 3)])
@pytest.mark.parametrize("step", [1, 2, 3, 5])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_each_small_pixel_is_a_mean(shape: tuple[int, ...], step: int, dtype: type) -> None:
    image = np.random.default_rng(0).integers(0, 256, shape).astype(dtype)
    before = image.copy()
    small = reduced(image, step)
    rows, columns = -(-shape[0] // step), -(-shape[1] // step)
    assert small.shape == (rows, columns, *shape[2:])
    assert small.dtype == dtype
    y = np.minimum(np.arange(rows * step), shape[0] - 1)  # the last row and column fill up
    x = np.minimum(np.arange(columns * step), shape[1] - 1)
    blocks = image[y][:, x].astype(float).reshape(rows, step, columns, step, *shape[2:])
    assert np.abs(small - blocks.mean(axis=(1, 3))).max() <= (0.5001 if dtype == np.uint8 else 1e-3)
    np.testing.assert_array_equal(image, before)
