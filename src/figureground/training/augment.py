"""A picture and its figures varied with torchvision's transforms, and made into tensors."""

from typing import Any

import numpy as np
import torch
from torch import Tensor
from torchvision import tv_tensors
from torchvision.ops import masks_to_boxes
from torchvision.transforms import v2

from figureground.frames import Image
from figureground.instances import Instances
from figureground.training.recipe import Augment

LEAST_PIXELS = 12
"""Of a figure, else it is too small to learn from."""

LEAST_SHARE = 0.1
"""Of a figure that must be left inside the picture."""


def augmented(
    image: Image, figures: Instances, steps: Augment, rng: np.random.Generator
) -> tuple[Tensor, dict[str, Tensor]]:
    """A picture as (3, h, w) uint8 and its target, both varied; torch's own random numbers are used.

    The target is torchvision's: boxes (n, 4) float32 x1 y1 x2 y2, labels (n,) int64 from 1 on, masks
    (n, h, w) uint8.

    Args:
        image: (h, w, 3) uint8 RGB.
        figures: of the picture.
        steps: what is done, and how much of it.
        rng: for the numbers that are needed beforehand.
    """
    picture = tv_tensors.Image(torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1))))
    masks = tv_tensors.Mask(torch.from_numpy(figures.dense().astype(np.uint8)))
    ground = [float(value) for value in image.reshape(-1, 3).mean(axis=0)]
    if rng.random() < steps.crop:
        rows, columns = _part(figures, rng.uniform(*steps.crop_part), rng)
        picture, masks = (
            tv_tensors.wrap(one[:, rows, columns].contiguous(), like=one) for one in (picture, masks)
        )
    picture, masks = _moves(steps, ground)(picture, masks)
    picture = _looks(steps, rng)(picture)
    return picture.as_subclass(Tensor), _target(masks.as_subclass(Tensor), figures)


def plain_target(image: Image, figures: Instances) -> tuple[Tensor, dict[str, Tensor]]:
    """As `augmented`, with nothing varied."""
    picture = torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1)))
    return picture, _target(torch.from_numpy(figures.dense().astype(np.uint8)), figures)


def _part(figures: Instances, share: float, rng: np.random.Generator) -> tuple[slice, slice]:
    """The rows and columns of a part that has `share` of each side, and the middle of a figure, if any."""
    at = rng.random(2) * figures.size
    if len(figures):
        box = figures.boxes[int(rng.integers(len(figures)))]
        at = np.array([box[1] + box[3], box[0] + box[2]]) / 2
    window = []
    for middle, side in zip(at, figures.size, strict=True):
        extent = max(1, round(side * share))
        first = int(np.clip(middle - rng.random() * extent, 0, side - extent))
        window.append(slice(first, first + extent))
    return window[0], window[1]


def _moves(steps: Augment, ground: list[float]) -> v2.Transform:
    """What moves pixels; what comes in from outside is of the colour `ground`."""
    fill: dict[Any, Any] = {tv_tensors.Image: ground, tv_tensors.Mask: 0}
    moves: list[v2.Transform] = [v2.RandomHorizontalFlip(steps.flip_x), v2.RandomVerticalFlip(steps.flip_y)]
    if steps.turn or steps.scale != (1.0, 1.0):
        bilinear = v2.InterpolationMode.BILINEAR
        moves.append(v2.RandomAffine(steps.turn, scale=steps.scale, interpolation=bilinear, fill=fill))
    return v2.Compose(moves)


def _looks(steps: Augment, rng: np.random.Generator) -> v2.Transform:
    """What changes colours."""
    looks: list[v2.Transform] = [
        v2.ColorJitter(steps.brightness, steps.contrast, steps.colour, min(0.5, steps.colour / 10))
    ]
    if rng.random() < steps.blur and steps.blur_sigma[0] > 0:
        looks.append(v2.GaussianBlur(7, steps.blur_sigma))
    if rng.random() < steps.noise:
        looks.append(v2.GaussianNoise(sigma=rng.uniform(*steps.noise_sigma) / 255))
    return v2.Compose(looks)


def _target(masks: Tensor, figures: Instances) -> dict[str, Tensor]:
    """Boxes around what is left of each mask; figures of which little is left are left out."""
    areas = masks.flatten(1).sum(dim=1) if len(masks) else torch.zeros(0)
    before = torch.from_numpy(figures.areas)
    kept = (areas >= LEAST_PIXELS) & (areas >= LEAST_SHARE * before)
    masks = masks[kept].contiguous()
    boxes = torch.zeros((0, 4))
    if len(masks):
        boxes = masks_to_boxes(masks).float() + torch.tensor([0.0, 0.0, 1.0, 1.0])
    return {"boxes": boxes, "labels": torch.from_numpy(figures.labels)[kept] + 1, "masks": masks}
