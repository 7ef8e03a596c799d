"""Every tool that chooses gives a dataset or a told error, whatever is wrong with its input."""

import math
from collections.abc import Callable
from pathlib import Path

import pytest
from broken import BROKEN, NOTED, Break, put, write_dataset

from figureground.datasets.dataset import Dataset
from figureground.datasets.formats.coco import read_coco, write_coco
from figureground.datasets.selection.balance import cap_ratio
from figureground.datasets.selection.filter import Wanted, filter_dataset
from figureground.datasets.selection.merge import merge
from figureground.datasets.selection.split import split_dataset
from figureground.datasets.selection.subject import subject
from figureground.datasets.selection.subsample import subsample
from figureground.errors import InputError, OptionError

HALVES = {"train": 0.5, "test": 0.5}

HUGE = 2**63 - 1
STRANGE: list[Break] = [
    put(name, 0, **{key: value})
    for name, keys in {
        "images": ["id", "width", "height", "license", "video", "frame", "file_name", "split"],
        "annotations": ["id", "image_id", "category_id", "iscrowd", "area", "bbox", "segmentation"],
        "categories": ["id", "name", "keypoints", "supercategory"],
    }.items()
    for key in keys
    for value in (
        HUGE,
        HUGE + 1,
        10**30,
        -1,
        -HUGE,
        1e308,
        "x",
        "",
        [],
        [[]],
        {},
        True,
        [math.pi] * 4,
        [1e308] * 4,
    )
]

TOOLS: dict[str, Callable[[Dataset], Dataset]] = {
    "classes": lambda data: filter_dataset(data, Wanted(classes=["rat"]), renumber=True),
    "area": lambda data: filter_dataset(data, Wanted(area=(5, 500), share=(0.01, 1), side=(3, 99))),
    "crowd": lambda data: filter_dataset(data, Wanted(crowd=False, all_of=["rat"]), renumber=True),
    "balance": lambda data: cap_ratio(data, 1).dataset,
    "video": lambda data: split_dataset(data, HALVES)["train"],
    "time": lambda data: split_dataset(data, {"all": 1}, by="time", gap=1)["all"],
    "picture": lambda data: split_dataset(data, HALVES, by="picture")["test"],
    "random": lambda data: subsample(data, 0.5),
    "even": lambda data: subsample(data, 2, how="even"),
    "by classes": lambda data: subsample(data, 2, how="classes"),
    "soft": lambda data: subject(data, share=0.01),
    "plain": lambda data: subject(data, weight="plain", crowd=True),
    "merge": lambda data: merge([data, data]).dataset,
    "merge empty": lambda data: merge([Dataset(), data]).dataset,
}


@pytest.mark.parametrize("change", [change for _, _, change in BROKEN + NOTED] + STRANGE)
def test_no_crash(change: Break, tmp_path: Path) -> None:
    try:
        data = read_coco(write_dataset(tmp_path, change))
    except InputError:
        return
    other = read_coco(write_dataset(tmp_path / "other"))
    for tool in TOOLS.values():
        try:
            after = tool(data)
        except (InputError, OptionError) as error:
            assert len(str(error)) > 20
            continue
        assert {one.id for one in after.pictures} <= {one.id for one in data.pictures}
        write_coco(after, tmp_path / "out.json")
    try:
        both = merge([other, data]).dataset
    except InputError:
        return
    write_coco(both, tmp_path / "out.json")
    assert len(both.annotations) == len(data.annotations) + len(other.annotations)


def test_tools_work_on_what_is_whole(tmp_path: Path) -> None:
    data = read_coco(write_dataset(tmp_path))
    counts = {name: len(tool(data).pictures) for name, tool in TOOLS.items() if name != "time"}
    assert all(counts.values())
