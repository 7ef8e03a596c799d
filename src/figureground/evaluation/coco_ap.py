"""COCO's average precision of boxes and masks, computed by pycocotools or faster-coco-eval.

pycocotools is what published figures are computed with, and every installation of figureground has it.
faster-coco-eval, which comes with `figureground[train]`, gives the same numbers with its inner loop in C++:
4 times faster with 30 animals on a picture, which counts where a training run looks after every epoch.
"""

import contextlib
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import numpy as np
import numpy.typing as npt
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from figureground.evaluation.truth import Truth, corners_to_sides, instances_to_truth
from figureground.instances import Crop, Instances

try:
    import faster_coco_eval as faster  # type: ignore[import-untyped,import-not-found,unused-ignore]
except ImportError:
    faster = None

MOST = 100
"""Figures of a picture that count, the surest of each class, as COCO has it."""

Row = dict[str, Any]

_KINDS = {"box": "bbox", "mask": "segm"}
_NAN = float("nan")


@dataclass(frozen=True)
class ClassScore:
    """How well one class is found; NaN where it does not occur.

    Attributes:
        name: of the class.
        ap: mean over overlaps from 0.5 to 0.95.
        ap50: with an overlap of 0.5.
        ar: average recall.
        figures: drawn ones, without crowds.
    """

    name: str
    ap: float
    ap50: float
    ar: float
    figures: int


@dataclass(frozen=True)
class Precision:
    """COCO's numbers for boxes, or for masks: 0 to 1, NaN where no figure is of that kind.

    Attributes:
        ap: average precision, mean over classes and over overlaps (IoU) of 0.5, 0.55 ... 0.95.
        ap50: with an overlap of 0.5.
        ap75: with an overlap of 0.75.
        ap_small: of figures of less than 32 x 32 pixels.
        ap_medium: of figures in between.
        ap_large: of figures of more than 96 x 96 pixels.
        ar1: average recall with the surest figure of each picture and class.
        ar10: with the ten surest.
        ar: with all that count, see MOST.
        ar_small: likewise, of small figures.
        ar_medium: likewise, of medium ones.
        ar_large: likewise, of large ones.
        classes: each by itself.
    """

    ap: float = _NAN
    ap50: float = _NAN
    ap75: float = _NAN
    ap_small: float = _NAN
    ap_medium: float = _NAN
    ap_large: float = _NAN
    ar1: float = _NAN
    ar10: float = _NAN
    ar: float = _NAN
    ar_small: float = _NAN
    ar_medium: float = _NAN
    ar_large: float = _NAN
    classes: tuple[ClassScore, ...] = field(default=())


@dataclass(frozen=True)
class Scores:
    """How well figures are found, by COCO's measure.

    Attributes:
        box: of the boxes.
        mask: of the masks.
        pictures: how many.
        drawn: figures in truth, without crowds.
        found: figures that were found.
    """

    box: Precision
    mask: Precision
    pictures: int
    drawn: int
    found: int

    def numbers(self) -> dict[str, float]:
        """All but the classes, by names such as box_ap and mask_ap50.

        Example:
            >>> list(average_precision([], [], ["ant"]).numbers())[:2]
            ['box_ap', 'box_ap50']
        """
        names = [name for name in Precision.__dataclass_fields__ if name != "classes"]
        return {f"{kind}_{name}": getattr(getattr(self, kind), name) for kind in _KINDS for name in names}


def average_precision(
    truth: Iterable[Truth | Instances],
    found: Iterable[Instances],
    classes: Sequence[str],
    *,
    most: int = MOST,
) -> Scores:
    """COCO's average precision and recall.

    Only run lengths are kept, so with generators memory stays small however many pictures there are.
    Figures with equal scores count in the order in which they come.

    Args:
        truth: of each picture; crowds, and areas and boxes of the file, are known only to `Truth`.
        found: of each picture, in the same order, with masks of the same size.
        classes: what the labels of both index.
        most: figures of a picture and class that count; COCO's 100 is too few where more than 100 are drawn.

    Raises:
        ValueError: there are not as many of `truth` as of `found`, or their sizes differ.

    Example:
        >>> mask = np.zeros((50, 70), bool); mask[10:30, 20:60] = True
        >>> figures = Instances.from_dense([mask])
        >>> round(average_precision([figures], [figures], ["ant"]).mask.ap50, 6)
        1.0
    """
    pictures: list[Row] = []
    drawn_rows: list[Row] = []
    found_rows: list[Row] = []
    numbers = count(1)  # 0 means "no match" to COCOeval
    for number, (real, seen) in enumerate(zip(truth, found, strict=True), 1):
        real = instances_to_truth(real) if isinstance(real, Instances) else real
        if real.figures.size != seen.size:
            raise ValueError(
                f"picture {number}: truth is of {real.figures.size}, found of {seen.size} (h, w)"
            )
        pictures.append({"id": number, "height": seen.size[0], "width": seen.size[1]})
        drawn_rows += truth_rows(real, number, numbers)
        found_rows += instances_to_rows(seen, number)
    return rows_to_scores(pictures, drawn_rows, found_rows, classes, most=most)


def rows_to_scores(
    pictures: list[Row], drawn: list[Row], found: list[Row], classes: Sequence[str], *, most: int = MOST
) -> Scores:
    """`average_precision` of COCO's records; categories are labels counted from 1, and are those of classes.

    Args:
        pictures: each with id, width and height.
        drawn: from `truth_rows`.
        found: from `instances_to_rows`.
        classes: what labels index.
        most: figures of a picture and class that count.
    """
    results = {kind: _precision(kind, pictures, drawn, found, classes, most) for kind in _KINDS}
    real = sum(not row["iscrowd"] for row in drawn)
    return Scores(results["box"], results["mask"], len(pictures), real, len(found))


def truth_rows(truth: Truth, picture: int, numbers: Iterator[int]) -> list[Row]:
    """The annotations of one picture as COCO has them; categories are labels counted from 1."""
    figures = truth.figures
    return [
        {
            "id": next(numbers),
            "image_id": picture,
            "category_id": int(figures.labels[i]) + 1,
            "bbox": truth.boxes[i].tolist(),
            "area": float(truth.areas[i]),
            "iscrowd": int(truth.crowd[i]),
            "segmentation": crop_to_rle(figures.masks[i], figures.size),
        }
        for i in range(len(figures))
    ]


def instances_to_rows(found: Instances, picture: int) -> list[Row]:
    """What was found in one picture as COCO's results; categories are labels counted from 1."""
    boxes, areas = corners_to_sides(found.boxes), found.areas.tolist()
    return [
        {
            "image_id": picture,
            "category_id": int(found.labels[i]) + 1,
            "bbox": boxes[i].tolist(),
            "area": areas[i],
            "score": float(found.scores[i]),
            "segmentation": crop_to_rle(found.masks[i], found.size),
        }
        for i in range(len(found))
    ]


def crop_to_rle(crop: Crop, size: tuple[int, int]) -> Row:
    """The mask of `crop` in a picture of `size` (h, w) as pycocotools has run lengths.

    Costs what the figure costs, not what the picture does.

    Example:
        >>> rle = crop_to_rle(Crop(2, 1, np.ones((2, 1), bool)), (5, 7))
        >>> rle["counts"], int(coco_mask.area(rle))
        (b'72j0', 2)
    """
    height, width = size
    padded = np.pad(crop.mask, ((1, 1), (0, 0))).T.astype(np.int8)  # a row is a column of the picture
    steps = np.diff(padded, axis=1)
    columns, starts = np.nonzero(steps == 1)
    ends = np.nonzero(steps == -1)[1]
    corner = (crop.x0 + columns) * height + crop.y0
    edges = np.stack([corner + starts, corner + ends], axis=1).ravel()
    apart = np.flatnonzero(edges[1:] == edges[:-1])  # a run that goes on at the top of the next column
    edges = np.delete(edges, np.concatenate([apart, apart + 1]))
    edges = edges[: -1 if len(edges) and edges[-1] == height * width else None]  # no ground comes last
    counts = np.diff(np.concatenate([[0], edges, [height * width]])).tolist()
    rle: Row = coco_mask.frPyObjects({"size": [height, width], "counts": counts}, height, width)
    return rle


def _precision(
    kind: str, pictures: list[Row], drawn: list[Row], found: list[Row], classes: Sequence[str], most: int
) -> Precision:
    categories = [{"id": label + 1, "name": name} for label, name in enumerate(classes)]
    areas = _found_areas(kind, found)
    results = [
        {**row, "id": number, "area": area, "iscrowd": 0}
        for number, (row, area) in enumerate(zip(found, areas, strict=True), 1)
    ]
    index, evaluator = (COCO, COCOeval) if faster is None else (faster.COCO, faster.COCOeval_faster)
    with contextlib.redirect_stdout(io.StringIO()):  # pycocotools prints each of its steps
        truth = _indexed(index(), pictures, drawn, categories)
        run = evaluator(truth, _indexed(index(), pictures, results, categories), _KINDS[kind])
        run.params.maxDets = [1, 10, most]
        run.evaluate()
        run.accumulate()
    return _summary(run.eval["precision"], run.eval["recall"], drawn, classes)


def _found_areas(kind: str, found: list[Row]) -> list[float]:
    """What sorts the figures that were found into small, medium and large, in pixels (COCO.loadRes)."""
    if kind == "box":
        return [row["bbox"][2] * row["bbox"][3] for row in found]
    return [row["area"] for row in found]


def _indexed(made: Any, pictures: list[Row], rows: list[Row], categories: list[Row]) -> Any:
    """`made`, an empty COCO, with these records."""
    made.dataset = {"images": pictures, "annotations": [dict(row) for row in rows], "categories": categories}
    made.createIndex()
    return made


def _summary(
    precision: npt.NDArray[np.float64],
    recall: npt.NDArray[np.float64],
    drawn: list[Row],
    classes: Sequence[str],
) -> Precision:
    """COCO's twelve numbers, of precision (overlap, recall, class, size, most) and recall (without recall).

    Of the size 0 is all, 1 small, 2 medium, 3 large; of the overlap 0 is 0.5 and 5 is 0.75.
    """
    aps = {"ap": precision[:, :, :, 0, 2], "ap50": precision[0, :, :, 0, 2], "ap75": precision[5, :, :, 0, 2]}
    aps |= {f"ap_{size}": precision[:, :, :, i, 2] for i, size in enumerate(("small", "medium", "large"), 1)}
    ars = {"ar1": recall[:, :, 0, 0], "ar10": recall[:, :, 0, 1], "ar": recall[:, :, 0, 2]}
    ars |= {f"ar_{size}": recall[:, :, i, 2] for i, size in enumerate(("small", "medium", "large"), 1)}
    real = [row["category_id"] - 1 for row in drawn if not row["iscrowd"]]
    figures = np.bincount(np.array(real, np.int64), minlength=len(classes)).tolist()
    each = tuple(
        ClassScore(
            name,
            _mean(precision[:, :, i, 0, 2]),
            _mean(precision[0, :, i, 0, 2]),
            _mean(recall[:, i, 0, 2]),
            figures[i],
        )
        for i, name in enumerate(classes)
    )
    return Precision(**{name: _mean(values) for name, values in (aps | ars).items()}, classes=each)


def _mean(values: npt.NDArray[np.float64]) -> float:
    """Mean of what is known; COCOeval gives -1 for what is not."""
    known = values[values > -1]
    return float(known.mean()) if known.size else _NAN
