"""From a frame and its figures to what windows need of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from figureground.frames import Frame, Image
from figureground.instances import Crop, Instances
from figureground.writers.examples.settings import Settings

Contour = npt.NDArray[np.int32]
"""(n, 1, 2) int32: x y of each pixel on an outline, in the frame, as OpenCV has it."""

_ROOM = 5  # pixels around a figure, more than blur and edge filter reach


@dataclass(frozen=True, eq=False)
class Figure:
    """One figure in one frame.

    Attributes:
        key: its id, -1 where it is not tracked.
        label: of its class.
        contour: the outer contour of its largest part.
        solid: what is inside of that contour, holes filled.
        pixels: (h, w, 3) RGB in the box of `solid`, black outside of it.
        inner: contours inside of it, where body parts are wanted.
    """

    key: int
    label: int
    contour: Contour
    solid: Crop
    pixels: Image
    inner: tuple[Contour, ...] = ()


@dataclass(frozen=True, eq=False)
class Seen:
    """One frame of a window.

    Attributes:
        size: (h, w) of the frame.
        figures: those that have any pixels.
        near: for each of them the numbers of those near it; empty where nobody asks.
        image: the frame where the background is kept, else None: the figures' pixels are enough.
        levels: least and greatest value in the frame, where the background is kept.
    """

    size: tuple[int, int]
    figures: tuple[Figure, ...]
    near: tuple[tuple[int, ...], ...] = ()
    image: Image | None = None
    levels: tuple[int, int] = (0, 0)

    def find(self, key: int) -> int | None:
        """The number of the first figure with this id; None where it is missing."""
        return next((number for number, one in enumerate(self.figures) if one.key == key), None)


def frame_to_figures(frame: Frame, found: Instances, settings: Settings) -> tuple[Figure, ...]:
    """The figures of `frame` that have any pixels."""
    parts = settings.body_parts is not None
    chosen = [number for number, crop in enumerate(found.masks) if crop.mask.any()]
    return tuple(_figure(frame, found, number, parts) for number in chosen)


def _figure(frame: Frame, found: Instances, number: int, parts: bool) -> Figure:
    contour = _outer_contour(found.masks[number])
    x0, y0, width, height = cv2.boundingRect(contour)
    drawn = np.zeros((height, width), np.uint8)
    cv2.drawContours(drawn, [contour], 0, 1, cv2.FILLED, offset=(-x0, -y0))
    solid = Crop(y0, x0, drawn.view(bool))
    pixels = np.where(solid.mask[..., None], frame.image[solid.window], np.uint8(0))
    inner = _inner_contours(pixels, solid, contour, found.size) if parts else ()
    return Figure(int(found.ids[number]), int(found.labels[number]), contour, solid, pixels, inner)


def _outer_contour(crop: Crop) -> Contour:
    """The outline of the largest part, pixel by pixel; of equals the first."""
    mask = np.ascontiguousarray(crop.mask).view(np.uint8)
    place = crop.x0, crop.y0
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE, offset=place)
    return max(contours, key=cv2.contourArea)


def _inner_contours(
    pixels: Image, solid: Crop, contour: Contour, size: tuple[int, int]
) -> tuple[Contour, ...]:
    """Edges within a figure; the two largest of them are its outline from both sides, and are left out.

    Only the figure's surroundings are looked at: outside of it all is black, so no edge is missed.
    """
    height, width = solid.mask.shape
    top, left = max(0, solid.y0 - _ROOM), max(0, solid.x0 - _ROOM)
    bottom, right = min(size[0], solid.y0 + height + _ROOM), min(size[1], solid.x0 + width + _ROOM)
    grey = np.zeros((bottom - top, right - left), np.uint8)
    y, x = solid.y0 - top, solid.x0 - left
    grey[y : y + height, x : x + width] = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    blurred = cv2.GaussianBlur(grey, (3, 3), 0)
    edges = cv2.Canny(blurred, 20, 75, apertureSize=3, L2gradient=True)
    found, _ = cv2.findContours(edges, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE, offset=(left, top))
    if len(found) <= 3:
        return contour, contour
    return tuple(sorted(found, key=cv2.contourArea, reverse=True)[2:])


def contour_centre(contour: Contour) -> tuple[int, int]:
    """The middle x, y of what a contour encloses, towards 0; of its points where it encloses nothing."""
    moments = cv2.moments(contour)
    if not moments["m00"]:
        x, y = contour.reshape(-1, 2).mean(0)
        return int(x), int(y)
    return int(moments["m10"] / moments["m00"]), int(moments["m01"] / moments["m00"])


def mean_contour_area(figures: Sequence[Figure]) -> float:
    """Square pixels that the contours enclose, on average."""
    return float(np.mean([cv2.contourArea(one.contour) for one in figures]))
