"""Regions of a ground that move about their place, as leaves and water do."""

from typing import NamedTuple, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from figureground.frames import Image

Float32: TypeAlias = npt.NDArray[np.float32]

_PERIOD = 5.0, 17.0  # moments a wave takes
_SMOOTH = 0.06, 0.03  # of the picture's side: size of regions, length of waves


class Waving(NamedTuple):
    """How a ground moves.

    Attributes:
        push: (2, h, w) float32: pixels along x and y at the height of the wave; 0 where it keeps still.
        phase: (h, w) float32 radians.
        speed: radians a moment.
    """

    push: Float32
    phase: Float32
    speed: float


def made_waving(size: tuple[int, int], pixels: float, rng: np.random.Generator) -> Waving:
    """Moving regions in a tenth to a half of a picture of `size` (h, w), by about `pixels`."""
    side = max(size)
    clouds = _cloud(size, _SMOOTH[0] * side * rng.uniform(1, 2.5), rng)
    limit = np.quantile(clouds, rng.uniform(0.5, 0.9))
    region = ((clouds - limit) * 3).clip(0, 1)
    push = np.stack([_cloud(size, _SMOOTH[1] * side, rng) for _ in range(2)]) * (pixels * region)
    phase = 3 * _cloud(size, _SMOOTH[0] * side, rng)
    return Waving(push.astype(np.float32), phase, float(2 * np.pi / rng.uniform(*_PERIOD)))


def waved(image: Image, waving: Waving, moment: int) -> Image:
    """`image` (h, w, 3) uint8 RGB as it looks at a moment."""
    height, width = image.shape[:2]
    swing = np.sin(waving.phase + np.float32(waving.speed * moment))
    x = np.arange(width, dtype=np.float32) + waving.push[0] * swing
    y = np.arange(height, dtype=np.float32)[:, None] + waving.push[1] * swing
    return cv2.remap(image, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _cloud(size: tuple[int, int], sigma: float, rng: np.random.Generator) -> Float32:
    """(h, w) float32, smooth, of mean 0 and standard deviation 1."""
    few = max(1, int(sigma / 2))
    small = rng.standard_normal((-(-size[0] // few) + 2, -(-size[1] // few) + 2), np.float32)
    smooth = cv2.resize(cv2.GaussianBlur(small, (0, 0), 2), size[::-1], interpolation=cv2.INTER_CUBIC)
    smooth -= smooth.mean()
    return np.asarray(smooth / max(1e-6, float(smooth.std())))
