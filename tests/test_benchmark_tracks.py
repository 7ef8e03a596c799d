"""The benchmark of the tracks file runs, and both files hold the same figures."""

import importlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]


def test_it_runs(tmp_path: Path) -> None:
    line = [sys.executable, "-m", "benchmarks.tracks", "--frames", "5", "--animals", "2", "--rounds", "1"]
    run = subprocess.run(
        [*line, "-o", tmp_path / "t.json"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "10 rows of 2 animals in 5 frames" in run.stdout
    saved = json.loads((tmp_path / "t.json").read_text(encoding="utf-8"))
    assert [one["way"] for one in saved["results"]] == ["pickle", "tracks file"]
    assert set(saved["results"][1]["seconds"]) == {"write", "read", "one frame", "one animal"}


def test_both_hold_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT))
    bench = importlib.import_module("benchmarks.tracks")
    tracks = bench.made_tracks(7, 3)
    both = bench.ways(tracks, tmp_path)
    for _, timed in both.values():
        timed["write"]()
    old, new = (timed["one frame"]() for _, timed in both.values())
    np.testing.assert_array_equal(np.array([np.asarray(box) for box in old]), new.boxes)
