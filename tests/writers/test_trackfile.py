import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from clips import info_of, made_clip

from figureground.errors import OptionError, OutputError
from figureground.files import part_folder
from figureground.instances import Instances
from figureground.testing import check_writer
from figureground.tracks import TrackInfo, Tracks
from figureground.tracks.file import read_tracks
from figureground.writers import open_writer
from figureground.writers.trackfile import open_track_writer

SIZE = (24, 28)
INFO = TrackInfo("clip", SIZE, Fraction(25), classes=("larva",), settings={"count": (1, 2)})


def write_all(writer, clip):
    with writer:
        for frame, found in clip[writer.done :]:
            writer.write(frame, found)
    return writer


def stop_after(path, clip, frames, info=INFO):
    with pytest.raises(RuntimeError, match="power"), open_track_writer(path, info) as writer:
        for frame, found in clip[:frames]:
            writer.write(frame, found)
        raise RuntimeError("power")


def test_what_is_written_is_what_came(tmp_path):
    clip = made_clip(SIZE, 300)
    path = tmp_path / "new" / "a.tracks.parquet"
    assert write_all(open_track_writer(path, INFO), clip).notes == []
    tracks = read_tracks(path)
    assert tracks.info == replace(INFO, settings={"count": [1, 2]})
    assert tracks.frames.tolist() == list(range(300))
    assert tracks.id.tolist() == [4] * 300
    for frame, found in (clip[0], clip[255], clip[256], clip[299]):
        np.testing.assert_array_equal(tracks.at(frame.index).dense(), found.dense())
        assert tracks.time(frame.index) == frame.time
    assert list(path.parent.iterdir()) == [path]


def test_it_keeps_the_promises_of_a_writer(tmp_path):
    info = TrackInfo("made", (48, 64))
    check_writer(lambda path: open_track_writer(path, info), tmp_path / "a.tracks.parquet")


def test_it_is_one_of_the_kinds(tmp_path):
    clip = made_clip(SIZE, 5)
    path = tmp_path / "a.tracks.parquet"
    source = info_of(clip)
    write_all(open_writer(path, source, kind="tracks", classes=("larva",), made_by="cut --track"), clip)
    info = read_tracks(path).info
    assert (info.video, info.rate, info.classes) == ("clip", 25, ("larva",))
    assert info.made_by.endswith("tracks cut --track")
    with pytest.raises(
        OptionError, match=r"a\.mp4: tracks go to a file whose name ends in \.tracks\.parquet"
    ):
        open_writer(tmp_path / "a.mp4", source, kind="tracks")


@pytest.mark.parametrize(("frames", "kept"), [(100, 0), (256, 256), (530, 512)])
def test_a_resumed_run_gives_the_same_bytes(tmp_path, frames, kept):
    clip = made_clip(SIZE, 600)
    whole, path = tmp_path / "whole" / "a.tracks.parquet", tmp_path / "a.tracks.parquet"
    write_all(open_track_writer(whole, INFO), clip)
    stop_after(path, clip, frames)
    assert not path.exists()
    assert part_folder(path).exists() == bool(kept)
    writer = open_track_writer(path, INFO, resume=True)
    assert writer.done == kept
    assert len(writer.notes) == (not kept)
    write_all(writer, clip)
    assert path.read_bytes() == whole.read_bytes()
    assert not part_folder(path).exists()


def test_rewinding_goes_back_to_a_whole_chunk(tmp_path):
    clip = made_clip(SIZE, 600)
    whole, path = tmp_path / "whole" / "a.tracks.parquet", tmp_path / "a.tracks.parquet"
    write_all(open_track_writer(whole, INFO), clip)
    stop_after(path, clip, 600)
    writer = open_track_writer(path, INFO, resume=True)
    assert [writer.done, writer.rewind(511), writer.done] == [512, 256, 256]
    write_all(writer, clip)
    assert path.read_bytes() == whole.read_bytes()


def test_a_killed_run_keeps_what_it_had(tmp_path):
    path = tmp_path / "a.tracks.parquet"
    script = f"""
import os, signal, sys
sys.path.insert(0, {str(__file__.rpartition("/")[0])!r})
from clips import made_clip
from test_trackfile import INFO, open_track_writer
with open_track_writer({str(path)!r}, INFO) as writer:
    for frame, found in made_clip((24, 28), 400):
        writer.write(frame, found)
        if frame.index == 300:
            os.kill(os.getpid(), signal.SIGKILL)
"""
    run = subprocess.run([sys.executable, "-c", script], check=False)
    assert run.returncode == -signal.SIGKILL
    chunk = read_tracks(part_folder(path) / "000000.parquet")
    assert chunk.frames.tolist() == list(range(256))
    writer = open_track_writer(path, INFO, resume=True)
    assert writer.done == 256
    write_all(writer, made_clip(SIZE, 400))
    assert read_tracks(path).frames.tolist() == list(range(400))


def test_a_damaged_or_another_runs_chunk_is_made_again(tmp_path):
    clip = made_clip(SIZE, 600)
    path = tmp_path / "a.tracks.parquet"
    stop_after(path, clip, 600)
    other = open_track_writer(path, replace(INFO, settings={"count": 3}), resume=True)
    assert other.done == 0
    second = part_folder(path) / "000001.parquet"
    second.write_bytes(second.read_bytes()[:-100])
    assert open_track_writer(path, INFO, resume=True).done == 256
    shutil.rmtree(part_folder(path))
    assert open_track_writer(path, INFO, resume=True).done == 0


def test_a_run_that_does_not_resume_begins_anew(tmp_path):
    clip = made_clip(SIZE, 300)
    path = tmp_path / "a.tracks.parquet"
    stop_after(path, clip, 300)
    assert open_track_writer(path, INFO).done == 0
    assert not part_folder(path).exists()


def test_two_runs_do_not_write_the_same(tmp_path):
    path = tmp_path / "a.tracks.parquet"
    with (
        pytest.raises(RuntimeError, match="enough"),
        open_track_writer(path, INFO),
    ):
        with pytest.raises(OutputError, match="another run"):
            open_track_writer(path, INFO)
        raise RuntimeError("enough")


def test_what_cannot_be_written_is_told(tmp_path):
    path = tmp_path / "a.tracks.parquet"
    frame, found = made_clip(SIZE, 1)[0]
    with pytest.raises(OutputError, match="not one frame came"), open_track_writer(path, INFO):
        pass
    small = replace(INFO, size=(5, 7))
    with (
        pytest.raises(OutputError, match="frame 0 has 24 x 28 pixels, and the video 5 x 7"),
        open_track_writer(path, small) as writer,
    ):
        writer.write(frame, found)
    twice = Instances(SIZE, found.masks * 2, ids=[3, 3])
    with (
        pytest.raises(OutputError, match=r"frame 0 cannot be written: .* id 3 in frame 0 after id 3"),
        open_track_writer(path, INFO) as writer,
    ):
        writer.write(frame, twice)
    with pytest.raises(OptionError, match="not fit for JSON"):
        open_track_writer(path, replace(INFO, settings={"a": object()}))
    assert list(tmp_path.iterdir()) == []


def test_figures_without_ids_are_told(tmp_path):
    frame, found = made_clip(SIZE, 1)[0]
    with open_track_writer(tmp_path / "a.tracks.parquet", INFO) as writer:
        writer.write(frame, found.with_ids([-1]))
    assert "none of them had an id" in writer.notes[0]
    assert len(read_tracks(tmp_path / "a.tracks.parquet")) == 0


def test_a_full_disk_is_told(tmp_path, file_limit):
    path = tmp_path / "a.tracks.parquet"
    with (
        pytest.raises(OutputError, match="cannot be written"),
        file_limit(1000),
        open_track_writer(path, INFO) as writer,
    ):
        for frame, found in made_clip(SIZE, 300):
            writer.write(frame, found)
    assert list(tmp_path.iterdir()) == []


def test_stills_without_figures_are_ordinary(tmp_path):
    path = tmp_path / "a.tracks.parquet"
    with open_track_writer(path, INFO) as writer:
        for frame, _ in made_clip(SIZE, 300):
            writer.write(frame, Instances.empty(SIZE))
    tracks: Tracks = read_tracks(path)
    assert (len(tracks), len(tracks.frames), writer.notes) == (0, 300, [])
