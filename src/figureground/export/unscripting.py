"""The net within a TorchScript file of detectron2's Mask R-CNN, so that it can be taken apart."""

import re
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor
from torchvision.models.detection import MaskRCNN

from figureground.errors import InputError
from figureground.frames import Image
from figureground.models.architecture import ARCHITECTURES, Architecture
from figureground.models.detectron2 import rename_weights
from figureground.nets.checkpoints import put_weights
from figureground.nets.maskrcnn import build_maskrcnn

_FIRST = "backbone.bottom_up.stem.conv1.weight"
_DEPTHS = {(2, False): "resnet18", (6, False): "resnet34", (6, True): "resnet50", (23, True): "resnet101"}


def program_to_net(program: Any, classes: int, side: int) -> tuple[MaskRCNN, Architecture] | None:
    """The net that `program` holds, for pictures whose longer side is `side`; None if it cannot be told.

    It is taken only if it finds the same as the program in a made picture, and finds something there: a
    program does not say all of how it works.

    Args:
        program: as torch.jit loads it; takes [{"image": (3, h, w) uint8}].
        classes: how many figures it tells apart.
        side: in pixels.
    """
    weights = {key: value for key, value in program.state_dict().items() if "pixel_" not in key}
    if _FIRST not in weights:
        return None
    try:
        what = _architecture(program, weights, side)
        net = build_maskrcnn(what, classes, frozen_norm=True).eval()
        arrays = {key: value.float().numpy() for key, value in weights.items()}
        put_weights(net, rename_weights(arrays, classes, "the program"), "the program")
        return (net, what) if _agree(program, net, made_picture(side)) else None
    except (InputError, RuntimeError, LookupError, AttributeError, TypeError, ValueError):
        return None  # another model than this; it runs as it is


def made_picture(side: int) -> Image:
    """(side, side, 3) uint8: dark and bright spots on grey, always the same."""
    rng = np.random.default_rng(0)
    picture = rng.integers(100, 140, (side, side, 3), np.uint8)
    for number in range(12):
        middle = [int(place) for place in rng.integers(side // 8, side - side // 8, 2)]
        axes = [int(place) for place in rng.integers(side // 40 + 2, side // 8 + 3, 2)]
        grey = 20 + 215 * (number % 2)
        cv2.ellipse(picture, middle, axes, float(rng.integers(180)), 0, 360, (grey, grey, grey), -1)
    return picture


def _architecture(program: Any, weights: dict[str, Tensor], side: int) -> Architecture:
    """What the program's parts tell of themselves."""
    blocks = len(
        {found[1] for key in weights if (found := re.match(r"backbone\.bottom_up\.res4\.(\d+)\.", key))}
    )
    deep = "backbone.bottom_up.res4.0.conv3.weight" in weights
    if int(_value(program, "backbone.bottom_up.res3.0.conv2.groups", 1)) != 1:
        raise ValueError("groups")
    sizes, ratios = _anchors(weights)
    base = ARCHITECTURES["detectron2"]
    proposals, heads = "proposal_generator", "roi_heads.box_predictor"
    before, after = (
        _value(program, f"{proposals}.{name}_nms_topk", {False: 1000})[False] for name in ("pre", "post")
    )
    mean, std = (
        tuple(round(float(one), 4) for one in _value(program, name, torch.tensor(other)).flatten())
        for name, other in (("pixel_mean", base.mean), ("pixel_std", base.std))
    )
    return Architecture(
        body=_DEPTHS[blocks, deep],
        flavour="detectron2",
        stride_in_1x1=tuple(_value(program, "backbone.bottom_up.res3.0.conv1.stride", (2, 2))) == (2, 2),
        colour="RGB",
        mean=(mean[0], mean[1], mean[2]),
        std=(std[0], std[1], std[2]),
        short_side=side,
        long_side=side,
        aligned=True,
        samples=0,
        anchor_sizes=sizes,
        anchor_ratios=ratios,
        rpn_before=int(before),
        rpn_after=int(after),
        rpn_overlap=float(_value(program, f"{proposals}.nms_thresh", base.rpn_overlap)),
        min_score=float(_value(program, f"{heads}.test_score_thresh", base.min_score)),
        overlap=float(_value(program, f"{heads}.test_nms_thresh", base.overlap)),
        most=int(_value(program, f"{heads}.test_topk_per_image", base.most)),
    )


def _anchors(weights: dict[str, Tensor]) -> tuple[tuple[tuple[float, ...], ...], tuple[float, ...]]:
    """Sizes of each level, and ratios, from the boxes around the origin that the program keeps."""
    start = "proposal_generator.anchor_generator.cell_anchors."
    cells = [weights[f"{start}{level}"] for level in range(5) if f"{start}{level}" in weights]
    base = ARCHITECTURES["detectron2"]
    if not cells:
        return base.anchor_sizes, base.anchor_ratios
    sides = [(cell[:, 2:] - cell[:, :2]).double() for cell in cells]
    sizes = tuple(
        tuple(dict.fromkeys(round(float(one), 3) for one in level.prod(dim=1).sqrt())) for level in sides
    )
    ratios = tuple(dict.fromkeys(round(float(h / w), 3) for w, h in sides[0]))
    return sizes, ratios


def _value(program: Any, path: str, default: Any) -> Any:
    """What the part of a program at `path` keeps; `default` where it keeps no such thing."""
    for name in path.split("."):
        try:
            program = getattr(program, name)
        except (AttributeError, RuntimeError):
            return default
    return program


def _agree(program: Any, net: MaskRCNN, picture: Image) -> bool:
    image = torch.from_numpy(picture.transpose(2, 0, 1).copy())
    with torch.inference_mode():
        theirs, ours = program([{"image": image}])[0], net([image])[0]
    if not len(theirs["scores"]) or len(theirs["scores"]) != len(ours["scores"]):
        return False
    near = (theirs["pred_boxes"] - ours["boxes"]).abs().max() < 0.1
    sure = (theirs["scores"] - ours["scores"]).abs().max() < 1e-3
    same = (theirs["pred_classes"] == ours["labels"] - 1).all()
    return bool(near and sure and same)
