import gc
import weakref
from fractions import Fraction

import av
import cv2
import labgym_rules as rules
import numpy as np
import pytest

from figureground.errors import InputError, OutputError
from figureground.frames import Frame, SourceInfo
from figureground.instances import Instances
from figureground.testing import check_writer, made_scene
from figureground.writers.examples.settings import Settings
from figureground.writers.examples.writer import ExamplesWriter

SIZE = (53, 71)


def info_of(name="arena.mp4", rate=Fraction(25)):
    return SourceInfo(name, "video", SIZE, rate, None, None, Fraction(1, 25))


def frame_of(index, keys=(0,), size=SIZE, labels=None):
    """A grey frame with a bright square for each id, 20 pixels apart."""
    image = np.full((*size, 3), 40, np.uint8)
    masks = []
    for key in keys:
        mask = np.zeros(size, bool)
        mask[10 + index % 5 : 22 + index % 5, 5 + 20 * key : 15 + 20 * key] = True
        image[mask] = (200, 120 + index % 100, 90)
        masks.append(mask)
    found = Instances.from_dense(masks, ids=list(keys), labels=labels) if masks else Instances.empty(size)
    return Frame(image, index, Fraction(index, 25)), found


def write_all(path, clip, settings, **options):
    with ExamplesWriter(path, options.pop("info", info_of()), settings, **options) as writer:
        for frame, found in clip:
            writer.write(frame, found)
    return writer


def names(path):
    return sorted(str(one.relative_to(path).with_suffix("")) for one in path.rglob("*.avi"))


def test_keeps_the_promises_of_a_writer(tmp_path):
    info = made_scene((48, 64), frames=5).info
    check_writer(lambda path: ExamplesWriter(path, info, Settings(3)), tmp_path / "examples")


def test_the_files_hold_the_example(tmp_path):
    clip = [frame_of(index) for index in range(7)]
    write_all(tmp_path / "out", clip, Settings(5, 5))
    stem = tmp_path / "out" / "0" / "arena_0_5_len5"
    frames = [frame.image[..., ::-1] for frame, _ in clip[1:6]]
    wanted, pattern = rules.alone(frames, [found.dense()[0] for _, found in clip[1:6]], "black", None)
    assert stem.with_suffix(".jpg").read_bytes() == cv2.imencode(".jpg", pattern)[1].tobytes()
    with av.open(str(stem.with_suffix(".avi"))) as file:
        stream = file.streams.video[0]
        assert (stream.codec_context.name, stream.average_rate) == ("mjpeg", 5)
        assert file.metadata["comment"].startswith("figureground ")
        packets = [bytes(packet) for packet in file.demux(stream) if packet.size]
    assert packets == [cv2.imencode(".jpg", frame)[1].tobytes() for frame in wanted]


def test_opencv_reads_the_animation_as_labgym_does(tmp_path):
    write_all(tmp_path / "out", [frame_of(index) for index in range(6)], Settings(5, 5))
    capture = cv2.VideoCapture(str(tmp_path / "out/0/arena_0_5_len5.avi"))
    assert int(capture.get(cv2.CAP_PROP_FOURCC)).to_bytes(4, "little") == b"MJPG"
    frames = []
    while (read := capture.read())[0]:
        frames.append(read[1])
    assert len(frames) == 5
    picture = cv2.imread(str(tmp_path / "out/0/arena_0_5_len5.jpg"))
    assert {frame.shape for frame in frames} == {picture.shape}


@pytest.mark.parametrize(
    ("rate", "slower"), [(Fraction(30000, 1001), Fraction(6000, 1001)), (Fraction(3), 1), (Fraction(100), 20)]
)
def test_animations_run_at_a_fifth_and_never_below_one_frame_a_second(tmp_path, rate, slower):
    clip = [frame_of(index) for index in range(4)]
    write_all(tmp_path / "out", clip, Settings(3), info=info_of(rate=rate))
    with av.open(str(tmp_path / "out/0/arena_0_3_len3.avi")) as file:
        assert float(file.streams.video[0].average_rate) == pytest.approx(float(slower), rel=1e-3)


@pytest.mark.parametrize(
    ("settings", "frames", "ends"),
    [
        (Settings(5), range(16), [5, 10, 15]),
        (Settings(5, 1), range(8), [4, 5, 6, 7]),
        (Settings(5, 3), range(12), [6, 9]),
        (Settings(3, 7), range(9), [7]),
        (Settings(5), range(101, 113), [105, 110]),
    ],
)
def test_windows_end_at_multiples(tmp_path, settings, frames, ends):
    write_all(tmp_path / "out", [frame_of(index) for index in frames], settings)
    assert names(tmp_path / "out") == sorted(f"0/arena_0_{end}_len{settings.length}" for end in ends)


def test_a_figure_needs_to_be_seen_once_in_the_window(tmp_path):
    keys = {2: (0, 1), 5: (1,)}
    write_all(tmp_path / "out", [frame_of(index, keys.get(index, (0,))) for index in range(10)], Settings(3))
    assert names(tmp_path / "out") == [
        *(f"0/arena_0_{end}_len3" for end in (3, 6, 9)),
        *(f"1/arena_1_{end}_len3" for end in (3, 6)),
    ]


def test_classes_are_in_the_names_and_stay_with_a_figure(tmp_path):
    clip = [frame_of(index, (0, 1), labels=[0, index % 2]) for index in range(4)]
    write_all(tmp_path / "out", clip, Settings(3), classes=("rat.male", "ball"))
    assert names(tmp_path / "out") == [
        "rat-male_0/arena_rat-male_0_3_len3",
        "rat-male_1/arena_rat-male_1_3_len3",
    ]


@pytest.mark.parametrize(
    ("mode", "name"),
    [("basic", ["0/arena_3_len3_itbs"]), ("advanced", [f"{k}/arena_{k}_3_len3_scdt0_itadv" for k in (0, 1)])],
)
def test_figures_together(tmp_path, mode, name):
    write_all(
        tmp_path / "out", [frame_of(index, (0, 1)) for index in range(4)], Settings(3, interactive=mode)
    )
    assert names(tmp_path / "out") == name


def test_figures_without_an_id_have_no_example_but_neighbours_see_them(tmp_path):
    clip = [(frame, found.with_ids([0, -1])) for frame, found in (frame_of(i, (0, 1)) for i in range(4))]
    write_all(tmp_path / "alone", clip, Settings(3))
    assert names(tmp_path / "alone") == ["0/arena_0_3_len3"]
    write_all(tmp_path / "social", clip, Settings(3, interactive="advanced"))
    picture = cv2.imread(str(tmp_path / "social/0/arena_0_3_len3_scdt0_itadv.jpg"))
    assert (np.abs(picture.astype(int) - 150).max(2) < 20).any()


def test_a_video_name_that_labgym_cannot_take_is_changed_and_told(tmp_path):
    clip = [frame_of(index) for index in range(4)]
    writer = write_all(tmp_path / "out", clip, Settings(3), info=info_of("day.2_len5.mp4"))
    assert names(tmp_path / "out") == ["0/day-2-len5_0_3_len3"]
    assert writer.notes == [
        'day.2_len5: the examples are called "day-2-len5", because LabGym takes no dots and no _len in the '
        "names of videos"
    ]


@pytest.mark.parametrize(
    ("clip", "match"),
    [
        ([frame_of(0), frame_of(1)], "2 frames came, and a window needs 3"),
        ([frame_of(index, ()) for index in range(9)], "no figure was tracked in any frame"),
        ([frame_of(index, (0,)[: index == 0]) for index in range(9)], "no window holds a figure"),
    ],
)
def test_no_example_is_an_error_that_says_why(tmp_path, clip, match):
    with pytest.raises(OutputError, match=match):
        write_all(tmp_path / "out", clip, Settings(3))
    assert not list(tmp_path.iterdir())


def test_a_long_name_is_cut_and_told(tmp_path):
    clip = [frame_of(index) for index in range(4)]
    writer = write_all(tmp_path / "out", clip, Settings(3), info=info_of("v" * 200 + ".mp4"))
    assert names(tmp_path / "out") == [f"0/{'v' * 90}_0_3_len3"]
    assert "because it is too long" in writer.notes[0]


def test_a_full_disk_leaves_nothing_and_names_the_folder(tmp_path, file_limit):
    clip = [frame_of(index) for index in range(4)]
    with pytest.raises(OutputError, match=r"/out/0/arena_0_3_len3\.\w+: cannot be written"), file_limit(700):
        write_all(tmp_path / "out", clip, Settings(3))
    assert not list(tmp_path.iterdir())


def test_a_single_pixel_has_no_crop_and_is_left_out(tmp_path):
    mask = np.zeros(SIZE, bool)
    mask[4, 5] = True
    both = np.stack([mask, frame_of(0)[1].dense()[0]])
    clip = [(frame_of(i)[0], Instances.from_dense(both, ids=[3, 0])) for i in range(4)]
    write_all(tmp_path / "out", clip, Settings(3))
    assert names(tmp_path / "out") == ["0/arena_0_3_len3"]


def test_frames_of_another_size_are_refused(tmp_path):
    clip = [frame_of(0), frame_of(1, size=(61, 73))]
    with pytest.raises(InputError, match=r"frame 1: is 73 x 61 pixels, those before were 71 x 53"):
        write_all(tmp_path / "out", clip, Settings(3))
    assert not list(tmp_path.iterdir())


def test_only_what_figureground_wrote_is_replaced(tmp_path):
    clip = [frame_of(index) for index in range(4)]
    write_all(tmp_path / "out", clip, Settings(3))
    write_all(tmp_path / "out", clip, Settings(3, body_parts=9), overwrite=True)
    assert names(tmp_path / "out") == ["0/arena_0_3_len3_std9"]
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "thesis.txt").write_text("mine")
    with pytest.raises(OutputError, match="was not written by figureground"):
        write_all(tmp_path / "own", clip, Settings(3), overwrite=True)


@pytest.mark.parametrize("ground", ["black", "keep"])
def test_holds_the_frames_of_one_window_only(tmp_path, ground):
    alive = []
    with ExamplesWriter(tmp_path / "out", info_of(), Settings(5, background=ground)) as writer:
        for index in range(40):
            frame, found = frame_of(index, (0, 1))
            alive.append(weakref.ref(frame.image))
            writer.write(frame, found)
            del frame, found
        gc.collect()
        held = sum(one() is not None for one in alive)
    assert held == (5 if ground == "keep" else 0)


def test_the_same_frames_give_the_same_bytes(tmp_path):
    clip = [frame_of(index, (0, 1)) for index in range(4)]
    for name in ("one", "two"):
        write_all(tmp_path / name, clip, Settings(3, body_parts=5))
    files = [sorted((tmp_path / name).rglob("*.*")) for name in ("one", "two")]
    assert [one.read_bytes() for one in files[0]] == [two.read_bytes() for two in files[1]]
    assert len(files[0]) == 5
