import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from clips import info_of, made_clip, read_times, write_all

from figureground.errors import OutputError
from figureground.files import part_folder
from figureground.writers import open_writer
from figureground.writers.part import Part

BUSY = "another run is writing this; wait for it, or stop it"
PROGRAM = """
import sys, threading
sys.path.insert(0, sys.argv[1])
from clips import info_of, made_clip
from figureground.writers import open_writer
clip = made_clip((24, 28), 300)
with open_writer(sys.argv[2], info_of(clip)) as writer:
    for frame, found in clip:
        writer.write(frame, found)
    print("waiting", flush=True)
    threading.Event().wait()
"""


def files(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


@pytest.mark.parametrize("name", ["a.mp4", "cut", "a.png"])
@pytest.mark.parametrize("options", [{}, {"resume": True}, {"overwrite": True}])
def test_two_runs_do_not_write_the_same(tmp_path, name, options):
    clip, path = made_clip(count=1), tmp_path / name
    with open_writer(path, info_of(clip)) as writer:
        with pytest.raises(OutputError, match=f"{name}: {BUSY}"):
            open_writer(path, info_of(clip), **options)
        writer.write(*clip[0])
    assert files(tmp_path) == [name]
    write_all(open_writer(path, info_of(clip), overwrite=True), clip)  # the lock went with the run


def test_of_two_writers_opened_before_either_began_only_one_begins(tmp_path):
    clip, path = made_clip(count=3), tmp_path / "a.mp4"
    first, second = (open_writer(path, info_of(clip)) for _ in range(2))
    with first:
        first.write(*clip[0])
        with pytest.raises(OutputError, match=BUSY), second:
            pass
        for one in clip[1:]:
            first.write(*one)
    assert len(read_times(path)) == 3


def test_a_killed_process_leaves_no_lock(tmp_path):
    clip, path = made_clip((24, 28), 300), tmp_path / "a.mp4"
    line = [sys.executable, "-c", PROGRAM, str(Path(__file__).parent), str(path)]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "waiting\n"
        for options in ({}, {"resume": True}):
            with pytest.raises(OutputError, match=BUSY):
                open_writer(path, info_of(clip), **options)
        os.kill(run.pid, signal.SIGKILL)
    writer = open_writer(path, info_of(clip), resume=True)
    assert writer.done == 256  # neither of the refused runs touched it
    write_all(writer, clip)
    assert len(read_times(path)) == 300
    assert files(tmp_path) == ["a.mp4"]


ENDING = """
import os, shutil, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from clips import info_of, made_clip
from figureground.writers import open_writer
calls, clip = int(sys.argv[4]), made_clip((24, 28), 260)
name = sys.argv[3]
owner = shutil if name == "rmtree" else Path
real = getattr(owner, name)
def call(*args, **options):
    global calls
    calls -= 1
    if calls < 0:
        os._exit(9)
    return real(*args, **options)
with open_writer(sys.argv[2], info_of(clip), overwrite=True) as writer:
    for frame, found in clip:
        writer.write(frame, found)
    setattr(owner, name, call)
"""


def killed_at_the_end(path: Path, call: str, number: int) -> None:
    """A run of 260 frames, killed as it is about to call `rename`, ... for the `number`th time, from 0."""
    line = [sys.executable, "-c", ENDING, str(Path(__file__).parent), str(path), call, str(number)]
    assert subprocess.run(line, check=False).returncode == 9


def content(path: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in (path.iterdir() if path.is_dir() else [path])}


@pytest.mark.parametrize(("name", "done"), [("a.mp4", 256), ("cut", 260)])
@pytest.mark.parametrize(
    ("call", "number"),
    [
        ("rename", 0),  # all is made, and nothing renamed
        ("replace", 0),  # the part folder is renamed, the result is not in its place
    ],
)
def test_a_run_killed_before_the_result_is_in_its_place_goes_on(tmp_path, name, done, call, number):
    clip, path = made_clip((24, 28), 260), tmp_path / name
    write_all(open_writer(tmp_path / "whole" / name, info_of(clip)), clip)
    killed_at_the_end(path, call, number)
    assert not path.exists()
    writer = open_writer(path, info_of(clip), resume=True)
    assert writer.done == done
    write_all(writer, clip)
    assert content(path) == content(tmp_path / "whole" / name)
    assert files(tmp_path) == sorted([name, "whole"])


@pytest.mark.parametrize("name", ["a.mp4", "cut"])
def test_a_run_killed_after_the_result_is_in_its_place_has_finished(tmp_path, name):
    clip, path = made_clip((24, 28), 260), tmp_path / name
    write_all(open_writer(tmp_path / "whole" / name, info_of(clip)), clip)
    killed_at_the_end(path, "rmtree", 1)  # 0 is before the first renaming
    assert content(path) == content(tmp_path / "whole" / name)
    assert not part_folder(path).exists()
    write_all(open_writer(path, info_of(clip), overwrite=True), clip)
    assert files(tmp_path) == sorted([name, "whole"])  # what the killed run left is gone


def test_a_run_killed_while_it_fills_a_folder_goes_on(tmp_path):
    clip, path = made_clip((24, 28), 260), tmp_path / "cut"
    write_all(open_writer(tmp_path / "whole" / "cut", info_of(clip)), clip)
    write_all(open_writer(path, info_of(clip)), clip[:3])
    (path / "notes.txt").write_text("mine")
    killed_at_the_end(path, "replace", 100)
    assert 90 < len(files(path)) < 110
    writer = open_writer(path, info_of(clip), resume=True, overwrite=True)
    assert writer.done == 260
    write_all(writer, clip)
    assert content(path) == content(tmp_path / "whole" / "cut") | {"notes.txt": b"mine"}
    assert files(tmp_path) == ["cut", "whole"]


def test_a_result_that_cannot_be_put_in_its_place_leaves_the_part(tmp_path):
    path = tmp_path / "a.txt"
    part = Part(path)
    part.take()
    (part.folder / "new.txt").write_text("whole")
    (path / "inside").mkdir(parents=True)
    with pytest.raises(OSError, match="directory"):
        part.finish("new.txt", path)
    part.release()
    assert files(part.folder) == ["new.txt"]


def test_a_run_that_fails_before_its_first_chunk_leaves_its_part(tmp_path):
    """Whoever keeps a record there finds it; the next run begins at frame 0."""
    clip, path = made_clip((24, 28), 100), tmp_path / "a.mp4"
    with pytest.raises(RuntimeError, match="power"), open_writer(path, info_of(clip)) as writer:
        (part_folder(path) / "record.json").write_text("{}")
        for frame, found in clip:
            writer.write(frame, found)
        raise RuntimeError("power")
    assert (part_folder(path) / "record.json").exists()
    writer = open_writer(path, info_of(clip), resume=True)
    assert writer.done == 0
    write_all(writer, clip)
    assert files(tmp_path) == ["a.mp4"]
