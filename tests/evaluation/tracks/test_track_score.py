import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_tracks import Figure, figures_to_tracks, random_case

from figureground.errors import InputError, OptionError
from figureground.evaluation.tracks import beside
from figureground.evaluation.tracks.score import score_tracks
from figureground.tracks import Outlines, Tracks, meetings

LEFT, RIGHT, FAR = (5, 7, 11, 13), (40, 7, 11, 13), (70, 50, 11, 13)


def frames(*ids: tuple[int | None, int | None]) -> Tracks:
    """Frame by frame, the id of a figure on the left and of one on the right; None where there is none."""
    pairs = [[(name, *place) for name, place in zip(two, (LEFT, RIGHT), strict=True)] for two in ids]
    return figures_to_tracks([[one for one in pair if one[0] is not None] for pair in pairs])


def test_two_figures_that_swap_halfway_by_hand() -> None:
    score, switches = score_tracks(frames(*[(1, 2)] * 4), frames(*[(7, 8)] * 2, *[(8, 7)] * 2))
    assert (score.hota.det_a, score.identity.idf1) == (1, 0.5)
    assert score.hota.ass_a == pytest.approx(1 / 3)  # of 6 frames in which one is, they share 2
    assert score.hota.hota == pytest.approx(math.sqrt(1 / 3))
    assert (score.clear.switches, score.clear.mota, score.clear.motp) == (2, 6 / 8, 1)
    assert score.hours == pytest.approx(0.8 / 3600)
    assert score.switches_per_hour == pytest.approx(9000)
    assert switches.frames.tolist() == [2, 2]
    assert list(zip(switches.truth, switches.before, switches.after, strict=True)) == [(1, 7, 8), (2, 8, 7)]


def test_a_switch_over_a_gap_counts_once() -> None:
    score, switches = score_tracks(
        frames(*[(1, None)] * 5), frames((7, 9), (None, 9), (None, 9), (3, 9), (3, 9))
    )
    assert (score.clear.switches, score.clear.missed, score.clear.invented) == (1, 2, 5)
    assert (switches.frames.tolist(), switches.before.tolist(), switches.after.tolist()) == ([3], [7], [3])
    assert score.clear.mota == pytest.approx((3 - 5 - 1) / 5)
    assert (score.identity.idr, score.identity.idp) == (2 / 5, 2 / 8)


@pytest.mark.parametrize("seed", range(4))
def test_the_truth_itself_is_perfect_and_names_do_not_matter(seed: int) -> None:
    truth, result = (figures_to_tracks(one) for one in random_case(seed))
    perfect, switches = score_tracks(truth, truth)
    assert (perfect.hota.hota, perfect.identity.idf1, perfect.clear.mota) == (pytest.approx(1), 1, 1)
    assert len(switches.frames) == 0
    again = {name: replace(one, id=one.id * 3 + 17) for name, one in (("t", truth), ("r", result))}
    first, second = score_tracks(truth, result)[0], score_tracks(again["t"], again["r"])[0]
    assert (first.hota.hota, first.identity, first.clear) == (second.hota.hota, second.identity, second.clear)


def test_nothing_is_no_number_and_no_fault() -> None:
    none, some = frames((None, None)), frames((1, 2))
    empty, _ = score_tracks(none, none)
    values = (
        empty.hota.hota,
        empty.identity.idf1,
        empty.clear.mota,
        empty.clear.motp,
        empty.switches_per_hour,
    )
    assert all(math.isnan(value) for value in values)
    lost, _ = score_tracks(some, none)
    assert (lost.hota.hota, lost.identity.idf1, lost.clear.mota) == (0, 0, 0)
    made, _ = score_tracks(none, some)
    assert (made.hota.hota, made.identity.idp, math.isnan(made.clear.mota)) == (0, 0, True)


def test_only_frames_of_the_truth_count_and_those_not_looked_at_are_told() -> None:
    truth, result = frames(*[(1, 2)] * 10), frames(*[(1, 2)] * 10)
    sparse = truth.select(truth.frame % 3 == 0)
    sparse = replace(sparse, frames=truth.frames[::3], times=truth.times[::3])
    score, _ = score_tracks(sparse, result)
    assert (score.frames, score.unseen, score.identity.idf1, score.tracks) == (4, 0, 1, 2)
    assert score.hours == pytest.approx(8 * 0.3 / 3600)
    late, _ = score_tracks(truth, result.between(3, 10))
    assert (late.unseen, late.identity.missed) == (3, 6)


def test_scores_of_videos_add_up() -> None:
    one, _ = score_tracks(frames((1, 2)), frames((1, 2)))
    two, _ = score_tracks(frames((1, 2)), frames((1, None)))
    both = one + two
    assert (both.identity.idr, both.clear.mota, both.frames, both.animals) == (0.75, 0.75, 2, 4)
    assert both.hota.det_a == 0.75


def test_masks_where_all_have_them_else_boxes() -> None:
    truth, result = (figures_to_tracks(one) for one in random_case(3))
    bare = replace(result, masks=Outlines.from_texts([b""] * len(result), result.info.size))
    assert score_tracks(truth, result)[0].on == "masks"
    assert score_tracks(truth, bare)[0].on == "boxes"
    same, _ = score_tracks(truth, result, on="boxes")
    assert score_tracks(truth, bare)[0].clear == same.clear
    with pytest.raises(OptionError, match="the result: not every figure has a mask; compare on boxes"):
        score_tracks(truth, bare, on="masks")
    with pytest.raises(OptionError, match="auto, masks, boxes; got 'points'"):
        score_tracks(truth, result, on="points")


def test_tracks_of_another_size_are_refused() -> None:
    truth = frames((1, 2))
    other = Tracks.from_instances([], replace(truth.info, size=(5, 7)))
    with pytest.raises(InputError, match="97 x 83 pixels, the result 7 x 5"):
        score_tracks(truth, other)


@pytest.mark.parametrize("text", [b"72o0\xff", b"72o0 ", b"72oP"])
def test_damaged_outlines_of_a_stranger_are_refused(text: bytes) -> None:
    truth = frames((1, None))
    damaged = replace(truth, masks=Outlines.from_texts([text], truth.info.size, "b.parquet"))
    with pytest.raises(InputError, match=r"b\.parquet: outlines are damaged"):
        score_tracks(truth, damaged)


@given(st.integers(30, 60), st.integers(1, 40))
@settings(max_examples=15, deadline=None)
def test_looking_at_few_pairs_together_gives_the_same(seed: int, at_once: int) -> None:
    truth, result = (figures_to_tracks(one) for one in random_case(seed))
    whole = {on: beside.lay_beside(truth, result, on) for on in ("boxes", "masks")}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(beside, "AT_ONCE", at_once)
        patch.setattr(meetings, "AT_ONCE", at_once)
        for on, both in whole.items():
            few = beside.lay_beside(truth, result, on)
            assert np.array_equal(few.pairs, both.pairs) and np.array_equal(few.overlap, both.overlap)


def test_overlap_on_boxes_by_hand() -> None:
    truth: list[list[Figure]] = [[(1, 10, 20, 10, 10)]]
    moved, _ = score_tracks(figures_to_tracks(truth), figures_to_tracks([[(1, 12, 20, 10, 10)]]), on="boxes")
    assert moved.clear.motp == pytest.approx(8 / 12)
    beside_it, _ = score_tracks(
        figures_to_tracks(truth), figures_to_tracks([[(1, 20, 20, 10, 10)]]), on="boxes"
    )
    assert beside_it.clear.hits == 0
    assert Fraction(beside_it.frames) == 1
