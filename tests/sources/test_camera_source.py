from fractions import Fraction

import av
import pytest
from made_videos import damage, number_in, write_video

from figureground.errors import InputError
from figureground.sources import open_source
from figureground.sources.camera import CameraSource, Device, find_device
from figureground.sources.span import parse_span


def camera_of(path, span=None):
    return CameraSource("0", span, opener=lambda: av.open(str(path)))


def numbers(frames):
    return [number_in(frame.image) for frame in frames]


def test_times_count_from_the_first_picture(tmp_path):
    source = camera_of(write_video(tmp_path / "a.mkv", 30, times=range(500, 530)))
    frames = list(source)
    assert numbers(frames) == [frame.index for frame in frames] == list(range(30))
    assert [frame.time for frame in frames] == [Fraction(i, 25) for i in range(30)]
    assert (source.info.kind, source.info.count, source.info.size) == ("camera", None, (64, 96))
    assert not source.info.audio and not source.problems


def test_what_a_sample_saw_comes_again(tmp_path):
    source = camera_of(write_video(tmp_path / "a.ts", 60, rate=2, gop=5))  # 30 seconds
    sampled = numbers(source.sample(5))
    assert sampled == [0, 4, 8, 12, 16]
    assert numbers(source.sample(5)) == sampled
    assert numbers(source) == list(range(60))


def test_the_end_is_counted_from_the_first_picture(tmp_path):
    path = write_video(tmp_path / "a.ts", 60)
    assert numbers(camera_of(path, parse_span("10f", 1))) == list(range(10, 25))


def test_damage_is_told_as_in_files(tmp_path):
    path = write_video(tmp_path / "a.avi", 30, "mjpeg", "yuvj420p")
    source = camera_of(damage(path, 12))
    assert len(list(source)) == 29
    assert source.problems == ["1 damaged frame skipped, first near 0.4 s"]


def test_a_stream_that_is_lost_ends_with_a_problem(tmp_path):
    class Lost:
        """A connection that breaks after so many bytes."""

        def __init__(self, path, length):
            self.content, self.place = path.read_bytes()[:length], 0

        def read(self, count):
            if self.place >= len(self.content):
                raise TimeoutError(110, "Connection timed out")
            part = self.content[self.place : self.place + count]
            self.place += len(part)
            return part

    path = write_video(tmp_path / "a.ts", 60, "mpeg2video")
    length = path.stat().st_size
    source = CameraSource(
        "rtsp://x", None, opener=lambda: av.open(Lost(path, length * 3 // 4), buffer_size=2048)
    )
    found = numbers(source)
    assert found == list(range(len(found))) and 30 < len(found) < 50
    assert any("reading stopped near" in line for line in source.problems)


@pytest.mark.parametrize(
    ("name", "platform", "device"),
    [
        ("0", "linux", Device("/dev/video0", "v4l2", {})),
        ("2", "darwin", Device("2", "avfoundation", {"framerate": "30"})),
        ("rtsp://cam/1", "linux", Device("rtsp://cam/1", None, {"rtsp_transport": "tcp"})),
        ("http://cam/a.mjpg", "win32", Device("http://cam/a.mjpg", None, {})),
    ],
)
def test_devices(name, platform, device):
    assert find_device(name, platform) == device


@pytest.mark.parametrize(
    ("what", "message"),
    [
        (7919, "camera 7919: cannot be opened"),
        ("7919", r"camera 7919: cannot be opened .*plugged in"),
        ("nosuch://place", r"nosuch://place: cannot be opened .*address"),
    ],
)
def test_what_cannot_be_reached_is_refused(what, message):
    with pytest.raises(InputError, match=message):
        open_source(what)


def test_a_stream_without_pictures_is_refused(tmp_path):
    path = write_video(tmp_path / "a.ts", 3)
    path.write_bytes(path.read_bytes()[:752])
    with pytest.raises(InputError, match="0: "):
        camera_of(path)
