"""The numbers of TrackEval 1.3.0, recorded by record_trackeval.py."""

import json
from pathlib import Path

import pytest
from random_tracks import figures_to_tracks, random_case

from figureground.evaluation.tracks.score import TrackScore, score_tracks

RECORDED = json.loads((Path(__file__).parent / "trackeval.json").read_text())["cases"]


@pytest.mark.parametrize("on", ["boxes", "masks"])
@pytest.mark.parametrize("seed", RECORDED)
def test_every_number_is_that_of_trackeval(seed: str, on: str) -> None:
    truth, result = (figures_to_tracks(frames) for frames in random_case(int(seed)))
    score, _ = score_tracks(truth, result, on=on)
    assert numbers(score) == pytest.approx(RECORDED[seed][on], abs=1e-9)


def test_the_cases_differ_and_are_neither_trivial_nor_hopeless() -> None:
    values = sorted(case["masks"]["HOTA"] for case in RECORDED.values())
    assert len(RECORDED) == 10
    assert values[0] < 0.3 and values[-1] > 0.4 and len(set(values)) == 10


def test_trackeval_itself_where_it_is_installed() -> None:
    pytest.importorskip("trackeval")
    from record_trackeval import measured

    for seed in range(100, 130):
        truth, result = (figures_to_tracks(frames) for frames in random_case(seed))
        for on in ("boxes", "masks"):
            assert numbers(score_tracks(truth, result, on=on)[0]) == pytest.approx(
                measured(seed, on), abs=1e-9
            )


def numbers(score: TrackScore) -> dict[str, float]:
    hota, identity, clear = score.hota, score.identity, score.clear
    return {
        "HOTA": hota.hota,
        "DetA": hota.det_a,
        "AssA": hota.ass_a,
        "LocA": hota.loc_a,
        "IDF1": identity.idf1,
        "IDP": identity.idp,
        "IDR": identity.idr,
        "MOTA": clear.mota,
        "MOTP": clear.motp,
        "IDSW": clear.switches,
    }
