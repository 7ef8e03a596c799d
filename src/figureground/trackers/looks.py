"""How a figure looks: its colours and its size, to tell apart animals that met."""

from dataclasses import dataclass, field

import cv2
import numpy as np

from figureground.frames import Image
from figureground.instances import Crop
from figureground.trackers.figures import Float64

FEATURES = 7
_USUAL = np.array([12.0, 12.0, 12.0, 6.0, 6.0, 6.0, 0.2])  # how far a look commonly is off its mean
_LEAST = np.array([2.0, 2.0, 2.0, 1.0, 1.0, 1.0, 0.05])
_MOST = 4.5  # nats that one feature can say at most: three standard deviations
_SHARE = 0.5  # features say partly the same
_PRIOR = 40.0  # looks that the usual spread counts for
_MEMORY = 2000.0  # looks that the spread is learned from


def look_of(image: Image, crop: Crop) -> Float64:
    """(7,): means and standard deviations of red, green and blue on the figure, logarithm of its area.

    Example:
        >>> image = np.full((5, 7, 3), (10, 20, 30), np.uint8)
        >>> look_of(image, Crop(1, 2, np.ones((2, 2), bool))).round(2).tolist()
        [10.0, 20.0, 30.0, 0.0, 0.0, 0.0, 1.39]
    """
    mask = np.ascontiguousarray(crop.mask).view(np.uint8)
    mean, deviation = cv2.meanStdDev(np.ascontiguousarray(image[crop.window]), mask=mask)
    return np.concatenate([mean[:, 0], deviation[:, 0], [np.log(max(1, cv2.countNonZero(mask)))]])


@dataclass(slots=True)
class Spread:
    """How much the look of one and the same figure changes, learned from all of them.

    What tells the animals of this video apart decides; where they look alike, nothing does.
    """

    total: Float64 = field(default_factory=lambda: _PRIOR * _USUAL**2)
    weight: float = _PRIOR

    def learn(self, off: Float64) -> None:
        """Take in how far a look (7,) was off its figure's mean."""
        if self.weight > _MEMORY:
            self.total *= 0.5
            self.weight *= 0.5
        self.total += np.minimum(off**2, 9 * self.variance)
        self.weight += 1

    @property
    def variance(self) -> Float64:
        """(7,) of each feature."""
        return np.maximum(self.total / self.weight, _LEAST**2)

    def cost(self, look: Float64, mean: Float64) -> float:
        """Nats that speak against `look` (7,) being of the figure that commonly looks like `mean`."""
        return float(_SHARE * np.minimum((look - mean) ** 2 / (2 * self.variance), _MOST).sum())
