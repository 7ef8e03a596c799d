"""`figureground cut`, through the command's own entry."""

import json
import os
import shutil
import sys
import types
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from figureground import segmenters
from figureground.apps.cli.main import main
from figureground.errors import FiguregroundWarning
from figureground.files import part_folder
from figureground.frames import Frame
from figureground.instances import Instances

Film = Callable[..., Path]
Capture = pytest.CaptureFixture[str]


def read(path: Path) -> list[npt.NDArray[np.uint8]]:
    """All pictures of a video, (h, w, 3) RGB, by PyAV alone."""
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


class Square:
    """Finds the film's bright square; may break off, fail or warn."""

    classes = ("square", "other")
    stateful = False

    def __init__(self, stop: Callable[[int], None] = lambda index: None) -> None:
        self._stop = stop

    def __call__(self, frames: Sequence[Frame]) -> list[Instances]:
        for frame in frames:
            self._stop(frame.index)
        masks = [frame.image[..., 1] > 170 for frame in frames]
        return [Instances.from_dense([mask]) if mask.any() else Instances.empty(mask.shape) for mask in masks]


Plug = Callable[..., None]


@pytest.fixture
def plug(monkeypatch: pytest.MonkeyPatch) -> Plug:
    """plug(stop=..., load=...): the segmenter `square` is there, and calls `stop(index)` for each frame."""

    def put(
        stop: Callable[[int], None] = lambda index: None, load: Callable[[], None] = lambda: None
    ) -> None:
        module = types.ModuleType("plugged")
        module.load = lambda source: load() or Square(stop)  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "plugged", module)
        monkeypatch.setitem(segmenters.SEGMENTERS, "square", "plugged:load")

    return put


def at(frame: int, error: type[BaseException]) -> Callable[[int], None]:
    def stop(index: int) -> None:
        if index == frame:
            raise error

    return stop


def errors(capture: Capture) -> list[str]:
    """What was said on stderr; nothing may have come on stdout."""
    said = capture.readouterr()
    assert said.out == ""
    return said.err.splitlines()


class TestOneInput:
    def test_only_the_figure_stays(self, film: Film, tmp_path: Path, capfd: Capture) -> None:
        video, out = film(tmp_path / "a.avi"), tmp_path / "b.mp4"
        assert main(["cut", str(video), "-o", str(out)]) == 0
        pictures = read(out)
        assert len(pictures) == 40
        for index, picture in enumerate(pictures):
            left = 4 + 2 * index % 76
            assert picture[26:34, left + 2 : left + 10].mean() == pytest.approx(240, abs=6)
            picture[20:40, max(0, left - 4) : left + 16] = 0
            assert picture.max() <= 4
        said = errors(capfd)
        assert said[0] == f"{video} -> {out}"
        assert "40 frames, figures in 100 % of them, 1.0 on average" in said[1]
        assert sorted(path.name for path in tmp_path.iterdir()) == ["a.avi", "b.mp4"]

    def test_many_outputs_in_one_pass(self, film: Film, tmp_path: Path) -> None:
        video, out = film(tmp_path / "a.avi", 36), tmp_path / "out"
        also = "overlay,masks,transparent.webm,white.png"
        assert main(["cut", str(video), "-o", str(out), "--on", "transparent", "--also", also]) == 0
        names = ["a.mov", "a_masks.mkv", "a_overlay.mp4", "a_transparent.webm", "a_white"]
        assert sorted(path.name for path in out.iterdir()) == names
        for name in names[:-1]:
            assert len(read(out / name)) == 36
        mask = read(out / "a_masks.mkv")[5][..., 0]
        assert set(np.unique(mask)) == {0, 255}
        assert np.count_nonzero(mask) == pytest.approx(144, abs=30)
        pictures = sorted((out / "a_white").glob("*.png"))
        assert len(pictures) == 36
        assert np.asarray(Image.open(pictures[5]))[60, 90].tolist() == [255, 255, 255]

    def test_nothing_found_is_no_error(self, film: Film, tmp_path: Path, capfd: Capture) -> None:
        video = film(tmp_path / "a.avi", 12, square=False)
        assert main(["cut", str(video), "-o", str(tmp_path / "b.mp4")]) == 0
        assert "12 frames, no figures found" in errors(capfd)[1]
        assert max(picture.max() for picture in read(tmp_path / "b.mp4")) <= 4

    def test_quiet(self, film: Film, tmp_path: Path, capfd: Capture) -> None:
        assert main(["cut", str(film(tmp_path / "a.avi", 12)), "-o", str(tmp_path / "out"), "--quiet"]) == 0
        assert errors(capfd) == []

    def test_json(self, film: Film, tmp_path: Path, capfd: Capture) -> None:
        video, out = film(tmp_path / "ä.avi"), tmp_path / "out"
        assert main(["cut", str(video), "-o", str(out), "--json"]) == 0
        said = capfd.readouterr()
        assert said.out.count("\n") == 1
        told = json.loads(said.out)
        (one,) = told.pop("inputs")
        assert (told["status"], told["figureground"]) == ("ok", "0.1.0")
        expected = {"input": str(video), "outputs": [str(out / "ä.mp4")], "status": "ok", "frames": 40}
        expected |= {"frames_with_figures": 40, "figures": 40, "resumed": 0, "segmenter": "pair"}
        assert {key: one[key] for key in expected} == expected
        assert (one["problems"], one["warnings"], one["error"]) == ([], [], "")

    def test_part_of_it(self, film: Film, tmp_path: Path) -> None:
        video, out = film(tmp_path / "a.avi"), tmp_path / "b.mp4"
        assert main(["cut", str(video), "-o", str(out), "--start", "0.4", "--end", "20f"]) == 0
        assert len(read(out)) == 10

    def test_what_sits_during_the_part_only(self, tmp_path: Path, capfd: Capture) -> None:
        """The empty scene comes from the whole video, so who sits still during the part is a figure."""
        ground = np.random.default_rng(1).integers(60, 121, (64, 96, 1), np.uint8).repeat(3, axis=2)
        with av.open(str(tmp_path / "a.mkv"), "w") as container:
            stream = container.add_stream("ffv1", rate=10)
            stream.width, stream.height, stream.pix_fmt = 96, 64, "bgr0"
            for index in range(100):
                picture = ground.copy()
                if 40 <= index < 60:
                    picture[20:40, 30:50] = 230
                container.mux(stream.encode(av.VideoFrame.from_ndarray(picture)))
            container.mux(stream.encode())
        command = ["cut", str(tmp_path / "a.mkv"), "-o", str(tmp_path / "b.mp4"), "--json"]
        assert main([*command, "--start", "4.2", "--end", "58f"]) == 0
        (one,) = json.loads(capfd.readouterr().out)["inputs"]
        assert (one["frames"], one["figures"]) == (16, 16)
        assert all(picture[22:38, 32:48].min() > 200 for picture in read(tmp_path / "b.mp4"))

    @pytest.mark.parametrize(
        ("options", "found"),
        [
            ([], 40),
            (["--min-area", "140"], 40),
            (["--min-area", "300"], 0),
            (["--keep", "square"], 40),
            (["--keep", "other"], 0),
            (["--keep", "other, square"], 40),
        ],
    )
    def test_what_is_kept(
        self, options: list[str], found: int, film: Film, tmp_path: Path, plug: Plug, capfd: Capture
    ) -> None:
        plug()
        video = film(tmp_path / "a.avi")
        command = ["cut", str(video), "-o", str(tmp_path / "b.mp4"), "--segmenter", "square", "--json"]
        assert main([*command, *options]) == 0
        assert json.loads(capfd.readouterr().out)["inputs"][0]["figures"] == found

    def test_smallest_area_reaches_the_segmenter(
        self, film: Film, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """One that takes it would otherwise drop specks by a size of its own."""
        given: list[int | None] = []

        def load(source: object, *, min_area: int | None = None) -> Square:
            given.append(min_area)
            return Square()

        monkeypatch.setattr("figureground.segmenters.opencv.load_knn", load)
        command = ["cut", str(film(tmp_path / "a.avi", 5)), "--segmenter", "knn", "--quiet"]
        assert main([*command, "-o", str(tmp_path / "b.mp4"), "--min-area", "3"]) == 0
        assert main([*command, "-o", str(tmp_path / "c.mp4")]) == 0
        assert given == [3, None]

    def test_empty_scene(self, film: Film, tmp_path: Path, capfd: Capture) -> None:
        """A figure that never moves is found by the user's own picture of the ground."""
        (empty,) = read(film(tmp_path / "empty.avi", 1, square=False))
        Image.fromarray(empty).save(tmp_path / "empty.png")
        video = film(tmp_path / "a.avi", 1)
        command = ["cut", str(video), "-o", str(tmp_path / "b.mp4"), "--json"]
        assert main([*command, "--empty", str(tmp_path / "empty.png")]) == 0
        assert json.loads(capfd.readouterr().out)["inputs"][0]["figures"] == 1

    @pytest.mark.parametrize("name", ["鼠 и мышь [1] 'é'.avi", "l" * 250 + ".avi", "-dash.avi", "a.b.c.avi"])
    def test_unusual_names(self, name: str, film: Film, tmp_path: Path) -> None:
        video = film(tmp_path / "in" / name, 5)
        out = tmp_path / "out"
        assert main(["cut", str(video), "-o", str(out), "--also", "overlay", "--quiet"]) == 0
        main_output = out / (name.removesuffix(".avi") + ".mp4")
        assert len(read(main_output)) == 5
        assert len(list(out.iterdir())) == 2


class TestStills:
    def picture(self, path: Path, left: int) -> Path:
        image = np.full((64, 96, 3), 90, np.uint8)
        image[24:36, left : left + 12] = 240
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(image).save(path)
        return path

    def test_photo(self, tmp_path: Path, capfd: Capture) -> None:
        photo = self.picture(tmp_path / "p.png", 40)
        assert main(["cut", str(photo), "-o", str(tmp_path / "out"), "--on", "transparent", "--json"]) == 0
        assert json.loads(capfd.readouterr().out)["inputs"][0]["segmenter"] == "grabcut"
        cut = np.asarray(Image.open(tmp_path / "out/p.png"))
        assert cut.shape == (64, 96, 4)
        assert cut[30, 46].tolist() == [240, 240, 240, 255]
        assert cut[2, 2, 3] == 0

    @pytest.mark.parametrize(
        ("options", "seconds", "told"), [([], 8, True), (["--rate", "25"], 8 / 25, False)]
    )
    def test_rate(
        self, options: list[str], seconds: float, told: bool, tmp_path: Path, capfd: Capture
    ) -> None:
        """The last of 9 pictures begins 8 steps after the first, in each of the films."""
        for index in range(9):
            self.picture(tmp_path / f"in/img{index + 1}.png", 4 + 9 * index)
        out = tmp_path / "out.mp4"
        assert main(["cut", str(tmp_path / "in"), "-o", str(out), "--also", "overlay", *options]) == 0
        assert ("1 frame a second; set it with --rate" in capfd.readouterr().err) == told
        assert sorted(path.name for path in tmp_path.glob("out*")) == ["out.mp4", "out_overlay.mp4"]
        for path in (out, tmp_path / "out_overlay.mp4"):
            with av.open(str(path)) as container:
                times = [float(frame.time or 0) for frame in container.decode(video=0)]
            assert times[-1] - times[0] == pytest.approx(seconds, abs=1e-3)

    def test_a_video_has_its_own_rate(self, film: Film, tmp_path: Path, capfd: Capture) -> None:
        video = film(tmp_path / "a.avi", 3)
        assert main(["cut", str(video), "-o", str(tmp_path / "b.mp4"), "--rate", "25"]) == 2
        assert "a.avi: a rate is for pictures" in errors(capfd)[0]

    @pytest.mark.parametrize(("count", "chosen"), [(8, "grabcut"), (9, "pair")])
    def test_folder(self, count: int, chosen: str, tmp_path: Path, capfd: Capture) -> None:
        for index in range(count):
            self.picture(tmp_path / f"in/img{index + 1}.png", 4 + 9 * index)
        assert main(["cut", str(tmp_path / "in"), "-o", str(tmp_path / "out"), "--json"]) == 0
        (one,) = json.loads(capfd.readouterr().out)["inputs"]
        assert (one["segmenter"], one["frames"]) == (chosen, count)
        names = [f"img{index + 1}.png" for index in range(count)]
        assert sorted(path.name for path in (tmp_path / "out").glob("*.png")) == sorted(names)

    def test_folder_to_video(self, tmp_path: Path) -> None:
        for index in range(9):
            self.picture(tmp_path / f"in/img{index + 1}.png", 4 + 9 * index)
        assert main(["cut", str(tmp_path / "in"), "-o", str(tmp_path / "out.mp4"), "--quiet"]) == 0
        assert len(read(tmp_path / "out.mp4")) == 9


class TestSeveralInputs:
    def test_a_tree(self, film: Film, tmp_path: Path) -> None:
        for name in ("a.avi", "x/a.avi", "x/y/b.avi", "x/y/b.mkv"):
            film(tmp_path / "in" / name, 5)
        assert main(["cut", str(tmp_path / "in"), "-o", str(tmp_path / "out"), "--quiet"]) == 0
        made = sorted(str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*.mp4"))
        assert made == ["a.mp4", "x/a.mp4", "x/y/b.avi.mp4", "x/y/b.mkv.mp4"]

    def test_pictures_beside_videos(self, film: Film, tmp_path: Path, capfd: Capture) -> None:
        film(tmp_path / "in/a.avi", 5)
        for name in ("in/a.png", "in/b.JPG", "in/.c.png"):
            Image.new("RGB", (8, 8)).save(tmp_path / name)
        assert main(["cut", str(tmp_path / "in"), "-o", str(tmp_path / "out")]) == 0
        assert errors(capfd)[0] == "left out: 2 pictures beside videos"
        assert main(["cut", str(tmp_path / "in/a.avi"), "-o", str(tmp_path / "new")]) == 0
        assert "left out" not in capfd.readouterr().err

    def test_what_was_made_is_no_input(self, film: Film, tmp_path: Path, capfd: Capture) -> None:
        film(tmp_path / "a.avi", 5)
        command = ["cut", str(tmp_path), "-o", str(tmp_path / "out"), "--json"]
        for options in ([], ["--overwrite"]):
            assert main([*command, *options]) == 0
            assert len(json.loads(capfd.readouterr().out)["inputs"]) == 1

    def test_one_bad_file_does_not_stop_the_rest(self, film: Film, tmp_path: Path, capfd: Capture) -> None:
        good = [film(tmp_path / "in" / name, 5) for name in ("a.avi", "c.avi")]
        (tmp_path / "in/b.avi").write_text("not a video")
        missing = tmp_path / "in/d.avi"
        inputs = [str(path) for path in (good[0], tmp_path / "in/b.avi", missing, good[1])]
        assert main(["cut", *inputs, "-o", str(tmp_path / "out"), "--json"]) == 1
        said = capfd.readouterr()
        told = json.loads(said.out)
        assert told["status"] == "partly"
        assert [one["status"] for one in told["inputs"]] == ["ok", "failed", "failed", "ok"]
        lines = [line for line in said.err.splitlines() if line.startswith(f"figureground: {tmp_path}")]
        assert len(lines) == 2
        assert "b.avi" in lines[0]
        assert "d.avi" in lines[1]
        assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.mp4", "c.mp4"]

    def test_one_named_twice(self, film: Film, tmp_path: Path, capfd: Capture) -> None:
        video = str(film(tmp_path / "a.avi", 5))
        assert main(["cut", video, video, "-o", str(tmp_path / "out"), "--json"]) == 0
        assert len(json.loads(capfd.readouterr().out)["inputs"]) == 1


BAD = {
    "empty.mp4": b"",
    "text.mp4": b"Dear diary, this is no video.\n" * 50,
    "zeros.avi": bytes(10_000),
    "song.wav": b"RIFF\x24\x08\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x40\x1f\0\0\x80\x3e\0\0\2\0\x10\0data\0\x08\0\0"
    + bytes(2048),
    "broken.png": b"\x89PNG\r\n\x1a\n" + bytes(100),
}


class TestFaults:
    @pytest.mark.parametrize("name", BAD)
    def test_no_video(self, name: str, tmp_path: Path, capfd: Capture) -> None:
        (tmp_path / name).write_bytes(BAD[name])
        assert main(["cut", str(tmp_path / name), "-o", str(tmp_path / "out")]) == 2
        (line,) = errors(capfd)
        assert line.startswith("figureground: ")
        assert name in line
        assert "unexpected" not in line
        assert not (tmp_path / "out").exists() or not list((tmp_path / "out").iterdir())

    @pytest.mark.parametrize("name", ["a.mp4", "a.webm", "a.mkv"])
    def test_wrong_extension(self, name: str, film: Film, tmp_path: Path) -> None:
        film(tmp_path / "a.avi", 5).rename(tmp_path / name)
        assert main(["cut", str(tmp_path / name), "-o", str(tmp_path / "b.mp4"), "--quiet"]) == 0
        assert len(read(tmp_path / "b.mp4")) == 5

    @pytest.mark.parametrize("start", ["1.7", "100", "41f", "1:00"])
    def test_start_behind_the_end(self, start: str, film: Film, tmp_path: Path, capfd: Capture) -> None:
        video = film(tmp_path / "a.avi", 40)
        assert main(["cut", str(video), "-o", str(tmp_path / "b.mp4"), "--start", start]) == 2
        (line,) = errors(capfd)
        assert f"a.avi: the video is 1.6 s (40 frames) long; --start {start} lies behind its end" in line
        assert [path.name for path in tmp_path.iterdir()] == ["a.avi"]

    def test_no_permission(
        self, film: Film, tmp_path: Path, capfd: Capture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Stands for a folder without x, which hinders nobody who runs tests as root."""
        video, exists = film(tmp_path / "a.avi", 5), Path.exists

        def refuse(path: Path) -> bool:
            if path.name == "closed":
                raise PermissionError(13, "Permission denied", str(path))
            return exists(path)

        monkeypatch.setattr(Path, "exists", refuse)
        assert main(["cut", str(video), "-o", str(tmp_path / "closed/b.mp4")]) == 2
        assert errors(capfd) == [f"figureground: {tmp_path / 'closed'}: Permission denied"]

    @pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
    def test_nothing_hidden_stays_where_nothing_was_begun(
        self, error: type[BaseException], film: Film, tmp_path: Path, plug: Plug
    ) -> None:
        plug(at(0, error))
        command = ["cut", str(film(tmp_path / "a.avi", 5)), "-o", str(tmp_path / "b.mp4"), "--also", "masks"]
        assert main([*command, "--segmenter", "square"]) in (2, 130)
        assert [path.name for path in tmp_path.iterdir()] == ["a.avi"]

    def test_truncated(self, film: Film, tmp_path: Path, capfd: Capture) -> None:
        video = film(tmp_path / "a.avi")
        video.write_bytes(video.read_bytes()[: video.stat().st_size // 2])
        assert main(["cut", str(video), "-o", str(tmp_path / "b.mp4"), "--json"]) == 0
        (one,) = json.loads(capfd.readouterr().out)["inputs"]
        assert 10 <= one["frames"] <= 30
        assert len(read(tmp_path / "b.mp4")) == one["frames"]

    def test_folder_that_cannot_be_made(self, film: Film, tmp_path: Path, capfd: Capture) -> None:
        video = film(tmp_path / "a.avi", 5)
        (tmp_path / "file").write_text("in the way")
        assert main(["cut", str(video), "-o", str(tmp_path / "file/out")]) == 2
        (line,) = errors(capfd)
        assert f"a.mp4: cannot be written: {tmp_path / 'file'} is a file" in line

    @pytest.mark.parametrize("out", ["a.avi", "link.avi", ".."])
    def test_output_is_the_input(self, out: str, film: Film, tmp_path: Path, capfd: Capture) -> None:
        video = film(tmp_path / "in/a.avi", 5)
        before = video.read_bytes()
        (tmp_path / "in/link.avi").symlink_to(video)
        code = main(["cut", str(tmp_path / "in/a.avi"), "-o", str(tmp_path / "in" / out), "--overwrite"])
        if out == "..":  # a folder: a.mp4 in it is another file
            assert code == 0
        else:
            assert code == 2
            assert "would overwrite the input" in errors(capfd)[0]
        assert video.read_bytes() == before

    def test_existing_output(self, film: Film, tmp_path: Path, capfd: Capture) -> None:
        video, out = film(tmp_path / "a.avi", 5), tmp_path / "b.mp4"
        out.write_text("mine")
        assert main(["cut", str(video), "-o", str(out)]) == 2
        assert "b.mp4: is there already; use --overwrite" in errors(capfd)[0]
        assert out.read_text() == "mine"
        assert main(["cut", str(video), "-o", str(out), "--overwrite"]) == 0
        assert len(read(out)) == 5

    def test_what_was_not_foreseen(
        self, film: Film, tmp_path: Path, plug: Plug, capfd: Capture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        plug(at(3, RuntimeError))
        command = ["cut", str(film(tmp_path / "a.avi", 5)), "-o", str(tmp_path / "b.mp4")]
        assert main([*command, "--segmenter", "square"]) == 2
        (line,) = errors(capfd)
        assert "a.avi: unexpected RuntimeError" in line
        assert "figureground doctor" in line
        assert not (tmp_path / "b.mp4").exists()
        monkeypatch.setenv("FIGUREGROUND_TRACEBACK", "1")
        assert main([*command, "--segmenter", "square"]) == 2
        assert "Traceback" in "\n".join(errors(capfd))

    def test_warnings_are_told_once(self, film: Film, tmp_path: Path, plug: Plug, capfd: Capture) -> None:
        def moves() -> None:
            for _ in range(3):
                warnings.warn("the camera moves (21 pixels)", FiguregroundWarning, stacklevel=2)

        plug(load=moves)
        command = ["cut", str(film(tmp_path / "a.avi", 5)), "-o", str(tmp_path / "b.mp4")]
        assert main([*command, "--segmenter", "square", "--json"]) == 0
        said = capfd.readouterr()
        assert json.loads(said.out)["inputs"][0]["warnings"] == ["the camera moves (21 pixels)"]
        assert said.err.count("the camera moves") == 1

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            (["a.avi"], "Missing option '-o'|Missing option '--out'"),
            (["-o", "out"], "Missing argument 'INPUT'"),
            (["a.avi", "-o", "out", "--on", "purple"], "no ground 'purple'; choose black, white"),
            (["a.avi", "-o", "out", "--also", "film"], "--also film: choose from overlay"),
            (
                ["a.avi", "-o", "out", "--segmenter", "x"],
                "--segmenter x: there is none; choose one of: auto, pair, bac",
            ),
            (["a.avi", "-o", "out", "--min-area", "-3"], "--min-area -3: must be 0 or more"),
            (["a.avi", "-o", "out", "--min-area", "big"], "'--min-area'"),
            (["a.avi", "-o", "out", "--feather", "nan"], "--feather nan: must be 0 to 100"),
            (["a.avi", "-o", "out", "--empty", "no.png"], "--empty no.png: there is no such file"),
            (["a.avi", "-o", "out.mpg"], "cannot write .mpg files"),
            (["a.avi", "-o", ""], "-o: an empty text is no place"),
            (["", "-o", "out"], "INPUT: an empty text is no input"),
            (["a.avi", "-o", "b.mp4", "--on", "transparent"], "b.mp4: .mp4 cannot hold what is transparent"),
            (["a.avi", "-o", "out", "--also", "masks.mp4"], "a_masks.mp4: .mp4 cannot hold lossless masks"),
            (["a.avi", "-o", "out", "--keep", "dog"], "--keep dog: segmenter auto finds only: figure"),
            (
                ["a.avi", "-o", "out", "--empty", __file__, "--segmenter", "mog2"],
                "--empty works with --segmenter pair or background only, not with mog2",
            ),
            (
                ["a.avi", "-o", "out", "--start", "3", "--end", "1"],
                "the end, 1, must come after the start, 3",
            ),
            (["a.avi", "-o", "out", "--start", "soon"], "not a time: 'soon'"),
            (["0", "-o", "out", "--resume"], "--resume: 0 is a camera or a stream"),
            (["rtsp://me:pw@h/x", "-o", "out", "--resume"], "--resume: rtsp://***@h/x is a camera"),
            (["a.avi", "-o", "out", "--nosuch"], "No such option: --nosuch"),
        ],
    )
    @pytest.mark.parametrize("as_json", [False, True])
    def test_wrong_usage(
        self, options: list[str], message: str, as_json: bool, capfd: Capture, tmp_path: Path
    ) -> None:
        os.chdir(tmp_path)
        assert main(["cut", *options, *(["--json"] if as_json else [])]) == 2
        said = capfd.readouterr()
        assert said.err.count("\n") == 1
        assert said.err.count("figureground: ") == 1
        assert any(part in said.err for part in message.split("|"))
        assert said.out.count("\n") == as_json
        assert not as_json or json.loads(said.out)["status"] == "failed"
        assert list(tmp_path.iterdir()) == []

    @pytest.fixture(autouse=True)
    def back(self) -> Iterator[None]:
        here = Path.cwd()
        yield
        os.chdir(here)


@pytest.fixture(scope="module")
def video(film: Film, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film(tmp_path_factory.mktemp("long") / "a.avi", 600)


class TestResume:
    """600 frames: the writers keep every 256 frames safe, and each picture of a folder."""

    OPTIONS = ("--segmenter", "square", "--also", "overlay,masks,white.png")

    def tree(self, folder: Path) -> dict[str, bytes]:
        return {
            str(path.relative_to(folder)): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }

    def test_the_same_bytes_as_without_a_stop(
        self, video: Path, tmp_path: Path, plug: Plug, capfd: Capture
    ) -> None:
        plug()
        assert main(["cut", str(video), "-o", str(tmp_path / "whole"), *self.OPTIONS]) == 0
        command = ["cut", str(video), "-o", str(tmp_path / "out"), *self.OPTIONS, "--json"]
        capfd.readouterr()
        plug(at(300, KeyboardInterrupt))
        assert main(command) == 130
        said = capfd.readouterr()
        told = json.loads(said.out)
        (one,) = told["inputs"]
        assert (told["status"], one["frames"], one["segmenter"]) == ("interrupted", 300, "square")
        assert "--resume goes on from here" in said.err
        assert all(path.name.startswith(".fg-") for path in (tmp_path / "out").iterdir())
        shown: list[int] = []
        plug(shown.append)
        assert main([*command, "--resume"]) == 0
        (one,) = json.loads(capfd.readouterr().out)["inputs"]
        assert (one["frames"], one["resumed"]) == (600, 256)
        assert shown == list(range(256, 600))
        assert self.tree(tmp_path / "out") == self.tree(tmp_path / "whole")

    def test_twice(self, video: Path, tmp_path: Path, plug: Plug) -> None:
        command = ["cut", str(video), "-o", str(tmp_path / "out"), "--segmenter", "square", "--quiet"]
        for stop in (270, 280, 530):
            plug(at(stop, KeyboardInterrupt))
            assert main([*command, "--resume"]) == 130
        plug()
        assert main([*command, "--resume"]) == 0
        assert main(["cut", str(video), "-o", str(tmp_path / "whole"), *command[4:]]) == 0
        assert self.tree(tmp_path / "out") == self.tree(tmp_path / "whole")

    def test_only_one_output_is_missing(
        self, video: Path, tmp_path: Path, plug: Plug, capfd: Capture
    ) -> None:
        """As after a kill between the end of one output and that of the next."""
        out = tmp_path / "b.mp4"
        overlay = tmp_path / "b_overlay.mp4"
        command = ["cut", str(video), "-o", str(out), *self.OPTIONS, "--json"]
        plug(at(300, KeyboardInterrupt))
        assert main(command) == 130
        shutil.copytree(part_folder(overlay), tmp_path / "saved")
        plug()
        assert main([*command, "--resume"]) == 0
        before = self.tree(tmp_path)
        overlay.unlink()
        shutil.copytree(tmp_path / "saved", part_folder(overlay))
        capfd.readouterr()
        assert main([*command, "--resume"]) == 0
        assert json.loads(capfd.readouterr().out)["inputs"][0]["resumed"] == 256
        assert self.tree(tmp_path) == before

    def test_nothing_to_resume(self, video: Path, tmp_path: Path, plug: Plug, capfd: Capture) -> None:
        plug()
        command = ["cut", str(video), "-o", str(tmp_path / "b.mp4"), "--segmenter", "square", "--json"]
        assert main([*command, "--resume"]) == 0
        (one,) = json.loads(capfd.readouterr().out)["inputs"]
        assert (one["status"], one["resumed"], one["frames"], one["warnings"]) == ("ok", 0, 600, [])
        assert main([*command, "--resume"]) == 0
        (one,) = json.loads(capfd.readouterr().out)["inputs"]
        assert (one["status"], one["frames"]) == ("skipped", 0)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (["--feather", "2"], "other options: --feather was 0.0"),
            (["--keep", "square"], "other options: --keep was None"),
            (["--on", "white"], "wrote other outputs"),
            (["--also", "masks"], "wrote other outputs"),
        ],
    )
    def test_other_settings(
        self, change: list[str], message: str, film: Film, tmp_path: Path, plug: Plug, capfd: Capture
    ) -> None:
        self.interrupted(film, tmp_path, plug)
        assert main([*self.command(tmp_path), *change, "--resume"]) == 2
        (line,) = errors(capfd)
        assert message in line
        assert "leave out --resume to start anew" in line

    def test_what_others_made_is_not_done(
        self, film: Film, tmp_path: Path, plug: Plug, capfd: Capture
    ) -> None:
        """A file counts as done only if this command made it from this input."""
        video, out = film(tmp_path / "a.avi", 20), tmp_path / "b.mp4"
        plug()
        out.write_text("mine")
        assert main([*self.command(tmp_path), "--resume"]) == 2
        assert "b.mp4: is there already, and not made by this very command" in errors(capfd)[0]
        assert out.read_text() == "mine"
        assert main([*self.command(tmp_path), "--overwrite"]) == 0
        assert main([*self.command(tmp_path), "--resume"]) == 0
        made = out.read_bytes()
        for change in (["--feather", "2"], ["--on", "white"], ["--end", "9f"]):
            assert main([*self.command(tmp_path), *change, "--resume"]) == 2
            assert "use --overwrite" in errors(capfd)[0]
        film(video, 30)
        assert main([*self.command(tmp_path), "--resume"]) == 2
        assert out.read_bytes() == made

    @pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv", ".webm", ".avi", ""])
    def test_done(self, suffix: str, film: Film, tmp_path: Path, plug: Plug, capfd: Capture) -> None:
        film(tmp_path / "a.avi", 5)
        plug()
        also = f"white{suffix or '.png'},masks"
        command = ["cut", str(tmp_path / "a.avi"), "-o", str(tmp_path / "b.mp4"), "--also", also, "--json"]
        for status in ("ok", "skipped"):
            assert main([*command, "--segmenter", "square", "--resume"]) == 0
            assert json.loads(capfd.readouterr().out)["inputs"][0]["status"] == status

    @pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp"])
    def test_photo_done(self, suffix: str, tmp_path: Path, plug: Plug, capfd: Capture) -> None:
        plug()
        picture = np.random.default_rng(0).integers(180, 256, (23, 31, 3), np.uint8)
        Image.fromarray(picture).save(tmp_path / "in.png")
        out = tmp_path / f"out{suffix}"
        command = ["cut", str(tmp_path / "in.png"), "-o", str(out), "--segmenter", "square", "--json"]
        for status in ("ok", "skipped"):
            assert main([*command, "--resume"]) == 0
            assert json.loads(capfd.readouterr().out)["inputs"][0]["status"] == status
        with Image.open(out) as made:
            assert np.abs(np.asarray(made.convert("RGB")) - picture.astype(int)).mean() < 30
        Image.new("RGB", (31, 23)).save(out)
        assert main([*command, "--resume"]) == 2
        assert "is there already" in capfd.readouterr().err

    @pytest.mark.parametrize("pattern", [False, True])
    @pytest.mark.parametrize("changed", ["in/3.png", "ground.png"])
    def test_pictures_that_changed(
        self, pattern: bool, changed: str, tmp_path: Path, plug: Plug, capfd: Capture
    ) -> None:
        (tmp_path / "in").mkdir()
        for name in ("in/1.png", "in/2.png", "in/3.png", "ground.png"):
            Image.new("RGB", (32, 24), (200, 200, 200)).save(tmp_path / name)
        what = str(tmp_path / "in") + ("/*.png" if pattern else "")
        command = ["cut", what, "-o", str(tmp_path / "out"), "--on", str(tmp_path / "ground.png")]
        command += ["--segmenter", "square", "--quiet"]
        plug(at(2, KeyboardInterrupt))
        assert main(command) == 130
        Image.new("RGB", (32, 24), (190, 200, 21)).save(tmp_path / changed)
        os.utime(tmp_path / changed, ns=(1, 1))
        plug()
        assert main([*command, "--resume"]) == 2
        assert "changed since" in errors(capfd)[0]
        assert main(command) == 0
        os.utime(tmp_path / changed, ns=(2, 2))
        assert main([*command, "--resume"]) == 2
        assert "is there already" in errors(capfd)[0]

    def test_other_input(self, film: Film, tmp_path: Path, plug: Plug, capfd: Capture) -> None:
        self.interrupted(film, tmp_path, plug)
        film(tmp_path / "a.avi", 30)
        assert main([*self.command(tmp_path), "--resume"]) == 2
        assert "the input has changed since" in errors(capfd)[0]
        assert main(self.command(tmp_path)) == 0
        assert len(read(tmp_path / "b.mp4")) == 30

    def test_garbled_record(self, film: Film, tmp_path: Path, plug: Plug) -> None:
        self.interrupted(film, tmp_path, plug)
        (part_folder(tmp_path / "b.mp4") / "run.json").write_text('{"version": ')
        assert main([*self.command(tmp_path), "--resume"]) == 0
        assert len(read(tmp_path / "b.mp4")) == 300

    def test_the_rest_of_a_list(self, film: Film, tmp_path: Path, plug: Plug, capfd: Capture) -> None:
        for name in ("a.avi", "b.avi", "c.avi"):
            film(tmp_path / "in" / name, 10)
        calls: list[int] = []

        def stop(index: int) -> None:
            calls.append(index)
            if len(calls) == 15:
                raise KeyboardInterrupt

        plug(stop)
        command = [
            "cut",
            str(tmp_path / "in"),
            "-o",
            str(tmp_path / "out"),
            "--segmenter",
            "square",
            "--json",
        ]
        assert main(command) == 130
        statuses = [one["status"] for one in json.loads(capfd.readouterr().out)["inputs"]]
        assert statuses == ["ok", "interrupted", "not started"]
        assert main([*command, "--resume"]) == 0
        statuses = [one["status"] for one in json.loads(capfd.readouterr().out)["inputs"]]
        assert statuses == ["skipped", "ok", "ok"]
        assert len(calls) == 35

    def command(self, folder: Path) -> list[Any]:
        return ["cut", str(folder / "a.avi"), "-o", str(folder / "b.mp4"), "--segmenter", "square", "--quiet"]

    def interrupted(self, film: Film, folder: Path, plug: Plug) -> None:
        film(folder / "a.avi", 300)
        plug(at(299, KeyboardInterrupt))
        assert main(self.command(folder)) == 130
        plug()
