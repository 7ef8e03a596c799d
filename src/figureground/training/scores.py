"""How well a net finds the figures of the validation part: COCO's average precision, by pycocotools."""

import contextlib
import io
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from torch import Tensor
from torchvision.models.detection import MaskRCNN

from figureground.instances import Crop, Instances
from figureground.models.architecture import Architecture
from figureground.models.paste import paste
from figureground.training.samples import Drawings

Scores = dict[str, float]


def scores_of(
    net: MaskRCNN, drawings: Drawings, what: Architecture, *, each: Callable[[], None] = lambda: None
) -> Scores:
    """mask_ap, mask_ap50, box_ap and box_ap50 of `net` on `drawings`, 0 to 1; each 0 where nothing is found.

    Args:
        net: is put to evaluation, and left so.
        drawings: pictures with their figures.
        what: the net's architecture.
        each: called after every picture.
    """
    net.eval()
    device = next(net.parameters()).device
    truth, found = [], []
    for index in range(len(drawings)):
        drawn = drawings[index]
        picture = torch.from_numpy(np.ascontiguousarray(drawn.image.transpose(2, 0, 1))).to(device)
        with torch.no_grad():
            (out,) = net([picture])
        truth.append(drawn.figures)
        found.append(_instances(out, drawn.figures.size, what))
        each()
    return average_precision(truth, found)


def average_precision(truth: Sequence[Instances], found: Sequence[Instances]) -> Scores:
    """COCO's AP (over IoU 0.5 to 0.95) and AP50 of masks and boxes, the mean of the classes in the truth.

    Example:
        >>> mask = np.zeros((20, 30), bool); mask[3:14, 5:16] = True
        >>> one = Instances.from_dense([mask])
        >>> average_precision([one], [one])["mask_ap"]
        1.0
    """
    labels = sorted({int(label) for one in truth for label in one.labels})
    results = [row for row in _rows(found) if row["category_id"] in labels]
    if not results:
        return {"mask_ap": 0.0, "mask_ap50": 0.0, "box_ap": 0.0, "box_ap50": 0.0}
    with contextlib.redirect_stdout(io.StringIO()):  # pycocotools prints its steps
        data = COCO()
        data.dataset = {
            "images": [{"id": i, "height": one.size[0], "width": one.size[1]} for i, one in enumerate(truth)],
            "categories": [{"id": label, "name": str(label)} for label in labels],
            "annotations": _rows(truth),
            "info": {},
        }
        data.createIndex()
        judged = data.loadRes(results)
        return {
            f"{name}_{kind}": value
            for name, judge in (("mask", "segm"), ("box", "bbox"))
            for kind, value in _judged(data, judged, judge).items()
        }


def _judged(truth: COCO, found: COCO, kind: str) -> Scores:
    judge = COCOeval(truth, found, kind)
    judge.evaluate()
    judge.accumulate()
    judge.summarize()
    return {"ap": max(0.0, float(judge.stats[0])), "ap50": max(0.0, float(judge.stats[1]))}


def _rows(pictures: Sequence[Instances]) -> list[dict[str, Any]]:
    """COCO's records of figures, ids from 1; those of truth and of results have the same keys."""
    rows: list[dict[str, Any]] = []
    for number, one in enumerate(pictures):
        for crop, box, score, label in zip(one.masks, one.boxes, one.scores, one.labels, strict=True):
            rows.append(
                {
                    "id": 1 + len(rows),
                    "image_id": number,
                    "category_id": int(label),
                    "segmentation": _run_lengths(crop, one.size),
                    "bbox": [float(v) for v in (box[0], box[1], box[2] - box[0], box[3] - box[1])],
                    "area": float(np.count_nonzero(crop.mask)),
                    "score": float(score),
                    "iscrowd": 0,
                }
            )
    return rows


def _run_lengths(crop: Crop, size: tuple[int, int]) -> Any:
    whole = np.zeros(size, np.uint8, order="F")
    whole[crop.window] = crop.mask
    return coco_mask.encode(whole)


def _instances(out: dict[str, Tensor], size: tuple[int, int], what: Architecture) -> Instances:
    boxes = out["boxes"].float().cpu().numpy()
    masks = out["masks"].float().cpu().numpy()
    crops = [paste(mask[0], box, size, what.flavour) for mask, box in zip(masks, boxes, strict=True)]
    labels = out["labels"].cpu().numpy() - 1
    return Instances(
        size, tuple(crops), boxes=boxes, scores=out["scores"].float().cpu().numpy(), labels=labels
    )
