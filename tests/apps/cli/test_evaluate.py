import contextlib
import io
import json
import re
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from figureground import segmenters
from figureground.apps.cli.main import main
from figureground.datasets.dataset import Annotation, Category, Dataset, Picture, new
from figureground.datasets.formats.coco import write_coco
from figureground.datasets.segmentation import picture_to_instances
from figureground.evaluation.source import DatasetSource
from figureground.frames import Frame
from figureground.instances import Crop, Instances

COCO128 = Path(__file__).resolve().parents[3].parent / "shared/data/coco/coco128"
SIZE = (53, 71)

stops: list[int] = []
"""Pictures before which the segmenter below stops, as by Ctrl-C."""
seen: list[int] = []


class Shifted:
    """Finds what is drawn, a pixel or two beside it, and is sure of every second figure."""

    stateful = False

    def __init__(self, source: DatasetSource) -> None:
        self.data, self.groups = source.dataset, source.dataset.by_picture()
        self.classes = tuple(one.name for one in self.data.categories)

    def __call__(self, frames: list[Frame]) -> list[Instances]:
        return [self._found(frame) for frame in frames]

    def _found(self, frame: Frame) -> Instances:
        if frame.index in stops:
            raise KeyboardInterrupt
        seen.append(frame.index)
        picture = self.data.pictures[frame.index]
        drawn = picture_to_instances(self.data, picture, self.groups[picture.id])
        masks = tuple(_moved(crop, drawn.size, i % 4) for i, crop in enumerate(drawn.masks))
        scores = np.where(np.arange(len(drawn)) % 2, 0.3, 0.9) - 0.01 * (np.arange(len(drawn)) % 7)
        return Instances(drawn.size, masks, scores=scores, labels=drawn.labels)


def _moved(crop: Crop, size: tuple[int, int], by: int) -> Crop:
    height, width = crop.mask.shape
    return Crop(min(crop.y0 + by, size[0] - height), min(crop.x0 + by, size[1] - width), crop.mask)


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(segmenters.SEGMENTERS, "shifted", f"{__name__}:Shifted")
    stops.clear()
    seen.clear()


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """Four pictures with a disc each, one of them with two, one with none."""
    folder = tmp_path / "data"
    folder.mkdir()
    pictures, figures = [], []
    for number, middles in enumerate([[(20, 25)], [(40, 20), (60, 40)], [], [(30, 30)]], 1):
        image = np.random.default_rng(number).integers(90, 110, (*SIZE, 3), np.uint8)
        for x, y in middles:
            cv2.circle(image, (x, y), 10, (220, 60, 40), -1)
            box = [x - 10, y - 10, 20, 20]
            shape = cv2.ellipse2Poly((x, y), (10, 10), 0, 0, 360, 15).ravel().tolist()
            values = {"segmentation": [shape], "bbox": box, "area": 300, "iscrowd": 0}
            figures.append(new(Annotation, id=len(figures) + 1, image_id=number, category_id=1, **values))
        Image.fromarray(image).save(folder / f"{number}.png")
        pictures.append(new(Picture, id=number, file_name=f"{number}.png", width=71, height=53))
    write_coco(
        Dataset(tuple(pictures), tuple(figures), (new(Category, id=1, name="disc"),)), folder / "a.json"
    )
    return folder / "a.json"


def test_a_report(dataset: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "report"
    assert main(["evaluate", "shifted", "grabcut", str(dataset), "-o", str(out)]) == 0
    said = capfd.readouterr()
    assert [line.split()[0] for line in said.out.splitlines()] == ["model", "shifted", "grabcut"]
    assert said.err == f"-> {out / 'report.html'}\n"
    assert (out / "iou" / "shifted_central.csv").read_text().startswith("image_id,IoU\n1,1.0\n2,")
    names = {path.name for path in out.iterdir()} - {".figureground.json"}
    assert names == {"report.html", "scores.json", "iou", "pictures", "confusion", "found", "worst"}
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_json_alone_on_stdout(dataset: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "page.html"
    assert main(["evaluate", "shifted", str(dataset), "--json", "--html", str(page)]) == 0
    said = capfd.readouterr()
    record = json.loads(said.out)
    (one,) = record["models"]
    assert (record["status"], one["pictures"], one["drawn"], one["missed"]) == ("ok", 4, 4, 1)
    assert one["mask"]["ap50"] == pytest.approx(1)
    assert one["iou"]["central"]["pictures"] == 3
    assert page.read_text().endswith("</html>\n")


def test_quiet(dataset: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "shifted", str(dataset), "--quiet"]) == 0
    assert capfd.readouterr() == ("", "")


def test_the_score_from_which_figures_count(dataset: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "shifted", str(dataset), "--json", "--score", "0.2"]) == 0
    (one,) = json.loads(capfd.readouterr().out)["models"]
    assert (one["missed"], one["found"]) == (0, 4)


def test_stopped_and_gone_on_with(dataset: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "report"
    line = ["evaluate", "shifted", str(dataset), "-o", str(out)]
    stops.append(2)
    assert main(line) == 130
    assert not out.exists()
    assert "shifted: stopped; the same command goes on from here" in capfd.readouterr().err
    stops.clear()
    assert main(line) == 0
    assert seen == [0, 1, 2, 3]
    assert (out / "report.html").exists()


def test_a_report_is_not_written_over(
    dataset: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    line = [
        "evaluate",
        "shifted",
        str(dataset),
        "-o",
        str(tmp_path / "r"),
        "--html",
        str(tmp_path / "p.html"),
    ]
    assert main(line) == 0
    capfd.readouterr()
    assert main(line) == 2
    assert "is there already" in capfd.readouterr().err
    assert seen == [0, 1, 2, 3]  # told before the work
    assert main([*line, "--overwrite"]) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{data}"], "give models and, last, a dataset"),
        (["nothing", "{data}"], "nothing: is no model folder .*, and no segmenter; there are: pair"),
        (["shifted", "shifted", "{data}"], "shifted: is given twice"),
        (["shifted", "{data}", "--score", "2"], "--score must be 0 to 1, got 2"),
        (["shifted", "{data}", "--subject", "cow"], "there is no class 'cow'"),
        (["shifted", "nothing.json"], "nothing.json"),
        (["shifted", "{data}", "--images", "{data}/.."], r"has no 1\.png; 4 of 4 pictures are missing"),
    ],
)
def test_what_is_refused(
    arguments: list[str], message: str, dataset: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    places = {"data": str(dataset)}
    given = [one.format(**places).replace(f"{dataset}/..", str(tmp_path / "empty")) for one in arguments]
    assert main(["evaluate", *given]) == 2
    said = capfd.readouterr()
    assert re.search(message, said.err)
    assert (said.out, said.err.count("\n")) == ("", 1)


@pytest.mark.parametrize("engine", ["torch", pytest.param("auto", marks=pytest.mark.slow)])
def test_a_model_folder(
    engine: str, dataset: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A small model with random weights: nothing sensible is found, but the whole way is gone."""
    torch = pytest.importorskip("torch")
    from dataclasses import replace

    from figureground.export.onnx import export_onnx
    from figureground.models.architecture import architecture
    from figureground.models.card import ModelCard, write_card
    from figureground.nets.maskrcnn import build_maskrcnn
    from figureground.nets.weights import write_weights

    torch.manual_seed(0)
    small = replace(architecture("mobilenet"), short_side=64, long_side=96, rpn_after=20)
    what = replace(small, min_score=0.0, most=5)
    net = build_maskrcnn(what, classes=1).eval()
    torch.nn.init.ones_(net.roi_heads.mask_predictor.mask_fcn_logits.bias)  # full masks
    folder, out = tmp_path / "model", tmp_path / "report"
    folder.mkdir()
    write_weights(net, folder)
    if engine == "auto":
        export_onnx(net, what, folder)
    write_card(ModelCard(("disc",), what), folder)
    line = ["evaluate", str(folder), "shifted", str(dataset), "--json", "--score", "0"]
    line += ["--engine", engine, "-o", str(out)]
    assert main(line) == 0
    model, shifted = json.loads(capfd.readouterr().out)["models"]
    assert model["model"] == tmp_path.name
    assert 0 < model["found"] <= 4 * 5
    assert model["ms"] > 0
    assert model["mask"]["ap"] < shifted["mask"]["ap"]
    (folder / "weights.safetensors").write_bytes(b"other")
    assert main(["evaluate", str(folder), str(dataset), "--engine", "torch"]) == 2
    assert "weights.safetensors: is not the file that the model was written with" in capfd.readouterr().err
    assert main(["evaluate", str(folder), str(dataset), "--engine", "steam"]) == 2
    assert re.search("no 'steam'.*torch", capfd.readouterr().err)


@pytest.mark.skipif(not COCO128.exists(), reason="needs ../shared/data/coco/coco128")
def test_the_files_of_a_report_give_the_same_numbers_in_pycocotools(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    record = json.loads((COCO128 / "instances.json").read_text())
    record["images"] = record["images"][:23]
    kept = {one["id"] for one in record["images"]}
    record["annotations"] = [one for one in record["annotations"] if one["image_id"] in kept]
    truth = tmp_path / "truth.json"
    truth.write_text(json.dumps(record))
    line = ["evaluate", "shifted", str(truth), "--images", str(COCO128 / "images"), "-o", str(tmp_path / "r")]
    assert main([*line, "--json"]) == 0
    (one,) = json.loads(capfd.readouterr().out)["models"]
    for kind, mine in (("bbox", one["box"]), ("segm", one["mask"])):
        stats = by_pycocotools(truth, tmp_path / "r" / "found" / "shifted.json", kind)
        names = ["ap", "ap50", "ap75", "ap_small", "ap_medium", "ap_large", "ar1", "ar10", "ar"]
        names += ["ar_small", "ar_medium", "ar_large"]
        assert [mine[name] for name in names] == pytest.approx(stats, abs=1e-9)
        assert 0.3 < mine["ap"] < 0.95


def by_pycocotools(truth: Path, results: Path, kind: str) -> list[float]:
    with contextlib.redirect_stdout(io.StringIO()):
        drawn = COCO(str(truth))
        rows = json.loads(results.read_text())
        found = drawn.loadRes(
            [{k: v for k, v in row.items() if kind == "bbox" or k != "bbox"} for row in rows]
        )
        run = COCOeval(drawn, found, kind)
        run.evaluate()
        run.accumulate()
        run.summarize()
    return run.stats.tolist()
