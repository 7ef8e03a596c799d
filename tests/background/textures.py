"""Pictures with exact truth: views of one texture, drawn four times finer than they are shown."""

from collections.abc import Iterable
from fractions import Fraction

import cv2
import numpy as np

from figureground.frames import Frame, Image

_FINER = 4
_MARGIN = 24  # pixels a view may be shifted


def texture(size: tuple[int, int], seed: int = 0, low: int = 60, high: int = 180) -> Image:
    """(h, w, 3) uint8 between `low` and `high`, smooth over a few pixels, each channel its own."""
    rng = np.random.default_rng(seed)
    cloth = cv2.GaussianBlur(rng.normal(0, 1, (*size, 3)).astype(np.float32), (0, 0), 2)
    cloth = (cloth - cloth.min()) / (cloth.max() - cloth.min())
    return (low + (high - low) * cloth).round().astype(np.uint8)


def view(size: tuple[int, int], dx: float = 0.0, dy: float = 0.0, seed: int = 0) -> Image:
    """A texture moved by (dx, dy) pixels, multiples of 1/4: a pixel is the mean of the finer ones."""
    height, width = size
    rng = np.random.default_rng(seed)
    around = (height + 2 * _MARGIN) * _FINER, (width + 2 * _MARGIN) * _FINER
    fine = cv2.GaussianBlur(rng.normal(0, 1, around).astype(np.float32), (0, 0), 2 * _FINER)
    fine = 25 + 200 * (fine - fine.min()) / (fine.max() - fine.min())
    top, left = round((_MARGIN - dy) * _FINER), round((_MARGIN - dx) * _FINER)
    cut = fine[top : top + height * _FINER, left : left + width * _FINER]
    grey = cut.reshape(height, _FINER, width, _FINER).mean(axis=(1, 3)).round().astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def noisy(picture: Image, seed: int, sigma: float = 2.0) -> Image:
    noise = np.random.default_rng((seed, 7)).normal(0, sigma, picture.shape)
    return (picture + noise).round().clip(0, 255).astype(np.uint8)


def with_block(
    picture: Image, y: int, x: int, height: int, width: int, colour: tuple[int, int, int]
) -> Image:
    """`picture` with a rectangle on it; what leaves the picture is cut off."""
    out = picture.copy()
    out[max(0, y) : max(0, y + height), max(0, x) : max(0, x + width)] = colour
    return out


def frames(pictures: Iterable[Image]) -> list[Frame]:
    return [Frame(picture, index, Fraction(index, 25)) for index, picture in enumerate(pictures)]
