"""The README's Python lines are run, and its commands are those that exist."""

import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image

from figureground.apps.cli.main import main
from figureground.testing import made_scene
from figureground.writers import open_writer

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
GUIDE = (ROOT / "docs/cut.md").read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@pytest.fixture
def arena(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the README's `arena.mp4`; it is the working directory."""
    scene = made_scene((120, 160), frames=30)
    with open_writer(tmp_path / "arena.mp4", scene.info, kind="overlay") as writer:
        for frame in scene:
            writer.write(frame, scene.truth(0).select([]))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def frames(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=0))


def test_python_lines(arena: Path) -> None:
    (code,) = blocks(README, "python")
    assert len([line for line in code.splitlines() if line]) <= 5
    exec(compile(code, "README.md", "exec"), {})
    assert frames(arena / "arena_figures.mp4") == 30


def test_python_lines_of_the_method(arena: Path) -> None:
    (code,) = blocks((ROOT / "docs/background.md").read_text(encoding="utf-8"), "python")
    space: dict[str, Any] = {}
    exec(compile(code, "background.md", "exec"), space)
    assert space["background"].picture.shape == (120, 160, 3)
    assert space["segmenter"].min_area == 40


def test_example(arena: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = (ROOT / "examples/cut_video.py").read_text(encoding="utf-8")
    space: dict[str, Callable[[str, str], None]] = {"__name__": "example"}  # type: ignore[dict-item]
    exec(compile(code, "cut_video.py", "exec"), space)
    space["cut"]("arena.mp4", "out.mp4")
    assert frames(arena / "out.mp4") == 30
    assert "30 frames" in capsys.readouterr().out


def test_contact_sheet(arena: Path) -> None:
    script = str(ROOT / "examples/contact_sheet.py")
    subprocess.run([sys.executable, script, "sheet.png", "arena.mp4", "arena.mp4"], check=True)
    with Image.open("sheet.png") as sheet:
        assert sheet.size == (4 * (320 + 4), 2 * (240 + 4))  # 160 x 120 at twice the size, and gaps


@pytest.mark.parametrize(
    "line",
    [
        line
        for text in (README, GUIDE)
        for line in re.findall(r"^figureground cut arena.*", text, re.MULTILINE)
    ],
)
def test_commands_on_a_video(line: str, arena: Path) -> None:
    assert main([*line.split()[1:], "--quiet"]) == 0


def test_commands_on_a_dataset(arena: Path) -> None:
    for line in re.findall(r"^figureground dataset .*", README, re.MULTILINE):
        assert main([*shlex.split(line, comments=True)[1:], "--quiet"]) == 0, line
    assert (arena / "mice_train.zip").stat().st_size > 0


def test_options_exist(capfd: pytest.CaptureFixture[str]) -> None:
    main(["cut", "--help"])
    known = set(re.findall(r"--[a-z-]+", capfd.readouterr().out))
    text = re.sub(r"^figureground (dataset|watch|zones) .*", "", README + GUIDE, flags=re.MULTILINE)
    told = set(re.findall(r"--[a-z]+(?:-[a-z]+)*", text))
    assert told <= known
    assert known - told <= {"--out", "--help", "--keep"}


def test_install_lines_and_links() -> None:
    lines = "\n".join(blocks(README, "sh"))
    assert "pip install . && figureground demo" in lines
    assert "python check.py" in lines
    linked = re.findall(r"\]\((?!http)([^)#]+)\)", README)
    assert [path for path in linked if not (ROOT / path).exists()] == []
