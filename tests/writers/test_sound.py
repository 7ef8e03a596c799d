from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from clips import info_of, made_clip, read_times, write_all

from figureground.frames import Frame, SourceInfo
from figureground.instances import Instances
from figureground.writers import open_writer

DATA = Path(__file__).parents[3] / "shared" / "data"
RATE = 44_100


def click_file(path: Path, codec: str, seconds=4.0, rate=RATE, start=0.0) -> Path:
    """A file of sound alone: silence with a click at every whole second of its clock."""
    samples = np.zeros(int(seconds * rate), np.float32)
    for second in range(int(start + seconds) + 1):
        at = round((second - start) * rate)
        samples[max(0, at) : max(0, at + rate // 100)] = 0.8
    with av.open(str(path), "w") as file:
        stream = file.add_stream(codec, rate=rate)
        stream.layout = "mono"
        for i in range(0, len(samples), 1024):
            frame = av.AudioFrame.from_ndarray(samples[None, i : i + 1024], format="flt", layout="mono")
            frame.sample_rate, frame.pts = rate, i + round(start * rate)
            frame.time_base = Fraction(1, rate)
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return path


def clicks(path: Path) -> list[float]:
    """When each click begins, in seconds of the file's clock."""
    times, level = [], 0.0
    with av.open(str(path)) as file:
        resampler = av.AudioResampler("flt", "mono", 8000)
        for frame in (*file.decode(audio=0), None):
            for part in resampler.resample(frame):
                samples = np.abs(part.to_ndarray()[0])
                for i in np.flatnonzero(samples > 0.3):
                    at = float(part.pts * part.time_base) + i / 8000
                    if at > level + 0.1:
                        times.append(at)
                    level = at
    return times


def packets(path: Path, kind="audio") -> list[tuple[Fraction, bytes]]:
    with av.open(str(path)) as file:
        stream = getattr(file.streams, kind)[0]
        return [(p.pts * p.time_base, bytes(p)) for p in file.demux(stream) if p.pts is not None]


def seconds_of_video(first: float, last: float, rate=20):
    times = [Fraction(n, rate) for n in range(round(first * rate), round(last * rate))]
    return made_clip(count=len(times), times=times)


def write(path, clip, audio_from, **options):
    info = info_of(clip, rate=Fraction(20), time_base=Fraction(1, 20), audio=True)
    return write_all(open_writer(path, info, audio_from=audio_from, **options), clip)


@pytest.mark.parametrize(
    ("source", "codec", "name", "kept"),
    [
        ("s.m4a", "aac", "a.mp4", "aac"),
        ("s.m4a", "aac", "a.mov", "aac"),
        ("s.m4a", "aac", "a.mkv", "aac"),
        ("s.m4a", "aac", "a.webm", "opus"),
        ("s.m4a", "aac", "a.avi", "pcm_s16le"),
        ("s.wav", "pcm_s16le", "a.mp4", "aac"),
        ("s.wav", "pcm_s16le", "a.mov", "pcm_s16le"),
        ("s.wav", "pcm_s16le", "a.avi", "pcm_s16le"),
        ("s.mp3", "libmp3lame", "a.mp4", "mp3"),
        ("s.mp3", "libmp3lame", "a.avi", "pcm_s16le"),
        ("s.webm", "libopus", "a.webm", "opus"),
        ("s.webm", "libopus", "a.mp4", "aac"),
    ],
)
@pytest.mark.parametrize(("first", "last"), [(0.0, 3.5), (0.5, 2.75)])
def test_sound_is_kept_in_time(tmp_path, source, codec, name, kept, first, last):
    rate = 48_000 if codec == "libopus" else RATE
    sound = click_file(tmp_path / source, codec, rate=rate)
    clip = seconds_of_video(first, last)
    writer = write(tmp_path / name, clip, sound)
    assert writer.notes == []
    with av.open(str(tmp_path / name)) as file:
        assert file.streams.audio[0].codec.canonical_name == kept
    assert read_times(tmp_path / name) == [frame.time - clip[0][0].time for frame, _ in clip]
    # clicks as they are heard in the source, so that an encoder's own delay does not count
    expected = [at - first for at in clicks(sound) if first + 0.05 < at < last - 0.05]
    heard = [at for at in clicks(tmp_path / name) if at > 0.05]
    assert len(heard) == len(expected)
    assert np.abs(np.subtract(heard, expected)).max() < 0.012


@pytest.mark.parametrize("name", ["a.avi", "a.webm", "a.mp4"])
def test_sound_that_starts_late_stays_late(tmp_path, name):
    sound = click_file(tmp_path / "s.mkv", "aac", seconds=3, start=1.5)
    write(tmp_path / name, seconds_of_video(0.5, 3.9), sound)
    heard = clicks(tmp_path / name)  # those at 2 and 3 s; the one at 4 s is cut off with the pictures
    assert len(heard) == 2
    assert np.abs(np.subtract(heard, [1.5, 2.5])).max() < 0.03  # AAC itself may add a packet's delay


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv"])
def test_copied_packets_are_the_sources_own(tmp_path, name):
    source = DATA / "fixed_camera" / "cars.mp4"
    info = SourceInfo("cars", "video", (16, 16), Fraction(25, 2), 377, None, Fraction(1, 25_000), True)
    nothing = Instances.empty((16, 16))
    image = np.zeros((16, 16, 3), np.uint8)
    with open_writer(tmp_path / name, info, audio_from=source) as writer:
        for i in range(100, 200):
            writer.write(Frame(image, i, Fraction(i * 2, 25)), nothing)
    # frames 100 to 199 span 8.0 to 16.0 s
    expected = [(time - 8, data) for time, data in packets(source) if 8 <= time < 16]
    got = packets(tmp_path / name)
    assert [data for _, data in got] == [data for _, data in expected]
    assert max(abs(a - b) for (a, _), (b, _) in zip(got, expected, strict=True)) <= Fraction(1, 1900)


def test_a_source_without_sound_gives_none(tmp_path):
    clip = seconds_of_video(0, 0.5)
    writer = write(tmp_path / "a.mp4", clip, DATA / "animals" / "three_mice.mp4")
    assert writer.notes == []
    with av.open(str(tmp_path / "a.mp4")) as file:
        assert len(file.streams.audio) == 0


def test_sound_that_does_not_reach_the_span_is_left_out(tmp_path):
    sound = click_file(tmp_path / "s.m4a", "aac", seconds=1)
    write(tmp_path / "a.mp4", seconds_of_video(5, 6), sound)
    with av.open(str(tmp_path / "a.mp4")) as file:
        assert len(file.streams.audio) == 0


def test_masks_and_pictures_have_no_sound(tmp_path):
    sound, clip = click_file(tmp_path / "s.m4a", "aac", seconds=1), seconds_of_video(0, 0.5)
    write(tmp_path / "cut", clip, sound)
    write(tmp_path / "m.mkv", clip, sound, kind="masks")
    with av.open(str(tmp_path / "m.mkv")) as file:
        assert len(file.streams.audio) == 0


@pytest.mark.parametrize("content", [None, b"", b"no sound at all" * 50])
def test_trouble_with_the_sound_loses_no_picture(tmp_path, content):
    sound, clip = tmp_path / "s.m4a", seconds_of_video(0, 1)
    if content is not None:
        sound.write_bytes(content)
    writer = write(tmp_path / "a.mp4", clip, sound)
    assert len(writer.notes) == 1
    assert "a.mp4: without the sound of" in writer.notes[0]
    assert len(read_times(tmp_path / "a.mp4")) == 20


def test_damaged_sound_is_kept_as_far_as_it_goes(tmp_path):
    whole = click_file(tmp_path / "s.mkv", "aac", seconds=4)
    data = whole.read_bytes()
    whole.write_bytes(data[: len(data) // 2])
    clip = seconds_of_video(0, 4)
    write(tmp_path / "a.mp4", clip, whole)
    assert len(read_times(tmp_path / "a.mp4")) == 80
    assert 1 < float(packets(tmp_path / "a.mp4")[-1][0]) < 3


def test_sound_of_a_file_whose_name_looks_like_an_address(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    click_file(tmp_path / "s.m4a", "aac", seconds=2).rename("x:snd.m4a")
    writer = write(tmp_path / "a.mp4", seconds_of_video(0, 1.5), "x:snd.m4a")
    assert writer.notes == []
    assert clicks(tmp_path / "a.mp4") == [pytest.approx(1, abs=0.03)]


def test_a_resumed_run_has_the_same_sound(tmp_path):
    sound = click_file(tmp_path / "s.m4a", "aac", seconds=20)
    clip = seconds_of_video(0.5, 15.5)
    write(tmp_path / "whole" / "a.mp4", clip, sound)
    info = info_of(clip, rate=Fraction(20), time_base=Fraction(1, 20), audio=True)
    stopped = open_writer(tmp_path / "a.mp4", info, audio_from=sound)
    with pytest.raises(RuntimeError, match="power"), stopped:
        for frame, found in clip[:270]:
            stopped.write(frame, found)
        raise RuntimeError("power")
    write(tmp_path / "a.mp4", clip, sound, resume=True)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "whole" / "a.mp4").read_bytes()
