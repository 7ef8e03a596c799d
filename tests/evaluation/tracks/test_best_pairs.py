from itertools import permutations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from figureground.evaluation.tracks.assignment import best_pairs, best_partners
from figureground.evaluation.tracks.overlaps import Overlaps, contests, uncontested

Cells = dict[tuple[int, int], int]
cells = st.dictionaries(st.tuples(st.integers(0, 3), st.integers(0, 4)), st.integers(1, 20), max_size=9)


def most(worth: Cells) -> int:
    """By trying every way to give 4 figures one of 5 others, or none."""
    return max(sum(worth.get(pair, 0) for pair in enumerate(order)) for order in permutations(range(5), 4))


@given(st.lists(cells, min_size=1, max_size=3))
@settings(max_examples=60, deadline=None)
def test_the_best_pairs_of_each_frame_are_those_of_trying_all(frames: list[Cells]) -> None:
    pairs = [(4 * f + a, 5 * f + b) for f, worth in enumerate(frames) for a, b in sorted(worth)]
    worth = np.array([worth[key] for worth in frames for key in sorted(worth)], float)
    truth, found = (np.repeat(np.arange(len(frames)), n) for n in (4, 5))
    ids = np.tile(np.arange(4), len(frames)), np.tile(np.arange(5), len(frames))
    both = Overlaps(truth, ids[0], found, ids[1], np.array(pairs).reshape(-1, 2), np.full(len(pairs), 0.5))
    best = best_pairs(both, worth)
    assert worth[best].sum() == sum(map(most, frames))
    for column in both.pairs[best].T:
        assert len(set(column.tolist())) == len(column)


@given(cells)
@settings(max_examples=60, deadline=None)
def test_the_best_partners_are_those_of_trying_all(worth: Cells) -> None:
    first, second = np.array(sorted(worth), np.int64).reshape(-1, 2).T
    values = np.array([worth[key] for key in sorted(worth)], np.int64)
    best = best_partners(first, second, values)
    assert values[best].sum() == most(worth)
    assert len(set(first[best].tolist())) == len(set(second[best].tolist())) == best.sum()


def test_no_pairs_are_ordinary() -> None:
    none = np.zeros(0, np.int64)
    both = Overlaps(np.array([1]), np.array([3]), none, none, none.reshape(-1, 2), np.zeros(0))
    assert best_pairs(both, np.zeros(0)).tolist() == []
    assert best_partners(none, none, none).tolist() == []


def test_very_many_figures_give_no_larger_matrix_than_they_need() -> None:
    n = 1500
    ids, frames = np.arange(n), np.zeros(n, np.int64)
    pairs = [[0, 0], [0, 1400], [700, 0], [1499, 1499]]
    both = Overlaps(frames, ids, frames, ids, np.array(pairs), np.full(4, 0.5))
    (contest,) = contests(both, np.arange(4), ~uncontested(both.pairs))
    assert (contest.shape, contest.cells[0].tolist()) == ((3, 3), [0, 0, 1, 2])
    assert best_pairs(both, np.array([5.0, 4.0, 3.0, 1.0])).tolist() == [False, True, True, True]
