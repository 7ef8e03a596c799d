"""The empty scene: a large room, seen from inside, and solids in it; rays find their first surface."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from figureground.datasets.compose.rendered.textures import TILE, Floats

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


class Solid(NamedTuple):
    """Something that stands in the scene.

    Attributes:
        kind: "box", "cylinder" (upright), "shell" (an upright open pipe) or "ball" (an ellipsoid).
        centre: (3,).
        half: (3,) half the extent; cylinder and shell: radius, wall of the shell, half the height.
        turn: radians about the upright axis.
        surface: which surface it is made of.
    """

    kind: str
    centre: tuple[float, float, float]
    half: tuple[float, float, float]
    turn: float
    surface: int


class Surface(NamedTuple):
    """A material: `levels` of a tile, each half the one before, and how many world units it covers."""

    levels: list[Floats]
    extent: float


@dataclass(frozen=True, eq=False)
class Stage:
    """A room from `low` (3,) to `high` (3,) and solids.

    `faces` are the surfaces of its sides -x, +x, -y, +y, -z, +z. `stain` (n, n) is slow noise over all of it,
    so that repeated tiles differ.
    """

    low: Floats
    high: Floats
    faces: tuple[int, ...]
    solids: tuple[Solid, ...]
    surfaces: tuple[Surface, ...]
    stain: Floats


class Hits(NamedTuple):
    """First surfaces of n rays.

    Attributes:
        t: (n,) depth. normal: (n, 3) against the ray. surface: (n,).
        uv: (n, 2) place on the surface, world units. solid: (n,), -1 for the room.
    """

    t: Floats
    normal: Floats
    surface: Ints
    uv: Floats
    solid: Ints


def mip_levels(tile: Floats) -> list[Floats]:
    """`tile` (n, n, 3) and its halves down to 1 x 1, for surfaces far away."""
    levels = [tile]
    while len(levels[-1]) > 1:
        n = len(levels[-1]) // 2
        levels.append(levels[-1].reshape(n, 2, n, 2, 3).mean((1, 3), dtype=np.float32))
    return levels


def trace(stage: Stage, origin: Floats, rays: Floats) -> Hits:
    """Where each of `rays` (n, 3) from `origin` (3,) meets the scene first."""
    hits = _room(stage, origin, rays)
    square = _dot(rays, rays)
    for index, solid in enumerate(stage.solids):
        rows = _close(solid, origin, rays, square)
        t, normal, uv = _meet(solid, origin, rays[rows])
        near = np.flatnonzero(t < hits.t[rows])
        kept = rows[near]
        hits.t[kept], hits.normal[kept], hits.uv[kept] = t[near], normal[near], uv[near]
        hits.surface[kept], hits.solid[kept] = solid.surface, index
    return hits


def blocked(stage: Stage, points: Floats, to_light: Floats) -> Bools:
    """(n,): whether a solid stands between `points` (n, 3) and `points + to_light`."""
    out = np.zeros(len(points), bool)
    square = _dot(to_light, to_light)
    for solid in stage.solids:
        rows = _close(solid, points, to_light, square)
        rows = rows[~out[rows]]
        out[rows] = _meet(solid, points[rows], to_light[rows], shadow=True)[0] < 1
    return out


def _close(solid: Solid, origin: Floats, rays: Floats, square: Floats) -> Ints:
    """The rays that meet the sphere around a solid, or nearly; `square` (n,) is each ray's length squared."""
    x, y, z = solid.half
    radius = np.sqrt(x * x + y * y + z * z) if solid.kind in ("box", "shell") else np.hypot(max(x, y), z)
    radius = np.float32(radius + (y if solid.kind == "shell" else 0))
    offset = np.array(solid.centre, np.float32) - origin
    along, away = _dot(rays, offset), _dot(offset, offset)
    slack = (np.float32(1.02) * radius) ** 2 + np.float32(1e-5) * away
    ahead = (along > 0) | (away < slack)
    return np.flatnonzero(ahead & ((away - slack) * square < along * along))


def colours(stage: Stage, hits: Hits, footprint: Floats) -> Floats:
    """(n, 3) reflectance at hits; `footprint` (n,) is how large a sample is there, in world units."""
    out = np.empty((len(hits.t), 3), np.float32)
    for index in np.unique(hits.surface):
        chosen = np.flatnonzero(hits.surface == index)
        surface = stage.surfaces[index]
        texels = footprint[chosen] * (TILE / surface.extent)
        level = np.clip(np.log2(np.maximum(texels, 1e-3)), 0, len(surface.levels) - 1).astype(np.int64)
        for k in np.unique(level):
            at = chosen[level == k]
            out[at] = _bilinear(surface.levels[k], hits.uv[at] / np.float32(surface.extent))
        place = hits.uv[chosen] @ _ASLANT / np.float32(surface.extent * 3.7)
        out[chosen] *= 1 + _bilinear(stage.stain[..., None], place)
    return out


_ASLANT = np.array([[0.8, 0.6], [-0.6, 0.8]], np.float32)


def _bilinear(tile: Floats, uv: Floats) -> Floats:
    n = len(tile)
    place = uv * n - np.float32(0.5)
    corner = np.floor(place)
    part = (place - corner)[..., None]
    x, y = corner.astype(np.int64).T
    x0, x1, y0, y1 = x % n, (x + 1) % n, y % n, (y + 1) % n
    fx, fy = part[:, 0], part[:, 1]
    flat = tile.reshape(n * n, -1)
    top = flat[y0 * n + x0] * (1 - fx) + flat[y0 * n + x1] * fx
    bottom = flat[y1 * n + x0] * (1 - fx) + flat[y1 * n + x1] * fx
    return top * (1 - fy) + bottom * fy


def _dot(a: Floats, b: Floats) -> Floats:
    return np.asarray(np.einsum("...k,...k->...", a, b))


def _safe(direction: Floats) -> Floats:
    tiny = np.float32(1e-9)
    return np.where(np.abs(direction) < tiny, np.where(direction < 0, -tiny, tiny), direction)


def _room(stage: Stage, origin: Floats, rays: Floats) -> Hits:
    safe = _safe(rays)
    far = np.where(safe > 0, stage.high, stage.low)
    each = (far - origin) / safe
    x, y, z = each.T
    t = np.minimum(np.minimum(x, y), z)
    axis = np.where(t == x, 0, np.where(t == y, 1, 2))
    rows = np.arange(len(rays))
    positive = safe[rows, axis] > 0
    normal = np.zeros_like(rays)
    normal[rows, axis] = np.where(positive, -1, 1)
    point = origin + t[:, None] * rays
    others = np.array([[1, 2], [0, 2], [0, 1]])[axis]
    surface = np.array(stage.faces, np.int64)[2 * axis + positive]
    return Hits(t, normal, surface, point[rows[:, None], others], np.full(len(rays), -1, np.int64))


def _meet(solid: Solid, origin: Floats, rays: Floats, shadow: bool = False) -> tuple[Floats, Floats, Floats]:
    """Depth t (inf where missed), normal and uv; with `shadow` only t counts."""
    cos, sin = np.cos(solid.turn), np.sin(solid.turn)
    turn = np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]], np.float32)
    start = (origin - np.array(solid.centre, np.float32)) @ turn.T
    local = rays @ turn.T
    half = np.array(solid.half, np.float32)
    t, normal, uv = _SHAPES[solid.kind](start, local, half, shadow)
    return t, normal if shadow else normal @ turn, uv


Met = tuple[Floats, Floats, Floats]


def _nothing(n: int) -> Met:
    return np.full(n, np.inf, np.float32), np.zeros((0, 3), np.float32), np.zeros((0, 2), np.float32)


def _box(start: Floats, rays: Floats, half: Floats, shadow: bool) -> Met:
    # Column by column: NumPy reduces over an axis of 3 about ten times slower.
    safe = _safe(rays)
    inverse = 1 / safe
    middle, reach = -start * inverse, half * np.abs(inverse)
    x, y, z = (middle - reach).T
    near = np.maximum(np.maximum(x, y), z)
    far_x, far_y, far_z = (middle + reach).T
    far = np.minimum(np.minimum(far_x, far_y), far_z)
    t = np.where((near < far) & (near > 1e-4), near, np.float32(np.inf))
    if shadow:
        return t, *_nothing(0)[1:]
    rows, axis = np.arange(len(rays)), np.where(near == x, 0, np.where(near == y, 1, 2))
    normal = np.zeros_like(rays)
    normal[rows, axis] = -np.sign(safe[rows, axis])
    point = np.where(np.isfinite(t), t, 0)[:, None] * rays + start
    return t, normal, point[rows[:, None], np.array([[1, 2], [0, 2], [0, 1]])[axis]]


def _ball(start: Floats, rays: Floats, half: Floats, shadow: bool) -> Met:
    o, d = start / half, rays / half
    a, b, c = _dot(d, d), _dot(o, d), _dot(o, o) - 1
    disc = b * b - a * c
    t = (-b - np.sqrt(np.maximum(disc, 0))) / a
    t = np.where((disc > 0) & (t > 1e-4), t, np.float32(np.inf))
    if shadow:
        return t, *_nothing(0)[1:]
    unit = o + np.where(np.isfinite(t), t, 0)[:, None] * d
    normal = unit / half
    normal /= np.linalg.norm(normal, axis=1, keepdims=True) + np.float32(1e-9)
    uv = np.stack([np.arctan2(unit[:, 1], unit[:, 0]) * half[0], unit[:, 2] * half[2]], 1)
    return t, normal, uv


def _side(start: Floats, rays: Floats, radius: float, top: float, inside: bool, shadow: bool) -> Met:
    """The mantle of an upright cylinder, from outside or from inside."""
    o, d = start[..., :2], rays[:, :2]
    a, b = _dot(d, d) + np.float32(1e-12), _dot(o, d)
    disc = b * b - a * (_dot(o, o) - np.float32(radius * radius))
    root = np.sqrt(np.maximum(disc, 0))
    t = (-b + (root if inside else -root)) / a
    z = start[..., 2] + t * rays[:, 2]
    t = np.where((disc > 0) & (t > 1e-4) & (np.abs(z) <= top), t, np.float32(np.inf))
    if shadow:
        return t, *_nothing(0)[1:]
    flat = (o + np.where(np.isfinite(t), t, 0)[:, None] * d) / np.float32(radius)
    normal = np.concatenate([-flat if inside else flat, np.zeros((len(t), 1), np.float32)], 1)
    return t, normal, np.stack([np.arctan2(flat[:, 1], flat[:, 0]) * radius, z], 1).astype(np.float32)


def _lid(start: Floats, rays: Floats, inner: float, outer: float, top: float, shadow: bool) -> Met:
    """The ring at height `top`, seen from above."""
    t = (top - start[..., 2]) / _safe(rays)[:, 2]
    point = start + t[:, None] * rays
    radius = np.hypot(point[:, 0], point[:, 1])
    good = (t > 1e-4) & (radius <= outer) & (radius >= inner) & (shadow | (rays[:, 2] < 0))
    t = np.where(good, t, np.float32(np.inf))
    if shadow:
        return t, *_nothing(0)[1:]
    normal = np.zeros_like(rays)
    normal[:, 2] = 1
    return t, normal, point[:, :2]


def _cylinder(start: Floats, rays: Floats, half: Floats, shadow: bool) -> Met:
    mantle = _side(start, rays, float(half[0]), float(half[2]), False, shadow)
    return _nearest([mantle, _lid(start, rays, 0, float(half[0]), float(half[2]), shadow)], shadow)


def _shell(start: Floats, rays: Floats, half: Floats, shadow: bool) -> Met:
    inner, top = float(half[0]), float(half[2])
    outer = inner + float(half[1])
    met = [_side(start, rays, outer, top, False, shadow), _side(start, rays, inner, top, True, shadow)]
    return _nearest([*met, _lid(start, rays, inner, outer, top, shadow)], shadow)


def _nearest(met: list[Met], shadow: bool) -> Met:
    t, normal, uv = met[0]
    for other, other_normal, other_uv in met[1:]:
        near = other < t
        if not shadow:
            normal, uv = np.where(near[:, None], other_normal, normal), np.where(near[:, None], other_uv, uv)
        t = np.where(near, other, t)
    return t, normal, uv


_SHAPES = {"box": _box, "ball": _ball, "cylinder": _cylinder, "shell": _shell}
