"""A pair as another camera might have seen it, in other light: cheap, so that it is done at each use."""

from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from figureground.datasets.compose.scene import Pair


@dataclass(frozen=True)
class Vary:
    """Chances of each change, 0 to 1, and how far it goes.

    Attributes:
        flip_x: left and right are exchanged.
        flip_y: top and bottom are.
        crop: a part is taken, and brought back to the size.
        crop_least: the least share of the sides that is taken.
        light: both pictures get another light and colour.
        frame_light: the frame alone becomes a little brighter or darker.
        shade: places of the frame become brighter or darker, without an edge: a lamp, a cloud, a reflection.
        grey: both lose their colours.
        invert: dark becomes bright.
        blur: both are blurred.
        noise: the frame gets noise, which the noise of the background mostly tells.
        same: the frame shows the empty scene, in other noise.
        left: the figures stand in the picture of the empty scene, and the frame is empty.
    """

    flip_x: float = 0.5
    flip_y: float = 0.15
    crop: float = 0.3
    crop_least: float = 0.6
    light: float = 0.4
    frame_light: float = 0.25
    shade: float = 0.25
    grey: float = 0.12
    invert: float = 0.05
    blur: float = 0.1
    noise: float = 0.3
    same: float = 0.03
    left: float = 0.04


def vary(pair: Pair, ways: Vary, rng: np.random.Generator) -> Pair:
    """A changed copy of a pair, of the same size.

    Example:
        >>> picture = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
        >>> mask = np.eye(4, dtype=bool)
        >>> pair = Pair(picture, picture, np.ones((4, 4), np.float32), mask, np.ones((4, 4), np.float32))
        >>> none = Vary(*[0.0] * 13)
        >>> bool((vary(pair, replace(none, flip_x=1), np.random.default_rng(0)).mask == mask[:, ::-1]).all())
        True
    """
    pair = _emptied(pair, ways, rng)
    pair = _placed(pair, ways, rng)
    return _seen(pair, ways, rng)


def _emptied(pair: Pair, ways: Vary, rng: np.random.Generator) -> Pair:
    """Pairs whose frame has no figures, though there may be one in the other picture."""
    draw = rng.random()
    if draw >= ways.same + ways.left:
        return pair
    depth = np.where(pair.mask, np.float32(np.nan), pair.depth)
    nothing = np.zeros_like(pair.mask)
    if draw < ways.left:
        return replace(pair, background=pair.frame, frame=pair.background, mask=nothing, depth=depth)
    grain = rng.standard_normal(pair.frame.shape, np.float32) * pair.noise[..., None]
    frame = (pair.background + grain).clip(0, 255).astype(np.uint8)
    return replace(pair, frame=frame, mask=nothing, depth=depth)


def _placed(pair: Pair, ways: Vary, rng: np.random.Generator) -> Pair:
    """Mirrored, and a part of it."""
    if rng.random() < ways.flip_x:
        pair = _windowed(pair, (slice(None), slice(None, None, -1)))
    if rng.random() < ways.flip_y:
        pair = _windowed(pair, (slice(None, None, -1), slice(None)))
    if rng.random() >= ways.crop:
        return pair
    height, width = pair.mask.shape
    share = rng.uniform(ways.crop_least, 1)
    h, w = max(1, round(share * height)), max(1, round(share * width))
    y, x = int(rng.integers(height - h + 1)), int(rng.integers(width - w + 1))
    return cut(pair, (slice(y, y + h), slice(x, x + w)), (height, width))


def cut(pair: Pair, window: tuple[slice, slice], size: tuple[int, int]) -> Pair:
    """A part of a pair, scaled to `size` (h, w); the furthest ground of the part has the depth 1."""
    part = _windowed(pair, window)
    depth = part.depth
    ground = depth[~part.mask & np.isfinite(depth)]
    if len(ground):
        depth = depth / ground.max()
    way = cv2.INTER_AREA if size[0] < part.mask.shape[0] else cv2.INTER_LINEAR

    def scaled(values: Any, way: int = way) -> Any:
        return cv2.resize(np.ascontiguousarray(values), size[::-1], interpolation=way)

    return Pair(
        scaled(part.background),
        scaled(part.frame),
        scaled(part.noise),
        scaled(part.mask.astype(np.float32)) > 0.5,
        scaled(depth, cv2.INTER_NEAREST),
    )


def _windowed(pair: Pair, window: tuple[slice, slice]) -> Pair:
    return Pair(
        pair.background[window], pair.frame[window], pair.noise[window], pair.mask[window], pair.depth[window]
    )


def _seen(pair: Pair, ways: Vary, rng: np.random.Generator) -> Pair:
    """In other light and colours, by another camera."""
    background, frame, noise = pair.background, pair.frame, pair.noise
    both, alone = _plain(), _plain()
    if rng.random() < ways.light:
        both = both ** rng.uniform(0.6, 1.6) * rng.uniform(0.6, 1.3) * rng.uniform(0.9, 1.1, (3, 1))
        both = both + rng.uniform(-0.08, 0.08)
    if rng.random() < ways.invert:
        both = 1 - both
    if rng.random() < ways.frame_light:
        alone = alone * rng.uniform(0.88, 1.12) + rng.uniform(-0.03, 0.03)
    background, frame = _mapped(background, both), _mapped(frame, both, alone)
    if rng.random() < ways.shade:
        frame = _shaded(frame, rng)
    if rng.random() < ways.grey:
        background, frame = _grey(background), _grey(frame)
    if rng.random() < ways.blur:
        spread = rng.uniform(0.4, 1.2)
        background, frame = (cv2.GaussianBlur(one, (0, 0), spread) for one in (background, frame))
    if rng.random() < ways.noise:
        spread = rng.uniform(1, 7)
        grain = rng.standard_normal(frame.shape, np.float32) * np.float32(spread)
        frame = (frame + grain).clip(0, 255).astype(np.uint8)
        if rng.random() < 0.8:
            noise = np.sqrt(noise**2 + np.float32(spread) ** 2)
    return replace(pair, background=background, frame=frame, noise=noise)


def _shaded(image: npt.NDArray[np.uint8], rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """`image` in a light that differs smoothly from place to place, by up to some 20 %."""
    coarse = rng.normal(0, rng.uniform(0.02, 0.1), tuple(rng.integers(2, 6, 2))).astype(np.float32)
    field = cv2.resize(coarse, image.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    return (image * (1 + field[..., None])).clip(0, 255).astype(np.uint8)


def _plain() -> npt.NDArray[np.float64]:
    """(3, 256): each grey level of each channel, 0..1."""
    return np.tile(np.linspace(0, 1, 256), (3, 1))


def _mapped(image: npt.NDArray[np.uint8], *curves: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    """`image` after each of the curves (3, 256) in turn."""
    plain = _plain()
    if all(curve is plain or np.array_equal(curve, plain) for curve in curves):
        return image
    tables = [(curve * 255).round().clip(0, 255).astype(np.uint8) for curve in curves]
    joined = tables[0]
    for table in tables[1:]:
        joined = np.stack([table[channel][joined[channel]] for channel in range(3)])
    return np.asarray(cv2.LUT(np.ascontiguousarray(image), np.ascontiguousarray(joined.T)[None]), np.uint8)


def _grey(image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB), np.uint8)
