"""A run that was stopped goes on behind its last whole window, and gives what one without a stop gives."""

import json
import shutil
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from figureground.errors import OutputError
from figureground.files import part_folder
from figureground.folders import folder_proof
from figureground.frames import Frame, SourceInfo
from figureground.instances import Instances
from figureground.writers.examples import writer as module
from figureground.writers.examples.settings import Settings
from figureground.writers.examples.writer import ExamplesWriter

SIZE = (31, 47)
INFO = SourceInfo("arena.mp4", "video", SIZE, Fraction(25), None, None, Fraction(1, 25))
CLASSES = ("rat", "ball")
MODES = [
    Settings(3),
    Settings(5, 2, background="keep"),
    Settings(4, 3, interactive="basic", body_parts=9),
    Settings(3, 4, interactive="advanced", social_distance=2),
]


def made(count: int) -> list[tuple[Frame, Instances]]:
    """Three figures that move, grow, change their class and are missing at times."""
    rng, clip = np.random.default_rng(3), []
    for index in range(count):
        image = rng.integers(0, 256, (*SIZE, 3), np.uint8)
        keys = [key for key in range(3) if (index + key) % 7]
        masks = np.zeros((len(keys), *SIZE), bool)
        for mask, key in zip(masks, keys, strict=True):
            side = int(rng.integers(3, 10))
            mask[index % 5 + 3 * key :][:side, index % 11 + 12 * key :][:, :side] = True
        labels = [(key + index // 6) % 2 for key in keys]
        found = Instances.from_dense(masks, ids=keys, labels=labels) if keys else Instances.empty(SIZE)
        clip.append((Frame(image, index, Fraction(index, 25)), found))
    return clip


def opened(path: Path, settings: Settings, **options: object) -> ExamplesWriter:
    return ExamplesWriter(path, INFO, settings, classes=CLASSES, proof="proof", **options)


def write(writer: ExamplesWriter, clip: list[tuple[Frame, Instances]]) -> None:
    with writer:
        for frame, found in clip[writer.done :]:
            writer.write(frame, found)


def kill(path: Path, clip: list[tuple[Frame, Instances]], settings: Settings) -> None:
    """Leave what a run leaves that is killed behind the last frame of `clip`, and nothing of its exit."""
    copy = path.with_name("killed")
    with pytest.raises(ZeroDivisionError), opened(path, settings) as writer:
        for frame, found in clip:
            writer.write(frame, found)
        shutil.copytree(part_folder(path), copy)
        raise ZeroDivisionError
    shutil.rmtree(part_folder(path), ignore_errors=True)
    copy.rename(part_folder(path))


def content(folder: Path) -> dict[str, bytes]:
    return {str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file()}


@pytest.mark.parametrize("settings", MODES, ids=["alone", "keep", "basic", "advanced"])
@pytest.mark.parametrize("stop", [2, 6, 11, 19])
def test_a_killed_run_that_is_resumed_gives_the_same_bytes(tmp_path, monkeypatch, settings, stop):
    clip = made(19)
    write(opened(tmp_path / "whole/out", settings), clip)
    out = tmp_path / "out"
    kill(out, clip[:stop], settings)
    assert not out.exists()
    names: list[str] = []
    monkeypatch.setattr(
        module, "write_pair", lambda stem, *rest: (names.append(stem.name), real(stem, *rest))
    )
    writer = opened(out, settings, resume=True)
    before = writer.count
    write(writer, clip)
    wanted = content(tmp_path / "whole/out")
    assert content(out) == wanted
    assert folder_proof(out) == "proof"
    assert before + len(names) == writer.count == sum(name.endswith(".avi") for name in wanted)
    ends = [one for one in range(settings.length - 1, stop) if one % settings.step == 0]
    assert (before > 0) == bool(ends)  # what was whole is not made again
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []


real = module.write_pair


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-9])


DAMAGES = {
    "an example": (lambda part: cut(part / "made/rat_0/arena_rat_0_6_len3.jpg"), 6),
    "one that is gone": (lambda part: (part / "made/rat_0/arena_rat_0_9_len3.avi").unlink(), 12),
    "a line cut short": (lambda part: cut(part / "journal.jsonl"), 15),
    "no line": (lambda part: (part / "journal.jsonl").write_text("[" * 9999), 0),
    "no journal": (lambda part: (part / "journal.jsonl").unlink(), 0),
    "half an example more": (
        lambda part: (part / "made/rat_0/arena_rat_0_18_len3.avi").write_bytes(b"R"),
        18,
    ),
    "the mark of the end": (lambda part: (part / "made/.figureground.json").write_text("{}"), 18),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_damaged_is_made_again(tmp_path, damage):
    clip, settings, out = made(19), Settings(3), tmp_path / "out"
    write(opened(tmp_path / "whole/out", settings), clip)
    kill(out, clip[:18], settings)
    assert opened(out, settings, resume=True).done == 14  # the last window ended at frame 15, the 16th
    harm, _ = DAMAGES[damage]
    harm(part_folder(out))
    writer = opened(out, settings, resume=True)
    expected = {"an example": 2, "one that is gone": 5, "a line cut short": 11}
    assert writer.done == expected.get(damage, 0 if damage.startswith("no") else 14)
    write(writer, clip)
    assert content(out) == content(tmp_path / "whole/out")


def test_a_line_that_names_files_elsewhere_does_not_count(tmp_path):
    clip, out = made(12), tmp_path / "out"
    kill(out, clip, Settings(3))
    journal = part_folder(out) / "journal.jsonl"
    head, *lines = journal.read_text().splitlines()
    for name in ("/etc/passwd", "../../x", "../x", "a"):
        line = json.loads(lines[0])
        line["made"][0][0] = name
        journal.write_text(f"{head}\n{json.dumps(line)}\n")
        assert opened(out, Settings(3), resume=True).done == 0


def test_rewinding_goes_back_to_a_whole_window(tmp_path):
    clip, settings, out = made(19), MODES[3], tmp_path / "out"
    write(opened(tmp_path / "whole/out", settings), clip)
    kill(out, clip[:18], settings)
    writer = opened(out, settings, resume=True)
    assert [writer.done, writer.rewind(99), writer.rewind(10), writer.done] == [15, 15, 7, 7]
    write(writer, clip)
    assert content(out) == content(tmp_path / "whole/out")


def test_other_settings_start_anew_and_without_resume_leftovers_are_dropped(tmp_path):
    clip, out = made(19), tmp_path / "out"
    kill(out, clip, Settings(3))
    writer = opened(out, Settings(3, background="white"), resume=True)
    assert writer.done == 0
    assert "starts anew" in writer.notes[0]
    assert opened(out, Settings(3)).done == 0
    assert opened(out, Settings(3), resume=True).done == 0


def test_what_stood_there_stays_until_the_new_is_whole(tmp_path):
    clip, out = made(19), tmp_path / "out"
    write(opened(out, Settings(3)), clip)
    before = content(out)
    with pytest.raises(ZeroDivisionError), opened(out, Settings(4), overwrite=True) as writer:
        for frame, found in clip[:9]:
            writer.write(frame, found)
        raise ZeroDivisionError
    assert content(out) == before
    write(opened(out, Settings(4), overwrite=True, resume=True), clip)
    assert {name.rpartition("len")[2][:1] for name in content(out) if name.endswith(".jpg")} == {"4"}
    assert [one.name for one in tmp_path.iterdir()] == ["out"]


def test_two_runs_do_not_write_the_same(tmp_path):
    with pytest.raises(ZeroDivisionError), opened(tmp_path / "out", Settings(3)):
        with pytest.raises(OutputError, match="another run is writing this"):
            opened(tmp_path / "out", Settings(3))
        raise ZeroDivisionError
    assert not list(tmp_path.iterdir())
