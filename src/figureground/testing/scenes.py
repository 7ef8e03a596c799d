"""Made scenes: animals crawling in a dish, with the exact truth of every frame."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

import cv2
import numpy as np
import numpy.typing as npt

from figureground.frames import Frame, Image, SourceInfo
from figureground.instances import Instances

_SHIFT = 4  # cv2 draws at 1/16 pixel


@dataclass(frozen=True)
class Scene:
    """A Source that renders its frames, and knows which pixels belong to which animal.

    Each frame is a function of its index and the seed alone, so every iteration gives the same pixels.

    Attributes:
        size: (h, w) in pixels.
        frames: how many.
        seed: of the ground, the animals' ways and the noise.
        animals: how many crawl; none is allowed.
        rate: frames a second.
        noise: standard deviation of the camera's noise, in grey levels.
        drift: the light changes by this many grey levels from the first to the last frame.
        shake: the camera moves by up to this many pixels, smoothly and back.
        sitters: this many of the animals sit still for the first 70 % of the frames.
        shadows: each animal darkens the ground beside it by 20 %; the shadow is not part of the truth.

    Example:
        >>> scene = made_scene((120, 160), frames=3, animals=2)
        >>> frame = next(iter(scene))
        >>> frame.image.shape, len(scene.truth(0))
        ((120, 160, 3), 2)
    """

    size: tuple[int, int] = (240, 320)
    frames: int = 60
    seed: int = 0
    animals: int = 4
    rate: Fraction = Fraction(25)
    noise: float = 2.0
    drift: float = 0.0
    shake: float = 0.0
    sitters: int = 0
    shadows: bool = False
    problems: Sequence[str] = field(default=())

    @property
    def info(self) -> SourceInfo:
        """Known exactly, for once."""
        duration = self.frames / self.rate
        return SourceInfo("made scene", "video", self.size, self.rate, self.frames, duration, 1 / self.rate)

    def __iter__(self) -> Iterator[Frame]:
        return map(self._frame, range(self.frames))

    def sample(self, count: int) -> Iterator[Frame]:
        """`count` frames, evenly spread."""
        chosen = np.unique(np.linspace(0, self.frames - 1, min(count, self.frames)).round().astype(int))
        return map(self._frame, chosen.tolist())

    @cached_property
    def ground(self) -> Image:
        """(h, w, 3) uint8: the empty scene without noise, at the first frame's light."""
        height, width = self.size
        rng = np.random.default_rng((self.seed, 1))
        cloth = cv2.GaussianBlur(rng.normal(0, 1, self.size).astype(np.float32), (0, 0), 3)
        ground = np.full((height, width, 3), (96, 88, 78), np.float32) + 40 * cloth[..., None]
        dish = np.zeros(self.size, np.uint8)
        cv2.circle(dish, (width // 2, height // 2), int(0.46 * min(self.size)), 255, -1, cv2.LINE_AA)
        agar = np.array((186, 180, 164), np.float32) + 12 * cloth[..., None]
        ground += (agar - ground) * (dish[..., None] / np.float32(255))
        cv2.circle(
            ground, (width // 2, height // 2), int(0.46 * min(self.size)), (225, 225, 220), 2, cv2.LINE_AA
        )
        return ground.clip(0, 255).astype(np.uint8)

    def truth(self, index: int) -> Instances:
        """The animals of frame `index`, exact to the pixel; ids count them from 0."""
        at = self._camera(index)
        masks = [self._silhouette(animal, index, at) >= 128 for animal in range(self.animals)]
        return Instances.from_dense(masks, ids=range(self.animals)) if masks else Instances.empty(self.size)

    def _frame(self, index: int) -> Frame:
        image = self.ground.astype(np.float32)
        for animal in range(self.animals):
            if self.shadows:
                shadow = cv2.GaussianBlur(self._silhouette(animal, index, offset=(5.0, 7.0)), (0, 0), 1.5)
                image *= 1 - 0.2 * (shadow[..., None] / np.float32(255))
            cover = self._silhouette(animal, index)[..., None] / np.float32(255)
            image += (self._colour(animal) - image) * cover
        image += self.drift * index / max(1, self.frames - 1)
        if self.shake:
            dx, dy = self._camera(index)
            moved = np.array([[1, 0, dx], [0, 1, dy]], np.float32)
            image = cv2.warpAffine(image, moved, self.size[::-1], borderMode=cv2.BORDER_REFLECT_101)
        image += np.random.default_rng((self.seed, 2, index)).normal(0, self.noise, image.shape)
        return Frame(image.round().clip(0, 255).astype(np.uint8), index, index / self.rate)

    def _camera(self, index: int) -> tuple[float, float]:
        t = index / float(self.rate)
        return (
            self.shake * np.sin(9.1 * t) if self.shake else 0.0,
            self.shake * np.sin(6.7 * t + 1) if self.shake else 0.0,
        )

    def _colour(self, animal: int) -> npt.NDArray[np.float32]:
        rng = np.random.default_rng((self.seed, 3, animal))
        return np.array((70, 52, 40), np.float32) + rng.uniform(-14, 14, 3).astype(np.float32)

    def _silhouette(
        self, animal: int, index: int, offset: tuple[float, float] = (0.0, 0.0)
    ) -> npt.NDArray[np.uint8]:
        """(h, w) uint8: how much of each pixel the animal covers, 255 = all."""
        out = np.zeros(self.size, np.uint8)
        points, radii = self._body(animal, index)
        points = points + offset
        for (x, y), radius in zip(points, radii, strict=True):
            centre = (round(x * (1 << _SHIFT)), round(y * (1 << _SHIFT)))
            cv2.circle(out, centre, round(radius * (1 << _SHIFT)), 255, -1, cv2.LINE_AA, _SHIFT)
        return out

    def _body(self, animal: int, index: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Centres (n, 2) x y and radii (n,) in pixels of the discs that make the body."""
        rng = np.random.default_rng((self.seed, 4, animal))
        length, turn, phase = 0.13 * min(self.size), rng.uniform(0.15, 0.3), rng.uniform(0, 2 * np.pi, 3)
        start = int(0.7 * self.frames)
        sits = animal < self.sitters
        t = (max(0, index - start) if sits else index) / float(self.rate)
        swing = 0.0 if sits and index < start else 1.0
        along = np.linspace(0, length, 24)
        reach = 0.3 * min(self.size)

        def way(s: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
            angle = 2 * turn * s / reach + 2 * np.pi * animal / max(1, self.animals) + phase[0] / 4
            radius = reach * (0.72 + 0.28 * np.sin(2.3 * turn * s / reach + phase[1]))
            centre = np.array(self.size[::-1]) / 2
            return centre + np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1)

        speed = 2.2 * length
        centres = way(speed * t - along + 1.0)
        ahead = way(speed * t - along + 2.0) - centres
        normal = np.stack([-ahead[:, 1], ahead[:, 0]], 1) / np.linalg.norm(ahead, axis=1, keepdims=True)
        wave = 0.05 * length * np.sin(2 * np.pi * (along / length - 1.5 * t) + phase[2]) * swing
        radii = 0.11 * length * np.sqrt(np.sin(np.linspace(0.25, np.pi - 0.15, 24)))
        return centres + normal * wave[:, None], radii


def made_scene(size: tuple[int, int] = (240, 320), frames: int = 60, **options: object) -> Scene:
    """A Scene of `size` (h, w) with `frames` frames; the other attributes of Scene by name."""
    return Scene(size, frames, **options)  # type: ignore[arg-type]
