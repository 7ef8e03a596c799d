"""What a camera makes of a scene: shake, blur, light, noise and JPEG."""

from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from figureground.datasets.compose.realism import Realism, drawn
from figureground.datasets.compose.scene import Depth
from figureground.frames import Image
from figureground.instances import BoolArray

Float32: TypeAlias = npt.NDArray[np.float32]

_SPARE = 48  # pixels by which the plate of noise is larger than the picture: places to cut it from
_READ = 0.45  # share of the noise that does not depend on the light


class Camera:
    """One camera during one clip; each exposure has its own shift, light and noise.

    Args:
        size: (h, w) in pixels.
        frames: how many moments the clip has.
        realism: the ranges that its faults are drawn from.
        rng: draws them.
    """

    def __init__(
        self, size: tuple[int, int], frames: int, realism: Realism, rng: np.random.Generator
    ) -> None:
        self.size = size
        self._blur = drawn(realism.blur, rng)
        self._grain = drawn(realism.grain, rng) * rng.uniform(0.2, 1)  # quiet cameras are more common
        self._quality = 0 if rng.random() < realism.lossless else round(drawn(realism.jpeg, rng))
        self._curve = _curve(realism, rng)
        self._plate = _plate(size, drawn(realism.coarse, rng), rng) if self._grain else None
        self._falloff = _falloff(size, drawn(realism.vignette, rng))
        self._light = _light(frames, realism, rng)
        self._shifts = _shifts(frames, realism, rng)
        self._seed = int(rng.integers(1 << 62))

    def expose(
        self, image: Image, moment: int, *, take: int = 0, shift: tuple[float, float] | None = None
    ) -> Image:
        """(h, w, 3) uint8 RGB: a picture of `image`, which shows the scene at `moment`.

        Args:
            image: (h, w, 3) uint8 RGB.
            moment: from 0 to frames - 1.
            take: another number gives other noise.
            shift: in pixels, in place of the moment's own.
        """
        rng = np.random.default_rng((self._seed, moment, take))
        image = moved(image, self._shifts[moment] if shift is None else shift)
        if self._blur > 0.25:
            image = cv2.GaussianBlur(image, (0, 0), self._blur)
        image = cv2.LUT(image, (self._curve * self._light[moment]).round().clip(0, 255).astype(np.uint8))
        if self._falloff is not None or self._plate is not None:
            image = self._noisy(image, rng)
        return _packed(image, self._quality) if self._quality else image

    def _noisy(self, image: Image, rng: np.random.Generator) -> Image:
        light = (
            image.astype(np.float32)
            if self._falloff is None
            else cv2.multiply(image, self._falloff, dtype=cv2.CV_32F)
        )
        if self._plate is not None:
            y, x = rng.integers(0, _SPARE + 1, 2)
            noise = self._plate[y : y + self.size[0], x : x + self.size[1]]
            levels = np.arange(256, dtype=np.float32)
            spread = self._grain * np.sqrt(_READ + (1 - _READ) * levels / 128)
            light += cv2.LUT(image, spread[None]) * (noise if rng.random() < 0.5 else -noise)
        return cv2.convertScaleAbs(np.maximum(light, 0, out=light))

    def mask(self, mask: BoolArray, moment: int) -> BoolArray:
        """(h, w) bool: `mask` as the shaken camera sees it at `moment`."""
        if not any(self._shifts[moment]):
            return mask
        return moved(mask.view(np.uint8) * np.uint8(255), self._shifts[moment]) >= 128

    def depth(self, depth: Depth, moment: int) -> Depth:
        """(h, w) float32: `depth`, likewise; NaN stays NaN."""
        shift = self._shifts[moment]
        return moved(depth, shift, cv2.INTER_NEAREST) if any(shift) else depth


def moved(image: npt.NDArray, shift: tuple[float, float], way: int = cv2.INTER_LINEAR) -> npt.NDArray:  # type: ignore[type-arg]
    """`image` shifted by (x, y) pixels, its border repeated."""
    if not any(shift):
        return image
    matrix = np.array([[1, 0, shift[0]], [0, 1, shift[1]]], np.float32)
    return cv2.warpAffine(image, matrix, image.shape[1::-1], flags=way, borderMode=cv2.BORDER_REPLICATE)


def _curve(realism: Realism, rng: np.random.Generator) -> Float32:
    """(1, 256, 3) float32: what becomes of each grey level of each channel."""
    gains = drawn(realism.gain, rng) * (1 + drawn(realism.cast, rng) * rng.uniform(-1, 1, 3))
    levels = (np.arange(256, dtype=np.float32) / 255) ** drawn(realism.gamma, rng)
    return (255 * levels[:, None] * gains).astype(np.float32)[None]


def _plate(size: tuple[int, int], coarse: float, rng: np.random.Generator) -> Float32:
    """Noise of standard deviation 1, larger than the picture, (h, w, 3) float32."""
    noise = rng.standard_normal((size[0] + _SPARE, size[1] + _SPARE, 3), np.float32)
    if coarse > 0.3:
        noise = cv2.GaussianBlur(noise, (0, 0), coarse)
        noise /= noise.std()
    return noise


def _falloff(size: tuple[int, int], darker: float) -> Float32 | None:
    """(h, w, 3) float32: the share of the light that arrives."""
    if darker < 0.02:
        return None
    y, x = np.linspace(-1, 1, size[0]), np.linspace(-1, 1, size[1])
    share = 1 - darker * (y[:, None] ** 2 + x**2) / 2
    return np.repeat(share.astype(np.float32)[..., None], 3, axis=2)


def _light(frames: int, realism: Realism, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """(frames,): the light of each moment; the first moment's is about 1."""
    drift = drawn(realism.drift, rng)
    light = 1 + drift * np.linspace(0, 1, frames)
    if rng.random() < realism.switch:
        light[int(rng.uniform(0.1, 0.9) * frames) :] *= 1 + 3 * drift
    return light * (1 + drawn(realism.flicker, rng) * rng.standard_normal(frames))


def _shifts(frames: int, realism: Realism, rng: np.random.Generator) -> list[tuple[float, float]]:
    if rng.random() >= realism.shaking:
        return [(0.0, 0.0)] * frames
    shifts = drawn(realism.shake, rng) * rng.standard_normal((frames, 2)).clip(-2, 2) / 2
    return [(float(dx), float(dy)) for dx, dy in shifts]


def _packed(image: Image, quality: int) -> Image:
    """`image` written as JPEG and read again."""
    _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))
