"""Pairs' pictures as bytes and back: JPEG or PNG, masks of 1 bit, noise and depth in whole steps."""

import io

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image as Pillow

from figureground.datasets.compose.scene import Depth
from figureground.errors import InputError
from figureground.frames import Image
from figureground.instances import BoolArray
from figureground.stills import picture_errors

NOISE_STEP = 1 / 8
"""Grey levels: noise is kept in 255 steps of this, up to 31.9."""

QUALITY = 95
"""Of JPEG: what it changes is less than the noise of a quiet camera."""


def picture_to_data(image: Image, *, lossless: bool) -> tuple[bytes, str]:
    """`image` (h, w, 3) uint8 RGB as bytes, and the suffix of such a file."""
    bgr = np.ascontiguousarray(image[..., ::-1])
    if lossless:
        return cv2.imencode(".png", bgr, [cv2.IMWRITE_PNG_COMPRESSION, 3])[1].tobytes(), "png"
    return cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes(), "jpg"


def mask_to_data(mask: BoolArray) -> bytes:
    """`mask` (h, w) bool as a PNG of 1 bit."""
    data = io.BytesIO()
    Pillow.fromarray(mask).save(data, "PNG")
    return data.getvalue()


def data_to_mask(data: bytes, name: str) -> BoolArray:
    """A mask (h, w) bool; what has more than 1 bit is figure from the middle on.

    Raises:
        InputError: it is damaged; `name` is what it is called in the message.
    """
    return _grey(data, name, "1", "L") > 0


def noise_to_data(noise: npt.NDArray[np.float32]) -> bytes:
    """`noise` (h, w) float32 grey levels as a PNG of 8 bits, in steps of NOISE_STEP."""
    steps = (noise / NOISE_STEP).round().clip(0, 255).astype(np.uint8)
    return cv2.imencode(".png", steps, [cv2.IMWRITE_PNG_COMPRESSION, 3])[1].tobytes()


def data_to_noise(data: bytes, name: str) -> npt.NDArray[np.float32]:
    """The noise (h, w) float32 in grey levels.

    Raises:
        InputError: as `data_to_mask`.
    """
    return _grey(data, name, "L") * np.float32(NOISE_STEP)


def depth_to_data(depth: Depth) -> bytes:
    """`depth` (h, w) float32 as a PNG of 16 bits: 65535 is 1.0, and 0 is not known."""
    known = np.isfinite(depth)
    steps = (np.where(known, depth, 0) * 65535).round().clip(1, 65535)
    return cv2.imencode(".png", np.where(known, steps, 0).astype(np.uint16))[1].tobytes()


def data_to_depth(data: bytes, name: str) -> Depth:
    """A depth (h, w) float32, NaN where not known.

    Raises:
        InputError: as `data_to_mask`.
    """
    steps = _grey(data, name, "I;16", "I", "I;16B").astype(np.float32)
    return np.where(steps > 0, steps / 65535, np.nan).astype(np.float32)


def _grey(data: bytes, name: str, *modes: str) -> npt.NDArray[np.uint16]:
    with picture_errors(name), Pillow.open(io.BytesIO(data)) as picture:
        if picture.mode not in modes:
            raise InputError(f"{name}: expected a picture of the mode {modes[0]}, got {picture.mode}")
        return np.asarray(picture)
