"""Functions on masks: parts, holes, outlines, polygons, overlap, COCO run lengths."""

from collections.abc import Iterable, Sequence

import cv2
import numpy as np
import numpy.typing as npt
from pycocotools import mask as coco

from figureground.instances import BoolArray, Crop, tight_crop

Mask = npt.NDArray[np.uint8]
"""(h, w) uint8: 0 is ground, anything else figure."""

_LEAST_TOLERANCE = 0.25  # of an outline: below that it is drawn to the pixel
_BRIDGEABLE, _BRIDGES = 10_000, 50  # points of the outline, and of a hole, that a bridge is chosen from


def components(mask: Mask, min_area: int = 1) -> list[Crop]:
    """The 8-connected parts of `mask` (h, w) uint8 that have at least `min_area` pixels, as crops.

    They come in the order of their first pixel, row by row.

    Example:
        >>> mask = np.zeros((5, 7), np.uint8); mask[0, 0:2] = 1; mask[3:5, 4:7] = 255
        >>> [(c.y0, c.x0, c.mask.shape) for c in components(mask, min_area=3)]
        [(3, 4, (2, 3))]
    """
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8, ltype=cv2.CV_32S)
    crops = []
    for label in range(1, count):
        x0, y0, width, height, area = (int(v) for v in stats[label])
        if area >= min_area:
            crops.append(Crop(y0, x0, labels[y0 : y0 + height, x0 : x0 + width] == label))
    return sorted(
        crops, key=lambda crop: (crop.y0, crop.x0 + int(crop.mask[0].argmax()))
    )  # OpenCV: by blocks


def solid_parts(mask: Mask, min_area: int = 1) -> list[Crop]:
    """The 8-connected parts of `mask` (h, w) uint8 with their holes filled, if then of `min_area` pixels.

    What stands in a hole of another part belongs to that part. Much faster than `components` where
    most of the mask is ground.

    Example:
        >>> mask = np.zeros((5, 7), np.uint8); mask[:, 2:7] = 1; mask[1:4, 3:6] = 0; mask[0, 0] = 1
        >>> [(c.x0, int(c.mask.sum())) for c in solid_parts(mask, min_area=2)]
        [(2, 25)]
    """
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    crops = []
    for contour in contours:
        x0, y0, width, height = cv2.boundingRect(contour)
        if width * height < min_area:
            continue
        part = np.zeros((height, width), np.uint8)
        cv2.drawContours(part, [contour], -1, 1, cv2.FILLED, offset=(-x0, -y0))
        if cv2.countNonZero(part) >= min_area:
            crops.append(Crop(y0, x0, part.view(bool)))
    return sorted(crops, key=lambda crop: (crop.y0, crop.x0))


def fill_holes(mask: BoolArray, max_area: int | None = None) -> BoolArray:
    """`mask` (h, w) bool with its enclosed holes filled, those of at most `max_area` pixels if given.

    A hole is ground that is not 4-connected to the border of the array.

    Example:
        >>> ring = np.ones((3, 3), bool); ring[1, 1] = False
        >>> bool(fill_holes(ring).all())
        True
    """
    ground = np.pad(~mask, 1, constant_values=True).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ground, connectivity=4, ltype=cv2.CV_32S)
    hole = np.ones(count, bool)
    hole[[0, labels[0, 0]]] = False
    if max_area is not None:
        hole &= stats[:, cv2.CC_STAT_AREA] <= max_area
    filled: BoolArray = mask | hole[labels[1:-1, 1:-1]]
    return filled


def outlines(crop: Crop) -> list[npt.NDArray[np.int32]]:
    """The outer contours of a crop: each (n, 2) int32, x y in pixels of the frame."""
    contours, _ = cv2.findContours(
        np.ascontiguousarray(crop.mask).view(np.uint8),
        cv2.RETR_EXTERNAL,
        cv2.CHAIN_APPROX_SIMPLE,
        offset=(crop.x0, crop.y0),
    )
    return [np.asarray(contour, np.int32).reshape(-1, 2) for contour in contours]


def mask_iou(first: Sequence[Crop], second: Sequence[Crop]) -> npt.NDArray[np.float64]:
    """(n, m) float64: intersection over union of each pair of masks; 0 where both are empty.

    Example:
        >>> a = Crop(0, 0, np.ones((2, 4), bool)); b = Crop(0, 2, np.ones((2, 4), bool))
        >>> mask_iou([a], [a, b]).round(3).tolist()
        [[1.0, 0.333]]
    """
    out = np.zeros((len(first), len(second)))
    areas = [np.count_nonzero(crop.mask) for crop in second]
    for i, a in enumerate(first):
        area = np.count_nonzero(a.mask)
        for j, b in enumerate(second):
            shared = _intersection(a, b)
            if shared:
                out[i, j] = shared / (area + areas[j] - shared)
    return out


def covered_share(crop: Crop, others: Iterable[Crop]) -> float:
    """Share of the pixels of `crop` that lie in one of `others` at least, 0..1; 0 where it is empty.

    Example:
        >>> a = Crop(0, 0, np.ones((2, 4), bool)); b = Crop(0, 3, np.ones((2, 4), bool))
        >>> covered_share(a, [b, b])
        0.25
    """
    area, left = np.count_nonzero(crop.mask), crop.mask.copy()
    for other in others:
        if (windows := _common(crop, other)) is not None:
            left[windows[0]] &= ~other.mask[windows[1]]
    return float(1 - np.count_nonzero(left) / area) if area else 0.0


def _intersection(a: Crop, b: Crop) -> int:
    windows = _common(a, b)
    return 0 if windows is None else int(np.count_nonzero(a.mask[windows[0]] & b.mask[windows[1]]))


def _common(a: Crop, b: Crop) -> tuple[tuple[slice, slice], tuple[slice, slice]] | None:
    """Where the rectangle that both crops have in common lies in the mask of each; None if there is none."""
    top, left = max(a.y0, b.y0), max(a.x0, b.x0)
    bottom = min(a.y0 + a.mask.shape[0], b.y0 + b.mask.shape[0])
    right = min(a.x0 + a.mask.shape[1], b.x0 + b.mask.shape[1])
    if bottom <= top or right <= left:
        return None
    first, second = (
        (slice(top - one.y0, bottom - one.y0), slice(left - one.x0, right - one.x0)) for one in (a, b)
    )
    return first, second


def mask_to_counts(mask: BoolArray) -> list[int]:
    """COCO's uncompressed run lengths of `mask` (h, w): column by column, starting with a run of ground.

    Example:
        >>> mask_to_counts(np.array([[0, 1], [1, 1]], bool))
        [1, 3]
    """
    flat = np.concatenate(([False], mask.ravel(order="F")))
    edges = np.flatnonzero(flat[1:] != flat[:-1])
    return np.diff(np.concatenate(([0], edges, [mask.size]))).tolist()


def counts_to_mask(counts: Sequence[int], size: tuple[int, int]) -> BoolArray:
    """The (h, w) bool mask of COCO's uncompressed run lengths.

    Raises:
        ValueError: the runs do not add up to the size.
    """
    runs = _checked(counts, size)
    flat = np.repeat(np.arange(len(runs)) % 2 == 1, runs)
    return flat.reshape(size, order="F")


def counts_to_crop(counts: Sequence[int] | npt.NDArray[np.int64], size: tuple[int, int]) -> Crop:
    """The mask of COCO's uncompressed run lengths, cut down to its figure; costs what the figure costs.

    Raises:
        ValueError: the runs do not add up to the size (h, w).

    Example:
        >>> crop = counts_to_crop([7, 2, 26], (5, 7))
        >>> crop.y0, crop.x0, crop.mask.tolist()
        (2, 1, [[True], [True]])
    """
    runs = _checked(counts, size)
    ends = np.cumsum(runs)
    first, last = (ends - runs)[1::2], ends[1::2]
    first, last = first[last > first], last[last > first]
    if not len(first):
        return Crop(0, 0, np.zeros((0, 0), bool))
    height = size[0]
    left, right = int(first[0]) // height, (int(last[-1]) - 1) // height + 1
    flat = np.zeros((right - left) * height + 1, np.int8)
    flat[first - left * height] = 1
    flat[last - left * height] -= 1
    mask = np.cumsum(flat[:-1], dtype=np.int8).astype(bool).reshape(right - left, height).T
    return tight_crop(mask, 0, left)


def string_to_counts(text: str | bytes) -> npt.NDArray[np.int64]:
    """(n,) int64: the run lengths that COCO packs into a text.

    Each number is written in groups of five bits, lowest first, as characters from `0` on, with the sixth
    bit set where another follows; from the fourth number on, as its difference to the one two before
    (pycocotools, maskApi.c, rleToString).

    Raises:
        ValueError: the text is cut or has other characters.

    Example:
        >>> string_to_counts("72o03").tolist()
        [7, 2, 31, 5]
    """
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    codes = np.frombuffer(data, np.uint8).astype(np.int64) - 48
    if len(codes) and (codes.min() < 0 or codes.max() > 63 or codes[-1] & 32):
        raise ValueError("run lengths are cut short, or are no COCO text")
    ends = np.flatnonzero(codes & 32 == 0)
    starts = np.concatenate(([0], ends[:-1] + 1)) if len(ends) else ends
    lengths = ends - starts + 1
    if lengths.max(initial=0) > 10:
        raise ValueError("run lengths hold a number that is too large")
    places = np.arange(len(codes)) - np.repeat(starts, lengths)
    values = np.add.reduceat((codes & 31) << (5 * places), starts) if len(starts) else starts
    values = np.where(codes[ends] & 16, values - (1 << (5 * lengths)), values)
    values[1::2] = np.cumsum(values[1::2])
    values[2::2] = np.cumsum(values[2::2])
    return values


def counts_to_string(counts: Sequence[int] | npt.NDArray[np.int64]) -> str:
    """COCO's text of run lengths, see `string_to_counts`.

    Example:
        >>> counts_to_string([7, 2, 31, 5])
        '72o03'
    """
    values = [int(count) for count in counts]
    values[3:] = [after - before for after, before in zip(values[3:], values[1:], strict=False)]
    text = bytearray()
    for value in values:
        more = True
        while more:
            group, value = value & 31, value >> 5
            more = value != (-1 if group & 16 else 0)
            text.append(48 + (group | 32 if more else group))
    return text.decode()


def _checked(counts: Sequence[int] | npt.NDArray[np.int64], size: tuple[int, int]) -> npt.NDArray[np.int64]:
    pixels = size[0] * size[1]
    try:
        runs = np.asarray(counts, np.int64)
    except OverflowError as error:
        raise ValueError(f"run lengths up to {max(counts)} pixels; a mask of {size} has {pixels}") from error
    if runs.ndim != 1 or runs.min(initial=0) < 0 or runs.max(initial=0) > pixels or runs.sum() != pixels:
        total = int(runs.sum(dtype=np.float64))
        raise ValueError(f"run lengths add up to {total} pixels; a mask of {size} has {pixels}")
    return runs


def crop_to_polygons(crop: Crop, tolerance: float = 0.0) -> list[list[float]]:
    """The outlines of a crop as COCO's polygons, each x y x y ... in pixels of the frame.

    They run along the edges of pixels, one for each 8-connected part, so that pycocotools draws the very
    mask again. A hole is cut out along a bridge: a line that is walked in and out, and holds no pixel.

    Args:
        crop: the figure; an empty one has no polygons.
        tolerance: pixels by which the outline may move to get by with fewer points (Douglas and Peucker,
            Cartographica 10(2), 1973, with the distance to the segment). A hole that is no wider than
            that is filled; a part never vanishes, for it a smaller tolerance is taken.

    Raises:
        ValueError: the tolerance is negative or no number.

    Example:
        >>> crop_to_polygons(Crop(5, 2, np.array([[1, 0], [1, 1]], bool)))
        [[2.0, 5.0, 3.0, 5.0, 3.0, 6.0, 4.0, 6.0, 4.0, 7.0, 2.0, 7.0]]
    """
    if not 0 <= tolerance < np.inf:
        raise ValueError(f"a tolerance must be 0 or more pixels, got {tolerance}")
    if not crop.mask.size:
        return []
    polygons: list[list[float]] = []
    for part in components(np.ascontiguousarray(crop.mask).view(np.uint8)):
        corner = np.array([crop.x0 + part.x0, crop.y0 + part.y0])
        polygons.append((_part_outline(part.mask, tolerance) + corner).ravel().astype(float).tolist())
    return polygons


def _part_outline(part: BoolArray, tolerance: float) -> npt.NDArray[np.int64]:
    """(n, 2) x y: the outline of one part, with its holes cut out, and simplified."""
    rings = _rings(part)
    while tolerance >= _LEAST_TOLERANCE:
        outer, *holes = [_simplified(ring, tolerance) for ring in rings]
        points = _bridged(outer, [hole for hole in holes if len(hole) > 2])
        if len(points) > 2 and _draws(points, part.shape):
            return points
        tolerance /= 2
    return _bridged(rings[0], rings[1:])


def _rings(part: BoolArray) -> list[npt.NDArray[np.int64]]:
    """The corners of each closed outline of an 8-connected part, (n, 2) x y; the outer one first.

    In each row of corners every second one begins an edge that the next one ends, and so in each column:
    a ring goes along a row, then along a column, in turn. Where two pixels touch by a corner, two rings
    (or one ring twice) come by; they are led so that the pixels stay together.
    """
    padded = np.pad(part, 1)
    above, below = padded[:-1], padded[1:]
    edges = above ^ below  # those between a pixel and the one below it
    touching = edges[:, :-1] & edges[:, 1:] & (above[:, :-1] != above[:, 1:])
    ys, xs = np.nonzero((edges[:, :-1] != edges[:, 1:]) | touching)
    twice = np.where(touching[ys, xs], 2, 1)
    ys, xs = np.repeat(ys, twice), np.repeat(xs, twice)
    falling = touching[ys, xs] & above[ys, xs]  # the figure is above left and below right
    right = np.concatenate(([False], (ys[1:] == ys[:-1]) & (xs[1:] == xs[:-1])))
    order = np.lexsort((right ^ falling, ys, xs))
    across = np.empty(len(xs), np.int64)
    across[order[::2]], across[order[1::2]] = order[1::2], order[::2]
    corners = np.stack([xs, ys], axis=1)
    return [corners[ring] for ring in _cycles(across.tolist())]


def _cycles(across: list[int]) -> list[list[int]]:
    """Rings of corners: from each even one to the next, and from there `across` to another, in turn."""
    seen, rings = [False] * len(across), []
    for start in range(len(across)):
        ring, at = [], start
        while not seen[at]:
            near = at ^ 1
            seen[at] = seen[near] = True
            ring += [at, near]
            at = across[near]
        if ring:
            rings.append(ring)
    return rings


def _simplified(ring: npt.NDArray[np.int64], tolerance: float) -> npt.NDArray[np.int64]:
    """The points of a ring that are needed so that none of it is further than `tolerance` from it."""
    first = int(np.square(ring - ring[0]).sum(1).argmax())
    ring = np.roll(ring, -first, axis=0)
    middle = int(np.square(ring - ring[0]).sum(1).argmax())
    closed = np.concatenate([ring, ring[:1]])
    keep, todo = {0, middle}, [(0, middle), (middle, len(ring))]
    while todo:
        start, end = todo.pop()
        distances = _distances(closed[start + 1 : end], closed[start], closed[end])
        if distances.max(initial=0) > tolerance:
            split = start + 1 + int(distances.argmax())
            keep.add(split)
            todo += [(start, split), (split, end)]
    return ring[sorted(keep)]


def _distances(
    points: npt.NDArray[np.int64], start: npt.NDArray[np.int64], end: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """(n,) from each point (n, 2) to the line from `start` to `end`, which ends there."""
    line, away = end - start, points - start
    along = (away @ line / max(1, int(line @ line))).clip(0, 1)
    return np.hypot(*(away - along[:, None] * line).T)


def _bridged(outer: npt.NDArray[np.int64], holes: list[npt.NDArray[np.int64]]) -> npt.NDArray[np.int64]:
    """One ring of `outer` and `holes`, each reached by a line between two points that are near."""
    some = 1 + len(outer) // _BRIDGEABLE
    walks: dict[int, list[npt.NDArray[np.int64]]] = {}
    for hole in holes:
        gaps = np.square(outer[::some, None] - hole[:_BRIDGES]).sum(2)
        out, into = divmod(int(gaps.argmin()), gaps.shape[1])
        there_and_back = hole[into:], hole[: into + 1], outer[None, out * some]
        walks.setdefault(out * some, []).extend(there_and_back)
    parts, done = [], 0
    for out in sorted(walks):
        parts += [outer[done : out + 1], *walks[out]]
        done = out + 1
    return np.concatenate([*parts, outer[done:]])


def _draws(points: npt.NDArray[np.int64], size: tuple[int, ...]) -> bool:
    """Whether the polygon has any pixel as pycocotools draws it."""
    return bool(coco.area(coco.frPyObjects([points.ravel().astype(float).tolist()], *size))[0])
