"""Which track goes on with which figure: the cheapest whole answer, not one pair after the other."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from figureground.errors import MissingExtraError

Pairs = npt.NDArray[np.int64]
_FORBIDDEN = 1e9


def require_scipy() -> None:
    """Raise where scipy is not installed.

    Raises:
        MissingExtraError: it is not; the message holds the cure.
    """
    try:
        import scipy.optimize  # noqa: F401
    except ImportError as error:
        raise MissingExtraError('tracking needs scipy: pip install "figureground[tracks]"') from error


def assigned(cost: npt.NDArray[np.float64]) -> Pairs:
    """(k, 2) rows and columns of the pairs with the least sum of `cost` (n, m); infinite is forbidden.

    As many pairs as can be are made (the Hungarian method; Crouse, On implementing 2D rectangular
    assignment algorithms, 2016, in scipy). Pairs come in the order of their rows.

    Example:
        >>> assigned(np.array([[1.0, 2.0], [1.5, 9.0], [np.inf, np.inf]])).tolist()
        [[0, 1], [1, 0]]
    """
    from scipy.optimize import linear_sum_assignment

    allowed = np.isfinite(cost)
    if not allowed.any():
        return np.empty((0, 2), np.int64)
    rows, columns = linear_sum_assignment(np.where(allowed, cost, _FORBIDDEN))
    good = allowed[rows, columns]
    return np.stack([rows[good], columns[good]], axis=1).astype(np.int64)


def groups(rows: Pairs, columns: Pairs) -> Iterator[npt.NDArray[np.int64]]:
    """Positions of the pairs (row, column) that hang together, group by group: they share rows or columns.

    Each group can be solved for itself, which keeps a thousand figures cheap. Pairs alone come first.

    Example:
        >>> [group.tolist() for group in groups(np.array([0, 0, 3]), np.array([1, 2, 0]))]
        [[2], [0, 1]]
    """
    if not len(rows):
        return
    alone = (np.bincount(rows)[rows] == 1) & (np.bincount(columns)[columns] == 1)
    yield from np.flatnonzero(alone)[:, None]
    others = np.flatnonzero(~alone)
    if not len(others):
        return
    rows, columns = rows[others], columns[others]
    parent = list(range(int(rows.max()) + 1))
    owner: dict[int, int] = {}

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        other = owner.setdefault(column, row)
        a, b = root(row), root(other)
        parent[max(a, b)] = min(a, b)
    roots = np.array([root(row) for row in rows.tolist()])
    order = np.argsort(roots, kind="stable")
    yield from np.split(others[order], np.flatnonzero(np.diff(roots[order])) + 1)
