"""Small cut-outs and backgrounds, drawn here, and a scene whose every value is known."""

from pathlib import Path

import numpy as np
from PIL import Image as Pillow

from figureground.datasets.compose.backgrounds import Backgrounds, Photo
from figureground.datasets.compose.cutouts import Cutout, Cutouts
from figureground.datasets.compose.scene import View

SIZE = 61, 83


def disc(colour: tuple[int, int, int] = (220, 30, 40), side: int = 31) -> Cutout:
    """A disc of one colour, with a margin of 2 pixels that is clear."""
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    alpha = np.where(np.hypot(x, y) <= side / 2 - 2, 255, 0).astype(np.uint8)
    return Cutout(np.broadcast_to(np.uint8(colour), (side, side, 3)).copy(), alpha)


def discs(*colours: tuple[int, int, int]) -> Cutouts:
    return Cutouts([lambda colour=colour: disc(colour) for colour in colours], [str(one) for one in colours])


def cloth(seed: int = 0, size: tuple[int, int] = (97, 131)) -> np.ndarray:
    """A picture with texture of many scales."""
    rng = np.random.default_rng(seed)
    out = np.full((*size, 3), 118.0)
    for step in (4, 16):
        small = rng.normal(0, 18, (-(-size[0] // step), -(-size[1] // step), 3))
        out += small.repeat(step, 0).repeat(step, 1)[: size[0], : size[1]]
    return out.clip(0, 255).astype(np.uint8)


def cloths(count: int = 2) -> Backgrounds:
    return Backgrounds(
        [lambda k=k: Photo(cloth(k)) for k in range(count)], [f"cloth {k}" for k in range(count)]
    )


def save_rgba(path: Path, cutout: Cutout) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Pillow.fromarray(np.dstack([cutout.image, cutout.alpha])).save(path)


class Walk:
    """A red square of 11 x 11 that goes 4 pixels a moment before a cloth; depth falls along the rows."""

    def __init__(self, frames: int = 17) -> None:
        self.size = SIZE
        self.frames = frames
        self._ground = cloth(5, SIZE)
        self._depth = np.linspace(1, 0.5, SIZE[0], dtype=np.float32)[:, None].repeat(SIZE[1], 1)

    def empty(self) -> View:
        return View(self._ground.copy(), np.zeros(SIZE, bool), self._depth.copy())

    def view(self, index: int) -> View:
        image, mask, depth = self.empty()
        place = slice(23, 34), slice(1 + 4 * index, 12 + 4 * index)
        image[place], mask[place], depth[place] = (230, 20, 20), True, 0.4
        return View(image, mask, depth)
