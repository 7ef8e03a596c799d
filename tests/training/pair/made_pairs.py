"""Pairs that are quickly made: a box before a spotted ground whose depth falls from top to bottom."""

from dataclasses import dataclass

import cv2
import numpy as np

from figureground.datasets.compose.material import Part
from figureground.datasets.compose.scene import Pair
from figureground.errors import InputError

DEPTH_OF_BOX = 0.4


def made_pair(seed: int, size: tuple[int, int] = (64, 96)) -> Pair:
    rng = np.random.default_rng(seed)
    spots = rng.uniform(40, 215, (size[0] // 8 + 1, size[1] // 8 + 1, 3)).astype(np.float32)
    ground = cv2.resize(spots, size[::-1], interpolation=cv2.INTER_CUBIC).clip(0, 255)
    mask = np.zeros(size, bool)
    h, w = rng.integers(9, [size[0] // 2, size[1] // 2])
    y, x = rng.integers(0, [size[0] - h, size[1] - w])
    mask[y : y + h, x : x + w] = True
    frame = np.where(mask[..., None], rng.uniform(0, 255, 3), ground)
    depth = np.repeat(np.linspace(1, 0.5, size[0], dtype=np.float32)[:, None], size[1], 1)
    depth[mask] = DEPTH_OF_BOX
    background, frame = (
        (one + rng.normal(0, 2, one.shape)).clip(0, 255).astype(np.uint8) for one in (ground, frame)
    )
    return Pair(background, frame, np.full(size, 2, np.float32), mask, depth)


@dataclass(frozen=True)
class Boxes:
    """Units of three pairs; those of the part "test" have seeds of their own."""

    size: tuple[int, int] = (64, 96)
    fails: int = -1
    each: int = 3

    def pairs(self, unit: int, part: Part) -> list[Pair]:
        if unit == self.fails and part == "train":
            raise InputError("box.png: is damaged")
        start = 2 * unit * self.each + (part == "test") * self.each
        return [made_pair(start + number, self.size) for number in range(self.each)]

    def told(self) -> dict[str, str]:
        return {"boxes": "made up, no licence needed"}
