"""Deal groups of pictures out to parts, so that each part gets its share of every class."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

PICTURES = -1
"""The key in a group's counts under which its pictures are counted; the others are classes."""

CELLS = 10_000_000  # groups x classes x moves that are afforded
FEW, STARTS = 20_000, 30  # groups x classes for which chance deals too, and how often
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def stratify(groups: Sequence[dict[int, int]], fractions: Sequence[float]) -> list[int]:
    """The part that each group goes to.

    Iterative stratification (Sechidis, Tsoumakas, Vlahavas: On the stratification of multi-label data, 2011,
    algorithm 1), with groups for examples and counts of figures for labels: the class with the fewest figures
    left is dealt out first, its largest group first, each to the part that lacks most of it. A part that got
    nothing is then given the smallest group of another that has several. Last, as long as moving a single
    group brings the parts nearer to what they should have, the best such move is made. Nearer is by Pearson's
    chi-square, the sum of (has - should have)^2 / should have over the classes, and over pictures with the
    weight of all classes. A few groups (videos) are also dealt out by chance, 30 times, and moved; the
    nearest of all is taken. With more than 10 million groups x classes none is moved, as it changes next to
    nothing there.

    Args:
        groups: how many figures each has of each class, and pictures under PICTURES; ties are dealt out in
            this order.
        fractions: of the parts; together 1.

    Example:
        >>> stratify([{PICTURES: 3, 7: 5}, {PICTURES: 3, 7: 5}, {PICTURES: 6, 7: 10}], [0.5, 0.5])
        [1, 1, 0]
    """
    parts = _dealt(groups, fractions)
    _fill_empty(parts, groups, len(fractions))
    if groups and len(fractions) > 1:
        _mend(parts, groups, fractions)
    return parts


def _dealt(groups: Sequence[dict[int, int]], fractions: Sequence[float]) -> list[int]:
    left: Counter[int] = Counter()
    members: dict[int, list[int]] = {}
    for place, group in enumerate(groups):
        left.update(group)
        for key in group:
            members.setdefault(key, []).append(place)
    lacks = {key: [number * fraction for fraction in fractions] for key, number in left.items()}
    parts = [-1] * len(groups)
    while any(number for key, number in left.items() if key != PICTURES):
        rarest = min((number, key) for key, number in left.items() if number and key != PICTURES)[1]
        _deal(rarest, members[rarest], groups, parts, lacks, left)
    _deal(PICTURES, members.get(PICTURES, []), groups, parts, lacks, left)
    return parts


def _deal(
    key: int,
    members: Sequence[int],
    groups: Sequence[dict[int, int]],
    parts: list[int],
    lacks: dict[int, list[float]],
    left: Counter[int],
) -> None:
    """Deal the groups that have `key` and no part yet, the largest first."""
    waiting = [place for place in members if parts[place] < 0]
    for place in sorted(waiting, key=lambda place: -groups[place][key]):
        lack, pictures = lacks[key], lacks[PICTURES]
        part = max(range(len(lack)), key=lambda part: (lack[part], pictures[part], -part))
        parts[place] = part
        for one, number in groups[place].items():
            lacks[one][part] -= number
            left[one] -= number


def _fill_empty(parts: list[int], groups: Sequence[dict[int, int]], count: int) -> None:
    sizes = Counter(parts)
    for empty in (part for part in range(count) if not sizes[part]):
        spare = [place for place, part in enumerate(parts) if sizes[part] > 1]
        if spare:
            place = min(spare, key=lambda place: groups[place][PICTURES])
            sizes[parts[place]] -= 1
            parts[place], sizes[empty] = empty, 1


def _mend(parts: list[int], groups: Sequence[dict[int, int]], fractions: Sequence[float]) -> None:
    """Move single groups as long as that brings `parts` nearer to the `fractions`."""
    keys = {key: place for place, key in enumerate(sorted({key for group in groups for key in group}))}
    if len(groups) * len(keys) > CELLS:
        return
    counts, wanted = _scaled(groups, keys), np.array(fractions)
    starts = [np.array(parts)]
    if len(groups) >= len(wanted) and counts.size <= FEW:
        chance = np.random.default_rng(0)
        dealt = [chance.choice(len(wanted), len(groups), p=wanted) for _ in range(STARTS)]
        starts += [one for one in dealt if len(set(one)) == len(wanted)]
    ends = [_moved(start, counts, wanted) for start in starts]
    parts[:] = min(ends, key=lambda end: round(end[0], 9))[1].tolist()


def _moved(owners: Ints, counts: Floats, wanted: Floats) -> tuple[float, Ints]:
    """`owners` after the best moves, one at a time, and before them how far they then are off."""
    over = np.stack([counts[owners == part].sum(0) for part in range(len(wanted))])
    over -= wanted[:, None] * counts.sum(0)
    squares = (counts**2).sum(1)[:, None]
    for _ in range(max(1, CELLS * 10 // counts.size)):
        move = _best_move(counts @ over.T, squares, owners, wanted)
        if move is None:
            break
        place, part = move
        over[owners[place]] -= counts[place]
        over[part] += counts[place]
        owners[place] = part
    return float(((over**2).sum(1) / wanted).sum()), owners


def _best_move(along: Floats, squares: Floats, owners: Ints, wanted: Floats) -> tuple[int, int] | None:
    """The group, and the part to move it to, that lessens chi-square most; None where none does.

    Where the new part has x too many and its share of all is f, k more change its term of a class by
    ((x + k)^2 - x^2) / f = (2 x k + k^2) / f; `along` is the sum over classes of x k, `squares` of k^2.
    """
    rows = np.arange(len(owners))
    own = owners, wanted[owners]
    gain = (2 * along + squares) / wanted
    loss = (squares[:, 0] - 2 * along[rows, own[0]]) / own[1]
    change = gain + loss[:, None]
    change[np.bincount(owners, minlength=len(wanted))[owners] == 1] = 0  # no part is emptied
    change[rows, owners] = 0
    place, part = np.unravel_index(np.argmin(change), change.shape)
    return (int(place), int(part)) if change[place, part] < -1e-9 else None


def _scaled(groups: Sequence[dict[int, int]], keys: dict[int, int]) -> Floats:
    """(groups, keys) float64: counts, each column over the root of its sum; pictures weigh as all classes."""
    counts = np.zeros((len(groups), len(keys)))
    for row, group in zip(counts, groups, strict=True):
        for key, number in group.items():
            row[keys[key]] = number
    scaled: Floats = counts / np.sqrt(np.maximum(counts.sum(0), 1))
    scaled[:, keys[PICTURES]] *= max(1, len(keys) - 1) ** 0.5
    return scaled
