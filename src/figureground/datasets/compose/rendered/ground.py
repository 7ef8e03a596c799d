"""The empty scene, drawn once: its light, lamp by lamp, and all that figures need to be put into it."""

from dataclasses import dataclass

import cv2
import numpy as np

from figureground.datasets.compose.rendered.camera import Camera, pixel_rays
from figureground.datasets.compose.rendered.lights import Falling, Light, falling, solid_shadows
from figureground.datasets.compose.rendered.shadows import Floor, whole_cells
from figureground.datasets.compose.rendered.stage import Hits, Stage, colours, trace
from figureground.datasets.compose.rendered.textures import Floats

SAMPLES = 2
"""Samples along each side of a pixel."""


@dataclass(frozen=True, eq=False)
class Ground:
    """What the camera sees of the empty scene.

    Attributes:
        rays: (h * SAMPLES, w * SAMPLES, 3).
        limit: (h * SAMPLES, w * SAMPLES) depth of the empty scene at each sample, world units.
        depth: (h, w) the same through the middle of each pixel.
        ambient: (h, w, 3) light from everywhere that comes back to the camera.
        lit: for each lamp (h, w, 3) its light that comes back to the camera.
        floor: what shadows fall on.
        came: for each lamp how it falls on the floor's points.
    """

    rays: Floats
    limit: Floats
    depth: Floats
    ambient: Floats
    lit: tuple[Floats, ...]
    floor: Floor
    came: tuple[Falling, ...]


def draw_ground(
    rng: np.random.Generator,
    stage: Stage,
    camera: Camera,
    lights: tuple[Light, ...],
    ambient: Floats,
    glow: frozenset[int],
) -> Ground:
    """Cast the empty scene; surfaces in `glow` (the sky) shine by themselves, whatever the lamps do."""
    h, w = camera.size
    fine, coarse = pixel_rays(camera, SAMPLES), pixel_rays(camera)
    hits = trace(stage, camera.position, fine.reshape(-1, 3))
    footprint = hits.t / np.float32(camera.focal * SAMPLES) * _slant(hits, fine.reshape(-1, 3), 0.5)
    albedo = colours(stage, hits, footprint)
    shines = np.isin(hits.surface, list(glow))
    points = camera.position + hits.t[:, None] * fine.reshape(-1, 3)
    middle = trace(stage, camera.position, coarse.reshape(-1, 3))
    centre = camera.position + middle.t[:, None] * coarse.reshape(-1, 3)
    shape = h * SAMPLES, w * SAMPLES
    openness = _corners(stage, middle, centre).reshape(h, w)
    everywhere = np.where(shines, 1, _finer(openness))[:, None] * albedo
    lit = []
    for light in lights:
        open_way = solid_shadows(rng, stage, light, centre.reshape(h, w, 3), middle.normal.reshape(h, w, 3))
        came = falling(light, points)
        facing = np.maximum(np.einsum("nk,nk->n", came.to, hits.normal), 0) * came.strength * ~shines
        facing *= _finer(open_way)
        lit.append(_pixels((facing[:, None] * albedo * light.colour).reshape(*shape, 3)))
    sky = np.where(shines[:, None], np.float32(1), ambient)
    blur = middle.t / np.float32(camera.focal) * _slant(middle, coarse.reshape(-1, 3), 0.8)
    whole, width = whole_cells(h, w)
    floor = Floor(centre[whole], middle.normal[whole], blur[whole], width)
    return Ground(
        rays=fine,
        limit=hits.t.reshape(shape),
        depth=middle.t.reshape(h, w),
        ambient=_pixels((everywhere * sky).reshape(*shape, 3)),
        lit=tuple(lit),
        floor=floor,
        came=tuple(falling(light, floor.points) for light in lights),
    )


def _finer(values: Floats) -> Floats:
    """(h, w) to one value for each sample, flat."""
    h, w = values.shape
    return cv2.resize(values, (w * SAMPLES, h * SAMPLES), interpolation=cv2.INTER_LINEAR).reshape(-1)


def _pixels(samples: Floats) -> Floats:
    """The mean of each pixel's samples."""
    h, w, _ = samples.shape
    out = cv2.resize(samples, (w // SAMPLES, h // SAMPLES), interpolation=cv2.INTER_AREA)
    return out.reshape(h // SAMPLES, w // SAMPLES, 3)


def _slant(hits: Hits, rays: Floats, power: float) -> Floats:
    """How much longer a pixel is on a slanting surface."""
    facing = np.abs(np.einsum("nk,nk->n", hits.normal, rays)) / np.linalg.norm(rays, axis=1)
    return np.minimum(np.maximum(facing, 1e-3) ** -power, 6).astype(np.float32)


def _corners(stage: Stage, hits: Hits, points: Floats) -> Floats:
    """(n,) how open each point is: less in corners of the room and at the feet of solids."""
    size = float(np.min(stage.high - stage.low))
    nearest = np.minimum(points - stage.low, stage.high - points)
    # The face a point lies on is at distance 0; the other two axes make the corner.
    out = 1 - 0.3 * (np.exp(-np.maximum(nearest, 0) / np.float32(0.12 * size)) @ np.ones(3, np.float32) - 1)
    out = np.clip(out, 0.3, 1)
    for index, solid in enumerate(stage.solids):
        reach = max(min(solid.half), 1e-6) if solid.kind != "shell" else solid.half[1]
        cos, sin = np.cos(solid.turn), np.sin(solid.turn)
        offset = points - np.array(solid.centre, np.float32)
        local = np.stack(
            [cos * offset[:, 0] + sin * offset[:, 1], cos * offset[:, 1] - sin * offset[:, 0], offset[:, 2]],
            1,
        )
        if solid.kind == "shell":
            radial = np.abs(np.hypot(local[:, 0], local[:, 1]) - solid.half[0] - reach / 2) - reach / 2
            outside = np.stack([radial, np.abs(local[:, 2]) - solid.half[2]], 1)
        else:
            outside = np.abs(local) - np.array(solid.half, np.float32)
        outside = np.maximum(outside, 0)
        distance = np.sqrt(np.einsum("nk,nk->n", outside, outside))
        out *= np.where(hits.solid == index, 1, 1 - 0.45 * np.exp(-distance / (0.7 * reach)))
    return out.astype(np.float32)
