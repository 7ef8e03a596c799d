import json
import subprocess
import sys
from fractions import Fraction

import av
import cv2
import numpy as np
import pytest

from figureground.apps.cli.main import main
from figureground.testing import made_scene
from figureground.tracks import TrackInfo, Tracks
from figureground.tracks.file import write_tracks

SIZE = (109, 139)


@pytest.fixture(scope="module")
def scene():
    return made_scene(SIZE, frames=13, animals=2, rate=Fraction(20))


@pytest.fixture(scope="module")
def video(scene, tmp_path_factory):
    path = tmp_path_factory.mktemp("videos") / "arena.v2.mkv"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("ffv1", rate=20)
        stream.height, stream.width, stream.pix_fmt = *SIZE, "bgr0"
        for frame in scene:
            for packet in stream.encode(av.VideoFrame.from_ndarray(frame.image, format="rgb24")):
                out.mux(packet)
        for packet in stream.encode(None):
            out.mux(packet)
    return path


def tracks_of(scene, video, folder, size=SIZE, name=None):
    info = TrackInfo(str(name or video), size, classes=("mouse", "ball"))
    rows = [(frame, scene.truth(frame.index)) for frame in scene]
    path = folder / "arena.tracks.parquet"
    write_tracks(Tracks.from_instances(rows[:11], info), path)
    return path


def names(path):
    return sorted(str(one.relative_to(path)) for one in path.rglob("*.avi"))


def test_examples_of_a_video(video, tmp_path, capsys):
    code = main(
        ["examples", str(video), "-o", str(tmp_path / "out"), "--length", "5", "--count", "2", "--json"]
    )
    told = capsys.readouterr()
    assert code == 0, told.err
    made = names(tmp_path / "out")
    assert f"arena-v2/{made[0].split('/')[1]}/arena-v2_" in made[0]
    record = json.loads(told.out)
    assert (record["status"], record["inputs"][0]["examples"]) == ("ok", len(made))
    assert len(made) >= 2
    assert 'the examples are called "arena-v2"' in told.err
    assert main(["examples", "check", str(tmp_path / "out")]) == 0
    assert f"{len(made)} examples: nothing wrong" in capsys.readouterr().out


def test_examples_of_tracks_and_their_video(scene, video, tmp_path, capsys):
    tracks = tracks_of(scene, video, tmp_path)
    assert main(["examples", str(tracks), "-o", str(tmp_path / "out"), "--length", "5", "--every", "4"]) == 0
    stems = [f"mouse_{key}/arena-v2_mouse_{key}_{end}_len5.avi" for key in (0, 1) for end in (12, 4, 8)]
    assert names(tmp_path / "out" / "arena-v2") == stems
    assert "2 frames are not in the tracks, so they have no figures" in capsys.readouterr().err
    picture = cv2.imread(str(tmp_path / "out/arena-v2/mouse_0/arena-v2_mouse_0_4_len5.jpg"))
    drawn = np.zeros(SIZE, np.uint8)
    for index in range(5):
        drawn |= scene.truth(index).dense()[0].astype(np.uint8)
    _, _, width, height = cv2.boundingRect(drawn)
    assert abs(max(picture.shape) - max(width, height)) <= 2


@pytest.mark.parametrize(
    ("options", "names_"),
    [
        (["--interactive", "basic"], ["0/arena-v2_5_len5_itbs", "0/arena-v2_10_len5_itbs"]),
        (
            ["--interactive", "advanced", "--social-distance", "2", "--body-parts", "30", "--start", "3f"],
            [
                "mouse_0/arena-v2_mouse_0_10_len5_scdt2_std30_itadv",
                "mouse_1/arena-v2_mouse_1_10_len5_scdt2_std30_itadv",
            ],
        ),
        (
            ["--background", "keep", "--end", "7f"],
            ["mouse_0/arena-v2_mouse_0_5_len5", "mouse_1/arena-v2_mouse_1_5_len5"],
        ),
    ],
)
def test_modes(scene, video, tmp_path, options, names_):
    tracks = tracks_of(scene, "gone.mkv", tmp_path)
    command = [
        "examples",
        str(tracks),
        "--video",
        str(video),
        "-o",
        str(tmp_path / "out"),
        "--length",
        "5",
        "-q",
    ]
    assert main([*command, *options]) == 0
    assert names(tmp_path / "out" / "arena-v2") == sorted(f"{one}.avi" for one in names_)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--length", "2"], "length must be 3 to 1000 frames, got 2"),
        (["--every", "0"], "--every 0: must be 1 frame or more"),
        (["--background", "grey"], "no background 'grey'"),
        (["--social-distance", "3"], "goes with interactive advanced only"),
        (["--tracker", "none"], "no tracker 'none'; choose one of"),
        (["--length", "50"], "13 frames came, and a window needs 50"),
        (["--video", "a.mp4"], "--video names the video of one file of tracks"),
        (["--min-area", "-1"], "--min-area -1: must be 0 or more"),
    ],
)
def test_what_makes_no_sense_is_told_in_one_line(video, tmp_path, capsys, options, told):
    assert main(["examples", str(video), "-o", str(tmp_path / "out"), *options, "-q"]) == 2
    err = capsys.readouterr().err
    assert told in err
    assert err.count("\n") == 1
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").iterdir())


def test_tracks_of_another_video(scene, video, tmp_path, capsys):
    small = made_scene((53, 67), frames=3)
    tracks = tracks_of(small, video, tmp_path, size=(53, 67))
    assert main(["examples", str(tracks), "-o", str(tmp_path / "out")]) == 2
    assert "tracks of a video of 67 x 53 pixels, this one has 139 x 109" in capsys.readouterr().err


def test_tracks_whose_video_is_gone(scene, tmp_path, capsys):
    tracks = tracks_of(scene, "C:\\videos\\gone.mkv", tmp_path)
    assert main(["examples", str(tracks), "-o", str(tmp_path / "out")]) == 2
    assert (
        "its video 'C:\\\\videos\\\\gone.mkv' is not there; name it with --video FILE"
        in capsys.readouterr().err
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["rtsp://me:secret@10.0.0.7/a"], "rtsp://***@10.0.0.7/a: is a camera or a stream; record it"),
        (["0"], "0: is a camera or a stream"),
        (["a.tracks.parquet", "--min-area", "9", "--keep", "figure"], "--min-area goes with videos"),
    ],
)
def test_inputs_that_options_do_not_fit(tmp_path, capsys, arguments, told):
    assert main(["examples", *arguments, "-o", str(tmp_path / "out")]) == 2
    assert told in capsys.readouterr().err


def test_a_video_beside_its_tracks_is_found(scene, video, tmp_path):
    (tmp_path / video.name).write_bytes(video.read_bytes())
    tracks = tracks_of(scene, video, tmp_path, name=f"C:\\videos\\{video.name}")
    assert main(["examples", str(tracks), "-o", str(tmp_path / "out"), "--length", "5"]) == 0


def test_one_bad_input_does_not_stop_the_others(scene, video, tmp_path, capsys):
    tracks = tracks_of(scene, video, tmp_path)
    inputs = [str(tmp_path / "none.mp4"), str(tracks)]
    assert main(["examples", *inputs, "-o", str(tmp_path / "out"), "--length", "5", "--json"]) == 1
    record = json.loads(capsys.readouterr().out)
    assert record["status"] == "partly"
    assert "none.mp4" in record["inputs"][0]["error"]
    assert record["inputs"][1]["examples"] == 4


def test_two_inputs_of_one_name_are_not_mixed_up(scene, video, tmp_path, capsys):
    inputs = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        inputs.append(str(tracks_of(scene, video, tmp_path / name)))
    command = ["examples", *inputs, "-o", str(tmp_path / "out"), "--length", "5", "--overwrite"]
    assert main(command) == 1
    assert f"{inputs[1]}: another input has the same name" in capsys.readouterr().err
    assert len(names(tmp_path / "out")) == 4


def test_what_is_finished_is_not_made_again(scene, video, tmp_path, capsys):
    tracks = tracks_of(scene, video, tmp_path)
    command = ["examples", str(tracks), "-o", str(tmp_path / "out"), "--length", "5", "--resume", "--json"]
    told = []
    for more in ([], [], ["--background", "white"], ["--background", "white", "--overwrite"]):
        assert main([*command, *more]) == (2 if more == ["--background", "white"] else 0)
        told.append(json.loads(capsys.readouterr().out)["inputs"][0]["status"])
    assert told == ["ok", "skipped", "failed", "ok"]


def test_a_run_that_is_interrupted_says_how_to_go_on(scene, video, tmp_path, capsys, monkeypatch):
    from figureground.writers.examples import writer

    def stop(*_):
        raise KeyboardInterrupt

    tracks = tracks_of(scene, video, tmp_path)
    command = [
        "examples",
        str(tracks),
        "-o",
        str(tmp_path / "out"),
        "--length",
        "5",
        "--every",
        "4",
        "--json",
    ]
    with monkeypatch.context() as patch:
        patch.setattr(writer, "write_pair", stop)
        assert main(command) == 130
    told = capsys.readouterr()
    assert json.loads(told.out)["status"] == "interrupted"
    assert "the same command with --resume goes on from here" in told.err
    assert main([*command, "--resume"]) == 0


def test_sorting_and_checking(scene, video, tmp_path, capsys):
    tracks = tracks_of(scene, video, tmp_path)
    main(["examples", str(tracks), "-o", str(tmp_path / "out"), "--length", "5"])
    rows = [f"{name},{'run-ning' if 'mouse_0' in name else 'resting'}" for name in names(tmp_path / "out")]
    (tmp_path / "labels.csv").write_text("name,behaviour\n" + "\n".join(rows))
    capsys.readouterr()
    command = ["examples", "sort", str(tmp_path / "out"), str(tmp_path / "labels.csv")]
    assert main([*command, "-o", str(tmp_path / "sorted"), "--json"]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["behaviours"] == {"resting": 2, "running": 2}
    assert '"run-ning" is called "running"' in told.err
    assert main(["examples", "check", str(tmp_path / "sorted"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["pairs"] == 4
    (tmp_path / "sorted/resting/arena.jpg").write_bytes(b"")
    assert main(["examples", "check", str(tmp_path / "sorted")]) == 1
    out = capsys.readouterr().out
    assert "what to do: rename it so, or move it out of the folder" in out
    assert "4 examples: 3 faults" in out
    assert main([*command, "-o", str(tmp_path)]) == 2


def test_help_loads_nothing_heavy():
    code = (
        "import sys; from figureground.apps.cli.main import main; main(['examples', 'make', '--help']);"
        "sys.exit(any(name in sys.modules for name in ('numpy', 'cv2', 'av', 'pyarrow')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "--social-distance" in done.stdout


@pytest.mark.parametrize("arguments", [["examples"], ["examples", "--help"]])
def test_the_group_tells_its_verbs(arguments, capsys):
    main(arguments)
    out = capsys.readouterr().out
    assert all(word in out for word in ("check", "sort", "make --help"))
