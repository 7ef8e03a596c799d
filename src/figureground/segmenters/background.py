"""Figures are what differs from the empty scene of a fixed camera. Needs no model and no training."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from figureground.background.alignment import Aligned, Alignment, moved, moved_window
from figureground.background.estimate import SAMPLES, Background
from figureground.background.modes import largest_difference
from figureground.background.scale import enlarged, reduced, step_for
from figureground.frames import Frame, Image
from figureground.instances import Crop, Instances, tight_crop
from figureground.masks import components, fill_holes, solid_parts
from figureground.segmenters.scene import learned_scene, least_area
from figureground.stages import Source

UInt8: TypeAlias = npt.NDArray[np.uint8]
Bool: TypeAlias = npt.NDArray[np.bool_]

_WORK_PIXELS = 700_000  # larger frames are searched at a half, a third, ... of their size
_DARKEST, _FAINTEST = 0.5, 0.97  # of the ground's brightness is left in a shadow
_OFF_HUE = 6.0  # grey levels that a shadow may lie off the ground's darkened colour
_HARDLY, _MOSTLY = 0.02, 0.7  # share of a part: with less or more shadow than this it is left alone
_LARGE_PIECE = 0.2  # of a part: smaller pieces of shadow hold nothing together
_LARGE_REST = 0.1  # of what is left of a part without its shadow
_CLOSING = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))


@dataclass(frozen=True)
class Settings:
    """What makes a figure. The noise is that of each pixel, see Background.noise.

    Attributes:
        weak: a pixel differs when its largest channel is off by more than this many times the noise
        weak_least: and by more than this many grey levels.
        strong: a pixel differs for sure when it is off by more than this many times the noise
        strong_least: and by more than this many grey levels.
        strong_share: at least this share of a figure's pixels differ for sure.
        min_area: pixels; smaller specks are dropped. None: learned from the video.
        shadows: whether shadows are taken off the figures.
    """

    weak: float = 6.0
    weak_least: float = 16.0
    strong: float = 9.0
    strong_least: float = 28.0
    strong_share: float = 0.25
    min_area: float | None = None
    shadows: bool = True


class _Limits(NamedTuple):
    """(h, w) uint8 each: grey levels above which a pixel differs, and differs for sure."""

    weak: UInt8
    strong: UInt8


def load(
    source: Source,
    *,
    empty: str | Path | Image | None = None,
    min_area: float | None = None,
    shadows: bool = True,
    samples: int = SAMPLES,
) -> "BackgroundSegmenter":
    """Estimate the background of `source` and return what finds the figures in front of it.

    Args:
        source: frames of one fixed camera.
        empty: picture of the empty scene, a file or (h, w, 3) uint8 RGB of the source's size; the
            noise is still taken from the source.
        min_area: pixels of the smallest figure; None learns it from the source.
        shadows: take shadows off the figures.
        samples: how many frames the background is estimated from.

    Warns:
        FiguregroundWarning: the camera moves, or most of the picture changes: the result will be poor.

    Raises:
        InputError: there is no frame, or the empty scene cannot be read or has another size.
        OptionError: `samples` or `min_area` is too small.

    Example:
        >>> from figureground.testing import made_scene
        >>> scene = made_scene((120, 160), frames=40, animals=3)
        >>> find = load(scene)
        >>> [len(found) for found in find(list(scene)[:2])]
        [3, 3]
    """
    background = learned_scene(source, empty=empty, min_area=min_area, samples=samples)
    return BackgroundSegmenter(background, Settings(min_area=min_area, shadows=shadows))


class BackgroundSegmenter:
    """Finds what differs from a Background.

    Each frame is judged on its own: by its own light and its own shift, not by the frames before.

    Attributes:
        background: what the frames are compared with.
        settings: what makes a figure.
        min_area: pixels; smaller specks are dropped.
    """

    classes: tuple[str, ...] = ("figure",)
    stateful = False

    def __init__(self, background: Background, settings: Settings | None = None) -> None:
        self.background = background
        self.settings = settings or Settings()
        self.min_area = least_area(background) if self.settings.min_area is None else self.settings.min_area
        step = step_for(background.picture.shape[:2], _WORK_PIXELS)
        self._align = Alignment(background, step)
        self._whole = self._limits(background.noise)
        self._small = self._limits(reduced(background.noise, step))

    def _limits(self, noise: npt.NDArray[np.float32]) -> _Limits:
        chosen = self.settings
        weak = np.maximum(chosen.weak * noise, chosen.weak_least).clip(0, 254)
        strong = np.maximum(chosen.strong * noise, chosen.strong_least).clip(0, 254)
        return _Limits(weak.astype(np.uint8), strong.astype(np.uint8))

    def __call__(self, frames: Sequence[Frame]) -> list[Instances]:
        """The figures of each frame.

        Raises:
            InputError: a frame's size is not the background's.
        """
        return [self._segment(frame) for frame in frames]

    def _segment(self, frame: Frame) -> Instances:
        aligned = self._align(frame)
        found = self._parts(aligned)
        if self._align.step > 1:
            found = [self._refined(crop, frame.image, aligned) for crop in found]
        return Instances(frame.size, tuple(crop for crop in found if crop.mask.any()))

    def _parts(self, aligned: Aligned) -> list[Crop]:
        """The figures of a reduced frame; what the ground's picture had not seen never differs."""
        weak, strong = (moved(limit, aligned.shift, outside=255) for limit in self._small)
        difference = largest_difference(aligned.image, aligned.ground)
        mask = cv2.medianBlur(cv2.compare(difference, weak, cv2.CMP_GT), 3)
        mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, _CLOSING)
        parts = []
        for crop in solid_parts(mask, max(1, round(self.min_area / self._align.step**2))):
            sure = cv2.compare(difference[crop.window], strong[crop.window], cv2.CMP_GT) > 0
            if np.count_nonzero(sure & crop.mask) < self.settings.strong_share * np.count_nonzero(crop.mask):
                continue
            if self.settings.shadows:
                part = without_shadow(crop.mask, aligned.image[crop.window], aligned.ground[crop.window])
                crop = crop if part is crop.mask else tight_crop(fill_holes(part), crop.y0, crop.x0)
            parts.append(crop)
        return parts

    def _refined(self, crop: Crop, image: Image, aligned: Aligned) -> Crop:
        """A crop found in the reduced frame, with the outline that the whole frame shows."""
        step = self._align.step
        window, coarse = enlarged(crop, step, image.shape[:2])
        ground = self._align.whole_ground(aligned, window)
        weak = moved_window(self._whole.weak, window, self._align.whole_shift(aligned))
        differs = cv2.compare(largest_difference(image[window], ground), weak, cv2.CMP_GT)
        kernel = np.ones((2 * step + 1, 2 * step + 1), np.uint8)
        inner, outer = cv2.erode(coarse, kernel), cv2.dilate(coarse, kernel)
        mask = cv2.medianBlur(cv2.bitwise_or(inner, cv2.bitwise_and(differs, outer)), 3)
        return tight_crop(mask > 0, window[0].start, window[1].start)


def without_shadow(part: Bool, image: Image, ground: Image) -> Bool:
    """`part` (h, w) bool without the pixels that only show the ground darkened.

    A shadow scales the ground's colour and leaves its hue (Horprasert, Harwood and Davis, A
    statistical approach for real-time robust background subtraction and shadow detection, 1999).
    So does grey cloth before a grey wall: a piece of shadow stays if the part fell apart without it,
    and where most of the part would go, none of it goes.
    """
    old = ground.astype(np.float32) + 1
    ratio = _dot(image.astype(np.float32), old) / _dot(old, old)
    off = largest_difference(image, cv2.multiply(old, cv2.merge([ratio] * 3), dtype=cv2.CV_8U))
    shadow = part & (ratio > _DARKEST) & (ratio < _FAINTEST) & (off < _OFF_HUE)
    share = float(shadow.sum()) / max(1, int(part.sum()))
    if share < _HARDLY or share > _MOSTLY:
        return part
    rest = cv2.morphologyEx((part & ~shadow).view(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    rest |= _bridges(part.view(np.uint8) - rest, rest)
    rest = cv2.morphologyEx(rest, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    kept: Bool = (rest > 0) & part
    return kept


def _dot(first: npt.NDArray[np.float32], second: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """(h, w): the scalar product of the colours (h, w, 3)."""
    return cv2.transform(first * second, np.ones((1, 3), np.float32))


def _bridges(shadow: UInt8, rest: UInt8) -> UInt8:
    """The large pieces of `shadow` (h, w) uint8 0 or 1 that touch two large pieces of `rest`."""
    least = round(_LARGE_PIECE * (cv2.countNonZero(shadow) + cv2.countNonZero(rest)))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(rest, connectivity=8)
    large = stats[:, cv2.CC_STAT_AREA] >= _LARGE_REST * max(1, cv2.countNonZero(rest))
    out = np.zeros_like(rest)
    if np.count_nonzero(large[1:]) < 2:
        return out
    labels = np.where(large[labels], labels, 0)
    for piece in components(shadow, max(9, least)):
        rows, columns = piece.window
        window = (
            slice(max(0, rows.start - 1), rows.stop + 1),
            slice(max(0, columns.start - 1), columns.stop + 1),
        )
        grown = np.zeros_like(rest)
        grown[piece.window] = piece.mask
        touched = labels[window][cv2.dilate(grown[window], np.ones((3, 3), np.uint8)) > 0]
        if len(np.unique(touched[touched > 0])) > 1:
            out[piece.window] |= piece.mask
    return out
