"""What the pair network is to make small: of the mask, and of the depth where that is known."""

import torch
from torch import Tensor
from torch.nn import functional

BORDER = 4.0
"""How much more a pixel near the border of a figure counts."""
NEAR = 2
"""Pixels that are near."""
_SMOOTH = 1.0  # pixels, so that a batch without figures has a Dice loss too
_WINDOW, _SPREAD = 7, 1.5  # of the structural similarity, in pixels of the depth
_SCALES = 3
_STABLE = 0.01**2, 0.03**2  # of the structural similarity, for a depth of about 1
_SHIFT = 0.85  # how much of a common factor on the depth is forgiven


def mask_loss(logits: Tensor, mask: Tensor) -> dict[str, Tensor]:
    """How far a mask is from the truth, 0 where it is perfect.

    Cross-entropy, in which borders count more; and the Dice loss over the whole batch, which does not let
    a picture without figures weigh as much as one with (Milletari et al., V-Net, 3DV 2016).

    Args:
        logits: (n, 1, h, w).
        mask: (n, 1, h, w) float32, 1 on the figures.

    Example:
        >>> mask = (torch.arange(64).reshape(1, 1, 8, 8) % 8 > 3).float()
        >>> [round(float(one), 4) for one in mask_loss(mask * 200 - 100, mask).values()]
        [0.0, 0.0]
    """
    weight = 1 + BORDER * near_border(mask)
    cross = functional.binary_cross_entropy_with_logits(logits, mask, reduction="none")
    chance = logits.sigmoid()
    both, each = (chance * mask).sum(), chance.sum() + mask.sum()
    dice = 1 - (2 * both + _SMOOTH) / (each + _SMOOTH)
    return {"cross": (weight * cross).sum() / weight.sum(), "dice": dice}


def near_border(mask: Tensor) -> Tensor:
    """(n, 1, h, w) float32, 1 on pixels within NEAR of the other side of a border."""
    around = functional.avg_pool2d(mask, 2 * NEAR + 1, 1, NEAR, count_include_pad=False)
    return ((around > 0) & (around < 1)).float()


def depth_loss(found: Tensor, depth: Tensor) -> dict[str, Tensor]:
    """How far a depth is from the truth, where that is known; 0 where it is perfect.

    The mean distance; the structural similarity at several scales (Wang et al., Multiscale structural
    similarity, Asilomar 2003); and the distance of logarithms in which a factor common to the picture
    counts less (Eigen et al., Depth Map Prediction from a Single Image, NeurIPS 2014).

    Args:
        found: (n, 1, h, w), over 0.
        depth: (n, 1, h, w) float32; NaN where it is not known.
    """
    known = depth.isfinite()
    truth = torch.where(known, depth, found.detach())
    return {
        "depth": _over_known(_mean((found - truth).abs(), known), known),
        "similarity": 1 - _similarities(found, truth, known.float()),
        "factor": _factor_free(found, truth, known),
    }


def half_depth(depth: Tensor) -> Tensor:
    """(n, 1, h / 2, w / 2): the mean of the known ones of each 2 x 2 pixels; NaN where none is.

    Example:
        >>> half_depth(torch.tensor([[[[1.0, 2.0], [float("nan"), 3.0]]]])).item()
        2.0
    """
    known = depth.isfinite().float()
    total = functional.avg_pool2d(depth.nan_to_num(0, 0, 0) * known, 2)
    return total / functional.avg_pool2d(known, 2)


def _mean(values: Tensor, known: Tensor) -> Tensor:
    """(n,): of each picture; 0 where nothing is known."""
    count = known.sum((1, 2, 3)).clamp(min=1)
    return torch.where(known, values, values.new_zeros(())).sum((1, 2, 3)) / count


def _over_known(each: Tensor, known: Tensor) -> Tensor:
    """The mean over the pictures of which something is known."""
    return each.sum() / known.flatten(1).any(1).sum().clamp(min=1)


def _factor_free(found: Tensor, truth: Tensor, known: Tensor) -> Tensor:
    apart = found.clamp(min=1e-3).log() - truth.clamp(min=1e-3).log()
    return _over_known(_mean(apart**2, known) - _SHIFT * _mean(apart, known) ** 2, known)


def _similarities(found: Tensor, truth: Tensor, known: Tensor) -> Tensor:
    """The mean over scales of the structural similarity where the depth is known; 1 where nowhere."""
    parts = []
    for scale in range(_SCALES):
        if scale:
            found, truth, known = (functional.avg_pool2d(one, 2) for one in (found, truth, known))
        if min(found.shape[2:]) < _WINDOW:
            break
        weight = functional.conv2d(known, _window(found))
        short = 1 - _similarity(found, truth)
        parts.append(1 - (weight * short).sum() / weight.sum().clamp(min=1))
    return torch.stack(parts).mean() if parts else found.new_ones(())


def _similarity(a: Tensor, b: Tensor) -> Tensor:
    """(n, 1, h - 6, w - 6): Wang et al., Image quality assessment, IEEE TIP 2004."""
    window = _window(a)
    mean_a, mean_b = functional.conv2d(a, window), functional.conv2d(b, window)
    square_a = functional.conv2d(a * a, window) - mean_a**2
    square_b = functional.conv2d(b * b, window) - mean_b**2
    both = functional.conv2d(a * b, window) - mean_a * mean_b
    light = (2 * mean_a * mean_b + _STABLE[0]) / (mean_a**2 + mean_b**2 + _STABLE[0])
    shape = (2 * both + _STABLE[1]) / (square_a + square_b + _STABLE[1])
    return light * shape


def _window(like: Tensor) -> Tensor:
    """(1, 1, 7, 7), a bell whose sum is 1."""
    places = torch.arange(_WINDOW, device=like.device, dtype=like.dtype) - _WINDOW // 2
    bell = (-(places**2) / (2 * _SPREAD**2)).exp()
    square = bell[:, None] * bell[None]
    return (square / square.sum())[None, None]
