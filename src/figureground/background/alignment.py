"""A frame and the empty scene brought together: the scene as this frame's camera and light show it."""

from typing import NamedTuple, TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from figureground.background import light, registration
from figureground.background.estimate import Background
from figureground.background.scale import reduced
from figureground.errors import InputError
from figureground.frames import Frame, Image

Pixel = TypeVar("Pixel", np.uint8, np.float32)
Window = tuple[slice, slice]
NO_SHIFT = (0.0, 0.0)


class Aligned(NamedTuple):
    """A frame beside the ground that it should be compared with, both reduced.

    Attributes:
        image: (h, w, 3) uint8 RGB, the frame.
        ground: (h, w, 3) uint8 RGB, the empty scene, shifted and lit as the frame is.
        shift: by which the frame's camera is off, in pixels of these pictures.
        lit: the frame's light against the ground's.
    """

    image: Image
    ground: Image
    shift: registration.Shift
    lit: light.Light


class Alignment:
    """Lays the empty scene under one frame after the other.

    Attributes:
        step: whole factor by which frames are reduced.
        ground: (h, w, 3) uint8 RGB, the reduced empty scene.

    Example:
        >>> from figureground.testing import made_scene
        >>> from figureground.background.estimate import fit_background
        >>> scene = made_scene((90, 120), frames=40)
        >>> align = Alignment(fit_background(scene.sample(20)), step=2)
        >>> align(next(iter(scene))).ground.shape
        (45, 60, 3)
    """

    def __init__(self, background: Background, step: int) -> None:
        self.step = step
        self.ground = reduced(background.picture, step)
        self._whole = background.picture
        self._shakes = background.shake > 0
        self._reference = registration.fit_reference(self.ground)

    def __call__(self, frame: Frame) -> Aligned:
        """The frame, reduced, and the ground as it should look in it.

        Raises:
            InputError: the frame's size is not the background's.
        """
        if frame.image.shape != self._whole.shape:
            expected = self._whole.shape[:2]
            raise InputError(
                f"frame {frame.index}: its size {frame.size} differs from the background's, {expected}"
            )
        image = reduced(frame.image, self.step)
        shift = self._shift(image)
        ground = moved(self.ground, shift)
        lit = light.fit_light(image, ground)
        return Aligned(image, _lit(ground, lit), shift, lit)

    def _shift(self, image: Image) -> registration.Shift:
        if not self._shakes:
            return NO_SHIFT
        shift = registration.fit_shift(image, self._reference)
        return shift if max(map(abs, shift)) > registration.STILL / self.step else NO_SHIFT

    def whole_shift(self, aligned: Aligned) -> registration.Shift:
        """The shift in pixels of the whole frame."""
        return aligned.shift[0] * self.step, aligned.shift[1] * self.step

    def whole_ground(self, aligned: Aligned, window: Window) -> Image:
        """(h, w, 3) uint8 RGB: the ground in a window of the whole frame, shifted and lit as it is."""
        return _lit(moved_window(self._whole, window, self.whole_shift(aligned)), aligned.lit)


def moved(
    picture: npt.NDArray[Pixel], shift: registration.Shift, outside: int | None = None
) -> npt.NDArray[Pixel]:
    """`picture` (h, w) or (h, w, 3) as a camera shows it that is off by `shift`.

    Args:
        picture: what belongs to the ground.
        shift: see registration.Shift.
        outside: value where the ground was not seen; None repeats its border.
    """
    if shift == NO_SHIFT:
        return picture
    return registration.unshift(picture, (-shift[0], -shift[1]), outside=outside)


def moved_window(
    picture: npt.NDArray[Pixel], window: Window, shift: registration.Shift
) -> npt.NDArray[Pixel]:
    """What `moved(picture, shift)` shows in `window` (rows, columns); the border is repeated."""
    if shift == NO_SHIFT:
        return picture[window]
    size = window[1].stop - window[1].start, window[0].stop - window[0].start
    back = np.array([[1, 0, window[1].start - shift[0]], [0, 1, window[0].start - shift[1]]], np.float32)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(picture, back, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)


def _lit(ground: Image, lit: light.Light) -> Image:
    return ground if light.is_steady(lit) else light.relight(ground, lit)
