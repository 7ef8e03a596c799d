import contextlib
import io
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from perturbed import perturbed
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from figureground.datasets.formats.coco import read_coco
from figureground.evaluation import coco_ap
from figureground.evaluation.coco_ap import average_precision, crop_to_rle
from figureground.evaluation.truth import Truth, instances_to_truth, picture_to_truth
from figureground.instances import Instances, tight_crop

COCO128 = Path(__file__).resolve().parents[2].parent / "shared/data/coco/coco128/instances.json"
needs_coco128 = pytest.mark.skipif(not COCO128.exists(), reason="needs ../shared/data/coco/coco128")
NAMES = ("ap", "ap50", "ap75", "ap_small", "ap_medium", "ap_large")
NAMES += ("ar1", "ar10", "ar", "ar_small", "ar_medium", "ar_large")


def by_pycocotools(truth_file: Path, results: list[dict], kind: str) -> tuple[list[float], np.ndarray]:
    """The twelve numbers, and the AP of each class, computed from files as its authors do."""
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(str(truth_file))
        rows = [{k: v for k, v in row.items() if kind == "bbox" or k != "bbox"} for row in results]
        run = COCOeval(truth, truth.loadRes(rows), kind)
        run.evaluate()
        run.accumulate()
        run.summarize()
    precision = run.eval["precision"][:, :, :, 0, 2]
    each = [part[part > -1].mean() if (part > -1).any() else -1 for part in np.moveaxis(precision, 2, 0)]
    return run.stats.tolist(), np.array(each)


def dense_results(found: Instances, image_id: int, category_ids: list[int]) -> list[dict]:
    """COCO's results, the masks encoded by pycocotools from whole pictures."""
    rows = []
    for i, mask in enumerate(found.dense()):
        rle = coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))
        x1, y1, x2, y2 = found.boxes[i].astype(float).tolist()
        rows.append(
            {
                "image_id": image_id,
                "category_id": category_ids[found.labels[i]],
                "bbox": [x1, y1, x2 - x1, y2 - y1],
                "score": float(found.scores[i]),
                "segmentation": rle,
            }
        )
    return rows


def compare(truth_file: Path, seed: int) -> None:
    data = read_coco(truth_file)
    groups = data.by_picture()
    ids = [one.id for one in data.categories]
    pictures = sorted(data.pictures, key=lambda one: one.id)
    truth = [picture_to_truth(data, one, groups[one.id]) for one in pictures]
    found = [perturbed(t.figures, len(ids), (seed, i)) for i, t in enumerate(truth)]
    scores = average_precision(truth, iter(found), [one.name for one in data.categories])
    assert scores.found == sum(map(len, found))
    results = [
        row
        for picture, one in zip(pictures, found, strict=True)
        for row in dense_results(one, picture.id, ids)
    ]
    for kind, mine in (("bbox", scores.box), ("segm", scores.mask)):
        expected, each = by_pycocotools(truth_file, results, kind)
        got = [getattr(mine, name) for name in NAMES]
        np.testing.assert_allclose(np.nan_to_num(got, nan=-1), expected, atol=1e-9)
        order = np.argsort(ids)
        got = np.nan_to_num([mine.classes[i].ap for i in order], nan=-1)
        np.testing.assert_allclose(got, each, atol=1e-9)
        assert 0.05 < mine.ap < 0.9


@needs_coco128
def test_it_is_what_pycocotools_says_of_the_same_files() -> None:
    compare(COCO128, 0)


@needs_coco128
@pytest.mark.parametrize("engine", ["faster_coco_eval", "pycocotools"])
def test_crowds_and_areas_of_the_file_count_as_in_pycocotools(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if engine == "pycocotools":
        monkeypatch.setattr(coco_ap, "faster", None)
    elif coco_ap.faster is None:
        pytest.skip("needs faster-coco-eval")
    record = json.loads(COCO128.read_text())
    rng = np.random.default_rng(5)
    record["images"] = record["images"][:31]
    sizes = {one["id"]: one for one in record["images"]}
    record["annotations"] = [one for one in record["annotations"] if one["image_id"] in sizes]
    for number, one in enumerate(record["annotations"], 1):
        one["id"] = number
        one["area"] = one["area"] * float(rng.uniform(0.5, 1.5))
        if isinstance(one["segmentation"], list) and rng.random() < 0.2:
            picture = sizes[one["image_id"]]
            rle = coco_mask.merge(
                coco_mask.frPyObjects(one["segmentation"], picture["height"], picture["width"])
            )
            one |= {"iscrowd": 1, "segmentation": {**rle, "counts": rle["counts"].decode()}}
    path = tmp_path / "instances.json"
    path.write_text(json.dumps(record))
    compare(path, 2)


def figures(*boxes: tuple[int, int, int, int], **columns: list) -> Instances:
    masks = np.zeros((len(boxes), 103, 127), bool)
    for mask, (x1, y1, x2, y2) in zip(masks, boxes, strict=True):
        mask[y1:y2, x1:x2] = True
    return Instances.from_dense(masks, **columns)


def test_what_is_found_in_a_crowd_neither_counts_nor_hurts() -> None:
    drawn = figures((0, 0, 20, 20), (50, 50, 100, 100))
    found = figures((0, 0, 20, 20), (55, 55, 70, 70), scores=[0.5, 0.9])
    alone = instances_to_truth(drawn)
    assert average_precision([alone], [found], ["a"]).mask.ap < 0.5
    crowd = Truth(drawn, alone.boxes, alone.areas, np.array([False, True]))
    scores = average_precision([crowd], [found], ["a"])
    assert scores.mask.ap == pytest.approx(1)
    assert scores.box.ap == pytest.approx(1)
    assert scores.drawn == scores.mask.classes[0].figures == 1


def test_by_hand() -> None:
    """The surest is wrong, the second right: precision 1/2 at any recall."""
    drawn = figures((10, 10, 50, 50), labels=[1])
    found = figures((60, 60, 100, 100), (10, 10, 50, 50), scores=[0.9, 0.8], labels=[1, 1])
    scores = average_precision([drawn], [found], ["a", "b"])
    assert scores.mask.ap == pytest.approx(0.5)
    assert scores.mask.ar1 == 0
    assert scores.mask.ar10 == pytest.approx(1)
    assert np.isnan(scores.mask.classes[0].ap)
    assert scores.mask.classes[1].ap50 == pytest.approx(0.5)
    assert scores.mask.ap_medium == pytest.approx(0.5)
    assert np.isnan(scores.mask.ap_large)


@pytest.mark.parametrize(
    ("truth", "found", "classes"),
    [
        ([], [], []),
        ([], [], ["a"]),
        ([Instances.empty((5, 7))], [Instances.empty((5, 7))], ["a"]),
        ([Instances.empty((103, 127))], [figures((0, 0, 9, 9))], ["a"]),
    ],
)
def test_nothing_drawn_is_no_number(truth: list, found: list, classes: list) -> None:
    assert all(np.isnan(value) for value in average_precision(truth, found, classes).numbers().values())


def test_nothing_found_is_0() -> None:
    scores = average_precision([figures((0, 0, 9, 9))], [Instances.empty((103, 127))], ["a"])
    assert scores.mask.ap == scores.box.ar == 0


def test_more_than_100_figures_count_if_asked() -> None:
    boxes = [(x, y, x + 5, y + 5) for y in range(0, 98, 9) for x in range(0, 120, 11)]
    many = figures(*boxes)
    assert average_precision([many], [many], ["a"]).mask.ar == pytest.approx(100 / len(boxes))
    assert average_precision([many], [many], ["a"], most=1000).mask.ar == pytest.approx(1)


def test_it_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    average_precision([figures((0, 0, 9, 9))], [figures((0, 0, 9, 9))], ["a"])
    assert capsys.readouterr() == ("", "")


def test_pictures_that_do_not_belong_together_are_refused() -> None:
    with pytest.raises(ValueError, match=r"picture 1: truth is of \(5, 7\), found of \(7, 5\)"):
        average_precision([Instances.empty((5, 7))], [Instances.empty((7, 5))], ["a"])
    with pytest.raises(ValueError, match="shorter"):
        average_precision([Instances.empty((5, 7))], [], ["a"])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([(1, 1), (5, 7), (7, 5), (1, 11), (11, 1)]), st.floats(0, 1))
def test_run_lengths_are_those_of_pycocotools(seed: int, size: tuple[int, int], share: float) -> None:
    mask = np.random.default_rng(seed).random(size) < share
    expected = coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))
    assert crop_to_rle(tight_crop(mask), size) == expected
