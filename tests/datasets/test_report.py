"""info --html: one file, nothing from elsewhere, nothing of the dataset as markup."""

import base64
import io
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from broken import clean, write_dataset
from PIL import Image
from real import COCO128, COMBO

from figureground.datasets.checks.check import check_dataset
from figureground.datasets.dataset import Annotation, Category, Dataset, Picture, new
from figureground.datasets.formats.coco import read_coco
from figureground.datasets.report.facts import facts, pair_of
from figureground.datasets.report.page import dataset_to_html
from figureground.datasets.report.pixels import pixel_statistics
from figureground.datasets.report.plots import nice

HOSTILE = '</title><script>alert("x")</script><img src=x onerror=alert(1)>\'$title'


class Page(HTMLParser):
    """The elements of a page, and those that are left open."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in ("meta", "br", "link"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def page(dataset: Dataset, **more: object) -> tuple[str, Page]:
    text = dataset_to_html(dataset, facts(dataset), title="t", version="1", **more)  # type: ignore[arg-type]
    return text, Page(text)


def assert_self_contained(read: Page) -> None:
    assert read.open == []
    assert not {"script", "link", "iframe", "object", "img", "base", "form"} & set(read.tags)
    for name, value in read.attributes:
        assert not name.startswith("on")
        if name in ("href", "src"):
            assert value.startswith("data:image/jpeg;base64,")


def test_a_real_dataset_makes_a_page_of_less_than_a_megabyte() -> None:
    dataset = read_coco(COCO128)
    found = facts(dataset)
    text, read = page(
        dataset,
        defects=check_dataset(dataset, pictures=False),
        pair=pair_of(found, "person", "sports ball"),
        pixels=pixel_statistics(Dataset(dataset.pictures[:3], folder=dataset.folder)),
    )
    assert_self_contained(read)
    assert len(text.encode()) < 1_000_000
    assert read.tags.count("figure") >= 12
    assert "http://" not in text.replace("http://www.w3.org", "")
    for words in ("939", "128", "person : sports ball = 259 : 6 figures (43.2 : 1)", "unused-category"):
        assert words in read.text


def test_examples_are_pictures_with_outlines_over_them(tmp_path: Path) -> None:
    text, _ = page(read_coco(write_dataset(tmp_path)))
    figures = re.findall(r"<figure>.*?</figure>", text)
    assert len(figures) == 3  # each picture once
    first = next(one for one in figures if "a.jpg" in one)
    data = re.search(r"base64,([^\"]*)", first)
    assert data
    image = np.asarray(Image.open(io.BytesIO(base64.b64decode(data[1]))))
    assert image.shape == (61, 83, 3)
    assert first.count("<path") == 2
    corners = re.search(r'd="M([^"]*)Z" class="here"', first)
    assert corners
    points = {tuple(map(float, point.split(","))) for point in corners[1].split()}
    drawn = [one["segmentation"][0] for one in clean()["annotations"] if one["image_id"] == 5]
    assert points in [set(zip(one[::2], one[1::2], strict=True)) for one in drawn]


def test_names_of_a_stranger_are_shown_and_not_run(tmp_path: Path) -> None:
    Image.new("RGB", (17, 11)).save(tmp_path / "a.png")
    pictures = (
        new(Picture, id=1, file_name="a.png", width=17, height=11),
        new(Picture, id=2, file_name=HOSTILE, width=17, height=11),
    )
    names = [HOSTILE, f"{HOSTILE}2", "$sections"]
    categories = tuple(new(Category, id=i + 1, name=name) for i, name in enumerate(names))
    line = [[1, 1, 9, 1, 9, 9]]
    annotations = tuple(
        new(Annotation, id=i, image_id=1 + i % 2, category_id=1 + i // 2, segmentation=line) for i in range(6)
    )
    dataset = Dataset(pictures, annotations, categories, tmp_path)
    found = facts(dataset)
    text = dataset_to_html(
        dataset,
        found,
        title=HOSTILE,
        version=HOSTILE,
        defects=check_dataset(dataset),
        pair=pair_of(found, HOSTILE, "$sections"),
    )
    read = Page(text)
    assert_self_contained(read)
    assert "<script" not in text
    assert 'alert("x")' in read.text
    assert read.tags.count("figure") == 3  # a.png for each class, and the other is not opened


@pytest.mark.parametrize("dataset", [Dataset(), Dataset(folder=Path("nowhere"))])
def test_an_empty_dataset_makes_a_page(dataset: Dataset) -> None:
    _, read = page(dataset)
    assert_self_contained(read)
    assert "Nothing wrong was found." in read.text


def test_damaged_figures_and_far_points_make_a_page(tmp_path: Path) -> None:
    def change(coco: dict[str, list[dict[str, object]]], folder: Path) -> None:
        for one, shape in zip(
            coco["annotations"],
            ([[1e300, 5, 7, 9, 3, 3]], "no", {"size": [1, 1], "counts": [7]}, [[1, 2]]),
            strict=True,
        ):
            one["segmentation"] = shape
        (folder / "c.jpg").unlink()

    dataset = read_coco(write_dataset(tmp_path, change))
    _, read = page(dataset, defects=check_dataset(dataset), pixels=pixel_statistics(dataset))
    assert_self_contained(read)


def test_many_classes_and_long_names_stay_small() -> None:
    categories = tuple(new(Category, id=i, name=f"{i}" * 500) for i in range(1, 2000))
    annotations = tuple(
        new(Annotation, id=i, image_id=1, category_id=i, bbox=[0, 0, 5, 7]) for i in range(1, 2000)
    )
    photo = new(Picture, id=1, file_name="a.jpg", width=17, height=11)
    text, read = page(Dataset((photo,), annotations, categories))
    assert_self_contained(read)
    assert len(text) < 1_000_000
    assert "and 1,959 classes with fewer" in read.text


def test_pictures_that_are_not_known_leave_the_page_without_examples() -> None:
    _, read = page(read_coco(COMBO))
    assert "figure" not in read.tags
    assert "280" in read.text


def test_the_top_of_an_axis_is_not_below_what_it_shows() -> None:
    for value in range(2000):
        top = nice(value)
        assert value <= top <= max(2, 2 * value)
        assert top % 2 == 0
