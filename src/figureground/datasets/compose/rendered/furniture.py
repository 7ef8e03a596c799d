"""What stands in places: furniture, steps, trees, small things, and what it is made of."""

from collections.abc import Callable, Sequence

import numpy as np

from figureground.datasets.compose.rendered.camera import Camera
from figureground.datasets.compose.rendered.stage import Solid, Surface, mip_levels
from figureground.datasets.compose.rendered.textures import Floats, Generator

Tiles = Callable[[Sequence[str]], Floats]
"""Gives a tile of one of the named kinds, or a photograph in its place."""

THINGS = ("paint", "wood", "printed", "plaster", "checks", "marble")


def surface_of(tile: Floats, extent: float) -> Surface:
    """A surface of `tile` (n, n, 3), which covers `extent` world units."""
    return Surface(mip_levels(tile), float(extent))


def furniture(
    rng: Generator,
    half: np.ndarray,
    tiles: Tiles,
    surfaces: list[Surface],
    count: int,
    wide: tuple[float, float],
    tall: tuple[float, float],
) -> list[Solid]:
    """Boxes, cylinders, steps and balls, most along the walls; what they are made of joins `surfaces`."""
    solids = []
    for _ in range(count):
        size = np.array([*rng.uniform(*wide, 2), rng.uniform(*tall) / 2])
        place = rng.uniform(-0.95, 0.95, 2) * half[:2]
        if rng.random() < 0.6:
            axis, side = int(rng.integers(0, 2)), rng.choice([-1, 1])
            place[axis] = side * (half[axis] - size[axis])
        if rng.random() < 0.6 or len(surfaces) < 5:
            surfaces.append(surface_of(tiles(THINGS), float(rng.uniform(1, 6) * size.max())))
        made_of = int(rng.integers(3, len(surfaces))) if len(surfaces) > 4 else len(surfaces) - 1
        solids += _thing(rng, place, size, made_of)
    return solids


def _thing(rng: Generator, place: np.ndarray, size: np.ndarray, made_of: int) -> list[Solid]:
    kind, x, y = rng.random(), float(place[0]), float(place[1])
    if kind < 0.5:
        return [
            Solid("box", (x, y, size[2]), tuple(size), float(rng.choice([0, 0, rng.uniform(0, 3)])), made_of)
        ]
    if kind < 0.7:
        return [Solid("cylinder", (x, y, size[2]), (size[0], size[0], size[2]), 0, made_of)]
    if kind < 0.8:
        return [Solid("ball", (x, y, size[2] * 0.8), tuple(size), float(rng.uniform(0, 3)), made_of)]
    if kind < 0.9:  # a table or a tree: something wide on something thin
        top = Solid(
            "box" if rng.random() < 0.5 else "ball",
            (x, y, size[2] * 2),
            (size[0], size[1], size[2] * 0.12 if kind < 0.85 else size[2]),
            0,
            made_of,
        )
        return [
            top,
            Solid("cylinder", (x, y, size[2]), (size[0] * 0.12, size[0] * 0.12, size[2]), 0, made_of),
        ]
    steps = [size * [1 - 0.25 * k, 1, (k + 1) / 3] for k in range(3)]
    return [
        Solid("box", (x + size[0] * 0.25 * k, y, s[2]), tuple(s), 0, made_of) for k, s in enumerate(steps)
    ]


def litter(rng: Generator, tiles: Tiles, surfaces: list[Surface], count: int) -> list[Solid]:
    """Small things on a table or in a dish."""
    solids = []
    for _ in range(count):
        surfaces.append(surface_of(tiles(THINGS), float(rng.uniform(0.3, 1))))
        size = np.array([*rng.uniform(0.03, 0.15, 2), rng.uniform(0.01, 0.1)])
        solids += _thing(rng, rng.uniform(-0.6, 0.6, 2), size, len(surfaces) - 1)
    return solids


def blocks_of(solids: Sequence[Solid], camera: Camera | None = None) -> np.ndarray:
    """(n, 3) what stands in figures' way; nobody comes so near to `camera` that it sees nothing else."""
    rows = [(s.centre[0], s.centre[1], max(s.half[:2])) for s in solids]
    if camera is not None:
        rows.append((float(camera.position[0]), float(camera.position[1]), 1.3))
    return np.array(rows, np.float64).reshape(-1, 3)
