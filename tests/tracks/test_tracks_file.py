import base64
import random
import subprocess
import sys
import zlib
from dataclasses import replace
from fractions import Fraction
from functools import cache

import msgspec
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco
from samples import INFO, SIZE, assert_equal, frame, square, two_figures, walkers

from figureground.errors import InputError, MissingExtraError, OutputError
from figureground.tracks import Outlines, Stamp, TrackInfo, Tracks
from figureground.tracks.file import GROUP_ROWS, open_tracks, read_tracks, write_tracks
from figureground.tracks.parquet import tracks_schema


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.tracks.parquet"


@pytest.mark.parametrize("tracks", [two_figures(), walkers(31, 5), Tracks.from_instances([], INFO)])
def test_what_is_written_comes_back(path, tracks):
    write_tracks(tracks, path)
    assert_equal(read_tracks(path), tracks)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(1, 90), st.integers(-5, 1 << 40)), max_size=5),
    st.integers(1, 100_000),
    st.one_of(st.none(), st.fractions(min_value=Fraction(1, 9), max_value=999)),
    st.text(st.characters(codec="utf-8"), max_size=9),
)
def test_any_video_comes_back(path, steps, clock, rate, name):
    stamps, index, time = [], -1, Fraction(0)
    for more, later in steps:
        index, time = index + more, time + Fraction(later, clock)
        stamps.append(frame(0, square(1, 2), ids=[index])[1])
        stamps[-1] = (Stamp(index, time), stamps[-1])
    tracks = Tracks.from_instances(stamps, replace(INFO, rate=rate, video=name))
    write_tracks(tracks, path, overwrite=True)
    assert_equal(read_tracks(path), tracks)


@cache
def many(frames=700, animals=29):
    return walkers(frames, animals)


def test_seeking_gives_what_reading_all_gives(path):
    tracks = many()
    write_tracks(tracks, path)
    assert pq.ParquetFile(path).num_row_groups == 3 == -(-len(tracks) // GROUP_ROWS)
    with open_tracks(path) as file:
        assert len(file) == len(tracks)
        for index in (0, 1, 300, 350, 699):
            assert file.at(index).ids.tolist() == tracks.at(index).ids.tolist()
            np.testing.assert_array_equal(file.at(index).dense(), tracks.at(index).dense())
        assert_equal(file.of(7), tracks.of(7))
        assert_equal(file.between(250, 600), tracks.between(250, 600))
        assert_equal(Tracks.joined(list(file.parts()), file.info), tracks)
        assert file.ids.tolist() == tracks.ids.tolist()
        assert len(file.of(99)) == 0
        with pytest.raises(KeyError, match="700"):
            file.at(700)


def test_row_groups_are_whole_frames(path):
    write_tracks(many(), path)
    file = pq.ParquetFile(path)
    seen = [set(file.read_row_group(i, ["frame"])["frame"].to_pylist()) for i in range(3)]
    assert not seen[0] & seen[1] and not seen[1] & seen[2]


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # pycocotools
def test_pandas_and_pycocotools_read_it(path):
    tracks = two_figures()
    write_tracks(tracks, path)
    table = pd.read_parquet(path)
    assert table["frame"].tolist() == [3, 3, 6, 6]
    assert table["class"].tolist() == ["fly", "moth", "fly", "moth"]
    assert table["time"].tolist() == [float(Fraction(n * 1001, 30000)) for n in (3, 3, 6, 6)]
    mask = coco.decode({"size": list(SIZE), "counts": bytes(table["outline"][0])})
    np.testing.assert_array_equal(mask, tracks.at(3).dense()[0])


def test_it_needs_no_torch(path):
    write_tracks(two_figures(), path)
    code = f"""
import sys
from figureground.tracks.file import read_tracks
read_tracks({str(path)!r}).at(3)
print("torch" in sys.modules)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"


def test_nothing_is_overwritten_unasked(path):
    path.write_text("mine")
    with pytest.raises(OutputError, match="exists already; use --overwrite"):
        write_tracks(two_figures(), path)
    assert path.read_text() == "mine"
    write_tracks(two_figures(), path, overwrite=True)
    assert len(read_tracks(path)) == 4


def test_what_cannot_be_written_is_told(path):
    with pytest.raises(OutputError, match=r"a\.tracks\.parquet: cannot be written: the settings"):
        write_tracks(Tracks.from_instances([], replace(INFO, settings={"a": object()})), path)
    primes = (4294967291, 4294967279)
    stamps = [(Stamp(i, Fraction(1 + i, one)), frame(0)[1]) for i, one in enumerate(primes)]
    with pytest.raises(OutputError, match="no common clock"):
        write_tracks(Tracks.from_instances(stamps, INFO), path)
    assert list(path.parent.iterdir()) == []


def test_without_pyarrow_the_cure_is_told(path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'figureground\[tracks\]'"):
        read_tracks(path)


def altered(path, columns=None, **about):
    """A tracks file with other columns, or that says something else of itself."""
    write_tracks(two_figures(), path, overwrite=True)
    table = pq.read_table(path)
    keys = dict(pq.read_metadata(path).metadata)
    keys = {key: value for key, value in keys.items() if key.startswith(b"figureground")}
    for name, values in (columns or {}).items():
        if values is None:
            table = table.drop_columns([name])
        else:
            table = table.set_column(table.column_names.index(name), name, values)
    for key in ("frames", "ticks"):
        if f"{key}_bytes" in about:
            keys[f"figureground.{key}".encode()] = about.pop(f"{key}_bytes")
    head = msgspec.json.decode(keys[b"figureground.tracks"]) | about
    keys[b"figureground.tracks"] = msgspec.json.encode(head)
    pq.write_table(table.replace_schema_metadata(keys), path)
    return path


def test_another_writer_of_parquet_is_fine(path):
    assert_equal(read_tracks(altered(path)), two_figures())


KINDS = {field.name: field.type for field in tracks_schema() if field.name not in ("class", "outline")}
NUMBERS = {
    "frame": [[3, 3, 5, 6], "frame 5 has figures, but"],
    "id": [[7, 2, 2, 7], "by frame and id"],
    "area": [[9, 4, 9, 1 << 40], "areas"],
    "score": [[0, 1, 2, 1], "scores"],
    "x": [[0, 1, 2, np.nan], "centroids must be numbers"],
    "y2": [[0, 1, 2, np.inf], "boxes must be numbers"],
}


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_that_make_no_sense_are_told(path, name):
    values, match = NUMBERS[name]
    with pytest.raises(InputError, match=match):
        read_tracks(altered(path, {name: pa.array(values, KINDS[name])}))


BOMB = base64.b64encode(zlib.compress(bytes(1 << 24), 9))


@pytest.mark.parametrize(
    ("about", "match"),
    [
        ({"format": 2}, "is of format 2; this version"),
        ({"size": [0, 7]}, "frames have 0 x 7 pixels"),
        ({"size": [1 << 40, 1 << 40]}, "frames have 1099511627776 x"),
        ({"size": [7]}, "damaged in what it says of itself"),
        ({"rate": "1/0"}, "says that there are 1/0 frames a second"),
        ({"rate": "9" * 99}, "says that there are 99"),
        ({"rate": "-3"}, "says that there are -3"),
        ({"frames": 1 << 40}, "says that it has 1099511627776 frames"),
        ({"frames": 2}, r"list of frames \(2 announced"),
        ({"frames": 4}, r"list of frames \(4 announced"),
        ({"clock": 0}, "a clock of 1/0 s"),
        ({"classes": ["fly"]}, "labels must be below 1"),
        ({"classes": "fly"}, "damaged in what it says of itself"),
        ({"groups": []}, "0 row groups announced, 1 there"),
        ({"groups": [[6, 3]]}, "list of row groups"),
        ({"groups": [[3, 6], [6, 7]]}, "list of row groups"),
        ({"frames_bytes": BOMB}, r"list of frames \(3 announced"),
        ({"frames_bytes": b"?"}, "list of frames"),
        ({"ticks_bytes": b""}, "list of frames"),
    ],
)
def test_lies_in_the_footer_are_told(path, about, match):
    with pytest.raises(InputError, match=match):
        read_tracks(altered(path, **about))


@pytest.mark.parametrize(
    ("columns", "match"),
    [
        ({"outline": None}, r"must have a column outline \(binary\), and has none"),
        ({"id": pa.array(["a"] * 4)}, r"must have a column id \(int64\), and has string"),
        ({"id": pa.array([2, 7, None, 7])}, "rows are missing"),
        ({"class": pa.array(["fly", "moth", "bee", "fly"])}, "labels must be below 2"),
        ({"outline": pa.array([b"", None, b"", b""], pa.binary())}, "rows are missing"),
    ],
)
def test_other_columns_are_told(path, columns, match):
    with pytest.raises(InputError, match=match):
        read_tracks(altered(path, columns))


@pytest.mark.parametrize("text", [b"\xff\xff", b"72", b"oooooooooooooooooooo0", b"0000P000000000000000"])
def test_an_outline_that_lies_is_told_when_it_is_asked_for(path, text):
    tracks = read_tracks(altered(path, {"outline": pa.array([text] * 4, pa.binary())}))
    with pytest.raises(InputError, match=r"a\.tracks\.parquet: an outline is damaged: run lengths"):
        tracks.at(3)
    with pytest.raises(InputError, match=r"a\.tracks\.parquet: an outline is damaged"):
        _ = tracks.of(7).masks[1]


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"", "is no tracks file"),
        (b"frame,id\n1,2\n", "is no tracks file"),
        (b"PAR1" + bytes(20) + b"PAR1", "damaged"),
        (b"PAR1" + b"\xff\xff\xff\x7fPAR1", "footer is larger than the file"),
    ],
)
def test_other_files_are_told(path, content, match):
    path.write_bytes(content)
    with pytest.raises(InputError, match=match):
        read_tracks(path)


def test_a_missing_file_and_other_parquet_are_told(path):
    with pytest.raises(InputError, match=r"a\.tracks\.parquet: No such file"):
        read_tracks(path)
    pq.write_table(pa.table({"frame": [1]}), path)
    with pytest.raises(InputError, match="is a Parquet file, but none of tracks"):
        read_tracks(path)


def test_more_than_memory_holds_is_not_read_at_once(path, monkeypatch):
    write_tracks(many(), path)
    monkeypatch.setattr("figureground.tracks.file._MOST_BYTES", 1 << 20)
    with open_tracks(path) as file:
        with pytest.raises(InputError, match="too large to read at once"):
            file.between()
        assert len(file.at(300)) == len(many().at(300))
        assert sum(map(len, file.parts())) == len(file)


def test_a_row_group_that_grows_too_large_is_told(path, monkeypatch):
    write_tracks(many(), path)
    monkeypatch.setattr("figureground.tracks.file._MOST_GROUP_BYTES", 1 << 16)
    with pytest.raises(InputError, match="rows of it are in one piece"):
        open_tracks(path)


@pytest.mark.parametrize("checksums", [True, False])
def test_damage_anywhere_never_ends_the_process(path, monkeypatch, checksums):
    """Without checksums, as a stranger may write them, damage reaches the decoders."""
    tracks, rng = walkers(17, 5), random.Random(7)
    made = pq.ParquetWriter
    if not checksums:
        monkeypatch.setattr(
            pq, "ParquetWriter", lambda *a, **k: made(*a, **k | {"write_page_checksum": False})
        )
    write_tracks(tracks, path)
    good = path.read_bytes()
    told = 0
    for _ in range(300):
        bad = bytearray(good)
        for _ in range(rng.choice([1, 2, 7])):
            bad[rng.randrange(len(bad))] = rng.choice([0, 127, 128, 255, rng.randrange(256)])
        path.write_bytes(bytes(bad[: rng.randrange(len(bad))] if rng.random() < 0.1 else bad))
        try:
            for index in (read := read_tracks(path)).frames.tolist():
                read.at(index)
        except InputError as error:
            told += str(error).startswith(str(path))
        else:
            continue
    assert told > 150


def test_outlines_know_their_file_when_parts_are_joined():
    named = Outlines.from_texts([b"7"], SIZE, "a.parquet")
    with pytest.raises(InputError, match=r"a\.parquet: an outline is damaged"):
        _ = Outlines.joined([Outlines.from_texts([], SIZE), named], SIZE)[0]


def test_tracks_without_a_class_list_are_of_figures():
    assert TrackInfo("a", SIZE).classes == ("figure",)
