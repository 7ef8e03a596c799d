"""`figureground dataset info`, through the command's own entry."""

import json
import sys
from pathlib import Path

import pytest

from figureground.apps.cli.main import main

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "datasets"))

from broken import put, write_dataset
from real import COCO128, COMBO

Capture = pytest.CaptureFixture[str]


def run(capsys: Capture, *arguments: str | Path) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of `figureground dataset info`."""
    code = main(["dataset", "info", *map(str, arguments)])
    out, err = capsys.readouterr()
    return code, out, err


def test_the_counts_of_rats_and_larvae(capsys: Capture) -> None:
    code, out, err = run(capsys, COMBO)
    assert (code, err) == (0, "")
    words = [line.split() for line in out.splitlines()]
    assert ["rat", "218", "181"] in [line[:3] for line in words]
    assert ["larva", "280", "31"] in [line[:3] for line in words]
    assert ["images", "212"] in [line[:2] for line in words]
    assert ["annotations", "498"] in [line[:2] for line in words]
    assert max(map(len, out.splitlines()[1:])) <= 80


def test_persons_and_sports_balls(capsys: Capture) -> None:
    code, out, _ = run(capsys, COCO128, "--pair", "person,sports ball")
    assert code == 0
    assert "with person" in out
    assert "= 259 : 6 annotations (43.2 : 1)" in out
    assert max(map(len, out.splitlines()[1:])) <= 80


def test_json_holds_all_of_it(tmp_path: Path, capsys: Capture) -> None:
    code, out, _ = run(capsys, write_dataset(tmp_path), "--pixels", "--json")
    found = json.loads(out)
    assert code == 0
    assert found["classes"] == [
        {"name": "rat", "annotations": 2, "images": 2},
        {"name": "larva", "annotations": 2, "images": 2},
    ]
    assert found["annotations_per_image"] == {"1": 2, "2": 1}
    assert found["area"]["median"] == (493 + 589) / 2  # of 299, 493, 589 and 713
    assert (found["area"]["small"], found["area"]["medium"]) == (4, 0)
    assert found["sizes"] == [{"width": 83, "height": 61, "images": 3}]
    assert found["pixels"]["pixels"] == 3 * 83 * 61
    assert found["pair"]["both"] == 1
    assert all(120 < mean < 135 for mean in found["pixels"]["mean"])


def test_pictures_that_cannot_be_read_make_exit_code_1(tmp_path: Path, capsys: Capture) -> None:
    path = write_dataset(tmp_path)
    (tmp_path / "c.jpg").write_bytes(b"no picture")
    code, _, err = run(capsys, path, "--pixels")
    assert code == 1
    assert "left out: " in err
    assert "c.jpg" in err
    for name in ("a.jpg", "b.png"):
        (tmp_path / name).write_bytes(b"no picture")
    code, out, _ = run(capsys, path, "--pixels", "--json")
    assert code == 1
    assert json.loads(out)["pixels"]["mean"] is None


def test_html_is_written_and_not_replaced(tmp_path: Path, capsys: Capture) -> None:
    path, page = write_dataset(tmp_path), tmp_path / "a&b" / "page.html"
    code, out, err = run(capsys, path, "--html", page, "--quiet")
    assert (code, out, err) == (0, "", "")
    assert page.read_text("utf-8").startswith("<!doctype html>")
    code, _, err = run(capsys, path, "--html", page)
    assert code == 2
    assert "is there already" in err
    assert run(capsys, path, "--html", page, "--overwrite")[0] == 0


@pytest.mark.parametrize(
    ("pair", "text"),
    [("rat", "takes two classes"), ("rat,dog", "there is no class 'dog'; there are: rat, larva")],
)
def test_pairs_that_make_no_sense(pair: str, text: str, tmp_path: Path, capsys: Capture) -> None:
    code, _, err = run(capsys, write_dataset(tmp_path), "--pair", pair)
    assert code == 2
    assert text in err


def test_names_that_steer_the_terminal_are_shown_harmless(tmp_path: Path, capsys: Capture) -> None:
    path = write_dataset(tmp_path, put("categories", 0, name="a\x1b[2Jb" + "long " * 50))
    _, out, _ = run(capsys, path)
    assert "\x1b" not in out
    assert max(map(len, out.splitlines()[1:])) <= 80


def test_an_empty_dataset(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "empty.json"
    path.write_text('{"images": []}')
    assert run(capsys, path, "--html", tmp_path / "page.html")[0] == 0
