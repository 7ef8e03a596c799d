import csv
import json

import pytest

from figureground.errors import OptionError, OutputError
from figureground.writers.events.files import COLUMNS, EventFile


def write(path, *records, **how):
    with EventFile(path, **how) as log:
        for record in records:
            log.add(record)


def test_a_line_is_there_as_soon_as_it_is_told(tmp_path):
    path = tmp_path / "new/events.jsonl"
    with EventFile(path) as log:
        log.add({"event": "enter", "time": 1.5})
        assert [json.loads(line) for line in path.read_text().splitlines()] == [
            {"event": "enter", "time": 1.5}
        ]
        log.add({"event": "leave"})
        assert path.read_text().count("\n") == 2


def test_a_table_has_all_columns(tmp_path):
    path = tmp_path / "events.csv"
    write(path, {"event": "enter", "zone": "a, b", "depth": None, "x": 3.25})
    header, row = csv.reader(path.read_text().splitlines())
    assert tuple(header) == COLUMNS
    assert dict(zip(header, row, strict=True)) == dict.fromkeys(COLUMNS, "") | {
        "event": "enter",
        "zone": "a, b",
        "x": "3.25",
    }


def test_nothing_happened(tmp_path):
    write(tmp_path / "a.jsonl")
    write(tmp_path / "a.csv")
    assert (tmp_path / "a.jsonl").read_text() == ""
    assert (tmp_path / "a.csv").read_text() == ",".join(COLUMNS) + "\n"


def test_going_on_closes_a_line_that_was_cut_off(tmp_path):
    path = tmp_path / "events.jsonl"
    path.write_text('{"event":"enter"}\n{"event":"le')
    write(path, {"event": "leave"}, append=True)
    assert path.read_text() == '{"event":"enter"}\n{"event":"le\n{"event":"leave"}\n'


def test_a_table_that_goes_on_has_one_header(tmp_path):
    path = tmp_path / "events.csv"
    write(path, {"event": "enter"})
    write(path, {"event": "leave"}, append=True)
    assert [line.split(",")[0] for line in path.read_text().splitlines()] == ["event", "enter", "leave"]


def test_what_is_there_is_not_lost(tmp_path):
    path = tmp_path / "events.jsonl"
    write(path, {"event": "enter"})
    with pytest.raises(OutputError, match=r"events.jsonl: is there already; --append goes on"):
        EventFile(path)
    write(path, overwrite=True)
    assert path.read_text() == ""


def test_what_cannot_be(tmp_path):
    with pytest.raises(OptionError, match=r"ends in .jsonl or .csv"):
        EventFile(tmp_path / "events.txt")
    with pytest.raises(OptionError, match="only one of them"):
        EventFile(tmp_path / "a.csv", append=True, overwrite=True)
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(OutputError, match="is a folder"):
        EventFile(tmp_path / "folder.csv")
    with pytest.raises(OutputError, match="cannot be written"), EventFile("/proc/none/events.csv"):
        pass
