"""Guesses that look at no picture: the mean of what was learned from, and the mean of its rows.

A network that is no better than these has learned where figures and walls usually are, and nothing else.
"""

import io
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from figureground.datasets.compose.scene import Pair
from figureground.errors import InputError
from figureground.files import written

Floats = npt.NDArray[np.float32]
FILE = "priors.npz"
SIZE = 48, 64
"""(h, w) of the means."""
_TRIED = 50  # levels from which a pixel may be figure


@dataclass(frozen=True, eq=False)
class Priors:
    """What the pictures that were learned from have in common.

    Attributes:
        mask: SIZE float32, share of the pictures in which a place was figure.
        depth: SIZE float32, mean depth of a place; 1 where it was never known.
        inside: the level of `mask` from which the F over those pictures is best.
        row_inside: the same for the means of rows.
    """

    mask: Floats
    depth: Floats
    inside: float
    row_inside: float

    def guesses(self, size: tuple[int, int]) -> dict[str, tuple[Floats, float, Floats]]:
        """By name: chances (h, w), the level from which they are figure, and depths (h, w)."""
        rows = [np.repeat(one.mean(1, keepdims=True), SIZE[1], 1) for one in (self.mask, self.depth)]
        return {
            "mean map": (_sized(self.mask, size), self.inside, _sized(self.depth, size)),
            "row map": (_sized(rows[0], size), self.row_inside, _sized(rows[1], size)),
        }


def fit_priors(pairs: Iterable[Pair]) -> Priors:
    """The means of pairs, which may be of any size."""
    masks, total, known = [], np.zeros(SIZE, np.float64), np.zeros(SIZE, np.float64)
    for pair in pairs:
        masks.append(_sized(pair.mask.astype(np.float32), SIZE))
        there = np.isfinite(pair.depth)
        total += _sized(np.where(there, pair.depth, 0).astype(np.float32), SIZE)
        known += _sized(there.astype(np.float32), SIZE)
    stack = np.stack(masks) if masks else np.zeros((0, *SIZE), np.float32)
    mean = stack.mean(0) if masks else np.zeros(SIZE, np.float32)
    depth = np.where(known > 0, total / np.maximum(known, 1e-9), 1).astype(np.float32)
    rows = np.repeat(mean.mean(1, keepdims=True), SIZE[1], 1)
    return Priors(mean.astype(np.float32), depth, _best_level(mean, stack), _best_level(rows, stack))


def write_priors(priors: Priors, folder: Path) -> None:
    """Write them into a model folder; its card is to be written after them."""
    with written(folder / FILE) as part, part.open("wb") as file:
        np.savez_compressed(
            file,
            mask=priors.mask.astype(np.float16),
            depth=priors.depth.astype(np.float16),
            inside=np.array([priors.inside, priors.row_inside], np.float32),
        )


def read_priors(folder: str | Path) -> Priors | None:
    """Those of a model folder; None where it has none.

    Raises:
        InputError: they are damaged.
    """
    path = Path(folder) / FILE
    if not path.is_file():
        return None
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as file:
            mask, depth, inside = (np.asarray(file[name], np.float32) for name in ("mask", "depth", "inside"))
    except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise InputError(f"{path}: is damaged ({error}); copy the folder again") from error
    if mask.shape != SIZE or depth.shape != SIZE or inside.shape != (2,):
        raise InputError(f"{path}: is damaged: its arrays are {mask.shape}, {depth.shape}, {inside.shape}")
    return Priors(mask, depth, float(inside[0]), float(inside[1]))


def _best_level(guess: Floats, masks: Floats) -> float:
    """The level of `guess` from which F over `masks` is best."""
    best, chosen = 0.0, 1.0
    for level in np.unique(np.quantile(guess, np.linspace(0, 1, _TRIED))).tolist():
        found = guess >= level
        hit = float(masks[:, found].sum())
        f = 2 * hit / max(1e-9, float(masks.sum()) + len(masks) * np.count_nonzero(found))
        if f > best:
            best, chosen = f, float(level)
    return chosen


def _sized(values: Floats, size: tuple[int, int]) -> Floats:
    shrinks = size[0] < values.shape[0]
    way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(values, size[::-1], interpolation=way), np.float32)
