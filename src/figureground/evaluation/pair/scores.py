"""How near a mask and a depth are to the truth: sums over many pictures."""

from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from figureground.evaluation.boundary import boundary_f
from figureground.instances import BoolArray, Crop

Floats = npt.NDArray[np.float32]
INSIDE = 0.5
"""The chance from which a pixel is figure."""
_CLOSE = 1.25  # how many times nearer or farther still counts as right for delta1 (Eigen et al. 2014)
_LEAST = 1e-3  # of a depth
_SPREAD = 1.5  # pixels of the structural similarity
_STABLE = 0.01**2, 0.03**2


@dataclass
class MaskTally:
    """Counts of pixels over pictures, from which the scores of masks follow.

    Attributes:
        hit: pixels that are figure and were called so.
        false: that were called so and are not.
        missed: that are and were not.
        apart: sum of the differences between chance and truth.
        pixels: how many counted.
        borders: boundary F of each picture that has a figure, or where one was found.
    """

    hit: int = 0
    false: int = 0
    missed: int = 0
    apart: float = 0.0
    pixels: int = 0
    borders: list[float] = field(default_factory=list)

    def add(
        self, chance: Floats, mask: BoolArray, counts: BoolArray | None = None, *, inside: float = INSIDE
    ) -> None:
        """One more picture.

        Args:
            chance: (h, w) float32 in 0..1.
            mask: (h, w) bool, the truth.
            counts: (h, w) bool, pixels that count; None is all.
            inside: the chance from which a pixel is figure.
        """
        found = chance >= inside
        if counts is not None:
            found, mask = found & counts, mask & counts
        self.hit += int(np.count_nonzero(found & mask))
        self.false += int(np.count_nonzero(found & ~mask))
        self.missed += int(np.count_nonzero(mask & ~found))
        apart = np.abs(chance - mask)
        self.apart += float(apart.sum(dtype=np.float64) if counts is None else apart[counts].sum())
        self.pixels += mask.size if counts is None else int(np.count_nonzero(counts))
        if mask.any() or found.any():
            size = mask.shape[0], mask.shape[1]
            self.borders.append(boundary_f(Crop(0, 0, mask), Crop(0, 0, found), size))

    def scores(self) -> dict[str, float]:
        """IoU and F over all pixels, the mean boundary F, the mean error.

        Example:
            >>> tally = MaskTally()
            >>> tally.add(np.float32([[1, 1, 0, 0]]), np.array([[True, False, False, True]]))
            >>> {name: round(value, 3) for name, value in tally.scores().items()}
            {'iou': 0.333, 'f': 0.5, 'boundary_f': 1.0, 'mae': 0.5}
        """
        wrong = self.false + self.missed
        return {
            "iou": self.hit / (self.hit + wrong) if self.hit + wrong else 1.0,
            "f": 2 * self.hit / (2 * self.hit + wrong) if self.hit + wrong else 1.0,
            "boundary_f": float(np.mean(self.borders)) if self.borders else 1.0,
            "mae": self.apart / self.pixels if self.pixels else 0.0,
        }


@dataclass
class DepthTally:
    """Scores of depths, the mean over pictures of which some depth is known.

    Attributes:
        rows: rmse, abs_rel, delta1 and ssim of each picture.
    """

    rows: list[tuple[float, float, float, float]] = field(default_factory=list)

    def add(self, found: Floats, depth: Floats) -> None:
        """One more picture: (h, w) float32 each; NaN in `depth` where it is not known."""
        known = np.isfinite(depth)
        if not known.any():
            return
        seen, true = found[known].astype(np.float64), depth[known].astype(np.float64)
        apart = seen - true
        ratio = np.maximum(seen, _LEAST) / np.maximum(true, _LEAST)
        self.rows.append(
            (
                float(np.sqrt(np.mean(apart**2))),
                float(np.mean(np.abs(apart) / np.maximum(true, _LEAST))),
                float(np.mean(np.maximum(ratio, 1 / ratio) < _CLOSE)),
                similarity(found, depth),
            )
        )

    def scores(self) -> dict[str, float]:
        """The means; none where nothing is known.

        Example:
            >>> tally = DepthTally()
            >>> tally.add(np.full((9, 9), 0.6, np.float32), np.full((9, 9), 0.4, np.float32))
            >>> {name: round(value, 3) for name, value in tally.scores().items()}
            {'rmse': 0.2, 'abs_rel': 0.5, 'delta1': 0.0, 'ssim': 0.923}
        """
        if not self.rows:
            return {}
        means = np.mean(self.rows, axis=0).tolist()
        return dict(zip(("rmse", "abs_rel", "delta1", "ssim"), means, strict=True))


def similarity(found: Floats, depth: Floats) -> float:
    """The structural similarity of two depths where one is known (Wang et al., IEEE TIP 2004)."""
    known = np.isfinite(depth)
    a = found.astype(np.float64)
    b = np.where(known, depth, a).astype(np.float64)
    mean_a, mean_b = _blurred(a), _blurred(b)
    square_a, square_b = _blurred(a * a) - mean_a**2, _blurred(b * b) - mean_b**2
    both = _blurred(a * b) - mean_a * mean_b
    light = (2 * mean_a * mean_b + _STABLE[0]) / (mean_a**2 + mean_b**2 + _STABLE[0])
    shape = (2 * both + _STABLE[1]) / (square_a + square_b + _STABLE[1])
    return float((light * shape)[known].mean())


def _blurred(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(cv2.GaussianBlur(values, (0, 0), _SPREAD, borderType=cv2.BORDER_REFLECT_101))
