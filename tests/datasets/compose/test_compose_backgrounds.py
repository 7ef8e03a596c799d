"""Views into pictures and panoramas."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from figures_for_compose import cloth
from PIL import Image as Pillow

from figureground.datasets.compose.backgrounds import (
    Panorama,
    Photo,
    open_backgrounds,
    perspective,
    read_depth,
    read_panorama,
    tone_mapped,
)
from figureground.errors import InputError

SIZE = 29, 43


def directions() -> np.ndarray:
    """A panorama whose three channels are the direction that is seen, x right, y down, z ahead."""
    rows, columns = 240, 480
    latitude = ((np.arange(rows) + 0.5) / rows - 0.5)[:, None] * np.pi
    longitude = ((np.arange(columns) + 0.5) / columns - 0.5) * 2 * np.pi
    x, z = np.cos(latitude) * np.sin(longitude), np.cos(latitude) * np.cos(longitude)
    return np.dstack([x, np.sin(latitude) + 0 * x, z]).astype(np.float32)


@pytest.mark.parametrize("turn", [0.0, 1.9, -2.5])
@pytest.mark.parametrize("tilt", [0.0, 0.4])
def test_a_view_looks_where_a_pinhole_camera_does(turn: float, tilt: float) -> None:
    """The direction of each pixel, by rotation matrices."""
    field, (height, width) = 1.2, SIZE
    focal = width / 2 / np.tan(field / 2)
    x, y = np.meshgrid(np.arange(width) + 0.5 - width / 2, np.arange(height) + 0.5 - height / 2)
    rays = np.stack([x, y, np.full_like(x, focal)], -1)
    rays /= np.linalg.norm(rays, axis=-1, keepdims=True)
    down = np.array([[1, 0, 0], [0, np.cos(tilt), np.sin(tilt)], [0, -np.sin(tilt), np.cos(tilt)]])
    right = np.array([[np.cos(turn), 0, np.sin(turn)], [0, 1, 0], [-np.sin(turn), 0, np.cos(turn)]])
    seen = perspective(directions(), SIZE, field, turn, tilt)
    assert np.abs(seen - rays @ (right @ down).T).max() < 0.01


def test_the_horizon_of_a_view_is_where_the_sky_ends() -> None:
    light = np.full((200, 400, 3), 0.05, np.float32)
    light[:100] = 5.0
    rng = np.random.default_rng(3)
    from figureground.datasets.compose.backgrounds import view_of_panorama

    for _ in range(5):
        ground = view_of_panorama(Panorama(light), (89, 127), rng)
        bright = ground.image[:, 63, 0] > 150
        edge = np.count_nonzero(bright)
        if 0 < edge < 89:
            assert abs(edge - ground.horizon) < 2
        assert np.isnan(ground.depth).all()


def test_tone_mapping_keeps_order_and_saturates() -> None:
    light = np.linspace(0, 50, 101, dtype=np.float32)[None, :, None].repeat(3, 2)
    shown = tone_mapped(light)[0, :, 0]
    assert (np.diff(shown.astype(int)) >= 0).all()
    assert shown[0] == 0
    assert shown[50] == round(255 * (1 - np.exp(-0.2)) ** (1 / 2.2))  # the middle brightness


def test_a_panorama_is_read_in_its_colours(tmp_path: Path) -> None:
    light = np.zeros((32, 64, 3), np.float32)
    light[..., 2] = 4.0  # OpenCV writes blue, green, red
    cv2.imwrite(str(tmp_path / "p.hdr"), light)
    assert read_panorama(tmp_path / "p.hdr").light[5, 5].tolist() == pytest.approx([4.0, 0, 0], abs=0.05)
    opened = open_backgrounds(tmp_path)
    assert isinstance(opened[0], Panorama)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "no Radiance picture"),
        (b"#?RADIANCE\n\n-Y 16 +X 99\n", "twice as wide"),
        (b"#?RADIANCE\n-Y 32 +X 64\n\n-Y 30000 +X 60000\n", "60000 x 30000"),  # the first is a comment
        (b"#?RADIANCE\n\n-Y 500000 +X 1000000\n", "twice as wide"),
        (b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 32 +X 64\n\x02\x02", "damaged"),
    ],
)
def test_damaged_panoramas(tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / "p.hdr").write_bytes(data)
    with pytest.raises(InputError, match=message):
        read_panorama(tmp_path / "p.hdr")


def test_a_view_of_a_photo_is_a_part_of_it_and_the_same_again(tmp_path: Path) -> None:
    Pillow.fromarray(cloth()).save(tmp_path / "cloth.png")
    opened = open_backgrounds([tmp_path])
    one, same, other = (opened.view(0, SIZE, np.random.default_rng(k)) for k in (4, 4, 5))
    assert np.array_equal(one.image, same.image)
    assert not np.array_equal(one.image, other.image)
    assert one.image.shape == (*SIZE, 3)
    assert abs(one.image.mean() - cloth().mean()) < 12


def test_the_depth_beside_a_photo_goes_with_its_parts(tmp_path: Path) -> None:
    """The picture's red grows with its depth, so every view must show both alike."""
    steps = np.linspace(13107, 65535, 97)[:, None].repeat(131, 1).astype(np.uint16)
    steps[:, :9] = 0
    Pillow.fromarray(steps).save(tmp_path / "a.depth.png")
    Pillow.fromarray(np.dstack([(steps >> 8).astype(np.uint8)] * 3)).save(tmp_path / "a.png")
    opened = open_backgrounds(tmp_path)
    assert len(opened) == 1
    assert isinstance(opened[0], Photo)
    for seed in range(4):
        ground = opened.view(0, SIZE, np.random.default_rng(seed))
        red = ground.image[..., 0] / np.nanmax(np.where(np.isnan(ground.depth), np.nan, ground.image[..., 0]))
        inner = cv2.erode(np.isfinite(ground.depth).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
        assert np.abs(red - ground.depth)[inner].max() < 0.04
        assert np.nanmax(ground.depth) == 1


def test_depth_of_8_bits_is_refused(tmp_path: Path) -> None:
    Pillow.new("L", (17, 11)).save(tmp_path / "a.depth.png")
    with pytest.raises(InputError, match="16 bits"):
        read_depth(tmp_path / "a.depth.png")


def test_paths_without_pictures(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        open_backgrounds(tmp_path / "missing")
    with pytest.raises(InputError, match="has no pictures"):
        open_backgrounds(tmp_path)
    (tmp_path / "a.png").write_bytes(b"nothing")
    with pytest.raises(InputError, match=r"a\.png"):
        open_backgrounds(tmp_path)[0]
    with pytest.raises(IndexError, match="1 backgrounds"):
        open_backgrounds(tmp_path)[1]
