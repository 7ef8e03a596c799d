"""The light of a frame against the ground's: one gain and offset a channel, fitted without the figures."""

import cv2
import numpy as np
import numpy.typing as npt

from figureground.frames import Image

Light = npt.NDArray[np.float64]
"""(3, 2) float64: gain and offset in grey levels of the red, green and blue channel."""

SAME_LIGHT: Light = np.array([[1.0, 0.0]] * 3)
_POINTS = 2000
_ROUNDS = 5
_LEAST_SCALE = 2.0  # grey levels: residuals below this are noise whatever their spread
_NEAR = 6.0  # grey levels
_LEAST_SHARE = 0.45  # of the pixels must agree with a fit
_ENOUGH = 0.85  # of the pixels agree: nothing to fit
_GAIN = 0.03  # and more than without it by this share
_GAINS = 0.3, 3.0  # the light of one scene changes by no more
_STEADY = 1.0  # grey levels: a change of light smaller than this is left alone


def fit_light(image: Image, ground: Image) -> Light:
    """The light that turns `ground` into `image`, both (h, w, 3) uint8 RGB of one size.

    A line a channel through a grid of pixels, by iterated least squares with Tukey's biweight, so
    that figures (less than about half of the picture) do not pull it. Saturated pixels are left out.

    Example:
        >>> ground = np.arange(60 * 80 * 3).reshape(60, 80, 3).astype(np.uint8) // 2
        >>> fit_light(ground + np.uint8(10), ground).round(2).tolist()
        [[1.0, 10.0], [1.0, 10.0], [1.0, 10.0]]
    """
    step = max(1, int(np.sqrt(image.shape[0] * image.shape[1] / _POINTS)))
    new = image[step // 2 :: step, step // 2 :: step].reshape(-1, 3).astype(np.float64)
    old = ground[step // 2 :: step, step // 2 :: step].reshape(-1, 3).astype(np.float64)
    use = ((new > 3) & (new < 252) & (old > 3) & (old < 252)).all(1)
    if use.sum() < 50:
        return SAME_LIGHT.copy()
    old, new = old[use], new[use]
    before = _agreeing(old, new, SAME_LIGHT)
    if before >= _ENOUGH and np.abs(np.median(new - old, axis=0)).max() <= _STEADY:
        return SAME_LIGHT.copy()
    fitted = np.stack([_line(old[:, c], new[:, c]) for c in range(3)])
    if not (_GAINS[0] <= fitted[:, 0].min() and fitted[:, 0].max() <= _GAINS[1]):
        return SAME_LIGHT.copy()
    return fitted if _agreeing(old, new, fitted) >= max(_LEAST_SHARE, before + _GAIN) else SAME_LIGHT.copy()


def _agreeing(old: npt.NDArray[np.float64], new: npt.NDArray[np.float64], light: Light) -> float:
    """The share of pixels (n, 3) that the light explains in all channels."""
    near = np.abs(new - old * light[:, 0] - light[:, 1]) <= _NEAR
    return float(near.all(1).mean())


def _line(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    gain, offset = 1.0, float(np.median(y - x))
    for _ in range(_ROUNDS):
        residual = y - gain * x - offset
        scale = max(_LEAST_SCALE, 1.4826 * float(np.median(np.abs(residual))))
        weight = np.maximum(0, 1 - (residual / (4.685 * scale)) ** 2) ** 2
        total = weight.sum() + 1e-9
        mx, my = (weight * x).sum() / total, (weight * y).sum() / total
        # 25 grey levels of spread must back a gain up: on a flat scene only the offset is known
        spread = (weight * (x - mx) ** 2).sum() / total
        gain = ((weight * (x - mx) * (y - my)).sum() / total + 25.0) / (spread + 25.0)
        offset = my - gain * mx
    return np.array([gain, offset])


def is_steady(light: Light) -> bool:
    """Whether the light moves no grey value by more than a level or so.

    Example:
        >>> is_steady(SAME_LIGHT), is_steady(SAME_LIGHT * 1.1)
        (True, False)
    """
    low, high = light[:, 1], light[:, 0] * 255 + light[:, 1] - 255
    return bool(np.abs([low, high]).max() <= _STEADY)


def relight(ground: Image, light: Light) -> Image:
    """`ground` (h, w, 3) uint8 RGB as it looks in `light`; what is too bright for 8 bits saturates."""
    levels = np.arange(256)
    table = levels[:, None] * light[:, 0] + light[:, 1]
    return cv2.LUT(ground, table.round().clip(0, 255).astype(np.uint8)[None])


def unlight(image: Image, light: Light) -> Image:
    """`image` (h, w, 3) uint8 RGB as it would be in the ground's light: `light` is taken back."""
    levels = np.arange(256)
    table = (levels[:, None] - light[:, 1]) / np.maximum(light[:, 0], 0.05)
    return cv2.LUT(image, table.round().clip(0, 255).astype(np.uint8)[None])
