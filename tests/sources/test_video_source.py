from fractions import Fraction
from itertools import pairwise

import av
import numpy as np
import pytest
from made_videos import (
    DATA,
    damage,
    number_in,
    numbered,
    packet_places,
    write_planes,
    write_sound,
    write_video,
)
from PIL import Image

from figureground.errors import InputError
from figureground.sources import frames_from, open_source
from figureground.testing import check_source


def numbers(frames):
    return [number_in(frame.image) for frame in frames]


@pytest.mark.parametrize(
    ("name", "codec", "pixels"),
    [
        ("a.mp4", "libx264", "yuv420p"),
        ("a.mp4", "libx264", "gray"),
        ("a.mkv", "libx264", "yuv444p"),
        ("a.mkv", "libx264", "yuv420p10le"),
        ("a.mov", "prores_ks", "yuv422p10le"),
        ("a.mov", "png", "rgb24"),
        ("a.mp4", "mpeg4", "yuv420p"),
        ("a.avi", "mpeg4", "yuv420p"),
        ("a.avi", "mjpeg", "yuvj422p"),
        ("a.avi", "huffyuv", "yuv422p"),
        ("a.avi", "rawvideo", "bgr24"),
        ("a.mkv", "ffv1", "gray"),
        ("a.mkv", "ffv1", "bgr0"),
        ("a.webm", "libvpx-vp9", "yuv420p"),
        ("a.ts", "mpeg2video", "yuv420p"),
        ("a.gif", "gif", "pal8"),
    ],
)
def test_every_container_and_coding_gives_its_frames(tmp_path, name, codec, pixels):
    if codec == "gif":
        shown = [Image.fromarray(numbered(number)).convert("P") for number in range(20)]
        shown[0].save(tmp_path / name, save_all=True, append_images=shown[1:], duration=40)
    else:
        write_video(tmp_path / name, 20, codec, pixels)
    source = open_source(tmp_path / name)
    frames = list(source)
    assert numbers(frames) == list(range(20))
    assert [frame.index for frame in frames] == list(range(20))
    assert [frame.time - frames[0].time for frame in frames] == [Fraction(i, 25) for i in range(20)]
    assert source.info.rate == 25 and source.info.size == (64, 96) and source.info.kind == "video"
    assert abs(source.info.count - 20) <= 1 and not source.info.audio and not source.problems
    check_source(source)


@pytest.mark.parametrize("size", [(61, 83), (48, 81), (61, 80)])
@pytest.mark.parametrize("pixels", ["yuv420p", "yuv422p", "yuv444p", "gray"])
def test_odd_sizes_keep_their_last_row_and_column(tmp_path, size, pixels):
    picture = np.full((*size, 3), 60, np.uint8)
    picture[-1], picture[:, -1] = 200, 200
    source = open_source(write_video(tmp_path / "a.mkv", [picture] * 3, "ffv1", pixels))
    image = next(iter(source)).image
    assert image.shape == picture.shape
    assert np.abs(image.astype(int) - picture).max() <= 3
    check_source(source)


def rgb_of(y, cb, cr, red, blue, full):
    """By the definition of the matrices (Rec. ITU-R BT.601 and BT.709, 8 bits)."""
    luma, pb, pr = (
        (y / 255, (cb - 128) / 255, (cr - 128) / 255)
        if full
        else ((y - 16) / 219, (cb - 128) / 224, (cr - 128) / 224)
    )
    r, b = luma + 2 * (1 - red) * pr, luma + 2 * (1 - blue) * pb
    g = (luma - red * r - blue * b) / (1 - red - blue)
    return [255 * min(1, max(0, value)) for value in (r, g, b)]


BT601, BT709, BT2020 = (0.299, 0.114), (0.2126, 0.0722), (0.2627, 0.0593)


@pytest.mark.parametrize(
    ("colorspace", "color_range", "height", "matrix", "full"),
    [
        (2, 0, 480, BT601, False),
        (2, 0, 719, BT601, False),
        (2, 0, 720, BT709, False),
        (2, 2, 720, BT709, True),
        (2, 2, 480, BT601, True),
        (1, 1, 480, BT709, False),
        (5, 1, 720, BT601, False),
        (6, 2, 720, BT601, True),
        (9, 1, 720, BT2020, False),
    ],
)
@pytest.mark.parametrize(("pixels", "scale"), [("yuv420p", 1), ("yuv422p", 1), ("yuv444p10le", 4)])
def test_colours_follow_tags_and_size(tmp_path, colorspace, color_range, height, matrix, full, pixels, scale):
    values = 120 * scale, 90 * scale, 180 * scale
    path = write_planes(tmp_path / "a.mkv", values, pixels, (height, 64), colorspace, color_range)
    image = next(iter(open_source(path))).image
    expected = np.array(rgb_of(120, 90, 180, *matrix, full))
    assert np.abs(image - expected).max() <= 2.5


def test_jpeg_video_is_full_range_bt601_at_any_size(tmp_path):
    picture = Image.new("RGB", (128, 720), (200, 30, 90))
    for number in range(2):
        picture.save(tmp_path / f"{number}.jpg", quality=95)
    (tmp_path / "a.mjpeg").write_bytes(b"".join((tmp_path / f"{n}.jpg").read_bytes() for n in range(2)))
    image = next(iter(open_source(tmp_path / "a.mjpeg"))).image
    assert np.abs(image.astype(int) - (200, 30, 90)).max() <= 4


CORNERS = np.zeros((48, 64, 3), np.uint8)
CORNERS[:24, :32], CORNERS[:24, 32:], CORNERS[24:, :32] = (255, 0, 0), (0, 255, 0), (0, 0, 255)


@pytest.mark.parametrize(
    ("matrix", "upright"),
    [
        ((1, 0, 0, 1), lambda image: image),
        ((0, 1, -1, 0), lambda image: np.rot90(image, -1)),  # x to the right becomes down: clockwise
        ((-1, 0, 0, -1), lambda image: np.rot90(image, 2)),
        ((0, -1, 1, 0), lambda image: np.rot90(image, 1)),
        ((-1, 0, 0, 1), lambda image: image[:, ::-1]),
        ((1, 0, 0, -1), lambda image: image[::-1]),
        ((0, 1, 1, 0), lambda image: image.transpose(1, 0, 2)),
        ((0, -1, -1, 0), lambda image: image.transpose(1, 0, 2)[::-1, ::-1]),
    ],
)
def test_the_display_matrix_is_applied(tmp_path, matrix, upright):
    path = write_video(tmp_path / "a.mov", [CORNERS] * 3, "png", "rgb24")
    content = bytearray(path.read_bytes())
    place = content.index(b"tkhd") + 4 + 40  # version 0: 40 bytes before the matrix (ISO 14496-12, 8.3.2)
    a, b, c, d = (value * 65536 for value in matrix)
    content[place : place + 36] = np.array([a, b, 0, c, d, 0, 0, 0, 1 << 30], ">i4").tobytes()
    path.write_bytes(content)
    source = open_source(path)
    frames = list(source)
    assert len(frames) == 3
    assert source.info.size == frames[0].size == upright(CORNERS).shape[:2]
    assert np.array_equal(frames[1].image, upright(CORNERS))
    assert np.array_equal(next(source.sample(1)).image, upright(CORNERS))


@pytest.mark.parametrize("name", ["a.mkv", "a.mp4", "a.avi"])
def test_varying_times_are_exact(tmp_path, name):
    times = [number + number // 3 + 5 * (number > 25) for number in range(40)]
    codec, pixels = ("mjpeg", "yuvj420p") if name == "a.avi" else ("libx264", "yuv420p")
    source = open_source(write_video(tmp_path / name, 40, codec, pixels, times=times, rate=50))
    assert [frame.time for frame in source] == [Fraction(time, 50) for time in times]
    assert source.info.rate is None and not source.problems
    check_source(source)


def test_the_first_time_is_the_files_own_and_spans_count_from_it(tmp_path):
    path = write_video(tmp_path / "a.mkv", 10, times=range(200, 210))
    assert [frame.time for frame in open_source(path)] == [Fraction(i, 25) for i in range(200, 210)]
    part = open_source(path, start=Fraction(3, 25), end="0.24")
    assert [(frame.index, frame.time) for frame in part] == [(i, Fraction(200 + i, 25)) for i in (3, 4, 5)]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (None, None, range(20)),
        (0.2, None, range(5, 20)),
        ("0:00.21", "0.4", range(6, 10)),
        ("7f", "9f", range(7, 9)),
        ("7f", 0.4, range(7, 10)),
        (0, "100f", range(20)),
        ("19f", None, range(19, 20)),
        ("20f", None, range(0)),
        (100, None, range(0)),
    ],
)
def test_spans(tmp_path, start, end, expected):
    source = open_source(write_video(tmp_path / "a.mp4", 20), start=start, end=end)
    assert [(frame.index, number_in(frame.image)) for frame in source] == [(i, i) for i in expected]
    assert source.info.count == len(expected)
    assert source.info.duration == Fraction(len(expected), 25)
    sampled = [frame.index for frame in source.sample(4)]
    assert set(sampled) <= set(expected) and bool(sampled) == bool(expected)


def test_frames_from_leaves_out_frames_of_the_span(tmp_path):
    source = open_source(write_video(tmp_path / "a.mp4", 20), start="5f")
    assert [(frame.index, number_in(frame.image)) for frame in frames_from(source, 3)] == [
        (i, i) for i in range(8, 20)
    ]


def test_raw_streams_have_derived_times_and_say_so(tmp_path):
    write_video(tmp_path / "a.mp4", 20, rate=10, options={"bf": "2"})
    raw = b""
    with av.open(str(tmp_path / "a.mp4")) as container:
        stream = container.streams.video[0]
        to_annex_b = av.BitStreamFilterContext("h264_mp4toannexb", stream)
        for packet in container.demux(stream):
            raw += b"".join(bytes(part) for part in to_annex_b.filter(packet if packet.size else None))
    (tmp_path / "a.h264").write_bytes(raw)
    source = open_source(tmp_path / "a.h264")
    frames = list(source)
    assert numbers(frames) == list(range(20))
    assert len({b.time - a.time for a, b in pairwise(frames)}) == 1
    assert source.info.duration is None
    assert any("without a time" in line for line in source.problems)
    check_source(source)


def test_a_clock_that_begins_anew_goes_on(tmp_path):
    for part in "ab":
        write_video(tmp_path / f"{part}.ts", 50, "mpeg2video")
    joined = tmp_path / "joined.ts"
    joined.write_bytes((tmp_path / "a.ts").read_bytes() + (tmp_path / "b.ts").read_bytes())
    source = open_source(joined)
    frames = list(source)
    assert numbers(frames) == [*range(50), *range(50)]
    assert [frame.time - frames[0].time for frame in frames] == [Fraction(i, 25) for i in range(100)]
    assert any("the clock begins anew, 1 x, first near 2.0 s" in line for line in source.problems)


def test_frames_of_another_size_are_scaled_to_the_first(tmp_path):
    content = b""
    for number in range(6):
        size = (64, 96) if number < 4 else (32, 48)
        Image.fromarray(numbered(number, size)).save(tmp_path / "one.jpg", quality=95)
        content += (tmp_path / "one.jpg").read_bytes()
    (tmp_path / "a.mjpeg").write_bytes(content)
    source = open_source(tmp_path / "a.mjpeg")
    frames = list(source)
    assert {frame.size for frame in frames} == {(64, 96)}
    assert numbers(frames) == list(range(6))
    assert any("changes its size" in line and "2 frames scaled" in line for line in source.problems)


def test_sound_is_told_and_pictures_are_read_beside_it(tmp_path):
    source = open_source(write_video(tmp_path / "a.mkv", 5, sound=True))
    assert source.info.audio
    assert numbers(source) == list(range(5))


@pytest.mark.parametrize("name", ["a:b %03d [1] ü?.mp4", "-", "0.mp4", "x" * 240 + ".mp4", "no_suffix"])
def test_any_name_is_a_file(tmp_path, name):
    write_video(tmp_path / "a.mp4", 3).rename(tmp_path / name)
    assert numbers(open_source(tmp_path / name)) == [0, 1, 2]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("none.mp4", None, r"none\.mp4: there is no such file"),
        ("empty.mp4", b"", r"empty\.mp4: is empty"),
        ("text.mp4", b"dear diary\n" * 99, r"text\.mp4: is no video or picture"),
        ("notes.txt", b"dear diary\n" * 99, r"notes\.txt: is a text, not a video"),
        ("zeros.avi", bytes(4096), r"zeros\.avi: is no video or picture"),
    ],
)
def test_what_is_no_video_is_refused(tmp_path, name, content, message):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message):
        open_source(tmp_path / name)


def test_sound_alone_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"a\.wav: has sound, but no pictures"):
        open_source(write_sound(tmp_path / "a.wav"))


def test_a_recording_without_its_index_is_named_as_such(tmp_path):
    path = write_video(tmp_path / "a.mp4", 10)
    path.write_bytes(path.read_bytes()[:-400])
    with pytest.raises(InputError, match=r"a\.mp4: is an unfinished recording"):
        open_source(path)


NO_CUTS = {  # key frames come at fixed distances only
    "png": {},
    "mjpeg": {},
    "libx264": {"bf": "0", "sc_threshold": "0"},
    "mpeg4": {"bf": "0", "sc_threshold": "1000000000"},
    "mpeg2video": {"bf": "0", "sc_threshold": "1000000000"},
}


@pytest.mark.parametrize(
    ("name", "codec", "pixels", "lost"),
    [
        ("a.mov", "png", "rgb24", [13]),
        ("a.avi", "mjpeg", "yuvj420p", [13]),
        ("a.mp4", "libx264", "yuv420p", [13, 14, 15, 16, 17, 18, 19]),  # up to the next key frame
        ("a.avi", "mpeg4", "yuv420p", [13, 14, 15, 16, 17, 18, 19]),
        ("a.mkv", "mpeg2video", "yuv420p", [13, 14, 15, 16, 17, 18, 19]),
    ],
)
def test_damaged_frames_are_left_out_and_told(tmp_path, capfd, name, codec, pixels, lost):
    path = write_video(tmp_path / name, 30, codec, pixels, gop=10, options=NO_CUTS[codec])
    clean = {frame.index: frame.image.copy() for frame in open_source(path)}
    source = open_source(damage(path, 13))
    frames = list(source)
    assert [frame.index for frame in frames] == [i for i in range(30) if i not in lost]
    assert all(np.array_equal(frame.image, clean[frame.index]) for frame in frames)
    assert [frame.time - frames[0].time for frame in frames] == [
        Fraction(frame.index, 25) for frame in frames
    ]
    plural = "s" if len(lost) > 1 else ""
    assert source.problems == [f"{len(lost)} damaged frame{plural} skipped, first near 0.5 s"]
    assert all(np.array_equal(frame.image, clean[frame.index]) for frame in source.sample(30))
    assert capfd.readouterr() == ("", "")
    check_source(source)


def test_frames_that_a_constant_rate_lacks_are_told(tmp_path):
    path = write_video(
        tmp_path / "a.mkv", 400, "mjpeg", "yuvj420p", times=[i + 3 * (i > 200) for i in range(400)]
    )
    source = open_source(path)
    assert sum(1 for _ in source) == 400
    assert source.problems == ["3 frames missing (gaps in time), first near 8.0 s"]


@pytest.mark.parametrize(
    ("name", "codec", "pixels", "options"),
    [
        ("a.mp4", "libx264", "yuv420p", {"movflags": "faststart"}),
        ("a.mkv", "libx264", "yuv420p", {}),
        ("a.avi", "mjpeg", "yuvj420p", {}),
        ("a.ts", "mpeg2video", "yuv420p", {}),
    ],
)
def test_a_file_that_is_cut_off_gives_what_came_before(tmp_path, name, codec, pixels, options):
    path = write_cut(tmp_path / name, codec, pixels, options)
    content, ends = path.read_bytes(), [position + size for position, size in packet_places(path)]
    for twentieths in range(1, 20):
        cut = len(content) * twentieths // 20
        path.write_bytes(content[:cut])
        whole = sum(end <= cut for end in ends)
        try:
            source = open_source(path)
        except InputError:
            assert whole < 4, "the beginning is there, but was refused"
            continue
        found = numbers(source)
        assert found == sorted(set(found))
        assert whole - 3 <= len(found) <= whole + 1
        assert name == "a.ts" or source.problems or len(found) >= 48
        assert set(numbers(source.sample(9))) <= set(found)


def write_cut(path, codec, pixels, options):
    pictures = [numbered(number) for number in range(50)]
    with av.open(str(path), "w", options=options) as container:
        stream = container.add_stream(codec, rate=25)
        stream.height, stream.width, stream.pix_fmt, stream.gop_size = 64, 96, pixels, 10
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.avi", "a.ts"])
def test_rubbish_anywhere_raises_nothing_but_input_errors(tmp_path, name):
    content = write_video(tmp_path / name, 20, "mpeg4" if name == "a.avi" else "libx264").read_bytes()
    rng = np.random.default_rng(1)
    read = 0
    for _ in range(25):
        broken = bytearray(content)
        place, length = int(rng.integers(len(content))), int(rng.integers(1, 300))
        broken[place : place + length] = rng.integers(0, 256, length, dtype=np.uint8).tobytes()
        (tmp_path / name).write_bytes(broken)
        try:
            source = open_source(tmp_path / name)
        except InputError as error:
            assert name in str(error)
            continue
        times = [frame.time for frame in source]
        assert all(a < b for a, b in pairwise(times))
        list(source.sample(5))
        read += 1
    assert read > 5


def test_a_video_that_begins_damaged_is_shown_and_told(tmp_path):
    path = write_video(tmp_path / "a.mp4", 12, gop=100, options={"bf": "0", "sc_threshold": "0"})
    source = open_source(damage(path, 0, skip=700))
    assert [frame.index for frame in source] == list(range(12))
    assert any("no whole picture to begin with" in line for line in source.problems)


@pytest.mark.parametrize("gop", [1, 10, 1000])
@pytest.mark.parametrize(
    ("name", "codec"), [("a.mp4", "libx264"), ("a.mkv", "libx264"), ("a.avi", "mpeg4"), ("a.ts", "libx264")]
)
def test_samples_are_frames_of_the_source(tmp_path, name, codec, gop):
    path = write_video(tmp_path / name, 60, codec, gop=gop, options={"bf": "2"})
    source = open_source(path)
    every = {frame.time: frame for frame in source}
    for count in (1, 5, 20, 100):
        chosen = list(source.sample(count))
        assert min(count, 60) * 2 / 3 <= len(chosen) <= count
        assert all(np.array_equal(frame.image, every[frame.time].image) for frame in chosen)
        assert [frame.index for frame in chosen] == [every[frame.time].index for frame in chosen]
        assert all(a.index < b.index for a, b in pairwise(chosen))
    spread = [frame.index for frame in source.sample(20)]
    assert spread[0] <= 6 and spread[-1] >= 50 and max(b - a for a, b in pairwise(spread)) <= 12


def test_samples_come_from_the_span_alone(tmp_path):
    source = open_source(write_video(tmp_path / "a.mp4", 60, gop=5), start="12f", end="31f")
    for count in (1, 3, 30):
        assert {frame.index for frame in source.sample(count)} <= set(range(12, 31))


def test_a_sample_does_not_touch_an_iteration(tmp_path):
    source = open_source(write_video(tmp_path / "a.mp4", 20))
    frames = iter(source)
    first = [next(frames) for _ in range(4)]
    list(source.sample(5))
    assert numbers([*first, *frames]) == list(range(20))


@pytest.mark.parametrize(
    ("name", "frames", "size", "rate"),
    [
        ("animals/two_flies.mp4", 128, (1024, 1024), 25),
        ("fixed_camera/cars.mp4", 377, (432, 768), Fraction(25, 2)),
    ],
)
def test_real_videos_equal_another_reading(name, frames, size, rate):
    source = open_source(DATA / name)
    assert (source.info.size, source.info.rate, source.info.count) == (size, rate, frames)
    with av.open(str(DATA / name)) as container:
        plain = container.decode(video=0)
        for number, (frame, other) in enumerate(zip(source, plain, strict=True)):
            assert frame.time == other.pts * other.time_base
            if number % 40 == 0:
                colours = {"src_colorspace": "ITU709"} if size[0] >= 720 and other.colorspace == 2 else {}
                assert np.array_equal(frame.image, other.to_ndarray(format="rgb24", **colours))
    assert number == frames - 1 and not source.problems


def test_a_long_real_video_is_sampled_by_its_key_frames():
    source = open_source(DATA / "fixed_camera" / "people_one_by_one.mp4")
    sampled = [frame.time for frame in source.sample(10)]
    with av.open(str(DATA / "fixed_camera" / "people_one_by_one.mp4")) as container:
        stream = container.streams.video[0]
        keys = {
            packet.pts * packet.time_base
            for packet in container.demux(stream)
            if packet.is_keyframe and packet.size
        }
    assert len(sampled) == 10 and set(sampled) <= keys
    assert sampled[0] < 15 and sampled[-1] > 120


def test_packet_places_names_the_bytes_of_a_packet(tmp_path):
    path = write_video(tmp_path / "a.avi", 3, "mjpeg", "yuvj420p")
    position, size = packet_places(path)[1]
    assert path.read_bytes()[position : position + 2] == b"\xff\xd8"
    assert size > 100
