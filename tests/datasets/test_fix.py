"""check --fix: what is mended, what stays, and that a second time does nothing more."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from broken import (
    BROKEN,
    HEIGHT,
    NOTED,
    RUNS,
    SQUARE,
    WIDTH,
    Break,
    add,
    figure,
    outline,
    polygon,
    put,
    shifted_ids,
    two,
    write_dataset,
)
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from real import COCO128

from figureground.datasets.checks.check import check_dataset
from figureground.datasets.checks.fix import fix_dataset
from figureground.datasets.clip import clip_polygon
from figureground.datasets.dataset import Dataset, Record
from figureground.datasets.formats.coco import read_coco
from figureground.datasets.segmentation import polygons_to_crop

READABLE = [change for kind, _, change in BROKEN + NOTED if kind != "file-unreadable"]


def fixed(path: Path) -> tuple[Dataset, list[str]]:
    dataset = read_coco(path)
    return fix_dataset(dataset, check_dataset(dataset))


def contents(records: tuple[Record, ...]) -> list[dict[str, Any]]:
    return [{key: one.get(key) for key in KEYS if one.get(key) is not None} for one in records]


KEYS = (
    "id",
    "image_id",
    "category_id",
    "segmentation",
    "bbox",
    "area",
    "track_id",
    "file_name",
    "name",
    "width",
)


@pytest.mark.parametrize("change", READABLE)
def test_what_can_be_mended_is_then_gone_and_a_second_time_does_nothing(
    change: Break, tmp_path: Path
) -> None:
    once, _ = fixed(write_dataset(tmp_path, change))
    left = check_dataset(once)
    assert not [one for one in left if one.fixable]
    twice, again = fix_dataset(once, left)
    assert again == []
    assert twice == once


@pytest.mark.parametrize(
    ("change", "line", "index", "expected"),
    [
        (
            put("annotations", 0, bbox=[7, 11, 29, 13]),
            "1 annotation: box computed",
            0,
            {"bbox": [7, 11, 23, 13], "area": 299},
        ),
        (put("annotations", 0, bbox=[]), "1 annotation: box computed", 0, {"bbox": [7, 11, 23, 13]}),
        (
            put("annotations", 0, bbox=None, area=None),
            "1 annotation: box computed",
            0,
            {"bbox": [7, 11, 23, 13], "area": 299},
        ),
        (
            put("annotations", 0, area=30),
            "1 annotation: area computed",
            0,
            {"area": 299, "bbox": [7, 11, 23, 13]},
        ),
        (
            put("annotations", 0, segmentation=RUNS, bbox=[7, 11, 9, 13], area=13),
            "box computed",
            0,
            {"bbox": [7, 11, 1, 13], "segmentation": RUNS},
        ),
        (
            outline(polygon(70, 11, 23, 13)),
            "1 annotation: outline cut at the border of the picture (1)",
            0,
            {"bbox": [70, 11, 13, 13], "area": 169, "segmentation": [[70, 11, 83, 11, 83, 24, 70, 24]]},
        ),
        (
            outline(SQUARE, [7, 11, 30, 24]),
            "polygons that cover nothing dropped",
            0,
            {"segmentation": [SQUARE]},
        ),
        (
            put("annotations", 0, segmentation=None, bbox=[-5, 11, 23, 13]),
            "box cut",
            0,
            {"bbox": [0, 11, 18, 13], "area": 234},
        ),
        (put("annotations", 3, id=1), "given a new id (1 -> 4)", 3, {"id": 4, "track_id": 0}),
        (put("annotations", 3, id=2**60), "", 3, {"id": 2**60}),
        (outline([7, 11, 30, 24]), "1 annotation: dropped, its outline covers nothing (1)", 0, {"id": 2}),
        (put("annotations", 0, image_id=99), "dropped, its image is not in the file (1)", 0, {"id": 2}),
        (shifted_ids, "category ids moved by 1", 3, {"category_id": 2}),
        (
            two(
                add("images", {"id": 9, "file_name": "a.jpg", "width": WIDTH, "height": HEIGHT}),
                add("annotations", figure(5, 9, 1, 3, 5, 7, 11)),
            ),
            "1 image: joined with the one of the same file name (9)",
            4,
            {"id": 5, "image_id": 5},
        ),
        (
            add("annotations", figure(8, 5, 1, 7, 11, 23, 13) | {"track_id": 1}),
            "it is a copy of another (8)",
            3,
            {"id": 4},
        ),
    ],
)
def test_values_are_those_counted_by_hand(
    change: Break, line: str, index: int, expected: dict[str, Any], tmp_path: Path
) -> None:
    dataset, done = fixed(write_dataset(tmp_path, change))
    assert line in "\n".join(done)
    assert expected.items() <= contents(dataset.annotations)[index].items()


@pytest.mark.parametrize("values", [{"width": None, "height": None}, {"width": 82}, {"height": 90}])
def test_sizes_come_from_the_picture_where_the_figures_fit(values: dict[str, Any], tmp_path: Path) -> None:
    dataset, done = fixed(write_dataset(tmp_path, put("images", 0, **values)))
    assert dataset.pictures[0].size == (HEIGHT, WIDTH)
    assert done == ["1 image: size taken from the picture (5)"]


def test_figures_that_were_drawn_for_another_size_are_left_alone(tmp_path: Path) -> None:
    path = write_dataset(tmp_path, put("images", 0, width=20))  # outlines reach to x = 59
    Image.new("RGB", (30, HEIGHT)).save(tmp_path / "a.jpg")
    dataset, done = fixed(path)
    assert done == []
    assert dataset == read_coco(path)


def test_a_size_that_run_lengths_agree_with_is_not_changed(tmp_path: Path) -> None:
    runs = {"size": [HEIGHT, WIDTH - 1], "counts": [HEIGHT * 7 + 11, 13, HEIGHT * (WIDTH - 8) - 24]}
    change = two(
        put("images", 0, width=WIDTH - 1),
        put("annotations", 0, segmentation=runs, bbox=[7, 11, 1, 13], area=13),
    )
    dataset, done = fixed(write_dataset(tmp_path, change))
    assert done == []
    assert dataset.pictures[0].width == WIDTH - 1


def test_digits_of_what_is_kept_stay(tmp_path: Path) -> None:
    path = write_dataset(tmp_path)
    text = path.read_text().replace("[[7, 11,", "[[7.00, 11.10,").replace('"bbox": [7,', '"bbox": [50,')
    path.write_text(text)
    dataset, done = fixed(path)
    assert len(done) == 1
    assert b"[[7.00, 11.10," in bytes(dataset.annotations[0].raw)
    assert [bytes(one.raw) for one in dataset.annotations[1:]] == [
        bytes(one.raw) for one in read_coco(path).annotations[1:]
    ]


def test_new_ids_are_free_also_after_the_largest_possible_one(tmp_path: Path) -> None:
    change = two(
        put("annotations", 0, id=2**63), put("annotations", 1, id=2**63), put("annotations", 2, id=1)
    )
    ids = [one.id for one in fixed(write_dataset(tmp_path, change))[0].annotations]
    assert ids == [2**63, 2, 1, 4]


def test_an_annotation_of_mixed_up_images_is_kept(tmp_path: Path) -> None:
    dataset, _ = fixed(write_dataset(tmp_path, put("images", 1, id=5)))
    assert len(dataset.annotations) == 4


def test_an_empty_dataset_stays() -> None:
    assert fix_dataset(Dataset(), []) == (Dataset(), [])
    assert check_dataset(Dataset()) == []


def test_clean_real_data_stay_as_they_are() -> None:
    dataset = read_coco(COCO128)
    again, done = fix_dataset(dataset, check_dataset(dataset, pictures=False))
    assert done == []
    assert again == dataset


@given(
    st.lists(st.tuples(st.integers(-20, 30), st.integers(-20, 30)), min_size=3, max_size=9),
)
def test_a_clipped_polygon_covers_the_same_pixels(points: list[tuple[int, int]]) -> None:
    size = (17, 11)
    flat = [float(value) for point in points for value in point]
    clipped = clip_polygon(flat, size)
    whole = np.zeros((57, 51), bool)  # the polygon moved to where nothing of it is cut off
    moved = polygons_to_crop([[value + 20 for value in flat]], (57, 51))
    whole[moved.window] = moved.mask
    ours = np.zeros(size, bool)
    if len(clipped) >= 6:
        crop = polygons_to_crop([clipped], size)
        ours[crop.window] = crop.mask
    expected = whole[20:37, 20:31]
    assert np.count_nonzero(ours ^ expected) <= 12  # where an edge is cut, its end is rounded otherwise
    assert all(0 <= x <= 11 for x in clipped[::2])
    assert all(0 <= y <= 17 for y in clipped[1::2])


def test_points_inside_are_not_touched() -> None:
    assert clip_polygon([1.5, 2.25, 7, 3, 4, 9], (17, 11)) == [1.5, 2.25, 7, 3, 4, 9]
    assert clip_polygon([20, 2, 30, 3, 25, 9], (17, 11)) == []


@pytest.mark.parametrize("more", [[], [[-9, 11, 30, 11, 30, 24]]])
def test_an_outline_that_lacks_one_number_is_left_to_people(tmp_path: Path, more: list[list[int]]) -> None:
    broken = [[7, 11, 30, 11, 30, 24, 7], *more]
    path = write_dataset(tmp_path, put("annotations", 0, segmentation=broken))
    found = check_dataset(read_coco(path))
    assert ("outline-degenerate", False) in [(one.kind, one.fixable) for one in found]
    mended, done = fixed(path)
    assert (mended.annotations, done) == (read_coco(path).annotations, [])
