from fractions import Fraction

import av
import numpy as np
import pytest
from clips import info_of, made_clip, read_atoms, read_frames, read_times, write_all

from figureground.errors import OptionError, OutputError
from figureground.frames import Frame
from figureground.instances import Instances
from figureground.testing import made_scene
from figureground.writers import open_writer

ODD = (37, 45)


@pytest.mark.parametrize(
    ("name", "options", "codec", "pixels", "coded"),
    [
        ("a.mp4", {}, "h264", "yuv420p", (38, 46)),
        ("a.m4v", {}, "h264", "yuv420p", (38, 46)),
        ("a.MP4", {}, "h264", "yuv420p", (38, 46)),
        ("a.mov", {}, "h264", "yuv420p", (38, 46)),
        ("a.mkv", {}, "h264", "yuv420p", (38, 46)),
        ("a.webm", {}, "vp9", "yuv420p", (38, 46)),
        ("a.avi", {}, "mjpeg", "yuvj420p", (38, 46)),
        ("a.mp4", {"kind": "overlay"}, "h264", "yuv420p", (38, 46)),
        ("a.mp4", {"on": "blur"}, "h264", "yuv420p", (38, 46)),
        ("a.mp4", {"on": "#204060", "feather": 2.5}, "h264", "yuv420p", (38, 46)),
        ("a.mov", {"on": "transparent"}, "prores", "yuva444p12le", ODD),
        ("a.webm", {"on": "transparent"}, "vp9", "yuv420p", (38, 46)),
        ("a.mkv", {"kind": "masks"}, "ffv1", "gray", ODD),
    ],
)
def test_each_file_holds_every_frame_at_its_time(tmp_path, name, options, codec, pixels, coded):
    clip = made_clip(ODD, 20)
    writer = write_all(open_writer(tmp_path / name, info_of(clip), **options), clip)
    with av.open(str(tmp_path / name)) as file:
        stream = file.streams.video[0]
        found = (stream.codec.canonical_name, stream.pix_fmt, (stream.height, stream.width))
        assert found == (codec, pixels, coded)
        assert {k.lower(): v for k, v in file.metadata.items()}["comment"].startswith("figureground ")
    assert read_times(tmp_path / name) == [Fraction(i, 25) for i in range(20)]
    assert writer.notes == []
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.webm", "a.mkv", "a.avi"])
@pytest.mark.parametrize("on", ["black", "#ff0000", "#2080d0"])
def test_colours_are_those_of_the_ground_and_of_the_figure(tmp_path, name, on):
    clip = made_clip((72, 88), 3)
    write_all(open_writer(tmp_path / name, info_of(clip), on=on, quality=4), clip)
    ground = (0, 0, 0) if on == "black" else tuple(bytes.fromhex(on[1:]))
    for picture, (frame, found) in zip(read_frames(tmp_path / name), clip, strict=True):
        y, x = found.masks[0].y0, found.masks[0].x0
        inside = picture[y + 3 : y + 9, x + 3 : x + 7].reshape(-1, 3).astype(int)
        assert np.abs(inside - frame.image[y + 6, x + 5]).max() <= 14
        outside = np.ones(frame.size, bool)
        outside[max(0, y - 17) : y + 29, max(0, x - 17) : x + 27] = False  # a JPEG block rings as a whole
        assert np.abs(picture[outside].astype(int) - ground).max() <= 8


def test_h264_starts_with_its_index_and_is_tagged_bt709(tmp_path):
    clip = made_clip(count=5)
    for name in ("a.mp4", "a.mov"):
        write_all(open_writer(tmp_path / name, info_of(clip)), clip)
        atoms = read_atoms(tmp_path / name)
        assert atoms.index("moov") < atoms.index("mdat")
        with av.open(str(tmp_path / name)) as file:
            context = file.streams.video[0].codec_context
            assert (context.color_primaries, context.color_trc, context.colorspace) == (1, 1, 1)
            assert context.color_range == 1


VARYING = [Fraction(12345 + t, 90_000) for t in (0, 3003, 6006, 6007, 21000, 90_000, 90_400, 500_000)]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.mp4", [t - VARYING[0] for t in VARYING]),
        ("a.mov", [t - VARYING[0] for t in VARYING]),
        # 0, 33.37, 66.73, 66.74 (falls on the one before, so 1 ms later), 233.33, ... ms
        ("a.mkv", [Fraction(ms, 1000) for ms in (0, 33, 67, 68, 233, 1000, 1004, 5556)]),
        ("a.webm", [Fraction(ms, 1000) for ms in (0, 33, 67, 68, 233, 1000, 1004, 5556)]),
        # 0, 0.83, 1.67, 1.67, 5.83, 25, 25.1, 138.9 frames of 1/25 s
        ("a.avi", [Fraction(n, 25) for n in (0, 1, 2, 3, 6, 25, 26, 139)]),
    ],
)
def test_varying_times_are_kept(tmp_path, name, expected):
    clip = made_clip(count=len(VARYING), times=VARYING)
    info = info_of(clip, rate=None, time_base=Fraction(1, 90_000))
    write_all(open_writer(tmp_path / name, info), clip)
    assert read_times(tmp_path / name) == expected


def test_varying_times_are_kept_over_the_ends_of_chunks(tmp_path):
    steps = np.random.default_rng(5).integers(1, 9000, 700)
    times = [Fraction(int(t), 90_000) for t in np.cumsum(steps)]
    clip = made_clip((16, 18), count=700, times=times)
    write_all(open_writer(tmp_path / "a.mp4", info_of(clip, rate=None, time_base=Fraction(1, 90_000))), clip)
    assert read_times(tmp_path / "a.mp4") == [time - times[0] for time in times]


def test_times_that_do_not_rise_are_put_one_tick_later(tmp_path):
    times = [Fraction(t, 100) for t in (0, 4, 4, 3, 10)]
    clip = made_clip(count=5, times=times)
    write_all(open_writer(tmp_path / "a.mp4", info_of(clip, time_base=Fraction(1, 100))), clip)
    assert read_times(tmp_path / "a.mp4") == [Fraction(t, 100) for t in (0, 4, 5, 6, 10)]


def test_stills_without_a_rate_last_a_second_each(tmp_path):
    clip = made_clip(count=3, times=[Fraction(i) for i in range(3)])
    write_all(open_writer(tmp_path / "a.mp4", info_of(clip, kind="stills", rate=None, time_base=1)), clip)
    assert read_times(tmp_path / "a.mp4") == [0, 1, 2]
    with av.open(str(tmp_path / "a.mp4")) as file:
        assert file.duration == 3_000_000


@pytest.mark.parametrize(("name", "decoder", "slack"), [("a.mov", None, 2), ("a.webm", "libvpx-vp9", 40)])
def test_alpha_is_read_back(tmp_path, name, decoder, slack):
    clip = made_clip((40, 48), 300)  # more than one chunk
    write_all(open_writer(tmp_path / name, info_of(clip), on="transparent"), clip)
    pictures = read_frames(tmp_path / name, "rgba", decoder)
    assert len(pictures) == 300
    for picture, (frame, found) in list(zip(pictures, clip, strict=True))[::23]:
        y, x = found.masks[0].y0, found.masks[0].x0
        far = np.ones(frame.size, bool)
        far[max(0, y - 1) : y + 13, max(0, x - 1) : x + 11] = False
        assert picture[y + 1 : y + 11, x + 1 : x + 9, 3].min() >= 255 - slack
        assert picture[far, 3].max() <= slack
        assert np.abs(picture[y + 6, x + 5, :3].astype(int) - frame.image[y + 6, x + 5]).max() <= 20


def test_masks_are_exact(tmp_path):
    scene = made_scene((61, 83), frames=9)
    clip = [(frame, scene.truth(frame.index)) for frame in scene]
    write_all(open_writer(tmp_path / "m.mkv", scene.info, kind="masks"), clip)
    for picture, (_, found) in zip(read_frames(tmp_path / "m.mkv", "gray"), clip, strict=True):
        np.testing.assert_array_equal(picture, 255 * found.dense().any(0))


def test_an_odd_side_repeats_its_last_row_and_column(tmp_path):
    image = np.zeros((15, 17, 3), np.uint8)
    image[:, 9:] = 200
    everything = Instances.from_dense([np.ones((15, 17), bool)])
    clip = [(Frame(image, 0, Fraction(0)), everything)]
    write_all(open_writer(tmp_path / "a.mp4", info_of(clip), quality=1), clip)
    (picture,) = read_frames(tmp_path / "a.mp4")
    assert picture.shape == (16, 18, 3)
    assert np.abs(picture[15, 11:].astype(int) - 200).max() <= 6
    assert np.abs(picture[:15, 17].astype(int) - 200).max() <= 6


def test_a_frame_of_another_size_is_scaled_to_fit_and_told_once(tmp_path):
    clip = made_clip((40, 60), 2) + made_clip((40, 30), 2, start=2)
    white = np.full((40, 30, 3), 255, np.uint8)
    clip[2:] = [
        (Frame(white, i, Fraction(i, 25)), Instances.from_dense([np.ones((40, 30), bool)])) for i in (2, 3)
    ]
    writer = write_all(open_writer(tmp_path / "a.mp4", info_of(clip), quality=4), clip)
    assert len(writer.notes) == 1
    assert "size of the first" in writer.notes[0]
    last = read_frames(tmp_path / "a.mp4")[3]
    assert last.shape == (40, 60, 3)
    assert last[:, 17:43].min() >= 245
    assert last[:, :13].max() <= 10
    assert last[:, 47:].max() <= 10


def test_no_frames_leave_nothing(tmp_path):
    with pytest.raises(OutputError, match=r"a\.mp4: not written, because not one frame came"):
        write_all(open_writer(tmp_path / "a.mp4", info_of(made_clip())), [])
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_told_at_once(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match=r"a\.mp4: cannot be written: (Not a directory|File exists)"):
        open_writer(tmp_path / "file" / "a.mp4", info_of(made_clip()))
    (tmp_path / "b.mp4").mkdir()
    with pytest.raises(OutputError, match=r"b\.mp4: is a folder"):
        open_writer(tmp_path / "b.mp4", info_of(made_clip()), overwrite=True)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        (
            "a.mp4",
            {"on": "transparent"},
            r"a\.mp4: a transparent video .* \.mp4; choose \.mov, \.webm, \.png",
        ),
        ("a.mp4", {"kind": "masks"}, r"a\.mp4: a lossless mask video .* choose \.mkv"),
        ("a.xyz", {}, r"a\.xyz: video cannot be written as \.xyz; choose \.mp4"),
        (
            "a.jpg",
            {"on": "transparent"},
            r"a transparent picture cannot be kept as \.jpg; choose \.png, \.webp",
        ),
        ("a.webp", {"kind": "masks"}, r"a mask cannot be kept as \.webp; choose \.png"),
        ("a.mp4", {"on": "no-such.png"}, "no ground 'no-such.png'; choose black, white"),
        ("a.mp4", {"kind": "sculpture"}, "no writer 'sculpture'; choose one of: cutout, overlay, masks"),
        ("a.mp4", {"quality": 77}, r"quality must be 0 \(best\) to 51, got 77"),
        ("a.mp4", {"feather": -1.0}, "feather must be 0 to 1000 pixels, got -1"),
    ],
)
def test_what_makes_no_sense_is_refused_before_any_work(tmp_path, name, options, message):
    with pytest.raises(OptionError, match=message):
        open_writer(tmp_path / name, info_of(made_clip()), **options)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("stem", ["Mäuse im Käfig 鼠 🐁", "x" * 240, "with.dots", "-dash"])
def test_unusual_names(tmp_path, stem):
    clip = made_clip(count=3)
    write_all(open_writer(tmp_path / f"{stem}.mp4", info_of(clip)), clip)
    assert len(read_times(tmp_path / f"{stem}.mp4")) == 3


def test_a_folder_whose_name_looks_like_an_address(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    clip = made_clip(count=3)
    write_all(open_writer("o:ut/x:y.mp4", info_of(clip)), clip)
    assert len(read_times(tmp_path / "o:ut" / "x:y.mp4")) == 3


def test_writers_that_are_never_used_leave_nothing(tmp_path):
    for name in ("a.mp4", "b.mov", "cut", "a.png"):
        open_writer(tmp_path / name, info_of(made_clip(count=1)))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (2, 3)])
@pytest.mark.parametrize(("name", "on"), [("a.mp4", "black"), ("a.webm", "transparent"), ("a.avi", "blur")])
def test_the_smallest_frames(tmp_path, size, name, on):
    everything = Instances.from_dense([np.ones(size, bool)])
    clip = [(Frame(np.full((*size, 3), 180, np.uint8), i, Fraction(i, 25)), everything) for i in range(3)]
    write_all(open_writer(tmp_path / name, info_of(clip), on=on), clip)
    assert len(read_times(tmp_path / name)) == 3
