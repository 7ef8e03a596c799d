"""Figures of one picture put into another (copy-paste; Ghiasi et al. 2021), with soft edges."""

import math

import cv2
import numpy as np
import numpy.typing as npt

from figureground.frames import Image
from figureground.instances import BoolArray, Crop, Instances, tight_crop
from figureground.training.recipe import Augment

LEAST_SEEN = 0.2
"""Share of a figure that must be seen behind what was put before it, else it is no figure to learn."""

Floats = npt.NDArray[np.float32]


def composed(
    image: Image,
    figures: Instances,
    other: Image,
    chosen: Instances,
    steps: Augment,
    rng: np.random.Generator | None = None,
) -> tuple[Image, Instances]:
    """`image` with the `chosen` figures of the picture `other` before its own `figures`.

    Args:
        image: (h, w, 3) uint8 RGB; it is not changed.
        figures: what is seen in it.
        other: where the chosen figures are cut out.
        chosen: figures of `other`.
        steps: how soft edges are, and how sizes vary.
        rng: where they are put, how turned and how large; without it they stay where they are, which needs
            pictures of the same size.

    Returns:
        The picture, and all figures of it: what is hidden by others is not in their masks.
    """
    out, masks, labels = image, list(figures.masks), list(figures.labels)
    for crop, label in zip(chosen.masks, chosen.labels, strict=True):
        cut, cover = _cut_out(other, crop, steps.feather)
        if rng is not None:
            cut, cover = _varied(cut, cover, steps, rng)
            top, left = (
                int(rng.integers(-side // 4, max(1, full - 3 * side // 4)))
                for side, full in zip(cover.shape, figures.size, strict=True)
            )
        else:
            top, left = crop.y0 - _margin(steps.feather), crop.x0 - _margin(steps.feather)
        placed = _placed(cover, top, left, figures.size)
        if placed is None:
            continue
        window, inner = placed
        out = _laid(out, window, cut[inner], cover[inner])
        solid = tight_crop(cover[inner] >= 0.5, window[0].start, window[1].start)
        masks = [_behind(one, window, cover[inner] >= 0.5) for one in masks]
        masks.append(solid)
        labels.append(label)
    return out, _seen(figures, masks, labels)


def _margin(feather: float) -> int:
    return math.ceil(2 * feather) + 1


def _cut_out(image: Image, crop: Crop, feather: float) -> tuple[Floats, Floats]:
    """The figure (h, w, 3) and how much it covers (h, w) 0..1, with a margin for its soft edge."""
    margin = _margin(feather)
    cover = np.pad(crop.mask.astype(np.float32), margin)
    if feather:
        cover = cv2.GaussianBlur(cover, (0, 0), feather / 2)
    rows = np.arange(crop.y0 - margin, crop.y0 + crop.mask.shape[0] + margin)
    columns = np.arange(crop.x0 - margin, crop.x0 + crop.mask.shape[1] + margin)
    height, width = image.shape[:2]
    cut = image[rows.clip(0, height - 1)][:, columns.clip(0, width - 1)].astype(np.float32)
    return cut, cover


def _varied(cut: Floats, cover: Floats, steps: Augment, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Turned by any angle, mirrored or not, smaller or larger."""
    if rng.random() < steps.flip_x:
        cut, cover = cut[:, ::-1], cover[:, ::-1]
    scale, angle = rng.uniform(*steps.paste_scale), (rng.uniform(-180, 180) if steps.flip_y else 0.0)
    if not steps.flip_y:
        angle = rng.uniform(-steps.turn, steps.turn)
    height, width = cover.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, scale)
    grown_w = math.ceil(abs(matrix[0, 0]) * width + abs(matrix[0, 1]) * height)
    grown_h = math.ceil(abs(matrix[1, 0]) * width + abs(matrix[1, 1]) * height)
    matrix[:, 2] += (grown_w - width) / 2, (grown_h - height) / 2
    turned = [
        cv2.warpAffine(np.ascontiguousarray(one), matrix, (grown_w, grown_h), borderMode=border)
        for one, border in ((cut, cv2.BORDER_REPLICATE), (cover, cv2.BORDER_CONSTANT))
    ]
    return turned[0], turned[1]


def _placed(
    cover: Floats, top: int, left: int, size: tuple[int, int]
) -> tuple[tuple[slice, slice], tuple[slice, slice]] | None:
    """The part of a picture of `size` that `cover` lies on, and the part of `cover` that is on it."""
    starts = max(0, top), max(0, left)
    ends = min(size[0], top + cover.shape[0]), min(size[1], left + cover.shape[1])
    if ends[0] <= starts[0] or ends[1] <= starts[1]:
        return None
    inner = slice(starts[0] - top, ends[0] - top), slice(starts[1] - left, ends[1] - left)
    if np.count_nonzero(cover[inner] >= 0.5) < LEAST_SEEN * np.count_nonzero(cover >= 0.5):
        return None
    return (slice(starts[0], ends[0]), slice(starts[1], ends[1])), inner


def _laid(image: Image, window: tuple[slice, slice], cut: Floats, cover: Floats) -> Image:
    out = image.copy()
    under = out[window].astype(np.float32)
    out[window] = (under + (cut - under) * cover[..., None]).round().clip(0, 255).astype(np.uint8)
    return out


def _behind(crop: Crop, window: tuple[slice, slice], solid: BoolArray) -> Crop:
    """What is seen of `crop` behind `solid`, which lies at `window`."""
    top, left = max(crop.y0, window[0].start), max(crop.x0, window[1].start)
    own = crop.window
    bottom, right = min(own[0].stop, window[0].stop), min(own[1].stop, window[1].stop)
    if bottom <= top or right <= left:
        return crop
    mask = crop.mask.copy()
    mask[top - crop.y0 : bottom - crop.y0, left - crop.x0 : right - crop.x0] &= ~solid[
        top - window[0].start : bottom - window[0].start, left - window[1].start : right - window[1].start
    ]
    return Crop(crop.y0, crop.x0, mask)


def _seen(figures: Instances, masks: list[Crop], labels: list[int]) -> Instances:
    """All of them, but for those that are hidden by others."""
    before = [*figures.areas, *([0] * (len(masks) - len(figures)))]
    rows = [
        i
        for i, (crop, area) in enumerate(zip(masks, before, strict=True))
        if np.count_nonzero(crop.mask) > LEAST_SEEN * area
    ]
    kept = [tight_crop(masks[i].mask, masks[i].y0, masks[i].x0) for i in rows]
    return Instances(figures.size, tuple(kept), labels=np.array([labels[i] for i in rows], np.int64))
