"""The best partners: one for each, so that the sum of what they are worth is largest."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from figureground.errors import MissingExtraError
from figureground.evaluation.tracks.overlaps import Contest, Floats, Overlaps, contests, uncontested
from figureground.instances import BoolArray, IntArray


def best_pairs(both: Overlaps, worth: Floats) -> BoolArray:
    """(k,) bool: the pairs of `both` whose `worth` (k,), above 0, has the largest sum in each frame.

    Figures with one partner only get it without more ado; frames in which nobody meets cost next to nothing.
    """
    matched = uncontested(both.pairs)
    for contest in contests(both, np.arange(len(matched)), ~matched):
        matched[contest.pairs] = best_of(contest, worth[contest.pairs])
    return matched


def best_of(contest: Contest, worth: Floats) -> BoolArray:
    """(c,) bool: which pairs of `contest` have the largest sum of `worth` (c,); those above 0 only.

    Raises:
        MissingExtraError: scipy is not installed.
    """
    matrix = np.zeros(contest.shape)
    matrix[contest.cells] = worth
    chosen = np.zeros(contest.shape, bool)
    chosen[_solver()(matrix, maximize=True)] = True
    best: BoolArray = chosen[contest.cells] & (worth > 0)
    return best


def best_partners(first: IntArray, second: IntArray, worth: IntArray) -> BoolArray:
    """(k,) bool: which of k pairs, of `first` (k,) with `second` (k,), have the largest sum of `worth` (k,).

    None of either side is in two of them. No pair is given twice; `worth` is above 0. Costs memory by
    the number of pairs, not by those that could be: a result may have many thousand ids.

    Raises:
        MissingExtraError: scipy is not installed.

    Example:
        >>> best_partners(np.array([0, 0, 1]), np.array([0, 1, 0]), np.array([5, 4, 3])).tolist()
        [False, True, True]
    """
    if not len(worth):
        return np.zeros(0, bool)
    _solver()
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    rows, columns = int(first.max()) + 1, int(second.max()) + 1
    most = int(worth.max()) + 1  # who stays alone, in a column of its own, costs that
    alone = np.arange(rows)
    cost = np.concatenate([most - worth, np.full(rows, most)]).astype(np.float64)
    cells = np.concatenate([first, alone]), np.concatenate([second, columns + alone])
    graph = coo_array((cost, cells), shape=(rows, columns + rows)).tocsr()
    row, column = min_weight_full_bipartite_matching(graph)
    partner = np.full(rows, -1)
    partner[row] = column
    best: BoolArray = partner[first] == second
    return best


@cache
def _solver() -> Callable[..., Any]:
    try:
        from scipy.optimize import linear_sum_assignment
    except ImportError as error:
        raise MissingExtraError("scoring tracks needs scipy: pip install 'figureground[tracks]'") from error
    solver: Callable[..., Any] = linear_sum_assignment
    return solver
