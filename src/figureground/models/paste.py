"""From a detector's masks of 28 x 28 to pixels, each only as large as its box."""

import math

import numpy as np
import numpy.typing as npt

from figureground.instances import Crop
from figureground.models.architecture import Flavour

Floats = npt.NDArray[np.float32]


def paste(mask: Floats, box: Floats, size: tuple[int, int], flavour: Flavour) -> Crop:
    """The pixels of a picture of `size` (h, w) that belong to `mask` (m, m), chances in 0..1, over `box`.

    Both libraries' rules are bilinear, and so two small matrix products: detectron2 samples at the pixels'
    centres (layers/mask_ops.py), torchvision spreads the mask with a border of one cell over a box of whole
    pixels (models/detection/roi_heads.py). A pixel belongs from 0.5 on.
    """
    sides = (box[1], box[3]), (box[0], box[2])
    rule = _at_centres if flavour == "detectron2" else _over_whole_pixels
    (top, rows), (left, columns) = (
        rule(len(mask), float(low), float(high), side) for (low, high), side in zip(sides, size, strict=True)
    )
    chances = rows @ mask @ columns.T
    inside = chances >= 0.5 if flavour == "detectron2" else chances > 0.5
    return Crop(top, left, inside)


def _at_centres(cells: int, low: float, high: float, side: int) -> tuple[int, Floats]:
    """The first pixel, and (pixels, cells) how much each cell counts for each pixel."""
    first, last = max(0, math.floor(low)), min(side, math.ceil(high))
    centres = np.arange(first, max(first, last), dtype=np.float32) + np.float32(0.5)
    places = (centres - np.float32(low)) / np.float32(high - low) * cells - np.float32(0.5)
    return first, _shares(places, cells)


def _over_whole_pixels(cells: int, low: float, high: float, side: int) -> tuple[int, Floats]:
    middle, half = (low + high) / 2, (high - low) / 2 * (cells + 2) / cells
    start, end = int(middle - half), int(middle + half)
    count = max(end - start + 1, 1)
    places = (np.arange(count, dtype=np.float32) + np.float32(0.5)) * np.float32((cells + 2) / count)
    places = np.clip(places - np.float32(0.5), 0, cells + 1)
    first, last = max(0, start), min(side, start + count)
    rows = _shares(places, cells + 2)[first - start : max(first, last) - start, 1:-1]
    return first, rows


def _shares(places: Floats, cells: int) -> Floats:
    """(n, cells): linear interpolation at `places`; nothing beyond the ends."""
    gaps = np.abs(places[:, None] - np.arange(cells, dtype=np.float32))
    return np.maximum(np.float32(1) - gaps, 0)
