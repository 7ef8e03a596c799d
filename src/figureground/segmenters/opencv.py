"""OpenCV's own background subtractors, for comparison: MOG2, KNN, and GSOC of opencv-contrib.

They learn as they go: a figure that is there from the start leaves a ghost where it was, and one
that sits still fades into the ground.
"""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

from figureground.errors import MissingExtraError, OptionError
from figureground.frames import Frame
from figureground.instances import Instances
from figureground.masks import components
from figureground.stages import Source

_SPECK_SHARE = 3e-5  # of the picture: smaller specks are dropped
_FOREGROUND = 200  # MOG2 and KNN mark shadows with 127


class SubtractorSegmenter:
    """The figures that one of OpenCV's subtractors finds, frame after frame."""

    classes: tuple[str, ...] = ("figure",)
    stateful = True

    def __init__(self, subtractor: Any, min_area: float | None = None) -> None:
        self._subtractor = subtractor
        self._min_area = min_area

    def __call__(self, frames: Sequence[Frame]) -> list[Instances]:
        """The figures of each frame; the frames must come in order."""
        return [self._segment(frame) for frame in frames]

    def _segment(self, frame: Frame) -> Instances:
        bgr = cv2.cvtColor(frame.image, cv2.COLOR_RGB2BGR)
        mask = cv2.compare(self._subtractor.apply(bgr), _FOREGROUND, cv2.CMP_GT)
        mask = cv2.medianBlur(np.asarray(mask, np.uint8), 3)
        least = _SPECK_SHARE * mask.size if self._min_area is None else self._min_area
        return Instances(frame.size, tuple(components(mask, max(1, round(least)))))


def load_mog2(source: Source, *, min_area: float | None = None, shadows: bool = True) -> SubtractorSegmenter:
    """OpenCV's MOG2 (Zivkovic, Improved adaptive Gaussian mixture model, ICPR 2004), its defaults.

    Args:
        source: not looked at beforehand.
        min_area: pixels of the smallest figure; None: a small share of the picture.
        shadows: take shadows off the figures.
    """
    return SubtractorSegmenter(cv2.createBackgroundSubtractorMOG2(detectShadows=shadows), min_area)


def load_knn(source: Source, *, min_area: float | None = None, shadows: bool = True) -> SubtractorSegmenter:
    """OpenCV's KNN (Zivkovic and van der Heijden, Pattern Recognition Letters 27, 2006), its defaults.

    The arguments are those of load_mog2.
    """
    return SubtractorSegmenter(cv2.createBackgroundSubtractorKNN(detectShadows=shadows), min_area)


def load_gsoc(source: Source, *, min_area: float | None = None, shadows: bool = False) -> SubtractorSegmenter:
    """GSOC of opencv-contrib (cv2.bgsegm), its defaults.

    The arguments are those of load_mog2.

    Raises:
        MissingExtraError: the installed OpenCV has no contrib modules.
        OptionError: shadows: GSOC does not tell them apart.
    """
    if not hasattr(cv2, "bgsegm"):
        raise MissingExtraError(
            "segmenter gsoc needs OpenCV's contrib modules: pip uninstall -y opencv-python-headless && "
            "pip install opencv-contrib-python-headless"
        )
    if shadows:
        raise OptionError("segmenter gsoc cannot take shadows off; leave the option out")
    return SubtractorSegmenter(cv2.bgsegm.createBackgroundSubtractorGSOC(), min_area)
