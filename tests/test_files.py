import errno
from pathlib import Path

import pytest

from figureground.errors import FiguregroundError, OutputError
from figureground.files import output_errors, part_folder, written


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_a_file_appears_when_it_is_whole(tmp_path):
    with written(tmp_path / "new" / "a.mp4") as part:
        part.write_text("half")
        assert not (tmp_path / "new" / "a.mp4").exists()
        assert (part.parent, part.suffix) == (tmp_path / "new", ".mp4")
    assert names(tmp_path / "new") == ["a.mp4"]


def test_a_failure_leaves_what_was_there(tmp_path):
    (tmp_path / "a.txt").write_text("before")
    with pytest.raises(RuntimeError, match="no more"), written(tmp_path / "a.txt") as part:
        part.write_text("half")
        raise RuntimeError("no more")
    assert names(tmp_path) == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "before"


def test_a_file_is_replaced(tmp_path):
    for text in ("first", "second"):
        with written(tmp_path / "a.txt") as part:
            part.write_text(text)
    assert (tmp_path / "a.txt").read_text() == "second"


@pytest.mark.parametrize(
    "name", ["x" * 250 + ".mp4", "Mäuse im Käfig 鼠.mp4", "no suffix", ".hidden", "a.b.c"]
)
def test_any_name_that_the_disk_takes(tmp_path, name):
    with written(tmp_path / name) as part:
        part.write_text("whole")
    assert names(tmp_path) == [name]


def test_nothing_written_is_an_error_that_names_the_file(tmp_path):
    with (
        pytest.raises(OutputError, match=r"a\.txt: cannot be written: No such file"),
        written(tmp_path / "a.txt"),
    ):
        pass
    assert names(tmp_path) == []


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    reason = r"a\.txt: cannot be written: (Not a directory|File exists)"
    with pytest.raises(OutputError, match=reason), written(tmp_path / "file" / "a.txt") as part:
        part.write_text("never")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (OSError(errno.ENOSPC, "x"), r"^out\.mp4: cannot be written: No space left on device$"),
        (PermissionError(errno.EACCES, "x"), r"^out\.mp4: cannot be written: Permission denied$"),
        (OSError("no number"), r"^out\.mp4: cannot be written: no number$"),
        (OutputError("said already"), "^said already$"),
    ],
)
def test_the_systems_errors_name_the_file_and_the_reason(error, message):
    with pytest.raises(OutputError, match=message) as caught, output_errors("out.mp4"):
        raise error
    assert isinstance(caught.value, FiguregroundError)
    assert isinstance(caught.value, OSError)


def test_other_errors_pass():
    with pytest.raises(KeyError, match="mine"), output_errors("out.mp4"):
        raise KeyError("mine")


def test_part_folders_are_hidden_short_and_each_its_own(tmp_path):
    paths = [tmp_path / name for name in ("a.mp4", "a.mov", "A.mp4", "x" * 250, "鼠")]
    folders = [part_folder(path) for path in paths]
    assert folders == [part_folder(str(path)) for path in paths]
    assert len(set(folders)) == len(paths)
    for folder in folders:
        assert folder.parent == tmp_path
        assert folder.name.startswith(".fg-")
        assert len(folder.name) < 40
