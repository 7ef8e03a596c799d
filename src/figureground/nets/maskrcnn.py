"""Mask R-CNN on torchvision's modules, with the conventions of torchvision or of detectron2."""

from typing import Any

from torch import nn
from torchvision.models.detection import MaskRCNN
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.faster_rcnn import FastRCNNConvFCHead
from torchvision.models.detection.mask_rcnn import MaskRCNNHeads
from torchvision.models.detection.rpn import RPNHead
from torchvision.ops import MultiScaleRoIAlign

from figureground.models.architecture import Architecture
from figureground.nets.bodies import build_body, norm_of
from figureground.nets.detectron2 import FixedAnchors, FixedPool
from figureground.nets.transform import Transform


def build_maskrcnn(what: Architecture, classes: int, *, frozen_norm: bool = False) -> MaskRCNN:
    """A Mask R-CNN with random weights.

    It takes a list of (3, h, w) uint8 RGB tensors of any sizes, whatever its conventions, and gives for each
    boxes (n, 4) x1 y1 x2 y2 in pixels, scores, labels from 1 on, and masks (n, 1, 28, 28): their values
    inside the boxes, not pasted.

    Args:
        what: the architecture.
        classes: how many classes of figures, without the ground.
        frozen_norm: see `build_body`.

    Example:
        >>> from figureground.models.architecture import architecture
        >>> net = build_maskrcnn(architecture("mobilenet"), classes=2).eval()
        >>> import torch
        >>> sorted(net([torch.zeros(3, 96, 64, dtype=torch.uint8)])[0])
        ['boxes', 'labels', 'masks', 'scores']
    """
    body = build_body(what, frozen_norm=frozen_norm)
    kinds = FixedAnchors if what.flavour == "detectron2" else AnchorGenerator
    anchors = kinds(what.anchor_sizes, (what.anchor_ratios,) * len(what.anchor_sizes))
    net = MaskRCNN(
        body,
        num_classes=classes + 1,
        rpn_anchor_generator=anchors,
        rpn_pre_nms_top_n_test=what.rpn_before,
        rpn_post_nms_top_n_test=what.rpn_after,
        rpn_nms_thresh=what.rpn_overlap,
        box_score_thresh=what.min_score,
        box_nms_thresh=what.overlap,
        box_detections_per_img=what.most,
        **_heads(what, body, anchors),
    )
    for name, size in (("box_roi_pool", 7), ("mask_roi_pool", 14)):
        setattr(net.roi_heads, name, _pool(what, size))
    net.transform = Transform(what)
    return net


def _heads(what: Architecture, body: nn.Module, anchors: AnchorGenerator) -> dict[str, Any]:
    channels: int = body.out_channels  # type: ignore[assignment]
    count = anchors.num_anchors_per_location()[0]
    if what.heads == "fpn":
        return {"rpn_head": RPNHead(channels, count)}
    norm = norm_of(what)
    return {
        "rpn_head": RPNHead(channels, count, conv_depth=2),
        "box_head": FastRCNNConvFCHead((channels, 7, 7), [256] * 4, [1024], norm_layer=norm),
        "mask_head": MaskRCNNHeads(channels, [256] * 4, 1, norm_layer=norm),
    }


def _pool(what: Architecture, size: int) -> nn.Module:
    if what.flavour == "detectron2":
        levels = what.strides[: what.pooled]
        return FixedPool(size, levels, aligned=what.aligned, samples=what.samples)
    return MultiScaleRoIAlign([str(level) for level in range(what.pooled)], size, what.samples)
