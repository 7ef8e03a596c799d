"""How a cut-out is made to look before a scene: its colours, its light, and its soft outline."""

from typing import NamedTuple, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from figureground.datasets.compose.cutouts import Cutout
from figureground.datasets.compose.realism import Realism, drawn
from figureground.frames import Image

UInt8: TypeAlias = npt.NDArray[np.uint8]
Float32: TypeAlias = npt.NDArray[np.float32]

_GREY = 118.0  # grey level of a scene in whose light a figure looks as it was taken
_LEAST_SIDE = 4
_INSET = 16  # of 255: fainter alpha is clear, so that no old ground shines through
_BORDER = 2  # pixels around the first level that are clear


class Look(NamedTuple):
    """A figure ready to be drawn.

    Attributes:
        levels: (h, w, 4) uint8 each: red, green and blue times alpha, and alpha; each half as large as
            the one before.
    """

    levels: tuple[UInt8, ...]

    @property
    def size(self) -> tuple[int, int]:
        """(h, w) of the first level."""
        return self.levels[0].shape[0], self.levels[0].shape[1]

    @property
    def border(self) -> float:
        """The clear border above and below, as a share of the height."""
        return _BORDER / self.levels[0].shape[0]


class Surroundings(NamedTuple):
    """What the look of a figure depends on, (h, w, 3) uint8 RGB each.

    Attributes:
        scene: the empty scene.
        behind: a piece of it before which the figure will be.
        texture: what a figure may be filled with; None fills none.
    """

    scene: Image
    behind: Image
    texture: Image | None = None


def made_look(
    cutout: Cutout, side: float, around: Surroundings, realism: Realism, rng: np.random.Generator
) -> Look:
    """A figure as it should look in a scene.

    Args:
        cutout: the figure.
        side: pixels of its longer side where it is largest.
        around: where it will be.
        realism: chances and ranges.
        rng: draws from them.
    """
    scene, behind, texture = around
    image, alpha = _scaled(cutout, side)
    colours = _solid(image, alpha)
    weight = alpha.astype(np.float32)
    chance = rng.random()
    if texture is not None and chance < realism.textured:
        colours = _filled(colours, texture)
    elif chance < realism.textured + realism.plain:
        colours = _plain(colours, weight, rng)
    if rng.random() < realism.camouflage:
        colours = _camouflaged(colours, weight, behind, rng.uniform(0.6, 1))
    else:
        colours = _matched(colours, scene, drawn(realism.match, rng))
    alpha = _soft(alpha, drawn(realism.edge, rng))
    premultiplied = colours * (alpha.astype(np.float32) / 255)[..., None]
    first = np.dstack([premultiplied.round().clip(0, 255).astype(np.uint8), alpha])
    levels = [first]
    while min(levels[-1].shape[:2]) >= 4 * _LEAST_SIDE and len(levels) < 5:
        levels.append(cv2.resize(levels[-1], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
    return Look(tuple(levels))


def upright(cutout: Cutout) -> Cutout:
    """`cutout` turned so that its longer side goes up, as one sees an animal from above."""
    if cutout.alpha.shape[0] >= cutout.alpha.shape[1]:
        return cutout
    return Cutout(np.ascontiguousarray(np.rot90(cutout.image)), np.ascontiguousarray(np.rot90(cutout.alpha)))


def _scaled(cutout: Cutout, side: float) -> tuple[Image, UInt8]:
    """Scaled so that the longer side has `side` pixels, with a border that is clear."""
    scale = side / max(cutout.alpha.shape)
    size = [max(_LEAST_SIDE, round(length * scale)) for length in cutout.alpha.shape[::-1]]
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    image = cv2.resize(cutout.image, size, interpolation=way)
    alpha = cv2.resize(cutout.alpha, size, interpolation=way)
    around = (_BORDER,) * 4
    return (
        cv2.copyMakeBorder(image, *around, cv2.BORDER_REPLICATE),
        cv2.copyMakeBorder(alpha, *around, cv2.BORDER_CONSTANT, value=0),
    )


def _solid(image: Image, alpha: UInt8) -> Float32:
    """The colours (h, w, 3); at the outline, where the old ground shines through, those from further in."""
    sure = np.where(alpha >= 250, alpha, 0).astype(np.float32)[..., None] / 255
    colours = image.astype(np.float32)
    sigma = max(1.0, 0.02 * max(alpha.shape))
    near = cv2.GaussianBlur(np.concatenate([colours * sure, sure], axis=2), (0, 0), sigma)
    filled = near[..., :3] / np.maximum(near[..., 3:], 1e-3)
    known = np.minimum(1, near[..., 3:] * 1e3) * (1 - sure)
    return np.asarray(colours + (filled - colours) * known, np.float32)


def _filled(colours: Float32, texture: Image) -> Float32:
    """`texture` in the light and shade of the figure."""
    height, width = colours.shape[:2]
    piece = cv2.resize(texture, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32)
    shade = cv2.GaussianBlur(colours.mean(axis=2), (0, 0), 2)
    return np.asarray((piece * (shade / max(1.0, float(shade.mean())))[..., None]).clip(0, 255))


def _plain(colours: Float32, weight: Float32, rng: np.random.Generator) -> Float32:
    """All near one colour, as often dark as anything else; shade and texture are faint."""
    level = rng.uniform(8, 60) if rng.random() < 0.5 else rng.uniform(10, 245)
    colour = np.clip(level * (1 + rng.uniform(0, 0.4) * rng.uniform(-1, 1, 3)), 0, 250)
    mean = _mean(colours, weight)
    return np.asarray(colour + (colours - mean) * rng.uniform(0.1, 0.5), np.float32).clip(0, 255)


def _camouflaged(colours: Float32, weight: Float32, behind: Image, share: float) -> Float32:
    """With mean and spread of what lies behind (Reinhard et al., Color transfer between images, 2001)."""
    mean, spread = _mean(colours, weight), _spread(colours, weight)
    flat = behind.reshape(-1, 3).astype(np.float32)
    wanted = flat.std(axis=0).clip(4, 50)
    moved = (colours - mean) * (wanted / np.maximum(spread, 4)).clip(0.2, 2) + flat.mean(axis=0)
    return np.asarray(colours + share * (moved - colours), np.float32).clip(0, 255)


def _matched(colours: Float32, scene: Image, share: float) -> Float32:
    """Lit by the scene's brightness and tinted by its cast, to a `share`."""
    light = scene.reshape(-1, 3).mean(axis=0) + 1.0
    level = (light.mean() / _GREY) ** (0.6 * share)
    cast = (light / light.mean()) ** (0.5 * share)
    return np.asarray(colours * (level * cast).clip(0.35, 1.8), np.float32).clip(0, 255)


def _soft(alpha: UInt8, edge: float) -> UInt8:
    """`alpha` with a soft outline that lies a little further in."""
    soft = cv2.GaussianBlur(alpha, (0, 0), max(0.3, edge / 2))
    return cv2.convertScaleAbs(cv2.subtract(soft, _INSET), alpha=255 / (255 - _INSET))


def _mean(colours: Float32, weight: Float32) -> npt.NDArray[np.float64]:
    return np.average(colours.reshape(-1, 3), axis=0, weights=weight.ravel() + 1e-3)


def _spread(colours: Float32, weight: Float32) -> npt.NDArray[np.float64]:
    off = (colours - _mean(colours, weight)) ** 2
    return np.sqrt(np.average(off.reshape(-1, 3), axis=0, weights=weight.ravel() + 1e-3))
