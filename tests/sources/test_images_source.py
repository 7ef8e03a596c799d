from fractions import Fraction

import cv2
import numpy as np
import pytest
from made_videos import DATA, write_video
from PIL import Image, ImageOps

from figureground.errors import InputError
from figureground.sources import open_source
from figureground.stills import read_still
from figureground.testing import check_source

COLOURS = np.array(
    [[[200, 30, 90], [0, 0, 0], [255, 255, 255]], [[10, 240, 60], [90, 90, 90], [1, 2, 3]]], np.uint8
)
GREY = np.array([[0, 1, 128], [200, 254, 255]], np.uint8)
WIDE = np.array([[0, 4095, 257], [32896, 65278, 65535]], np.uint16)
SCALED = [[0, 16, 1], [128, 254, 255]]  # value * 255 / 65535, to the nearest
ALPHA = np.array([[255, 0, 128], [255, 255, 64]], np.uint8)


def grey_to_rgb(values):
    return np.repeat(np.asarray(values)[..., None], 3, axis=2)


def on_white(colours, alpha):
    share = alpha[..., None] / 255
    return colours * share + 255 * (1 - share)


def palette():
    return Image.fromarray(COLOURS).quantize(6)


@pytest.mark.parametrize("suffix", ["png", "tif", "bmp", "webp"])
def test_lossless_kinds_are_exact(tmp_path, suffix):
    Image.fromarray(COLOURS).save(
        tmp_path / f"a.{suffix}", **({"lossless": True} if suffix == "webp" else {})
    )
    assert np.array_equal(read_still(tmp_path / f"a.{suffix}"), COLOURS)


@pytest.mark.parametrize("suffix", ["jpg", "jpeg", "JPG"])
def test_jpeg_is_as_opencv_reads_it(tmp_path, suffix):
    noise = np.random.default_rng(0).integers(0, 256, (16, 24, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / f"a.{suffix}", "JPEG", quality=90)
    other = cv2.imread(str(tmp_path / f"a.{suffix}"))[..., ::-1]
    assert np.abs(read_still(tmp_path / f"a.{suffix}").astype(int) - other).max() <= 2


@pytest.mark.parametrize(
    ("picture", "name", "expected"),
    [
        (Image.fromarray(GREY), "a.png", grey_to_rgb(GREY)),
        (Image.fromarray(GREY), "a.tif", grey_to_rgb(GREY)),
        (Image.fromarray(GREY > 127), "a.png", grey_to_rgb(np.where(GREY > 127, 255, 0))),
        (Image.fromarray(GREY > 127), "a.tif", grey_to_rgb(np.where(GREY > 127, 255, 0))),
        (Image.fromarray(WIDE), "a.png", grey_to_rgb(SCALED)),
        (Image.fromarray(WIDE), "a.tif", grey_to_rgb(SCALED)),
        (palette(), "a.png", COLOURS),
        (palette(), "a.tif", COLOURS),
        (Image.fromarray(np.dstack([COLOURS, ALPHA])), "a.png", on_white(COLOURS, ALPHA)),
        (Image.fromarray(np.dstack([COLOURS, ALPHA])), "a.tif", on_white(COLOURS, ALPHA)),
        (Image.fromarray(np.dstack([GREY, ALPHA])), "a.png", on_white(grey_to_rgb(GREY), ALPHA)),
    ],
)
def test_every_mode_becomes_rgb(tmp_path, picture, name, expected):
    picture.save(tmp_path / name)
    image = read_still(tmp_path / name)
    assert image.dtype == np.uint8 and image.shape == (2, 3, 3)
    assert np.abs(image - np.asarray(expected, float)).max() <= (1 if picture.has_transparency_data else 0)


@pytest.mark.parametrize("name", ["a.png", "a.tiff"])
def test_16_bit_colour_is_scaled_by_its_range(tmp_path, name):
    wide = np.dstack([WIDE, WIDE // 2, WIDE // 3])
    cv2.imwrite(str(tmp_path / name), wide[..., ::-1])
    assert np.abs(read_still(tmp_path / name) - wide * (255 / 65535)).max() <= 1


def test_a_transparent_colour_of_a_palette_is_laid_on_white(tmp_path):
    picture = palette()
    picture.save(tmp_path / "a.png", transparency=picture.getpixel((0, 0)))
    expected = COLOURS.copy()
    expected[0, 0] = 255
    assert np.array_equal(read_still(tmp_path / "a.png"), expected)


def test_cmyk_jpeg_of_adobe_kind_is_not_inverted(tmp_path):
    flat = np.full((16, 16, 3), (200, 60, 90), np.uint8)
    Image.fromarray(flat).convert("CMYK").save(tmp_path / "a.jpg", quality=95)
    assert b"Adobe" in (tmp_path / "a.jpg").read_bytes()
    assert np.abs(read_still(tmp_path / "a.jpg").astype(int) - flat).max() <= 4


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tif"])
@pytest.mark.parametrize(
    ("orientation", "upright"),
    [
        (1, lambda image: image),
        (2, lambda image: image[:, ::-1]),
        (3, lambda image: np.rot90(image, 2)),
        (4, lambda image: image[::-1]),
        (5, lambda image: image.transpose(1, 0, 2)),
        (6, lambda image: np.rot90(image, -1)),
        (7, lambda image: image.transpose(1, 0, 2)[::-1, ::-1]),
        (8, lambda image: np.rot90(image, 1)),
    ],
)
def test_exif_orientation_is_applied(tmp_path, suffix, orientation, upright):
    image = np.zeros((32, 48, 3), np.uint8)
    image[:16, :24], image[:16, 24:] = 250, 120
    exif = Image.Exif()
    exif[274] = orientation
    Image.fromarray(image).save(tmp_path / f"a.{suffix}", exif=exif)
    got = read_still(tmp_path / f"a.{suffix}")
    assert got.shape == upright(image).shape
    assert np.abs(got.astype(int) - upright(image))[::5, ::5].max() <= 30


def test_of_an_animation_the_first_picture_is_taken(tmp_path):
    first, second = Image.fromarray(COLOURS), ImageOps.invert(Image.fromarray(COLOURS))
    first.save(tmp_path / "a.webp", save_all=True, append_images=[second], lossless=True)
    source = open_source(tmp_path / "a.webp")
    assert [np.array_equal(frame.image, COLOURS) for frame in source] == [True]


def test_content_counts_more_than_the_suffix():
    found = [path for path in (DATA / "seeds").rglob("*.png") if path.read_bytes()[:2] == b"\xff\xd8"]
    assert len(found) >= 10
    image = read_still(found[0])
    assert np.abs(image.astype(int) - cv2.imread(str(found[0]))[..., ::-1]).mean() < 1


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("none.png", None, r"none\.png: there is no such file"),
        ("empty.png", b"", r"empty\.png: is no picture"),
        ("text.jpg", b"dear diary", r"text\.jpg: is no picture"),
    ],
)
def test_what_is_no_picture_is_refused(tmp_path, name, content, message):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message):
        open_source(tmp_path / name)


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif", "webp", "bmp"])
def test_damaged_pictures_raise_nothing_but_input_errors(tmp_path, suffix):
    noise = np.random.default_rng(0).integers(0, 256, (40, 30, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / f"a.{suffix}")
    content = (tmp_path / f"a.{suffix}").read_bytes()
    rng, refused = np.random.default_rng(2), 0
    for turn in range(60):
        broken = bytearray(content[: len(content) * turn // 60] if turn % 2 else content)
        if not turn % 2:
            place = int(rng.integers(min(len(broken), 400)))
            broken[place : place + 9] = rng.integers(
                0, 256, len(broken[place : place + 9]), dtype=np.uint8
            ).tobytes()
        (tmp_path / f"b.{suffix}").write_bytes(broken)
        try:
            assert read_still(tmp_path / f"b.{suffix}").shape[2] == 3
        except InputError as error:
            assert f"b.{suffix}" in str(error)
            refused += 1
    assert refused > 20


def test_values_without_a_known_range_are_refused(tmp_path):
    Image.fromarray(np.ones((4, 4), np.float32)).save(tmp_path / "a.tif")
    with pytest.raises(InputError, match=r"a\.tif: has 32 bits a pixel, with no known white"):
        read_still(tmp_path / "a.tif")


def test_too_many_pixels_are_refused(tmp_path, monkeypatch):
    Image.fromarray(GREY).resize((100, 100)).save(tmp_path / "a.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 4000)
    with pytest.raises(InputError, match=r"a\.png: has too many pixels"):
        read_still(tmp_path / "a.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 6000)  # Pillow only warns up to twice its limit
    assert read_still(tmp_path / "a.png").shape == (100, 100, 3)


def folder_of(tmp_path, *names):
    for number, name in enumerate(names):
        Image.new("RGB", (6 + number, 4), (10 * number, 0, 0)).save(tmp_path / name)
    return tmp_path


def test_a_folder_gives_its_pictures_in_natural_order(tmp_path):
    source = open_source(folder_of(tmp_path, "img10.png", "img2.png", "IMG1.bmp"))
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / ".hidden.png").write_text("no picture")
    frames = list(source)
    assert [frame.name for frame in frames] == ["IMG1.bmp", "img2.png", "img10.png"]
    assert [(frame.index, frame.time) for frame in frames] == [(0, 0), (1, 1), (2, 2)]
    assert [frame.size for frame in frames] == [(4, 8), (4, 7), (4, 6)]
    info = source.info
    assert (info.kind, info.size, info.count, info.rate, info.time_base) == ("stills", (4, 8), 3, None, 1)
    check_source(source)


def test_a_rate_gives_times_and_spans_in_seconds(tmp_path):
    folder_of(tmp_path, *(f"{number}.png" for number in range(10)))
    source = open_source(tmp_path, rate="5", start=0.5, end="8f")
    assert [(frame.index, frame.time) for frame in source] == [(i, Fraction(i, 5)) for i in range(3, 8)]
    assert (source.info.rate, source.info.count, source.info.duration) == (5, 5, 1)
    check_source(source)


@pytest.mark.parametrize(("pattern", "names"), [("b*.png", ["b1.png"]), ("?1.*", ["a1.png", "b1.png"])])
def test_a_pattern_gives_what_fits(tmp_path, pattern, names):
    folder_of(tmp_path, "a1.png", "a2.png", "b1.png")
    assert [frame.name for frame in open_source(tmp_path / pattern)] == names


def test_a_name_with_brackets_is_a_name_first(tmp_path):
    folder_of(tmp_path, "a[1].png")
    assert [frame.name for frame in open_source(tmp_path / "a[1].png")] == ["a[1].png"]


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("", r"no pictures in this folder; for a video in it write .*film\.mp4"),
        ("x**", r"x\*\*: there is no such file, and as a pattern it is wrong"),
        ("*.jpg", r"\*\.jpg: nothing fits this pattern"),
        ("*.mp4", r"\*\.mp4: what fits it are no pictures, such as .*film\.mp4"),
    ],
)
def test_where_no_pictures_are(tmp_path, what, message):
    (tmp_path / "film.mp4").write_bytes(b"")
    with pytest.raises(InputError, match=message):
        open_source(tmp_path / what)


def test_unreadable_pictures_are_left_out_and_told(tmp_path):
    folder_of(tmp_path, *(f"{number}.png" for number in range(8)))
    for number in (0, 3, 4, 6):
        (tmp_path / f"{number}.png").write_bytes(b"nothing")
    source = open_source(tmp_path)
    assert [frame.index for frame in source] == [1, 2, 5, 7]
    (problem,) = source.problems
    assert problem.startswith("4 pictures skipped: ") and "0.png" in problem and problem.endswith("; ...")
    assert {frame.index for frame in source.sample(8)} == {1, 2, 5, 7}
    check_source(source)
    for number in range(8):
        (tmp_path / f"{number}.png").write_bytes(b"nothing")
    with pytest.raises(InputError, match="none of 8 pictures can be read"):
        open_source(tmp_path)


def test_samples_are_spread(tmp_path):
    folder_of(tmp_path, *(f"{number}.png" for number in range(11)))
    assert [frame.index for frame in open_source(tmp_path).sample(3)] == [0, 5, 10]
    assert [frame.index for frame in open_source(tmp_path, end="6f").sample(99)] == [0, 1, 2, 3, 4, 5]


def test_the_pages_of_a_tiff_are_frames(tmp_path):
    pages = [Image.new("L", (6, 4), 10 * number) for number in range(12)]
    pages[0].save(tmp_path / "stack.tif", save_all=True, append_images=pages[1:])
    source = open_source(tmp_path / "stack.tif")
    assert [frame.image[0, 0, 0] for frame in source] == [10 * number for number in range(12)]
    assert [frame.name for frame in source][::11] == ["stack_0000.tif", "stack_0011.tif"]
    check_source(source)


def test_real_photos(tmp_path):
    source = open_source(DATA / "fixed_camera" / "sbi" / "Board" / "input")
    frame = next(source.sample(1))
    other = cv2.imread(str(DATA / "fixed_camera" / "sbi" / "Board" / "input" / frame.name))[..., ::-1]
    assert np.abs(frame.image.astype(int) - other).mean() < 1
    assert source.info.count > 100 and not source.problems


def test_a_video_takes_no_rate(tmp_path):
    from figureground.errors import OptionError

    path = write_video(tmp_path / "a.mp4", 3)
    with pytest.raises(OptionError, match="a rate is for pictures"):
        open_source(path, rate=5)
    folder_of(tmp_path, "a.png")
    for rate in (0, -1, "fast", "1/0"):
        with pytest.raises(OptionError, match="not a rate"):
            open_source(tmp_path / "a.png", rate=rate)
