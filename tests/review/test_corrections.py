import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from figureground.errors import OptionError
from figureground.review.corrections import (
    GONE,
    Correction,
    Delete,
    Merge,
    Rename,
    Split,
    Swap,
    corrected_ids,
    correction_to_text,
)

# frame:              0  0  1  1  2  2  3  4  4
FRAMES = np.array([0, 0, 1, 1, 2, 2, 3, 4, 4])
IDS = np.array([3, 7, 3, 7, 3, 9, 9, 3, 9])


@pytest.mark.parametrize(
    ("correction", "expected", "said"),
    [
        (Swap(3, 7, 1), [3, 7, 7, 3, 7, 9, 9, 7, 9], "swapped ids 3 and 7 from frame 1 on"),
        (Swap(3, 7, 2), [3, 7, 3, 7, 7, 9, 9, 7, 9], "swapped ids 3 and 7 from frame 2 on"),
        (Merge(7, 9), [3, 7, 3, 7, 3, 7, 7, 3, 7], "merged id 9 into id 7"),
        (Split(3, 2, 0), [3, 7, 3, 7, 0, 9, 9, 0, 9], "split id 3: from frame 2 on it is id 0"),
        (Delete(9), [3, 7, 3, 7, 3, -1, -1, 3, -1], "deleted id 9"),
        (Delete(3, 1, 4), [3, 7, -1, 7, -1, 9, 9, 3, 9], "deleted id 3 from frame 1 to before frame 4"),
        (Delete(3, None, 1), [-1, 7, 3, 7, 3, 9, 9, 3, 9], "deleted id 3 to before frame 1"),
        (Delete(3, 4), [3, 7, 3, 7, 3, 9, 9, -1, 9], "deleted id 3 from frame 4 on"),
        (Rename(9, 0), [3, 7, 3, 7, 3, 0, 0, 3, 0], "renamed id 9 to 0"),
    ],
)
def test_each_kind_by_hand(correction: Correction, expected: list[int], said: str) -> None:
    assert corrected_ids(FRAMES, IDS, [correction]).tolist() == expected
    assert correction_to_text(correction) == said


@pytest.mark.parametrize(
    ("correction", "said"),
    [
        (Swap(3, 4, 0), "there is no id 4; there are: 3, 7, 9"),
        (Swap(3, 3, 0), "with itself; name two"),
        (Swap(7, 3, 5), "neither id 7 nor 3 is there from frame 5 on"),
        (Merge(3, 7), r"ids 3 and 7 are both in frame 0 \(2 such frames in all\).*delete one of them there"),
        (Merge(3, 3), "with itself"),
        (Split(3, 0, 5), "id 3 is not there before frame 0; to rename all of it, use rename"),
        (Split(7, 2, 5), "id 7 is not there from frame 2 on"),
        (Split(3, 2, 7), "id 7 is taken; give a number that nobody has"),
        (Rename(3, 9), "id 9 is taken"),
        (Rename(3, 3), "id 3 is taken"),
        (Delete(7, 2, 5), "id 7 is not there from frame 2 to before frame 5"),
        (Delete(7, 2, 2), "there is nothing to delete"),
        (Delete(8), "there is no id 8"),
    ],
)
def test_what_cannot_be_made_is_refused_and_says_why(correction: Correction, said: str) -> None:
    with pytest.raises(OptionError, match=said):
        corrected_ids(FRAMES, IDS, [correction])


def test_a_correction_names_the_ids_after_the_ones_before_it() -> None:
    steps: list[Correction] = [Delete(7), Rename(9, 7), Swap(3, 7, 2), Merge(3, 7)]
    with pytest.raises(OptionError, match="both in frame 2"):
        corrected_ids(FRAMES, IDS, steps)
    assert corrected_ids(FRAMES, IDS, steps[:3]).tolist() == [3, -1, 3, -1, 7, 3, 3, 7, 3]
    with pytest.raises(OptionError, match="there is no id 7; there are: none"):
        corrected_ids(FRAMES[:1], IDS[:1], [Delete(3), Rename(7, 1)])


def test_the_input_stays() -> None:
    ids = IDS.copy()
    corrected_ids(FRAMES, ids, [Delete(3), Rename(7, 1)])
    assert ids.tolist() == IDS.tolist()


@st.composite
def figures(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """A few ids in a few frames."""
    there = draw(st.lists(st.sets(st.integers(0, 4), min_size=1), min_size=1, max_size=7))
    pairs = [(frame, one) for frame, ids in enumerate(there) for one in sorted(ids)]
    frames, ids = zip(*pairs, strict=True)
    return np.array(frames), np.array(ids)


corrections = st.one_of(
    st.builds(Swap, st.integers(0, 5), st.integers(0, 5), st.integers(0, 7)),
    st.builds(Merge, st.integers(0, 5), st.integers(0, 5)),
    st.builds(Split, st.integers(0, 5), st.integers(0, 7), st.integers(0, 9)),
    st.builds(Delete, st.integers(0, 5), st.none() | st.integers(0, 7), st.none() | st.integers(0, 7)),
    st.builds(Rename, st.integers(0, 5), st.integers(0, 9)),
)


@given(figures(), st.lists(corrections, max_size=8))
@settings(max_examples=200, deadline=None)
def test_no_id_is_ever_twice_in_a_frame_and_swapping_twice_is_nothing(
    made: tuple[np.ndarray, np.ndarray], steps: list[Correction]
) -> None:
    frames, ids = made
    for step in steps:
        try:
            after = corrected_ids(frames, ids, [step])
        except OptionError:
            continue
        left = [(f, i) for f, i in zip(frames.tolist(), after.tolist(), strict=True) if i != GONE]
        assert len(set(left)) == len(left)
        assert ((after == GONE) >= (ids == GONE)).all()
        if isinstance(step, Swap):
            again = corrected_ids(frames, after, [step]) if {step.first, step.second} <= {*after} else None
            assert again is None or (again == ids).all()
        ids = after
