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

from figureground.background.alignment import Aligned, Alignment, moved, moved_window
from figureground.background.estimate import SAMPLES, Background
from figureground.background.modes import UInt8, largest_difference
from figureground.background.scale import enlarged, reduced, step_for
from figureground.errors import InputError
from figureground.frames import Frame, Image
from figureground.instances import Crop, Instances, tight_crop
from figureground.masks import fill_holes, solid_parts
from figureground.models.pair import PairModel, load_pair_model
from figureground.segmenters.scene import learned_scene, least_area
from figureground.stages import Source

Float32: TypeAlias = npt.NDArray[np.float32]

_WORK_PIXELS = 230_000  # larger frames are searched at a half, a third, ... of their size
_SURE = 0.7  # that some pixel of every figure must reach
_SURE_NOISES, _SURE_LEVELS, _SURE_SHARE = 9.0, 28.0, 0.25  # a quarter of a figure is off by so much
_NOISES, _LEVELS = 6.0, 16.0  # a pixel that is off by less speaks against a figure
_FOR, _AGAINST = 1.5, 3.0  # nats for each factor of e that a pixel is off by more, or by less
_LEAST_CHANCE = 1e-4  # of what the network says: it is never surer


@dataclass(frozen=True)
class Settings:
    """What makes a figure.

    Attributes:
        sure: probability that some pixel of each figure must reach.
        min_area: pixels; smaller specks are dropped. None: learned from the video.
    """

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
        noise = moved(self._noise, aligned.shift)
        likely, depth = self._network(aligned.ground, aligned.image, noise)
        if likely is None:
            raise InputError("this pair network gives no mask, so it finds no figures; use another model")
        parts = self._parts(likely, largest_difference(aligned.image, aligned.ground), noise)
        far = np.array([_distance(depth, crop) for crop in parts], np.float32)
        if self._align.step > 1:
            parts = [self._refined(crop, likely, frame.image, aligned) for crop in parts]
        whole = np.empty((0, 0), np.float32) if depth is None else depth
        found = Instances(frame.size, tuple(parts), depth=far, depth_map=whole)
        return found.select(found.areas > 0)

    def _parts(self, likely: Float32, difference: UInt8, noise: Float32) -> list[Crop]:
        """The figures of a reduced frame, of the probability (h, w) of each pixel and how far it is off."""
        mask = cv2.compare(evidence(likely, difference, noise), 0, cv2.CMP_GT)
        parts = []
        for crop in solid_parts(mask, max(1, round(self.min_area / self._align.step**2))):
            sure = np.maximum(_SURE_NOISES * noise[crop.window][crop.mask], _SURE_LEVELS)
            differs = np.mean(difference[crop.window][crop.mask] > sure) >= _SURE_SHARE
            if differs and likely[crop.window][crop.mask].max() >= self.settings.sure:
                parts.append(crop)
        return parts

    def _refined(self, crop: Crop, likely: Float32, image: Image, aligned: Aligned) -> Crop:
        """A crop found in the reduced frame, with the outline that the whole frame shows."""
        step = self._align.step
        window, coarse = enlarged(crop, step, image.shape[:2])
        difference = largest_difference(image[window], self._align.whole_ground(aligned, window))
        noise = moved_window(self.background.noise, window, self._align.whole_shift(aligned))
        mask = evidence(_enlarged_window(likely, step, window), difference, noise) > 0
        near = cv2.dilate(coarse, np.ones((2 * step + 1, 2 * step + 1), np.uint8)) > 0
        return tight_crop(fill_holes(mask & near), window[0].start, window[1].start)


def evidence(likely: Float32, difference: UInt8, noise: Float32) -> Float32:
    """(h, w) float32, over 0 on figures: what the network says and how far each pixel is off, in nats.

    The network knows what is a figure, the difference to the pixel where it ends. What is hardly off at all
    is figure only where the network is very sure.

    Args:
        likely: (h, w) float32, probability of being figure.
        difference: (h, w) uint8, grey levels between frame and ground, of the channel that differs most.
        noise: (h, w) float32, see Background.noise.

    Example:
        >>> likely, off = np.float32([[0.3, 0.3, 0.95, 0.95]]), np.uint8([[60, 17, 17, 1]])
        >>> (evidence(likely, off, np.ones((1, 4), np.float32)) > 0).tolist()
        [[True, False, True, False]]
    """
    chance = likely.clip(_LEAST_CHANCE, 1 - _LEAST_CHANCE)
    belief = cv2.log(chance / (1 - chance))
    usual = np.maximum(_NOISES * noise, np.float32(_LEVELS))
    off = cv2.log(np.maximum(difference, 1) / usual)
    return np.asarray(belief + np.where(off > 0, _FOR * off, _AGAINST * off), np.float32)


def _enlarged_window(picture: Float32, step: int, window: tuple[slice, slice]) -> Float32:
    """What `picture` (h, w), `step` times reduced, shows in a window of the whole frame."""
    rows, columns = window
    x, y = ((side.start + 0.5) / step - 0.5 for side in (columns, rows))
    to_small = np.array([[1 / step, 0, x], [0, 1 / step, y]])
    size = columns.stop - columns.start, rows.stop - rows.start
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(picture, to_small, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)


def _distance(depth: Float32 | None, crop: Crop) -> float:
    """The middle of a figure's depth (h, w), NaN where no depth is known."""
    return float("nan") if depth is None else float(np.median(depth[crop.window][crop.mask]))
