"""YOLO folders: read as Ultralytics reads them, and written so that they come back as they were."""

import warnings
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_sets import SIZE, classes, damaged, made, masks, reads_or_refuses, save_photo, shapes
from real import COCO128, FERAL_CAT

from figureground.datasets.clip import clip_polygon
from figureground.datasets.dataset import Picture, changed, new
from figureground.datasets.formats import read_dataset, write_dataset
from figureground.datasets.formats.coco import read_coco
from figureground.datasets.formats.yolo import read_row, read_yolo
from figureground.datasets.formats.yolo_write import join_polygons, write_yolo
from figureground.datasets.segmentation import annotation_to_crop
from figureground.errors import FiguregroundWarning, InputError
from figureground.masks import mask_iou

NAMES = "names: [rat, larva]\n"


def folder(tmp_path: Path, label: str | bytes, yaml: str = NAMES) -> Path:
    """A folder with one picture of 11 x 17 and its label."""
    save_photo(tmp_path / "images/a.png")
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels/a.txt").write_bytes(label if isinstance(label, bytes) else label.encode())
    (tmp_path / "data.yaml").write_text(yaml)
    return tmp_path


# Rows: ultralytics/data/utils.py, verify_image_label: `segments = ... x[1:].reshape(-1, 2)`; a box is
# centre x y, width, height; a last number that is left over is a score.
@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("1 0.5 0.5 0.5 0.5", (1, (5.0, 2.5, 10.0, 5.0), {})),
        ("1 0.5 0.5 0.5 0.5 0.875", (1, (5.0, 2.5, 10.0, 5.0), {"score": 0.875})),
        ("0 0 0 1 0 1 1", (0, [[0, 0, 20, 0, 20, 10]], {})),
        ("0 0 0 1 0 1 1 0.25", (0, [[0, 0, 20, 0, 20, 10]], {"score": 0.25})),
        ("3.0 .1 .1 .2 .1 .2 .3 .1 .3", (3, [[2, 1, 4, 1, 4, 3, 2, 3]], {})),
        ("0 0.5449124171874999 0 1 0 1 1", (0, [[10.8982483437, 0, 20, 0, 20, 10]], {})),
    ],
)
def test_rows(row, expected):
    assert read_row(row, (10, 20)) == expected


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ("0 0.5 0.5", "2 numbers after the class; a box has 4"),
        ("0", "0 numbers after the class"),
        ("0 0.1 0.1 0.2", "3 numbers after the class"),
        ("0.5 0 0 1 0 1 1", r"the class is 0\.5"),
        ("-1 0 0 1 0 1 1", "the class is -1"),
        ("rat 0 0 1 0 1 1", "could not convert string to float: 'rat'"),
        ("0 12 30 40 30 40 60", "no share of the picture's size"),
        ("0 nan 0 1 0 1 1", "no share of the picture's size"),
        ("0 inf 0 1 0 1 1", "no share of the picture's size"),
        ("nan 0 0 1 0 1 1", "the class is nan"),
        ("2 0 0 1 0 1 1", "is of class 2, but there are 2 names"),
    ],
)
def test_bad_rows_are_named_with_their_line(row, text, tmp_path):
    path = folder(tmp_path, f"0 0 0 1 0 1 1\n\n{row}\n")
    with pytest.raises(InputError, match=rf"labels/a\.txt: line 3: .*{text}"):
        read_yolo(path)


@pytest.mark.parametrize(
    ("yaml", "names"),
    [
        ("names: ['rat', larva]", ["rat", "larva"]),
        ("names:\n- rat\n- larva\nnc: 2", ["rat", "larva"]),
        ("names:\n  1: larva\n  0: rat", ["rat", "larva"]),
        ("names: {0: rat, 1: no}", ["rat", "no"]),
        ("path: /somewhere/else\ntrain: images\nval: images\nnames: [rat, larva]", ["rat", "larva"]),
        ("train: images\n", ["1", "0"]),
    ],
)
def test_names(yaml, names, tmp_path):
    path = folder(tmp_path, "1 0 0 1 0 1 1\n0 .5 .5 .5 .5\n", yaml)
    for place in (path, path / "data.yaml"):
        data = read_dataset(place)
        assert [category.name for category in data.categories] == names
        assert len(data.annotations) == 2


def test_names_of_a_text_file(tmp_path):
    path = folder(tmp_path, "1 0 0 1 0 1 1\n")
    (path / "data.yaml").unlink()
    (path / "classes.txt").write_text("rat\nlarva\n")
    assert classes(read_dataset(path)) == ["larva"]


@pytest.mark.parametrize(
    ("yaml", "text"),
    [
        ("names: rat", "expected a list of names, got 'rat'"),
        ("names: [rat, rat]", "two classes have the name 'rat'"),
        ("names: {1: rat, 3: larva}", "numbered from 0 on, without gaps"),
        ("names: [rat, [larva]]", "line 1: a list within a list"),
        ("names: &x [rat]", "line 1: '&x"),
        ("nc: 2\nnames: [rat, larva", r"line 2: expected a list up to its \]"),
        ("just text", "line 1: expected 'key: value'"),
    ],
)
def test_bad_yaml(yaml, text, tmp_path):
    with pytest.raises(InputError, match=text):
        read_yolo(folder(tmp_path, "", yaml))


@pytest.mark.parametrize(
    ("train", "val"),
    [
        ("../train/images", "../valid/images"),  # what Roboflow writes; check_det_dataset strips the ../
        ("train/images", "./valid/images"),
        ("/nowhere/train/images", "/nowhere/valid/images"),
        ("train.txt", "val.txt"),
        ("[train/images]", "[valid/images]"),
        ("../../../../../etc", "//host/x"),
    ],
)
def test_splits(train, val, tmp_path):
    for name in ("train", "valid"):
        save_photo(tmp_path / f"{name}/images/{name}.png")
    (tmp_path / "train.txt").write_text("./train/images/train.png\n")
    (tmp_path / "val.txt").write_text("./valid/images/valid.png\n")
    (tmp_path / "data.yaml").write_text(f"train: {train}\nval: {val}\ntest: ../test/images\n{NAMES}")
    found = {picture.file_name: picture.get("split") for picture in read_yolo(tmp_path).pictures}
    assert found == {"train/images/train.png": "train", "valid/images/valid.png": "val"}


def test_splits_below_images_and_pictures_without_labels(tmp_path):
    save_photo(tmp_path / "images/train/a.png")
    save_photo(tmp_path / "images/val/deep/b.png")
    save_photo(tmp_path / "results.png")
    (tmp_path / "labels/val/deep").mkdir(parents=True)
    (tmp_path / "labels/val/deep/b.txt").write_text("1 0 0 1 0 1 1\n")
    (tmp_path / "data.yaml").write_text("path: .\ntrain: images/train\nval: images/val\n" + NAMES)
    data = read_yolo(tmp_path)
    assert [(one.file_name, one.get("split")) for one in data.pictures] == [
        ("images/train/a.png", "train"),
        ("images/val/deep/b.png", "val"),
    ]
    assert [one.image_id for one in data.annotations] == [data.pictures[1].id]


def test_labels_without_pictures_are_told(tmp_path):
    path = folder(tmp_path, "1 0 0 1 0 1 1\n")
    (path / "labels/b.txt").write_text("1 0 0 1 0 1 1\n")
    with pytest.warns(FiguregroundWarning, match=r"labels/b\.txt: there is no picture of that name"):
        read_yolo(path)
    (path / "images/a.png").unlink()
    with pytest.raises(InputError, match=r"has no pictures, .* use --images FOLDER"):
        read_yolo(path)


def test_pictures_elsewhere(tmp_path):
    path = folder(tmp_path / "set", "1 0 0 1 0 1 1\n")
    (path / "images").rename(tmp_path / "photos")
    data = read_dataset(path, images=tmp_path / "photos")
    assert [one.file_name for one in data.pictures] == ["a.png"]
    assert (data.folder, classes(data)) == (tmp_path / "photos", ["larva"])


def test_feral_cat_is_read_whole():
    data = read_dataset(FERAL_CAT)
    assert (len(data.pictures), len(data.annotations)) == (296, 1126)  # ls | wc; grep -c . over the labels
    assert Counter(one.get("split") for one in data.pictures) == {"val": 195, "test": 101}
    assert {one.size for one in data.pictures} == {(640, 640)}
    picture = data.pictures[0]
    label = FERAL_CAT / picture.file_name.replace("images", "labels").replace(".jpg", ".txt")
    rows = [np.array(row.split()[1:], float) * 640 for row in label.read_text().splitlines()]
    (polygons,) = zip(*(one.segmentation for one in data.by_picture()[picture.id]), strict=True)
    for row, polygon in zip(rows, polygons, strict=True):
        assert np.abs(row - polygon).max() < 1e-10


def test_feral_cat_comes_back_the_very_same(tmp_path):
    data = read_dataset(FERAL_CAT)
    assert write_dataset(data, tmp_path / "set", form="yolo") == []
    back = read_dataset(tmp_path / "set")
    by_name = {one.file_name.rpartition("/")[2]: one for one in back.pictures}
    figures, old = back.by_picture(), data.by_picture()
    for picture in data.pictures:
        again = by_name[picture.file_name.rpartition("/")[2]]
        assert again.get("split") == picture.get("split")
        assert [one.segmentation for one in figures[again.id]] == [
            one.segmentation for one in old[picture.id]
        ]


def test_coco128_comes_back_with_the_same_masks(tmp_path):
    data = read_coco(COCO128)
    told = write_dataset(data, tmp_path / "set", form="yolo")
    crowd = sum(one.iscrowd for one in data.annotations)
    assert f"{crowd} crowd regions are left out" in told
    back = read_dataset(tmp_path / "set")
    names = {one.file_name.rpartition("/")[2]: one.id for one in back.pictures}
    figures, old, kinds = back.by_picture(), data.by_picture(), data.names()
    assert len(back.annotations) == 939 - crowd
    overlaps = []
    for picture in data.pictures:
        plain = [one for one in old[picture.id] if not one.iscrowd]
        again = figures[names[picture.file_name.rpartition("/")[2]]]
        assert [back.names()[one.category_id] for one in again] == [kinds[one.category_id] for one in plain]
        for one, other in zip(plain, again, strict=True):
            if len(one.segmentation) == 1:
                assert other.segmentation == one.segmentation
                continue
            first, second = (annotation_to_crop(figure, picture.size) for figure in (one, other))
            overlaps.append(mask_iou([first], [second])[0, 0])
    assert len(overlaps) == 82
    assert sum(overlap == 1 for overlap in overlaps) >= 79  # where polygons overlap, a line goes over pixels
    assert min(overlaps) > 0.99


points = st.tuples(st.integers(0, 1700), st.integers(0, 1100)).map(
    lambda point: (point[0] / 100, point[1] / 100)
)
polygon = st.lists(points, min_size=3, max_size=7).map(lambda many: [value for one in many for value in one])


@given(st.lists(polygon, min_size=1, max_size=3))
def test_polygons_of_two_decimals_come_back_to_the_last_digit(tmp_path_factory, polygons):
    root = tmp_path_factory.mktemp("yolo")
    save_photo(root / "a.png")
    write_dataset(made([[one] for one in polygons], root), root / "set", form="yolo")
    assert shapes(read_dataset(root / "set")) == [[one] for one in polygons]


def test_each_width_gives_its_pixels_back():
    for width in range(1, 4000, 7):
        for x in (0.1, 0.3, width / 2, width - 0.5, width - 0.7, width / 3):
            x = round(x, 4)
            (back,) = read_row(f"0 {x / width!r} 0 1 0 1 1", (11, width))[1]
            assert back[0] == x


def test_several_polygons_become_one_row_with_the_same_pixels(tmp_path):
    parts = [[1, 1, 5, 1, 5, 4, 1, 4], [9, 2, 13, 2, 13, 8, 9, 8], [2, 7, 6, 7, 4, 10]]
    data = made([parts], tmp_path)
    save_photo(tmp_path / "a.png")
    told = write_dataset(data, tmp_path / "set", form="yolo")
    assert told == ["1 figures have several polygons; a line of no width joins them"]
    assert (tmp_path / "set/labels/a.txt").read_text().count("\n") == 1
    assert masks(read_dataset(tmp_path / "set")) == masks(data)


def test_figures_that_reach_out_are_cut_at_the_border(tmp_path):
    data = made([[[-3, 2, 9, 2, 9, 20, -3, 20]], [[20, 20, 30, 20, 30, 30]]], tmp_path)
    save_photo(tmp_path / "a.png")
    told = write_dataset(data, tmp_path / "set", form="yolo")
    assert told == ["2 figures reach out of their picture; they are cut at its border"]
    back = read_dataset(tmp_path / "set")
    assert shapes(back) == [[[0, 11, 0, 2, 9, 2, 9, 11]]]
    assert masks(back) == masks(data)[:1]


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ([1, 1, 3, 1, 3, 4], [1, 1, 3, 1, 3, 4]),
        ([-1, -1, 8, -1, 8, 6, -1, 6], [0, 5, 0, 0, 7, 0, 7, 5]),
        ([-4, 1, -2, 1, -2, 3], []),
    ],
)
def test_clip(inside, expected):
    got = np.reshape(clip_polygon(inside, (5, 7)), (-1, 2)).tolist()
    wanted = np.reshape(expected, (-1, 2)).tolist()
    assert any(got == wanted[at:] + wanted[:at] for at in range(max(1, len(wanted))))


def test_joined_polygons_keep_all_points():
    squares = [[x, 0, x + 1, 0, x + 1, 1, x, 1] for x in (0, 10, 20, 5)]
    joined = np.reshape(join_polygons(squares), (-1, 2)).tolist()
    assert all(point in joined for square in squares for point in np.reshape(square, (-1, 2)).tolist())
    assert len(joined) == 4 * 4 + 3 * 2


def test_what_yolo_cannot_hold_is_told(tmp_path):
    data = made([[[1, 1, 5, 1, 5, 4]], {"size": [11, 17], "counts": [12, 3, 172]}])
    first, second = data.annotations
    data = type(data)(
        data.pictures,
        (
            changed(first, track_id=3),
            second,
            changed(first, id=3, iscrowd=1),
            changed(first, id=4, image_id=9),
        ),
        data.categories,
    )
    assert set(write_yolo(data, tmp_path)) == {
        "1 figures are of no picture; they are left out",
        "1 figures have other keys (ids, attributes, ...), which YOLO does not hold",
        "1 figures were run lengths; their outlines are traced along the pixels' edges",
        "1 crowd regions are left out",
        "the pictures are not in it: it is not known where they are (--images FOLDER)",
    }


def test_boxes_stay_boxes(tmp_path):
    path = folder(tmp_path / "first", "1 0.5 0.5 0.25 0.5\n0 0.25 0.5 0.5 1\n")
    data = read_dataset(path)
    assert [one.bbox for one in data.annotations] == [(6.375, 2.75, 4.25, 5.5), (0, 0, 8.5, 11)]
    write_dataset(data, tmp_path / "set", form="yolo")
    back = read_dataset(tmp_path / "set")
    assert [one.bbox for one in back.annotations] == [one.bbox for one in data.annotations]
    assert shapes(back) == [[], []]


def test_boxes_that_reach_out_are_cut(tmp_path):
    data = made([[], [], []])
    boxes = ([-3, 2, 9, 30], [20, 2, 3, 4], [1e308, 0, 1e308, 5])
    figures = tuple(changed(one, bbox=box) for one, box in zip(data.annotations, boxes, strict=True))
    told = write_yolo(type(data)(data.pictures, figures, data.categories), tmp_path)
    assert told[0] == "3 figures reach out of their picture; they are cut at its border"
    (row,) = (tmp_path / "labels/a.txt").read_text().splitlines()
    assert read_row(row, SIZE) == (0, (0, 2, 6, 9), {})


@pytest.mark.parametrize(
    ("splits", "lines"),
    [
        ([None, None], ["train: images", "val: images"]),
        (["train", "val"], ["train: images/train", "val: images/val"]),
        (["val", "test"], ["val: images/val", "test: images/test"]),  # no picture is in two of them
        (["Train", "other"], ["train: images/train"]),
    ],
)
def test_where_data_yaml_says_that_pictures_are(splits, lines, tmp_path):
    photos = tuple(
        new(Picture, id=at, file_name=f"{at}.png", width=17, height=11, **({"split": split} if split else {}))
        for at, split in enumerate(splits)
    )
    told = write_yolo(type(made([]))(photos), tmp_path)
    assert any("put to train" in line for line in told) == ("other" in splits)
    assert (tmp_path / "data.yaml").read_text().splitlines() == [*lines, "names:"]


def test_data_yaml_of_odd_names(tmp_path):
    names = ["no", "a: b", 'say "x" # y', "ä", "'"]
    save_photo(tmp_path / "images/a.png")
    data = made([[[1, 1, 5, 1, 5, 4]]], tmp_path / "images")
    kinds = tuple(changed(data.categories[0], id=at, name=name) for at, name in enumerate(names, 1))
    write_dataset(
        type(data)(data.pictures, data.annotations, kinds, data.folder), tmp_path / "s", form="yolo"
    )
    assert [one.name for one in read_dataset(tmp_path / "s").categories] == names


def test_damaged_files_are_refused_or_read(tmp_path):
    label = next(iter(sorted((FERAL_CAT / "valid/labels").iterdir()))).read_bytes()[:900]
    path = folder(tmp_path, label, "names: [cat]\n")
    read, refused = reads_or_refuses(
        path / "labels/a.txt", damaged(label, 200, 1), lambda: read_dataset(path)
    )
    assert min(read, refused) > 5
    (path / "labels/a.txt").write_bytes(label)
    yaml = (FERAL_CAT / "data.yaml").read_bytes()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FiguregroundWarning)
        read, refused = reads_or_refuses(
            path / "data.yaml", damaged(yaml, 200, 2), lambda: read_dataset(path)
        )
    assert min(read, refused) > 5
    (path / "data.yaml").write_bytes(yaml)
    photo = (path / "images/a.png").read_bytes()
    read, refused = reads_or_refuses(
        path / "images/a.png", damaged(photo, 100, 3), lambda: read_dataset(path)
    )
    assert min(read, refused) > 5


def test_the_size_is_that_of_the_upright_picture(tmp_path):
    path = folder(tmp_path, "0 0 0 1 0 1 1\n")
    (path / "images/a.png").unlink()
    turned = save_photo(tmp_path / "images/a.jpg")
    from PIL import Image

    with Image.open(turned) as photo:
        exif = photo.getexif()
        exif[274] = 6
        photo.save(turned, exif=exif)
    data = read_dataset(path)
    assert data.pictures[0].size == SIZE[::-1]
    assert shapes(data) == [[[0, 0, 11, 0, 11, 17]]]
