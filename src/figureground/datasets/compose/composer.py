"""Pairs without end, each made again from its index."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from figureground.datasets.compose.backgrounds import Backgrounds, Ground, Panorama
from figureground.datasets.compose.clips import pairs_of
from figureground.datasets.compose.composed import composed_scene
from figureground.datasets.compose.cutouts import Cutouts
from figureground.datasets.compose.realism import Realism, drawn_whole
from figureground.datasets.compose.scene import Pair, Scene
from figureground.errors import OptionError
from figureground.frames import Image

PER_CLIP = 8
"""Pairs of a clip where nobody says otherwise."""

_KEPT = 4  # clips
_MOMENTS = 1.0, 2.0  # moments of a scene, for each sample that its background is estimated from
_PIECE_SIZE = 96, 96

SceneMaker = Callable[[int, tuple[int, int], int], Scene]
"""From seed, size (h, w) and number of moments to a scene of known depth."""


@dataclass(frozen=True)
class Sources:
    """What scenes are made of.

    Attributes:
        figures: cut-outs to put before backgrounds.
        backgrounds: pictures and panoramas.
        rendered: makes a whole scene of known depth, with figures of its own; None makes none.
        share: of clips that are rendered, 0..1, where there are both.
        adorned: chance that cut-outs walk in the empty scene of a rendered one, so that their depth is known.
    """

    figures: Cutouts = field(default_factory=lambda: Cutouts((), ()))
    backgrounds: Backgrounds = field(default_factory=lambda: Backgrounds((), ()))
    rendered: SceneMaker | None = None
    share: float = 0.5
    adorned: float = 0.3


class Composer:
    """A sequence of pairs that is never held: pair `index` is made when it is asked for, the same each time.

    A clip's background is estimated once for all its pairs, and the last few clips are kept: ask in order,
    or clip by clip.

    Args:
        sources: figures, backgrounds, rendered scenes.
        realism: ranges and chances.
        seed: another one makes other pairs.
        size: (h, w) in pixels.
        count: how many pairs there are to be.
        per_clip: how many pairs are made of one clip; more are cheaper and more alike.

    Raises:
        OptionError: there is nothing to make scenes of, or the size is too small.
    """

    def __init__(
        self,
        sources: Sources,
        realism: Realism | None = None,
        seed: int = 0,
        *,
        size: tuple[int, int] = (192, 256),
        count: int = 400_000,
        per_clip: int = PER_CLIP,
    ) -> None:
        if min(size) < 16 or count < 0 or seed < 0 or per_clip < 1:
            raise OptionError(
                f"pairs need 16 pixels a side, and 0 or more for count and seed: {size}, {count}, {seed}"
            )
        if sources.rendered is None and not len(sources.backgrounds):
            raise OptionError("there is nothing to compose: give backgrounds, or a maker of rendered scenes")
        self.sources = sources
        self.realism = realism or Realism()
        self.seed = seed
        self.size = size
        self.count = count
        self.per_clip = per_clip
        self._clips: OrderedDict[int, list[Pair]] = OrderedDict()

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> Pair:
        """One pair.

        Raises:
            IndexError: there are not so many.
            InputError: a file of the sources is damaged.
        """
        if not 0 <= index < self.count:
            raise IndexError(f"there are {self.count} pairs, so none has the number {index}")
        number, place = divmod(index, self.per_clip)
        if number not in self._clips:
            self._clips[number] = self.clip(number)
            while len(self._clips) > _KEPT:
                self._clips.popitem(last=False)
        return self._clips[number][place]

    @property
    def clips(self) -> int:
        """How many clips there are; the last may have fewer pairs that count."""
        return -(-self.count // self.per_clip)

    def clip(self, number: int) -> list[Pair]:
        """All pairs of a clip: cheaper than to ask for each one here and there."""
        return pairs_of(self.scene(number), self.realism, (self.seed, number, 1), self.per_clip)

    def scene(self, number: int) -> Scene:
        """What clip `number` shows."""
        rng = np.random.default_rng((self.seed, number, 0))
        samples = self.realism.samples[1]
        frames = max(1, round(samples * rng.uniform(*_MOMENTS)))
        sources = self.sources
        composed = len(sources.backgrounds) > 0
        turn = int((number + 1) * sources.share) > int(number * sources.share)  # evenly among the clips
        if sources.rendered is not None and (turn or not composed):
            scene = sources.rendered(int(rng.integers(1 << 31)), self.size, frames)
            if not len(sources.figures) or rng.random() >= sources.adorned:
                return scene
            return self._composed(rng, frames, above=False, scene=scene)
        return self._composed(rng, frames, above=bool(rng.random() < self.realism.above))

    def _composed(
        self, rng: np.random.Generator, frames: int, *, above: bool, scene: Scene | None = None
    ) -> Scene:
        sources = self.sources
        count = 0 if rng.random() < self.realism.nobody else drawn_whole(self.realism.figures, rng)
        count = count if len(sources.figures) else 0
        cutouts = [sources.figures[int(rng.integers(len(sources.figures)))] for _ in range(count)]
        ground = self._ground(rng, above) if scene is None else scene.empty()
        return composed_scene(
            ground, cutouts, self.realism, (self.seed, int(rng.integers(1 << 31))),
            frames=frames, above=above, textures=self._textures(rng, count),
        )  # fmt: skip

    def _ground(self, rng: np.random.Generator, above: bool) -> Ground:
        number = int(rng.integers(len(self.sources.backgrounds)))
        return self.sources.backgrounds.view(number, self.size, rng, above=above)

    def _textures(self, rng: np.random.Generator, figures: int) -> list[Image]:
        """A piece of a picture, at times, for figures to be filled with."""
        backgrounds = self.sources.backgrounds
        if not figures or not len(backgrounds) or rng.random() >= 2 * self.realism.textured:
            return []
        number = int(rng.integers(len(backgrounds)))
        above = isinstance(backgrounds[number], Panorama)
        return [backgrounds.view(number, _PIECE_SIZE, rng, above=above).image]
