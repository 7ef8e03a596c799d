import json
import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from figureground.errors import InputError, OptionError
from figureground.instances import Crop, Instances
from figureground.review.corrections import Correction, Delete, Merge, Rename, Split, Swap
from figureground.review.log import CorrectionLog, corrections_path, read_corrected
from figureground.tracks import Stamp, TrackInfo, Tracks
from figureground.tracks.file import read_tracks, write_tracks

pytest.importorskip("pyarrow")
SIZE = (31, 47)


def made_tracks() -> Tracks:
    """Ids 1, 2 in frames 0 to 5; 4 in frames 0 to 2; 6 in frames 4 and 5."""
    found = []
    for frame in range(6):
        ids = [1, 2] + [4] * (frame < 3) + [6] * (frame > 3)
        crops = tuple(Crop(frame, 7 * one, np.ones((3, 5), bool)) for one in ids)
        found.append((Stamp(frame, Fraction(frame, 10)), Instances(SIZE, crops, ids=np.array(ids))))
    return Tracks.from_instances(found, TrackInfo("a.mp4", SIZE, Fraction(10), settings={"tracker": "x"}))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_tracks(made_tracks(), tmp_path / "a.tracks.parquet")
    return tmp_path / "a.tracks.parquet"


def same(one: Tracks, two: Tracks) -> bool:
    names = ("frame", "id", "label", "score", "boxes", "centroids", "area", "frames", "times")
    return (
        one.info == two.info
        and all(np.array_equal(getattr(one, name), getattr(two, name)) for name in names)
        and [one.masks.text(i) for i in range(len(one))] == [two.masks.text(i) for i in range(len(two))]
    )


def test_without_corrections_nothing_is_changed_and_nothing_written(path: Path) -> None:
    assert same(read_corrected(path), read_tracks(path))
    log = CorrectionLog(path)
    assert same(log.tracks, read_tracks(path)) and not log.entries
    with pytest.raises(OptionError, match="no id 3"):
        log.add(Rename(3, 5))
    with pytest.raises(OptionError, match="no correction to undo"):
        log.undo()
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_corrections_are_applied_when_the_file_is_read(path: Path) -> None:
    log = CorrectionLog(path)
    assert log.add(Swap(1, 2, 3)) == 6
    assert log.add(Merge(4, 6)) == 2
    assert log.add(Delete(2, 0, 2)) == 2
    tracks = read_corrected(path)
    assert tracks.of(1).boxes[:, 0].tolist() == [7, 7, 7, 14, 14, 14]
    assert tracks.of(2).frame.tolist() == [2, 3, 4, 5]
    assert tracks.of(4).frame.tolist() == [0, 1, 2, 4, 5]
    assert tracks.at(3).masks[0].x0 == 14
    assert tracks.info.settings["tracker"] == "x"
    assert tracks.info.settings["corrections"][1] == {"do": "merge", "id": 4, "other": 6}
    assert same(tracks, log.tracks)
    lines = corrections_path(path).read_text().splitlines()
    assert len(lines) == 4 and json.loads(lines[1])["step"] == {
        "do": "swap",
        "first": 1,
        "second": 2,
        "frame": 3,
    }


STEPS: list[Correction] = [
    Swap(1, 2, 3),
    Merge(4, 6),
    Split(1, 2, 9),
    Delete(9, 4),
    Delete(2),
    Rename(4, 0),
    Swap(0, 1, 1),
]


@given(st.lists(st.integers(0, len(STEPS)), max_size=14))
@settings(max_examples=40, deadline=None)
def test_correct_then_undo_gives_the_same_tracks(
    tmp_path_factory: pytest.TempPathFactory, plan: list[int]
) -> None:
    path = tmp_path_factory.mktemp("log") / "a.tracks.parquet"
    write_tracks(made_tracks(), path)
    log, before = CorrectionLog(path), [made_tracks()]
    for choice in plan:
        if choice == len(STEPS):
            if len(before) > 1:
                log.undo()
                before.pop()
        else:
            try:
                log.add(STEPS[choice])
            except OptionError:
                continue
            before.append(log.tracks)
        assert same(log.tracks, before[-1]) and same(read_corrected(path), before[-1])
    while len(before) > 1:
        log.undo()
        before.pop()
        assert same(log.tracks, before[-1])
    with pytest.raises(OptionError, match="no correction"):
        log.undo()
    assert same(read_corrected(path), made_tracks())


def test_undo_tells_what_it_undid_and_the_log_keeps_all(path: Path) -> None:
    log = CorrectionLog(path)
    log.add(Rename(1, 8))
    log.add(Rename(8, 9))
    assert log.undo() == (Rename(8, 9), 6)
    log.add(Rename(8, 7))
    assert (log.undo()[0], log.undo()[0]) == (Rename(8, 7), Rename(1, 8))
    assert len(log.entries) == len(CorrectionLog(path).entries) == 6
    log.add(Rename(1, 5))
    assert CorrectionLog(path).counting == [6]
    assert CorrectionLog(path).corrections == [Rename(1, 5)]


def test_two_programs_see_what_the_other_added(path: Path) -> None:
    one, two = CorrectionLog(path), CorrectionLog(path)
    one.add(Rename(1, 8))
    two.add(Rename(8, 9))
    with pytest.raises(OptionError, match="no id 8"):
        one.add(Rename(8, 5))
    assert one.undo() == (Rename(8, 9), 6)
    assert read_corrected(path).ids.tolist() == [2, 4, 6, 8]


def test_a_new_id_is_one_that_nobody_ever_had(path: Path) -> None:
    log = CorrectionLog(path)
    assert log.new_id == 7
    log.add(Delete(6))
    assert log.new_id == 7
    log.add(Rename(1, 30))
    assert log.new_id == 31


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_line_that_was_being_written_is_left_out(path: Path, cut: int) -> None:
    log, beside = CorrectionLog(path), corrections_path(path)
    log.add(Rename(1, 8))
    whole = beside.read_bytes()
    log.add(Rename(2, 9))
    beside.write_bytes(beside.read_bytes()[: len(whole) + cut])
    assert read_corrected(path).ids.tolist() == [2, 4, 6, 8]
    CorrectionLog(path).add(Rename(4, 5))
    assert beside.read_bytes()[: len(whole)] == whole
    assert read_corrected(path).ids.tolist() == [2, 5, 6, 8]


def test_a_head_that_was_being_written_is_begun_anew(path: Path) -> None:
    corrections_path(path).write_bytes(b'{"format":1,"figu')
    assert same(read_corrected(path), made_tracks())
    CorrectionLog(path).add(Rename(1, 8))
    assert read_corrected(path).ids.tolist() == [2, 4, 6, 8]


def test_corrections_of_other_tracks_are_refused(path: Path) -> None:
    CorrectionLog(path).add(Rename(1, 8))
    write_tracks(made_tracks().select([0, 1]), path, overwrite=True)
    with pytest.raises(InputError, match=r"of another version of a\.tracks\.parquet"):
        read_corrected(path)


HEAD = '{"format":1,"figureground":"0","tracks":"a","sha256":"%s"}'
AT = '{"at":"2024-05-31T12:00:00Z","step":%s}'


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([AT % '{"do":"undo"}'], "line 2: undoes a correction, but none is left"),
        (
            [AT % '{"do":"rename","id":1,"new":8}', AT % '{"do":"rename","id":1,"new":9}'],
            "line 3: there is no id 1",
        ),
        ([AT % '{"do":"rename","id":1,"new":-8}'], "line 2: is no line of corrections: .*>= 0"),
        (
            [AT % '{"do":"rename","id":1,"new":8,"x":1}'],
            "line 2: is no line of corrections: .*unknown field `x`",
        ),
        ([AT % '{"do":"rename","id":1e99,"new":8}'], "line 2: is no line of corrections"),
        ([AT % '{"do":"explode"}'], "line 2: is no line of corrections: Invalid value 'explode'"),
        (["[" * 3000], "line 2: is no line of corrections"),
        (["", AT % '{"do":"undo"}'], "line 2: is no line of corrections"),
        (["x" * 5000], "line 2: has 5,000 bytes; at most 4,096"),
        ([AT % '{"do":"delete","id":1,"start":4,"stop":2}'], "line 2: .*there is nothing to delete"),
        (["{}"] * 100_001, "has 100,002 lines; at most 100,000"),
    ],
)
def test_a_log_of_a_stranger_is_checked_line_by_line(path: Path, lines: list[str], said: str) -> None:
    import hashlib

    head = HEAD % hashlib.sha256(path.read_bytes()).hexdigest()
    corrections_path(path).write_text("\n".join([head, *lines]) + "\n")
    with pytest.raises(InputError, match=said):
        read_corrected(path)


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (b"\xff\xfe\n", "line 1: is no line of corrections"),
        (b'{"format":2,"figureground":"9","tracks":"a","sha256":"' + b"0" * 64 + b'"}\n', "is of format 2"),
        (b'{"format":1,"figureground":"0","tracks":"a","sha256":"1"}\n', "line 1: is no line of corrections"),
        (b"\n", "line 1: is no line of corrections"),
    ],
)
def test_a_head_of_a_stranger_is_checked(path: Path, head: bytes, said: str) -> None:
    corrections_path(path).write_bytes(head)
    with pytest.raises(InputError, match=said):
        read_corrected(path)


def test_a_huge_log_is_not_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("figureground.review.log.MOST_BYTES", 1 << 20)
    corrections_path(path).touch()
    os.truncate(corrections_path(path), (1 << 20) + 1)
    with pytest.raises(InputError, match="has more than 1 MiB; corrections are a small file"):
        read_corrected(path)


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_programs_that_are_killed_leave_whole_lines_only(path: Path) -> None:
    code = """import sys
from figureground.review.corrections import Swap
from figureground.review.log import CorrectionLog
log = CorrectionLog(sys.argv[1])
print(flush=True)
while True:
    log.add(Swap(1, 2, 3))
"""
    with subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE) as program:
        assert program.stdout is not None
        program.stdout.readline()
        while not (corrections_path(path).exists() and corrections_path(path).stat().st_size > 2000):
            assert program.poll() is None
        program.kill()
    log = CorrectionLog(path)
    assert len(log.entries) > 5
    while log.corrections:
        log.undo()
    assert same(read_corrected(path), made_tracks())
