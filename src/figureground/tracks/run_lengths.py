"""Outlines as pycocotools takes them, which looks at run lengths without making masks of them."""

from collections.abc import Iterable
from typing import Any

from figureground.errors import InputError
from figureground.tracks.outlines import Outlines


def check_texts(outlines: Outlines) -> None:
    """Make sure that pycocotools, which checks nothing, does not read beyond the end of a text.

    Raises:
        InputError: an outline holds characters that no run lengths have, or is cut.

    Example:
        >>> check_texts(Outlines.from_texts([b"72j0", b""], (5, 7)))
    """
    texts, ends = outlines.data, outlines.ends[outlines.known]
    if texts.size and (texts.min() < 48 or texts.max() > 111 or ((texts[ends - 1] - 48) & 32).any()):
        raise InputError(f"{outlines.origin or 'tracks'}: outlines are damaged: they are no COCO run lengths")


def rows_to_rles(outlines: Outlines, rows: Iterable[int]) -> list[dict[str, Any]]:
    """Those of the figures at `rows`, for pycocotools' `iou`, `area`, `decode`; call `check_texts` before.

    Example:
        >>> rows_to_rles(Outlines.from_texts([b"72j0"], (5, 7)), [0])
        [{'size': (5, 7), 'counts': b'72j0'}]
    """
    return [{"size": outlines.size, "counts": outlines.text(row)} for row in rows]
