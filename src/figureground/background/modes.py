"""What each pixel has looked like: up to K modes a pixel, counted over a sample of the video.

A mode is a colour that the pixel has shown in several samples. The empty ground is one of them, and
usually, but not always, the one seen most: a figure that sits still makes a mode of its own.

The counting follows the sequential clustering of Stauffer and Grimson (Adaptive background mixture
models for real-time tracking, CVPR 1999) without its forgetting. A sample counts for the order of
the modes only where its surroundings keep still, too: a uniform coat that moves shows one colour for
long, but its edges and folds do not rest. That is the patch-wise choice of quiet samples of LaBGen
(Laugraud, Pierard and Van Droogenbroeck, LaBGen: A method based on motion detection for generating
the background of a scene, Pattern Recognition Letters 96, 2017).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from figureground.frames import Image

UInt8 = npt.NDArray[np.uint8]
Float32 = npt.NDArray[np.float32]

MODES = 4
_KEEP = 3  # a mode seen this often is not given up for a new one
_PATCH = 9  # pixels: what counts as a pixel's surroundings
_CALM = 0.6  # of the radius: the mean change of calm surroundings
_REFRESH = 8  # samples between two updates of the modes' colours


@dataclass(frozen=True, eq=False)
class Modes:
    """The modes of each pixel, the most stable first; among equally stable ones, the one seen most.

    Attributes:
        colours: (k, h, w, 3) uint8 RGB.
        stable: (k, h, w) uint8: in how many samples the pixel showed this mode while its surroundings
            kept still; 0 where there is no such mode.
    """

    colours: UInt8
    stable: UInt8


def largest_difference(first: Image, second: Image) -> UInt8:
    """(h, w) uint8: the largest absolute difference over the three channels."""
    red, green, blue = cv2.split(cv2.absdiff(first, second))
    return cv2.max(cv2.max(red, green), blue)


def calm_samples(samples: Sequence[Image], radius: UInt8) -> Iterator[UInt8]:
    """For each sample (h, w) uint8, 255 where the surroundings look as they did and as they will."""
    limit = (_CALM * radius).astype(np.uint8)
    before = np.full(radius.shape, 255, np.uint8)
    for number, sample in enumerate(samples):
        after = np.full(radius.shape, 255, np.uint8)
        if number + 1 < len(samples):
            change = cv2.blur(largest_difference(sample, samples[number + 1]), (_PATCH, _PATCH))
            after = cv2.compare(change, limit, cv2.CMP_LE)
        yield cv2.bitwise_and(before, after)
        before = after


def count_modes(samples: Sequence[Image], radius: UInt8) -> Modes:
    """Cluster the samples of each pixel.

    Args:
        samples: at most 255 pictures (h, w, 3) uint8 RGB in order of time, of one size.
        radius: (h, w) uint8: colours that differ by at most this belong to one mode.

    Example:
        >>> dark, bright = np.zeros((2, 2, 3), np.uint8), np.full((2, 2, 3), 90, np.uint8)
        >>> modes = count_modes([dark] * 3 + [bright] * 6, np.full((2, 2), 10, np.uint8))
        >>> modes.colours[:2, 0, 0, 0].tolist(), modes.stable[:, 0, 0].tolist()
        ([90, 0], [5, 2, 0, 0])
    """
    shape = samples[0].shape
    anchors = [np.zeros(shape, np.uint8) for _ in range(MODES)]
    sums = [np.zeros(shape, np.float32) for _ in range(MODES)]
    seen = np.zeros((MODES, *shape[:2]), np.uint8)
    stable = np.zeros_like(seen)
    for number, (sample, calm) in enumerate(zip(samples, calm_samples(samples, radius), strict=True)):
        free = np.full(shape[:2], 255, np.uint8)
        for k in range(MODES):
            near = cv2.compare(largest_difference(sample, anchors[k]), radius, cv2.CMP_LE)
            near = cv2.bitwise_and(cv2.bitwise_and(near, free), cv2.compare(seen[k], 0, cv2.CMP_GT))
            free = cv2.bitwise_xor(free, near)
            cv2.accumulate(sample, sums[k], mask=near)
            cv2.add(seen[k], 1, dst=seen[k], mask=near)
            cv2.add(stable[k], 1, dst=stable[k], mask=cv2.bitwise_and(near, calm))
        if cv2.countNonZero(free):
            _open_modes(sample, free, anchors, sums, seen, stable, calm)
        if number % _REFRESH == _REFRESH - 1:
            _refresh(anchors, sums, seen)
    _refresh(anchors, sums, seen)
    order = np.argsort(-(256 * stable.astype(np.int32) + seen), axis=0, kind="stable")
    colours = np.take_along_axis(np.stack(anchors), order[..., None], axis=0)
    return Modes(colours, np.take_along_axis(stable, order, axis=0))


def _open_modes(
    sample: Image,
    free: UInt8,
    anchors: list[UInt8],
    sums: list[Float32],
    seen: UInt8,
    stable: UInt8,
    calm: UInt8,
) -> None:
    """Give each free pixel's colour the mode that was seen least, unless that one was seen often."""
    least = seen[0]
    for k in range(1, MODES):
        least = cv2.min(least, seen[k])
    colour, once = sample.astype(np.float32), np.ones_like(least)
    open_ = cv2.bitwise_and(free, cv2.compare(least, _KEEP, cv2.CMP_LT))
    for k in range(MODES):
        here = cv2.bitwise_and(open_, cv2.compare(seen[k], least, cv2.CMP_EQ))
        open_ = cv2.bitwise_xor(open_, here)
        cv2.copyTo(sample, here, anchors[k])
        cv2.copyTo(colour, here, sums[k])
        cv2.copyTo(once, here, seen[k])
        cv2.copyTo(cv2.bitwise_and(calm, once), here, stable[k])


def _refresh(anchors: list[UInt8], sums: list[Float32], seen: UInt8) -> None:
    """Set each mode's colour to the mean of what it has seen."""
    for anchor, total, count in zip(anchors, sums, seen, strict=True):
        times = cv2.merge([cv2.max(count, 1)] * 3)
        np.copyto(anchor, cv2.divide(total, times, dtype=cv2.CV_8U))
