"""How well a net finds the figures of the validation part: COCO's average precision."""

import math
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor
from torchvision.models.detection import MaskRCNN

from figureground.evaluation.coco_ap import average_precision
from figureground.instances import Instances
from figureground.models.architecture import Architecture
from figureground.models.paste import paste
from figureground.training.samples import Drawings

Scores = dict[str, float]
NAMES = "mask_ap", "mask_ap50", "box_ap", "box_ap50"


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
    classes = [str(label) for label in range(net.roi_heads.box_predictor.cls_score.out_features - 1)]
    numbers = average_precision(truth, found, classes).numbers()
    return {name: 0.0 if math.isnan(numbers[name]) else numbers[name] for name in NAMES}


def _instances(out: dict[str, Tensor], size: tuple[int, int], what: Architecture) -> Instances:
    boxes = out["boxes"].float().cpu().numpy()
    masks = out["masks"].float().cpu().numpy()
    crops = [paste(mask[0], box, size, what.flavour) for mask, box in zip(masks, boxes, strict=True)]
    labels = out["labels"].cpu().numpy() - 1
    return Instances(
        size, tuple(crops), boxes=boxes, scores=out["scores"].float().cpu().numpy(), labels=labels
    )
