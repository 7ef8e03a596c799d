"""The mean and standard deviation of all pixels of a dataset, exact."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from figureground.datasets.dataset import Dataset, Picture
from figureground.datasets.pass_over import over_pictures
from figureground.datasets.pictures import PictureFiles
from figureground.errors import InputError

Counts = npt.NDArray[np.int64]

EXACT = 1 << 24
"""Pixels that OpenCV counts without rounding."""


@dataclass(frozen=True, eq=False)
class PixelStatistics:
    """How the values of all pixels are spread.

    Attributes:
        counts: (3, 256) int64, how many pixels have each value, of red, green and blue.
        pictures: how many were read.
        left_out: why others could not be read.

    Example:
        >>> counts = np.zeros((3, 256), np.int64); counts[:, 10] = 1; counts[:, 20] = 3
        >>> PixelStatistics(counts, 1, ()).mean
        (17.5, 17.5, 17.5)
    """

    counts: Counts
    pictures: int
    left_out: tuple[str, ...]

    @property
    def pixels(self) -> int:
        """How many, of all pictures together."""
        return int(self.counts[0].sum())

    @property
    def mean(self) -> tuple[float, ...]:
        """Of red, green and blue, 0 to 255; NaN without any pixel."""
        return tuple(_moments(row)[0] for row in self.counts.tolist())

    @property
    def std(self) -> tuple[float, ...]:
        """Standard deviation of red, green and blue over all pixels (divided by n); NaN without any."""
        return tuple(_moments(row)[1] for row in self.counts.tolist())


def pixel_statistics(
    dataset: Dataset, *, progress: Callable[[int], None] = lambda done: None
) -> PixelStatistics:
    """Count the values of all pixels of all pictures in one pass; exact, as nothing is rounded on the way.

    Large pictures count as much as they have pixels; the mean of the pictures' means would not.

    Args:
        dataset: whose pictures.
        progress: called with the number of pictures that are read.

    Raises:
        InputError: its folder is not known, or a zip file that cannot be opened.
    """
    counts, left_out, number = np.zeros((3, 256), np.int64), [], 0
    for _, found in over_pictures(dataset, dataset.pictures, _counted, progress):
        if isinstance(found, str):
            left_out.append(found)
        else:
            counts += found
            number += 1
    return PixelStatistics(counts, number, tuple(left_out))


def _counted(files: PictureFiles, picture: Picture) -> Counts | str:
    """(3, 256) how many pixels of a picture have each value; or why it cannot be read."""
    try:
        image = files.read(picture)
    except InputError as error:
        return str(error)
    rows = max(1, EXACT // image.shape[1])
    counts = np.zeros((3, 256), np.int64)
    for start in range(0, len(image), rows):
        part = np.ascontiguousarray(image[start : start + rows])
        for channel in range(3):
            counts[channel] += cv2.calcHist([part], [channel], None, [256], [0, 256]).ravel().astype(np.int64)
    return counts


def _moments(counts: list[int]) -> tuple[float, float]:
    """Mean and standard deviation, from whole numbers alone until the last step."""
    number = sum(counts)
    if not number:
        return math.nan, math.nan
    total = sum(value * count for value, count in enumerate(counts))
    squares = sum(value * value * count for value, count in enumerate(counts))
    return total / number, math.sqrt((number * squares - total * total) / (number * number))
