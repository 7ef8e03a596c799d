"""Lamps and the sun, and the soft shadows that bodies and solids cast in their light."""

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from figureground.datasets.compose.rendered.bodies import BOX, CAPSULE, Bodies, extents
from figureground.datasets.compose.rendered.stage import Stage, blocked
from figureground.datasets.compose.rendered.textures import Floats

Ints = npt.NDArray[np.int64]
CELL = 4
"""Shadows are looked for in cells of so many pixels first."""


class Light(NamedTuple):
    """A lamp or the sun.

    Attributes:
        place: (3,) where the lamp is; of the sun, a direction towards it, one long.
        colour: (3,) linear RGB: light on a surface that faces it (at `reach`, if a lamp).
        spread: its size as seen from the ground, radians: shadows are as soft.
        reach: distance at which a lamp shines as `colour` says; 0 makes it a sun.
    """

    place: Floats
    colour: Floats
    spread: float
    reach: float


class Falling(NamedTuple):
    """Light that falls on n points: `to` (n, 3) one long, `distance` (n,) (inf: sun), `strength` (n,)."""

    to: Floats
    distance: Floats
    strength: Floats


def falling(light: Light, points: Floats) -> Falling:
    """How the light of `light` comes to `points` (n, 3), nothing in between."""
    n = len(points)
    if light.reach == 0:
        to = np.broadcast_to(light.place, (n, 3))
        return Falling(to, np.full(n, np.inf, np.float32), np.ones(n, np.float32))
    way = light.place - points
    distance = np.sqrt(np.einsum("nk,nk->n", way, way)) + np.float32(1e-6)
    strength = np.minimum((np.float32(light.reach) / distance) ** 2, 2)
    return Falling(way / distance[:, None], distance, strength.astype(np.float32))


def solid_shadows(
    rng: np.random.Generator, stage: Stage, light: Light, points: Floats, normals: Floats, tries: int = 4
) -> Floats:
    """(h, w) how much of `light` (0 to 1) the solids let through to `points` (h, w, 3)."""
    h, w, _ = points.shape
    if not stage.solids:
        return np.ones((h, w), np.float32)
    lift = np.float32(np.linalg.norm(stage.high - stage.low) * 1e-4)
    flat, upward = points.reshape(-1, 3), normals.reshape(-1, 3)
    out = np.ones(h * w, np.float32)
    rows = np.flatnonzero(np.einsum("nk,nk->n", falling(light, flat).to, upward) > 0)
    flat = flat[rows] + lift * upward[rows]
    came = falling(light, flat)
    length = np.where(np.isfinite(came.distance), came.distance, np.float32(1e4))
    total = np.zeros(len(flat), np.float32)
    for _ in range(tries):
        jitter = rng.standard_normal((len(flat), 3), np.float32) * np.float32(light.spread * 0.6)
        total += ~blocked(stage, flat, (came.to + jitter) * length[:, None])
    out[rows] = total / np.float32(tries)
    return cv2.GaussianBlur(out.reshape(h, w), (0, 0), 0.8)


def body_shadow(
    bodies: Bodies, came: Falling, spread: float, points: Floats, blur: Floats, cells: Ints, width: int
) -> Floats:
    """(h * w,) how much of a light passes the bodies to `points` (h * w, 3), each figure with soft edges.

    The penumbra follows sphere and capsule soft shadows by Inigo Quilez (https://iquilezles.org/articles):
    how near the ray passes, over how wide the lamp is there. `blur` (h * w,) is a pixel's size on the ground,
    so that no edge is harder than a pixel. `cells` (c,) are the flat indices of the cells' middles.
    """
    through = np.ones(len(points), np.float32)
    size = extents(bodies)
    reach = np.sqrt(np.einsum("nk,nk->n", size, size))
    part, pixel = _candidates(bodies, came, spread, points, blur, cells, width, reach)
    if not len(part):
        return through
    gap, at = _gap(bodies, part, came.to[pixel], bodies.centre[part] - points[pixel])
    soft = np.float32(spread) * np.maximum(at, 0) + blur[pixel]
    covered = np.clip(0.5 - gap / (2 * soft), 0, 1)
    covered *= (at > -1e-4) & (at < came.distance[pixel])
    np.minimum.at(through, pixel, 1 - covered * covered * (3 - 2 * covered))
    return through


def contact_shadow(
    bodies: Bodies, points: Floats, normals: Floats, blur: Floats, cells: Ints, width: int
) -> Floats:
    """(h * w,) how much of the light from everywhere the bodies leave to `points`: darkest under them."""
    through = np.ones(len(points), np.float32)
    size = extents(bodies)
    order = np.sort(size, 1)
    thick = np.sqrt(order[:, 0] * order[:, 1])
    reach = np.sqrt(np.einsum("nk,nk->n", size, size)) + 3 * thick
    straight = Falling(normals, blur, blur)
    part, pixel = _candidates(bodies, straight, 1.0, points, blur, cells, width, reach, contact=True)
    if not len(part):
        return through
    local = np.einsum("nij,nj->ni", bodies.axes[part], points[pixel] - bodies.centre[part])
    outside = local - np.clip(local, -size[part], size[part]) * np.float32(0.7)
    distance = np.sqrt(np.einsum("nk,nk->n", outside, outside)) + blur[pixel] * np.float32(0.3)
    facing = np.einsum("nk,nk->n", bodies.centre[part] - points[pixel], normals[pixel]) > 0
    hidden = (
        np.float32(0.7)
        * facing
        * np.maximum(thick[part] ** 2 / (thick[part] ** 2 + 2 * distance**2) - 0.05, 0)
    )
    np.multiply.at(through, pixel, (1 - hidden).astype(np.float32))
    return np.maximum(through, np.float32(0.15))


def _candidates(
    bodies: Bodies,
    came: Falling,
    spread: float,
    points: Floats,
    blur: Floats,
    cells: Ints,
    width: int,
    reach: Floats,
    contact: bool = False,
) -> tuple[Ints, Ints]:
    """Parts and pixels in whose way to the light (or, with `contact`, near whose point) a part may lie.

    First each figure's bounding sphere against all cells, then its parts' spheres of radius `reach` (n,)
    against the cells that are left; the pixels of a cell follow it.
    """
    parts, found = [], []
    for figure in np.unique(bodies.figure):
        own = np.flatnonzero(bodies.figure == figure)
        low = (bodies.centre[own] - reach[own, None]).min(0)
        high = (bodies.centre[own] + reach[own, None]).max(0)
        radius = np.float32(np.linalg.norm(high - low) / 2)
        near = cells[_near((low + high) / 2, radius, cells, came, spread, points, blur, contact)]
        parts.append(np.repeat(own, len(near)))
        found.append(np.tile(near, len(own)))
    if not parts:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    part, cell = np.concatenate(parts), np.concatenate(found)
    kept = _near(bodies.centre[part], reach[part], cell, came, spread, points, blur, contact)
    patch = (np.arange(CELL)[:, None] * width + np.arange(CELL)).reshape(-1)
    return np.repeat(part[kept], len(patch)), (cell[kept][:, None] + patch).reshape(-1)


def _near(
    centre: Floats,
    radius: Floats | np.float32,
    cell: Ints,
    came: Falling,
    spread: float,
    points: Floats,
    blur: Floats,
    contact: bool,
) -> npt.NDArray[np.bool_]:
    offset = centre - points[cell]
    square = np.einsum("nk,nk->n", offset, offset)
    margin = radius + blur[cell] * np.float32(CELL * 1.5)
    if contact:
        return square < margin**2
    along = np.einsum("nk,nk->n", offset, came.to[cell])
    margin = margin + np.float32(spread) * np.maximum(along, 0)
    return (square - along**2 < margin**2) & (along > -margin) & (along < came.distance[cell] + radius)


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
