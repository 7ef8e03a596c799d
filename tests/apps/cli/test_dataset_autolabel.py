"""`figureground dataset autolabel`."""

import json

import pytest
from PIL import Image

from figureground.apps.cli.main import main
from figureground.datasets.formats import read_dataset


def run(*arguments, code=0):
    assert main(["dataset", "autolabel", *map(str, arguments)]) == code


@pytest.mark.parametrize("out", ["out", "out.zip", "out.json"])
@pytest.mark.parametrize("segmenter", ["auto", "mog2"])
def test_the_square_is_drawn(film, tmp_path, out, segmenter):
    """In frame k the square of 12 x 12 is at x = 4 + 2 k, y = 24."""
    video = film(tmp_path / "arena.avi")
    run(video, "--at", "30f,35f", "--name", "mouse", "--segmenter", segmenter, "-o", tmp_path / out)
    data = read_dataset(tmp_path / out)
    assert [category.name for category in data.categories] == ["mouse"]
    assert [picture.get("frame") for picture in data.pictures] == [30, 35]
    figures = data.by_picture()
    for picture, left in zip(data.pictures, (64, 74), strict=True):
        x, y, width, height = max((one.bbox for one in figures[picture.id]), key=lambda box: box[2])
        assert abs(x - left) <= 3 and abs(y - 24) <= 3
        assert abs(x + width - left - 12) <= 3 and abs(y + height - 36) <= 3
        name = "pair" if segmenter == "auto" else segmenter
        assert figures[picture.id][0].get("attributes")["source"].endswith(f" {name}")


def test_nothing_is_wrong_with_it(film, tmp_path, capsys):
    run(film(tmp_path / "a.avi"), "--every", 10, "-o", tmp_path / "out", "--json")
    said = capsys.readouterr()
    assert json.loads(said.out)["images"] == 4 and "4 images of 1 video, " in said.err
    assert main(["dataset", "check", str(tmp_path / "out")]) == 0


def test_pictures_of_a_folder(film, tmp_path):
    video = film(tmp_path / "arena.avi", 12)
    main(["dataset", "frames", str(video), "--every", "1", "-o", str(tmp_path / "frames")])
    folder = tmp_path / "frames/images"
    run(folder, "-o", tmp_path / "out")
    data = read_dataset(tmp_path / "out")
    assert [one.file_name for one in data.pictures] == [f"arena_{n:06d}.png" for n in range(12)]
    assert (tmp_path / "out/images/arena_000003.png").read_bytes() == (
        folder / "arena_000003.png"
    ).read_bytes()
    assert len(data.annotations) >= 8


def test_small_figures_and_coarse_outlines(film, tmp_path):
    video = film(tmp_path / "arena.avi")
    points = {}
    for tolerance in (0, 3):
        out = tmp_path / f"out{tolerance}"
        run(video, "--at", "30f", "--segmenter", "background", "--tolerance", tolerance, "-o", out)
        points[tolerance] = sum(len(one.segmentation[0]) for one in read_dataset(out).annotations)
    assert points[3] < points[0]
    run(video, "--at", "30f", "--min-area", 3000, "-o", tmp_path / "none")
    assert not read_dataset(tmp_path / "none").annotations


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--segmenter", "nosuch"], "--segmenter nosuch: there is none; choose one of"),
        (["--min-area", "-1"], "--min-area -1"),
        (["--tolerance", "-1"], "must be 0 or more pixels"),
        (["--format", "nosuch"], "nosuch"),
        (["--random", "2", "--every", "2"], "choose frames in one way"),
    ],
)
def test_what_makes_no_sense(film, tmp_path, capsys, options, message):
    video = film(tmp_path / "in/arena.avi", 9)
    run(video, *options, "-o", tmp_path / "out", code=2)
    assert message in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_one_photo(tmp_path):
    photo = Image.new("RGB", (96, 64), (40, 60, 40))
    photo.paste((230, 200, 90), (30, 20, 60, 45))
    photo.save(tmp_path / "photo.jpg")
    run(tmp_path / "photo.jpg", "--name", "box", "-o", tmp_path / "out")
    data = read_dataset(tmp_path / "out")
    assert [one.file_name for one in data.pictures] == ["photo.jpg"]
    assert (tmp_path / "out/images/photo.jpg").read_bytes() == (tmp_path / "photo.jpg").read_bytes()
