"""`figureground track`, and `cut` where figures are followed, through the command's own entry."""

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from figureground.apps.cli.main import main
from figureground.files import part_folder
from figureground.models.card import sha256
from figureground.review.corrections import Rename
from figureground.review.log import CorrectionLog
from figureground.segmenters.replay import Replay
from figureground.testing import made_herd
from figureground.tracks import TrackInfo, Tracks
from figureground.tracks.file import read_tracks, write_tracks

Capture = pytest.CaptureFixture[str]
SIZE, FRAMES = (112, 158), 41


def read(path: Path) -> list[npt.NDArray[np.uint8]]:
    """All pictures of a video, (h, w, 3) RGB, by PyAV alone."""
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def told(capture: Capture) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(capture.readouterr().out)
    return record


@pytest.fixture(scope="module")
def herd():
    return made_herd(SIZE, frames=FRAMES, animals=3, body=(15, 9), seed=3, speed=2.0, rate=Fraction(20))


@pytest.fixture(scope="module")
def video(herd, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("herd") / "herd.mkv"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("ffv1", rate=20)
        stream.height, stream.width, stream.pix_fmt = *SIZE, "bgr0"
        for frame in herd:
            out.mux(stream.encode(av.VideoFrame.from_ndarray(frame.image, format="rgb24")))
        out.mux(stream.encode(None))
    return path


@pytest.fixture(scope="module")
def truth(herd, video: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The true tracks, beside the video that they name."""
    path = video.with_name("true.tracks.parquet")
    rows = [(frame, herd.truth(frame.index)) for frame in herd]
    write_tracks(Tracks.from_instances(rows, TrackInfo(str(video), SIZE, Fraction(20))), path)
    return path


def test_track_writes_tracks_and_what_is_asked_for_beside_them(
    herd, video: Path, tmp_path: Path, capsys: Capture
) -> None:
    out = tmp_path / "a.tracks.parquet"
    line = ["track", str(video), "-o", str(out), "--count", "3", "--also", "overlay,black", "--json"]
    assert main(line) == 0
    (record,) = told(capsys)["inputs"]
    assert record["tracking"] | {"seconds": 0} == {
        "tracker": "motion",
        "ids": 3,
        "ids_after_first_second": 0,
        "seconds": 0,
    }
    names = ["a.tracks.parquet", "a_black.mp4", "a_overlay.mp4"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    tracks = read_tracks(out)
    assert tracks.ids.tolist() == [0, 1, 2]
    assert (len(tracks.frames), tracks.time(20)) == (FRAMES, 1)
    info = tracks.info
    assert (info.video, info.size, info.rate) == (str(video), SIZE, 20)
    assert info.sha256 == sha256(video)
    assert info.made_by.startswith("figureground ")
    assert (info.settings["segmenter"], info.settings["tracker"]) == ("pair", "motion")
    assert info.settings["count"] == "3"
    for index in (5, 33):  # each track stays on one animal
        where = {}
        for key, box in zip(tracks.at(index).ids, tracks.at(index).boxes, strict=True):
            boxes = herd.truth(index).boxes
            distance = np.abs(boxes - box).sum(axis=1)
            where[int(key)] = int(np.argmin(distance))
        assert sorted(where) == sorted(where.values()) == [0, 1, 2]


def test_cut_with_tracks_keeps_a_colour_for_each_figure(
    truth: Path, video: Path, tmp_path: Path, capsys: Capture
) -> None:
    """Cut from the true tracks: who is who is known, and the colours are those of the ids."""
    from figureground.render import figure_colour

    CorrectionLog(truth).add(Rename(1, 7))
    out = tmp_path / "cut.mp4"
    assert main(["cut", str(truth), "-o", str(out), "--also", "overlay.png,tracks", "--json"]) == 0
    (record,) = told(capsys)["inputs"]
    assert (record["segmenter"], record["tracking"], record["frames"]) == ("tracks", None, FRAMES)
    tracks = read_tracks(tmp_path / "cut.tracks.parquet")
    assert tracks.ids.tolist() == [0, 2, 7]
    for index in (0, 40):
        drawn = np.asarray(Image.open(tmp_path / f"cut_overlay/{index:06d}.png")).astype(int)
        found = tracks.at(index)
        for key, crop in zip(found.ids.tolist(), found.masks, strict=True):
            around = drawn[max(0, crop.y0 - 2) : crop.y0 + 30, max(0, crop.x0 - 2) : crop.x0 + 30]
            far = np.abs(around - figure_colour(key)).sum(axis=2)
            assert far.min() < 20, (index, key)
    CorrectionLog(truth).undo()


def test_split_writes_a_video_for_each_figure(
    herd, truth: Path, video: Path, tmp_path: Path, capsys: Capture
) -> None:
    out = tmp_path / "one.mp4"
    assert main(["cut", str(truth), "-o", str(out), "--split"]) == 0, capsys.readouterr().err
    folder = tmp_path / "one_split"
    names = ["figure_0.mp4", "figure_1.mp4", "figure_2.mp4", "figureground.json"]
    assert sorted(path.name for path in folder.iterdir()) == names
    whole = read(out)
    for key in range(3):
        pictures = read(folder / f"figure_{key}.mp4")
        assert len(pictures) == FRAMES
        for index in (0, 19, 40):
            shown = pictures[index].max(axis=2) > 60
            own = herd.truth(index).select([key]).union() > 0
            others = herd.truth(index).select([k for k in range(3) if k != key]).union() > 0
            alone = own & ~others
            assert shown[alone].mean() > 0.7
            assert not shown[~own & ~_grown(own)].any()
            assert np.abs(pictures[index][alone].astype(int) - whole[index][alone]).mean() < 12
    listed = json.loads((folder / "figureground.json").read_text())["figures"]
    assert [(one["id"], one["video"], one["first"], one["last"]) for one in listed] == [
        (key, f"figure_{key}.mp4", 0, FRAMES - 1) for key in range(3)
    ]


def _grown(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    padded = np.pad(mask, 4)
    views = [padded[y : y + mask.shape[0], x : x + mask.shape[1]] for y in range(9) for x in range(9)]
    return np.any(views, axis=0)


def test_figures_of_a_moment_have_no_video(herd, video: Path, tmp_path: Path, capsys: Capture) -> None:
    rows = []
    for frame in herd:
        found = herd.truth(frame.index)
        rows.append((frame, found.select(found.ids < (3 if frame.index in range(8, 20) else 2))))
    path = tmp_path / "short.tracks.parquet"
    write_tracks(Tracks.from_instances(rows, TrackInfo(str(video), SIZE, Fraction(20))), path)
    out = tmp_path / "out"
    assert main(["cut", str(path), "-o", str(out), "--split", "--json"]) == 0
    (record,) = told(capsys)["inputs"]
    assert any("less than a second have none: 1 (ids 2)" in text for text in record["warnings"])
    assert {one.name for one in (out / "short_split").glob("*.mp4")} == {"figure_0.mp4", "figure_1.mp4"}


def test_split_that_is_stopped_goes_on_and_gives_the_same(
    truth: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    from figureground.apps.cli import splitting

    monkeypatch.setattr(splitting, "AT_ONCE", 2)
    whole, out = tmp_path / "whole", tmp_path / "out"
    assert main(["cut", str(truth), "-o", str(whole), "--split", "-q"]) == 0
    line = ["cut", str(truth), "-o", str(out), "--split", "-q"]
    calls = 0
    real = splitting.process

    def stopped(*arguments: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise KeyboardInterrupt
        return real(*arguments, **options)

    monkeypatch.setattr(splitting, "process", stopped)
    assert main(line) == 130
    assert not (out / "true_split").exists()
    assert part_folder(out / "true_split").exists()
    assert main([*line, "--resume"]) == 0
    assert calls == 3  # the first two videos were there
    assert main([*line, "--resume"]) == 0
    assert calls == 3
    for path in (whole / "true_split").glob("*.mp4"):
        assert path.read_bytes() == (out / "true_split" / path.name).read_bytes()
    assert main([*line, "--overwrite"]) == 0
    assert not part_folder(out / "true_split").exists()
    assert len([*(out / "true_split").iterdir()]) == 4


def test_a_tracks_file_is_followed_anew_without_segmenting(
    truth: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    out = tmp_path / "new.tracks.parquet"
    assert main(["track", str(truth), "-o", str(out), "--tracker", "iou-centre", "--json"]) == 0
    (record,) = told(capsys)["inputs"]
    assert record["tracking"]["tracker"] == "iou-centre"
    old, new = read_tracks(truth), read_tracks(out)
    assert new.area.sum() == old.area.sum()
    assert new.info.settings["tracker"] == "iou-centre"


def test_arenas_keep_their_own(video: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.tracks.parquet"
    halves = "0,0,79,112 79,0,158,112"
    assert main(["track", str(video), "-o", str(out), "--arenas", halves, "--count", "2,1", "-q"]) == 0
    tracks = read_tracks(out)
    left, right = tracks.centroids[np.isin(tracks.id, [0, 1])], tracks.centroids[tracks.id == 2]
    assert (left[:, 0] < 79).all()
    assert (right[:, 0] >= 79).all()


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (["track", "V", "-o", "a.mp4"], "-o a.mp4: tracks go to a file NAME.tracks.parquet, or to a folder"),
        (["cut", "V", "-o", "a.tracks.parquet"], "tracks are written by figureground track"),
        (["track", "V", "-o", "out", "--tracker", "none"], "no tracker 'none'; choose one of: motion"),
        (["track", "V", "-o", "out", "--count", "many"], "--count many: must be a number of figures"),
        (["track", "V", "-o", "out", "--count", "0"], "count must be 1 or more figures, got 0"),
        (["track", "V", "-o", "out", "--count", "1,2"], "needs arenas"),
        (["cut", "V", "-o", "out", "--arenas", "none.png"], "arenas 'none.png': expected rectangles"),
        (["track", "V", "-o", "out", "--also", "tracks"], "would be written twice"),
        (["track", "V", "-o", "out", "--also", "split.mp4"], "--also split.mp4: choose from"),
        (["track", "p.png", "-o", "out"], "in a single photo there is nobody to follow"),
        (["cut", "V", "-o", "out", "--video", "b.mp4"], "--video names the video of one file of tracks"),
        (["cut", "T", "-o", "out", "--empty", "p.png"], "--empty goes with videos; tracks hold"),
        (["cut", "T", "-o", "out", "--segmenter", "knn"], "--segmenter goes with videos; tracks hold"),
    ],
)
def test_what_makes_no_sense_is_told_in_one_line(
    line: list[str],
    text: str,
    video: Path,
    truth: Path,
    tmp_path: Path,
    capsys: Capture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    Image.new("RGB", (7, 5)).save("p.png")
    arguments = [{"V": str(video), "T": str(truth)}.get(one, one) for one in line]
    assert main(arguments) == 2
    err = capsys.readouterr().err
    assert text in err
    assert err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["p.png"]


def test_the_video_of_tracks_is_not_overwritten(truth: Path, video: Path, capsys: Capture) -> None:
    before = video.read_bytes()
    assert main(["cut", str(truth), "-o", str(video), "--overwrite"]) == 2
    assert "would overwrite the input" in capsys.readouterr().err
    assert video.read_bytes() == before


def test_tracks_of_another_video(
    truth: Path, film: Callable[..., Path], tmp_path: Path, capsys: Capture
) -> None:
    other = film(tmp_path / "other.avi", 5)
    line = ["cut", str(truth), "-o", str(tmp_path / "out"), "--video", str(other)]
    assert main(line) == 2
    assert "tracks of a video of 158 x 112 pixels, this one has 96 x 64" in capsys.readouterr().err


def test_replay_of_read_tracks_says_what_they_say(truth: Path) -> None:
    tracks = read_tracks(truth)
    replay = Replay(tracks, truth)
    assert ([len(part) for part in replay.parts()], replay.rate) == ([len(tracks)], 20)
