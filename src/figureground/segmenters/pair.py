"""Figures are what a small network sees when it compares a frame with the empty scene of a fixed camera.

Needs no training and no download: the network comes with the package.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from figureground.background.alignment import Aligned, Alignment, moved
from figureground.background.estimate import SAMPLES, Background
from figureground.background.modes import largest_difference
from figureground.background.scale import enlarged, reduced, step_for
from figureground.errors import InputError
from figureground.frames import Frame, Image
from figureground.instances import Crop, Instances, tight_crop
from figureground.masks import solid_parts
from figureground.models.pair import PairModel, load_pair_model
from figureground.segmenters.scene import learned_scene, least_area
from figureground.stages import Source

Float32: TypeAlias = npt.NDArray[np.float32]

_WORK_PIXELS = 230_000  # larger frames are searched at a half, a third, ... of their size
_FIGURE = 0.5  # probability from which a pixel is figure
_SURE = 0.7  # that some pixel of every figure must reach
_NOISES, _LEVELS, _SHARE = 9.0, 28.0, 0.25  # by how much what share of a figure differs from the ground
_EDGE = 0.05  # how much of an edge the frame itself must show, in shares of its contrast squared


@dataclass(frozen=True)
class Settings:
    """What makes a figure.

    Attributes:
        figure: probability from which a pixel is figure.
        sure: probability that some pixel of each figure must reach.
        min_area: pixels; smaller specks are dropped. None: learned from the video.
    """

    figure: float = _FIGURE
    sure: float = _SURE
    min_area: float | None = None


def load(
    source: Source,
    *,
    empty: str | Path | Image | None = None,
    min_area: float | None = None,
    samples: int = SAMPLES,
    model: str | Path | None = None,
) -> "PairSegmenter":
    """Estimate the background of `source` and return what compares each frame with it.

    Args:
        source: frames of one fixed camera.
        empty: picture of the empty scene, a file or (h, w, 3) uint8 RGB of the source's size; the
            noise is still taken from the source.
        min_area: pixels of the smallest figure; None learns it from the source.
        samples: how many frames the background is estimated from.
        model: folder of a pair network; None for the one that comes with figureground.

    Warns:
        FiguregroundWarning: the camera moves, or most of the picture changes: the result will be poor.

    Raises:
        InputError: there is no frame, or the empty scene or the model cannot be read.
        OptionError: `samples` or `min_area` is too small.
        MissingExtraError: onnxruntime is not installed.

    Example:
        >>> from figureground.testing import made_scene
        >>> scene = made_scene((120, 160), frames=40, animals=3)
        >>> find = load(scene)
        >>> [len(found) for found in find(list(scene)[:2])]
        [3, 3]
    """
    network = load_pair_model(model)
    background = learned_scene(source, empty=empty, min_area=min_area, samples=samples)
    return PairSegmenter(background, network, Settings(min_area=min_area))


class PairSegmenter:
    """Shows a pair network each frame beside a Background.

    Each frame is judged on its own: by its own light and its own shift, not by the frames before.

    Attributes:
        background: what the frames are compared with.
        settings: what makes a figure.
        min_area: pixels; smaller specks are dropped.
    """

    classes: tuple[str, ...] = ("figure",)
    stateful = False

    def __init__(self, background: Background, network: PairModel, settings: Settings | None = None) -> None:
        self.background = background
        self.settings = settings or Settings()
        self.min_area = least_area(background) if self.settings.min_area is None else self.settings.min_area
        self._network = network
        step = step_for(background.picture.shape[:2], _WORK_PIXELS)
        self._align = Alignment(background, step)
        self._noise = reduced(background.noise, step)

    def __call__(self, frames: Sequence[Frame]) -> list[Instances]:
        """The figures of each frame.

        Raises:
            InputError: a frame's size is not the background's.
        """
        return [self._segment(frame) for frame in frames]

    def _segment(self, frame: Frame) -> Instances:
        aligned = self._align(frame)
        likely, depth = self._network(aligned.ground, aligned.image, moved(self._noise, aligned.shift))
        if likely is None:
            raise InputError("this pair network gives no mask, so it finds no figures; use another model")
        parts = [crop for crop in self._parts(likely) if self._differs(crop, aligned)]
        far = np.array([_distance(depth, crop) for crop in parts], np.float32)
        if self._align.step > 1:
            parts = [self._refined(crop, likely, frame.image, aligned) for crop in parts]
        whole = np.empty((0, 0), np.float32) if depth is None else depth
        found = Instances(frame.size, tuple(parts), depth=far, depth_map=whole)
        return found.select(found.areas > 0)

    def _parts(self, likely: Float32) -> list[Crop]:
        """The figures of a reduced frame, of the probability (h, w) of each pixel."""
        mask = np.where(likely > self.settings.figure, np.uint8(255), np.uint8(0))
        parts = solid_parts(mask, max(1, round(self.min_area / self._align.step**2)))
        return [crop for crop in parts if likely[crop.window][crop.mask].max() >= self.settings.sure]

    def _differs(self, crop: Crop, aligned: Aligned) -> bool:
        """Whether enough of a figure is off the ground by more than light that flickers in one place."""
        difference = largest_difference(aligned.image[crop.window], aligned.ground[crop.window])[crop.mask]
        limit = np.maximum(_NOISES * moved(self._noise, aligned.shift)[crop.window][crop.mask], _LEVELS)
        return bool(np.mean(difference > limit) >= _SHARE)

    def _refined(self, crop: Crop, likely: Float32, image: Image, aligned: Aligned) -> Crop:
        """A crop found in the reduced frame, with the outline that the whole frame shows."""
        step = self._align.step
        window, coarse = enlarged(crop, step, image.shape[:2])
        guide = largest_difference(image[window], self._align.whole_ground(aligned, window))
        soft = guided(
            _enlarged_window(likely, step, window), np.divide(guide, 255, dtype=np.float32), 2 * step
        )
        kernel = np.ones((2 * step + 1, 2 * step + 1), np.uint8)
        outer = cv2.dilate(coarse, kernel) > 0
        return tight_crop((soft > self.settings.figure) & outer, window[0].start, window[1].start)


def _enlarged_window(picture: Float32, step: int, window: tuple[slice, slice]) -> Float32:
    """What `picture` (h, w), `step` times reduced, shows in a window of the whole frame."""
    rows, columns = window
    x, y = ((side.start + 0.5) / step - 0.5 for side in (columns, rows))
    to_small = np.array([[1 / step, 0, x], [0, 1 / step, y]])
    size = columns.stop - columns.start, rows.stop - rows.start
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(picture, to_small, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)


def guided(picture: Float32, guide: Float32, radius: int) -> Float32:
    """`picture` (h, w) float32 smoothed so that its edges lie where those of `guide` (h, w) are.

    In each window of 2 `radius` + 1 pixels it is a line of the guide (He, Sun and Tang, Guided image
    filtering, 2013, equations 5, 6 and 8).

    Example:
        >>> guide = np.repeat(np.float32([[0, 0, 0, 0, 1, 1, 1, 1]]), 5, axis=0)
        >>> guided(cv2.blur(guide, (3, 1)), guide, 2)[2].astype(float).round(1).tolist()
        [0.1, 0.1, 0.1, 0.2, 0.8, 0.9, 0.9, 0.9]
    """
    about, level = _mean(guide, radius), _mean(picture, radius)
    variance = _mean(np.square(guide), radius) - np.square(about)
    slope = (_mean(guide * picture, radius) - about * level) / (variance + _EDGE**2)
    return _mean(slope, radius) * guide + _mean(level - slope * about, radius)


def _mean(values: Float32, radius: int) -> Float32:
    return cv2.blur(values, (2 * radius + 1, 2 * radius + 1))


def _distance(depth: Float32 | None, crop: Crop) -> float:
    """The middle of a figure's depth (h, w), NaN where no depth is known."""
    return float("nan") if depth is None else float(np.median(depth[crop.window][crop.mask]))
