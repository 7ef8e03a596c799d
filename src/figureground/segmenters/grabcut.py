"""The main figure of a still without a model: GrabCut started from "what is in the middle".

It is a guess from colours and position alone: it suits one figure, in the middle, whose colours
differ from the ground's. For anything else use a trained segmenter.
"""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from figureground.frames import Frame, Image
from figureground.instances import Instances, tight_crop
from figureground.masks import components, fill_holes
from figureground.stages import Source

_FLAT = 12  # grey levels: a picture with less contrast shows nothing
_LONG_SIDE = 360
_BORDER = 0.03  # of the picture's side: surely ground, but at the bottom, where figures are cut off
_MIDDLE = 0.22  # of the sides: half-axes of the ellipse that is surely figure, at first
_PROBABLE = 0.42  # half-axes of the ellipse that is probably figure
_ROUNDS = 6
_LEAST_PART = 0.1  # of the largest part's area: what is smaller is dropped


class GrabCutSegmenter:
    """One figure a frame, or none.

    The method is Rother, Kolmogorov and Blake, "GrabCut": interactive foreground extraction using
    iterated graph cuts, SIGGRAPH 2004, with a prior on the position in place of the user's rectangle.
    """

    classes: tuple[str, ...] = ("figure",)
    stateful = False

    def __init__(self, min_area: float = 0.0) -> None:
        self._min_area = min_area

    def __call__(self, frames: Sequence[Frame]) -> list[Instances]:
        """The middle figure of each frame."""
        return [self._segment(frame) for frame in frames]

    def _segment(self, frame: Frame) -> Instances:
        height, width = frame.size
        scale = min(1.0, _LONG_SIDE / max(height, width))
        size = max(8, round(width * scale)), max(8, round(height * scale))
        small = np.asarray(cv2.resize(frame.image, size, interpolation=cv2.INTER_AREA), np.uint8)
        soft = cv2.resize(
            cut_middle(small).astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR
        )
        mask = fill_holes(soft > 0.5, max_area=height * width // 500)
        parts = components(mask.view(np.uint8), max(1, round(self._min_area)))
        if not parts:
            return Instances.empty(frame.size)
        largest = max(np.count_nonzero(part.mask) for part in parts)
        figure = np.zeros(frame.size, bool)
        for part in parts:
            if np.count_nonzero(part.mask) >= _LEAST_PART * largest:
                figure[part.window] |= part.mask
        return Instances(frame.size, (tight_crop(figure),))


def load(source: Source, *, min_area: float | None = None) -> GrabCutSegmenter:
    """Ready at once: every still is judged on its own.

    Args:
        source: not looked at beforehand.
        min_area: pixels of the smallest figure.

    Example:
        >>> from figureground.testing import made_scene
        >>> scene = made_scene((60, 80), frames=1)
        >>> len(load(scene).classes)
        1
    """
    return GrabCutSegmenter(min_area or 0.0)


def cut_middle(image: Image) -> npt.NDArray[np.bool_]:
    """(h, w) bool: what GrabCut takes for the figure of `image` (h, w, 3) uint8 RGB in the middle."""
    if np.ptp(cv2.blur(image, (3, 3)), axis=(0, 1)).max() < _FLAT:
        return np.zeros(image.shape[:2], bool)
    marks = _prior(image.shape[0], image.shape[1])
    ground, figure = np.zeros((1, 65)), np.zeros((1, 65))
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    cv2.setRNGSeed(0)  # GrabCut clusters colours from random starts
    try:
        cv2.grabCut(bgr, marks, (0, 0, 0, 0), ground, figure, _ROUNDS, cv2.GC_INIT_WITH_MASK)
    except cv2.error:  # a picture of one colour has no two clusters
        return np.zeros(image.shape[:2], bool)
    return (marks == cv2.GC_FGD) | (marks == cv2.GC_PR_FGD)


def _prior(height: int, width: int) -> npt.NDArray[np.uint8]:
    """GrabCut's marks: ground around the border, probably figure in the middle."""
    y, x = np.mgrid[0:height, 0:width]
    away = np.hypot((x + 0.5) / width - 0.5, (y + 0.5) / height - 0.5)
    marks = np.full((height, width), cv2.GC_PR_BGD, np.uint8)
    marks[away <= _PROBABLE] = cv2.GC_PR_FGD
    rows, columns = max(1, round(_BORDER * height)), max(1, round(_BORDER * width))
    marks[:rows] = cv2.GC_BGD
    marks[:, :columns] = cv2.GC_BGD
    marks[:, -columns:] = cv2.GC_BGD
    marks[away <= _MIDDLE / 2] = cv2.GC_FGD
    return marks
