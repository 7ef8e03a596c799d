"""From a painted picture to the pixels that encoders want: even sides, one size, YUV 4:2:0."""

from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from figureground.render import Window

Picture: TypeAlias = npt.NDArray[np.uint8]
"""A painted picture: (h, w) grey, (h, w, 3) RGB or (h, w, 4) RGBA, uint8; levels of depth are uint16."""


def padded(picture: Picture, block: int) -> Picture:
    """The picture with its last row and column repeated until its sides are multiples of `block`.

    Example:
        >>> padded(np.array([[1, 2, 3]], np.uint8), 2).tolist()
        [[1, 2, 3, 3], [1, 2, 3, 3]]
    """
    below, right = (-side % block for side in picture.shape[:2])
    if not below and not right:
        return picture
    return np.asarray(cv2.copyMakeBorder(picture, 0, below, 0, right, cv2.BORDER_REPLICATE), np.uint8)


def fitted(picture: Picture, size: tuple[int, int]) -> Picture:
    """The picture scaled evenly to fit inside `size` (h, w), in the middle; the rest is black and clear.

    Example:
        >>> fitted(np.full((2, 4), 9, np.uint8), (4, 4)).tolist()
        [[0, 0, 0, 0], [9, 9, 9, 9], [9, 9, 9, 9], [0, 0, 0, 0]]
    """
    if picture.shape[:2] == size:
        return picture
    scale = min(size[0] / picture.shape[0], size[1] / picture.shape[1])
    tall, wide = max(1, round(picture.shape[0] * scale)), max(1, round(picture.shape[1] * scale))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    out = np.zeros((*size, *picture.shape[2:]), np.uint8)
    top, left = (size[0] - tall) // 2, (size[1] - wide) // 2
    out[top : top + tall, left : left + wide] = cv2.resize(picture, (wide, tall), interpolation=method)
    return out


def yuv_matrix(red: float, blue: float, full_range: bool = False) -> npt.NDArray[np.float64]:
    """(3, 4) float64 from RGB and 1 to Y, Cb, Cr in 0..255, for the luma weights of red and blue.

    ITU-R BT.709: 0.2126 and 0.0722; BT.601, which JPEG uses: 0.299 and 0.114. In the limited range
    Y takes 16..235, Cb and Cr 16..240; in the full range each takes 0..255.
    """
    luma = np.array([red, 1 - red - blue, blue])
    rows = [
        luma,
        (np.array([0, 0, 1]) - luma) / (2 * (1 - blue)),
        (np.array([1, 0, 0]) - luma) / (2 * (1 - red)),
    ]
    scale = (1.0, 1.0, 1.0) if full_range else (219 / 255, 224 / 255, 224 / 255)
    offsets = (0 if full_range else 16, 128, 128)
    return np.array([[*(row * by), offset] for row, by, offset in zip(rows, scale, offsets, strict=True)])


BT709 = yuv_matrix(0.2126, 0.0722)
JPEG = yuv_matrix(0.299, 0.114, full_range=True)


def rgb_to_yuv420(
    picture: Picture,
    matrix: npt.NDArray[np.float64] = BT709,
    ground: Picture | None = None,
    windows: list[Window] | None = None,
) -> Picture:
    """(h * 3 / 2, w) uint8 planar 4:2:0 (Y, then Cb, then Cr) of an (h, w, 3) RGB picture with even sides.

    A colour sample is the mean of its four pixels. Where the picture is known to equal an earlier one
    outside of `windows` (with even edges), `ground` is that one's result, and only the windows are
    computed: four animals in a 1080p frame then cost a tenth.

    Example:
        >>> red = np.zeros((2, 2, 3), np.uint8); red[..., 0] = 255
        >>> rgb_to_yuv420(red).ravel().tolist()
        [63, 63, 63, 63, 102, 240]
    """
    height, width = picture.shape[:2]
    if ground is None or windows is None:
        out, windows = np.empty((height * 3 // 2, width), np.uint8), [(slice(0, height), slice(0, width))]
    else:
        out = ground.copy()
    flat, area = out.reshape(-1), height * width
    luma = flat[:area].reshape(height, width)
    chroma = flat[area:].reshape(2, height // 2, width // 2)
    for rows, columns in windows:
        planes = cv2.split(cv2.transform(picture[rows, columns], matrix))
        luma[rows, columns] = planes[0]
        half = slice(rows.start // 2, rows.stop // 2), slice(columns.start // 2, columns.stop // 2)
        for plane, full in zip(chroma, planes[1:], strict=True):
            small = plane[half]
            small[:] = cv2.resize(full, small.shape[::-1], interpolation=cv2.INTER_AREA)
    return out
