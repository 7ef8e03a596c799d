import os
import shutil
from pathlib import Path

import av
import numpy as np
import pytest
from clips import info_of, made_clip, read_times, write_all

from figureground.errors import OutputError
from figureground.files import part_folder
from figureground.writers import open_writer


def stop_after(path: Path, clip, frames: int, **options):
    """A run that fails after some frames."""
    with pytest.raises(RuntimeError, match="power"), open_writer(path, info_of(clip), **options) as writer:
        for frame, found in clip[:frames]:
            writer.write(frame, found)
        raise RuntimeError("power")


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.mp4", {}),
        ("a.webm", {"on": "transparent"}),
        ("a.avi", {}),
        ("a.mkv", {"kind": "masks"}),
        ("a.mov", {"on": "transparent"}),
    ],
)
@pytest.mark.parametrize(("frames", "kept"), [(100, 0), (256, 256), (530, 512)])
def test_a_resumed_run_gives_the_same_bytes(tmp_path, name, options, frames, kept):
    clip = made_clip((24, 28), 600)
    whole, path = tmp_path / "whole" / name, tmp_path / name
    write_all(open_writer(whole, info_of(clip), **options), clip)
    stop_after(path, clip, frames, **options)
    assert not path.exists()
    writer = open_writer(path, info_of(clip), resume=True, **options)
    assert writer.done == kept
    write_all(writer, clip)
    assert path.read_bytes() == whole.read_bytes()
    assert not part_folder(path).exists()


@pytest.mark.parametrize(
    ("name", "on"), [("a.mp4", "black"), ("a.mov", "transparent"), ("a.webm", "transparent")]
)
def test_encoders_give_equal_bytes_each_time(tmp_path, name, on):
    clip = made_clip((76, 100), 120)  # sides that are no multiples of 16 have shown x264 and ProRes wavering
    for run in range(6):
        write_all(open_writer(tmp_path / str(run) / name, info_of(clip), on=on), clip)
    assert len({(tmp_path / str(run) / name).read_bytes() for run in range(6)}) == 1


def test_a_killed_run_resumes_from_what_is_on_the_disk(tmp_path):
    clip = made_clip((24, 28), 600)
    whole, path = tmp_path / "whole" / "a.mp4", tmp_path / "a.mp4"
    write_all(open_writer(whole, info_of(clip)), clip)
    with pytest.raises(RuntimeError, match="power"), open_writer(path, info_of(clip)) as writer:
        for frame, found in clip[:400]:
            writer.write(frame, found)
        shutil.copytree(part_folder(path), tmp_path / "killed")  # nothing of this run's exit is in the copy
        raise RuntimeError("power")
    shutil.rmtree(part_folder(path))
    (tmp_path / "killed").rename(part_folder(path))
    writer = write_all(open_writer(path, info_of(clip), resume=True), clip)
    assert writer.notes == []
    assert path.read_bytes() == whole.read_bytes()


def test_rewinding_goes_back_to_a_whole_chunk(tmp_path):
    clip = made_clip((24, 28), 600)
    whole, path = tmp_path / "whole" / "a.mp4", tmp_path / "a.mp4"
    write_all(open_writer(whole, info_of(clip)), clip)
    stop_after(path, clip, 600)
    writer = open_writer(path, info_of(clip), resume=True)
    assert [writer.done, writer.rewind(511), writer.done] == [512, 256, 256]
    write_all(writer, clip)
    assert path.read_bytes() == whole.read_bytes()


@pytest.mark.parametrize(
    ("damage", "kept"),
    [
        (lambda folder: (folder / "state.json").write_text("{garbled"), 0),
        (lambda folder: (folder / "state.json").write_text("[]"), 0),
        (lambda folder: (folder / "state.json").unlink(), 0),
        (lambda folder: (folder / "packets.bin").unlink(), 0),
        (lambda folder: os.truncate(folder / "packets.bin", 100), 0),
        (
            lambda folder: os.truncate(folder / "packets.bin", (folder / "packets.bin").stat().st_size - 9),
            256,
        ),
    ],
)
def test_damaged_leftovers_are_used_as_far_as_they_are_whole(tmp_path, damage, kept):
    clip = made_clip((24, 28), 512)
    whole, path = tmp_path / "whole" / "a.mp4", tmp_path / "a.mp4"
    write_all(open_writer(whole, info_of(clip)), clip)
    stop_after(path, clip, 512)
    damage(part_folder(path))
    writer = open_writer(path, info_of(clip), resume=True)
    assert writer.done == kept
    assert bool(writer.notes) == (kept == 0)
    write_all(writer, clip)
    assert path.read_bytes() == whole.read_bytes()


def test_other_settings_start_anew(tmp_path):
    clip = made_clip((24, 28), 300)
    stop_after(tmp_path / "a.mp4", clip, 300)
    writer = open_writer(tmp_path / "a.mp4", info_of(clip), resume=True, on="white")
    assert writer.done == 0
    assert "starts anew" in writer.notes[0]
    write_all(writer, clip)
    assert len(read_times(tmp_path / "a.mp4")) == 300


def test_without_resume_leftovers_are_dropped(tmp_path):
    clip = made_clip((24, 28), 300)
    stop_after(tmp_path / "a.mp4", clip, 300)
    assert open_writer(tmp_path / "a.mp4", info_of(clip)).done == 0


def test_every_chunk_has_the_same_header_and_decodes_alone(tmp_path):
    clip = made_clip((24, 28), 600)
    write_all(open_writer(tmp_path / "a.mp4", info_of(clip)), clip)
    with av.open(str(tmp_path / "a.mp4")) as file:
        packets = [packet for packet in file.demux(video=0) if packet.size]
        header = file.streams.video[0].codec_context.extradata
    assert [packets[i].is_keyframe for i in (0, 256, 512)] == [True] * 3
    assert [p.dts for p in packets] == [p.pts for p in packets]
    for start in (256, 512):
        decoder = av.CodecContext.create("h264", "r")
        decoder.extradata = header
        frames = [f for packet in (*packets[start : start + 5], None) for f in decoder.decode(packet)]
        assert len(frames) == 5
        y, x = clip[start][1].masks[0].y0, clip[start][1].masks[0].x0
        seen = frames[0].to_ndarray(format="rgb24")[y + 6, x + 5]
        assert np.abs(seen.astype(int) - clip[start][0].image[y + 6, x + 5]).max() <= 25


def test_a_run_that_fails_leaves_what_was_there(tmp_path):
    clip = made_clip(count=4)
    (tmp_path / "a.mp4").write_bytes(b"precious")
    with pytest.raises(OutputError, match=r"a\.mp4: exists already; use --overwrite"):
        open_writer(tmp_path / "a.mp4", info_of(clip))
    stop_after(tmp_path / "a.mp4", clip, 4, overwrite=True)
    assert (tmp_path / "a.mp4").read_bytes() == b"precious"
    write_all(open_writer(tmp_path / "a.mp4", info_of(clip), overwrite=True), clip)
    assert len(read_times(tmp_path / "a.mp4")) == 4


def test_a_full_disk_while_encoding_is_told_and_the_run_can_go_on(tmp_path, file_limit):
    clip = made_clip((24, 28), 600)
    whole, path = tmp_path / "whole" / "a.mp4", tmp_path / "a.mp4"
    write_all(open_writer(whole, info_of(clip)), clip)
    told = pytest.raises(OutputError, match=r"a\.mp4: cannot be written: File too large")
    with told, open_writer(path, info_of(clip)) as writer:
        for frame, found in clip[:300]:
            writer.write(frame, found)
        with file_limit((part_folder(path) / "packets.bin").stat().st_size + 100):
            for frame, found in clip[300:]:
                writer.write(frame, found)
    assert not path.exists()
    write_all(open_writer(path, info_of(clip), resume=True), clip)
    assert path.read_bytes() == whole.read_bytes()


def test_a_full_disk_at_the_end_is_told_and_the_run_can_go_on(tmp_path, file_limit):
    clip = made_clip((24, 28), 512)
    whole, path = tmp_path / "whole" / "a.mp4", tmp_path / "a.mp4"
    write_all(open_writer(whole, info_of(clip)), clip)
    writer = open_writer(path, info_of(clip))
    for frame, found in clip:
        writer.write(frame, found)
    with file_limit(1000), pytest.raises(OutputError, match=r"a\.mp4: cannot be written"):
        writer.__exit__(None, None, None)
    assert [entry.name for entry in tmp_path.iterdir() if entry.is_file()] == []
    writer = open_writer(path, info_of(clip), resume=True)
    assert writer.done == 512
    write_all(writer, clip)
    assert path.read_bytes() == whole.read_bytes()


@pytest.mark.parametrize(("at", "kept"), [(0.0, 0), (0.6, 256), (0.999, 512)])
def test_a_file_that_would_lack_frames_is_not_written(tmp_path, at, kept):
    clip = made_clip((24, 28), 530)
    whole, path = tmp_path / "whole" / "a.mp4", tmp_path / "a.mp4"
    write_all(open_writer(whole, info_of(clip)), clip)
    told = pytest.raises(OutputError, match=r"a\.mp4: not written, because only \d+ of 530 encoded frames")
    with told, open_writer(path, info_of(clip)) as writer:
        for frame, found in clip:
            writer.write(frame, found)
        writer._spool._file.flush()
        packets = part_folder(path) / "packets.bin"
        with packets.open("r+b") as file:  # a byte of one packet becomes another
            file.seek(int(at * packets.stat().st_size))
            byte = file.read(1)[0]
            file.seek(-1, os.SEEK_CUR)
            file.write(bytes([byte ^ 0x10]))
    assert not path.exists()
    writer = open_writer(path, info_of(clip), resume=True)
    assert writer.done == kept
    write_all(writer, clip)
    assert path.read_bytes() == whole.read_bytes()


@pytest.mark.parametrize("name", ["a.mp4", "a.png"])
def test_a_failure_with_nothing_to_go_on_from_leaves_nothing(tmp_path, name):
    stop_after(tmp_path / name, made_clip(count=1), 1)
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_resumes_on_a_frame_of_another_size_equals_an_uninterrupted_one(tmp_path):
    clip = made_clip((64, 96), 256) + made_clip((40, 30), 20, start=256)
    write_all(open_writer(tmp_path / "whole.mp4", info_of(clip), on="white"), clip)
    stop_after(tmp_path / "a.mp4", clip, 260, on="white")
    write_all(open_writer(tmp_path / "a.mp4", info_of(clip), on="white", resume=True), clip)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "whole.mp4").read_bytes()
