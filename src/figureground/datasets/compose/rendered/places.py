"""Kinds of places: how each is built, lit and looked at, and who may walk there."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from figureground.datasets.compose.rendered.camera import Camera, look_at
from figureground.datasets.compose.rendered.furniture import Tiles, blocks_of, furniture, litter, surface_of
from figureground.datasets.compose.rendered.lights import Light
from figureground.datasets.compose.rendered.paths import Area
from figureground.datasets.compose.rendered.stage import Solid, Stage
from figureground.datasets.compose.rendered.textures import Floats, Generator, floats, made_tile, noise


class Place(NamedTuple):
    """An empty scene and what may happen in it.

    Attributes:
        stage, camera, lights: what is drawn.
        ambient: (3,) light from everywhere.
        area: where figures walk.
        kinds: names of the figures that fit.
        length: (2,) smallest and largest length of a figure, world units; 0: as large as it is in metres.
        most: most figures at once.
        glow: surfaces that shine by themselves.
    """

    stage: Stage
    camera: Camera
    lights: tuple[Light, ...]
    ambient: Floats
    area: Area
    kinds: tuple[str, ...]
    length: tuple[float, float]
    most: int
    glow: frozenset[int] = frozenset()


SMALL = ("larva", "worm", "insect", "insect", "chimera")
LARGE = ("person", "person", "person", "beast", "ball", "crate", "chimera")
WALLS = ("paint", "paint", "plaster", "tiles", "wood", "checks", "printed", "marble")
FLOORS = ("wood", "tiles", "carpet", "plaster", "checks", "marble", "paint")
GROUNDS = ("plaster", "gravel", "grass", "tiles", "leaves", "carpet")


def room(rng: Generator, size: tuple[int, int], tiles: Tiles) -> Place:
    """A furnished room, the camera high in a corner."""
    half = rng.uniform([2, 2, 1.2], [5, 5, 1.7])
    surfaces = [surface_of(tiles(WALLS), rng.uniform(0.8, 4)) for _ in range(2)]
    surfaces += [
        surface_of(tiles(FLOORS), rng.uniform(0.8, 3)),
        surface_of(tiles(("paint", "plaster", "tiles")), rng.uniform(1, 3)),
    ]
    other = int(rng.integers(0, 2))
    solids = furniture(rng, half, tiles, surfaces, int(rng.integers(0, 9)), (0.2, 0.7), (0.15, 1.1))
    corner = half[:2] * rng.uniform(0.75, 0.97, 2) * rng.choice([-1, 1], 2)
    target = [*(-corner * rng.uniform(-0.1, 0.6, 2)), rng.uniform(0, 0.9)]
    camera = look_at(
        [*corner, 2 * half[2] * rng.uniform(0.7, 0.95)],
        target,
        _focal(rng, size, 55, 95),
        size,
        rng.normal(0, 0.03),
    )
    stage = Stage(
        floats([-half[0], -half[1], 0]),
        floats([half[0], half[1], 2 * half[2]]),
        (0, other, other, 0, 2, 3),
        tuple(solids),
        tuple(surfaces),
        _stain(rng),
    )
    lights = tuple(_lamp(rng, half, 2 * half[2]) for _ in range(int(rng.integers(1, 4))))
    area = Area(
        (0, 0), (half[0] * 0.9, half[1] * 0.9), False, bool(rng.random() < 0.5), blocks_of(solids, camera)
    )
    return Place(stage, camera, lights, _ambient(rng, 0.15, 0.6), area, LARGE, (0.0, 0.0), 5)


def corridor(rng: Generator, size: tuple[int, int], tiles: Tiles) -> Place:
    """A long passage, seen from one end."""
    wide, long, tall = rng.uniform(1.0, 2.2), rng.uniform(5, 12), rng.uniform(2.3, 3.2)
    surfaces = [
        surface_of(tiles(WALLS), rng.uniform(1, 4)),
        surface_of(tiles(FLOORS), rng.uniform(0.8, 3)),
        surface_of(tiles(("paint", "tiles")), 2.0),
    ]
    solids = furniture(
        rng,
        np.array([wide, long, tall / 2]),
        tiles,
        surfaces,
        int(rng.integers(0, 6)),
        (0.1, 0.3),
        (0.2, 1.0),
    )
    eye = [rng.uniform(-0.7, 0.7) * wide, -long * 0.95, tall * rng.uniform(0.6, 0.95)]
    camera = look_at(
        eye,
        [0, rng.uniform(-0.3, 0.6) * long, rng.uniform(0.2, 1.2)],
        _focal(rng, size, 45, 80),
        size,
        rng.normal(0, 0.02),
    )
    stage = Stage(
        floats([-wide, -long, 0]),
        floats([wide, long, tall]),
        (0, 0, 0, 0, 1, 2),
        tuple(solids),
        tuple(surfaces),
        _stain(rng),
    )
    lights = tuple(_lamp(rng, np.array([wide, long, 0]), tall) for _ in range(int(rng.integers(1, 4))))
    area = Area(
        (0, 0), (wide * 0.85, long * 0.85), False, bool(rng.random() < 0.5), blocks_of(solids, camera)
    )
    return Place(stage, camera, lights, _ambient(rng, 0.2, 0.7), area, LARGE, (0.0, 0.0), 4)


def street(rng: Generator, size: tuple[int, int], tiles: Tiles) -> Place:
    """A yard, street or field under the sky, with walls, trees and things."""
    half = np.array([rng.uniform(10, 30), rng.uniform(10, 40), rng.uniform(3, 14)])
    sky = floats(rng.uniform([0.5, 0.6, 0.7], [1.0, 1.0, 1.1])) * np.float32(rng.uniform(0.4, 1.5))
    clouds = tiles(("plaster",)).mean(2, keepdims=True)
    surfaces = [
        surface_of(tiles(("tiles", "printed", "leaves", "plaster", "wood", "grass")), rng.uniform(3, 9))
        for _ in range(2)
    ]
    surfaces += [
        surface_of(tiles(GROUNDS), rng.uniform(1.5, 6)),
        surface_of((sky * (0.7 + 0.3 * clouds / clouds.mean())).astype(np.float32), 60),
    ]
    solids = furniture(rng, half, tiles, surfaces, int(rng.integers(0, 10)), (0.3, 2.0), (0.2, 2.5))
    eye = [rng.uniform(-0.5, 0.5) * half[0], -half[1] * 0.97, rng.uniform(2.2, 6)]
    far = eye[2] * rng.uniform(1.3, 3)
    camera = look_at(
        eye,
        [eye[0] * 0.5, eye[1] + far, rng.uniform(0, 1.2)],
        _focal(rng, size, 40, 75),
        size,
        rng.normal(0, 0.02),
    )
    face = (0, 1, 0, 3 if rng.random() < 0.3 else 1, 2, 3)
    stage = Stage(
        floats([-half[0], -half[1], 0]),
        floats([*half[:2], half[2] * 2]),
        face,
        tuple(solids),
        tuple(surfaces),
        _stain(rng),
    )
    reach = far * 0.8
    area = Area(
        (eye[0] * 0.5, eye[1] + far * 1.2), (reach, reach * 0.8), True, True, blocks_of(solids, camera)
    )
    sun = (_sun(rng),) if rng.random() < 0.75 else ()
    kinds = (*LARGE, "car", "car", "bird", "beast")
    return Place(stage, camera, sun, _ambient(rng, 0.3, 0.7), area, kinds, (0.0, 0.0), 7, frozenset({3}))


def dish(rng: Generator, size: tuple[int, int], tiles: Tiles) -> Place:
    """A round dish with a rim, from above."""
    tall, glassy = rng.uniform(0.03, 0.3), rng.random() < 0.5
    surfaces = [surface_of(tiles(("paint", "plaster", "wood", "marble", "carpet")), rng.uniform(0.5, 3))]
    floor = tiles(("paint", "paint", "plaster", "carpet", "gravel", "marble"))
    surfaces += [
        surface_of(floor, rng.uniform(0.5, 2.5)),
        surface_of(floor * 0.9 if glassy else tiles(("paint",)), 2.0),
    ]
    solids = [
        Solid("cylinder", (0, 0, -0.01), (1.0, 1.0, 0.01), 0, 1),
        Solid("shell", (0, 0, tall / 2), (1.0, rng.uniform(0.01, 0.08), tall / 2), 0, 2),
    ]
    solids += litter(rng, tiles, surfaces, int(rng.integers(0, 4)))
    camera = _above(rng, size, 1.05, 0.5)
    stage = Stage(
        floats([-6, -6, -0.02]),
        floats([6, 6, 9]),
        (0, 0, 0, 0, 0, 0),
        tuple(solids),
        tuple(surfaces),
        _stain(rng),
    )
    area = Area((0, 0), (0.92, 0.92), True, False, blocks_of(solids[2:]))
    return Place(stage, camera, _rig(rng), _ambient(rng, 0.2, 1.0), area, SMALL, (0.1, 0.5), 14)


def arena(rng: Generator, size: tuple[int, int], tiles: Tiles) -> Place:
    """A square arena with walls, or a cage with bedding, from above."""
    half = np.array([1.0, rng.uniform(0.5, 1.0)])
    tall, wall = rng.uniform(0.15, 0.8), rng.uniform(0.02, 0.1)
    surfaces = [surface_of(tiles(("paint", "plaster", "wood", "tiles")), rng.uniform(1, 4))]
    surfaces += [
        surface_of(
            tiles(("paint", "paint", "plaster", "bedding", "bedding", "carpet", "wood", "checks")),
            rng.uniform(0.7, 2.2),
        ),
        surface_of(tiles(("paint", "paint", "plaster", "checks")), rng.uniform(0.5, 2)),
    ]
    solids = [Solid("box", (0, 0, -0.01), (*half, 0.01), 0, 1)]
    for side in (-1, 1):
        solids.append(
            Solid("box", (side * (half[0] + wall), 0, tall / 2), (wall, half[1] + 2 * wall, tall / 2), 0, 2)
        )
        solids.append(Solid("box", (0, side * (half[1] + wall), tall / 2), (half[0], wall, tall / 2), 0, 2))
    things = furniture(
        rng, np.array([*half, 0.3]), tiles, surfaces, int(rng.integers(0, 5)), (0.05, 0.22), (0.03, 0.25)
    )
    camera = _above(rng, size, float(half[1]) * 1.1, 0.7)
    stage = Stage(
        floats([-6, -6, -0.02]),
        floats([6, 6, 9]),
        (0,) * 6,
        tuple(solids + things),
        tuple(surfaces),
        _stain(rng),
    )
    area = Area((0, 0), (half[0] * 0.95, half[1] * 0.95), False, False, blocks_of(things))
    return Place(
        stage,
        camera,
        _rig(rng),
        _ambient(rng, 0.2, 1.0),
        area,
        ("mouse", "mouse", "mouse", "insect", "bird", "chimera"),
        (0.2, 0.6),
        5,
    )


def tank(rng: Generator, size: tuple[int, int], tiles: Tiles) -> Place:
    """A water tank from above or aslant: fish over the ground."""
    place = arena(rng, size, tiles)
    water = floats(rng.uniform([0.5, 0.8, 0.8], [1.0, 1.0, 1.0]))
    lights = tuple(light._replace(colour=light.colour * water) for light in place.lights)
    return place._replace(
        lights=lights,
        ambient=place.ambient * water,
        kinds=("fish", "fish", "fish", "worm"),
        length=(0.15, 0.5),
        most=9,
    )


def table(rng: Generator, size: tuple[int, int], tiles: Tiles) -> Place:
    """A table top or a piece of ground that fills the picture, aslant."""
    surfaces = [
        surface_of(tiles((*FLOORS, *GROUNDS, "printed", "bedding")), rng.uniform(0.5, 2.5)),
        surface_of(tiles(WALLS), rng.uniform(1, 4)),
    ]
    solids = litter(rng, tiles, surfaces, int(rng.integers(0, 6)))
    camera = _above(rng, size, rng.uniform(0.5, 0.9), 1.1)
    stage = Stage(
        floats([-6, -6, 0]),
        floats([6, 6, 9]),
        (1, 1, 1, 1, 0, 1),
        tuple(solids),
        tuple(surfaces),
        _stain(rng),
    )
    area = Area((0, 0), (1.0, 0.8), True, True, blocks_of(solids))
    kinds = (*SMALL, "mouse", "bird", "beast", "ball", "crate", "car", "person")
    return Place(stage, camera, _rig(rng), _ambient(rng, 0.2, 1.0), area, kinds, (0.12, 0.7), 8)


PLACES: dict[str, tuple[Callable[[Generator, tuple[int, int], Tiles], Place], float]] = {
    "room": (room, 0.24),
    "corridor": (corridor, 0.08),
    "street": (street, 0.22),
    "dish": (dish, 0.14),
    "arena": (arena, 0.16),
    "tank": (tank, 0.05),
    "table": (table, 0.11),
}
"""Each kind of place and how often it is drawn."""


def _stain(rng: Generator) -> Floats:
    return np.clip(noise(rng, 1.6, n=64) * np.float32(rng.uniform(0.0, 0.12)), -0.4, 0.4)


def _focal(rng: Generator, size: tuple[int, int], narrow: float, wide: float) -> float:
    return float(max(size) / 2 / np.tan(np.deg2rad(rng.uniform(narrow, wide)) / 2))


def _above(rng: Generator, size: tuple[int, int], radius: float, slant: float) -> Camera:
    """A camera over the origin that sees about `radius` around it, up to `slant` radians aslant."""
    focal = _focal(rng, size, 25, 60)
    distance = min(focal * radius / (0.5 * min(size)) * rng.uniform(0.75, 1.15), 8.0)
    tilt = rng.uniform(0, slant) if rng.random() < 0.7 else rng.uniform(0, 0.05)
    side = (
        rng.uniform(-np.pi, np.pi) if tilt < 0.05 else rng.choice([-0.5, 0, 0.5]) * np.pi + rng.normal(0, 0.3)
    )
    eye = distance * np.array([np.sin(tilt) * np.cos(side), np.sin(tilt) * np.sin(side), np.cos(tilt)])
    target = [*rng.normal(0, 0.06, 2), 0]
    return look_at(
        eye, target, focal, size, float(rng.normal(0, 0.05)) if tilt > 0.05 else float(rng.uniform(-3, 3))
    )


def _lamp(rng: Generator, half: np.ndarray, tall: float) -> Light:
    place = floats([*(rng.uniform(-0.6, 0.6, 2) * half[:2]), tall * rng.uniform(0.75, 0.98)])
    return Light(
        place, _light_colour(rng) * np.float32(rng.uniform(0.4, 1.2)), float(rng.uniform(0.02, 0.25)), tall
    )


def _sun(rng: Generator) -> Light:
    angle, high = rng.uniform(-np.pi, np.pi), np.deg2rad(rng.uniform(18, 80))
    place = floats([np.cos(high) * np.cos(angle), np.cos(high) * np.sin(angle), np.sin(high)])
    warm = floats([1, 0.92, 0.8]) * np.float32(rng.uniform(0.6, 2.2))
    return Light(place, warm, float(rng.choice([0.012, 0.03, 0.15])), 0.0)


def _rig(rng: Generator) -> tuple[Light, ...]:
    """One to three lamps around a dish or table."""
    lights = []
    for _ in range(int(rng.integers(1, 4))):
        angle, far, high = rng.uniform(-np.pi, np.pi), rng.uniform(0, 3), rng.uniform(1.2, 5)
        place = floats([far * np.cos(angle), far * np.sin(angle), high])
        colour = _light_colour(rng) * np.float32(rng.uniform(0.2, 1.2))
        lights.append(Light(place, colour, float(rng.uniform(0.02, 0.35)), float(np.hypot(far, high))))
    return tuple(lights)


def _light_colour(rng: Generator) -> Floats:
    warm = rng.normal(0, 0.15)
    return floats([np.exp(warm), 1, np.exp(-warm)])


def _ambient(rng: Generator, low: float, high: float) -> Floats:
    return _light_colour(rng) * np.float32(rng.uniform(low, high))


def tile_source(rng: Generator, photos: Sequence[Floats]) -> Tiles:
    """Tiles drawn with `rng`; with `photos`, two of three are one of them."""

    def tile(kinds: Sequence[str]) -> Floats:
        if photos and rng.random() < 0.66:
            return photos[int(rng.integers(0, len(photos)))] * np.float32(np.exp(rng.normal(0, 0.2)))
        return made_tile(rng, kinds)

    return tile
