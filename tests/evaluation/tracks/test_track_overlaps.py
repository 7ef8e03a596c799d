import numpy as np
import pytest

from figureground.evaluation.tracks.overlaps import Overlaps

GOOD = {
    "truth_frames": [2, 2, 5],
    "truth_ids": [9, 4, 9],
    "found_frames": [2, 5],
    "found_ids": [0, 7],
    "pairs": [[0, 0], [1, 0], [2, 1]],
    "overlap": [0.5, 0.25, 1.0],
}


def overlaps(**changed: object) -> Overlaps:
    return Overlaps(**{**GOOD, **changed})  # type: ignore[arg-type]


def test_ids_are_numbered_in_their_order() -> None:
    both = overlaps()
    assert both.truth_ids.tolist() == [1, 0, 1]
    assert [ids.tolist() for ids in both.pair_ids()] == [[1, 0, 1], [0, 0, 1]]
    assert [frames.tolist() for frames in both.frames_of_each()] == [[1, 2], [1, 1]]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"truth_ids": [9, 9, 9]}, "an id of truth is twice in frame 2"),
        ({"found_frames": [2, 2], "found_ids": [7, 7]}, "an id of found is twice in frame 2"),
        ({"truth_frames": [5, 2, 2]}, "must not fall"),
        ({"truth_ids": [9, 4]}, "3 frames and 2 ids"),
        ({"pairs": [[0, 0], [1, 1], [2, 1]]}, "two frames"),
        ({"pairs": [[0, 0], [1, 0], [3, 1]]}, "not there"),
        ({"pairs": [[0, 0], [0, 0], [2, 1]]}, "rise"),
        ({"overlap": [0.5, 0.0, 1.0]}, "above 0"),
        ({"overlap": [0.5, np.nan, 1.0]}, "above 0"),
        ({"overlap": [0.5]}, "do not fit"),
    ],
)
def test_what_makes_no_sense_is_refused(changed: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        overlaps(**changed)
