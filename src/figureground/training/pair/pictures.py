"""What a pair network sees and says, as one picture."""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from figureground.datasets.compose.scene import Pair
from figureground.frames import Image

Floats = npt.NDArray[np.float32]
ROWS = 6


def grid(looks: Sequence[tuple[Pair, Floats | None, Floats | None]]) -> Image:
    """One row a pair: empty scene, frame, true mask, chance, true depth, depth; (h, w, 3) uint8.

    Near is bright; what is not known is blue.

    Args:
        looks: the pairs, each with what was said of it: (h, w) chances and (h, w) depths.
    """
    rows = []
    for pair, chance, depth in looks[:ROWS]:
        size = pair.mask.shape
        parts = [pair.background, pair.frame, _level(pair.mask.astype(np.float32))]
        parts.append(_level(np.zeros(size, np.float32) if chance is None else chance))
        parts.append(_near(pair.depth, size))
        parts.append(_near(np.full(size, np.nan, np.float32) if depth is None else depth, size))
        rows.append(np.hstack(parts))
    return np.vstack(rows) if rows else np.zeros((1, 1, 3), np.uint8)


def _level(values: Floats) -> Image:
    return np.repeat((values * 255).clip(0, 255).astype(np.uint8)[..., None], 3, axis=2)


def _near(depth: Floats, size: tuple[int, ...]) -> Image:
    if depth.shape != size:
        depth = cv2.resize(depth, size[::-1], interpolation=cv2.INTER_NEAREST)
    known = np.isfinite(depth)
    image = _level(np.where(known, 1 - 0.9 * np.clip(depth, 0, 1.1), 0).astype(np.float32))
    image[~known] = 30, 40, 120
    return image
