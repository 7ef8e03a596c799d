"""A scene of cut-out figures that walk before a photograph."""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from figureground.datasets.compose.actors import Actor, Painted, Shadow, hidden, lay, paint, shade
from figureground.datasets.compose.backgrounds import Ground
from figureground.datasets.compose.cutouts import Cutout
from figureground.datasets.compose.looks import Surroundings, made_look, upright
from figureground.datasets.compose.realism import Realism, drawn
from figureground.datasets.compose.scene import Depth, View
from figureground.datasets.compose.waving import Waving, made_waving, waved
from figureground.datasets.compose.ways import Way, made_way, sitting_way
from figureground.errors import OptionError
from figureground.frames import Image
from figureground.instances import BoolArray

_LEAST_SCALE = 0.25  # of the size at the lower border: figures do not go further away
_VARIED = 0.8, 1.2  # sizes of figures in one scene
_LEAST_SIDE = 6  # pixels
LIT = 0.3
"""How far the ground's brightness at a place is that of a figure there."""


class ComposedScene:
    """A Scene: figures before an empty scene; everything is drawn when it is asked for.

    Args:
        ground: the empty scene.
        actors: the figures.
        frames: how many moments there are.
        shadow: that they cast; None casts none.
        waving: how the ground moves; None keeps it still.
        lit: how far the ground's brightness at a place is that of a figure there.
    """

    def __init__(
        self,
        ground: Ground,
        actors: Sequence[Actor],
        frames: int,
        shadow: Shadow | None,
        waving: Waving | None,
        lit: float = LIT,
    ) -> None:
        self.frames = frames
        self.actors = tuple(actors)
        self._ground = ground
        self._shadow = shadow
        self._waving = waving
        grey = cv2.cvtColor(ground.image, cv2.COLOR_RGB2GRAY)
        small = cv2.resize(grey, (16, 12), interpolation=cv2.INTER_AREA).astype(np.float32) + 20
        self._lights = ((small / small.mean()) ** np.float32(lit)).clip(0.75, 1.25)
        self._known = bool(np.isfinite(ground.depth).any())

    @property
    def size(self) -> tuple[int, int]:
        """(h, w) in pixels."""
        return self._ground.image.shape[0], self._ground.image.shape[1]

    def empty(self) -> View:
        """The scene without figures and shadows."""
        return View(self._ground.image.copy(), np.zeros(self.size, bool), self._ground.depth.copy())

    def view(self, index: int) -> View:
        """The scene at a moment."""
        if not 0 <= index < self.frames:
            raise IndexError(f"the scene has {self.frames} moments, so none has the number {index}")
        image = self._still(index)
        mask, depth = np.zeros(self.size, bool), self._ground.depth.copy()
        if self._shadow is not None:
            for actor in self.actors:
                shade(image, actor, index, self._shadow)
        for actor in sorted(self.actors, key=lambda one: 0.0 if one.above else one.way.at[index, 1]):
            self._lay(actor, index, image, mask, depth)
        return View(image, mask, depth)

    def _still(self, index: int) -> Image:
        ground = self._ground.image
        return ground.copy() if self._waving is None else waved(ground, self._waving, index)

    def _lay(self, actor: Actor, index: int, image: Image, mask: BoolArray, depth: Depth) -> None:
        painted = paint(actor, index, self.size)
        if painted is None:
            return
        if self._known:
            painted = self._at_depth(actor, index, painted, depth)
        x, y = actor.way.at[index].clip(0, 0.999)
        lay(image, painted, float(self._lights[int(12 * y), int(16 * x)]))
        mask[painted.window] |= painted.alpha >= 128

    def _at_depth(self, actor: Actor, index: int, painted: Painted, depth: Depth) -> Painted:
        """Set `depth` to the figure's; what is left of it that nothing stands before."""
        far = contact_depth(self._ground, *actor.foot(index, self.size))
        if not actor.above:
            painted = hidden(painted, far, self._ground.depth)
        depth[painted.window][painted.alpha >= 128] = far
        return painted


def contact_depth(ground: Ground, x: float, y: float) -> float:
    """The depth of the ground at x, y in pixels; below the picture nearer, as a plane goes on."""
    height, width = ground.depth.shape
    row, column = min(max(int(y), 0), height - 1), min(max(int(x), 0), width - 1)
    around = ground.depth[max(0, row - 2) : row + 3, max(0, column - 2) : column + 3]
    if not np.isfinite(around).any():
        return float("nan")
    beyond = max(y, row) - ground.horizon
    return float(np.nanmedian(around)) * ((row - ground.horizon) / beyond if beyond > 1 and y > height else 1)


def composed_scene(
    ground: Ground | View,
    cutouts: Sequence[Cutout],
    realism: Realism,
    seed: int | tuple[int, ...],
    *,
    frames: int = 48,
    above: bool = False,
    textures: Sequence[Image] = (),
) -> ComposedScene:
    """Let figures walk before an empty scene.

    Where the ground's depth is known, figures have the depth of the place that they stand at, and what is
    nearer hides them; else the depth is NaN.

    Args:
        ground: the empty scene; of a View the horizon is found from its depth.
        cutouts: one a figure; none is allowed.
        realism: what is drawn for each.
        seed: same seed, same scene.
        frames: how many moments.
        above: the camera looks straight down.
        textures: (h, w, 3) uint8 RGB, what figures may be filled with.

    Raises:
        OptionError: there is less than one moment.
    """
    if frames < 1:
        raise OptionError(f"a scene has 1 moment or more, not {frames}")
    ground = ground if isinstance(ground, Ground) else view_to_ground(ground)
    streams = np.random.SeedSequence(seed).spawn(len(cutouts) + 1)
    rng = np.random.default_rng(streams[0])
    standard = drawn(realism.length if above else realism.height, rng)
    shadow = None if rng.random() < realism.shadowless else _shadow(realism, rng)
    size = ground.image.shape[0], ground.image.shape[1]
    waving = made_waving(size, drawn(realism.wave, rng), rng) if rng.random() < realism.waving else None
    cast = _Cast(ground, standard, frames, above, textures, realism)
    actors = [
        _actor(cast, cutout, np.random.default_rng(stream))
        for cutout, stream in zip(cutouts, streams[1:], strict=True)
    ]
    return ComposedScene(ground, actors, frames, shadow, waving)


def view_to_ground(view: View) -> Ground:
    """An empty scene with the horizon that its depth tells: 1 / depth grows evenly below it on a plane."""
    height = view.image.shape[0]
    rows = np.arange(int(0.6 * height), height)
    with np.errstate(all="ignore"):
        near = 1 / np.array([_middle(view.depth[row]) for row in rows])
    good = np.isfinite(near)
    if np.count_nonzero(good) < 2:
        return Ground(view.image, 0.0, view.depth)
    slope, offset = np.polyfit(rows[good], near[good], 1)
    horizon = -offset / slope if slope > 1e-6 else -1e6
    return Ground(view.image, float(np.clip(horizon, -1e6, 0.8 * height)), view.depth)


def _middle(values: Depth) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else float("nan")


def _shadow(realism: Realism, rng: np.random.Generator) -> Shadow:
    rise = rng.uniform(0.1, 0.45) * (1 if rng.random() < 0.7 else -1)
    return Shadow(drawn(realism.shadow, rng), rng.uniform(-0.9, 0.9), rise, rng.uniform(0.005, 0.04))


class _Cast(NamedTuple):
    """What the figures of a scene have in common; see `composed_scene`. `standard` is their size, of 1."""

    ground: Ground
    standard: float
    frames: int
    above: bool
    textures: Sequence[Image]
    realism: Realism


def _actor(cast: _Cast, cutout: Cutout, rng: np.random.Generator) -> Actor:
    ground, standard, frames, above, textures, realism = cast
    height, width = ground.image.shape[:2]
    below = height - ground.horizon
    top = 0.0 if above else float(np.clip((ground.horizon + _LEAST_SCALE * below) / height, 0.0, 0.9))
    cutout = upright(cutout) if above else cutout
    rows, columns = cutout.alpha.shape
    wanted = standard * rng.uniform(*_VARIED) * (min(height, width) if above else height)
    # a figure that lies or walks on four legs is not as high as a man who stands
    wanted *= 1.0 if above or rows >= columns else rows / columns
    way = _way(realism, frames, top, wanted / (height if above else rows / columns * width), rng)
    if cutout.cut and not above:
        way = way._replace(at=np.column_stack([way.at[:, 0], np.full(frames, rng.uniform(1, 1.03))]))
    grown = np.ones(frames) if above else ((way.at[:, 1] * height - ground.horizon) / below).clip(0.1, 1.3)
    sides = np.maximum(_LEAST_SIDE, wanted * grown)
    y, x = rng.uniform(0, 0.7, 2) * (height, width)
    behind = ground.image[int(y) : int(y + 0.3 * height) + 1, int(x) : int(x + 0.3 * width) + 1]
    texture = textures[int(rng.integers(len(textures)))] if textures else None
    around = Surroundings(ground.image, behind, texture)
    look = made_look(cutout, sides.max() * max(1.0, columns / rows), around, realism, rng)
    return Actor(look, way, sides, drawn(realism.bend, rng), above, bool(rng.random() < 0.5))


def _way(realism: Realism, frames: int, top: float, body: float, rng: np.random.Generator) -> Way:
    if rng.random() < realism.sits:
        return sitting_way(frames, rng, top=top)
    return made_way(frames, drawn(realism.rest, rng), rng, top=top, body=body)
