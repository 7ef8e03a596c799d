"""Figures that sat still for much of the video: which of a region's states is the empty ground.

Where a figure rests long enough, its colours are a stable mode like the ground's, and no count over
time can tell the two apart. Space can: the outline of a region that changed is the outline of the
figure, so the picture has an edge along it while the figure is there, and has none once it is gone.
The state with the weaker edge along the region's boundary is the ground. This is the edge test that
tells removed from abandoned objects (Spagnolo et al., Moving object segmentation by background
subtraction and temporal analysis, Image and Vision Computing 24, 2006; Tian et al., Robust detection
of abandoned and removed objects in complex surveillance videos, IEEE SMC-C 41, 2011), here on
regions whose samples are clustered into states as Reddy et al. do with blocks (A low-complexity
algorithm for static background estimation, EURASIP J. Image Video Process., 2011).
"""

from collections.abc import Iterator, Sequence
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from figureground.background.modes import Modes, UInt8, largest_difference
from figureground.frames import Image

Bool: TypeAlias = npt.NDArray[np.bool_]
Window: TypeAlias = tuple[slice, slice]
State: TypeAlias = tuple[UInt8, float]

_SUPPORTS = 0.25, 0.12, 0.06  # a rival lasts this share of the samples: the longest are settled first
_ALIKE = 0.25  # samples of one state differ in at most this share of the region's pixels
_STRONG = 2.0  # radii: a rival that is closer is the same thing in another light
_PATCH = 9  # pixels
_DENSE = 0.1  # share of a patch that is artificial
_MIXED = 0.1  # share of a region that is artificial: the region shows a mixture
_SEAM_CAP = 80  # edges stronger than this count no more
_PRIOR = 0.5  # weight of how long a state lasted against the strength of its edge
_VISIBLE = 12.0  # grey levels: a seam stronger than this is looked into
_PIECED = 0.4  # a patchwork's log seam must be weaker by this than that of any state really seen
_RETURNS = 0.3  # weight of how often it came back
_MARGIN = 0.05  # a change must be better by this
_STEP = 2.0  # pixels to each side of the boundary
_BORDER = 5  # pixels around a region that its seam is seen in
_LEAST_AREA = 2e-4  # of the picture: smaller regions stay as they are


def settle(ground: Image, samples: Sequence[Image], modes: Modes, radius: UInt8) -> Image:
    """`ground` with each contested region set to the state that fits its surroundings.

    Args:
        ground: (h, w, 3) uint8 RGB: the most stable mode of each pixel.
        samples: pictures of the same size in order of time.
        modes: of those samples.
        radius: (h, w) uint8: colours that differ by more are different.
    """
    ground = ground.copy()
    least = _times(_SUPPORTS[-1], samples)
    usual = _usual_edges(samples)
    for support in (*_SUPPORTS, None, _SUPPORTS[-1]):
        made = artificial(ground, usual, radius)
        mask = _dense(made) if support is None else contested(ground, modes, radius, _times(support, samples))
        for window, region in _regions(mask):
            stack = np.stack([sample[window] for sample in samples])
            mixture = made[window][region].mean() > _MIXED
            _settle_region(ground[window], stack, region, radius[window], least, mixture)
    return ground


def _times(share: float, samples: Sequence[Image]) -> int:
    return max(3, round(share * len(samples)))


def _settle_region(here: Image, stack: UInt8, region: Bool, radius: UInt8, least: int, mixture: bool) -> None:
    """Set `region` of `here` (a view, changed in place) to its best state.

    A mixture of states is none itself: any that lasted is better. Where none lasted for the whole
    region, it is settled piece by piece, from its border inwards.
    """
    anywhere = np.ones_like(region)
    states = _states(stack, region, radius, least)
    if not mixture:
        shown = np.flatnonzero(_differing(stack[:, region], here[region], radius[region]) <= _ALIKE)
        credit = max(_credit(shown), _PRIOR * np.log(least))
        _take_best(here, region, anywhere, states, _log_seam(here, region, anywhere) - credit - _MARGIN)
        if seam(here, region, anywhere) > _VISIBLE:
            piecewise = _from_its_border(here, stack, region, radius)
            if _log_seam(piecewise, region, anywhere) < _log_seam(here, region, anywhere) - _PIECED:
                here[region] = piecewise[region]
    elif states:
        _take_best(here, region, anywhere, states, np.inf)
    else:
        here[region] = _from_its_border(here, stack, region, radius)[region]


def _from_its_border(here: Image, stack: UInt8, region: Bool, radius: UInt8) -> Image:
    """`here` with the region settled piece by piece, from its border inwards."""
    here = here.copy()
    settled = ~region
    for window, piece in _pieces(region):
        states = _states(stack[:, *window], piece, radius[window], 2)
        _take_best(here[window], piece, settled[window], states, np.inf)
        settled[window] |= piece
    return here


def _take_best(here: Image, region: Bool, settled: Bool, states: list[State], now: float) -> bool:
    best = None
    for values, credit in states:
        picture = here.copy()
        picture[region] = values
        cost = _log_seam(picture, region, settled) - credit
        if cost < now:
            best, now = values, cost
    if best is not None:
        here[region] = best
    return best is not None


def _states(stack: UInt8, region: Bool, radius: UInt8, least: int) -> list[State]:
    """What the region looked like in at least `least` samples: (its pixels' colours, credit)."""
    values = stack[:, region]
    groups = [group for group in _group(values, radius[region]) if len(group) >= least]
    return [(np.median(values[group], axis=0).astype(np.uint8), _credit(group)) for group in groups]


def _pieces(region: Bool) -> Iterator[tuple[Window, Bool]]:
    """The region cut by a grid, pieces next to its border first: each as (window, mask)."""
    ys, xs = np.nonzero(region)
    side = max(8, int(np.sqrt(len(ys))) // 8)
    depth = cv2.distanceTransform(np.pad(region.view(np.uint8), 1), cv2.DIST_L2, 3)[1:-1, 1:-1]
    cells = (ys // side) * (region.shape[1] // side + 1) + xs // side
    names, index = np.unique(cells, return_inverse=True)
    mean_depth = np.bincount(index, depth[ys, xs]) / np.bincount(index)
    for cell in np.argsort(mean_depth, kind="stable"):
        row, column = divmod(int(names[cell]), region.shape[1] // side + 1)
        window = _around(column * side, row * side, side, side)
        grid = np.zeros_like(region)
        grid[row * side : (row + 1) * side, column * side : (column + 1) * side] = True
        yield window, (region & grid)[window]


def _around(x: int, y: int, width: int, height: int) -> Window:
    """A window with a margin, for the seam."""
    return slice(max(0, y - _BORDER), y + height + _BORDER), slice(max(0, x - _BORDER), x + width + _BORDER)


def contested(ground: Image, modes: Modes, radius: UInt8, least: int) -> UInt8:
    """(h, w) uint8, 255 where another mode than the ground's was stable `least` times."""
    rival = np.zeros(ground.shape[:2], np.uint8)
    limit = (_STRONG * radius).clip(0, 255).astype(np.uint8)
    for colour, stable in zip(modes.colours, modes.stable, strict=True):
        other = cv2.compare(largest_difference(colour, ground), limit, cv2.CMP_GT)
        rival |= cv2.bitwise_and(other, cv2.compare(stable, least, cv2.CMP_GE))
    return rival


def artificial(ground: Image, usual: UInt8, radius: UInt8) -> Bool:
    """(h, w) bool: where the ground has an edge that hardly any sample has: two states meet there."""
    return _edges(ground) > usual.astype(np.int16) + radius


def _dense(made: Bool) -> UInt8:
    """(h, w) uint8, 255 around pixels that are not alone."""
    share = cv2.blur(made.astype(np.float32), (_PATCH, _PATCH))
    return cv2.compare(share, _DENSE, cv2.CMP_GT)


def _usual_edges(samples: Sequence[Image]) -> UInt8:
    """(h, w) uint8: the strength of edge that three of four samples do not exceed."""
    edges = np.stack([_edges(sample) for sample in samples[:: max(1, len(samples) // 16)]])
    rank = (3 * len(edges)) // 4
    return np.partition(edges, min(rank, len(edges) - 1), axis=0)[min(rank, len(edges) - 1)]


def _edges(picture: Image) -> UInt8:
    red, green, blue = cv2.split(cv2.morphologyEx(picture, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)))
    return cv2.max(cv2.max(red, green), blue)


def _regions(mask: UInt8) -> list[tuple[Window, Bool]]:
    """The connected regions of `mask`, largest first: (window with a margin, mask)."""
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    found = []
    for label in np.argsort(-stats[1:, cv2.CC_STAT_AREA]) + 1:
        x, y, w, h, area = (int(v) for v in stats[label])
        if area >= max(12, _LEAST_AREA * mask.size):
            window = _around(x, y, w, h)
            found.append((window, labels[window] == label))
    return found


def _log_seam(picture: Image, region: Bool, settled: Bool) -> float:
    return float(np.log(seam(picture, region, settled) + 1))


def _credit(samples: npt.NDArray[np.int64]) -> float:
    """What the sorted numbers of the samples that show a state say for it: how many, and how often anew.

    A figure that comes back sits otherwise than before; the ground comes back as it was.
    """
    if not len(samples):
        return 0.0
    visits = 1 + np.count_nonzero(np.diff(samples) > 1)
    return float(_PRIOR * np.log(len(samples)) + _RETURNS * np.log(visits))


def seam(picture: Image, region: Bool, settled: Bool) -> float:
    """Mean step, in grey levels, of the picture across the region's boundary, where it meets `settled`."""
    soft = cv2.GaussianBlur(region.astype(np.float32), (0, 0), 2, borderType=cv2.BORDER_REPLICATE)
    across = np.stack([cv2.Sobel(soft, cv2.CV_32F, 0, 1), cv2.Sobel(soft, cv2.CV_32F, 1, 0)], -1)
    mask = region.view(np.uint8)
    ring = (mask - cv2.erode(mask, np.ones((3, 3), np.uint8), borderValue=1)).astype(bool)
    length = np.linalg.norm(across, axis=-1)
    at = np.argwhere(ring & (length > 1e-3))
    if not len(at):
        return 0.0
    normal = across[at[:, 0], at[:, 1]] / length[at[:, 0], at[:, 1]][:, None]
    last = np.array(region.shape) - 1
    smooth = cv2.GaussianBlur(picture, (0, 0), 1).astype(np.float32)
    inner = (at + _STEP * normal).round().astype(int).clip(0, last)
    outer = (at - _STEP * normal).round().astype(int).clip(0, last)
    meets = settled[outer[:, 0], outer[:, 1]]
    if not meets.any():
        return 0.0
    steps = np.abs(smooth[inner[:, 0], inner[:, 1]] - smooth[outer[:, 0], outer[:, 1]]).max(-1)[meets]
    return float(np.minimum(steps, _SEAM_CAP).mean())


def _group(values: UInt8, radius: UInt8) -> list[npt.NDArray[np.int64]]:
    """Samples (n, pixels, 3) of one region in groups that look alike, each led by its first."""
    step = max(1, values.shape[1] // 128)
    values, radius = values[:, ::step], radius[::step]
    free = np.ones(len(values), bool)
    groups = []
    for first in range(len(values)):
        if free[first]:
            rest = np.flatnonzero(free)
            members = rest[_differing(values[rest], values[first], radius) <= _ALIKE]
            free[members] = False
            groups.append(members)
    return groups


def _differing(values: UInt8, one: UInt8, radius: UInt8) -> npt.NDArray[np.float64]:
    """(n,): the share of pixels in which each of `values` (n, pixels, 3) differs from `one` (pixels, 3)."""
    far = np.maximum(values, one) - np.minimum(values, one) > radius[:, None]
    return far.any(-1).mean(1)
