"""From pictures of any sizes to one batch that a net takes, and its boxes back to the pictures."""

import torch
from torch import Tensor
from torch.nn import functional
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.transform import GeneralizedRCNNTransform

from figureground.models.architecture import Architecture, scaled_size

Target = dict[str, Tensor]
MULTIPLE = 32


class Transform(GeneralizedRCNNTransform):  # type: ignore[misc]  # torchvision has no types
    """Scale, change colour, normalise, pad; the (3, h, w) uint8 RGB pictures are not changed.

    It differs from torchvision's own in that it takes bytes, keeps to either set of conventions, and leaves
    masks as the net gives them: pasting them into whole pictures would fill the memory.
    """

    def __init__(self, what: Architecture) -> None:
        super().__init__(what.short_side, what.long_side, list(what.mean), list(what.std), MULTIPLE)
        self.what = what

    def forward(
        self, images: list[Tensor], targets: list[Target] | None = None
    ) -> tuple[ImageList, list[Target] | None]:
        """A batch of `images`, and their targets scaled with them."""
        scaled = [self._prepared(image) for image in images]
        sizes = [(int(image.shape[1]), int(image.shape[2])) for image in scaled]
        batch = self.batch_images(scaled, MULTIPLE)
        moved = None
        if targets is not None:
            old = [(int(image.shape[1]), int(image.shape[2])) for image in images]
            moved = [_scaled(*one) for one in zip(targets, old, sizes, strict=True)]
        return ImageList(batch, sizes), moved

    def postprocess(
        self,
        result: list[Target],
        image_shapes: list[tuple[int, int]],
        original_image_sizes: list[tuple[int, int]],
    ) -> list[Target]:
        """Boxes in pixels of the original pictures, those without an extent left out; masks as they are."""
        if self.training:
            return result
        return [_restored(*one) for one in zip(result, image_shapes, original_image_sizes, strict=True)]

    def _prepared(self, image: Tensor) -> Tensor:
        height, width = scaled_size((int(image.shape[1]), int(image.shape[2])), self.what)
        if self.what.flavour == "detectron2":
            if (height, width) != tuple(image.shape[1:]):
                image = functional.interpolate(image[None], (height, width), mode="bilinear", antialias=True)[
                    0
                ]
            values = image.float()
        else:
            values = image.float()
            if (height, width) != tuple(image.shape[1:]):
                values = functional.interpolate(values[None], (height, width), mode="bilinear")[0]
        if self.what.colour == "BGR":
            values = values.flip(0)
        mean, std = (values.new_tensor(one)[:, None, None] for one in (self.what.mean, self.what.std))
        return (values - mean) / std


def _scaled(target: Target, old: tuple[int, int], new: tuple[int, int]) -> Target:
    ratio_y, ratio_x = new[0] / old[0], new[1] / old[1]
    out = {**target, "boxes": target["boxes"] * target["boxes"].new_tensor([ratio_x, ratio_y] * 2)}
    if "masks" in target and old != new:
        masks = target["masks"][:, None].float()
        out["masks"] = functional.interpolate(masks, new, mode="nearest")[:, 0].to(torch.uint8)
    return out


def _restored(result: Target, size: tuple[int, int], original: tuple[int, int]) -> Target:
    height, width = original
    boxes = result["boxes"] * result["boxes"].new_tensor([width / size[1], height / size[0]] * 2)
    boxes = torch.stack([boxes[:, i].clamp(0, (width, height)[i % 2]) for i in range(4)], dim=1)
    kept = (boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1])
    return {name: value[kept] for name, value in {**result, "boxes": boxes}.items()}
