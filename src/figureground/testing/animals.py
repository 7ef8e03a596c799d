"""Made animals with identities: where each one is on every frame, exact to the pixel, and who it is.

The test bed for trackers, since no public video has both masks and identities.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from figureground.frames import Frame, Image, SourceInfo
from figureground.instances import Crop, Instances, tight_crop
from figureground.masks import components
from figureground.testing.walks import Walks, made_walks

_SHIFT = 4  # cv2 draws at 1/16 pixel
_GROUND = np.array((196, 190, 178), np.float32)
_BODY = np.array((92, 74, 60), np.float32)


@dataclass(frozen=True)
class Herd:
    """A Source of animals that walk, meet, hide and leave, and knows who is who.

    Each frame is a function of its index and the attributes alone. Where animals meet, the one with the
    larger id is on top; the truth holds what can be seen of each.

    Attributes:
        size: (h, w) in pixels.
        frames: how many.
        seed: of everything.
        animals: how many; none is allowed.
        body: length and width of an animal in pixels.
        speed: standard deviation of the step along each axis, pixels a frame.
        persistence: 0..1, how much of a step is that of the frame before: 0 is a random walk of steps
            that know nothing of each other, 0.9 a smooth way.
        likeness: 0..1, how much the animals look alike in size and colour; 1 is not to be told apart.
        clumps: 0..1, how strongly the animals are drawn to a place that all know.
        visitors: this many of the animals come in over the border, cross the scene and leave, again and
            again; the others turn at the border.
        posts: things that stand in the scene; an animal that walks under one is hidden.
        rate: frames a second.
        noise: standard deviation of the camera's noise, in grey levels.
        drop: share of the figures that `found` leaves out, each frame anew.
        merged: whether `found` gives animals that touch as one figure, as a cut by the background does.

    Example:
        >>> herd = made_herd((120, 160), frames=9, animals=3)
        >>> herd.truth(4).ids.tolist(), next(iter(herd)).image.shape
        ([0, 1, 2], (120, 160, 3))
    """

    size: tuple[int, int] = (480, 640)
    frames: int = 300
    seed: int = 0
    animals: int = 8
    body: tuple[float, float] = (40.0, 20.0)
    speed: float = 2.0
    persistence: float = 0.9
    likeness: float = 0.5
    clumps: float = 0.0
    visitors: int = 0
    posts: int = 0
    rate: Fraction = Fraction(25)
    noise: float = 2.0
    drop: float = 0.0
    merged: bool = False
    problems: Sequence[str] = field(default=())

    @property
    def info(self) -> SourceInfo:
        """Known exactly, for once."""
        duration = self.frames / self.rate
        return SourceInfo("made herd", "video", self.size, self.rate, self.frames, duration, 1 / self.rate)

    def __iter__(self) -> Iterator[Frame]:
        return map(self._frame, range(self.frames))

    def sample(self, count: int) -> Iterator[Frame]:
        """`count` frames, evenly spread."""
        chosen = np.unique(np.linspace(0, self.frames - 1, min(count, self.frames)).round().astype(int))
        return map(self._frame, chosen.tolist())

    @cached_property
    def walks(self) -> Walks:
        """Where each animal is and where it looks, on all frames."""
        return made_walks(self)

    def truth(self, index: int) -> Instances:
        """What can be seen of the animals of frame `index`; an animal that is hidden or away is not in it."""
        masks, ids = [], []
        cover = self._posts.copy()
        for animal in reversed(range(self.animals)):
            crop = self._seen(animal, index, cover)
            if crop is not None:
                masks.append(crop)
                ids.append(animal)
        return Instances(self.size, tuple(masks[::-1]), ids=np.array(ids[::-1], np.int64))

    def found(self, index: int, truth: Instances | None = None) -> Instances:
        """The truth without ids, as a segmenter would give it: see `drop` and `merged`.

        Args:
            index: of the frame.
            truth: of that frame, where it is at hand; it takes most of the time.
        """
        truth = self.truth(index) if truth is None else truth
        masks = components(truth.union()) if self.merged else truth.masks
        kept = np.random.default_rng((self.seed, 5, index)).random(len(masks)) >= self.drop
        return Instances(self.size, tuple(masks)).select(kept)

    def _seen(self, animal: int, index: int, cover: npt.NDArray[np.uint8]) -> Crop | None:
        """The part of the animal that `cover` (h, w) leaves to be seen; then it covers others itself."""
        placed = self._placed(animal, index)
        if placed is None:
            return None
        window, body = placed
        seen = body & (cover[window] == 0)
        cover[window] |= body.view(np.uint8)
        crop = tight_crop(seen, window[0].start, window[1].start)
        return crop if crop.mask.size else None

    def _placed(self, animal: int, index: int) -> tuple[tuple[slice, slice], npt.NDArray[np.bool_]] | None:
        """The window (rows, columns) of the frame that the animal is in, and its body (h, w) bool there."""
        (x, y), angle = self.walks.at[index, animal], self.walks.angle[index, animal]
        reach = int(np.ceil(max(self.body) * 0.75)) + 2
        left, top = int(np.floor(x)) - reach, int(np.floor(y)) - reach
        side = 2 * reach + 1
        out = np.zeros((side, side), np.uint8)
        length, width = (self._scale(animal) * side for side in self.body)
        outline = _outline(length, width, float(angle))
        points = np.rint((outline + np.array([x - left, y - top])) * (1 << _SHIFT)).astype(np.int32)
        cv2.fillPoly(out, [points], 1, cv2.LINE_8, _SHIFT)
        height, width = self.size
        y0, x0, y1, x1 = max(0, top), max(0, left), min(height, top + side), min(width, left + side)
        if y1 <= y0 or x1 <= x0:
            return None
        return (slice(y0, y1), slice(x0, x1)), out[y0 - top : y1 - top, x0 - left : x1 - left].astype(bool)

    @cached_property
    def _posts(self) -> npt.NDArray[np.uint8]:
        """(h, w) uint8: 1 where something stands."""
        out = np.zeros(self.size, np.uint8)
        rng = np.random.default_rng((self.seed, 6))
        for x, y in rng.uniform(0.15, 0.85, (self.posts, 2)) * self.size[::-1]:
            cv2.circle(out, (int(x), int(y)), int(0.8 * self.body[0]), 1, -1)
        return out

    @cached_property
    def ground(self) -> Image:
        """(h, w, 3) uint8: the scene without animals and without noise."""
        cloth = np.random.default_rng((self.seed, 1)).normal(0, 1, self.size).astype(np.float32)
        ground = _GROUND + 30 * cv2.GaussianBlur(cloth, (0, 0), 3)[..., None]
        ground[self._posts > 0] *= 0.75
        return ground.clip(0, 255).astype(np.uint8)

    def _scale(self, animal: int) -> float:
        spread = 0.2 * (1 - self.likeness)
        return float(1 + np.random.default_rng((self.seed, 2, animal)).uniform(-spread, spread))

    def _colour(self, animal: int) -> npt.NDArray[np.float32]:
        spread = 60 * (1 - self.likeness)
        rng = np.random.default_rng((self.seed, 3, animal))
        return _BODY + rng.uniform(-spread, spread, 3).astype(np.float32)

    def _frame(self, index: int) -> Frame:
        image = self.ground.astype(np.float32)
        truth = self.truth(index)
        for crop, animal in zip(truth.masks, truth.ids.tolist(), strict=True):
            rows, columns = (grid[crop.mask] for grid in np.mgrid[crop.window])
            (x, y), angle = self.walks.at[index, animal], self.walks.angle[index, animal]
            along = ((columns - x) * np.cos(angle) + (rows - y) * np.sin(angle)) / self.body[0]
            stripes = 10 * np.sin(40 * along)  # rings around the body, as flies and larvae have them
            image[rows, columns] = self._colour(animal) + stripes[:, None]
        noise = np.empty((*self.size, 3), np.float32)
        np.random.default_rng((self.seed, 4, index)).standard_normal(out=noise, dtype=np.float32)
        image += self.noise * noise
        return Frame(image.round().clip(0, 255).astype(np.uint8), index, index / self.rate)


@lru_cache(maxsize=64)
def _shape(length: float, width: float) -> npt.NDArray[np.float64]:
    """(64, 2) x y: the outline of a body that looks along x, thicker behind its middle."""
    turn = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    return np.stack([length / 2 * np.cos(turn), width / 2 * np.sin(turn + 0.3 * np.sin(turn))], axis=1)


def _outline(length: float, width: float, angle: float) -> npt.NDArray[np.float64]:
    """(64, 2) x y: the outline around (0, 0) of a body that looks along `angle`, in radians."""
    cos, sin = np.cos(angle), np.sin(angle)
    return _shape(length, width) @ np.array([[cos, sin], [-sin, cos]])


def made_herd(size: tuple[int, int] = (480, 640), frames: int = 300, **options: object) -> Herd:
    """A Herd in frames of `size` (h, w); the other attributes of Herd by name."""
    return Herd(size, frames, **options)  # type: ignore[arg-type]
