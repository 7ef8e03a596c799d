"""`figureground tracks score`, `check` and `correct`, through the command's own entry."""

import csv
import json
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from figureground.apps.cli.main import main
from figureground.instances import Crop, Instances
from figureground.tracks import Stamp, TrackInfo, Tracks
from figureground.tracks.file import read_tracks, write_tracks

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "review"))

from lanes import renamed, three

pytest.importorskip("pyarrow")
Capture = pytest.CaptureFixture[str]
SWAPPED = ((1, 3, 40, 60), (3, 1, 40, 60))


def run(capsys: Capture, *arguments: str | Path) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of `figureground tracks`."""
    code = main(["tracks", *map(str, arguments)])
    out, err = capsys.readouterr()
    assert "Traceback" not in out + err
    return code, out, err


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_tracks(three(), tmp_path / "truth.tracks.parquet")
    write_tracks(renamed(three(), *SWAPPED), tmp_path / "swapped.tracks.parquet")
    return tmp_path


def test_score_tells_what_is_wrong_and_where(folder: Path, capsys: Capture) -> None:
    truth, swapped = folder / "truth.tracks.parquet", folder / "swapped.tracks.parquet"
    code, out, err = run(capsys, "score", truth, swapped, truth)
    assert (code, err) == (0, "")
    head, one, two, *_ = out.splitlines()
    assert head.split()[:5] == ["result", "HOTA", "DetA", "AssA", "IDF1"]
    assert one.split()[0] == "swapped" and one.split()[4:] == ["0.778"] * 3 + ["0.989", "1.000", "2", "400.0"]
    assert two.split()[0] == "truth" and two.split()[1:] == ["1.000"] * 8 + ["0", "0.0"]
    code, out, _ = run(capsys, "score", truth, swapped, "--json")
    (score,) = json.loads(out)["scores"]
    assert score["where"] == [
        {"frame": 40, "truth": 1, "before": 1, "after": 3},
        {"frame": 40, "truth": 3, "before": 3, "after": 1},
    ]
    assert (score["on"], score["switches"], score["animal_hours"]) == ("masks", 2, pytest.approx(18 / 3600))


def test_score_of_folders_pairs_by_name_and_sums(folder: Path, tmp_path: Path, capsys: Capture) -> None:
    for name in ("truths", "results"):
        (tmp_path / name).mkdir()
        for video in ("a", "b"):
            wrong = [SWAPPED] if name == "results" and video == "b" else [()]
            write_tracks(renamed(three(), *wrong[0]), tmp_path / name / f"{video}.tracks.parquet")
    table = tmp_path / "scores.csv"
    code, out, err = run(capsys, "score", tmp_path / "truths", tmp_path / "results", "-o", table)
    assert (code, err) == (0, f"-> {table}\n")
    assert [line.split()[0] for line in out.splitlines()[1:4]] == ["a", "b", "all"]
    rows = list(csv.DictReader(table.read_text().splitlines()))
    assert [float(row["IDF1"]) for row in rows] == pytest.approx([1, 7 / 9, 8 / 9])
    assert run(capsys, "score", tmp_path / "truths", tmp_path / "results", "-o", table)[0] == 2
    (tmp_path / "results" / "b.tracks.parquet").unlink()
    code, _, err = run(capsys, "score", tmp_path / "truths", tmp_path / "results")
    assert code == 2 and "has 0 files named b, as one in TRUTH is" in err


def test_score_reads_what_other_tools_wrote(folder: Path, capsys: Capture) -> None:
    lines = [
        f"{frame + 1},{one + 6},{30 + 2 * frame},{10 + 25 * one},11,7,1,-1,-1,-1"
        for frame in range(60)
        for one in (1, 2, 3)
    ]
    (folder / "mot.txt").write_text("\n".join(lines) + "\n")
    for pair in (("mot.txt", "truth.tracks.parquet"), ("truth.tracks.parquet", "mot.txt")):
        code, out, _ = run(capsys, "score", *(folder / name for name in pair), "--on", "boxes", "--json")
        (score,) = json.loads(out)["scores"]
        assert (code, score["IDF1"], score["MOTP"], score["on"]) == (0, 1, pytest.approx(1), "boxes")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["truth.tracks.parquet", "no.tracks.parquet"], "no.tracks.parquet: no such file"),
        (["truth.tracks.parquet", "swapped.tracks.parquet", "--on", "points"], "got 'points'"),
        (["truth.tracks.parquet", "swapped.tracks.parquet", "-o", "a.xlsx"], "written to .csv or .json"),
        (["truth.tracks.parquet", "."], "is a folder, and TRUTH is a file"),
        ([".", "truth.tracks.parquet"], "is no folder, and TRUTH is one"),
        (["noise.tracks.parquet", "truth.tracks.parquet"], "noise.tracks.parquet: is no tracks file"),
    ],
)
def test_score_says_what_it_cannot_use(
    folder: Path, arguments: list[str], said: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    (folder / "noise.tracks.parquet").write_bytes(b"\x00\x01" * 999)
    code, out, err = run(capsys, "score", *arguments)
    assert (code, out) == (2, "") and said in err


def test_check_lists_and_writes(folder: Path, capsys: Capture) -> None:
    swapped = folder / "swapped.tracks.parquet"
    code, out, err = run(capsys, "check", swapped)
    assert (code, err) == (0, "")
    assert "swap: ids 1, 3: change places, 50 pixels apart" in out
    assert out.endswith("1 suspicious place: 1 swap\n")
    for name in ("list.csv", "list.json"):
        code, _, err = run(capsys, "check", swapped, "-o", folder / name)
        assert (code, err) == (0, f"-> {folder / name}\n")
    (row,) = csv.DictReader((folder / "list.csv").read_text().splitlines())
    (record,) = json.loads((folder / "list.json").read_text())
    assert (row["frame"], row["ids"], row["cure"], row["seconds"]) == (
        "40",
        "1 3",
        "swap 1 3 --from 40",
        "4.0",
    )
    assert (record["frame"], record["ids"], record["kind"]) == (40, [1, 3], "swap")
    assert json.loads(run(capsys, "check", swapped, "--json")[1])["places"] == [record]
    assert run(capsys, "check", folder / "truth.tracks.parquet")[1] == "nothing suspicious in 60 frames\n"
    assert run(capsys, "check", swapped, "-o", folder / "list.csv")[0] == 2
    assert run(capsys, "check", swapped, "-o", folder / "list.txt")[0] == 2
    assert run(capsys, "check", swapped, "-q") == (0, "", "")


def test_the_list_is_cut_and_says_so(folder: Path, capsys: Capture) -> None:
    faults = [(2, -1, start, start + 1) for start in range(1, 59, 2)] + [(1, 5, 30, 31)]
    many = renamed(three(), *faults)
    for start in range(2, 58, 2):
        many = renamed(many, (3, 100 + start, start, start + 1))
    write_tracks(many, folder / "many.tracks.parquet")
    _, out, _ = run(capsys, "check", folder / "many.tracks.parquet")
    assert "more; --all lists them" in out and len(out.splitlines()) == 20 + 4
    _, out, _ = run(capsys, "check", folder / "many.tracks.parquet", "--all")
    assert "more; --all" not in out and len(out.splitlines()) > 24


def test_check_draws_the_places(
    tmp_path: Path, film: Callable[..., Path], capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    film(Path("a.mp4"), 12)
    crop = Crop(0, 0, np.ones((12, 12), bool))
    places = [(24, 4 + 2 * frame) if frame < 8 else (50, 80) for frame in range(12)]
    frames = [
        (Stamp(i, Fraction(i, 25)), Instances((64, 96), (crop._replace(y0=y, x0=x),), ids=np.array([1])))
        for i, (y, x) in enumerate(places)
    ]
    write_tracks(Tracks.from_instances(frames, TrackInfo("a.mp4", (64, 96))), "a.tracks.parquet")
    code, out, err = run(capsys, "check", "a.tracks.parquet", "--video", "a.mp4", "--pictures", "todo")
    assert (code, err) == (0, "-> todo\n") and "1 jump" in out
    assert [one.name for one in sorted(Path("todo").glob("*.jpg"))] == ["001_jump_8.jpg"]
    assert run(capsys, "check", "a.tracks.parquet", "--video", "a.mp4", "--pictures", "todo")[0] == 2
    again = ("check", "a.tracks.parquet", "--video", "a.mp4", "--pictures", "todo", "--overwrite")
    assert run(capsys, *again)[0] == 0
    code, _, err = run(capsys, "check", "a.tracks.parquet", "--pictures", "b")
    assert code == 2 and "--pictures FOLDER and --video FILE need each other" in err


def test_what_check_proposes_can_be_made_and_is_seen_by_all(folder: Path, capsys: Capture) -> None:
    swapped, truth = folder / "swapped.tracks.parquet", folder / "truth.tracks.parquet"
    before = swapped.read_bytes()
    cure = json.loads(run(capsys, "check", swapped, "--json")[1])["places"][0]["cure"]
    code, out, err = run(capsys, "correct", swapped, *cure.split())
    assert (code, out) == (0, "")
    assert err.startswith("swapped ids 1 and 3 from frame 40 on: 40 figures change; 1 correction counts -> ")
    assert run(capsys, "check", swapped)[1] == "nothing suspicious in 60 frames\n"
    assert json.loads(run(capsys, "score", truth, swapped, "--json")[1])["scores"][0]["IDF1"] == 1
    assert swapped.read_bytes() == before
    assert run(capsys, "convert", swapped, "-o", folder / "good.tracks.parquet", "-q")[0] == 0
    good = read_tracks(folder / "good.tracks.parquet")
    assert (good.id == three().id).all() and good.info.settings["corrections"][0]["do"] == "swap"
    code, out, _ = run(capsys, "correct", swapped, "undo", "--json")
    did = {"did": "undone: swapped ids 1 and 3 from frame 40 on", "figures": 40, "left": 0}
    assert did.items() <= json.loads(out).items()
    assert "swap: ids 1, 3" in run(capsys, "check", swapped)[1]
    code, out, err = run(capsys, "correct", swapped, "log")
    assert [line.split(maxsplit=2)[2] for line in out.splitlines()] == [
        "(undone) swapped ids 1 and 3 from frame 40 on",
        "undo",
    ]
    assert [
        one["counts"] for one in json.loads(run(capsys, "correct", swapped, "log", "--json")[1])["log"]
    ] == [
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("arguments", "changed"),
    [
        (["merge", "1", "9"], [1, 2, 3]),
        (["split", "2", "--from", "10"], [1, 2, 3, 9, 10]),
        (["split", "2", "5", "--from", "10"], [1, 2, 3, 5, 9]),
        (["delete", "9"], [1, 2, 3]),
        (["delete", "1", "--from", "0", "--to", "5"], [1, 2, 3, 9]),
        (["rename", "3", "0"], [0, 1, 2, 9]),
    ],
)
def test_each_correction(folder: Path, arguments: list[str], changed: list[int], capsys: Capture) -> None:
    path = folder / "a.tracks.parquet"
    write_tracks(renamed(three(), (1, 9, 30, 60)), path)
    assert run(capsys, "correct", path, *arguments)[0] == 0
    _, out, _ = run(capsys, "info", path, "--json")
    assert [one["id"] for one in json.loads(out)["figures"]] == changed


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["explode"], "what to do is one of: swap, merge, split, delete, rename, undo, log"),
        (["swap", "1", "2"], "swap takes two ids, and --from FRAME"),
        (["swap", "1", "--from", "3"], "swap takes two ids"),
        (["merge", "1", "2", "--from", "3"], "merge takes two ids"),
        (["rename", "1"], "rename takes an id, and its new one"),
        (["undo", "1"], "undo takes nothing more"),
        (["split", "1", "--from", "3", "--to", "5"], "split takes an id"),
        (["merge", "1", "2"], "both in frame 0"),
        (["delete", "8"], "there is no id 8; there are: 1, 2, 3"),
        (["undo"], "there is no correction to undo"),
        (["swap", "1", "x", "--from", "3"], "valid integer"),
    ],
)
def test_what_cannot_be_corrected(folder: Path, arguments: list[str], said: str, capsys: Capture) -> None:
    code, out, err = run(capsys, "correct", folder / "truth.tracks.parquet", *arguments)
    assert (code, out) == (2, "") and said in err
    assert not (folder / "truth.tracks.corrections.jsonl").exists()


def test_a_file_that_is_not_there(tmp_path: Path, capsys: Capture) -> None:
    for verb in ("check", "correct"):
        more = ["log"] if verb == "correct" else []
        code, _, err = run(capsys, verb, tmp_path / "no.tracks.parquet", *more)
        assert code == 2 and "no.tracks.parquet: no such file; give a tracks file" in err
