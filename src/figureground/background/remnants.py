"""What is left of a figure that never left its place: filled in from around it.

A figure that only creeps, or turns where it sits, shows the ground beside it now on one side and now on the
other, but never under its middle. There the estimate holds a piece of figure, and no sample holds anything
better. It is told from a thing that belongs to the scene by three signs, and must show them all:

    it is never seen alone: in nearly every sample a figure covers some of the ground right around it, for
    the piece is what all the figure's places have in common, and each of them reaches beyond it
    figures have covered much of its surroundings, at one time or another
    they go on into it: where its surroundings are covered, the edge between the two is gone

A cup that animals visit stands alone at times; one in whose shade an animal always sits keeps its edge.
"""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from figureground.background.modes import UInt8, largest_difference
from figureground.background.regions import Bool, Window
from figureground.frames import Image

_SAMPLES = 24  # are enough to see who was where
_FAR = 2.0  # radii from the ground: covered
_ALWAYS = 0.9  # share of the samples
_COVERED = 0.05  # share of the surroundings: less is noise
_SURROUNDED = 0.35  # share of the surroundings that figures have covered
_GOES_ON = 0.8  # of the edge is left where a figure covers the surroundings
_MOST = 0.25  # of the picture: in a place larger than this that figures never leave, nothing is known
_LEAST = 12  # pixels of a piece
_LARGEST = 10.0  # typical figures: what is larger is no piece of one, though only their ends may be known
_REACHES = 0.4, 1.2  # of a typical figure's side: from a piece's surroundings to its middle
_OUTLINED = 0.7  # share of a piece's outline that is an edge
_RING = 4  # pixels to each side of the outline that are looked at


def without_remnants(ground: Image, samples: Sequence[Image], radius: UInt8, area: float) -> Image:
    """`ground` without the pieces of figures that no sample is free of.

    Args:
        ground: (h, w, 3) uint8 RGB: the estimate so far.
        samples: pictures of the same size.
        radius: (h, w) uint8: colours that differ by more are different.
        area: of a typical figure, in pixels of `ground`.
    """
    few = samples[:: max(1, len(samples) // _SAMPLES)]
    limit = cv2.multiply(radius, _FAR)
    covered = [
        cv2.medianBlur(cv2.compare(largest_difference(sample, ground), limit, cv2.CMP_GT), 3)
        for sample in few
    ]
    for share in _REACHES:
        zone = _always_near(covered, reach=max(3, round(share * np.sqrt(area))))
        wrong = _remnants(ground, zone, few, covered, limit, _LARGEST * area)
        if wrong.any():
            ground = _fill(ground, cv2.dilate(wrong, np.ones((7, 7), np.uint8)))
    return ground


def _remnants(
    ground: Image, zone: UInt8, few: Sequence[Image], covered: Sequence[UInt8], limit: UInt8, largest: float
) -> UInt8:
    """(h, w) uint8: 255 on the pieces of figures in `zone`, of at most `largest` pixels."""
    wrong = np.zeros_like(zone)
    if not zone.any():
        return wrong
    odd = cv2.bitwise_and(
        cv2.compare(largest_difference(_fill(ground, zone), ground), limit, cv2.CMP_GT), zone
    )
    odd = cv2.morphologyEx(odd, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    odd = cv2.morphologyEx(odd, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    for window, piece in _pieces_of(odd):
        if np.count_nonzero(piece) <= largest:
            stack, there = (np.stack([part[window] for part in parts]) for parts in (few, covered))
            if _is_remnant(ground[window], piece, stack, there > 0, limit[window]):
                wrong[window][piece] = 255
    return wrong


def _always_near(covered: Sequence[UInt8], reach: int) -> UInt8:
    """(h, w) uint8: 255 where in nearly every sample a figure is no farther than `reach` pixels."""
    near = np.mean([_within(one, reach) > 0 for one in covered], axis=0)
    zone = _within((near >= _ALWAYS).astype(np.uint8) * 255, reach)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(zone, connectivity=8)
    small = stats[:, cv2.CC_STAT_AREA] < _MOST * zone.size
    small[0] = False
    return small[labels].astype(np.uint8) * 255


def _within(mask: UInt8, reach: int) -> UInt8:
    """(h, w) uint8: 255 on pixels that are no farther than `reach` from one of `mask`."""
    if not mask.any():
        return np.zeros_like(mask)
    far = cv2.distanceTransform(cv2.bitwise_not(mask), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.where(far <= reach, np.uint8(255), np.uint8(0))


def _fill(picture: Image, mask: UInt8) -> Image:
    return np.asarray(cv2.inpaint(picture, mask, 5, cv2.INPAINT_TELEA), np.uint8)


def _pieces_of(mask: UInt8) -> list[tuple[Window, Bool]]:
    """The connected parts of `mask`, each as (window with a margin, mask)."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    found = []
    for label, (x, y, w, h, area) in enumerate(stats[1:].tolist(), 1):
        if area >= _LEAST:
            rows, columns = slice(max(0, y - 9), y + h + 9), slice(max(0, x - 9), x + w + 9)
            found.append(((rows, columns), labels[rows, columns] == label))
    return found


def _is_remnant(
    ground: Image, piece: Bool, samples: UInt8, covered: npt.NDArray[np.bool_], limit: UInt8
) -> bool:
    """Whether the piece shows all three signs.

    Args:
        ground: (h, w, 3) uint8 RGB.
        piece: (h, w) bool.
        samples: (n, h, w, 3) uint8 RGB.
        covered: (n, h, w) bool: where each of them differs from the ground.
        limit: (h, w) uint8: colours that differ by more are different.
    """
    outer, inner = _outline(piece)
    if not len(outer):
        return False
    around = covered[:, outer[:, 0], outer[:, 1]]
    if np.mean(around.mean(1) > _COVERED) < _ALWAYS or np.mean(around.sum(0) >= 2) < _SURROUNDED:
        return False
    edge = _step(ground[None], outer, inner)
    if np.mean(edge > limit[outer[:, 0], outer[:, 1]]) < _OUTLINED:
        return False
    left = _step(samples, outer, inner) / np.maximum(edge, 1)
    return bool(np.median(left[around]) < _GOES_ON)


def _outline(piece: Bool) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Pixels (n, 2) y x just outside of the piece, and for each the one across its outline, inside."""
    distance = cv2.distanceTransform(1 - piece.view(np.uint8), cv2.DIST_L2, 3)
    inside = cv2.distanceTransform(np.pad(piece.view(np.uint8), 1), cv2.DIST_L2, 3)[1:-1, 1:-1]
    signed = distance - inside
    outer = np.argwhere((distance > _RING - 1.5) & (distance <= _RING - 0.5))
    across = np.stack([cv2.Sobel(signed, cv2.CV_32F, 0, 1), cv2.Sobel(signed, cv2.CV_32F, 1, 0)], -1)
    normal = across[outer[:, 0], outer[:, 1]]
    length = np.linalg.norm(normal, axis=1, keepdims=True)
    steps = (2 * _RING - 2) * normal / np.maximum(length, 1e-6)
    inner = (outer - steps).round().astype(np.intp).clip(0, np.array(piece.shape) - 1)
    kept = piece[inner[:, 0], inner[:, 1]]
    return outer[kept], inner[kept]


def _step(
    pictures: UInt8, outer: npt.NDArray[np.intp], inner: npt.NDArray[np.intp]
) -> npt.NDArray[np.float64]:
    """(n, points): how far apart, in grey levels, the picture (n, h, w, 3) is across the outline."""
    out = pictures[:, outer[:, 0], outer[:, 1]].astype(np.float64)
    return np.abs(out - pictures[:, inner[:, 0], inner[:, 1]]).max(-1)
