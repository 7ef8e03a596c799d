"""Pairs to look at: background, frame, noise, mask and depth beside each other, a row a pair."""

from collections.abc import Iterable

import cv2
import numpy as np
import numpy.typing as npt

from figureground.datasets.compose.scene import Depth, Pair
from figureground.frames import Image

_WIDTH = 192  # pixels of a picture on the sheet
_NOISE = 16.0  # grey levels of the sheet for one of noise
_UNKNOWN = (40, 40, 60)


def pairs_to_sheet(pairs: Iterable[Pair], columns: int = 2) -> Image:
    """(h, w, 3) uint8 RGB: a sheet of pairs, `columns` of them beside each other; black without any.

    Near is light and far is dark in the depth, and what is not known is blue.
    """
    strips = [_strip(pair) for pair in pairs]
    if not strips:
        return np.zeros((1, 1, 3), np.uint8)
    height = max(strip.shape[0] for strip in strips)
    strips = [cv2.copyMakeBorder(one, 0, height + 2 - len(one), 0, 4, cv2.BORDER_CONSTANT) for one in strips]
    strips += [np.zeros_like(strips[0])] * (-len(strips) % columns)
    rows = [np.hstack(strips[start : start + columns]) for start in range(0, len(strips), columns)]
    return np.asarray(np.vstack(rows))


def _strip(pair: Pair) -> Image:
    parts = [
        pair.background,
        pair.frame,
        _grey(pair.noise * _NOISE),
        _grey(pair.mask * 255.0),
        _far(pair.depth),
    ]
    height = max(1, round(pair.mask.shape[0] * _WIDTH / pair.mask.shape[1]))
    small = [cv2.resize(part, (_WIDTH, height), interpolation=cv2.INTER_AREA) for part in parts]
    return np.asarray(np.hstack(small))


def _grey(values: npt.NDArray[np.floating]) -> Image:
    return np.repeat(values.round().clip(0, 255).astype(np.uint8)[..., None], 3, axis=2)


def _far(depth: Depth) -> Image:
    known = np.isfinite(depth)
    shown = _grey(255 - 235 * np.where(known, depth, 1))
    shown[~known] = _UNKNOWN
    return shown
