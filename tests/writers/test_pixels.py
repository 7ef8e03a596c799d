import av
import numpy as np
import pytest
from av.video.reformatter import ColorRange, Colorspace
from hypothesis import given
from hypothesis import strategies as st

from figureground.render import on_colour, soft_windows
from figureground.testing import made_scene
from figureground.writers.pixels import BT709, JPEG, fitted, padded, rgb_to_yuv420


@pytest.mark.parametrize(
    ("matrix", "rgb", "yuv"),
    [
        # ITU-R BT.709, limited range: the values that colour bars have
        (BT709, (255, 255, 255), (235, 128, 128)),
        (BT709, (0, 0, 0), (16, 128, 128)),
        (BT709, (255, 0, 0), (63, 102, 240)),
        (BT709, (0, 255, 0), (173, 42, 26)),
        (BT709, (0, 0, 255), (32, 240, 118)),
        # JFIF, full range
        (JPEG, (255, 255, 255), (255, 128, 128)),
        (JPEG, (255, 0, 0), (76, 85, 255)),
        (JPEG, (0, 255, 0), (150, 44, 21)),
        (JPEG, (0, 0, 255), (29, 255, 107)),
    ],
)
def test_primary_colours(matrix, rgb, yuv):
    picture = np.full((6, 10, 3), rgb, np.uint8)
    planes = rgb_to_yuv420(picture, matrix)
    assert planes.shape == (9, 10)
    values = planes.ravel()
    for part, expected in zip((values[:60], values[60:75], values[75:]), yuv, strict=True):
        assert set(part.tolist()) == {expected}


def test_agrees_with_ffmpeg():
    frame = next(iter(made_scene((64, 96), frames=1, noise=0)))
    theirs = av.VideoFrame.from_ndarray(frame.image).reformat(
        format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG
    )
    difference = np.abs(rgb_to_yuv420(frame.image).astype(int) - theirs.to_ndarray())
    assert difference.mean() < 0.3
    assert difference.max() <= 4


@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_a_colour_sample_is_the_mean_of_four(rows, columns, seed):
    picture = np.random.default_rng(seed).integers(0, 256, (2 * rows, 2 * columns, 3), np.uint8)
    planes = rgb_to_yuv420(picture)
    full = picture @ BT709[:, :3].T + BT709[:, 3]
    luma = planes[: 2 * rows]
    blue, red = planes[2 * rows :].reshape(2, rows, columns)
    assert np.abs(luma - full[..., 0]).max() <= 0.9  # OpenCV rounds the matrix to 1/1024
    means = full.reshape(rows, 2, columns, 2, 3).mean((1, 3))
    assert np.abs(blue - means[..., 1]).max() <= 1.4
    assert np.abs(red - means[..., 2]).max() <= 1.4


def test_windows_give_what_the_whole_gives():
    scene = made_scene((120, 162), frames=3)
    ground = rgb_to_yuv420(np.full((120, 162, 3), (30, 90, 200), np.uint8))
    for frame in scene:
        found = scene.truth(frame.index)
        picture = on_colour(frame.image, found, (30, 90, 200), feather=2.5)
        windows = soft_windows(found, 2.5, step=2)
        assert len(windows) == 4
        result = rgb_to_yuv420(picture, BT709, ground, windows)
        np.testing.assert_array_equal(result, rgb_to_yuv420(picture))


@pytest.mark.parametrize("channels", [(), (3,), (4,)])
@pytest.mark.parametrize(
    ("size", "block", "even"),
    [
        ((5, 7), 2, (6, 8)),
        ((4, 7), 2, (4, 8)),
        ((4, 6), 2, (4, 6)),
        ((5, 7), 1, (5, 7)),
        ((16, 17), 16, (16, 32)),
    ],
)
def test_padding_repeats_the_edge(size, block, even, channels):
    picture = np.random.default_rng(0).integers(0, 256, (*size, *channels), np.uint8)
    result = padded(picture, block)
    assert result.shape[:2] == even
    np.testing.assert_array_equal(result[: size[0], : size[1]], picture)
    assert (result[size[0] :, : size[1]] == picture[-1:]).all()
    assert (result[: size[0], size[1] :] == picture[:, -1:]).all()


@pytest.mark.parametrize(
    ("size", "into", "rows", "columns"),
    [
        ((4, 8), (8, 8), slice(2, 6), slice(0, 8)),
        ((8, 4), (8, 8), slice(0, 8), slice(2, 6)),
        ((20, 40), (5, 30), slice(0, 5), slice(10, 20)),
        ((1, 100), (10, 10), slice(4, 5), slice(0, 10)),
    ],
)
def test_fitting_keeps_the_shape(size, into, rows, columns):
    out = fitted(np.full((*size, 3), 77, np.uint8), into)
    expected = np.zeros((*into, 3), np.uint8)
    expected[rows, columns] = 77
    np.testing.assert_array_equal(out, expected)
