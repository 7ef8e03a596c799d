import os
from pathlib import Path

import pytest

from figureground.apps.cli.plan import STILL_SUFFIXES, VIDEO_SUFFIXES, Input, Job, Output, plan
from figureground.errors import OptionError
from figureground.testing import made_scene
from figureground.writers import open_writer


def video(name: str, folder: str = "") -> Input:
    return Input(f"/in/{folder}/{name}", "video", name, Path(folder))


def paths(jobs: list[Job]) -> list[list[str]]:
    return [[str(output.path) for output in job.outputs] for job in jobs]


@pytest.mark.parametrize(
    ("inputs", "out", "options", "expected"),
    [
        ([video("a.avi")], "out", {}, [["out/a.mp4"]]),
        ([video("a.avi")], "out/", {"on": "transparent"}, [["out/a.mov"]]),
        ([video("a.avi")], "b.webm", {}, [["b.webm"]]),
        ([video("a.avi")], "b.mp4/", {}, [["b.mp4/a.mp4"]]),
        ([video("a.avi")], "OUT/B.MP4", {}, [["OUT/B.MP4"]]),
        ([video("a.avi")], "run 2.5", {}, [["run 2.5/a.mp4"]]),
        ([video("a.avi", "x"), video("a.avi", "y")], "out", {}, [["out/x/a.mp4"], ["out/y/a.mp4"]]),
        ([Input("p.jpg", "still", "p.jpg")], "out", {}, [["out/p.png"]]),
        ([Input("p.jpg", "still", "p.jpg")], "q.jpg", {}, [["q.jpg"]]),
        ([Input("frames", "stills", "frames")], "out", {}, [["out"]]),
        ([Input("frames", "stills", "frames")], "out.mp4", {}, [["out.mp4"]]),
        (
            [Input("f.1", "stills", "f.1"), video("a.avi")],
            "out",
            {"also": ["masks"]},
            [["out/f.1", "out/f.1_masks"], ["out/a.mp4", "out/a_masks.mkv"]],
        ),
        (
            [video("a.avi")],
            "out",
            {"also": ["overlay", "masks", "transparent", "transparent.webm", "white.png", "blur.avi"]},
            [
                [
                    "out/a.mp4",
                    "out/a_overlay.mp4",
                    "out/a_masks.mkv",
                    "out/a_transparent.mov",
                    "out/a_transparent.webm",
                    "out/a_white",
                    "out/a_blur.avi",
                ]
            ],
        ),
        (
            [Input("p.jpg", "still", "p.jpg")],
            "q.png",
            {"also": ["overlay", "masks"]},
            [["q.png", "q_overlay.png", "q_masks.png"]],
        ),
    ],
)
def test_outputs(
    inputs: list[Input], out: str, options: dict[str, list[str]], expected: list[list[str]]
) -> None:
    assert paths(plan(inputs, out, **options)) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("names", "also", "expected"),
    [
        (["a.avi", "a.mp4"], [], ["a.avi.mp4", "a.mp4.mp4"]),
        (["a.avi", "b.mp4", "a.mp4"], [], ["a.avi.mp4", "b.mp4", "a.mp4.mp4"]),
        (["a.mp4", "A.mp4"], [], ["a.mp4.mp4", "A.mp4_2.mp4"]),
        (["a.avi", "a.mp4", "a.avi.mov"], [], ["a.avi_2.mp4", "a.mp4.mp4", "a.avi.mp4"]),
        (["a.mp4", "a_overlay.mp4"], ["overlay"], ["a.mp4.mp4", "a_overlay.mp4.mp4"]),
    ],
)
def test_no_two_inputs_share_an_output(names: list[str], also: list[str], expected: list[str]) -> None:
    jobs = plan([video(name) for name in names], "out", also=also)
    every = [path.lower() for job in paths(jobs) for path in job]
    assert len(every) == len(set(every))
    assert [job.outputs[0].path.name for job in jobs] == expected


def test_outputs_that_meet_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "out/x").mkdir(parents=True)
    (tmp_path / "out/y").symlink_to(tmp_path / "out/x")
    jobs = plan([video("a.avi", "x"), video("a.mp4", "y")], str(tmp_path / "out"))
    assert [job.outputs[0].path.name for job in jobs] == ["a.avi.mp4", "a.mp4.mp4"]


def test_what_each_output_is() -> None:
    (job,) = plan([video("a.avi")], "out", on="#102030", also=["masks", "overlay", "transparent.png"])
    assert job.outputs == (
        Output(Path("out/a.mp4"), "cutout", "#102030"),
        Output(Path("out/a_masks.mkv"), "masks"),
        Output(Path("out/a_overlay.mp4"), "overlay"),
        Output(Path("out/a_transparent"), "cutout", "transparent", folder=True),
    )


@pytest.mark.parametrize("letter", ["a", "ß", "é", "鼠"])
def test_names_stay_as_short_as_file_systems_need(letter: str) -> None:
    name = letter * (250 // len(letter.encode()))
    (job,) = plan([video(name + ".avi")], "out", also=["transparent"])
    main, extra = (output.path.name for output in job.outputs)
    assert main == name + ".mp4"
    assert extra.endswith("_transparent.mov")
    assert 250 < len(extra.encode()) <= 255
    assert extra.startswith(letter * 50)


@pytest.mark.parametrize(
    ("inputs", "out", "also", "message"),
    [
        ([video("a.avi"), video("b.avi")], "c.mp4", [], "2 inputs need a folder"),
        ([video("a.avi")], "c.mpg", [], r"cannot write \.mpg files; choose one of \.mp4"),
        ([video("a.avi")], "c.png", [], "has many frames; for one picture each use -o c/"),
        ([video("a.avi")], "out", ["outlines"], "--also outlines: choose from overlay, masks"),
        ([video("a.avi")], "out", ["overlay.mpg"], "--also overlay.mpg: choose from"),
        ([video("a.avi")], "out", ["overlay", "overlay"], "a_overlay.mp4 would be written twice"),
    ],
)
def test_refuses(inputs: list[Input], out: str, also: list[str], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        plan(inputs, out, also=also)


class TestOutputIsInput:
    """However it is spelt, an output that would overwrite an input is refused."""

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        (tmp_path / "a.mp4").write_bytes(b"video")
        (tmp_path / "frames").mkdir()
        (tmp_path / "frames/1.png").write_bytes(b"picture")
        (tmp_path / "soft.mp4").symlink_to(tmp_path / "a.mp4")
        os.link(tmp_path / "a.mp4", tmp_path / "hard.mp4")
        (tmp_path / "linked").symlink_to(tmp_path)
        return tmp_path

    @pytest.mark.parametrize(
        "out", ["a.mp4", "soft.mp4", "hard.mp4", "linked/a.mp4", "frames/../a.mp4", "A.MP4", ".", "linked"]
    )
    def test_file(self, folder: Path, out: str) -> None:
        with pytest.raises(OptionError, match="would overwrite the input"):
            plan([Input(str(folder / "a.mp4"), "video", "a.mp4")], str(folder / out))

    @pytest.mark.parametrize("out", ["frames", "linked/frames/", ".", "linked"])
    def test_folder_of_pictures(self, folder: Path, out: str) -> None:
        with pytest.raises(OptionError, match="would overwrite the input"):
            plan([Input(str(folder / "frames"), "stills", "frames")], str(folder / out))

    def test_picture_of_a_pattern(self, folder: Path) -> None:
        with pytest.raises(OptionError, match="would overwrite the input"):
            plan([Input(str(folder / "frames/*.png"), "stills", "frames")], str(folder / "frames"))

    def test_extra_output(self, folder: Path) -> None:
        (folder / "b_masks.mkv").write_bytes(b"video")
        inputs = [Input(str(folder / name), "video", name) for name in ("b.mp4", "b_masks.mkv")]
        jobs = plan(inputs, str(folder / "out"), also=["masks"])
        assert len({output.path for job in jobs for output in job.outputs}) == 4
        with pytest.raises(OptionError, match=r"b_masks\.mkv would overwrite the input"):
            plan([Input(str(folder / "b_masks.mkv"), "video", "c")], str(folder / "b.mp4"), also=["masks"])


@pytest.mark.parametrize("suffix", [*VIDEO_SUFFIXES, *STILL_SUFFIXES])
@pytest.mark.parametrize("also", ["transparent", "masks", "overlay"])
def test_refuses_what_the_writers_refuse(also: str, suffix: str, tmp_path: Path) -> None:
    """So it is known before work starts."""
    kind, on = ("cutout", "transparent") if also == "transparent" else (also, "black")
    path = tmp_path / f"b_{also}{suffix}"
    inputs = [Input("a.png", "still", "a.png")]
    try:
        open_writer(path, made_scene((24, 32), frames=1).info, kind=kind, on=on)
    except OptionError:
        with pytest.raises(OptionError, match=rf"b_{also}\{suffix}: \{suffix} cannot hold"):
            plan(inputs, str(tmp_path / "b.png"), also=[also + suffix])
    else:
        assert plan(inputs, str(tmp_path / "b.png"), also=[also + suffix])[0].outputs[1].path == path
