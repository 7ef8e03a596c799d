"""From a scene to pairs: its moments go through a camera, and the empty scene is estimated from them."""

from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

import cv2
import numpy as np

from figureground.background.alignment import Alignment, moved
from figureground.background.estimate import Background, fit_background
from figureground.datasets.compose.camera import Camera
from figureground.datasets.compose.realism import Realism, drawn, drawn_whole
from figureground.datasets.compose.scene import Pair, Scene, View
from figureground.errors import OptionError
from figureground.frames import Frame, Image

_FEW = 2, 8  # samples of a poor estimate
_EXPOSED = 0.93, 1.07  # how the light of a clean background differs from the frames'


class _Clip(NamedTuple):
    """Chosen moments of a scene, and what the camera made of them."""

    moments: list[int]
    views: list[View]
    frames: list[Image]


def pairs_of(scene: Scene, recipe: Realism, seed: int | tuple[int, ...], count: int) -> list[Pair]:
    """Make `count` pairs of a scene: background and noise are what the real estimator says.

    Frames and, where a clean picture stands in for the estimate, that picture go through one camera, each
    with its own noise and JPEG. The background is brought to each frame's shift and light as it is before
    a frame is segmented.

    Args:
        scene: what is seen.
        recipe: ranges and chances; see Realism.
        seed: same seed, same pairs.
        count: of pairs; with more than there are moments, some moments come twice.

    Returns:
        The pairs, in order of time.

    Raises:
        OptionError: `count` is negative.
    """
    if count < 0:
        raise OptionError(f"the number of pairs is 0 or more, not {count}")
    rng = np.random.default_rng(np.random.SeedSequence(seed))
    camera = Camera(scene.size, scene.frames, recipe, rng)
    clip = _taken(scene, camera, recipe, rng)
    background = _background(scene, clip, camera, recipe, rng)
    align = Alignment(background, 1)
    aligned = rng.random() >= recipe.unaligned
    return [
        _pair(clip, int(place), camera, background, align if aligned else None)
        for place in _places(len(clip.moments), count, rng)
    ]


def _taken(scene: Scene, camera: Camera, recipe: Realism, rng: np.random.Generator) -> _Clip:
    span = _FEW if rng.random() < recipe.few else recipe.samples
    count = min(scene.frames, drawn_whole(span, rng))
    moments = np.linspace(0, scene.frames - 1, count).round().astype(int).tolist()
    views = [scene.view(moment) for moment in moments]
    frames = [camera.expose(view.image, moment) for view, moment in zip(views, moments, strict=True)]
    return _Clip(moments, views, frames)


def _background(
    scene: Scene, clip: _Clip, camera: Camera, recipe: Realism, rng: np.random.Generator
) -> Background:
    frames = (Frame(image, number, Fraction(number)) for number, image in enumerate(clip.frames))
    background = fit_background(frames)
    if rng.random() < recipe.clean:
        background = replace(background, picture=_clean(scene, clip, camera, recipe, rng))
    if rng.random() < recipe.ghost:
        background = replace(background, picture=_haunted(background.picture, clip, camera, rng))
    return background


def _clean(scene: Scene, clip: _Clip, camera: Camera, recipe: Realism, rng: np.random.Generator) -> Image:
    """The empty scene, photographed at another time, from a place that may be a little off."""
    angle, far = rng.uniform(0, 2 * np.pi), drawn(recipe.offset, rng)
    light = np.arange(256) * rng.uniform(*_EXPOSED)
    image = cv2.LUT(scene.empty().image, light.round().clip(0, 255).astype(np.uint8))
    moment = clip.moments[len(clip.moments) // 2]
    return camera.expose(image, moment, take=1, shift=(far * np.cos(angle), far * np.sin(angle)))


def _haunted(picture: Image, clip: _Clip, camera: Camera, rng: np.random.Generator) -> Image:
    """`picture` with what one of the moments shows of its figures."""
    place = int(rng.integers(len(clip.moments)))
    mask = camera.mask(clip.views[place].mask, clip.moments[place])
    _, labels = cv2.connectedComponents(mask.view(np.uint8))
    chosen = labels == rng.integers(1, labels.max() + 1) if labels.max() else mask
    cover = cv2.GaussianBlur(chosen.astype(np.float32), (0, 0), 1)[..., None]
    return (picture + (clip.frames[place] - picture.astype(np.float32)) * cover).round().astype(np.uint8)


def _places(moments: int, count: int, rng: np.random.Generator) -> list[int]:
    """Which of the moments are shown, each at most once more than any other."""
    order = [int(place) for _ in range(-(-count // moments)) for place in rng.permutation(moments)]
    return sorted(order[:count])


def _pair(clip: _Clip, place: int, camera: Camera, background: Background, align: Alignment | None) -> Pair:
    view, moment, image = clip.views[place], clip.moments[place], clip.frames[place]
    ground, noise = background.picture, background.noise
    if align is not None:
        found = align(Frame(image, place, Fraction(place)))
        ground, noise = found.ground, moved(noise, found.shift)
    return Pair(ground, image, noise, camera.mask(view.mask, moment), camera.depth(view.depth, moment))
