import numpy as np

from figureground.datasets.compose.scene import Pair


def flat_pair(upper: bool, depth: float, size: tuple[int, int] = (48, 64)) -> Pair:
    """A pair of one depth, whose upper half is figure, or nothing is."""
    mask = np.zeros(size, bool)
    mask[: size[0] // 2] = upper
    picture = np.full((*size, 3), 90, np.uint8)
    return Pair(picture, picture, np.ones(size, np.float32), mask, np.full(size, depth, np.float32))
