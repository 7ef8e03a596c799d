"""Pictures made smaller by a whole factor: fast, and a small pixel's place in the picture stays exact."""

from typing import TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from figureground.instances import Crop

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


def enlarged(
    crop: Crop, step: int, size: tuple[int, int], margin: int = 2
) -> tuple[tuple[slice, slice], npt.NDArray[np.uint8]]:
    """Where a figure of a reduced frame lies in the whole frame.

    Args:
        crop: in pixels of the reduced frame.
        step: by which it was reduced.
        size: (h, w) of the whole frame.
        margin: reduced pixels around the figure that belong to the window.

    Returns:
        The window (rows, columns) of the whole frame, and its mask (h, w) uint8, 255 on the figure.

    Example:
        >>> window, mask = enlarged(Crop(1, 0, np.ones((1, 2), bool)), 3, (10, 7), margin=1)
        >>> window, int((mask > 0).sum())
        ((slice(0, 9, None), slice(0, 7, None)), 18)
    """
    top, left = (crop.y0 - margin) * step, (crop.x0 - margin) * step
    y0, x0 = max(0, top), max(0, left)
    y1 = min(size[0], (crop.y0 + crop.mask.shape[0] + margin) * step)
    x1 = min(size[1], (crop.x0 + crop.mask.shape[1] + margin) * step)
    mask = np.pad(crop.mask.astype(np.uint8) * 255, margin).repeat(step, axis=0).repeat(step, axis=1)
    return (slice(y0, y1), slice(x0, x1)), mask[y0 - top : y1 - top, x0 - left : x1 - left]
