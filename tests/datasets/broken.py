"""A clean dataset, and the ways in which the tests break it."""

import copy
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

WIDTH, HEIGHT = 83, 61

Coco = dict[str, Any]
Break = Callable[[Coco, Path], None]
"""Changes the content of a COCO file, or the pictures in the folder."""


def polygon(x: float, y: float, width: float, height: float) -> list[float]:
    return [x, y, x + width, y, x + width, y + height, x, y + height]


def figure(number: int, image: int, category: int, x: int, y: int, width: int, height: int) -> Coco:
    return {
        "id": number,
        "image_id": image,
        "category_id": category,
        "segmentation": [polygon(x, y, width, height)],
        "bbox": [x, y, width, height],
        "area": width * height,
        "iscrowd": 0,
        "attributes": {"occluded": False},
        "track_id": number % 2,
    }


def clean() -> Coco:
    names = ["a.jpg", "b.png", "c.jpg"]
    return {
        "info": {"version": "1"},
        "images": [
            {"id": 5 + i, "file_name": name, "width": WIDTH, "height": HEIGHT} for i, name in enumerate(names)
        ],
        "annotations": [
            figure(1, 5, 1, 7, 11, 23, 13),
            figure(2, 5, 2, 40, 20, 19, 31),
            figure(3, 6, 1, 0, 0, 17, 29),
            figure(4, 7, 2, 60, 30, 23, 31),
        ],
        "categories": [{"id": 1, "name": "rat"}, {"id": 2, "name": "larva"}],
    }


def write_pictures(folder: Path) -> None:
    for number, name in enumerate(["a.jpg", "b.png", "c.jpg"]):
        ground = np.random.default_rng(number).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
        Image.fromarray(ground).save(folder / name)


def write_dataset(folder: Path, change: Break = lambda coco, folder: None) -> Path:
    """The clean dataset, changed, in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    write_pictures(folder)
    coco = copy.deepcopy(clean())
    change(coco, folder)
    path = folder / "instances.json"
    if not path.exists():
        path.write_text(json.dumps(coco))
    return path


def put(list_name: str, index: int, **values: Any) -> Break:
    """Set keys of one record; None takes the key away."""

    def change(coco: Coco, folder: Path) -> None:
        record = coco[list_name][index]
        record.update(values)
        for key in [key for key, value in values.items() if value is None]:
            del record[key]

    return change


def add(list_name: str, record: Coco) -> Break:
    return lambda coco, folder: coco[list_name].append(record)


def outline(*polygons: list[float], **values: Any) -> Break:
    return put("annotations", 0, segmentation=list(polygons), **values)


def text(content: str) -> Break:
    """Another text in place of the file."""

    def change(coco: Coco, folder: Path) -> None:
        (folder / "instances.json").write_text(content)

    return change


def cut_short(coco: Coco, folder: Path) -> None:
    data = (folder / "a.jpg").read_bytes()
    (folder / "a.jpg").write_bytes(data[: len(data) // 2])


def no_picture(coco: Coco, folder: Path) -> None:
    (folder / "a.jpg").write_text("<html>404 Not Found</html>")


def missing(coco: Coco, folder: Path) -> None:
    (folder / "b.png").unlink()


def all_missing(coco: Coco, folder: Path) -> None:
    for one in coco["images"]:
        (folder / one["file_name"]).unlink()


def lying(coco: Coco, folder: Path) -> None:
    Image.fromarray(cv2.flip(cv2.imread(str(folder / "a.jpg")), 1)).save(folder / "mask.png", "JPEG")
    coco["images"][0]["file_name"] = "mask.png"


def same_picture(coco: Coco, folder: Path) -> None:
    shutil.copy(folder / "a.jpg", folder / "c.jpg")


def turned(coco: Coco, folder: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (WIDTH, HEIGHT), (1, 2, 3)).save(folder / "a.jpg", exif=exif)


def scaled(coco: Coco, folder: Path) -> None:
    Image.new("RGB", (2 * WIDTH, 2 * HEIGHT), (1, 2, 3)).save(folder / "a.jpg")


def taller(coco: Coco, folder: Path) -> None:
    Image.new("RGB", (WIDTH, HEIGHT + 10), (1, 2, 3)).save(folder / "a.jpg")


def shifted_ids(coco: Coco, folder: Path) -> None:
    for one in coco["categories"]:
        one["id"] -= 1
    for one in coco["annotations"]:
        one["category_id"] -= 1


def two(*changes: Break) -> Break:
    def change(coco: Coco, folder: Path) -> None:
        for one in changes:
            one(coco, folder)

    return change


RUNS = {"size": [HEIGHT, WIDTH], "counts": [HEIGHT * 7 + 11, 13, HEIGHT * (WIDTH - 7) - 24]}
SQUARE = polygon(7, 11, 23, 13)

BROKEN: list[tuple[str, str, Break]] = [
    ("file-unreadable", "unexpected character|is no JSON", text("{not json")),
    ("file-unreadable", "is no JSON", text('{"images": [{"id": 1')),
    ("file-unreadable", "is no COCO file", text('{"images": {}}')),
    ("file-unreadable", "line 1 holds NaN or Infinity", text('{"images": [], "annotations": [{"id": NaN}]}')),
    ("file-unreadable", r"images\[0\]: has no id", put("images", 0, id=None)),
    ("file-unreadable", r"images\[0\]: has no file_name", put("images", 0, file_name=None)),
    ("file-unreadable", r"annotations\[0\]: has no image_id", put("annotations", 0, image_id=None)),
    ("pictures-unknown", "the first of 3 pictures", all_missing),
    ("picture-missing", "there is no such file", missing),
    ("picture-unreadable", "is damaged", cut_short),
    ("picture-unreadable", "is no picture", no_picture),
    ("name-leads-out", "leads out", put("images", 2, file_name="../../c.jpg")),
    ("name-leads-out", "leads out", put("images", 2, file_name="/etc/passwd")),
    ("extension-lies", r"is a JPEG file, not \.png", lying),
    ("size-missing", "0 x 0 in the file; the picture is 83 x 61", put("images", 0, width=None, height=None)),
    ("size-missing", "-83 x 61 in the file", put("images", 0, width=-83)),
    ("size-missing", "1000000000 x 61 in the file", put("images", 0, width=10**9)),
    ("size-differs", "82 x 61 in the file; the picture is 83 x 61", put("images", 0, width=82)),
    ("size-differs", "when turned as its EXIF data ask", turned),
    ("size-differs", "2 times as large", scaled),
    ("duplicate-image-id", "has the id of a.jpg", put("images", 1, id=5)),
    (
        "duplicate-file-name",
        "is the file of a.jpg",
        add("images", {"id": 9, "file_name": "a.jpg", "width": WIDTH, "height": HEIGHT}),
    ),
    ("same-picture", r"byte for byte, as a.jpg \(image 5\)", same_picture),
    ("duplicate-category-id", "has the id of rat", put("categories", 1, id=1)),
    ("duplicate-class-name", "category 1 has the same name", put("categories", 1, name="rat")),
    ("class-without-name", "empty name", put("categories", 1, name=" ")),
    ("category-id-0", "has the id 0", shifted_ids),
    ("duplicate-annotation-id", "on a.jpg has the same id", put("annotations", 3, id=1)),
    (
        "same-annotation",
        "the same figure as annotation 1$",
        add("annotations", figure(8, 5, 1, 7, 11, 23, 13) | {"track_id": 1}),
    ),
    ("same-annotation", "with other attributes", add("annotations", figure(8, 5, 1, 7, 11, 23, 13))),
    ("unknown-image", "no image 99", put("annotations", 0, image_id=99)),
    ("unknown-category", "no category 99", put("annotations", 0, category_id=99)),
    (
        "outline-damaged",
        r"segmentation\[0\]: expected array, got",
        put("annotations", 0, segmentation=SQUARE),
    ),
    ("outline-damaged", "expected float, got str", outline(["7", *SQUARE[1:]])),
    ("outline-damaged", "expected float, got null", outline([None, *SQUARE[1:]])),
    (
        "outline-damaged",
        "out of range",
        text(json.dumps(clean()).replace("[[7,", "[[1e999,")),
    ),
    ("outline-damaged", "bbox: expected 4 numbers, got 3", put("annotations", 0, bbox=[1, 2, 3])),
    ("outline-damaged", "area: expected float", put("annotations", 0, area="large")),
    (
        "outline-damaged",
        r"of a picture of \(61, 82\)",
        put("annotations", 0, segmentation={"size": [61, 82], "counts": [5002]}),
    ),
    (
        "outline-damaged",
        "add up to 12 pixels",
        put("annotations", 0, segmentation={"size": [HEIGHT, WIDTH], "counts": [5, 7]}),
    ),
    (
        "outline-damaged",
        "cut short",
        put("annotations", 0, segmentation={"size": [HEIGHT, WIDTH], "counts": "72o"}),
    ),
    (
        "outline-damaged",
        "add up to",
        put("annotations", 0, segmentation={"size": [HEIGHT, WIDTH], "counts": [2**63, 2**63 + 5063]}),
    ),
    ("outline-degenerate", "has 2 points", outline([7, 11, 30, 24])),
    ("outline-degenerate", "has 9 numbers", outline([*SQUARE, 7])),
    ("outline-degenerate", "points lie in a line", outline([7, 11, 20, 11, 30, 11])),
    ("outline-degenerate", "covers no pixel", outline([7, 11.05, 30, 11.05, 30, 11.1, 7, 11.1])),
    ("outline-degenerate", "0 points", outline(SQUARE, [])),
    ("outline-degenerate", "box is 0 x 13", put("annotations", 0, segmentation=[], bbox=[7, 11, 0, 13])),
    (
        "outline-degenerate",
        "hold no pixel",
        put("annotations", 0, segmentation={"size": [HEIGHT, WIDTH], "counts": [HEIGHT * WIDTH]}),
    ),
    ("points-outside", "up to 10 px outside of the picture of 83 x 61", outline(polygon(70, 11, 23, 13))),
    ("points-outside", "lies outside", outline(polygon(200, 11, 23, 13))),
    ("points-outside", "1e\\+30 px", outline(polygon(7, 11, 1e30, 13))),
    ("points-outside", "5 px outside", put("annotations", 0, segmentation=None, bbox=[-5, 11, 23, 13])),
    ("box-disagrees", r"its box \[7, 11, 29, 13\] is 6 px off", put("annotations", 0, bbox=[7, 11, 29, 13])),
    ("box-disagrees", "px off", put("annotations", 0, bbox=[7, 11, -23, 13])),
    ("box-disagrees", "px off", put("annotations", 0, segmentation=RUNS, area=13, bbox=[7, 11, 1, 19])),
    ("box-missing", "has no box", put("annotations", 0, bbox=None)),
    ("box-missing", "has no box", put("annotations", 0, bbox=[])),
    ("area-disagrees", "its area is 30; the figure has 299 px", put("annotations", 0, area=30)),
    ("area-missing", "has no area", put("annotations", 0, area=None)),
    ("nothing-drawn", "neither outline nor box", put("annotations", 0, segmentation=None, bbox=None)),
]
"""Kind of the defect, what its text says, and how to make it."""

NOTED: list[tuple[str, str, Break]] = [
    (
        "no-annotations",
        "has no annotations",
        add("images", {"id": 8, "file_name": "d.png", "width": 5, "height": 7}),
    ),
    ("unused-category", "has no annotations", add("categories", {"id": 3, "name": "mouse"})),
    ("only-box", "no outline", put("annotations", 0, segmentation=None)),
    ("only-box", "no outline", outline([])),
    (
        "area-of-box",
        "its box as much as that",
        outline([7, 11, 30, 11, 7, 24], area=23 * 13),
    ),
]
"""Likewise, of what may be meant so."""
