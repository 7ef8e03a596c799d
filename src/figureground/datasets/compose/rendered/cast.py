"""Which part of which body each sample of the picture sees."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from figureground.datasets.compose.rendered.bodies import BOX, CAPSULE, ELLIPSOID, Bodies, extents
from figureground.datasets.compose.rendered.camera import Camera, project
from figureground.datasets.compose.rendered.textures import Floats

Ints = npt.NDArray[np.int64]


class Seen(NamedTuple):
    """n samples on bodies.

    Attributes:
        sample: (n,) flat index. t: (n,) depth. part: (n,).
        local, normal: (n, 3) place and normal in the part's own axes.
    """

    sample: Ints
    t: Floats
    part: Ints
    local: Floats
    normal: Floats


def cast(camera: Camera, rays: Floats, bodies: Bodies, limit: Floats) -> Seen:
    """The nearest part along each of `rays` (h, w, 3), where it is nearer than `limit` (h, w).

    Only samples inside the bounds of a part's box are tried.
    """
    part, sample = _pairs(camera, rays.shape[:2], bodies)
    directions = rays.reshape(-1, 3)
    found = [_meet(kind, camera, directions, bodies, part, sample) for kind in (ELLIPSOID, CAPSULE, BOX)]
    sample, t, part, local, normal = (np.concatenate(column) for column in zip(*found, strict=True))
    nearest = limit.reshape(-1).copy()
    np.minimum.at(nearest, sample, t)
    # Of parts at the very same depth the last one is taken.
    first = np.flatnonzero((t == nearest[sample]) & (t < limit.reshape(-1)[sample]))
    owner = np.zeros(nearest.size, np.int64)
    owner[sample[first]] = first
    kept = first[owner[sample[first]] == first]
    return Seen(sample[kept], t[kept], part[kept], local[kept], normal[kept])


def _pairs(camera: Camera, size: tuple[int, int], bodies: Bodies) -> tuple[Ints, Ints]:
    """Every part with every sample in the rectangle its box covers; parts at the camera are left out."""
    signs = np.array(np.meshgrid([-1, 1], [-1, 1], [-1, 1])).reshape(3, 8).T.astype(np.float32)
    corners = bodies.centre[:, None] + (extents(bodies)[:, None] * signs) @ bodies.axes
    seen = project(camera, corners.astype(np.float32))
    scale = size[0] / camera.size[0]
    low = np.floor(seen[..., :2].min(1, initial=np.inf) * scale - 0.5)
    high = np.ceil(seen[..., :2].max(1, initial=-np.inf) * scale + 0.5)
    limits = np.array([size[1], size[0]])
    x0, y0 = np.clip(low, 0, limits).astype(np.int64).T
    x1, y1 = np.clip(high, 0, limits).astype(np.int64).T
    ahead = seen[..., 2].min(1, initial=np.inf) > 1e-3
    width, height = np.where(ahead, x1 - x0, 0), y1 - y0
    count = width * height
    part = np.repeat(np.arange(len(count)), count)
    within = np.arange(len(part)) - np.repeat(np.cumsum(count) - count, count)
    row, column = within // np.maximum(width[part], 1), within % np.maximum(width[part], 1)
    return part, (y0[part] + row) * size[1] + x0[part] + column


def _meet(kind: int, camera: Camera, rays: Floats, bodies: Bodies, part: Ints, sample: Ints) -> Seen:
    chosen = np.flatnonzero((bodies.kind == kind)[part])
    part, sample = part[chosen], sample[chosen]
    # Start close to the part: float32 cannot hold a leg's radius squared beside its distance squared.
    ray = rays[sample]
    offset = bodies.centre - camera.position
    middle = np.einsum("nk,nk->n", offset[part], ray) / np.einsum("nk,nk->n", ray, ray)
    start = camera.position + middle[:, None] * ray - bodies.centre[part]
    axes = bodies.axes[part]
    o, d = np.einsum("nij,nj->ni", axes, start), np.einsum("nij,nj->ni", axes, ray)
    ahead, local, normal = _SHAPES[kind](o, d, bodies.half[part])
    t = middle + ahead
    hit = np.flatnonzero(np.isfinite(t) & (t > 1e-3))
    return Seen(sample[hit], t[hit], part[hit], local[hit], normal[hit])


Met = tuple[Floats, Floats, Floats]


def _sphere(o: Floats, d: Floats, radius: Floats | float = 1.0) -> Floats:
    a, b = np.einsum("nk,nk->n", d, d), np.einsum("nk,nk->n", o, d)
    disc = b * b - a * (np.einsum("nk,nk->n", o, o) - radius * radius)
    t = (-b - np.sqrt(np.maximum(disc, 0))) / a
    return np.where(disc > 0, t, np.float32(np.inf))


def _point(o: Floats, d: Floats, t: Floats) -> Floats:
    return o + np.where(np.isfinite(t), t, 0)[:, None].astype(np.float32) * d


def _unit(vectors: Floats) -> Floats:
    return vectors / (np.sqrt(np.einsum("nk,nk->n", vectors, vectors))[:, None] + np.float32(1e-12))


def _ellipsoid(o: Floats, d: Floats, half: Floats) -> Met:
    t = _sphere(o / half, d / half)
    local = _point(o, d, t)
    return t, local, _unit(local / (half * half))


def _capsule(o: Floats, d: Floats, half: Floats) -> Met:
    """After capIntersect by Inigo Quilez, https://iquilezles.org/articles/intersectors."""
    radius = half[:, 1]
    a = d[:, 1] ** 2 + d[:, 2] ** 2 + np.float32(1e-20)
    b = o[:, 1] * d[:, 1] + o[:, 2] * d[:, 2]
    disc = b * b - a * (o[:, 1] ** 2 + o[:, 2] ** 2 - radius**2)
    side = (-b - np.sqrt(np.maximum(disc, 0))) / a
    x = o[:, 0] + side * d[:, 0]
    middle = np.clip(x, -half[:, 0], half[:, 0])
    end = o.copy()
    end[:, 0] -= middle
    round_end = _sphere(end, d, radius)
    t = np.where(x == middle, side, round_end)
    t = np.where(disc > 0, t, np.float32(np.inf))
    local = _point(o, d, t)
    normal = local.copy()
    normal[:, 0] -= np.clip(local[:, 0], -half[:, 0], half[:, 0])
    return t, local, _unit(normal)


def _box(o: Floats, d: Floats, half: Floats) -> Met:
    safe = np.where(np.abs(d) < 1e-9, np.float32(1e-9), d)
    middle, reach = -o / safe, half / np.abs(safe)
    enter = middle - reach
    near, far = enter.max(1, initial=-np.inf), (middle + reach).min(1, initial=np.inf)
    t = np.where(near < far, near, np.float32(np.inf))
    normal = np.zeros_like(o)
    axis = enter.argmax(1) if len(o) else np.zeros(0, np.int64)
    rows = np.arange(len(o))
    normal[rows, axis] = -np.sign(safe[rows, axis])
    return t, _point(o, d, t), normal


_SHAPES = {ELLIPSOID: _ellipsoid, CAPSULE: _capsule, BOX: _box}
