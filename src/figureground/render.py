"""From a picture and its figures to a picture: on a colour, a picture or a blur, transparent, outlined.

Every function returns a new array (or the `out` it was given) and leaves its inputs alone. Only the boxes
where figures are get touched, so the cost follows the figures, not the frame.
"""

import colorsys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from figureground.errors import OptionError
from figureground.frames import Image
from figureground.instances import Crop, Instances
from figureground.masks import outlines
from figureground.stills import read_still

Colour: TypeAlias = tuple[int, int, int]
"""Red, green, blue, each 0..255."""

Alpha: TypeAlias = npt.NDArray[np.uint8]
"""(h, w) uint8: how much of each pixel is figure, 255 = all."""

Window: TypeAlias = tuple[slice, slice]
"""Rows and columns of a box, to index a picture with."""


@dataclass(frozen=True, eq=False)
class Ground:
    """What stands behind the figures.

    Attributes:
        kind: "colour", "image", "blur" (the frame itself, blurred) or "transparent".
        colour: of the ground where kind is "colour".
        image: (h, w, 3) uint8 RGB of any size where kind is "image".
    """

    kind: Literal["colour", "image", "blur", "transparent"]
    colour: Colour = (0, 0, 0)
    image: Image | None = None


def parse_ground(text: str) -> Ground:
    """The ground that a user names: `black`, `white`, `#rrggbb`, `blur`, `transparent`, or a picture's path.

    Raises:
        OptionError: it is none of these.
        InputError: the file is there, but holds no picture.

    Example:
        >>> parse_ground("#ff8000").colour
        (255, 128, 0)
    """
    named = {"black": Ground("colour"), "white": Ground("colour", (255, 255, 255))}
    named |= {"blur": Ground("blur"), "transparent": Ground("transparent")}
    if text in named:
        return named[text]
    digits = text.removeprefix("#")
    if text.startswith("#") and len(digits) == 6 and all(d in "0123456789abcdefABCDEF" for d in digits):
        red, green, blue = bytes.fromhex(digits)
        return Ground("colour", (red, green, blue))
    if not Path(text).is_file():
        raise OptionError(
            f"no ground {text!r}; choose black, white, #rrggbb, blur, transparent, or the path of a picture"
        )
    return Ground("image", image=read_still(text))


def soft_radius(feather: float) -> int:
    """How many pixels the soft edge reaches beyond the outline.

    Raises:
        OptionError: `feather` is not 0 to 1000 pixels.
    """
    if not 0 <= feather <= 1000:
        raise OptionError(f"feather must be 0 to 1000 pixels, got {feather}")
    return 1 + int(np.ceil(feather))


def soft_windows(found: Instances, feather: float = 0.0, step: int = 1) -> list[Window]:
    """The boxes outside of which `alpha` is 0: one a figure, grown by the soft edge, inside the frame.

    With `step` their edges are moved outwards to multiples of it (the frame's own edge excepted).
    """
    radius = soft_radius(feather)
    return [_grown(crop, radius, found.size, step) for crop in found.masks if crop.mask.size]


def alpha(found: Instances, feather: float = 0.0) -> Alpha:
    """How much of each pixel is figure: (h, w) uint8, smooth across the outline.

    The edge is soft over 1 + `feather` pixels on each side of the outline; pixels further off are 0
    or 255. A figure that the frame cuts off stays opaque up to the frame's edge.

    Example:
        >>> mask = np.zeros((5, 9), bool); mask[:, 4:] = True
        >>> alpha(Instances.from_dense([mask]))[2].tolist()
        [0, 0, 0, 54, 201, 255, 255, 255, 255]
    """
    hard = np.zeros(found.size, np.uint8)
    for crop in found.masks:
        hard[crop.window] |= np.negative(crop.mask.view(np.int8)).view(np.uint8)
    soft = np.zeros(found.size, np.uint8)
    radius = soft_radius(feather)
    for crop in found.masks:
        if crop.mask.size:
            rows, columns = window = _grown(crop, radius, found.size)
            around = _grown(crop, 2 * radius, found.size)
            blurred = _blurred(hard[around], feather)
            top, left = rows.start - around[0].start, columns.start - around[1].start
            height, width = soft[window].shape
            soft[window] = blurred[top : top + height, left : left + width]
    return soft


def on_colour(
    image: Image, found: Instances, colour: Colour = (0, 0, 0), feather: float = 0.0, out: Image | None = None
) -> Image:
    """The figures of `image` (h, w, 3) RGB on one colour.

    `out` (h, w, 3) uint8, if given, is drawn into and returned: it saves asking for memory each frame.

    Example:
        >>> image = np.full((4, 6, 3), 200, np.uint8); mask = np.zeros((4, 6), bool); mask[:, :3] = True
        >>> on_colour(image, Instances.from_dense([mask]), (10, 20, 30))[0, [0, 5]].tolist()
        [[200, 200, 200], [10, 20, 30]]
    """
    out = np.empty_like(image) if out is None else out
    out[:] = _row(out.shape[1], colour)
    soft = alpha(found, feather)
    for window in soft_windows(found, feather):
        ground = None
        if any(colour):
            ground = np.empty_like(image[window])
            ground[:] = _row(ground.shape[1], colour)
        out[window] = _mixed(image[window], ground, soft[window])
    return out


def on_image(
    image: Image, found: Instances, canvas: Image, feather: float = 0.0, out: Image | None = None
) -> Image:
    """The figures of `image` (h, w, 3) RGB on the picture `canvas`, which is scaled to cover the frame.

    A canvas that has the frame's size already (see `covering`) is used as it is, which is faster.
    """
    canvas = covering(canvas, found.size)
    out = np.empty_like(image) if out is None else out
    out[:] = canvas
    soft = alpha(found, feather)
    for window in soft_windows(found, feather):
        out[window] = _mixed(image[window], canvas[window], soft[window])
    return out


def on_blur(image: Image, found: Instances, feather: float = 0.0, out: Image | None = None) -> Image:
    """The figures of `image` (h, w, 3) RGB, sharp, on the picture itself, blurred."""
    height, width = found.size
    size = max(1, width // 8), max(1, height // 8)  # a wide blur costs little on a small picture
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    spread = max(1.0, max(height, width) / 320)
    small = cv2.GaussianBlur(small, (0, 0), spread, borderType=cv2.BORDER_REPLICATE)
    blurred = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    return on_image(image, found, np.asarray(blurred, np.uint8), feather, out)


def transparent(image: Image, found: Instances, feather: float = 0.0) -> npt.NDArray[np.uint8]:
    """(h, w, 4) uint8 RGBA with straight alpha; nothing of the ground is left where alpha is 0.

    Example:
        >>> image = np.full((4, 6, 3), 200, np.uint8); mask = np.zeros((4, 6), bool); mask[:, :3] = True
        >>> transparent(image, Instances.from_dense([mask]))[0, [0, 5]].tolist()
        [[200, 200, 200, 255], [0, 0, 0, 0]]
    """
    out = np.zeros((*found.size, 4), np.uint8)
    soft = alpha(found, feather)
    for window in soft_windows(found, feather):
        picture = cv2.copyTo(image[window], soft[window])
        rgba = cv2.cvtColor(picture, cv2.COLOR_RGB2RGBA)
        out[window] = cv2.insertChannel(soft[window], rgba, 3)
    return out


def paint(image: Image, found: Instances, ground: Ground, feather: float = 0.0) -> npt.NDArray[np.uint8]:
    """The figures of `image` on any ground: (h, w, 3) RGB, or (h, w, 4) RGBA where it is transparent."""
    if ground.kind == "transparent":
        return transparent(image, found, feather)
    if ground.kind == "blur":
        return on_blur(image, found, feather)
    if ground.image is not None:
        return on_image(image, found, ground.image, feather)
    return on_colour(image, found, ground.colour, feather)


def covering(picture: Image, size: tuple[int, int]) -> Image:
    """`picture` scaled evenly and cut at its middle so that it covers `size` (h, w).

    Example:
        >>> covering(np.zeros((10, 10, 3), np.uint8), (20, 30)).shape
        (20, 30, 3)
    """
    if picture.shape[:2] == size:
        return picture
    height, width = size
    scale = max(height / picture.shape[0], width / picture.shape[1])
    wide, tall = max(width, round(picture.shape[1] * scale)), max(height, round(picture.shape[0] * scale))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    scaled = cv2.resize(picture, (wide, tall), interpolation=method)
    top, left = (tall - height) // 2, (wide - width) // 2
    return np.ascontiguousarray(scaled[top : top + height, left : left + width], np.uint8)


def overlay(
    image: Image, found: Instances, classes: Sequence[str] = ("figure",), *, named: bool = True
) -> Image:
    """A copy of `image` (h, w, 3) RGB with each figure tinted, outlined and, if wanted, named.

    The label holds the class, the id where the figure is tracked, and the score where it is below 1.
    A figure keeps its colour from frame to frame by its id, or without ids by its place in the frame.
    """
    out = image.copy()
    pixels = max(1, round(max(found.size) / 640))
    colours = [figure_colour(int(key) if key >= 0 else i) for i, key in enumerate(found.ids)]
    for crop, colour in zip(found.masks, colours, strict=True):
        if crop.mask.size:
            tint = np.empty((*crop.mask.shape, 3), np.uint8)
            tint[:] = _row(tint.shape[1], colour)
            tinted = cv2.addWeighted(out[crop.window], 0.65, tint, 0.35, 0)
            cv2.copyTo(tinted, crop.mask.view(np.uint8), out[crop.window])
            cv2.polylines(out, outlines(crop), True, colour, pixels, cv2.LINE_AA)
    for i, colour in enumerate(colours):
        if named and found.masks[i].mask.size:
            _write_label(out, _label(found, i, classes), found.boxes[i], colour)
    return out


def figure_colour(key: int) -> Colour:
    """A bright colour for the figure `key`; neighbouring keys get colours far apart.

    Example:
        >>> figure_colour(3) == figure_colour(3), figure_colour(0) == figure_colour(1)
        (True, False)
    """
    hue = key * 0.61803398875 % 1  # steps of the golden ratio never come close to an earlier one soon
    red, green, blue = colorsys.hsv_to_rgb(hue, 0.75, 1.0)
    return round(255 * red), round(255 * green), round(255 * blue)


def _row(width: int, colour: Colour) -> npt.NDArray[np.uint8]:
    """(width, 3) uint8; filling a picture row by row is ten times faster than pixel by pixel."""
    return np.full((width, 3), colour, np.uint8)


def _mixed(figure: Image, ground: Image | None, soft: Alpha) -> Image:
    """`figure` over `ground` (None = black), all of one size, to within one grey level."""
    cover = cv2.cvtColor(soft, cv2.COLOR_GRAY2RGB)
    mixed = cv2.multiply(figure, cover, scale=1 / 255)
    if ground is not None:
        mixed = cv2.add(mixed, cv2.multiply(ground, cv2.bitwise_not(cover), scale=1 / 255))
    return np.asarray(mixed, np.uint8)


def _label(found: Instances, i: int, classes: Sequence[str]) -> str:
    label = int(found.labels[i])
    words = [classes[label] if 0 <= label < len(classes) else f"class {label}"]
    if found.ids[i] >= 0:
        words.append(str(found.ids[i]))
    if found.scores[i] < 1:
        words.append(f"{found.scores[i]:.2f}")
    return " ".join(words)


def _write_label(out: Image, text: str, box: npt.NDArray[np.float32], colour: Colour) -> None:
    """Text on a filled box above the figure's top left corner, or as near as the frame allows."""
    height, width = out.shape[:2]
    scale = max(0.4, max(height, width) / 1500)
    weight = max(1, round(scale * 1.5))
    (wide, tall), below = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, weight)
    space = max(1, round(3 * scale))
    x = int(np.clip(box[0], 0, max(0, width - wide - 2 * space)))
    y = int(np.clip(box[1], tall + below + 2 * space, height))
    cv2.rectangle(out, (x, y - tall - below - 2 * space), (x + wide + 2 * space, y), colour, -1)
    dark = 0.3 * colour[0] + 0.59 * colour[1] + 0.11 * colour[2] > 110
    ink = (0, 0, 0) if dark else (255, 255, 255)
    at = (x + space, y - below - space)
    cv2.putText(out, text, at, cv2.FONT_HERSHEY_SIMPLEX, scale, ink, weight, cv2.LINE_AA)


def _blurred(mask: Alpha, feather: float) -> Alpha:
    side = 2 * soft_radius(feather) + 1
    soft = cv2.GaussianBlur(mask, (side, side), 0.7 + feather / 2, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(soft, np.uint8)


def _grown(crop: Crop, by: int, size: tuple[int, int], step: int = 1) -> Window:
    """The crop's box grown by `by` pixels, its edges at multiples of `step`, inside the frame."""
    (height, width), (h, w) = size, crop.mask.shape
    top, left = max(0, crop.y0 - by) // step * step, max(0, crop.x0 - by) // step * step
    bottom, right = -(-(crop.y0 + h + by) // step) * step, -(-(crop.x0 + w + by) // step) * step
    return slice(top, min(height, bottom)), slice(left, min(width, right))
