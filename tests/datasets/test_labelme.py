"""LabelMe: every kind of shape, what is kept, and what is told."""

import json
from base64 import b64encode
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_sets import SIZE, classes, damaged, masks, reads_or_refuses, save_json, save_photo, shapes
from PIL import Image
from real import COCO128

from figureground.datasets.formats import read_dataset
from figureground.datasets.formats.coco import read_coco
from figureground.datasets.formats.labelme import read_labelme
from figureground.errors import FiguregroundWarning, InputError

TRIANGLE = [[1.25, 1.1000000000000001], [5.5, 1], [5.123456789012345, 4]]


def shape(kind: str = "polygon", points: Any = None, label: Any = "rat", **keys: Any) -> dict[str, Any]:
    return {"label": label, "points": TRIANGLE if points is None else points, "shape_type": kind, **keys}


def save(path: Path, *some: dict[str, Any], **keys: Any) -> Path:
    known = {"version": "5.4.1", "flags": {}, "imagePath": "a.png", "imageData": None}
    return save_json(path, {**known, "shapes": some, "imageHeight": SIZE[0], "imageWidth": SIZE[1], **keys})


def packed(mask: np.ndarray) -> str:
    file = BytesIO()
    Image.fromarray(mask).save(file, "PNG")
    return b64encode(file.getvalue()).decode()


def test_a_folder(tmp_path):
    save_photo(tmp_path / "a.png")
    save(tmp_path / "a.json", shape(), shape(label="larva", points=[[0, 0], [2, 0], [2, 3]]))
    save(tmp_path / "b.json", shape(label="larva"), imagePath="b.png", flags={"blurred": True}, lab="Z")
    data = read_dataset(tmp_path)
    assert [(one.id, one.file_name, one.size) for one in data.pictures] == [
        (1, "a.png", SIZE),
        (2, "b.png", SIZE),
    ]
    assert (data.pictures[1].get("flags"), data.pictures[1].get("lab")) == ({"blurred": True}, "Z")
    assert classes(data) == ["rat", "larva", "larva"]
    assert shapes(data)[:2] == [[[value for point in TRIANGLE for value in point]], [[0, 0, 2, 0, 2, 3]]]
    assert data.folder == tmp_path
    assert b"5.123456789012345" in bytes(data.annotations[0].raw)
    assert (data.annotations[1].bbox, data.annotations[1].area) == ((0, 0, 2, 3), 3)


# The masks that LabelMe's own rules give (labelme/utils/shape.py: a mask fills its box, both ends included).
def test_each_shape_type(tmp_path):
    spots = np.array([[1, 0, 1], [0, 1, 1]], bool)
    save(
        tmp_path / "a.json",
        shape("rectangle", [[2, 3], [5, 7]]),
        shape("rectangle", [[5, 7], [2, 3]]),
        shape("rectangle", [[2, 3], [5, 3], [5, 7], [2, 7]]),
        shape("oriented_rectangle", [[2, 3], [5, 3], [5, 7], [2, 7]]),
        shape(None, [[2, 3], [5, 3], [5, 7], [2, 7]]),
        shape("mask", [[4, 2], [6, 3]], mask=packed(spots)),
    )
    data = read_labelme(tmp_path / "a.json")
    drawn = [np.unpackbits(np.frombuffer(one, np.uint8))[: 11 * 17].reshape(SIZE) for one in masks(data)]
    expected = np.zeros(SIZE, bool)
    expected[3:7, 2:5] = True
    assert all(np.array_equal(mask, expected) for mask in drawn[:5])
    expected[:] = False
    expected[2:4, 4:7] = spots
    assert np.array_equal(drawn[5], expected)
    assert (data.annotations[5].bbox, data.annotations[5].area) == ((4, 2, 3, 2), 4)


def test_a_circle_is_round_to_a_tenth_of_a_pixel(tmp_path):
    save(tmp_path / "a.json", shape("circle", [[50, 40], [80, 80]]), imageHeight=97, imageWidth=101)
    (figure,) = read_labelme(tmp_path).annotations
    points = np.reshape(figure.segmentation, (-1, 2))
    middles = (points + np.roll(points, 1, 0)) / 2
    assert np.allclose(np.hypot(*(points - [50, 40]).T), 50)
    assert np.hypot(*(middles - [50, 40]).T).min() > 49.9
    assert figure.get("shape") == {"type": "circle", "points": [[50, 40], [80, 80]]}


def test_one_group_is_one_figure(tmp_path):
    other = [[8, 8], [9, 8], [9, 9]]
    save(
        tmp_path / "a.json",
        shape(group_id=3),
        shape(group_id=None),
        shape(group_id=3, points=other, description="tail"),
        shape(group_id=3, label="larva"),
        shape(group_id=3, points=other),
    )
    data = read_labelme(tmp_path)
    flat = [value for point in TRIANGLE for value in point]
    assert shapes(data) == [[flat, [8, 8, 9, 8, 9, 9], [8, 8, 9, 8, 9, 9]], [flat], [flat]]
    assert classes(data) == ["rat", "rat", "larva"]
    assert [part["attributes"] for part in data.annotations[0].get("parts")] == [
        {"group_id": 3},
        {"group_id": 3, "description": "tail"},
        {"group_id": 3},
    ]


def test_what_else_a_shape_has_is_kept(tmp_path):
    save(
        tmp_path / "a.json",
        shape(
            flags={"occluded": True}, description="old", attributes={"sex": "f"}, score=0.5, id=7, other=None
        ),
    )
    (figure,) = read_labelme(tmp_path).annotations
    assert figure.get("attributes") == {"occluded": True, "sex": "f", "description": "old"}
    assert (figure.id, figure.get("id_"), figure.get("score")) == (1, 7, 0.5)


def test_points_and_lines_are_told(tmp_path):
    save(
        tmp_path / "a.json",
        shape(),
        shape("point", [[1, 1]]),
        shape("line", [[1, 1], [2, 2]]),
        shape("point"),
    )
    with pytest.warns(FiguregroundWarning, match="no area are left out: 1 x line, 2 x point"):
        assert len(read_dataset(tmp_path).annotations) == 1


@pytest.mark.parametrize(
    ("image_path", "name"),
    [
        ("a.png", "a.png"),
        ("..\\photos\\a.png", "a.png"),
        ("../../../etc/passwd", "passwd"),
        ("/etc/passwd", "passwd"),
        ("sub/a.png", "sub/a.png"),
        ("C:\\photos\\a.png", "a.png"),
        ("..", "picture"),
    ],
)
def test_picture_names_never_lead_out(image_path, name, tmp_path):
    save(tmp_path / "a.json", imagePath=image_path)
    assert read_labelme(tmp_path).pictures[0].file_name == name


def test_files_of_a_folder_beside_the_pictures(tmp_path):
    save_photo(tmp_path / "images/a.png")
    save(tmp_path / "labels/a.json", shape(), imagePath="../images/a.png", imageHeight=None)
    data = read_dataset(tmp_path / "labels")
    assert (data.folder, data.pictures[0].size) == (tmp_path / "images", SIZE)
    data = read_dataset(tmp_path / "labels", images=tmp_path / "images")
    assert (data.folder, data.pictures[0].size) == (tmp_path / "images", SIZE)


def test_folders_in_a_folder(tmp_path):
    for name in ("day1", "day2"):
        save_photo(tmp_path / name / "a.png")
        save(tmp_path / name / "a.json", shape())
    data = read_dataset(tmp_path)
    assert [one.file_name for one in data.pictures] == ["day1/a.png", "day2/a.png"]
    assert data.folder == tmp_path


@pytest.mark.parametrize(
    ("bad", "text"),
    [
        (shape("circle", [[1, 1]]), "a circle needs 2 points, this one has 1"),
        (shape("rectangle", [[1, 1], [2, 2], [3, 3]]), "a rectangle needs 2 points, this one has 3"),
        (shape("circle", [[0, 0], [1e9, 0]]), "half-axes"),
        (shape(label=None), "label: expected str, got null"),
        (shape(points=[[1]]), "points"),
        ({"points": TRIANGLE}, "has no label"),
        (shape("mask", [[4, 2], [6, 3]]), "a mask needs 2 points and a picture"),
        (shape("mask", [[4, 2], [6, 3]], mask="????"), "the mask: is no picture"),
        (
            shape("mask", [[4, 2], [6, 3]], mask=packed(np.ones((3, 2), bool))),
            "not of the size of its box, 2 x 3",
        ),
        (shape("mask", [[4, 2], [17, 3]], mask=""), "leaves a picture"),
        (shape("mask", [[-1, 2], [6, 3]], mask=""), "leaves a picture"),
    ],
)
def test_damaged_shapes_are_named(bad, text, tmp_path):
    save(tmp_path / "a.json", bad)
    with pytest.raises(InputError, match=rf"a\.json: shapes\[0\]: .*{text}"):
        read_dataset(tmp_path / "a.json")


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ({"imagePath": None}, "imagePath: expected str, got null"),
        ({"imageHeight": "7"}, "imageHeight: expected int"),
        ({"imageHeight": 0}, r"has no imageHeight and imageWidth, and its picture a\.png is not there"),
        ({"shapes": 3}, "shapes: expected array"),
    ],
)
def test_damaged_files_are_named(keys, text, tmp_path):
    save(tmp_path / "a.json", shape(), **keys)
    with pytest.raises(InputError, match=rf"a\.json: .*{text}"):
        read_dataset(tmp_path / "a.json")


def test_real_polygons(tmp_path):
    """coco128 as LabelMe files: all polygons the same, those of one figure still one figure."""
    coco = read_coco(COCO128)
    kinds = coco.names()
    plain = {key: [one for one in some if not one.iscrowd] for key, some in coco.by_picture().items()}
    for picture in coco.pictures:
        drawn = [
            shape(points=np.reshape(polygon, (-1, 2)).tolist(), label=kinds[one.category_id], group_id=one.id)
            for one in plain[picture.id]
            for polygon in one.segmentation
        ]
        keys = {"imagePath": picture.file_name, "imageHeight": picture.height, "imageWidth": picture.width}
        save(tmp_path / f"{picture.file_name}.json", *drawn, **keys)
    back = read_dataset(tmp_path, images=COCO128.parent / "images")
    figures = back.by_picture()
    names = {one.file_name: one.id for one in back.pictures}
    assert len(names) == 128 and len(back.annotations) == 929
    for picture in coco.pictures:
        again = figures[names[picture.file_name]]
        assert [one.segmentation for one in again] == [one.segmentation for one in plain[picture.id]]
        assert [back.names()[one.category_id] for one in again] == [
            kinds[one.category_id] for one in plain[picture.id]
        ]


@pytest.mark.filterwarnings("ignore::figureground.errors.FiguregroundWarning")
def test_damage_is_refused_or_read(tmp_path):
    spots = packed(np.ones((2, 3), bool))
    mask = shape("mask", [[4, 2], [6, 3]], mask=spots)
    path = save(tmp_path / "a.json", shape(), shape("circle", [[5, 5], [6, 6]], flags={"a": True}), mask)
    cases = damaged(path.read_bytes(), 400, 4)
    read, refused = reads_or_refuses(path, cases, lambda: read_dataset(path))
    assert min(read, refused) > 10


def test_a_damaged_file_in_a_folder_is_not_passed_over(tmp_path):
    path = save(tmp_path / "a.json", shape())
    save_json(tmp_path / "settings.json", {"colour": 3})
    assert len(read_dataset(tmp_path).pictures) == 1
    (tmp_path / "b.json").write_bytes(path.read_bytes()[:-9])
    with pytest.raises(InputError, match=r"b\.json: is no JSON of LabelMe: "):
        read_dataset(tmp_path)


def test_a_folder_of_other_files(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps({"shapes": []}))
    with pytest.raises(InputError, match="has no LabelMe files"):
        read_labelme(tmp_path)
