"""What the made camera does to pictures."""

import numpy as np
import pytest
from figures_for_compose import cloth

from figureground.datasets.compose.camera import Camera
from figureground.datasets.compose.realism import STILL_LIFE, Realism, drawn_whole
from figureground.errors import OptionError
from figureground.instances import BoolArray

SIZE = 61, 83
PLAIN = {name: getattr(STILL_LIFE, name) for name in Realism.__dataclass_fields__}


def camera(seed: int = 0, frames: int = 7, **changes: object) -> Camera:
    return Camera(SIZE, frames, Realism(**{**PLAIN, **changes}), np.random.default_rng(seed))


def test_a_camera_without_faults_changes_nothing() -> None:
    image = cloth(0, SIZE)
    assert np.array_equal(camera().expose(image, 3), image)


def test_noise_has_the_spread_asked_for_and_is_new_each_time() -> None:
    flat = np.full((*SIZE, 3), 128, np.uint8)
    shots = camera(grain=(6.0, 6.0), coarse=(0.0, 0.0))
    frames = np.stack([shots.expose(flat, moment, take=take) for moment in range(7) for take in range(4)])
    spread = frames.astype(float).std()
    assert 0.2 * 6 <= spread <= 6.1  # the quiet are more common: a fifth of it or more
    assert abs(frames.mean() - 128) < 0.3
    assert np.array_equal(frames[5], shots.expose(flat, 1, take=1))
    alike = [np.corrcoef(frames[0].ravel(), one.ravel())[0, 1] for one in frames[1:]]
    assert np.abs(alike).max() < 0.2  # places of the plate of noise rarely are the same


def test_bright_pixels_are_noisier() -> None:
    shots = camera(grain=(6.0, 6.0))
    dark, bright = (
        shots.expose(np.full((*SIZE, 3), level, np.uint8), 0).astype(float).std() for level in (30, 200)
    )
    # variance 0.45 + 0.55 level / 128, by its definition
    assert bright / dark == pytest.approx(
        np.sqrt((0.45 + 0.55 * 200 / 128) / (0.45 + 0.55 * 30 / 128)), rel=0.15
    )


def test_light_drifts_and_corners_are_darker() -> None:
    grey = np.full((*SIZE, 3), 100, np.uint8)
    shots = camera(drift=(0.2, 0.2))
    assert [int(shots.expose(grey, moment)[9, 9, 0]) for moment in (0, 3, 6)] == [100, 110, 120]
    dark = camera(vignette=(0.3, 0.3)).expose(grey, 0)
    assert dark[0, 0, 0] == pytest.approx(70, abs=1)
    assert dark[30, 41, 0] == pytest.approx(100, abs=1)


def test_shake_moves_picture_mask_and_depth_alike() -> None:
    mask: BoolArray = np.zeros(SIZE, bool)
    mask[20:40, 30:50] = True
    image = np.where(mask[..., None], 250, 5).astype(np.uint8).repeat(3, -1)
    depth = np.where(mask, 0.5, np.nan).astype(np.float32)
    shots = camera(shaking=1.0, shake=(3.0, 3.0))
    moved = 0
    for moment in range(7):
        seen = shots.expose(image, moment)[..., 0] > 127
        moved += not np.array_equal(seen, mask)
        assert np.count_nonzero(seen != shots.mask(mask, moment)) <= 2  # rounding at the very middle
        known = np.isfinite(shots.depth(depth, moment))
        assert np.count_nonzero(seen != known) < 45  # nearest pixel: an edge of 80 pixels may be off by one
    assert moved >= 5


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ghost": 1.5}, "ghost is a chance"),
        ({"blur": (2.0, 1.0)}, "blur is a range"),
        ({"jpeg": (1,)}, "jpeg"),
    ],
)
def test_realism_that_makes_no_sense(change: dict[str, object], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        Realism(**change)  # type: ignore[arg-type]


def test_whole_numbers_are_drawn_with_both_ends() -> None:
    rng = np.random.default_rng(0)
    assert {drawn_whole((2, 4), rng) for _ in range(60)} == {2, 3, 4}
