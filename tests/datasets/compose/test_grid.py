"""Every figure before every background."""

import cv2
import numpy as np
import pytest
from figures_for_compose import cloth, cloths, disc, discs

from figureground.datasets.compose.backgrounds import Backgrounds, Photo
from figureground.datasets.compose.cutouts import Cutouts
from figureground.datasets.compose.grid import Grid
from figureground.datasets.compose.realism import STILL_LIFE, Realism
from figureground.errors import OptionError

SIZE = 61, 83
COLOURS = ((250, 5, 5), (5, 250, 5), (5, 5, 250))


def test_four_hundred_thousand_are_not_held() -> None:
    hundred = Cutouts([disc] * 100, ["disc"] * 100)
    backgrounds = Backgrounds([lambda: Photo(cloth())] * 100, ["cloth"] * 100)
    grid = Grid(hundred, backgrounds, places=20)
    assert len(grid) == 400_000
    assert grid[399_999].frame.shape == (192, 256, 3)


def test_the_index_counts_places_mirrors_figures_and_backgrounds() -> None:
    grid = Grid(discs(*COLOURS), cloths(2), places=5, size=SIZE)
    assert (len(grid), grid.per_background) == (2 * 3 * 2 * 5, 30)
    pairs = [grid[k] for k in range(60)]
    grounds = [pair.background.tobytes() for pair in pairs]
    assert len(set(grounds[:30])) == len(set(grounds[30:])) == 1
    assert grounds[0] != grounds[30]
    for k, pair in enumerate(pairs):
        mean = pair.frame[pair.mask].mean(axis=0)
        assert int(np.argmax(mean)) == k % 30 // 10
        assert np.isnan(pair.depth).all()
        assert pair.noise.min() == pair.noise.max() == 3
    assert len({pair.mask.tobytes() for pair in pairs}) > 50  # placed anew each time
    again = list(grid.pairs([7, 59, 0]))
    assert all(np.array_equal(one.frame, pairs[k].frame) for one, k in zip(again, (7, 59, 0), strict=True))


def test_a_mirrored_figure_is_mirrored() -> None:
    half = disc()
    half.alpha[:, :15] = 0  # its left half is missing
    grid = Grid(Cutouts([lambda: half], ["half"]), cloths(1), places=4, size=SIZE)
    for k, pair in enumerate(grid[k] for k in range(8)):
        rows, columns = np.nonzero(pair.mask)
        straight = columns[np.isin(rows, np.unique(rows)[1:-1])]
        left, right = straight.min(), straight.max()
        # the straight side has as many pixels as the figure has rows; the round one few
        at_left, at_right = np.count_nonzero(columns <= left + 1), np.count_nonzero(columns >= right - 1)
        assert (at_left > at_right) == (k < 4)


def test_without_a_camera_only_the_figure_differs() -> None:
    grid = Grid(discs((250, 5, 5)), cloths(1), places=6, size=SIZE)
    for k in range(12):
        pair = grid[k]
        differs = (pair.background != pair.frame).any(-1)
        assert pair.mask.any()
        around = cv2.dilate(pair.mask.view(np.uint8), np.ones((5, 5), np.uint8)) > 0  # a soft outline
        assert not differs[~around].any()
        assert differs[pair.mask].all()


def test_a_camera_takes_both_pictures_anew() -> None:
    plain = {name: getattr(STILL_LIFE, name) for name in Realism.__dataclass_fields__}
    realism = Realism(**{**plain, "grain": (6.0, 6.0)})
    pair = Grid(discs((250, 5, 5)), cloths(1), places=1, size=SIZE, realism=realism)[0]
    assert (pair.background != pair.frame).any(-1)[~pair.mask].mean() > 0.5


def test_depth_goes_with_the_background() -> None:
    depth = np.linspace(1, 0.3, 97, dtype=np.float32)[:, None].repeat(131, 1)
    backgrounds = Backgrounds([lambda: Photo(cloth(), depth)], ["deep"])
    pair = Grid(discs((250, 5, 5)), backgrounds, places=3, size=SIZE)[1]
    assert np.isfinite(pair.depth).all()
    assert len(np.unique(pair.depth[pair.mask])) == 1


def test_grids_of_nothing() -> None:
    with pytest.raises(OptionError, match="a grid needs figures"):
        Grid(discs(), cloths(1))
    with pytest.raises(IndexError, match="2 pairs"):
        Grid(discs((1, 2, 3)), cloths(1), places=1, size=SIZE)[2]
