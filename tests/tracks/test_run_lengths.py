import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco

from figureground.errors import InputError
from figureground.masks import counts_to_mask, string_to_counts
from figureground.tracks import Outlines, run_lengths
from figureground.tracks.run_lengths import check_texts, rows_to_rles

SIZE = (5, 7)
characters = st.binary(min_size=1, max_size=9).map(lambda text: bytes(48 + one % 64 for one in text))
masks = st.integers(0, 2 ** (SIZE[0] * SIZE[1]) - 1)


def packed(bits: int) -> bytes:
    """The text that pycocotools makes of a mask whose pixels are the bits of a number."""
    flat = [bits >> place & 1 for place in range(SIZE[0] * SIZE[1])]
    return coco.encode(np.asfortranarray(np.reshape(flat, SIZE).astype(np.uint8)))["counts"]


def is_whole(text: bytes) -> bool:
    """Whether the reader of single masks takes it."""
    try:
        counts_to_mask(string_to_counts(text), SIZE)
    except ValueError:
        return False
    return True


def passes(texts: list[bytes]) -> bool:
    try:
        check_texts(Outlines.from_texts(texts, SIZE))
    except InputError:
        return False
    return True


@given(st.lists(masks.map(packed) | st.just(b""), max_size=6), st.integers(1, 30))
@settings(max_examples=150, deadline=None)
def test_what_pycocotools_makes_is_whole(texts: list[bytes], at_once: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_lengths, "_AT_ONCE", at_once)
        check_texts(Outlines.from_texts(texts, SIZE))
        outlines = Outlines.from_texts([b"?", *texts, b"?"], SIZE).take(np.arange(len(texts), 0, -1))
        check_texts(outlines)  # not in order of the texts
    rles = rows_to_rles(outlines, range(len(texts)))
    assert [one["counts"] for one in rles] == texts[::-1]


@given(st.lists(masks.map(packed), max_size=2), characters, st.lists(masks.map(packed), max_size=2))
@example([], b"72o0", [])
@example([], b"S1", [])
@example([b"S1"], b"S", [b"1"])
@settings(max_examples=400, deadline=None)
def test_a_text_passes_among_others_if_the_reader_of_single_masks_takes_it(
    before: list[bytes], text: bytes, after: list[bytes]
) -> None:
    assert passes([*before, text, *after]) == all(map(is_whole, [*before, text, *after]))


@pytest.mark.parametrize(
    "text", [b"72o0\xff", b"72o0 ", b"72oP", b"72o1", b"7", b"oooooooo0", b"P" * 20 + b"0"]
)
def test_what_would_hang_or_crash_pycocotools_is_refused(text: bytes) -> None:
    with pytest.raises(InputError, match=r"^a\.parquet: outlines are damaged"):
        check_texts(Outlines.from_texts([b"72j0", text], SIZE, "a.parquet"))


def test_none_is_fine() -> None:
    check_texts(Outlines.from_texts([], SIZE))
    check_texts(Outlines.from_texts([b"", b""], SIZE))
