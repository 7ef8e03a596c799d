"""The soft shadows that bodies throw on the ground, in the light of lamps and of everything around."""

from typing import NamedTuple, Protocol

import cv2
import numpy as np
import numpy.typing as npt

from figureground.datasets.compose.rendered.bodies import BOX, CAPSULE, Bodies, extents
from figureground.datasets.compose.rendered.lights import Falling
from figureground.datasets.compose.rendered.textures import Floats

Ints = npt.NDArray[np.int64]
CELL = 4
"""Shadows are looked for in squares of so many pixels first."""


class Floor(NamedTuple):
    """What shadows fall on: p points, the pixels of a picture made whole multiples of a cell.

    Attributes:
        points, normals: (p, 3).
        blur: (p,) how large a pixel is there, world units.
        width: of the picture.
    """

    points: Floats
    normals: Floats
    blur: Floats
    width: int


def whole_cells(h: int, w: int) -> tuple[Ints, int]:
    """Flat indices into (h, w), made whole cells by repeating the last row and column; the new width."""
    tall, wide = -(-h // CELL) * CELL, -(-w // CELL) * CELL
    y, x = np.minimum(np.arange(tall), h - 1), np.minimum(np.arange(wide), w - 1)
    return (y[:, None] * w + x).reshape(-1), wide


def cells_with(pixels: npt.NDArray[np.bool_], width: int) -> Ints:
    """The cells, by the flat index of their first pixel, in which any of `pixels` (p,) is True."""
    blocks = pixels.reshape(-1, CELL, width // CELL, CELL).any((1, 3))
    y, x = np.nonzero(blocks)
    return y * CELL * width + x * CELL


def body_shadow(bodies: Bodies, came: Falling, spread: float, floor: Floor, cells: Ints) -> Floats:
    """(p,) how much of a light that `came` passes the bodies; looked for in `cells` alone.

    The penumbra follows sphere and capsule soft shadows by Inigo Quilez (https://iquilezles.org/articles):
    how near the ray passes, over how wide the lamp is there; no edge is harder than a pixel.
    """
    size = extents(bodies)
    reach = np.sqrt(np.einsum("nk,nk->n", size, size))

    def near(centre: Floats, radius: Floats, cell: Ints) -> npt.NDArray[np.bool_]:
        offset, to = centre - floor.points[cell], came.to[cell]
        along = np.einsum("nk,nk->n", offset, to)
        margin = radius + floor.blur[cell] * _SLACK + np.float32(spread) * np.maximum(along, 0)
        away = np.einsum("nk,nk->n", offset, offset) - along**2
        return (away < margin**2) & (along > -margin) & (along < came.distance[cell] + radius)

    part, cell = _candidates(bodies, reach, cells, near)
    gap, at = _gap(bodies, part, came.to[cell], bodies.centre[part] - floor.points[cell])
    soft = np.float32(spread) * np.maximum(at, 0)
    kept = gap < soft * np.float32(1.1) + floor.blur[cell] * _SLACK
    # A penumbra many pixels wide is as good from every second pixel, at a quarter of the cost.
    wide = soft > 2 * CELL * floor.blur[cell]
    fine = _through(bodies, part[kept & ~wide], cell[kept & ~wide], came, spread, floor, 1)
    if not (kept & wide).any():
        return fine
    coarse = _through(bodies, part[kept & wide], cell[kept & wide], came, spread, floor, 2)
    half = coarse.reshape(-1, floor.width)[::2, ::2]
    return np.minimum(fine, cv2.resize(half, (half.shape[1] * 2, half.shape[0] * 2)).reshape(-1))


def _through(
    bodies: Bodies, part: Ints, cell: Ints, came: Falling, spread: float, floor: Floor, step: int
) -> Floats:
    """(p,) what the parts let pass to every `step`-th pixel of the cells; 1 elsewhere."""
    through = np.ones(len(floor.points), np.float32)
    part, pixel = _pixels(part, cell, floor.width, step)
    gap, at = _gap(bodies, part, came.to[pixel], bodies.centre[part] - floor.points[pixel])
    soft = np.float32(spread) * np.maximum(at, 0) + floor.blur[pixel]
    covered = np.clip(0.5 - gap / (2 * soft), 0, 1)
    covered *= (at > -1e-4) & (at < came.distance[pixel])
    np.minimum.at(through, pixel, 1 - covered * covered * (3 - 2 * covered))
    return through


def contact_shadow(bodies: Bodies, floor: Floor, cells: Ints) -> Floats:
    """(p,) how much of the light from everywhere the bodies leave: darkest under them."""
    through = np.ones(len(floor.points), np.float32)
    size = extents(bodies)
    order = np.sort(size, 1)
    thick = np.sqrt(order[:, 0] * order[:, 1])
    reach = np.sqrt(np.einsum("nk,nk->n", size, size)) + 3 * thick

    def near(centre: Floats, radius: Floats, cell: Ints) -> npt.NDArray[np.bool_]:
        offset = centre - floor.points[cell]
        return np.einsum("nk,nk->n", offset, offset) < (radius + floor.blur[cell] * _SLACK) ** 2

    part, pixel = _pixels(*_candidates(bodies, reach, cells, near), floor.width)
    offset, wide = bodies.centre[part] - floor.points[pixel], thick[part] ** 2
    local = np.einsum("nij,nj->ni", bodies.axes[part], offset)
    outside = local - np.clip(local, -size[part], size[part]) * np.float32(0.7)
    distance = np.sqrt(np.einsum("nk,nk->n", outside, outside)) + floor.blur[pixel] * np.float32(0.3)
    facing = np.einsum("nk,nk->n", offset, floor.normals[pixel]) > 0
    hidden = np.float32(0.7) * facing * np.maximum(wide / (wide + 2 * distance**2) - 0.05, 0)
    np.multiply.at(through, pixel, 1 - hidden)
    return np.maximum(through, np.float32(0.15))


_SLACK = np.float32(CELL * 1.5)
"""Pixels by which a cell may lie beside what its first pixel says."""


class _Near(Protocol):
    def __call__(self, centre: Floats, radius: Floats, cell: Ints) -> npt.NDArray[np.bool_]: ...


def _candidates(bodies: Bodies, reach: Floats, cells: Ints, near: _Near) -> tuple[Ints, Ints]:
    """Parts and cells that may matter to each other.

    First each figure's bounding sphere against all `cells`, then its parts' spheres of radius `reach` (n,)
    against those that are left.
    """
    parts, found = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for figure in np.unique(bodies.figure):
        own = np.flatnonzero(bodies.figure == figure)
        low = (bodies.centre[own] - reach[own, None]).min(0)
        high = (bodies.centre[own] + reach[own, None]).max(0)
        radius = np.float32(np.linalg.norm(high - low) / 2)
        around = cells[near((low + high) / 2, np.broadcast_to(radius, len(cells)), cells)]
        parts.append(np.repeat(own, len(around)))
        found.append(np.tile(around, len(own)))
    part, cell = np.concatenate(parts), np.concatenate(found)
    kept = near(bodies.centre[part], reach[part], cell)
    return part[kept], cell[kept]


def _pixels(part: Ints, cell: Ints, width: int, step: int = 1) -> tuple[Ints, Ints]:
    """Each part with every `step`-th pixel of its cell."""
    patch = (np.arange(0, CELL, step)[:, None] * width + np.arange(0, CELL, step)).reshape(-1)
    return np.repeat(part, len(patch)), (cell[:, None] + patch).reshape(-1)


def _gap(bodies: Bodies, part: Ints, to: Floats, offset: Floats) -> tuple[Floats, Floats]:
    """How far from the part a ray passes (under 0: through it), and where along the ray."""
    gap, at = np.empty(len(part), np.float32), np.empty(len(part), np.float32)
    rod = (bodies.kind == CAPSULE)[part]
    for shape, rows in ((_gap_rod, np.flatnonzero(rod)), (_gap_blob, np.flatnonzero(~rod))):
        chosen = part[rows]
        axes = bodies.axes[chosen]
        d = np.einsum("nij,nj->ni", axes, to[rows])
        o = -np.einsum("nij,nj->ni", axes, offset[rows])
        # A box is taken as the roundest body of its size: an ellipsoid a little larger.
        half = bodies.half[chosen] * np.where(bodies.kind == BOX, 1.15, 1).astype(np.float32)[chosen, None]
        gap[rows], at[rows] = shape(o, d, half)
    return gap, at


def _gap_blob(o: Floats, d: Floats, half: Floats) -> tuple[Floats, Floats]:
    scaled_o, scaled_d = o / half, d / half
    at = -np.einsum("nk,nk->n", scaled_o, scaled_d) / np.einsum("nk,nk->n", scaled_d, scaled_d)
    at = np.maximum(at, 0)
    q = o + at[:, None] * d
    scaled = q / half
    k = np.sqrt(np.einsum("nk,nk->n", scaled, scaled)) + np.float32(1e-6)
    outside = np.sqrt(np.einsum("nk,nk->n", q, q)) * (1 - 1 / k)
    thin = np.minimum(np.minimum(half[:, 0], half[:, 1]), half[:, 2])
    return np.where(k < 1, (k - 1) * thin, outside), at


def _gap_rod(o: Floats, d: Floats, half: Floats) -> tuple[Floats, Floats]:
    flat = np.maximum(1 - d[:, 0] ** 2, np.float32(1e-6))
    od = np.einsum("nk,nk->n", o, d)
    x = np.clip((o[:, 0] - od * d[:, 0]) / flat, -half[:, 0], half[:, 0])
    at = np.maximum(x * d[:, 0] - od, 0)
    q = o + at[:, None] * d
    away = np.sqrt((q[:, 0] - x) ** 2 + q[:, 1] ** 2 + q[:, 2] ** 2)
    return away - half[:, 1], at
