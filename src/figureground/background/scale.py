"""Pictures made smaller by a whole factor: fast, and a small pixel's place in the picture stays exact."""

from typing import TypeVar

import cv2
import numpy as np
import numpy.typing as npt

Pixel = TypeVar("Pixel", bound=np.generic)


def step_for(size: tuple[int, int], pixels: int) -> int:
    """The least whole factor that brings a picture of `size` (h, w) to about `pixels` or fewer.

    Example:
        >>> step_for((480, 640), 420_000), step_for((1080, 1920), 420_000)
        (1, 3)
    """
    return max(1, int(np.ceil(np.sqrt(size[0] * size[1] / pixels))))


def reduced(image: npt.NDArray[Pixel], step: int) -> npt.NDArray[Pixel]:
    """`image` (h, w) or (h, w, 3) at 1 / `step` of its size, each pixel the mean of `step` x `step`.

    A rest of the last row or column that does not fill a whole pixel is repeated to fill it.

    Example:
        >>> reduced(np.arange(20, dtype=np.uint8).reshape(4, 5), 2).tolist()
        [[3, 5, 7], [13, 15, 17]]
    """
    if step == 1:
        return image
    height, width = image.shape[:2]
    bottom, right = -height % step, -width % step
    if bottom or right:
        image = cv2.copyMakeBorder(image, 0, bottom, 0, right, cv2.BORDER_REPLICATE)
    size = (width + right) // step, (height + bottom) // step
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)
