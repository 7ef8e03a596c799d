"""`figureground dataset check`, through the command's own entry."""

import json
import sys
from pathlib import Path

import pytest

from figureground.apps.cli.main import main

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "datasets"))

from broken import BROKEN, NOTED, Break, put, two, write_dataset
from real import COCO128, COMBO

Capture = pytest.CaptureFixture[str]


def run(capsys: Capture, *arguments: str | Path) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of `figureground dataset check`."""
    code = main(["dataset", "check", *map(str, arguments)])
    out, err = capsys.readouterr()
    return code, out, err


@pytest.mark.parametrize(("kind", "text", "change"), BROKEN)
def test_a_broken_dataset_is_named_with_exit_code_1(
    kind: str, text: str, change: Break, tmp_path: Path, capsys: Capture
) -> None:
    path = write_dataset(tmp_path, change)
    code, out, err = run(capsys, path, "--json")
    found = json.loads(out)
    assert code == 1
    assert found["errors"] > 0
    assert kind in [one["kind"] for one in found["defects"]]
    assert err == ""
    code, out, err = run(capsys, path)
    assert code == 1
    assert f"error: {kind}, " in out
    assert "Traceback" not in out + err


@pytest.mark.parametrize("change", [change for kind, _, change in NOTED if kind != "no-annotations"])
def test_notes_alone_are_no_failure(change: Break, tmp_path: Path, capsys: Capture) -> None:
    code, out, _ = run(capsys, write_dataset(tmp_path, change))
    assert code == 0
    assert "note: " in out


def test_a_clean_dataset_is_fine(tmp_path: Path, capsys: Capture) -> None:
    code, out, err = run(capsys, write_dataset(tmp_path))
    assert (code, err) == (0, "")
    assert out.endswith(": 3 images, 4 annotations: nothing wrong\n")
    assert run(capsys, tmp_path / "instances.json", "--quiet") == (0, "", "")


def test_real_data(capsys: Capture) -> None:
    assert run(capsys, COCO128)[0] == 0
    code, out, _ = run(capsys, COMBO)
    assert code == 1
    assert "--images FOLDER" in " ".join(out.split())
    assert run(capsys, COMBO, "--no-pictures")[0] == 0


def test_long_lists_are_cut_short_and_lines_too(tmp_path: Path, capsys: Capture) -> None:
    def far(coco: dict[str, list[dict[str, object]]], folder: Path) -> None:
        coco["annotations"] += [coco["annotations"][0] | {"id": 9 + i, "image_id": 99} for i in range(40)]

    path = write_dataset(tmp_path, far)
    _, out, _ = run(capsys, path, "--no-pictures")
    assert "... and 35 more; --all lists them" in out
    assert max(map(len, out.splitlines()[:-1])) <= 80
    _, out, _ = run(capsys, path, "--all", "--no-pictures")
    assert "annotation 48 on" in out


def test_fix_writes_what_is_mended_and_tells_what_is_left(tmp_path: Path, capsys: Capture) -> None:
    change = two(put("annotations", 0, bbox=[1, 2, 3, 4]), put("categories", 1, name="rat"))
    path = write_dataset(tmp_path, change)
    before = path.read_bytes()
    out_path = tmp_path / "fixed.json"
    code, out, err = run(capsys, path, "--fix", "-o", out_path)
    assert code == 1
    assert "1 annotation: box computed from the mask (1)" in out
    assert "left:" in out
    assert "duplicate-class-name" in out
    assert f"-> {out_path}" in err
    assert json.loads(out_path.read_text())["annotations"][0]["bbox"] == [7, 11, 23, 13]
    assert path.read_bytes() == before


def test_fix_of_all_is_fine(tmp_path: Path, capsys: Capture) -> None:
    path = write_dataset(tmp_path, put("annotations", 0, bbox=[1, 2, 3, 4]))
    code, out, _ = run(capsys, path, "--fix", "-o", tmp_path / "fixed.json", "--json")
    found = json.loads(out)
    assert (code, found["errors"], found["defects"]) == (0, 0, [])
    assert found["done"] == ["1 annotation: box computed from the mask (1)"]
    assert run(capsys, tmp_path / "fixed.json")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--fix"], "--fix needs -o"),
        (["-o", "b.json"], "without --fix nothing is written"),
        (["--fix", "-o", "instances.json", "--overwrite"], "would replace what is read"),
        (["--fix", "-o", "a.jpg"], "is there already"),
    ],
)
def test_options_that_make_no_sense(
    arguments: list[str], text: str, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_dataset(tmp_path)
    monkeypatch.chdir(tmp_path)
    code, out, err = run(capsys, "instances.json", *arguments)
    assert (code, out) == (2, "")
    assert text in err


def test_a_dataset_that_is_not_there_is_wrong_usage(tmp_path: Path, capsys: Capture) -> None:
    code, _, err = run(capsys, tmp_path / "no.json")
    assert code == 2
    assert "no.json" in err
