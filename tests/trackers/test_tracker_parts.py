"""The parts of the trackers: measures, assignment, movement, looks and splitting, each by itself."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from figureground.instances import Crop
from figureground.trackers.figures import aligned_iou, axes, distances_to, measured, solidity
from figureground.trackers.looks import Spread, look_of
from figureground.trackers.matching import assigned, groups
from figureground.trackers.moving import Movement, State
from figureground.trackers.splitting import Body, exchange_gain, split, split_unknown


@given(arrays.arrays(bool, (7, 11)))
def test_measures_by_hand(mask: np.ndarray) -> None:
    centres, areas, spreads = measured([Crop(5, 3, mask)])
    rows, columns = np.nonzero(mask)
    assert areas[0] == len(rows)
    if not len(rows):
        assert np.isnan(centres).all()
        return
    assert centres[0] == pytest.approx([columns.mean() + 3, rows.mean() + 5])
    covariance = np.cov(np.stack([columns, rows]), bias=True)
    assert spreads[0] == pytest.approx([covariance[0, 0], covariance[0, 1], covariance[1, 1]], abs=1e-9)
    long, short, _ = axes(spreads[0])
    values = np.linalg.eigvalsh(covariance)
    assert (long, short) == pytest.approx((values[1], max(values[0], 1 / 12)), abs=1e-9)


@pytest.mark.parametrize("degrees", [0, 30, 80, -60])
def test_angle_of_a_bar(degrees: float) -> None:
    rows, columns = np.mgrid[-20:21, -20:21]
    turn = np.radians(degrees)
    along = columns * np.cos(turn) + rows * np.sin(turn)
    across = rows * np.cos(turn) - columns * np.sin(turn)
    mask = (np.abs(along) < 17) & (np.abs(across) < 4)
    assert np.degrees(axes(measured([Crop(0, 0, mask)]).spreads[0])[2]) == pytest.approx(degrees, abs=1)


@given(arrays.arrays(bool, (5, 7)), arrays.arrays(bool, (6, 3)))
def test_aligned_overlap_is_symmetric_and_a_share(one: np.ndarray, two: np.ndarray) -> None:
    a, b = Crop(0, 0, one), Crop(9, 2, two)
    assert 0 <= aligned_iou(a, b) <= 1
    assert aligned_iou(a, a) == (1 if one.any() else 0)


def test_distances_to_a_ring() -> None:
    ring = np.ones((5, 7), bool)
    ring[2, 3] = False
    points = np.array([[13.0, 12.0], [10.0, 10.0], [10.0, 6.0], [22.0, 14.0]])
    assert distances_to(Crop(10, 10, ring), points) == pytest.approx([0, 0, 4, 6])


def test_solidity_of_one_and_of_two() -> None:
    rows, columns = np.mgrid[:60, :60]
    one = (rows - 30) ** 2 / 100 + (columns - 30) ** 2 / 400 < 1
    legs = one.copy()
    legs[10:50, 30] = legs[30, 2:58] = True
    cross = one | one.T
    assert solidity(one) > 0.95
    assert solidity(legs) == pytest.approx(solidity(one), abs=0.03)
    assert solidity(cross) < 0.88
    assert solidity(np.eye(9, dtype=bool)) == 1.0  # nothing is left without what is thin


@settings(max_examples=40, deadline=None)
@given(arrays.arrays(np.float64, (4, 3), elements=st.sampled_from([*range(9), np.inf])))
def test_assignment_by_trying_all(cost: np.ndarray) -> None:
    pairs = assigned(cost)
    assert len(set(pairs[:, 0])) == len(set(pairs[:, 1])) == len(pairs)
    assert np.isfinite(cost[pairs[:, 0], pairs[:, 1]]).all()
    best = min(
        ((-sum(np.isfinite(picked)), sum(c for c in picked if np.isfinite(c))))
        for rows in permutations(range(4), 3)
        for picked in [[cost[row, column] for column, row in enumerate(rows)]]
    )
    assert (-len(pairs), sum(cost[tuple(pair)] for pair in pairs)) == pytest.approx(best)


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=20, unique=True))
def test_groups_share_nothing(pairs: list[tuple[int, int]]) -> None:
    rows, columns = np.array(pairs, np.int64).reshape(-1, 2).T
    found = list(groups(rows, columns))
    assert sorted(np.concatenate([*found, np.empty(0, int)]).tolist()) == list(range(len(pairs)))
    for i, one in enumerate(found):
        for two in found[:i]:
            assert not set(rows[one]) & set(rows[two])
            assert not set(columns[one]) & set(columns[two])


@pytest.mark.parametrize(("keeps", "speed"), [(0.0, 3.0), (0.9, 2.0), (0.6, 8.0)])
def test_movement_is_learned(keeps: float, speed: float) -> None:
    rng = np.random.default_rng(0)
    movement = Movement(600.0)
    for _ in range(8):
        place, step = np.array([300.0, 200.0]), rng.normal(0, speed, 2)
        state = State(*place, 0.1)
        errors = []
        for _ in range(150):
            step = keeps * step + np.sqrt(1 - keeps**2) * rng.normal(0, speed, 2)
            place = place + step
            movement.predict(state)
            errors.append((*(place - (state.x, state.y)), np.sqrt(state.pp + 0.1)))
            movement.see(state, *place, 0.1)
    assert movement.keeps == pytest.approx(keeps, abs=0.1)
    assert np.sqrt(movement.variance) == pytest.approx(speed, rel=0.15)
    off = np.array(errors)[50:]
    assert (off[:, :2] / off[:, 2:]).std() == pytest.approx(1, abs=0.25)  # it knows how far off it is


def test_look_by_hand() -> None:
    image = np.random.default_rng(0).integers(0, 255, (17, 19, 3)).astype(np.uint8)
    mask = np.random.default_rng(1).random((5, 7)) > 0.4
    pixels = image[3:8, 2:9][mask].astype(float)
    expected = [*pixels.mean(axis=0), *pixels.std(axis=0), np.log(mask.sum())]
    assert look_of(image, Crop(3, 2, mask)) == pytest.approx(expected)


def test_looks_say_nothing_where_all_look_alike() -> None:
    rng, spread = np.random.default_rng(0), Spread()
    same = np.array([90.0, 80.0, 70.0, 9.0, 9.0, 9.0, 6.0])
    for _ in range(500):
        spread.learn(rng.normal(0, 2, 7) * (1, 1, 1, 1, 1, 1, 0.01))
    other = same + np.array([1, 1, 1, 0, 0, 0, 0])
    assert abs(spread.cost(same, other) - spread.cost(same, same)) < 0.5
    assert spread.cost(same + 20, same) > 8


@pytest.mark.parametrize("turn", [0.3, 1.2, 2.6])
def test_two_bodies_that_touch_are_cut_where_they_touch(turn: float) -> None:
    rows, columns = np.mgrid[:80, :80].astype(float)

    def body(x: float, y: float, angle: float) -> np.ndarray:
        along = (columns - x) * np.cos(angle) + (rows - y) * np.sin(angle)
        across = (rows - y) * np.cos(angle) - (columns - x) * np.sin(angle)
        return along**2 / 400 + across**2 / 81 < 1

    one, two = body(28, 40, 0.0), body(56, 42, turn)
    two &= ~one
    expected = [
        Body(x, y, float(mask.sum()), 100.0, 20.0, angle)
        for (x, y, angle), mask in zip([(30, 38, 0.2), (54, 44, turn - 0.3)], [one, two], strict=True)
    ]
    pieces = split(Crop(0, 0, one | two), expected)
    for piece, mask in zip(pieces, (one, two), strict=True):
        whole = np.zeros((80, 80), bool)
        whole[piece.window] = piece.mask
        assert (whole & mask).sum() / (whole | mask).sum() > 0.85


@settings(max_examples=30, deadline=None)
@given(arrays.arrays(bool, (9, 13)), st.integers(1, 4))
def test_pieces_are_the_mask(mask: np.ndarray, count: int) -> None:
    bodies = [Body(3.0 * i, 2.0 * i, 9.0, 4.0, 2.0, 0.1 * i) for i in range(count)]
    total = np.zeros((9, 13), int)
    for piece in split(Crop(0, 0, mask), bodies):
        total[piece.window] += piece.mask
    np.testing.assert_array_equal(total, mask)


def test_bodies_without_extent_are_laid_all_the_same() -> None:
    bodies = [Body(x, 0.0, 0.0, 0.0, 0.0, 0.0) for x in (0.0, 9.0)]
    pieces = split(Crop(0, 0, np.ones((1, 10), bool)), bodies)
    assert [int(piece.mask.sum()) for piece in pieces] == [5, 5]


def test_pieces_that_look_like_each_other_are_told() -> None:
    image = np.full((5, 20, 3), 40, np.uint8)
    image[:, 10:] = 100
    pieces = [Crop(0, 0, np.ones((5, 10), bool)), Crop(0, 10, np.ones((5, 10), bool))]
    dark, bright = ([level] * 3 + [10.0] * 3 + [5.0] for level in (40.0, 100.0))
    bodies = [Body(5.0, 2.0, 50.0, 8.0, 2.0, 0.0, np.array(look)) for look in (dark, bright)]
    by_hand = 2 * 3 * (60 / 10) ** 2 / 2  # two pieces, three colours, six deviations off
    assert exchange_gain(pieces, bodies, image) == pytest.approx(-by_hand)
    assert exchange_gain(pieces, bodies[::-1], image) == pytest.approx(by_hand)
    assert exchange_gain(pieces, [bodies[0], bodies[1]._replace(look=None)], image) == 0
    assert exchange_gain([pieces[0], Crop(0, 0, np.zeros((0, 0), bool))], bodies, image) == 0


@pytest.mark.parametrize(("keeps", "frames", "expected"), [(0.0, 16, 4.0), (0.9, 4, 4.0), (0.9, 76, 38.0)])
def test_reach_by_hand(keeps: float, frames: int, expected: float) -> None:
    """Three steps' deviations, as often as they add up: root of the number for who turns at each."""
    movement = Movement(100.0)
    movement._weight, movement._variance, movement._lagged = 1.0, 4.0, 4.0 * keeps
    assert movement.reach(100.0, frames) == pytest.approx(1.5 * 10 + 3 * 2 * expected)


def test_one_body_is_not_cut_but_a_clump_is() -> None:
    rows, columns = np.mgrid[:60, :60]
    one = (rows - 30) ** 2 / 100 + (columns - 30) ** 2 / 400 < 1
    assert len(split_unknown([Crop(0, 0, one)], 4)) == 1
    bent = one | ((rows - 44) ** 2 / 200 + (columns - 14) ** 2 / 80 < 1)
    found = split_unknown([Crop(0, 0, one), Crop(0, 0, bent)], 3)
    assert [i for i, _ in found] == [0, 1, 1]
    assert len(split_unknown([Crop(0, 0, bent)], 1)) == 1
