import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lanes import SIZE, Animal, animals_to_tracks, cure_to_correction, lane, renamed, three, without_masks

from figureground.errors import InputError
from figureground.review.corrections import corrected_ids
from figureground.review.log import with_ids
from figureground.review.suspicious.find import find_suspicious
from figureground.review.suspicious.place import KINDS, Suspicion
from figureground.tracks import Outlines, TrackInfo, Tracks

END = 1000


def found(tracks: Tracks) -> list[tuple[str, int, tuple[int, ...]]]:
    return [(one.kind, one.frame, one.ids) for one in find_suspicious(tracks)]


def cured(tracks: Tracks, one: Suspicion) -> Tracks:
    correction = cure_to_correction(one.cure, int(tracks.id.max()) + 1)
    return with_ids(tracks, corrected_ids(tracks.frame, tracks.id, [correction]))


def test_animals_that_walk_in_their_lanes_are_not_suspicious() -> None:
    assert found(three()) == []
    assert found(without_masks(three())) == []
    assert found(three(1)) == []
    assert found(Tracks.from_instances([], TrackInfo("a", SIZE))) == []


def test_every_tenth_frame_alone_is_not_suspicious_either() -> None:
    tracks = three(60)
    sparse = tracks.select(tracks.frame % 10 == 0)
    kept = tracks.frames % 10 == 0
    assert found(Tracks(**{**vars(sparse), "frames": tracks.frames[kept], "times": tracks.times[kept]})) == []


@pytest.mark.parametrize("frame", [1, 20, 59])
def test_a_swap_is_found_and_its_cure_cures(frame: int) -> None:
    tracks = renamed(three(), (1, 3, frame, END), (3, 1, frame, END))
    (one,) = find_suspicious(tracks)
    assert (one.kind, one.frame, one.last, one.ids) == ("swap", frame, frame, (1, 3))
    assert one.cure == f"swap 1 3 --from {frame}"
    assert one.figures == 2 * min(frame, 60 - frame) and one.doubt > 0.9
    assert found(cured(tracks, one)) == []


def test_a_swap_of_three_is_found_as_jumps() -> None:
    tracks = renamed(three(), (1, 2, 20, END), (2, 3, 20, END), (3, 1, 20, END))
    assert {kind for kind, _, _ in found(tracks)} <= {"swap", "jump"}
    assert {frame for _, frame, _ in found(tracks)} == {20}


def test_a_jump_is_found_and_tells_how_far() -> None:
    jumper = Animal(2, lambda frame: (30 + 2 * frame, 100 if frame < 40 else 20))
    (one,) = find_suspicious(animals_to_tracks([jumper]))
    assert (one.kind, one.frame, one.ids, one.figures) == ("jump", 40, (2,), 20)
    assert one.text == "moves 80 pixels in one frame, where 2.0 a frame are usual"
    assert one.doubt == pytest.approx(1 - (11 + 8 * 2) / np.hypot(80, 2))


def test_a_track_that_goes_on_under_another_id_is_broken_and_merging_cures() -> None:
    tracks = renamed(three(), (2, -1, 30, 33), (2, 9, 33, END))
    (one,) = find_suspicious(tracks)
    assert (one.kind, one.frame, one.last, one.ids, one.figures) == ("broken", 29, 33, (2, 9), 27)
    assert (one.text, one.cure) == (
        "id 2 ends, and 4 frames later id 9 begins 8 pixels away",
        "merge 2 9",
    )
    assert found(cured(tracks, one)) == [("flicker", 30, (2,))]


def test_births_and_deaths_away_from_the_border_are_found_and_at_the_border_not() -> None:
    tracks = renamed(three(), (2, -1, 0, 25))
    assert found(tracks) == [("birth", 25, (2,))]
    assert find_suspicious(tracks)[0].figures == 25
    assert found(renamed(three(), (2, -1, 40, END))) == [("death", 39, (2,))]
    comes = Animal(4, lambda frame: None if frame < 25 else (2 * (frame - 25), 110))
    goes = Animal(5, lambda frame: (100 + 4 * frame, 85) if 100 + 4 * frame <= SIZE[1] - 11 else None)
    kinds = {kind for kind, _, _ in found(animals_to_tracks([comes, goes, Animal(1, lane(1))]))}
    assert kinds == {"count"}  # that there are more, or fewer, is told all the same


@pytest.mark.parametrize(
    ("changes", "expected", "text"),
    [
        ([(2, -1, 30, 31)], ("flicker", 30, 30, (2,), 1), "is missing in one frame"),
        ([(2, -1, 30, 32), (2, -1, 37, 40)], ("flicker", 30, 39, (2,), 5), "is missing in 5 frames, 2 times"),
        ([(2, -1, 5, 55), (2, 8, 29, 31)], ("flicker", 29, 30, (8,), 2), "is there for 2 frames only"),
        ([(2, -1, 20, 45)], ("gap", 20, 44, (2,), 15), "is away for 25 frames, and comes back"),
    ],
)
def test_interrupted_tracks_are_found(
    changes: list[tuple[int, int, int, int]], expected: tuple[object, ...], text: str
) -> None:
    everything = find_suspicious(renamed(three(), *changes))
    (one,) = [one for one in everything if one.kind == expected[0] and one.text == text]
    assert (one.kind, one.frame, one.last, one.ids, one.figures) == expected
    assert not any(other.kind == "count" for other in everything)  # they tell why the count changes


def test_figures_that_cover_each_other_are_found() -> None:
    over = Animal(7, lambda frame: (33 + 2 * frame, 60) if 20 <= frame < 30 else None)
    tracks = animals_to_tracks([Animal(1, lane(1)), Animal(2, lane(2)), over])
    (one,) = [one for one in find_suspicious(tracks) if one.kind == "overlap"]
    assert (one.frame, one.last, one.ids, one.figures) == (20, 29, (2, 7), 10)
    assert one.text == "cover each other in 10 frames, up to 73% of the smaller one"
    assert one.doubt == pytest.approx(8 / 11)
    boxes = [each for each in find_suspicious(without_masks(tracks)) if each.kind == "overlap"]
    assert [each.frame for each in boxes] == [20]


def test_boxes_that_overlap_while_masks_hardly_do_are_not_suspicious() -> None:
    near = animals_to_tracks([Animal(1, lane(1)), Animal(2, lambda frame: (31 + 2 * frame, 41))])
    assert found(near) == []  # a seventh of each is shared
    assert {kind for kind, _, _ in found(without_masks(near))} == set()


def crossing(swapped: bool) -> Tracks:
    """A large and a small animal meet in frame 30, and pass."""
    large = Animal(1, lambda frame: (30 + 2 * frame, 50), 17, 9)
    small = Animal(2, lambda frame: (152 - 2 * frame, 57), 9, 5)
    tracks = animals_to_tracks([large, small])
    return renamed(tracks, (1, 2, 31, END), (2, 1, 31, END)) if swapped else tracks


def test_a_swap_of_sizes_in_a_meeting_is_found() -> None:
    assert "size swap" not in {kind for kind, _, _ in found(crossing(False))}
    (one,) = [one for one in find_suspicious(crossing(True)) if one.kind == "size swap"]
    assert one.ids == (1, 2) and 25 <= one.frame <= 31 <= one.last <= 36
    assert "size swap" not in {kind for kind, _, _ in found(cured(crossing(True), one))}


def test_counts_that_nothing_else_tells_of() -> None:
    gone = Animal(3, lambda frame: (0, 85) if not 20 <= frame < 50 else None)
    both = [Animal(1, lane(1, speed=1)), Animal(2, lane(2, speed=1))]
    everything = find_suspicious(animals_to_tracks([*both, gone], 100))
    assert [one.kind for one in everything] == ["gap"]
    away = Animal(3, lambda frame: (0, 85) if frame < 70 else None)
    (one,) = find_suspicious(animals_to_tracks([*both, away], 85))
    assert (one.kind, one.frame, one.last, one.ids, one.figures) == ("count", 70, 84, (), 15)
    assert one.text == "2 figures in 15 frames, where 3 are usual"
    assert one.doubt == pytest.approx(70 / 85)


def test_the_order_is_by_how_much_it_matters() -> None:
    swap = renamed(three(), (1, 3, 30, END), (3, 1, 30, END), (2, -1, 50, 51))
    kinds = [one.kind for one in find_suspicious(swap)]
    assert kinds == ["swap", "flicker"]


@given(st.lists(st.tuples(*[st.integers(1, 4)] * 2, *[st.integers(0, 40)] * 2), max_size=6), st.booleans())
@settings(max_examples=60, deadline=None)
def test_whatever_is_wrong_the_list_is_in_order_and_makes_sense(
    faults: list[tuple[int, int, int, int]], bare: bool
) -> None:
    tracks = three(40)
    ids = tracks.id.copy()
    for old, new, start, stop in faults:
        after = np.where((ids == old) & (tracks.frame >= start) & (tracks.frame < stop), new - 2, ids)
        left = after[after >= 0] * 1000 + tracks.frame[after >= 0]
        ids = np.where(after < 0, -1, after) if len(set(left.tolist())) == len(left) else ids
    faulty = with_ids(tracks, ids)
    everything = find_suspicious(without_masks(faulty) if bare else faulty)
    weights = [one.matters for one in everything]
    assert weights == sorted(weights, reverse=True)
    for one in everything:
        assert one.kind in KINDS and 0 < one.doubt <= 1 and one.figures >= 0 and one.text
        assert one.frame <= one.last and {one.frame, one.last} <= {*tracks.frames.tolist()}
        assert {*one.ids} <= {*faulty.ids.tolist()}


def test_damaged_outlines_are_told() -> None:
    over = Animal(7, lambda frame: (33 + 2 * frame, 60))
    tracks = animals_to_tracks([Animal(2, lane(2)), over], 5)
    texts = [b"72o0\xff"] * len(tracks)
    damaged = Tracks(**{**vars(tracks), "masks": Outlines.from_texts(texts, SIZE, "x.parquet")})
    with pytest.raises(InputError, match=r"x\.parquet: outlines are damaged"):
        find_suspicious(damaged)


def test_times_that_make_no_sense_are_no_trouble() -> None:
    tracks = three(30)
    still = Tracks(**{**vars(tracks), "times": np.array([[0, 1]] * 30)})
    assert found(still) == []
