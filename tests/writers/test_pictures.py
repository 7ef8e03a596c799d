import io
import json
import shutil
from fractions import Fraction

import numpy as np
import pytest
from clips import info_of, made_clip, write_all
from PIL import Image

from figureground.errors import OptionError, OutputError
from figureground.files import part_folder
from figureground.frames import Frame
from figureground.instances import Instances
from figureground.testing import made_scene
from figureground.writers import open_writer
from figureground.writers.pictures import picture_to_bytes


def names(folder):
    return sorted(entry.name for entry in folder.iterdir() if entry.suffix != ".json")


def named(names, size=(9, 7)):
    """Stills of these names, each of its own grey, all of it figure."""
    all_of_it = Instances.from_dense([np.ones(size, bool)])
    return [
        (Frame(np.full((*size, 3), 10 * i, np.uint8), i, Fraction(i), name), all_of_it)
        for i, name in enumerate(names)
    ]


def test_a_folder_holds_a_picture_a_frame_with_exact_alpha(tmp_path):
    scene = made_scene((61, 83), frames=5)
    clip = [(frame, scene.truth(frame.index)) for frame in scene]
    write_all(open_writer(tmp_path / "cut", scene.info, on="transparent"), clip)
    assert names(tmp_path / "cut") == [f"{i:06d}.png" for i in range(5)]
    for i, (frame, found) in enumerate(clip):
        rgba = np.asarray(Image.open(tmp_path / "cut" / f"{i:06d}.png"))
        assert rgba.shape == (61, 83, 4)
        figure = found.dense().any(0)
        inside = figure.copy()  # a pixel whose eight neighbours are figure too is opaque
        for dy in (-1, 0, 1):
            for dx in (-1, 0, 1):
                inside &= np.roll(figure, (dy, dx), (0, 1))
        assert inside.any()
        assert (rgba[inside, 3] == 255).all()
        np.testing.assert_array_equal(rgba[inside, :3], frame.image[inside])
        assert (rgba[rgba[..., 3] == 0] == 0).all()


def test_masks_in_a_folder_are_exact(tmp_path):
    clip = made_clip((31, 29), 4)
    write_all(open_writer(f"{tmp_path}/masks.v2/", info_of(clip), kind="masks"), clip)
    for i, (_, found) in enumerate(clip):
        picture = np.asarray(Image.open(tmp_path / "masks.v2" / f"{i:06d}.png"))
        np.testing.assert_array_equal(picture, 255 * found.dense()[0])


def test_the_list_tells_what_made_them_and_when_they_were(tmp_path):
    clip = made_clip(count=3, times=[Fraction(1, 3), Fraction(1, 2), Fraction(3, 4)], start=7)
    write_all(open_writer(tmp_path / "cut", info_of(clip), kind="stills", made_by="cut --on black"), clip)
    listing = json.loads((tmp_path / "cut" / "figureground.json").read_text())
    assert listing["made_by"].startswith("figureground ")
    assert listing["made_by"].endswith(" stills cut --on black")
    assert listing["frames"] == [
        {"name": "000007.png", "index": 7, "time": "1/3"},
        {"name": "000008.png", "index": 8, "time": "1/2"},
        {"name": "000009.png", "index": 9, "time": "3/4"},
    ]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (["a.jpg", "b.jpg"], ["a.png", "b.png"]),
        (["a.jpg", "a.png", "A.tif"], ["A.tif.png", "a.png", "a.png.png"]),
        (["a.jpg", "sub/a.jpg", "other/a.jpg"], ["a-2.png", "a.jpg.png", "a.png"]),
        (["Mäuse 鼠.jpg", ""], ["000001.png", "Mäuse 鼠.png"]),
        (["000001.jpg", "", "a.b.c.jpg"], ["000001-2.png", "000001.png", "a.b.c.png"]),
    ],
)
def test_stills_keep_their_names_and_none_is_lost(tmp_path, given, kept):
    clip = named(given)
    write_all(open_writer(tmp_path / "cut", info_of(clip, kind="stills")), clip)
    assert names(tmp_path / "cut") == sorted(kept)
    greys = {int(np.asarray(Image.open(tmp_path / "cut" / name)).max()) for name in kept}
    assert greys == {10 * i for i in range(len(given))}


def contents(folder):
    return {entry.name: entry.read_bytes() for entry in folder.iterdir()}


@pytest.mark.parametrize("damage", [None, "cut", "zero", "garbled", "line"])
def test_a_resumed_folder_equals_an_uninterrupted_one(tmp_path, damage):
    clip = made_clip(count=12)
    write_all(open_writer(tmp_path / "whole" / "cut", info_of(clip)), clip)
    path = tmp_path / "cut"
    with pytest.raises(RuntimeError, match="power"), open_writer(path, info_of(clip)) as writer:
        for frame, found in clip[:8]:
            writer.write(frame, found)
        shutil.copytree(part_folder(path), tmp_path / "killed")
        raise RuntimeError("power")
    assert not path.exists()
    shutil.rmtree(part_folder(path))
    part = (tmp_path / "killed").rename(part_folder(path))
    fifth, journal = part / "frames" / "000005.png", part / "journal.jsonl"
    if damage == "cut":
        fifth.write_bytes(fifth.read_bytes()[:-7])
    if damage == "zero":
        fifth.write_bytes(b"")
    if damage == "garbled":
        journal.write_text("{" + journal.read_text())
    if damage == "line":
        journal.write_text(journal.read_text()[:-5])
    writer = open_writer(path, info_of(clip), resume=True)
    assert writer.done == {None: 8, "cut": 5, "zero": 5, "garbled": 0, "line": 7}[damage]
    write_all(writer, clip)
    assert contents(path) == contents(tmp_path / "whole" / "cut")
    assert not part_folder(path).exists()


def test_a_folder_rewinds_to_any_frame(tmp_path):
    clip = made_clip(count=6)
    with pytest.raises(RuntimeError, match="power"), open_writer(tmp_path / "cut", info_of(clip)) as writer:
        for frame, found in clip:
            writer.write(frame, found)
        raise RuntimeError("power")
    writer = open_writer(tmp_path / "cut", info_of(clip), resume=True)
    assert [writer.done, writer.rewind(4), writer.rewind(9), writer.done] == [6, 4, 4, 4]
    write_all(writer, clip[:5])
    assert names(tmp_path / "cut") == [f"{i:06d}.png" for i in range(5)]


def test_overwriting_a_folder_removes_only_what_was_written_there_before(tmp_path):
    clip, path = made_clip(count=6), tmp_path / "cut"
    path.mkdir()
    write_all(open_writer(path, info_of(clip)), clip)  # an empty folder is free
    (path / "notes.txt").write_text("mine")
    with pytest.raises(OutputError, match="cut: exists already; use --overwrite"):
        open_writer(path, info_of(clip))
    write_all(open_writer(path, info_of(clip), overwrite=True), clip[:2])
    assert names(path) == ["000000.png", "000001.png", "notes.txt"]


@pytest.mark.parametrize(
    ("name", "options", "kind", "mode"),
    [
        ("a.png", {"on": "transparent"}, "PNG", "RGBA"),
        ("a.webp", {"on": "transparent"}, "WEBP", "RGBA"),
        ("a.png", {}, "PNG", "RGB"),
        ("a.jpg", {"on": "white"}, "JPEG", "RGB"),
        ("a.JPEG", {}, "JPEG", "RGB"),
        ("a.png", {"kind": "masks"}, "PNG", "L"),
        ("a.png", {"kind": "overlay"}, "PNG", "RGB"),
    ],
)
def test_single_pictures(tmp_path, name, options, kind, mode):
    clip = made_clip((37, 45), 1)
    write_all(open_writer(tmp_path / name, info_of(clip), **options), clip)
    with Image.open(tmp_path / name) as picture:
        assert (picture.format, picture.mode, picture.size) == (kind, mode, (45, 37))
        pixels = np.asarray(picture).reshape(37, 45, -1)
    frame, found = clip[0]
    y, x = found.masks[0].y0 + 6, found.masks[0].x0 + 5
    if "kind" not in options:
        assert np.abs(pixels[y, x, :3].astype(int) - frame.image[y, x]).max() <= 12
    if mode == "RGBA":
        assert (pixels[y, x, 3], pixels[30, 40, 3]) == (255, 0)
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


def test_one_picture_takes_no_second_frame(tmp_path):
    clip = made_clip(count=2)
    with pytest.raises(OptionError, match=r"a\.png: holds one picture, but clip has more; write to a video"):
        open_writer(tmp_path / "a.png", info_of(clip))
    with pytest.raises(OptionError, match=r"a\.png: holds one picture"):
        write_all(open_writer(tmp_path / "a.png", info_of(clip, count=None)), clip)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a.png", "cut"])
def test_no_frames_leave_nothing(tmp_path, name):
    with pytest.raises(OutputError, match=f"{name}: not written, because not one frame came"):
        write_all(open_writer(tmp_path / name, info_of(made_clip(count=1))), [])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a.png", "cut"])
def test_a_full_disk_is_told(tmp_path, name, file_limit):
    clip = made_clip(count=1)
    with file_limit(20), pytest.raises(OutputError, match=f"{name}: cannot be written: File too large"):
        write_all(open_writer(tmp_path / name, info_of(clip)), clip)
    assert not (tmp_path / name).exists()


def test_a_file_where_a_folder_should_be(tmp_path):
    (tmp_path / "cut").write_bytes(b"")
    with pytest.raises(OutputError, match="cut: is a file, and a folder is to be written"):
        open_writer(tmp_path / "cut", info_of(made_clip()), overwrite=True)


def test_bytes_hold_the_exact_picture():
    rng = np.random.default_rng(1)
    for shape in ((5, 7), (5, 7, 3), (5, 7, 4)):
        picture = rng.integers(0, 256, shape, np.uint8)
        read = np.asarray(Image.open(io.BytesIO(picture_to_bytes(picture, ".png"))))
        np.testing.assert_array_equal(read, picture)
