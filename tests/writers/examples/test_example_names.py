import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from figureground.errors import OptionError
from figureground.frames import SourceInfo
from figureground.writers.examples.names import (
    ExampleName,
    example_stem,
    fit_behaviour,
    fit_name,
    parse_name,
    unfit_behaviour,
    video_name,
)
from figureground.writers.examples.settings import Settings

LABGYM = re.compile(r"^[^.]*_(\d+)_len(\d+)(_scdt\d+)?(_std\d+)?(_itbs|_itadv)?$", re.ASCII)

SETTINGS = [
    (Settings(), ""),
    (Settings(7, body_parts=0), "_std0"),
    (Settings(interactive="basic"), "_itbs"),
    (Settings(interactive="basic", body_parts=255), "_std255_itbs"),
    (Settings(interactive="advanced"), "_scdt0_itadv"),
    (Settings(interactive="advanced", social_distance=3, body_parts=20), "_scdt3_std20_itadv"),
]


@pytest.mark.parametrize(("settings", "end"), SETTINGS)
def test_names_tell_the_mode(settings, end):
    assert example_stem("arena", "mouse_2", 345, settings) == f"arena_mouse_2_345_len{settings.length}{end}"
    assert example_stem("arena", "", 345, settings) == f"arena_345_len{settings.length}{end}"


@given(video=st.text(), group=st.text(), key=st.integers(0, 10**6), frame=st.integers(0, 10**9))
@pytest.mark.parametrize(("settings", "end"), SETTINGS)
def test_any_video_and_class_give_names_that_labgym_takes(settings, end, video, group, key, frame):
    stem = example_stem(fit_name(video), f"{fit_name(group)}_{key}", frame, settings)
    assert LABGYM.match(stem)
    assert stem.count("_len") == 1
    assert int(stem.split("_len")[0].split("_")[-1]) == frame
    assert not set(stem) & set('/\\:*?"<>|\0.')
    assert len(f"{stem}.avi".encode()) < 256
    assert parse_name(stem).frame == frame


@pytest.mark.parametrize(
    ("text", "fit"),
    [
        ("arena", "arena"),
        ("day.2", "day-2"),
        ("day_len5", "day-len5"),
        ("../../etc/passwd", "------etc-passwd"),
        ("", "video"),
        ("Mäuse 3", "Mäuse 3"),
        ("a\ud800b", "a?b".replace("?", "-")),
    ],
)
def test_unfit_letters_are_replaced(text, fit):
    assert fit_name(text) == fit


def test_a_class_that_begins_with_len_makes_no_second_mark():
    assert example_stem("arena", "lens_0", 15, Settings()) == "arena-lens_0_15_len15"


@pytest.mark.parametrize(
    ("stem", "parsed"),
    [
        ("a_0_15_len15", ExampleName("a_0", 15, 15, None, None, "")),
        ("a_15_len15_std3_itbs", ExampleName("a", 15, 15, None, 3, "_itbs")),
        ("a_m_0_15_len9_scdt2_itadv", ExampleName("a_m_0", 15, 9, 2, None, "_itadv")),
        ("a_15_len15_scdt2_std3_itadv", ExampleName("a", 15, 15, 2, 3, "_itadv")),
        ("a.b_15_len15", None),
        ("a_len3_15_len15", None),
        ("a_len15", None),
        ("a_15_len15_std3_scdt2", None),
        ("a_15_len15 (1)", None),
        ("", None),
    ],
)
def test_names_are_understood(stem, parsed):
    assert parse_name(stem) == parsed


@pytest.mark.parametrize(
    ("name", "kind", "names"),
    [
        ("videos/day.2.mp4", "video", ("day.2", "day-2")),
        ("frames/day.2", "stills", ("day.2", "day-2")),
        ("arena.mp4", "video", ("arena", "arena")),
        ("frames/day2/*.png", "stills", ("day2", "day2")),
        ("rtsp://host/a:b", "camera", ("a:b", "a-b")),
    ],
)
def test_a_video_is_called_by_its_file(name, kind, names):
    info = SourceInfo(name, kind, (5, 7), None, None, None, Fraction(1))
    assert video_name(info) == names


@given(st.text())
def test_a_behaviour_holds_no_letter_that_labgym_cuts_at(text):
    fit = fit_behaviour(text)
    assert unfit_behaviour(fit) == ""
    assert f"0_{fit}".split("_")[-1] == fit
    assert fit_behaviour(fit) == fit


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"length": 2}, "length must be 3 to 1000 frames, got 2"),
        ({"length": 10**9}, "length must be 3 to 1000"),
        ({"every": -1}, "every must be 1 frame or more"),
        ({"background": "grey"}, "no background 'grey'; choose one of: black, white, keep"),
        ({"body_parts": 256}, "body parts must be 0 to 255, got 256"),
        ({"interactive": "full"}, "no interactive mode 'full'; choose one of: basic, advanced"),
        ({"interactive": "advanced", "social_distance": -1}, "social distance must be 0 or more"),
        ({"social_distance": 2}, "goes with interactive advanced only"),
    ],
)
def test_settings_that_make_no_sense_are_refused(options, match):
    with pytest.raises(OptionError, match=match):
        Settings(**options)
