"""The commands and the Python lines of docs/datasets.md are run, in their order."""

import re
import shlex
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from figureground import read_dataset
from figureground.apps.cli.main import main
from figureground.datasets.segmentation import picture_to_instances

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared/data"
GUIDE = (ROOT / "docs/datasets.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)


@pytest.fixture(scope="module")
def guide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder where every command of the guide has been run on the real video."""
    folder = tmp_path_factory.mktemp("guide")
    (folder / "mouse_arena.mp4").symlink_to(DATA / "animals/mouse_arena.mp4")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for line in filter(None, "\n".join(blocks("sh")).splitlines()):
            command = shlex.split(line)[1:]
            assert main([*command, "--quiet"]) == 0, line
    return folder


def test_the_way_to_a_training_set(guide: Path) -> None:
    made, train = read_dataset(guide / "mice"), read_dataset(guide / "mice_train.zip")
    val = read_dataset(guide / "parts/val")
    assert [len(one.pictures) for one in (made, train, val)] == [20, 16, 4]
    assert [category.name for category in made.categories] == ["mouse"]
    frames = [picture.get("frame") for picture in made.pictures]
    assert {picture.get("video") for picture in made.pictures} == {"mouse_arena.mp4"}
    assert max(p.get("frame") for p in train.pictures) < min(p.get("frame") for p in val.pictures)
    assert sorted(frames) == sorted(p.get("frame") for p in (*train.pictures, *val.pictures))
    assert len(train.annotations) + len(val.annotations) == len(made.annotations) >= 20


def test_the_zip_is_as_cvat_reads_it_and_keeps_every_outline(guide: Path) -> None:
    with zipfile.ZipFile(guide / "mice_train.zip") as archive:
        names = archive.namelist()
        assert archive.testzip() is None
    assert "annotations/instances_default.json" in names
    assert sum(name.startswith("images/") for name in names) == 16
    before, after = read_dataset(guide / "parts/train"), read_dataset(guide / "mice_train.zip")
    outlines = [Counter(str(figure.segmentation) for figure in one.annotations) for one in (before, after)]
    assert outlines[0] == outlines[1]


def test_the_mouse_is_outlined_in_most_frames(guide: Path) -> None:
    """Not that it is exact: that a first training set shows what it should, and where."""
    data = read_dataset(guide / "mice")
    groups = data.by_picture()
    sizes = [
        max(picture_to_instances(data, picture, groups[picture.id]).areas, default=0)
        for picture in data.pictures
    ]
    assert sum(300 < size < 10_000 for size in sizes) >= 18  # a mouse here has about 600 px to 3,000


def test_python_lines(guide: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(guide)
    (code,) = blocks("python")
    exec(compile(code, "datasets.md", "exec"), {})
    assert 0 < len(read_dataset("train.zip").pictures) < 20


def test_every_verb_is_in_the_guide() -> None:
    from figureground.apps.cli.dataset.app import VERBS

    told = set(re.findall(r"^figureground dataset (\w+)", GUIDE, re.MULTILINE))
    assert told == set(VERBS)
