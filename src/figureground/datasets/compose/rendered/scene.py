"""A scene cast ray by ray: random places and figures, exact masks and depth."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from figureground.datasets.compose.rendered.actors import Actor, Skins, bodies_at, draw_actors, skin_table
from figureground.datasets.compose.rendered.bodies import Bodies
from figureground.datasets.compose.rendered.cast import Seen, cast
from figureground.datasets.compose.rendered.ground import SAMPLES, Ground, draw_ground
from figureground.datasets.compose.rendered.lights import Light, falling
from figureground.datasets.compose.rendered.places import PLACES, Place, tile_source
from figureground.datasets.compose.rendered.shadows import (
    body_shadow,
    cells_with,
    contact_shadow,
    whole_cells,
)
from figureground.datasets.compose.rendered.stage import blocked
from figureground.datasets.compose.rendered.textures import Floats, floats, noise, photo_tile
from figureground.datasets.compose.scene import Scene, View
from figureground.frames import Image


def rendered_scene(
    seed: int,
    size: tuple[int, int] = (192, 256),
    frames: int = 24,
    *,
    place: str | None = None,
    textures: Sequence[Image] = (),
    most: int | None = None,
) -> Scene:
    """A random place with random figures in it; the same arguments give the same scene, pixel by pixel.

    Args:
        seed: everything follows from it.
        size: (h, w) in pixels.
        frames: how many moments.
        place: one of the names in `places.PLACES`; None draws one.
        textures: photographs (h, w, 3) uint8 RGB to cover walls, grounds and things with, beside drawn ones.
        most: most figures at once; None leaves it to the place, 0 gives none.

    Raises:
        ValueError: `size` or `frames` is not positive, or there is no such place.

    Example:
        >>> scene = rendered_scene(1, size=(29, 37), frames=3, place="dish")
        >>> view = scene.view(2)
        >>> view.image.shape, view.mask.shape, bool(scene.empty().mask.any())
        ((29, 37, 3), (29, 37), False)
    """
    if min(size) < 1 or frames < 1:
        raise ValueError(f"rendered_scene: size and frames must be positive, got {size} and {frames}")
    if place is not None and place not in PLACES:
        raise ValueError(f"rendered_scene: no place {place!r}; there are {', '.join(PLACES)}")
    rng = np.random.default_rng(seed)
    chances = np.array([chance for _, chance in PLACES.values()])
    drawn = str(rng.choice(list(PLACES), p=chances / chances.sum()))
    tiles = tile_source(rng, [photo_tile(photo) for photo in textures])
    return RenderedScene(rng, PLACES[place or drawn][0](rng, size, tiles), frames, most)


class Film(NamedTuple):
    """What the camera makes of light: `gain` (h, w, 3), weaker in the corners; `grey`, no colour; `gamma`."""

    gain: Floats
    grey: bool
    gamma: float


class RenderedScene:
    """See `rendered_scene`."""

    def __init__(self, rng: np.random.Generator, place: Place, frames: int, most: int | None) -> None:
        self.place, self._frames = place, frames
        self.ground: Ground = draw_ground(
            rng, place.stage, place.camera, place.lights, place.ambient, place.glow
        )
        light = self.ground.ambient + sum(self.ground.lit)
        self.film = _film(rng, light)
        floor = np.median(place.stage.surfaces[1 if len(place.stage.surfaces) > 1 else 0].levels[-1], (0, 1))
        self.actors: list[Actor] = draw_actors(rng, place, frames, floor.astype(np.float32), most)
        self.skins: Skins = skin_table(self.actors)
        self.speckle = noise(rng, 0.7, n=128)
        self.furthest = np.float32(self.ground.depth.max())
        self._empty = View(
            _developed(light, self.film), np.zeros(self.size, bool), self.ground.depth / self.furthest
        )

    @property
    def size(self) -> tuple[int, int]:
        """(h, w) in pixels."""
        return self.place.camera.size

    @property
    def frames(self) -> int:
        """How many moments there are."""
        return self._frames

    def empty(self) -> View:
        """The scene without figures."""
        image, mask, depth = self._empty
        return View(image.copy(), mask.copy(), depth.copy())

    def view(self, index: int) -> View:
        """The scene at a moment, 0 to frames - 1.

        Raises:
            IndexError: there is no such moment.
        """
        if not 0 <= index < self._frames:
            raise IndexError(f"the scene has the moments 0 to {self._frames - 1}, not {index}")
        bodies = bodies_at(self.actors, index)
        seen = cast(self.place.camera, self.ground.rays, bodies, self.ground.limit)
        cover, colour, depth = _gathered(seen, _shaded(self, seen, bodies), self.size)
        light = _shadowed(self.ground, self.place, bodies, cover) * (1 - cover[..., None]) + colour
        mask = cover >= 0.5
        depth = np.where(mask, depth, self.ground.depth)
        return View(_developed(light, self.film), mask, depth / self.furthest)


def _film(rng: np.random.Generator, light: Floats) -> Film:
    h, w, _ = light.shape
    y, x = (np.arange(h) + 0.5) / h * 2 - 1, (np.arange(w) + 0.5) / w * 2 - 1
    away = (y[:, None] - rng.normal(0, 0.1)) ** 2 + (x - rng.normal(0, 0.1)) ** 2
    fall = 1 / (1 + (rng.uniform(0, 0.45) if rng.random() < 0.7 else 0) * away)
    level = np.percentile(light, rng.uniform(40, 80))
    gain = rng.uniform(0.08, 0.45) / max(float(level), 1e-4)
    tint = np.exp(rng.normal(0, 0.06, 3))
    return Film(
        (fall[..., None] * gain * tint).astype(np.float32),
        bool(rng.random() < 0.15),
        float(rng.uniform(0.42, 0.52)),
    )


def _developed(light: Floats, film: Film) -> Image:
    exposed = light * film.gain
    if film.grey:
        exposed = np.repeat(exposed @ floats([[0.3], [0.59], [0.11]]), 3, 2)
    bright = np.power(np.clip(exposed, 0, 1), np.float32(film.gamma))
    return (bright * 255 + np.float32(0.5)).astype(np.uint8)


def _shadowed(ground: Ground, place: Place, bodies: Bodies, cover: Floats) -> Floats:
    """(h, w, 3) the light of the empty scene, less what the bodies keep away where they do not `cover` it."""
    h, w = ground.depth.shape
    floor, whole = ground.floor, whole_cells(h, w)[0]
    bare = cover < 1
    contact = contact_shadow(bodies, floor, cells_with(bare.reshape(-1)[whole], floor.width))
    light = ground.ambient * _cropped(contact, floor.width, h, w)
    for lit, came, lamp in zip(ground.lit, ground.came, place.lights, strict=True):
        matters = bare & (lit[..., 1] > 1e-3 * float(lit[..., 1].max()))
        cells = cells_with(matters.reshape(-1)[whole], floor.width)
        light += lit * _cropped(body_shadow(bodies, came, lamp.spread, floor, cells), floor.width, h, w)
    return light


def _cropped(values: Floats, width: int, h: int, w: int) -> Floats:
    return values.reshape(-1, width)[:h, :w, None]


def _shaded(scene: RenderedScene, seen: Seen, bodies: Bodies) -> Floats:
    """(n, 3) light that comes from each sample on a body."""
    place, ground = scene.place, scene.ground
    axes = bodies.axes[seen.part]
    normal = np.einsum("nij,ni->nj", axes, seen.normal)
    rays = ground.rays.reshape(-1, 3)[seen.sample]
    points = place.camera.position + seen.t[:, None] * rays
    albedo, gloss = _skinned(scene, seen, bodies, normal)
    near = np.minimum((points[:, 2] - place.stage.low[2]) / (0.15 * bodies.scale[seen.part]), 1)
    light = albedo * place.ambient * ((0.72 + 0.28 * normal[:, 2]) * (0.6 + 0.4 * near))[:, None]
    view = -rays / np.linalg.norm(rays, axis=1, keepdims=True)
    for lamp in place.lights:
        came = falling(lamp, points)
        open_way = _open(place, lamp, bodies)[seen.part]
        facing = np.maximum(np.einsum("nk,nk->n", came.to, normal), 0) * came.strength * open_way
        half = came.to + view
        half /= np.linalg.norm(half, axis=1, keepdims=True) + np.float32(1e-6)
        shine = np.maximum(np.einsum("nk,nk->n", half, normal), 0) ** 40 * gloss * came.strength * open_way
        light += (albedo * facing[:, None] + shine[:, None]) * lamp.colour
    return light


def _open(place: Place, lamp: Light, bodies: Bodies) -> Floats:
    """(n,) 1 where a part's middle sees the lamp, 0 where a solid stands between."""
    came = falling(lamp, bodies.centre)
    length = np.where(np.isfinite(came.distance), came.distance, np.float32(1e4))
    return (~blocked(place.stage, bodies.centre, came.to * length[:, None])).astype(np.float32)


def _skinned(scene: RenderedScene, seen: Seen, bodies: Bodies, normal: Floats) -> tuple[Floats, Floats]:
    skins, skin = scene.skins, bodies.skin[seen.part]
    place = seen.local / bodies.scale[seen.part][:, None]
    detail = skins.detail[skin]
    n = len(scene.speckle)
    u = ((place[:, 0] + 0.7 * place[:, 2]) * detail * 12 + 17 * skin).astype(np.int64) % n
    v = ((place[:, 1] - 0.4 * place[:, 2]) * detail * 12 + 29 * skin).astype(np.int64) % n
    speck = scene.speckle[v, u]
    stripes = 0.5 + 0.5 * np.sin(place[:, 0] * detail * np.float32(2 * np.pi))
    values = np.stack([stripes, np.clip(speck * 3 - 1, 0, 1), np.clip(normal[:, 2], 0, 1)], 1)
    mixed = np.clip((values * skins.mix[skin]).sum(1), 0, 1)[:, None]
    albedo = skins.colour[skin] * (1 - mixed) + skins.other[skin] * mixed
    return albedo * np.exp(skins.rough[skin] * speck)[:, None], skins.gloss[skin]


def _gathered(seen: Seen, colour: Floats, size: tuple[int, int]) -> tuple[Floats, Floats, Floats]:
    """Samples to pixels: cover (h, w) 0 to 1, colour (h, w, 3) times it, mean depth (h, w)."""
    h, w = size
    pixel = seen.sample // (w * SAMPLES) // SAMPLES * w + seen.sample % (w * SAMPLES) // SAMPLES
    count = np.bincount(pixel, minlength=h * w).astype(np.float32)
    depth = np.bincount(pixel, seen.t, h * w) / np.maximum(count, 1)
    parts = [np.bincount(pixel, colour[:, k], h * w) for k in range(3)]
    whole = np.float32(SAMPLES**2)
    colours = (np.stack(parts, 1) / whole).astype(np.float32).reshape(h, w, 3)
    return (count / whole).reshape(h, w), colours, depth.astype(np.float32).reshape(h, w)
