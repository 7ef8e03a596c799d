import csv
import json
import re
from pathlib import Path

import numpy as np
import pytest
from made import Knowing, read_made

from figureground.datasets.dataset import Dataset
from figureground.datasets.pictures import PictureFiles
from figureground.errors import OptionError
from figureground.evaluation.evaluate import evaluate
from figureground.evaluation.notes import notes
from figureground.evaluation.page import evaluations_to_html
from figureground.evaluation.report import unique_names, worst_sheets, write_report
from figureground.evaluation.result import Evaluation
from figureground.evaluation.source import DatasetSource
from figureground.evaluation.worst import panels, worst
from figureground.instances import Instances
from figureground.stills import read_still


def rows_of(path: Path) -> list[list[str]]:
    return list(csv.reader(path.read_text("utf-8").splitlines()))


def first_only(found: Instances) -> Instances:
    return found.select(slice(0, 1))


class Nameless(Knowing):
    def __init__(self, data: Dataset) -> None:
        super().__init__(data, lambda found: Instances(found.size, found.masks))
        self.classes = ("figure",)


def evaluated(data: Dataset, source: DatasetSource) -> list[Evaluation]:
    models = {
        "none <b>": Knowing(data, lambda found: found.select([])),
        "first": Knowing(data, first_only),
        "all": Knowing(data),
        "nameless": Nameless(data),
    }
    return [evaluate(source, model, name) for name, model in models.items()]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, out = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("report")
    data = read_made(folder)
    with PictureFiles(data) as files:
        source = DatasetSource(data, files)
        found = evaluated(data, source)
        sheets = worst_sheets(source, found)
        write_report(out, found, data, sheets, title="d <i>", version="9", notes=notes(found, data))
    return out


def test_the_page_is_whole_and_all_names_are_escaped(report: Path) -> None:
    page = (report / "report.html").read_text("utf-8")
    assert "$" not in re.sub('base64,[^"]*', "", page)
    for raw in ("none <b>", "ant <b>", "d <i>", "<5>.png"):
        assert raw not in page
        assert raw.replace("<", "&lt;").replace(">", "&gt;") in page
    outside = re.findall(r"(?:src|href)=\"(?!data:)|url\(|@import|<script", page)
    assert outside == []
    assert "nameless has no class in common" in page


@pytest.mark.parametrize("tag", ["section", "table", "tr", "td", "th", "svg", "figure", "p", "div"])
def test_what_is_opened_is_closed(report: Path, tag: str) -> None:
    page = (report / "report.html").read_text("utf-8")
    assert len(re.findall(f"<{tag}[ >]", page)) == page.count(f"</{tag}>")


def test_ious_of_the_main_figure(report: Path) -> None:
    rows = rows_of(report / "iou" / "all_all.csv")
    assert rows[0] == ["image_id", "IoU"]
    assert [row[0] for row in rows[1:]] == ["10", "30", "40", "50"]
    # 900 of the rat's and 100 of the ant's pixels; one ant; one rat; 225 of 475, as the small rat and the ant
    # are found too
    assert [float(row[1]) for row in rows[1:]] == pytest.approx([0.9, 1, 1, 225 / 475])
    assert {path.name for path in (report / "iou").iterdir()} >= {"none_b_central.csv", "first_best.csv"}


def test_every_number_is_in_the_file(report: Path) -> None:
    record = json.loads((report / "scores.json").read_text())
    first, _, whole, nameless = record["models"]
    assert first["mask"]["ap"] == 0
    assert whole["mask"]["ap"] == pytest.approx(1)
    assert whole["mask"]["ap_large"] is None  # none is that large
    assert whole["iou"]["central"] == {"pictures": 4, "mean": 1, "median": 1, "below_0.5": 0}
    assert (whole["missed"], whole["invented"], first["missed"]) == (0, 0, 7)
    assert nameless["any_class"]
    assert nameless["mask"]["ap"] == pytest.approx(1)


def test_tables(report: Path) -> None:
    rows = rows_of(report / "confusion" / "first.csv")
    assert rows == [
        ["drawn", "rat", "ant <b>", "missed"],
        ["rat", "3", "0", "1"],
        ["ant <b>", "0", "1", "2"],
        ["invented", "0", "0", "0"],
    ]
    rows = rows_of(report / "pictures" / "first.csv")
    assert [row[:4] for row in rows[1:3]] == [["10", "1.png", "2", "1"], ["20", "2.png", "0", "0"]]
    assert [path.name for path in sorted((report / "worst").iterdir())] == ["all", "none_b"]


def test_results_have_the_ids_of_the_dataset(report: Path) -> None:
    results = json.loads((report / "found" / "all.json").read_text())
    assert [(row["image_id"], row["category_id"]) for row in results[:3]] == [(10, 5), (10, 3), (30, 3)]
    assert not (report / "found" / "nameless.json").exists()  # it has no classes to give ids of


def test_the_worst_come_first(tmp_path: Path) -> None:
    data = read_made(tmp_path)
    with PictureFiles(data) as files:
        one = evaluate(DatasetSource(data, files), Knowing(data, first_only), "first")
    assert [judged.image_id for judged in worst(one, 2)] == [50, 10]


def test_a_figure_has_one_colour_in_truth_and_found() -> None:
    """The first is missed, the second found: it is not drawn in the first one's colour."""
    masks = np.zeros((2, 60, 80), bool)
    masks[0, 5:25, 5:25] = masks[1, 30:55, 40:75] = True
    drawn = Instances.from_dense(masks)
    sheet = panels(np.full((60, 80, 3), 90, np.uint8), (drawn, ["a"]), (drawn.select([1]), ["a"]))
    middle, right = sheet[50, 88 + 60], sheet[50, 2 * 88 + 60]
    np.testing.assert_array_equal(middle, right)
    assert sheet.shape == (60, 3 * 80 + 2 * 8, 3)


def test_names_cover_small_figures_only_where_there_are_several_classes() -> None:
    mask = np.zeros((1, 60, 80), bool)
    mask[0, 30:33, 40:44] = True
    drawn, image = Instances.from_dense(mask), np.full((60, 80, 3), 90, np.uint8)
    one = panels(image, (drawn, ["ant"]), (drawn, ["ant"]))
    two = panels(image, (drawn, ["ant", "rat"]), (drawn, ["ant", "rat"]))
    assert (one[20:28, 88:168] == 90).all()
    assert (two[20:28, 88:168] != 90).any()


def test_the_pictures_can_be_opened(report: Path) -> None:
    for path in (report / "worst").rglob("*.jpg"):
        assert read_still(path).shape == (53, 3 * 71 + 16, 3)


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["a"], ["a"]),
        (["runs/x/model", "runs/y/model"], ["x", "y"]),
        (["runs/x/onnx", "runs/y/onnx"], ["x/onnx", "y/onnx"]),
        (["model"], ["model"]),
        (["/a/epoch_1/", "/a/epoch_2/"], ["epoch_1", "epoch_2"]),
        (["grabcut", "m/grabcut"], ["grabcut", "m/grabcut"]),
        (["."], ["."]),
    ],
)
def test_names_are_short(paths: list[str], expected: list[str]) -> None:
    assert unique_names(paths) == expected


def test_the_same_model_twice_is_refused() -> None:
    with pytest.raises(OptionError, match="a/b: is given twice"):
        unique_names(["a/b", "a/b"])


def test_what_the_reader_must_know(tmp_path: Path) -> None:
    data = read_made(tmp_path)
    model = Knowing(data)
    model.classes = ("rat", "cow")
    with PictureFiles(data) as files:
        one = evaluate(DatasetSource(data, files), model, "m")
    assert notes([one], data) == [
        "m also finds cow, which the dataset lacks: left out",
        "m does not know ant <b>: all of these count as missed",
    ]
    assert one.confusion.tolist() == [[4, 0, 0], [0, 0, 3], [0, 0, 0]]


def test_a_page_of_nothing() -> None:
    """A dataset without figures: no number is known, and the page says so."""
    from figureground.evaluation.coco_ap import average_precision

    scores = average_precision([], [], [])
    one = Evaluation("m", (), False, 0.5, scores, (), np.zeros((1, 1), np.int64), ())
    page = evaluations_to_html([one], title="t", version="1")
    assert "–" in page
    assert "nan" not in page
