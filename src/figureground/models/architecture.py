"""What a Mask R-CNN is made of and how it looks at a picture: plain data, for the nets and the runtime.

Two families differ in many small conventions (see `Flavour`). A model gives the figures it was trained for
only if each of them is kept.
"""

from dataclasses import dataclass, replace
from typing import Literal

from figureground.errors import OptionError

MULTIPLE = 32
"""Pixels that the sides of a batch are padded to a multiple of."""
Flavour = Literal["torchvision", "detectron2"]
"""Whose conventions.

torchvision: RGB in 0..1, plain bilinear resize, rounded anchors on strides of the padded picture, RoIAlign
without the half-pixel shift, masks pasted with a border.
detectron2: BGR in 0..255, antialiased resize of 8 bits, exact anchors on fixed strides, aligned RoIAlign,
masks sampled at pixel centres.
"""


@dataclass(frozen=True)
class Architecture:
    """A Mask R-CNN, but for its classes and weights.

    Attributes:
        body: resnet18, resnet34, resnet50, resnet101, resnext101_32x8d, or mobilenet_v3_large.
        flavour: whose conventions it follows.
        heads: "fpn", or "fpn_v2" (torchvision's later heads of four convolutions with the norm).
        norm: "batch", which costs nothing when the model is used, but learns from large batches only; or
            "group" (Wu and He 2018), for a training from nothing on batches of a few pictures.
        stride_in_1x1: whether the first convolution of a bottleneck is the one that strides.
        colour: order of the channels that the net takes.
        mean: of each channel in that order, in 0..255.
        std: likewise.
        short_side: pixels that the shorter side of a picture is scaled to; 0 leaves its size.
        long_side: pixels that the longer side has at most.
        strides: pixels between the cells of each level of features.
        aligned: whether RoIAlign is shifted by half a pixel.
        samples: points a side of each bin of RoIAlign; 0 is as many as it has pixels.
        pooled: how many levels, from the first, figures are pooled from.
        anchor_sizes: of each level, in pixels.
        anchor_ratios: height / width, on every level.
        rpn_before: proposals a level before suppression.
        rpn_after: proposals in all after it.
        rpn_overlap: IoU over which the weaker proposal goes.
        min_score: figures below are dropped at once.
        overlap: IoU over which the weaker figure of the same class goes.
        most: figures a picture.
    """

    body: str = "resnet50"
    flavour: Flavour = "torchvision"
    heads: Literal["fpn", "fpn_v2"] = "fpn"
    norm: Literal["batch", "group"] = "batch"
    stride_in_1x1: bool = False
    colour: Literal["RGB", "BGR"] = "RGB"
    mean: tuple[float, float, float] = (123.675, 116.28, 103.53)
    std: tuple[float, float, float] = (58.395, 57.12, 57.375)
    short_side: int = 800
    long_side: int = 1333
    strides: tuple[int, ...] = (4, 8, 16, 32, 64)
    aligned: bool = False
    samples: int = 2
    pooled: int = 4
    anchor_sizes: tuple[tuple[float, ...], ...] = ((32,), (64,), (128,), (256,), (512,))
    anchor_ratios: tuple[float, ...] = (0.5, 1.0, 2.0)
    rpn_before: int = 1000
    rpn_after: int = 1000
    rpn_overlap: float = 0.7
    min_score: float = 0.05
    overlap: float = 0.5
    most: int = 100


_DETECTRON2 = Architecture(
    flavour="detectron2",
    stride_in_1x1=True,
    colour="BGR",
    mean=(103.53, 116.28, 123.675),
    std=(1.0, 1.0, 1.0),
    aligned=True,
    samples=0,
)
ARCHITECTURES = {
    "mobilenet": Architecture(
        body="mobilenet_v3_large",
        short_side=480,
        long_side=800,
        strides=(8, 16, 32, 64),
        pooled=3,
        anchor_sizes=((16, 24), (32, 48), (64, 96), (128, 256)),
        rpn_before=500,
        rpn_after=300,
    ),
    "resnet50": Architecture(),
    "resnet50_v2": Architecture(heads="fpn_v2"),
    "detectron2": _DETECTRON2,
}
"""The models that can be trained, by the name that a recipe gives."""


def architecture(name: str) -> Architecture:
    """One of ARCHITECTURES.

    Raises:
        OptionError: there is none of this name.

    Example:
        >>> architecture("mobilenet").body
        'mobilenet_v3_large'
    """
    if name not in ARCHITECTURES:
        raise OptionError(f"there is no model {name!r}; choose one of: {', '.join(ARCHITECTURES)}")
    return ARCHITECTURES[name]


def resized(what: Architecture, size: int | None) -> Architecture:
    """`what` for pictures whose shorter side is scaled to `size` pixels, in its ratio of the sides.

    Args:
        what: the architecture.
        size: 0 leaves the pictures' size; None changes nothing.

    Raises:
        OptionError: it is too small.

    Example:
        >>> resized(architecture("resnet50"), 400).long_side
        666
    """
    if size is None or size == what.short_side:
        return what
    if size and size < MULTIPLE:
        raise OptionError(f"size: must be 0, or {MULTIPLE} or more pixels, got {size}")
    ratio = what.long_side / what.short_side if what.short_side else 5 / 3
    return replace(what, short_side=size, long_side=round(size * ratio) if size else what.long_side)


def scaled_size(size: tuple[int, int], what: Architecture) -> tuple[int, int]:
    """(h, w) in pixels that a picture of `size` (h, w) is scaled to before it is padded.

    Example:
        >>> [scaled_size(size, ARCHITECTURES["resnet50"]) for size in ((480, 640), (500, 2000))]
        [(800, 1066), (333, 1333)]
    """
    if not what.short_side:
        return size
    if what.flavour == "torchvision":
        scale = min(what.short_side / min(size), what.long_side / max(size))
        height, width = (int(side * scale) for side in size)
        return max(1, height), max(1, width)
    scale = what.short_side / min(size)
    sides = [what.short_side if side == min(size) else scale * side for side in size]
    shrink = min(1.0, what.long_side / max(sides))
    height, width = (int(side * shrink + 0.5) for side in sides)
    return max(1, height), max(1, width)
