"""The commands and the Python lines of docs/tracks.md are run, in their order, on a real video."""

import re
import shlex
from pathlib import Path

import pytest

from figureground.apps.cli.main import main
from figureground.review.log import read_corrected
from figureground.tracks.file import read_tracks

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared/data"
GUIDE = (ROOT / "docs/tracks.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)


@pytest.fixture(scope="module")
def guide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder where every command of the guide has been run."""
    folder = tmp_path_factory.mktemp("guide")
    (folder / "two_flies.mp4").symlink_to(DATA / "animals/two_flies.mp4")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for line in filter(None, "\n".join(blocks("sh")).splitlines()):
            command = shlex.split(line)[1:]
            quiet = [] if command[:2] in (["tracks", "info"],) else ["--quiet"]
            assert main([*command, *quiet]) == 0, line
    return folder


def test_two_flies_stay_two(guide: Path) -> None:
    tracks = read_tracks(guide / "two_flies.tracks.parquet")
    assert tracks.ids.tolist() == [0, 1]
    assert len(tracks) == 2 * len(tracks.frames) == 256
    corrected = read_corrected(guide / "two_flies.tracks.parquet")  # the swap was undone
    assert (corrected.id == tracks.id).all()


def test_all_that_is_told_is_there(guide: Path) -> None:
    names = (
        *("two_flies_overlay.mp4", "trails.png", "places.csv", "flies.csv", "flies_via.csv", "flies_each"),
        *("flies/two_flies.mp4", "flies/two_flies_overlay.mp4", "flies/two_flies.tracks.parquet"),
        *("corrected/two_flies.mp4", "corrected/two_flies_split/figure_0.mp4", "examples/two_flies"),
    )
    assert [name for name in names if not (guide / name).exists()] == []


def test_python_lines(
    guide: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(guide)
    (code,) = blocks("python")
    exec(compile(code, "tracks.md", "exec"), {})
    assert "[0 1]" in capsys.readouterr().out


def test_every_verb_and_option_is_real(capfd: pytest.CaptureFixture[str]) -> None:
    known: set[str] = set()
    pages = ["track"], ["cut"], ["examples", "make"], *(["tracks", verb] for verb in verbs())
    for page in pages:
        main([*page, "--help"])
        known |= set(re.findall(r"--[a-z-]+", capfd.readouterr().out))
    assert set(re.findall(r"--[a-z]+(?:-[a-z]+)*", GUIDE)) <= known
    assert set(re.findall(r"^figureground tracks (\w+)", GUIDE, re.MULTILINE)) == set(verbs())


def verbs() -> list[str]:
    return ["info", "trails", "check", "correct", "score", "convert"]


def test_pictures_and_links_are_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", GUIDE):
        assert (ROOT / "docs" / target).exists(), target
