import random

import pytest
from real import COMBO, FERAL_CAT

from figureground.datasets.dataset import Picture, new
from figureground.datasets.formats.coco import read_coco
from figureground.datasets.selection.groups import check_ids, frame_of, grouping, in_time, source_of, video_of
from figureground.errors import InputError, OptionError


def photo(name, number=1, **keys):
    return new(Picture, id=number, file_name=name, **keys)


@pytest.mark.parametrize(
    ("name", "video", "frame"),
    [
        ("arena_000012.png", "arena", 12),
        ("clip_02_000123.png", "clip_02", 123),
        ("x.mp4-mask_image_0-1339.jpg", "x.mp4", 1339),
        ("8-03_b220_w01312022.mp4-mask_image_0-5639.jpg", "8-03_b220_w01312022.mp4", 5639),
        ("Arena.AVI_00012.png", "Arena.AVI", 12),
        ("arena_mp4-12_jpg.rf.0a1b2c3d4e.jpg", "arena_mp4", 12),
        ("arena-frame12.jpg", "arena", 12),
        ("arena_frame_12_left.jpg", "arena_left", 12),
        ("arena_2024-05-31_12-30-59.jpg", "arena", None),
        ("cam_20240531_123059.jpg", "cam", None),
        ("frame_000012.PNG", "frame", 12),
        ("arena/frame_000012.PNG", "arena", 12),
        ("a/arena/0012.png", "arena", 12),
        ("arena\\img12.png", "arena", 12),
        ("deep/arena_12.png", "arena", 12),
        ("rat (3).jpg", "rat", 3),
        ("IMG_0001.jpg", "IMG", 1),
        ("cat_png.rf.51e03bb204b8aecb.jpg", "cat", None),
        ("12.jpg", None, 12),
        ("000000000009.jpg", None, 9),
        ("train2017/000000000009.jpg", None, 9),
        ("COCO_val2014_000000000042.jpg", None, None),
        ("20240531_123059.jpg", None, None),
        ("portrait.jpg", None, None),
        ("frame.png", None, None),
        ("", None, None),
    ],
)
def test_names(name, video, frame):
    assert (video_of(photo(name)), frame_of(photo(name))) == (video, frame)


def test_keys_come_first():
    told = photo("arena_000012.png", video="other.mp4", frame=7)
    assert (video_of(told), frame_of(told)) == ("other.mp4", 7)
    assert frame_of(photo("arena_000012.png", frame=0)) == 0


@pytest.mark.parametrize("strange", [5, "", None, ["a"], {"a": 1}, 1.5])
def test_strange_keys_are_passed_over(strange):
    told = photo("arena_000012.png", video=strange)
    assert video_of(told) == "arena"
    assert frame_of(photo("arena_000012.png", frame=[strange])) == 12


@pytest.mark.parametrize("sign", ["-", " ", "_.", "1", "(", "frame", "a1_", "\u0663", ".mp4", "2024-"])
def test_endless_names(sign):
    name = sign * 50_000
    assert len(video_of(photo(name)) or "") <= len(name)
    assert (frame_of(photo(name)) or 0) < 10**18


def test_order_of_time():
    names = [f"a.mp4-{number}.jpg" for number in (0, 2, 9, 10, 189, 1339)]
    mixed = [photo(name) for name in random.Random(0).sample(names, 6)]
    assert [one.file_name for one in in_time(mixed)] == names
    keyed = [photo(f"{name}.png", frame=frame) for name, frame in (("a", 30), ("b", 4), ("c", 100))]
    assert [one.file_name for one in in_time(keyed)] == ["b.png", "a.png", "c.png"]
    dates = ["c_2024-05-31_23-59-59.jpg", "c_2024-06-01_00-00-01.jpg"]
    assert [one.file_name for one in in_time([photo(name) for name in dates[::-1]])] == dates


@pytest.mark.parametrize(
    ("pattern", "name", "group"),
    [
        (r"mouse\d+", "cage2/mouse7_left_3.jpg", "mouse7"),
        (r"^([^/]+)/", "cage2/mouse7.jpg", "cage2"),
        (r"(x)?mouse", "mouse7.jpg", None),
        (r"rat", "mouse7.jpg", None),
    ],
)
def test_own_pattern(pattern, name, group):
    assert grouping(pattern)(photo(name, video="v")) == group


def test_bad_pattern():
    with pytest.raises(OptionError, match=r"'\(' is no regular expression"):
        grouping("(")


def test_copies():
    names = ["train/cat_jpg.rf.0a1b2c3d4e.jpg", "valid/cat_jpg.rf.5f6a7b8c9d.jpg", "a/b.jpg", "b.jpg"]
    assert [source_of(photo(name)) for name in names] == ["cat", "cat", "a/b.jpg", "b.jpg"]


def test_ids():
    check_ids((photo("a", 1), photo("b", 2)), "image")
    with pytest.raises(InputError, match="set: image id 1 is there twice"):
        check_ids((photo("a", 1), photo("b", 1)), "image", "set")


def test_real_names():
    """Counted by hand in the file: 14 videos, of which five are numbered photos of rats."""
    videos = {video_of(picture) for picture in read_coco(COMBO).pictures}
    assert {"More_rat", "black-rat", "rat", "lab", "rat_lab"} < videos
    assert sum(name.endswith(".mp4") for name in videos) == len(videos) - 5 == 9
    cats = {video_of(photo(path.name)) for path in FERAL_CAT.glob("*/images/*.jpg")}
    assert None not in cats
