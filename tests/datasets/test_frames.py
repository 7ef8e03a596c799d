"""Frames of videos as files: the very frames, their names, and what the dataset says of them."""

from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from figureground.datasets.footage.choice import Choice
from figureground.datasets.footage.deliver import deliver
from figureground.datasets.footage.frames import Footage, letterboxed, name_videos, take_frames
from figureground.datasets.formats.coco import read_coco
from figureground.datasets.formats.cvat import read_zip
from figureground.errors import InputError, OptionError, OutputError
from figureground.sources import open_source
from figureground.sources.colour import ToRGB, read_turn, stored_size
from figureground.testing import made_scene

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
VIDEOS = [
    "animals/bugs_forty.mp4",
    "animals/flies_moving_camera.mp4",
    "animals/larvae_margo.mp4",
    "animals/mouse_arena.mp4",
    "animals/three_flies.mp4",
    "animals/three_mice.mp4",
    "animals/two_flies.mp4",
    "fixed_camera/cars.mp4",
    "fixed_camera/people_one_by_one.mp4",
]
EARLY = (0, 1, 2, 13, 50, 99, 127)
LATE = (250, 251, 373, 499, 500)  # to go to every end takes tens of seconds
LARGE = 1_500_000  # pixels; of such frames only the first 252 are looked at


def test_these_are_all_the_videos():
    assert sorted(str(path.relative_to(DATA)) for path in DATA.rglob("*.mp4")) == VIDEOS


def decoded(path, wanted):
    """The frames as PyAV gives them one after the other, none sought; those wanted, and those before them."""
    with av.open(str(path)) as container:
        to_rgb = None
        for index, picture in enumerate(container.decode(video=0)):
            if index > max(wanted):
                return
            to_rgb = to_rgb or ToRGB(stored_size(picture), read_turn(picture))
            if {index, index + 1} & set(wanted):
                yield index, to_rgb(picture).copy()


@pytest.mark.parametrize("name", VIDEOS)
def test_frame_k_is_the_kth_that_decoding_gives(tmp_path, name):
    """To the pixel; and frames that stand still are not what makes it so."""
    source = open_source(DATA / name)
    late = LATE[: 2 if source.info.size[0] * source.info.size[1] > LARGE else None]
    wanted = tuple(index for index in (*EARLY, *late) if index < source.info.count)
    found = take_frames([Footage(source, "v.mp4", "v")], tmp_path, Choice(frames=wanted))
    assert [picture.get("frame") for picture in found.dataset.pictures] == list(wanted)
    names = {picture.get("frame"): picture.file_name for picture in found.dataset.pictures}
    moved, before = 0, None
    for index, image in decoded(DATA / name, wanted):
        if index in wanted:
            np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / names[index])), image)
            moved += before is not None and not np.array_equal(before, image)
        before = image
    assert moved > len(wanted) // 2


def film(path, frames=23, size=(64, 96)):
    """A long-GOP video (one key frame) whose frame k is of the grey 20 + 10 * k."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"bf": "3", "crf": "10"})
        stream.height, stream.width, stream.pix_fmt, stream.gop_size = *size, "yuv420p", 999
        for index in range(frames):
            picture = np.full((*size, 3), 20 + 10 * index, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture)))
        container.mux(stream.encode())
    return path


def footage(*paths):
    named = name_videos(paths)
    return [Footage(open_source(path), *names) for path, names in zip(paths, named, strict=True)]


def levels(folder, pictures):
    return [round((np.asarray(Image.open(folder / one.file_name)).mean() - 20) / 10) for one in pictures]


def test_what_the_dataset_says(tmp_path):
    video = film(tmp_path / "arena.mp4")
    found = deliver(
        tmp_path / "out", lambda folder: take_frames(footage(video), folder, Choice(frames=(3, 17)))
    )
    data = read_coco(tmp_path / "out/annotations.json")
    assert data.folder == tmp_path / "out/images" == found.dataset.folder
    assert [picture.file_name for picture in data.pictures] == ["arena_000003.png", "arena_000017.png"]
    assert [picture.get("video") for picture in data.pictures] == ["arena.mp4"] * 2
    assert [picture.get("frame") for picture in data.pictures] == [3, 17]
    assert [picture.get("time") for picture in data.pictures] == [0.12, 0.68]
    assert [picture.size for picture in data.pictures] == [(64, 96)] * 2
    assert levels(data.folder, data.pictures) == [3, 17]
    assert data.annotations == () == data.categories
    assert found.missing == found.problems == ()


def test_videos_of_one_name_do_not_collide(tmp_path):
    paths = [film(tmp_path / name, 5) for name in ("a/run.mp4", "b/run.mp4", "b/run.avi", "b/Other.mp4")]
    found = take_frames(footage(*paths), tmp_path, Choice(every=4))
    videos = [picture.get("video") for picture in found.dataset.pictures]
    assert videos[::2] == ["a/run.mp4", "b/run.mp4", "run.avi", "Other.mp4"]
    names = [picture.file_name for picture in found.dataset.pictures]
    assert names[::2] == ["a_run_000000.png", "b_run_000000.png", "run_avi_000000.png", "Other_000000.png"]
    assert len({name.lower() for name in names}) == 8
    assert levels(tmp_path, found.dataset.pictures) == [0, 4] * 4


@pytest.mark.parametrize(
    ("paths", "stems"),
    [
        (["x/a.mp4"], ["a"]),
        (["x/a.mp4", "x/A.MP4"], ["x_a", "x_A_1"]),
        (["x/a.mp4", "y/a.mp4", "a_mp4.avi"], ["x_a", "y_a", "a_mp4"]),
        (["x_a.mp4", "x/a.mp4", "y/a.mp4"], ["x_a", "x_a_1", "y_a"]),
        (["é" * 140 + ".mp4"], ["é" * 100]),
    ],
)
def test_names_are_each_given_once(paths, stems):
    found = [stem for _, stem in name_videos([Path(path) for path in paths])]
    assert len({stem.casefold() for stem in found}) == len(found)
    assert found == stems or paths[-1].lower() == "x/a.mp4"


def test_squares_and_the_way_to_their_coordinates(tmp_path):
    video = film(tmp_path / "arena.mp4", 3)
    found = take_frames(footage(video), tmp_path, Choice(every=2), square=48)
    picture = found.dataset.pictures[1]
    assert picture.size == (48, 48) and picture.get("scale") == [0.5, 0.5]
    image = np.asarray(Image.open(tmp_path / picture.file_name))
    assert (image[:32] > 30).all() and (image[32:] == 0).all()


@pytest.mark.parametrize(("size", "side"), [((17, 11), 40), ((11, 17), 40), ((130, 70), 31), ((5, 5), 16)])
def test_a_point_is_where_the_scale_says(size, side):
    image = np.zeros((*size, 3), np.uint8)
    top, left = size[0] // 2, size[1] // 3
    image[top:, left:] = 255
    square, (across, down) = letterboxed(image, side)
    assert square.shape == (side, side, 3)
    ys, xs = np.nonzero(square[..., 0] > 127)
    assert abs(xs.min() - left * across) <= 1 and abs(ys.min() - top * down) <= 1
    assert abs(xs.max() + 1 - size[1] * across) <= 1 and abs(ys.max() + 1 - size[0] * down) <= 1
    assert max(size[1] * across, size[0] * down) == side


def test_pictures_of_a_folder_are_copied(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    for number, name in enumerate(("1.jpg", "2.png", "3.tif")):
        Image.fromarray(np.full((17, 11, 3), 50 * number, np.uint8)).save(folder / name)
    out = tmp_path / "out"
    out.mkdir()
    both = [Footage(open_source(folder), "", name, folder) for name in ("one", "two")]
    data = take_frames(both, out).dataset
    names = [picture.file_name for picture in data.pictures]
    assert names == ["1.jpg", "2.png", "3.png", "one_1.jpg", "one_2.png", "one_3.png"] or names == [
        "1.jpg",
        "2.png",
        "3.png",
        "two_1.jpg",
        "two_2.png",
        "two_000002.png",
    ]
    assert (out / "1.jpg").read_bytes() == (folder / "1.jpg").read_bytes()
    assert (np.asarray(Image.open(out / "3.png")) == 100).all()
    assert data.pictures[0].get("video") is None


def test_one_that_fails_does_not_stop_the_others(tmp_path):
    class Broken:
        info = made_scene((24, 32), frames=3).info
        problems = ("is worn out",)

        def __iter__(self):
            raise InputError("broken.mp4: is damaged")
            yield

    video = film(tmp_path / "arena.mp4", 5)
    both = [Footage(Broken(), "broken.mp4", "broken"), *footage(video)]
    found = take_frames(both, tmp_path, Choice(frames=(1, 7, 8, 9, 10, 11, 12)))
    assert [picture.file_name for picture in found.dataset.pictures] == ["arena_000001.png"]
    assert found.missing[0] == "broken.mp4: is damaged"
    assert found.missing[1].endswith(
        "arena.mp4: has no frame 7, frame 8, frame 9, frame 10, frame 11, and 1 more"
    )
    assert found.problems == (f"{Broken.info.name}: is worn out",)
    with pytest.raises(InputError, match=r"broken\.mp4: is damaged"):
        take_frames(both[:1], tmp_path, Choice(every=1))


@pytest.mark.parametrize("side", [0, 15, 8193])
def test_squares_that_make_no_sense(tmp_path, side):
    with pytest.raises(OptionError, match="a side of 16 to 8192 pixels"):
        take_frames([], tmp_path, square=side)


@pytest.mark.parametrize("out", ["set", "set.zip", "set.json"])
def test_places_to_put_it(tmp_path, out):
    video = film(tmp_path / "arena.mp4", 5)

    def make(folder):
        return take_frames(footage(video), folder, Choice(every=2))

    found = deliver(tmp_path / out, make)
    data = read_zip(tmp_path / out) if out == "set.zip" else None
    if data is None:
        data = read_coco(tmp_path / (out if out == "set.json" else "set/annotations.json"))
    assert [Path(picture.file_name).name for picture in data.pictures] == [
        f"arena_00000{index}.png" for index in (0, 2, 4)
    ]
    assert [picture.get("video") for picture in data.pictures] == ["arena.mp4"] * 3
    assert found.dataset.folder in (data.folder, tmp_path / out)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(OutputError, match="is there already"):
        deliver(tmp_path / out, make)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    deliver(tmp_path / out, make, overwrite=True)
    assert {path.name for path in tmp_path.iterdir()} <= {"arena.mp4", "set", out}


@pytest.mark.parametrize("stop", [KeyboardInterrupt, InputError("x"), OSError(28, "No space left on device")])
@pytest.mark.parametrize("out", ["set", "set.zip", "set.json"])
def test_what_is_stopped_leaves_nothing(tmp_path, out, stop):
    def make(folder):
        (folder / "a.png").write_bytes(b"")
        raise stop

    with pytest.raises((KeyboardInterrupt, InputError, OutputError)):
        deliver(tmp_path / "new" / out, make)
    assert not list((tmp_path / "new").iterdir())


def test_progress_goes_on_through_passes_and_videos(tmp_path):
    both = footage(film(tmp_path / "a.mp4", 5), film(tmp_path / "b.mp4", 7))
    seen = []
    take_frames(both, tmp_path, Choice(random=99), progress=seen.append)
    assert seen[-1] == 5 + 5 + 7 + 7 and all(b - a in (0, 1) for a, b in pairwise(seen))
