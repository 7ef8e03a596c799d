"""VIA: every kind of region, which attribute is the class, and what is told."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_sets import SIZE, classes, damaged, reads_or_refuses, save_json, save_photo, shapes
from real import COCO128

from figureground.datasets.formats import read_dataset
from figureground.datasets.formats.coco import read_coco
from figureground.datasets.formats.via import read_via
from figureground.errors import FiguregroundWarning, InputError, OptionError

TRIANGLE = {"name": "polygon", "all_points_x": [1, 5.123456789012345, 5], "all_points_y": [1.5, 1, 4]}
FLAT = [1, 1.5, 5.123456789012345, 1, 5, 4]


def region(shape: Any = None, **attributes: Any) -> dict[str, Any]:
    return {"shape_attributes": TRIANGLE if shape is None else shape, "region_attributes": attributes}


def picture(*regions: dict[str, Any], name: str = "a.png", **more: Any) -> dict[str, Any]:
    return {"filename": name, "size": 123, "regions": regions, "file_attributes": {}, **more}


def save(tmp_path: Path, *pictures: dict[str, Any]) -> Path:
    return save_json(tmp_path / "via.json", {f"{one['filename']}123": one for one in pictures})


@pytest.mark.parametrize("form", ["export", "project", "one"])
def test_each_kind_of_file(form, tmp_path):
    save_photo(tmp_path / "a.png")
    first = picture(region(animal="rat"), region(animal="larva"), file_attributes={"day": "3"})
    content: Any = {"a.png123": first, "b.png9": picture(region(animal="larva"), name="b.png")}
    if form == "project":
        content = {"_via_settings": {}, "_via_img_metadata": content, "_via_attributes": {}}
    if form == "one":
        first["regions"] = dict(enumerate(first["regions"]))
    data = read_dataset(save_json(tmp_path / "via.json", content))
    assert [(one.file_name, one.size) for one in data.pictures] == [("a.png", SIZE), ("b.png", (0, 0))]
    assert data.pictures[0].get("file_attributes") == {"day": "3"}
    assert classes(data) == ["rat", "larva", "larva"]
    assert shapes(data) == [[FLAT]] * 3
    assert read_dataset(tmp_path).pictures == data.pictures or len(read_dataset(tmp_path).pictures) == 2


@pytest.mark.parametrize(
    ("shape", "polygon"),
    [
        ({"name": "rect", "x": 2, "y": 3, "width": 4, "height": 5}, [2, 3, 6, 3, 6, 8, 2, 8]),
        ({**TRIANGLE, "name": "polyline"}, FLAT),
    ],
)
def test_shapes(shape, polygon, tmp_path):
    assert shapes(read_via(save(tmp_path, picture(region(shape, animal="rat"))))) == [[polygon]]


@pytest.mark.parametrize("theta", [0, 0.5, None])
@pytest.mark.parametrize(("rx", "ry"), [(30, 30), (40, 7), (3, 50)])
def test_round_shapes_are_round_to_a_tenth_of_a_pixel(rx, ry, theta, tmp_path):
    shape = {"name": "ellipse", "cx": 60, "cy": 70, "rx": rx, "ry": ry, "theta": theta}
    if rx == ry:
        shape = {"name": "circle", "cx": 60, "cy": 70, "r": rx}
    (figure,) = read_via(save(tmp_path, picture(region(shape, animal="rat")))).annotations
    assert figure.get("shape") == shape
    points = np.reshape(figure.segmentation, (-1, 2)) - [60, 70]
    cos, sin = math.cos(theta or 0), math.sin(theta or 0)
    turned = points @ np.array([[cos, -sin], [sin, cos]]) if rx != ry else points
    assert np.allclose(np.square(turned / [rx, ry]).sum(1), 1)
    fine = np.linspace(0, 2 * math.pi, 5000)
    curve = np.stack([rx * np.cos(fine), ry * np.sin(fine)], 1)
    middles = (turned + np.roll(turned, 1, 0)) / 2
    assert max(np.hypot(*(curve - middle).T).min() for middle in middles) < 0.1


@pytest.mark.parametrize(
    ("attributes", "key", "name", "rest"),
    [
        ({"animal": "rat"}, "", "rat", None),
        ({"animal": {"rat": True, "larva": False}}, "", "rat", None),
        ({"animal": "rat", "sex": "f"}, "animal", "rat", {"sex": "f"}),
        ({"animal": "rat", "sex": "f"}, "sex", "f", {"animal": "rat"}),
        ({"Label": "rat", "sex": "f"}, "", "rat", {"sex": "f"}),
        ({"animal": 3}, "", "3", None),
    ],
)
def test_the_class(attributes, key, name, rest, tmp_path):
    data = read_dataset(save(tmp_path, picture(region(**attributes))), class_attribute=key)
    assert classes(data) == [name]
    assert data.annotations[0].get("attributes") == rest


def test_it_must_be_clear_what_the_class_is(tmp_path):
    path = save(tmp_path, picture(region(animal="rat", sex="f")))
    with pytest.raises(
        OptionError, match=r"which attribute is the class: animal, sex[?] say --class-attribute"
    ):
        read_dataset(path)


def test_what_is_left_out_is_told(tmp_path):
    path = save(
        tmp_path, picture(region(animal="rat"), region({"name": "point", "cx": 1, "cy": 2}, animal="rat"))
    )
    with pytest.warns(FiguregroundWarning, match="no area are left out: 1 x point"):
        assert len(read_via(path).annotations) == 1
    path = save(tmp_path, picture(region(animal="rat"), region()))
    with pytest.warns(FiguregroundWarning, match="1 regions have no animal; they are of the class 'unnamed'"):
        assert classes(read_via(path)) == ["rat", "unnamed"]


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        ({**TRIANGLE, "all_points_x": [1]}, "has 1 x and 3 y"),
        ({"name": "polygon"}, "[Ee]xpected `?array"),
        ({"name": "rect", "x": 1, "y": 2, "width": None, "height": 1}, "got `?null"),
        ({"name": "circle", "cx": 1, "cy": 1, "r": -4}, "half-axes -4 and -4"),
        ({"name": "circle", "cx": 1, "cy": 1, "r": 1e99}, "half-axes"),
        ({"name": "ellipse", "cx": 1, "cy": 1, "rx": 1, "ry": 2, "theta": "x"}, "got `?str"),
    ],
)
def test_damaged_regions_are_named(shape, text, tmp_path):
    path = save(tmp_path, picture(region(animal="rat"), region(shape, animal="rat")))
    with pytest.raises(InputError, match=rf"via\.json: a\.png: regions\[1\]: .*{text}"):
        read_dataset(path)


def test_several_classes_ticked(tmp_path):
    with pytest.raises(InputError, match="has several classes: rat, larva; a figure is of one"):
        read_dataset(save(tmp_path, picture(region(animal={"rat": True, "larva": True}))))


@pytest.mark.parametrize("name", ["../a.png", "/etc/passwd", "x" * 5000, "a\0b", "https://host/a.png"])
def test_hostile_names_are_not_opened(name, tmp_path):
    save_photo(tmp_path / "a.png")
    (tmp_path / "sub").mkdir()
    data = read_via(save(tmp_path / "sub", picture(region(animal="rat"), name=name)))
    assert data.pictures[0].size == (0, 0)


def test_pictures_elsewhere(tmp_path):
    save_photo(tmp_path / "photos/a.png")
    path = save(tmp_path / "via", picture(region(animal="rat")))
    data = read_dataset(path, images=tmp_path / "photos")
    assert (data.folder, data.pictures[0].size) == (tmp_path / "photos", SIZE)


def test_real_polygons(tmp_path):
    coco = read_coco(COCO128)
    kinds = coco.names()
    wanted = [one for one in coco.annotations if not one.iscrowd and len(one.segmentation) == 1]
    chosen = {one.id for one in wanted}
    pictures = []
    for one in coco.pictures:
        regions = []
        for figure in coco.by_picture()[one.id]:
            if figure.id in chosen:
                xs, ys = figure.segmentation[0][::2], figure.segmentation[0][1::2]
                shape = {"name": "polygon", "all_points_x": xs, "all_points_y": ys}
                regions.append(region(shape, kind=kinds[figure.category_id]))
        pictures.append(picture(*regions, name=one.file_name))
    back = read_dataset(save(tmp_path, *pictures), images=COCO128.parent / "images")
    assert [one.size for one in back.pictures] == [one.size for one in coco.pictures]
    groups = coco.by_picture()
    order = [one for photo in coco.pictures for one in groups[photo.id] if one.id in chosen]
    assert shapes(back) == [one.segmentation for one in order]
    assert classes(back) == [kinds[one.category_id] for one in order]


@pytest.mark.filterwarnings("ignore::figureground.errors.FiguregroundWarning")
def test_damage_is_refused_or_read(tmp_path):
    circle = {"name": "ellipse", "cx": 10, "cy": 10, "rx": 3, "ry": 4, "theta": 0.5}
    path = save(tmp_path, picture(region(animal="rat"), region(circle, animal={"rat": True})))

    def read():
        try:
            return read_dataset(path)
        except OptionError as error:
            raise InputError(str(error)) from error

    read_well, refused = reads_or_refuses(path, damaged(path.read_bytes(), 400, 5), read)
    assert min(read_well, refused) > 10
