"""A Mask R-CNN in three parts without control flow, as runtimes take them: dense, box head, mask head."""

import torch
from torch import Tensor, nn
from torchvision.models.detection import MaskRCNN
from torchvision.ops import roi_align

from figureground.models.architecture import Architecture


class Dense(nn.Module):
    """Body, pyramid, and the head that proposes boxes."""

    def __init__(self, net: MaskRCNN, what: Architecture) -> None:
        super().__init__()
        self.body, self.head, self.pooled = net.backbone, net.rpn.head, what.pooled

    def forward(self, pictures: Tensor) -> tuple[Tensor, ...]:
        """Features of the pooled levels, then of all levels the scores, then the moves of their anchors.

        `pictures` is (b, 3, h, w) float32, normalised and padded; scores are (b, anchors, 1), moves
        (b, anchors, 4), anchors cell by cell.
        """
        features = list(self.body(pictures).values())
        scores, moves = self.head(features)
        flat = [*(_by_anchor(one, 1) for one in scores), *(_by_anchor(one, 4) for one in moves)]
        return (*features[: self.pooled], *flat)


class Head(nn.Module):
    """RoIAlign and the layers of one head."""

    def __init__(self, what: Architecture, size: int, *parts: nn.Module) -> None:
        super().__init__()
        self.parts = nn.Sequential(*parts)
        self.kinds = [
            ((size, size), 1 / stride, what.samples, what.aligned) for stride in what.strides[: what.pooled]
        ]

    def forward(self, *levels: Tensor) -> Tensor:
        """What the head makes of features of each level and, of each, rois (n, 5): picture x1 y1 x2 y2."""
        features, rois = levels[: len(self.kinds)], levels[len(self.kinds) :]
        pooled = [roi_align(f, r, *kind) for f, r, kind in zip(features, rois, self.kinds, strict=True)]
        made: Tensor = self.parts(torch.cat(pooled))
        return made


def split_parts(net: MaskRCNN, what: Architecture) -> dict[str, nn.Module]:
    """The three parts of `net`, which share its weights, by their names."""
    heads = net.roi_heads
    return {
        "dense": Dense(net, what).eval(),
        "box": Head(what, 7, heads.box_head, heads.box_predictor).eval(),
        "mask": Head(what, 14, heads.mask_head, heads.mask_predictor).eval(),
    }


def _by_anchor(level: Tensor, values: int) -> Tensor:
    """(b, anchors * values, h, w) -> (b, h * w * anchors, values)."""
    b, channels, h, w = level.shape
    return level.view(b, channels // values, values, h, w).permute(0, 3, 4, 1, 2).reshape(b, -1, values)
