"""Outlines as pycocotools takes them, which looks at run lengths without making masks of them."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from figureground.errors import InputError
from figureground.instances import IntArray
from figureground.tracks.outlines import Outlines

_AT_ONCE = 1 << 17  # characters that are looked at together: what the processor has at hand
_MOST_GROUPS = 6  # characters of a number: 29 bits and a sign are more than any frame has pixels


def check_texts(outlines: Outlines) -> None:
    """Make sure that all outlines are whole, for pycocotools, which checks nothing.

    With a text that is cut it would read beyond its end, and with runs that do not add up to the frame it
    would never come back. Costs about a second for a million figures.

    Raises:
        InputError: an outline is damaged.

    Example:
        >>> check_texts(Outlines.from_texts([b"72j0", b""], (5, 7)))
    """
    known = np.flatnonzero(outlines.known)
    for rows in _parts(known, outlines.ends[known] - outlines.starts[known]):
        text, starts = _joined(outlines, rows)
        if not _are_whole(text, starts, outlines.size[0] * outlines.size[1]):
            raise InputError(
                f"{outlines.origin or 'tracks'}: outlines are damaged: they are no COCO run lengths"
            )


def rows_to_rles(outlines: Outlines, rows: Iterable[int]) -> list[dict[str, Any]]:
    """Those of the figures at `rows`, for pycocotools' `iou`, `area`, `decode`; call `check_texts` before.

    Example:
        >>> rows_to_rles(Outlines.from_texts([b"72j0"], (5, 7)), [0])
        [{'size': (5, 7), 'counts': b'72j0'}]
    """
    return [{"size": outlines.size, "counts": outlines.text(row)} for row in rows]


def _parts(rows: IntArray, lengths: IntArray) -> Iterator[IntArray]:
    """`rows` in pieces of about _AT_ONCE characters, at least one row each."""
    pieces = (np.cumsum(lengths) - lengths) // _AT_ONCE
    if len(rows):
        yield from np.split(rows, np.flatnonzero(np.diff(pieces)) + 1)


def _joined(outlines: Outlines, rows: IntArray) -> tuple[npt.NDArray[np.uint8], IntArray]:
    """The texts of `rows`, one after the other, and where each starts."""
    begin, end = outlines.starts[rows], outlines.ends[rows]
    if (begin[1:] == end[:-1]).all():
        return outlines.data[begin[0] : end[-1]], begin - begin[0]
    lengths = end - begin
    starts = np.cumsum(lengths) - lengths
    return outlines.data[np.arange(lengths.sum()) + np.repeat(begin - starts, lengths)], starts


def _are_whole(text: npt.NDArray[np.uint8], starts: IntArray, pixels: int) -> bool:
    """Whether each text is of runs that add up to `pixels`; how it is packed: see masks.string_to_counts.

    In 32 bits that wrap around, as pycocotools computes; half as fast in 64.
    """
    codes = text - np.uint8(48)  # wraps below the first character
    more = codes & 32
    if codes.max() > 63 or more[np.append(starts[1:], len(text)) - 1].any():
        return False
    lasts = np.flatnonzero(more == 0)
    firsts = np.empty_like(lasts)
    firsts[0], firsts[1:] = 0, lasts[:-1] + 1
    codes = codes.astype(np.int32)
    values = codes[firsts] & 31
    longer, place = np.flatnonzero(lasts > firsts), 1
    while len(longer):
        if place == _MOST_GROUPS:
            return False
        values[longer] |= (codes[firsts[longer] + place] & 31) << (5 * place)
        place += 1
        longer = longer[lasts[longer] - firsts[longer] >= place]
    below = np.flatnonzero(codes[lasts] & 16)
    values[below] -= np.int32(1) << (5 * (lasts[below] - firsts[below] + 1)).astype(np.int32)
    numbers = np.searchsorted(lasts, starts)  # the first number of each text
    counts = _undone_differences(values, numbers)
    fair = counts.min() >= 0 and counts.max() <= pixels
    return bool(fair and (np.add.reduceat(counts, numbers, dtype=np.int64) == pixels).all())


def _undone_differences(values: npt.NDArray[np.int32], firsts: IntArray) -> npt.NDArray[np.int32]:
    """The runs, of which all but the first three of a text are kept as differences to the one two before."""
    counts = np.empty_like(values)
    fresh = np.zeros(len(values) + 2, bool)
    for place in range(3):
        fresh[firsts + place] = True  # a text with fewer marks the next one's first ones, which are so anyway
    for parity in (0, 1):
        steps, begins = values[parity::2], np.flatnonzero(fresh[parity : len(values) : 2])
        sums = np.cumsum(steps, dtype=np.int32)
        if len(steps):
            before = sums[begins] - steps[begins]
            np.subtract(
                sums, np.repeat(before, np.diff(np.append(begins, len(steps)))), out=counts[parity::2]
            )
    return counts
