"""Corrections of who is who: what each does to the ids of a video's figures."""

from collections.abc import Iterable
from typing import Annotated, TypeAlias

import msgspec
import numpy as np

from figureground.errors import OptionError
from figureground.instances import BoolArray, IntArray

GONE = -1
"""The id of a figure that is deleted."""

_Whole = Annotated[int, msgspec.Meta(ge=0, lt=1 << 62)]


class Swap(msgspec.Struct, frozen=True, tag="swap", tag_field="do", forbid_unknown_fields=True):
    """From a frame on, `first` is called `second` and `second` is called `first`; one may be gone by then."""

    first: _Whole
    second: _Whole
    frame: _Whole


class Merge(msgspec.Struct, frozen=True, tag="merge", tag_field="do", forbid_unknown_fields=True):
    """`other` is the same figure as `id`, and called so; they are never in one frame."""

    id: _Whole
    other: _Whole


class Split(msgspec.Struct, frozen=True, tag="split", tag_field="do", forbid_unknown_fields=True):
    """From a frame on, `id` is somebody else, who is called `new`."""

    id: _Whole
    frame: _Whole
    new: _Whole


class Delete(msgspec.Struct, frozen=True, tag="delete", tag_field="do", forbid_unknown_fields=True):
    """`id` is no figure: anywhere, or from the frame `start` to before the frame `stop`."""

    id: _Whole
    start: _Whole | None = None
    stop: _Whole | None = None


class Rename(msgspec.Struct, frozen=True, tag="rename", tag_field="do", forbid_unknown_fields=True):
    """`id` is called `new`, which nobody is called yet."""

    id: _Whole
    new: _Whole


Correction: TypeAlias = Swap | Merge | Split | Delete | Rename


def corrected_ids(frames: IntArray, ids: IntArray, corrections: Iterable[Correction]) -> IntArray:
    """The ids of figures after `corrections`, one after the other; GONE where a figure is deleted.

    The ids that a correction names are those after the ones before it.

    Args:
        frames: (n,) int64, in which frame each figure is.
        ids: (n,) int64, who it is; at most once a frame.
        corrections: in order.

    Raises:
        OptionError: a correction cannot be made: there is no such id, or one would be twice in a frame.

    Example:
        >>> frames, ids = np.array([0, 0, 1, 1]), np.array([3, 7, 3, 7])
        >>> corrected_ids(frames, ids, [Swap(3, 7, 1), Rename(3, 1)]).tolist()
        [1, 7, 7, 1]
    """
    ids = ids.copy()
    for one in corrections:
        ids[:] = _corrected(frames, ids, one)
    return ids


def _corrected(frames: IntArray, ids: IntArray, one: Correction) -> IntArray:
    match one:
        case Swap():
            return _swapped(frames, ids, one)
        case Merge():
            return _merged(frames, ids, one)
        case Split():
            return _split(frames, ids, one)
        case Delete():
            start, stop = one.start or 0, np.iinfo(np.int64).max if one.stop is None else one.stop
            if start >= stop:
                raise OptionError(f"from frame {start} to before frame {stop} there is nothing to delete")
            rows = _rows(ids, one.id) & (frames >= start) & (frames < stop)
            _require_some(rows, f"id {one.id} is not there from frame {start} to before frame {stop}")
            return np.where(rows, GONE, ids)
        case Rename():
            rows = _rows(ids, one.id)
            _require_new(ids, one.new)
            return np.where(rows, one.new, ids)


def _swapped(frames: IntArray, ids: IntArray, one: Swap) -> IntArray:
    if one.first == one.second:
        raise OptionError(f"id {one.first} cannot be swapped with itself; name two ids")
    later = frames >= one.frame
    first, second = _rows(ids, one.first) & later, _rows(ids, one.second) & later
    _require_some(
        first | second, f"neither id {one.first} nor {one.second} is there from frame {one.frame} on"
    )
    return np.where(first, one.second, np.where(second, one.first, ids))


def _merged(frames: IntArray, ids: IntArray, one: Merge) -> IntArray:
    if one.id == one.other:
        raise OptionError(f"id {one.id} cannot be merged with itself; name two ids")
    rows, others = _rows(ids, one.id), _rows(ids, one.other)
    both = np.intersect1d(frames[rows], frames[others])
    if len(both):
        raise OptionError(
            f"ids {one.id} and {one.other} are both in frame {both[0]} ({len(both)} such frames in all), so"
            " they are two figures; delete one of them there first"
        )
    return np.where(others, one.id, ids)


def _split(frames: IntArray, ids: IntArray, one: Split) -> IntArray:
    rows = _rows(ids, one.id)
    _require_new(ids, one.new)
    before, after = rows & (frames < one.frame), rows & (frames >= one.frame)
    _require_some(
        before, f"id {one.id} is not there before frame {one.frame}; to rename all of it, use rename"
    )
    _require_some(after, f"id {one.id} is not there from frame {one.frame} on")
    return np.where(after, one.new, ids)


def _rows(ids: IntArray, identity: int) -> BoolArray:
    rows: BoolArray = ids == identity
    if not rows.any():
        known = np.unique(ids[ids != GONE]).tolist()
        some = ", ".join(map(str, known[:20])) + (", ..." if len(known) > 20 else "")
        raise OptionError(f"there is no id {identity}; there are: {some or 'none'}")
    return rows


def _require_new(ids: IntArray, identity: int) -> None:
    if (ids == identity).any():
        raise OptionError(
            f"id {identity} is taken; give a number that nobody has, or merge the two, or swap them"
        )


def _require_some(rows: BoolArray, missing: str) -> None:
    if not rows.any():
        raise OptionError(missing)


def correction_to_text(one: Correction) -> str:
    """What a correction does, in words.

    Example:
        >>> correction_to_text(Delete(3, start=10))
        'deleted id 3 from frame 10 on'
    """
    match one:
        case Swap():
            return f"swapped ids {one.first} and {one.second} from frame {one.frame} on"
        case Merge():
            return f"merged id {one.other} into id {one.id}"
        case Split():
            return f"split id {one.id}: from frame {one.frame} on it is id {one.new}"
        case Rename():
            return f"renamed id {one.id} to {one.new}"
        case Delete():
            start = "" if one.start is None else f" from frame {one.start}"
            stop = f" to before frame {one.stop}" if one.stop is not None else " on" if start else ""
            return f"deleted id {one.id}{start}{stop}"
