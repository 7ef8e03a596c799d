"""Background: the empty scene of a fixed camera, estimated from frames in which figures come and go.

    1  samples are laid on each other where the camera shook, and brought to one light
    2  the colours of each pixel are clustered into modes; the most stable is the first guess
    3  regions where a figure sat still are settled by their seams
    4  pieces of figures that no sample is free of are filled in
    5  picture and noise are averaged, at full size, over the samples that show the ground

Steps 1 to 4 work on a reduced picture (about 640 x 480) of all samples; step 5 on as many whole
frames as fit into a fixed number of bytes. So memory does not grow with the length of the video.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from figureground.background import light, registration
from figureground.background.modes import Modes, UInt8, count_modes, largest_difference
from figureground.background.regions import settle
from figureground.background.remnants import without_remnants
from figureground.background.scale import reduced, step_for
from figureground.errors import InputError
from figureground.frames import Frame, Image

SAMPLES = 80
"""How many samples are worth their time."""

_ANALYSED = 420_000  # pixels of the reduced picture
_WHOLE_BYTES = 200_000_000  # of whole frames held at once
_LEAST_WHOLE = 16
_STRIP = 500_000  # pixels that are averaged at a time
_SEEN, _UNKNOWN_NOISE = 5, 3.0  # samples that give a noise; grey levels where none do
_MOVED = 0.2  # share of the samples that are shifted before the camera counts as shaking


@dataclass(frozen=True, eq=False)
class Background:
    """The empty scene.

    Attributes:
        picture: (h, w, 3) uint8 RGB.
        noise: (h, w) float32: standard deviation of a ground pixel, in grey levels, of the channel
            that varies most.
        shake: pixels by which nine of ten samples are shifted at most; 0 where the camera stood still.
        travel: pixels between the extreme places that the camera looked at; 0 where it stood still.
        changing: mean share of the picture that differs from the ground, 0..1.
        unsettled: share of the picture that showed the ground in fewer than a tenth of the samples.
        figure_area: pixels of a typical figure: half of all that differed lay in parts at least this
            large; 0 where nothing differed.
        samples: how many frames it was estimated from.
    """

    picture: Image
    noise: npt.NDArray[np.float32]
    shake: float = 0.0
    travel: float = 0.0
    changing: float = 0.0
    unsettled: float = 0.0
    figure_area: float = 0.0
    samples: int = 1


@dataclass(frozen=True, eq=False)
class _Samples:
    """The samples: all reduced, some whole; `shake` and `spread` (of their shifts) in pixels."""

    small: list[Image]
    whole: list[Image]
    whole_at: list[int]
    shake: float = 0.0
    spread: float = 0.0


def fit_background(frames: Iterable[Frame]) -> Background:
    """Estimate the empty scene from `frames`, spread over the video in order of time.

    Raises:
        InputError: there is no frame, or their sizes differ.

    Example:
        >>> from figureground.testing import made_scene
        >>> scene = made_scene((90, 120), frames=40)
        >>> found = fit_background(scene.sample(SAMPLES))
        >>> error = np.abs(found.picture.astype(int) - scene.ground).mean()
        >>> bool(error < 2)
        True
    """
    collected = _collect(frames)
    samples = _aligned(collected)
    radius = _radius(samples.small)
    modes = count_modes(samples.small, radius)
    ground = settle(modes.colours[0], samples.small, modes, radius)
    ground = without_remnants(
        ground, samples.small, radius, _typical_area(_differing(samples, ground, radius))
    )
    picture, noise = _average(samples, ground, radius)
    far = _differing(samples, ground, radius)
    return Background(
        picture,
        noise,
        shake=samples.shake,
        travel=max(
            samples.spread, registration.travel(collected.small) * step_for(picture.shape[:2], _ANALYSED)
        ),
        changing=float(np.mean([cv2.countNonZero(f) / f.size for f in far])),
        unsettled=_unsettled(ground, modes, radius, len(samples.small)),
        figure_area=_typical_area(far) * picture.shape[0] * picture.shape[1] / radius.size,
        samples=len(samples.small),
    )


def _differing(samples: _Samples, ground: Image, radius: UInt8) -> list[UInt8]:
    """For every fourth sample (h, w) uint8, 255 where it differs from the ground."""
    limit = cv2.multiply(radius, 1.5)
    few = samples.small[::4]
    return [cv2.compare(largest_difference(sample, ground), limit, cv2.CMP_GT) for sample in few]


def _collect(frames: Iterable[Frame]) -> _Samples:
    """Read the frames: every one reduced, and at most so many whole ones as the bytes allow."""
    small: list[Image] = []
    whole: list[Image] = []
    at: list[int] = []
    every = 1
    size = (0, 0)
    for number, frame in enumerate(frames):
        size = size if small else frame.size
        if frame.size != size:
            raise InputError(f"frame {frame.index}: its size {frame.size} differs from the first, {size}")
        if len(small) == 255:
            break
        small.append(reduced(frame.image, step_for(size, _ANALYSED)))
        if number % every == 0:
            whole.append(frame.image)
            at.append(number)
        if len(whole) > max(_LEAST_WHOLE, _WHOLE_BYTES // frame.image.nbytes):
            whole, at, every = whole[::2], at[::2], every * 2
    if not small:
        raise InputError("there is no frame to estimate the background from")
    return _Samples(small, whole, at)


def _aligned(samples: _Samples) -> _Samples:
    """Lay the samples on the middle one, and bring them to its light."""
    small, whole = list(samples.small), list(samples.whole)
    middle = small[len(small) // 2]
    reference = registration.fit_reference(middle)
    few = small[:: max(1, len(small) // 12)]
    shifts = np.array([registration.fit_shift(sample, reference) for sample in few])
    scale = step_for(samples.whole[0].shape[:2], _ANALYSED)
    shake = spread = 0.0
    if np.mean(np.abs(shifts).max(1) * scale > registration.STILL) > _MOVED:
        shifts = np.array([registration.fit_shift(sample, reference) for sample in small])
        shake = float(np.quantile(np.linalg.norm(shifts, axis=1), 0.9)) * scale
        spread = float(np.ptp(shifts, axis=0).max()) * scale
        small = [registration.unshift(s, (dx, dy)) for s, (dx, dy) in zip(small, shifts, strict=True)]
        moved = shifts[samples.whole_at] * scale
        whole = [registration.unshift(w, (dx, dy)) for w, (dx, dy) in zip(whole, moved, strict=True)]
    lights = [light.fit_light(sample, middle) for sample in small]
    small = [_relit(sample, lit) for sample, lit in zip(small, lights, strict=True)]
    whole = [_relit(sample, lights[at]) for sample, at in zip(whole, samples.whole_at, strict=True)]
    return _Samples(small, whole, samples.whole_at, shake, spread)


def _relit(image: Image, lit: light.Light) -> Image:
    return image if light.is_steady(lit) else light.unlight(image, lit)


def _radius(samples: Sequence[Image]) -> UInt8:
    """(h, w) uint8: how far two samples of the same thing may lie apart, from neighbours in time."""
    pairs = np.unique(np.linspace(0, max(0, len(samples) - 2), 24).round().astype(int))
    steps = [largest_difference(samples[i], samples[min(i + 1, len(samples) - 1)]) for i in pairs]
    rank = int(0.3 * len(steps))
    typical = cv2.blur(np.partition(np.stack(steps), rank, axis=0)[rank].astype(np.float32), (5, 5))
    typical = np.minimum(typical, 3 * np.median(typical))
    return (3 * typical + 6).clip(10, 60).astype(np.uint8)


def _average(samples: _Samples, ground: Image, radius: UInt8) -> tuple[Image, npt.NDArray[np.float32]]:
    """The mean picture and the noise over the whole frames, each where it shows the ground."""
    height, width = samples.whole[0].shape[:2]
    step = step_for((height, width), _ANALYSED)
    kernel = np.ones((3, 3), np.uint8)
    near = []
    for at in samples.whole_at:
        shows = cv2.compare(largest_difference(samples.small[at], ground), radius, cv2.CMP_LE)
        near.append(cv2.erode(shows, kernel))
    around = ground.shape[1] * step, ground.shape[0] * step
    picture = cv2.resize(ground, around, interpolation=cv2.INTER_CUBIC)[:height, :width].copy()
    noise = np.full((height, width), np.nan, np.float32)
    rows = step * max(1, _STRIP // (width * step))
    for top in range(0, height, rows):
        strip = slice(top, min(top + rows, height))
        few = slice(top // step, -(-strip.stop // step))
        _average_strip(
            picture[strip], noise[strip], [w[strip] for w in samples.whole], [n[few] for n in near], step
        )
    known = np.isfinite(noise)
    noise[~known] = np.median(noise[known]) if known.any() else _UNKNOWN_NOISE
    return picture, cv2.blur(noise, (3, 3))


def _average_strip(
    picture: Image, noise: npt.NDArray[np.float32], whole: list[Image], near: list[UInt8], step: int
) -> None:
    """Set `picture` and `noise` (views, changed in place) to mean and spread; NaN where hardly seen."""
    height, width = noise.shape
    total, square = np.zeros((2, height, width, 3), np.float32)
    count = np.zeros((height, width), np.float32)
    for image, small in zip(whole, near, strict=True):
        shows = small.repeat(step, axis=0).repeat(step, axis=1)[:height, :width] if step > 1 else small
        cv2.accumulate(image, total, mask=shows)
        cv2.accumulateSquare(image, square, mask=shows)
        count += shows > 0
    mean = total / np.maximum(count, 1)[..., None]
    spread = np.sqrt(np.maximum(0, square / np.maximum(count, 1)[..., None] - mean * mean)).max(axis=-1)
    noise[:] = np.where(count >= _SEEN, spread, np.nan)
    picture[:] = np.where(count[..., None] > 0, mean.round(), picture)


def _typical_area(masks: Sequence[UInt8]) -> float:
    """The area-weighted median of the masks' parts, in pixels; 0 where there is none."""
    areas: list[int] = []
    for mask in masks:
        _, _, stats, _ = cv2.connectedComponentsWithStats(cv2.medianBlur(mask, 3), connectivity=8)
        areas += stats[1:, cv2.CC_STAT_AREA].tolist()
    ordered = np.sort([area for area in areas if area < 0.5 * masks[0].size])
    total = np.cumsum(ordered)
    return float(ordered[np.searchsorted(total, total[-1] / 2)]) if len(ordered) else 0.0


def _unsettled(ground: Image, modes: Modes, radius: UInt8, samples: int) -> float:
    """The share of the picture whose ground was stable in fewer than a tenth of the samples."""
    seen = np.zeros(radius.shape, np.uint8)
    for colour, stable in zip(modes.colours, modes.stable, strict=True):
        near = cv2.compare(largest_difference(colour, ground), radius, cv2.CMP_LE)
        seen = cv2.max(seen, cv2.bitwise_and(stable, near))
    return float(np.mean(seen < 0.1 * samples))
