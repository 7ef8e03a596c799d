"""Made herds: what they say is true can be read from their walks and their own pixels."""

from fractions import Fraction

import cv2
import numpy as np
import pytest

from figureground.masks import components
from figureground.testing import Herd, check_source, made_herd

SIZE = 101, 137


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"animals": 0},
        {"visitors": 2, "posts": 2, "noise": 0.0, "likeness": 0.0},
        {"rate": Fraction(30000, 1001), "seed": 5, "persistence": 0.0, "clumps": 1.0},
    ],
)
def test_is_a_source(options: dict[str, object]) -> None:
    check_source(made_herd(**{"size": (47, 61), "frames": 5, "body": (13.0, 7.0), **options}))  # type: ignore[arg-type]


@pytest.mark.parametrize("persistence", [0.0, 0.9])
@pytest.mark.parametrize("speed", [1.0, 4.0])
def test_steps_have_the_spread_and_the_memory_that_are_said(persistence: float, speed: float) -> None:
    herd = made_herd((4001, 5003), frames=400, animals=31, speed=speed, persistence=persistence)
    steps = np.diff(herd.walks.at, axis=0)
    assert steps.std() == pytest.approx(speed, rel=0.1)
    lagged = (steps[1:] * steps[:-1]).mean() / (steps**2).mean()
    assert lagged == pytest.approx(persistence, abs=0.06)


def test_masks_are_where_the_walks_say() -> None:
    herd = made_herd(SIZE, frames=30, animals=1, body=(23.0, 11.0), likeness=1.0)
    for index in range(30):
        mask = herd.truth(index).dense()[0]
        rows, columns = np.nonzero(mask)
        assert np.hypot(*(herd.walks.at[index, 0] - (columns.mean(), rows.mean()))) < 2
        (_, _), sides, _ = cv2.minAreaRect(np.stack([columns, rows], axis=1).astype(np.float32))
        assert max(sides) == pytest.approx(22, abs=2)
        assert min(sides) == pytest.approx(10, abs=3)


def test_pictures_show_the_truth() -> None:
    herd = made_herd(SIZE, frames=9, animals=4, noise=0.0, body=(23.0, 11.0), posts=1)
    for frame in herd:
        differs = np.abs(frame.image.astype(int) - herd.ground).max(axis=2) > 12
        np.testing.assert_array_equal(differs, herd.truth(frame.index).union() > 0)


def test_who_is_above_hides_who_is_below() -> None:
    herd = made_herd((61, 67), frames=40, animals=5, body=(23.0, 11.0))
    for index in range(40):
        truth = herd.truth(index)
        assert truth.ids.tolist() == sorted(truth.ids.tolist())
        assert (truth.areas > 0).all()
        assert truth.dense().sum(axis=0).max() == 1
        alone = made_herd((61, 67), frames=40, animals=5, body=(23.0, 11.0)).truth(index)
        np.testing.assert_array_equal(alone.dense(), truth.dense())


def test_visitors_come_and_go_and_others_stay() -> None:
    herd = made_herd(SIZE, frames=300, animals=3, visitors=1, speed=6.0, body=(13.0, 7.0), seed=1)
    seen = np.array([[animal in herd.truth(index).ids for animal in range(3)] for index in range(300)])
    assert 0 < seen[:, 0].sum() < 300
    assert np.abs(np.diff(seen[:, 0].astype(int))).sum() > 2
    inside = herd.walks.at[:, 1:]
    assert (inside >= 6.5).all()
    assert (inside <= np.array(SIZE[::-1]) - 6.5).all()


def test_clumps_bring_the_animals_together() -> None:
    spread = [
        made_herd((401, 503), frames=200, animals=9, clumps=clumps).walks.at[-1].std(axis=0).mean()
        for clumps in (0.0, 1.0)
    ]
    assert spread[1] < spread[0] / 2


def test_found_is_the_truth_without_ids() -> None:
    herd = made_herd(SIZE, frames=3, animals=4)
    found = herd.found(1)
    assert (found.ids == -1).all()
    np.testing.assert_array_equal(found.dense(), herd.truth(1).dense())


def test_found_leaves_out_the_share_that_is_said() -> None:
    herd = made_herd((301, 401), frames=200, animals=11, drop=0.25)
    kept = sum(len(herd.found(i)) for i in range(200)) / sum(len(herd.truth(i)) for i in range(200))
    assert kept == pytest.approx(0.75, abs=0.03)


def test_found_is_merged_where_animals_touch() -> None:
    herd = made_herd((61, 67), frames=20, animals=5, body=(23.0, 11.0), merged=True)
    fewer = 0
    for index in range(20):
        found, truth = herd.found(index), herd.truth(index)
        np.testing.assert_array_equal(found.union(), truth.union())
        assert len(found) == len(components(truth.union()))
        fewer += len(found) < len(truth)
    assert fewer


def test_more_parts_than_animals() -> None:
    """A post that crosses an animal cuts it in two."""
    herd = made_herd((61, 67), frames=40, animals=6, posts=3, body=(23.0, 11.0), merged=True)
    assert all((herd.found(index).areas > 0).all() for index in range(40))


def test_animals_look_alike_as_said() -> None:
    def colours(likeness: float) -> float:
        herd = made_herd((301, 401), frames=1, animals=6, likeness=likeness, noise=0.0)
        image, truth = next(iter(herd)).image, herd.truth(0)
        means = [image[crop.window][crop.mask].mean(axis=0) for crop in truth.masks]
        return float(np.std(means, axis=0).max())

    assert colours(1.0) < 1.5 < 20 < colours(0.0)


def test_herds_are_equal_that_are_made_alike() -> None:
    assert made_herd(SIZE, 20, seed=3) == Herd(SIZE, 20, seed=3)
    with pytest.raises(TypeError, match="unexpected keyword argument 'cats'"):
        made_herd(cats=3)
