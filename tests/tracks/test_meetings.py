import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from figureground.tracks import meetings as tested
from figureground.tracks.meetings import box_overlap, meetings

boxes = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 9), st.integers(0, 9), st.integers(0, 5), st.integers(0, 5)),
    max_size=9,
)
Boxes = list[tuple[int, int, int, int, int]]


def columns(made: Boxes) -> tuple[np.ndarray, np.ndarray]:
    rows = np.array(sorted(made), np.int64).reshape(-1, 5)
    corners = np.concatenate([rows[:, 1:3], rows[:, 1:3] + rows[:, 3:]], axis=1)
    return rows[:, 0], corners.astype(np.float32)


@given(boxes, boxes, st.integers(1, 20))
@settings(max_examples=100, deadline=None)
def test_meetings_are_those_of_looking_at_every_pair(one: Boxes, two: Boxes, at_once: int) -> None:
    (frames, first), (others, second) = columns(one), columns(two)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tested, "AT_ONCE", at_once)
        found = [pair for part in meetings(frames, first, others, second) for pair in zip(*part, strict=True)]
    expected = []
    for i, (frame, a) in enumerate(zip(frames, first, strict=True)):
        for j, (other, b) in enumerate(zip(others, second, strict=True)):
            apart = a[0] >= b[2] or b[0] >= a[2] or a[1] >= b[3] or b[1] >= a[3]
            if frame == other and not apart:
                expected.append((i, j))
    assert found == expected


def test_overlap_of_boxes_by_hand() -> None:
    one = np.array([[0, 0, 10, 10], [0, 0, 10, 10], [5, 5, 5, 5]], np.float32)
    two = np.array([[5, 0, 15, 10], [10, 0, 20, 10], [5, 5, 5, 5]], np.float32)
    assert box_overlap(one, two).tolist() == [pytest.approx(1 / 3), 0, 0]
