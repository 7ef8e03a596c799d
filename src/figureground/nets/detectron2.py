"""detectron2's anchors and RoI pooling (detectron2, Apache-2.0: anchor_generator.py, poolers.py)."""

import math

import torch
from torch import Tensor, nn
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.image_list import ImageList
from torchvision.ops import roi_align


class FixedAnchors(AnchorGenerator):  # type: ignore[misc]  # torchvision has no types
    """Anchors that are not rounded, on strides that do not depend on the picture's padding."""

    def generate_anchors(  # noqa: D102  (torchvision's)
        self,
        scales: list[float],
        aspect_ratios: list[float],
        dtype: torch.dtype = torch.float32,
        device: torch.device | None = None,
    ) -> Tensor:
        cells = []
        for size in scales:
            for ratio in aspect_ratios:
                width = math.sqrt(size**2 / ratio)
                height = ratio * width
                cells.append([-width / 2, -height / 2, width / 2, height / 2])
        return torch.tensor(cells, dtype=dtype, device=device)

    def forward(self, image_list: ImageList, feature_maps: list[Tensor]) -> list[Tensor]:
        """The anchors of each picture: (cells x anchors a cell, 4), level after level."""
        first = feature_maps[0]
        self.set_cell_anchors(first.dtype, first.device)
        ratio = image_list.tensors.shape[-1] / first.shape[-1]
        finest = 2 ** math.floor(math.log(ratio, 2.0) + 0.5)  # TorchScript knows no log2 and no round
        strides = [
            torch.tensor(finest * 2**level, dtype=torch.int64, device=first.device)
            for level in range(len(feature_maps))
        ]
        grids = [[one.shape[-2], one.shape[-1]] for one in feature_maps]
        anchors = torch.cat(self.grid_anchors(grids, [[stride, stride] for stride in strides]))
        return [anchors for _ in image_list.image_sizes]


class FixedPool(nn.Module):
    """RoIAlign on fixed strides, aligned (ROIAlignV2) or not (ROIAlign)."""

    def __init__(self, size: int, strides: tuple[int, ...], *, aligned: bool, samples: int) -> None:
        super().__init__()
        self.output_size = (size, size)
        self.strides = list(strides)
        self.first = round(math.log2(strides[0]))
        self.aligned, self.samples = aligned, samples

    def forward(
        self, x: dict[str, Tensor], boxes: list[Tensor], image_shapes: list[tuple[int, int]]
    ) -> Tensor:
        """(n, channels, size, size) of `boxes`, n in all, each from the level that fits its size."""
        numbered = [torch.cat([torch.full_like(one[:, :1], i), one], 1) for i, one in enumerate(boxes)]
        rois = torch.cat(numbered)
        levels = box_levels(rois[:, 1:], self.first, len(self.strides))
        size = self.output_size[0]
        out = x["0"].new_zeros((len(rois), x["0"].shape[1], size, size))
        for level, stride in enumerate(self.strides):
            rows = torch.where(levels == level)[0]
            pooled = roi_align(x[str(level)], rois[rows], size, 1 / stride, self.samples, self.aligned)
            out[rows] = pooled.to(out.dtype)
        return out


def box_levels(boxes: Tensor, first: int, count: int) -> Tensor:
    """(n,) int64: which of `count` levels each box is pooled from; one of 224 x 224 from that of stride 16.

    `first` is the finest level's stride as a power of 2.
    """
    sizes = ((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])).clamp(min=0).sqrt()
    levels = torch.floor(4 + torch.log2(sizes / 224 + 1e-8))
    return levels.clamp(first, first + count - 1).long() - first
