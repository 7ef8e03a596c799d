"""The table of trackers: every entry keeps the promises of its seam, and other packages can add theirs."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from figureground.errors import MissingExtraError, OptionError
from figureground.instances import Instances
from figureground.testing import check_tracker, made_herd
from figureground.trackers import TRACKERS, load_tracker, tracker_names, tracker_options

NAMES = ["motion", "iou-centre"]
WELLS = [(0, 0, 32, 48), (32, 0, 64, 48)]


def test_every_tracker_is_checked_here() -> None:
    assert list(TRACKERS) == NAMES


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("options", [{}, {"count": 3}, {"count": 2}, {"arenas": WELLS}])
def test_keeps_its_promises(name: str, options: dict[str, Any]) -> None:
    check_tracker(lambda: load_tracker(name, **options))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("options", [{}, {"count": 5}])
def test_gives_the_same_ids_each_time(name: str, options: dict[str, Any]) -> None:
    herd = made_herd((101, 127), frames=60, animals=5, speed=4.0, merged=True, drop=0.1, seed=3)
    runs = []
    for _ in range(2):
        tracker = load_tracker(name, **options)
        runs.append([tracker.update(frame, herd.found(frame.index)).ids.tolist() for frame in herd])
    assert runs[0] == runs[1]


@pytest.mark.parametrize("name", NAMES)
def test_nothing_and_empty_masks_are_ordinary(name: str) -> None:
    frame = next(iter(made_herd((31, 47), frames=1, animals=0)))
    tracker = load_tracker(name, count=2)
    assert len(tracker.update(frame, Instances.empty((31, 47)))) == 0
    empty = Instances.from_dense(np.zeros((2, 31, 47), bool))
    assert tracker.update(frame, empty).ids.tolist() == [-1, -1]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"count": 0}, "count must be 1 or more"),
        ({"lost": -1}, "lost"),
        ({"distance": 0.0}, "distance"),
        ({"count": [1, 2]}, "needs arenas"),
        ({"colour": "red"}, "^tracker '{name}': got an unexpected keyword argument 'colour'"),
    ],
)
def test_options_that_make_no_sense(name: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(OptionError, match=message.format(name=name)):
        load_tracker(name, **options)


def test_a_name_that_nobody_has() -> None:
    with pytest.raises(OptionError, match=r"^no tracker 'sort'; choose one of: motion, iou-centre$"):
        load_tracker("sort")


def test_options_are_told() -> None:
    assert tracker_options("motion")[:2] == ["count", "arenas"]


@pytest.mark.parametrize("name", NAMES)
def test_without_scipy(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    with pytest.raises(MissingExtraError, match=r'pip install "figureground\[tracks\]"'):
        load_tracker(name)


def test_another_package_adds_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "followers.py").write_text(
        "class Nobody:\n"
        "    def update(self, frame, found):\n"
        "        return found\n"
        "def load():\n"
        "    return Nobody()\n"
    )
    info = tmp_path / "followers-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: followers\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[figureground.trackers]\nnobody = followers:load\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert tracker_names() == [*NAMES, "nobody"]
    assert type(load_tracker("nobody")).__name__ == "Nobody"
