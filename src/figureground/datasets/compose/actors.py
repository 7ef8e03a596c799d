"""Figures at each moment of a scene: where, how large, how turned and how bent; and how they are drawn."""

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from figureground.datasets.compose.looks import Look
from figureground.datasets.compose.scene import Depth
from figureground.datasets.compose.ways import Way
from figureground.frames import Image

Float32: TypeAlias = npt.NDArray[np.float32]
UInt8: TypeAlias = npt.NDArray[np.uint8]
Window: TypeAlias = tuple[slice, slice]

_STEPS = 1.6  # steps a body's height of way
_HIDDEN = 0.93  # ground nearer than this share of a figure's depth stands before it


class Shadow(NamedTuple):
    """How all figures of a scene cast shadows.

    Attributes:
        dark: 0..1.
        lean: sideways, in heights of the figure.
        rise: up the picture, in heights of the figure; negative towards the viewer.
        soft: standard deviation, in heights.
    """

    dark: float
    lean: float
    rise: float
    soft: float


@dataclass(frozen=True, eq=False)
class Actor:
    """One figure in all moments of a scene.

    Attributes:
        look: its pictures.
        way: where it goes, n moments.
        sides: (n,) pixels of its height; of its length where it is seen from above.
        bend: how far it bends, as a share of its height.
        above: it is seen from above: `way.at` is its middle, and it turns; else where it stands.
        mirrored: it looks to the left in its picture.
    """

    look: Look
    way: Way
    sides: npt.NDArray[np.float64]
    bend: float
    above: bool
    mirrored: bool

    def foot(self, moment: int, size: tuple[int, int]) -> tuple[float, float]:
        """Where `way.at` is: x and y in pixels."""
        x, y = self.way.at[moment]
        return float(x * size[1]), float(y * size[0])


class Painted(NamedTuple):
    """What an actor covers at a moment.

    Attributes:
        window: where, rows and columns of the picture.
        colours: (h, w, 3) uint8 RGB times alpha.
        alpha: (h, w) uint8.
    """

    window: Window
    colours: UInt8
    alpha: UInt8


def paint(actor: Actor, moment: int, size: tuple[int, int]) -> Painted | None:
    """What of `actor` is seen in a picture of `size` (h, w); None where it is away."""
    scale = actor.sides[moment] / (actor.look.size[0] * (1 - 2 * actor.look.border))
    level = min(len(actor.look.levels) - 1, max(0, int(np.floor(np.log2(1 / max(scale, 1e-3)) + 0.2))))
    picture = actor.look.levels[level]
    to_picture = _matrix(actor, moment, size, picture.shape[:2])
    window = _window(to_picture, picture.shape[:2], size, margin=0.3 * abs(actor.bend))
    if window is None:
        return None
    maps = _maps(actor, moment, to_picture, window, picture.shape[:2])
    cover = cv2.remap(picture, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    return Painted(window, np.ascontiguousarray(cover[..., :3]), np.ascontiguousarray(cover[..., 3]))


def _matrix(
    actor: Actor, moment: int, size: tuple[int, int], shape: tuple[int, ...]
) -> npt.NDArray[np.float64]:
    """(2, 3) that takes x, y of the look's picture to x, y of the scene's."""
    height, width = shape[:2]
    border = actor.look.border * height
    scale = actor.sides[moment] / (height - 2 * border)
    x, y = actor.foot(moment, size)
    if actor.above:
        turn = actor.way.angle[moment] + np.pi / 2
        cos, sin = scale * np.cos(turn), scale * np.sin(turn)
        across = -1 if actor.mirrored else 1
        linear = np.array([[across * cos, -sin], [across * sin, cos]])
        anchor = np.array([width / 2, height / 2])
    else:
        across = -1 if (np.cos(actor.way.angle[moment]) < 0) != actor.mirrored else 1
        linear = np.array([[across * scale, 0], [0, scale]])
        anchor = np.array([width / 2, height - border])
        bob = abs(np.sin(_phase(actor, moment))) * 0.3 * actor.bend
        y -= bob * actor.sides[moment]
    return np.column_stack([linear, np.array([x, y]) - linear @ anchor])


def _phase(actor: Actor, moment: int) -> float:
    side = max(0.02, float(np.median(actor.sides)) / 240)
    return float(2 * np.pi * _STEPS / 2 * actor.way.gone[moment] / side)


def _window(
    matrix: npt.NDArray[np.float64], shape: tuple[int, ...], size: tuple[int, int], margin: float = 0.0
) -> Window | None:
    height, width = shape[:2]
    spare = margin * height
    corners = np.array(
        [[-spare, 0, 1], [width + spare, 0, 1], [-spare, height, 1], [width + spare, height, 1]]
    )
    at = corners @ matrix.T
    low, high = np.floor(at.min(axis=0)).astype(int), np.ceil(at.max(axis=0)).astype(int) + 1
    rows = slice(max(0, int(low[1])), min(size[0], int(high[1])))
    columns = slice(max(0, int(low[0])), min(size[1], int(high[0])))
    return None if rows.stop <= rows.start or columns.stop <= columns.start else (rows, columns)


def _maps(
    actor: Actor, moment: int, matrix: npt.NDArray[np.float64], window: Window, shape: tuple[int, ...]
) -> tuple[Float32, Float32]:
    """For each pixel of `window` the x and y in the look's picture, with the bend of the moment."""
    back = np.linalg.inv(np.vstack([matrix, [0, 0, 1]])).astype(np.float32)
    x = np.arange(window[1].start, window[1].stop, dtype=np.float32)[None]
    y = np.arange(window[0].start, window[0].stop, dtype=np.float32)[:, None]
    u = back[0, 0] * x + back[0, 1] * y + back[0, 2]
    v = back[1, 0] * x + back[1, 1] * y + back[1, 2]
    if not actor.bend:
        return u, v
    height, width = np.float32(shape[0]), np.float32(shape[1])
    phase, along = np.float32(_phase(actor, moment)), v / height
    if actor.above:
        u += np.float32(actor.bend) * height * np.sin(np.float32(4.5) * along + phase)
    else:
        swing = np.float32(3 * actor.bend * np.sin(phase))
        u += (u - width / 2) * swing * along * along
        u += np.float32(actor.bend) * height * np.sin(phase / 2 + 2 * along) * (1 - along)
    return u, v


def lay(image: Image, painted: Painted, gain: float = 1.0) -> None:
    """Draw onto `image` (h, w, 3) uint8 RGB, changed in place; `gain` is the light of the place."""
    colours = painted.colours if abs(gain - 1) < 0.02 else cv2.convertScaleAbs(painted.colours, alpha=gain)
    clear = cv2.bitwise_not(cv2.merge([painted.alpha] * 3))
    under = cv2.multiply(image[painted.window], clear, scale=1 / 255)
    image[painted.window] = cv2.add(
        under, cv2.subtract(colours, 0) if gain <= 1 else _within(colours, painted)
    )


def _within(colours: UInt8, painted: Painted) -> UInt8:
    """Colours no brighter than white at their alpha."""
    return cv2.min(colours, cv2.merge([painted.alpha] * 3))


def shade(image: Image, actor: Actor, moment: int, shadow: Shadow) -> None:
    """Darken `image` (h, w, 3) uint8 RGB, changed in place, where the actor casts its shadow."""
    picture = actor.look.levels[min(1, len(actor.look.levels) - 1)]
    matrix = _matrix(actor, moment, image.shape[:2], picture.shape)
    side = float(actor.sides[moment])
    if actor.above:
        matrix[:, 2] += 0.25 * side * np.array([shadow.lean, -shadow.rise])
    else:
        height, border = picture.shape[0], actor.look.border * picture.shape[0]
        scale, foot = side / (height - 2 * border), height - border
        matrix[0, 1], matrix[0, 2] = -shadow.lean * scale, matrix[0, 2] + shadow.lean * scale * foot
        matrix[1, 1] = shadow.rise * scale
        matrix[1, 2] = actor.foot(moment, image.shape[:2])[1] - shadow.rise * scale * foot
    window = _window(matrix, picture.shape, image.shape[:2], margin=0.1)
    if window is None:
        return
    matrix[:, 2] -= window[1].start, window[0].start
    extent = window[1].stop - window[1].start, window[0].stop - window[0].start
    cover = cv2.warpAffine(np.ascontiguousarray(picture[..., 3]), matrix, extent)
    cover = cv2.GaussianBlur(cover, (0, 0), max(0.6, shadow.soft * side))
    kept = cv2.bitwise_not(cv2.convertScaleAbs(cover, alpha=shadow.dark))
    image[window] = cv2.multiply(image[window], cv2.merge([kept] * 3), scale=1 / 255)


def hidden(painted: Painted, depth: float, ground: Depth) -> Painted:
    """`painted`, without what stands behind nearer parts of the ground (h, w) float32."""
    before = np.nan_to_num(ground[painted.window], nan=np.inf) < _HIDDEN * depth
    if not before.any():
        return painted
    seen = cv2.blur((~before).view(np.uint8) * np.uint8(255), (3, 3))
    return Painted(
        painted.window,
        cv2.multiply(painted.colours, cv2.merge([seen] * 3), scale=1 / 255),
        cv2.multiply(painted.alpha, seen, scale=1 / 255),
    )
