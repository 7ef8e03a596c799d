import os
import re
from fractions import Fraction

import av
import cv2
import numpy as np
import pytest

from figureground.errors import InputError
from figureground.writers.examples.checking import Fault, check_examples
from figureground.writers.examples.files import write_motion_jpeg


def picture(size=(37, 41)):
    return np.random.default_rng(0).integers(0, 255, (*size, 3)).astype(np.uint8)


def write_movie(path, frames=3, codec="mjpeg", size=(37, 41), rate=5, pixels="yuvj420p", container="avi"):
    with av.open(str(path), "w", format=container) as out:
        stream = out.add_stream(codec, rate=rate)
        stream.height, stream.width, stream.pix_fmt = *size, pixels
        for _ in range(frames):
            frame = av.VideoFrame.from_ndarray(picture(size), format="rgb24")
            for packet in stream.encode(frame.reformat(format=pixels)):
                out.mux(packet)
        for packet in stream.encode(None):
            out.mux(packet)


def write_example(stem, **options):
    stem.parent.mkdir(parents=True, exist_ok=True)
    write_movie(stem.with_name(stem.name + ".avi"), **options)
    cv2.imwrite(str(stem.with_name(stem.name + ".jpg")), picture())


def faults_of(folder):
    return [
        (fault.file.replace(f"{folder}", "").lstrip("/"), fault.text)
        for fault in check_examples(folder).faults
    ]


@pytest.fixture
def folder(tmp_path):
    """One video's examples of two figures, without a fault."""
    for name in (
        "mouse_0/arena_mouse_0_3_len3",
        "mouse_0/arena_mouse_0_6_len3",
        "mouse_1/arena_mouse_1_3_len3",
    ):
        write_example(tmp_path / name)
    return tmp_path


def test_nothing_wrong(folder):
    (folder / ".figureground.json").write_text("{}")
    (folder / "notes.txt").write_text("other files are nobody's business")
    (folder / "plot.avi").mkdir()
    os.mkfifo(folder / "mouse_0" / "pipe.avi")
    checked = check_examples(folder)
    assert (checked.pairs, checked.faults, checked.behaviours) == (3, (), {})


@pytest.mark.parametrize(
    ("stem", "text", "cure"),
    [
        ("are.na_0_9_len3", "its name has a dot in it", "rename its files to are-na_0_9_len3"),
        ("a_len3_0_9_len3", "its name has more than one _len", "rename its files to a-len3_0_9_len3"),
        (
            "arena_0_9_len3 (1)",
            "its name does not end as <video>_<id>_<frame>_len<frames> does",
            "rename it so, or move it out of the folder",
        ),
    ],
)
def test_names_that_labgym_cannot_read(folder, stem, text, cure):
    write_example(folder / "mouse_0" / stem)
    path = folder / "mouse_0" / f"{stem}.avi"
    assert check_examples(folder).faults == (Fault(str(path), text, cure),)


def test_another_picture_keeps_labgym_from_opening_the_folder(folder):
    cv2.imwrite(str(folder / "mouse_0" / "overview.jpg"), picture())
    assert faults_of(folder) == [
        (
            "mouse_0/overview.jpg",
            "its name does not end as <video>_<id>_<frame>_len<frames> does; LabGym cannot open "
            "the folder for sorting",
        ),
        ("mouse_0/overview.jpg", "has no .avi beside it"),
    ]


@pytest.mark.parametrize(("gone", "left"), [(".avi", ".jpg"), (".jpg", ".avi")])
def test_half_a_pair(folder, gone, left):
    (folder / f"mouse_0/arena_mouse_0_6_len3{gone}").unlink()
    assert faults_of(folder) == [(f"mouse_0/arena_mouse_0_6_len3{left}", f"has no {gone} beside it")]
    assert check_examples(folder).pairs == 2


@pytest.mark.parametrize("ending", [".JPG", ".jpeg", ".AVI"])
def test_endings_that_labgym_overlooks(folder, ending):
    old = folder / "mouse_0" / f"arena_mouse_0_6_len3{'.avi' if ending == '.AVI' else '.jpg'}"
    old.rename(old.with_suffix(ending))
    found = faults_of(folder)
    assert found[0] == (f"mouse_0/arena_mouse_0_6_len3{ending}", f"ends in {ending}, which LabGym overlooks")


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"frames": 2}, "holds 2 frames, its name says 3"),
        ({"frames": 4}, "holds 4 frames, its name says 3"),
        ({"rate": Fraction(1, 2)}, "runs at 0.5 frames a second; LabGym needs 1 or more"),
        ({"codec": "ffv1", "pixels": "yuv420p"}, "is encoded as ffv1, LabGym's are Motion JPEG"),
        (
            {"size": (20, 41)},
            "the animation is 41 x 20 pixels, its picture 41 x 37: they are not of one example",
        ),
    ],
)
def test_animations_that_do_not_fit(folder, options, text):
    write_example(folder / "mouse_0" / "arena_mouse_0_6_len3", **options)
    assert faults_of(folder) == [("mouse_0/arena_mouse_0_6_len3.avi", text)]


def test_labgyms_own_animations_may_lack_an_odd_row(folder):
    write_example(folder / "mouse_0" / "arena_mouse_0_6_len3", size=(36, 40))
    assert faults_of(folder) == []


@pytest.mark.parametrize("data", [b"", b"RIFF", b"#EXTM3U\nhttp://example.org/a.avi\n", bytes(5000)])
def test_files_that_are_no_animation(folder, data):
    (folder / "mouse_0/arena_mouse_0_6_len3.avi").write_bytes(data)
    ((file, text),) = faults_of(folder)
    assert file == "mouse_0/arena_mouse_0_6_len3.avi"
    assert "is damaged or no .avi" in text or "holds no pictures" in text


@pytest.mark.parametrize("cut", [7, 60, 300, 2000])
def test_damaged_files_are_told_and_nothing_stops(folder, cut):
    for suffix in (".avi", ".jpg"):
        path = folder / f"mouse_0/arena_mouse_0_6_len3{suffix}"
        path.write_bytes(path.read_bytes()[:cut])
    found = faults_of(folder)
    assert {file for file, _ in found} <= {f"mouse_0/arena_mouse_0_6_len3{one}" for one in (".avi", ".jpg")}
    assert any(file.endswith(".jpg") for file, _ in found)


def test_a_name_that_claims_a_million_frames_costs_nothing(folder):
    write_example(folder / "mouse_0" / "arena_mouse_0_9_len99999999999999999999")
    assert ("mouse_0/arena_mouse_0_9_len99999999999999999999.avi") in dict(faults_of(folder))


@pytest.fixture
def sorted_folder(tmp_path):
    write_example(tmp_path / "rearing" / "arena_mouse_0_3_len3")
    write_example(tmp_path / "rearing" / "arena_mouse_1_3_len3")
    write_example(tmp_path / "grooming" / "arena_mouse_0_6_len3")
    return tmp_path


def test_sorted_examples_are_counted(sorted_folder):
    checked = check_examples(sorted_folder)
    assert (checked.faults, checked.behaviours) == ((), {"grooming": 1, "rearing": 2})


def test_behaviours_whose_names_labgym_cuts(sorted_folder):
    (sorted_folder / "grooming").rename(sorted_folder / "self-grooming_2")
    assert faults_of(sorted_folder) == [
        ("self-grooming_2", "LabGym cannot have - _ in the name of a behaviour")
    ]


def test_one_behaviour_is_none(sorted_folder):
    for path in (sorted_folder / "grooming").iterdir():
        path.unlink()
    assert faults_of(sorted_folder) == [
        ("", "holds one behaviour only; LabGym learns to tell two or more apart")
    ]


def test_kinds_that_do_not_go_together(folder):
    write_example(folder / "mouse_1" / "arena_mouse_1_9_len5_std7", frames=5)
    assert faults_of(folder) == [
        (
            "mouse_1/arena_mouse_1_9_len5_std7.avi",
            "is of 5 frames, body parts 7 (1 in all), 3 others are of 3 frames",
        )
    ]


def test_a_folder_of_all_together(tmp_path):
    write_example(tmp_path / "0" / "arena_3_len3_itbs")
    assert faults_of(tmp_path) == []
    assert check_examples(tmp_path).behaviours == {}


@pytest.mark.parametrize(
    ("make", "match"),
    [(False, "there is no such folder"), (True, "holds no .avi and no .jpg, so no examples")],
)
def test_nothing_to_check(tmp_path, make, match):
    if make:
        (tmp_path / "x").mkdir()
    with pytest.raises(InputError, match=match):
        check_examples(tmp_path / "x")


@pytest.mark.parametrize("place", [0, 1])
def test_pictures_larger_than_any_example_are_not_decoded(folder, place):
    """They would take a lot of memory, and files may come from strangers."""
    small, large = (
        cv2.imencode(".jpg", np.zeros((*size, 3), np.uint8))[1].tobytes() for size in ((37, 41), (8209, 8209))
    )
    pictures = [small, small, small]
    pictures[place] = large
    path = folder / "mouse_0/arena_mouse_0_6_len3.avi"
    write_motion_jpeg(path, pictures, Fraction(5), (37, 41), "")
    found = dict(faults_of(folder))
    assert re.search(
        "says it is 8209 x 8209|is damaged or no .avi", found["mouse_0/arena_mouse_0_6_len3.avi"]
    )
