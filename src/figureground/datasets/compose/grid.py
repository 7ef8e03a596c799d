"""The simple protocol: every figure before every background, mirrored or not, at some places each."""

from collections.abc import Iterable, Iterator

import numpy as np

from figureground.datasets.compose.actors import Actor
from figureground.datasets.compose.backgrounds import Backgrounds, Ground
from figureground.datasets.compose.camera import Camera
from figureground.datasets.compose.composed import ComposedScene
from figureground.datasets.compose.cutouts import Cutouts
from figureground.datasets.compose.looks import Surroundings, made_look
from figureground.datasets.compose.realism import STILL_LIFE, Realism, drawn
from figureground.datasets.compose.scene import Pair
from figureground.datasets.compose.ways import Way
from figureground.errors import OptionError

UNKNOWN_NOISE = 3.0
"""Grey levels: the noise of a pair that is no part of a video; what an estimate from few frames says, too."""


class Grid:
    """Pairs of one figure and one background each, made again from their index; none is held.

    The index counts places fastest, then mirrored or not, then figures, then backgrounds. A background shows
    the same part in all its pairs.

    Args:
        figures: n of them.
        backgrounds: m of them.
        places: how many places and sizes a figure has before a background, drawn for each.
        size: (h, w) in pixels.
        realism: its `height` and all of the camera; by default the camera has no faults.
        seed: another one draws other places and parts.

    Raises:
        OptionError: there are no figures, backgrounds or places.
    """

    def __init__(
        self,
        figures: Cutouts,
        backgrounds: Backgrounds,
        *,
        places: int = 20,
        size: tuple[int, int] = (192, 256),
        realism: Realism = STILL_LIFE,
        seed: int = 0,
    ) -> None:
        if not len(figures) or not len(backgrounds) or places < 1 or min(size) < 16 or seed < 0:
            raise OptionError(
                "a grid needs figures, backgrounds, 1 place or more and 16 pixels a side; it was given "
                f"{len(figures)}, {len(backgrounds)}, {places} and {size}"
            )
        self.figures = figures
        self.backgrounds = backgrounds
        self.realism = realism
        self.size = size
        self.seed = seed
        self.shape = len(backgrounds), len(figures), 2, places

    def __len__(self) -> int:
        return int(np.prod(self.shape, dtype=object))

    @property
    def per_background(self) -> int:
        """How many pairs in a row have one background."""
        return len(self) // self.shape[0]

    def __getitem__(self, index: int) -> Pair:
        """One pair.

        Raises:
            IndexError: there are not so many.
            InputError: a file is damaged.
        """
        if not 0 <= index < len(self):
            raise IndexError(f"there are {len(self)} pairs, so none has the number {index}")
        return next(self.pairs([index]))

    def pairs(self, indices: Iterable[int]) -> Iterator[Pair]:
        """Those of `indices`, in their order; quick where neighbours have one background."""
        before, ground = -1, None
        for index in indices:
            number, figure, mirrored, _ = (int(one) for one in np.unravel_index(index, self.shape))
            if number != before or ground is None:
                before, ground = number, self._ground(number)
            yield self._pair(index, ground, figure, bool(mirrored))

    def _ground(self, number: int) -> Ground:
        return self.backgrounds.view(number, self.size, np.random.default_rng((self.seed, 0, number)))

    def _pair(self, index: int, ground: Ground, figure: int, mirrored: bool) -> Pair:
        rng = np.random.default_rng((self.seed, 1, index))
        scene = ComposedScene(ground, [self._actor(ground, figure, mirrored, rng)], 1, None, None, lit=0.0)
        view = scene.view(0)
        camera = Camera(self.size, 1, self.realism, rng)
        return Pair(
            camera.expose(ground.image, 0, take=1, shift=(0.0, 0.0)),
            camera.expose(view.image, 0),
            np.full(self.size, UNKNOWN_NOISE, np.float32),
            camera.mask(view.mask, 0),
            camera.depth(view.depth, 0),
        )

    def _actor(self, ground: Ground, figure: int, mirrored: bool, rng: np.random.Generator) -> Actor:
        height = self.size[0]
        cutout = self.figures[figure]
        rows, columns = cutout.alpha.shape
        top = float(np.clip((ground.horizon + 0.25 * (height - ground.horizon)) / height, 0.0, 0.9))
        at = np.array([[rng.uniform(0.1, 0.9), 1.0 if cutout.cut else rng.uniform(top, 1.0)]])
        near = max(0.1, (at[0, 1] * height - ground.horizon) / (height - ground.horizon))
        side = max(6.0, drawn(self.realism.height, rng) * height * near * min(1.0, rows / columns))
        around = Surroundings(ground.image, ground.image)
        look = made_look(cutout, side * max(1.0, columns / rows), around, self.realism, rng)
        way = Way(at, np.zeros(1), np.zeros(1))
        return Actor(look, way, np.array([side]), 0.0, False, mirrored)
