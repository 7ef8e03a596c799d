"""Lamps and the sun, and the soft shadows that the solids of the empty scene cast."""

from typing import NamedTuple

import cv2
import numpy as np

from figureground.datasets.compose.rendered.stage import Stage, blocked
from figureground.datasets.compose.rendered.textures import Floats


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
