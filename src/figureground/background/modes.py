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
from typing import NamedTuple

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
    book = _Book(
        np.zeros((MODES, *shape), np.uint8),
        np.zeros((MODES, *shape), np.float32),
        np.zeros((MODES, *shape[:2]), np.uint8),
        np.zeros((MODES, *shape[:2]), np.uint8),
    )
    for number, (sample, calm) in enumerate(zip(samples, calm_samples(samples, radius), strict=True)):
        _enter(book, sample, radius, calm)
        if number % _REFRESH == _REFRESH - 1:
            _refresh(book)
    _refresh(book)
    stable = book.stable
    order = np.argsort(-(256 * stable.astype(np.int32) + book.seen), axis=0, kind="stable")
    colours = np.take_along_axis(book.anchors, order[..., None], axis=0)
    return Modes(colours, np.take_along_axis(stable, order, axis=0))


class _Book(NamedTuple):
    """The modes while they are counted, changed in place.

    Attributes:
        anchors: (k, h, w, 3) uint8: the colour of each mode.
        sums: (k, h, w, 3) float32: of all colours that were counted for it.
        seen, stable: (k, h, w) uint8: how often it was seen, and how often with calm surroundings.
    """

    anchors: UInt8
    sums: Float32
    seen: UInt8
    stable: UInt8


def _enter(book: _Book, sample: Image, radius: UInt8, calm: UInt8) -> None:
    """Count each pixel of `sample` for the first mode that is near, or open one for it."""
    free = np.full(radius.shape, 255, np.uint8)
    for k in range(MODES):
        near = cv2.compare(largest_difference(sample, book.anchors[k]), radius, cv2.CMP_LE)
        near = near & free & _over(book.seen[k], 0)
        cv2.accumulate(sample, book.sums[k], mask=near)
        book.seen[k] += near & 1
        book.stable[k] += near & calm & 1
        free ^= near
        x, y, width, height = cv2.boundingRect(free)
        if not width:
            return
        # most pixels show the first mode: the others are looked at where some do not
        rest = slice(y, y + height), slice(x, x + width)
        sample, radius, calm, free = sample[rest], radius[rest], calm[rest], free[rest]
        book = _Book(book.anchors[:, *rest], book.sums[:, *rest], book.seen[:, *rest], book.stable[:, *rest])
    _open(book, sample, free, calm)


def _over(counts: UInt8, limit: int) -> UInt8:
    """255 where `counts` is over `limit`, else 0."""
    return -(counts > limit).view(np.uint8)


def _open(book: _Book, sample: Image, free: UInt8, calm: UInt8) -> None:
    """Give each free pixel's colour the mode that was seen least, unless that one was seen often."""
    least = book.seen.min(axis=0)
    colour, once = sample.astype(np.float32), np.ones_like(least)
    left = free & ~_over(least, _KEEP - 1)
    for k in range(MODES):
        here = left & cv2.compare(book.seen[k], least, cv2.CMP_EQ)
        left ^= here
        cv2.copyTo(sample, here, book.anchors[k])
        cv2.copyTo(colour, here, book.sums[k])
        cv2.copyTo(once, here, book.seen[k])
        cv2.copyTo(calm & once, here, book.stable[k])


def _refresh(book: _Book) -> None:
    """Set each mode's colour to the mean of what it has seen."""
    for anchor, total, count in zip(book.anchors, book.sums, book.seen, strict=True):
        times = cv2.merge([cv2.max(count, 1)] * 3)
        np.copyto(anchor, cv2.divide(total, times, dtype=cv2.CV_8U))
