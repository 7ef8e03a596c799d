"""Who is in a scene, where and when: figures with their ways."""

from typing import NamedTuple

import numpy as np

from figureground.datasets.compose.rendered.animals import fish, insect, larva, mouse, worm
from figureground.datasets.compose.rendered.beasts import ball, beast, bird, car, chimera, crate, person
from figureground.datasets.compose.rendered.bodies import Bodies, Skin, placed, together
from figureground.datasets.compose.rendered.camera import project
from figureground.datasets.compose.rendered.figures import Figure, Maker
from figureground.datasets.compose.rendered.paths import Way, random_way
from figureground.datasets.compose.rendered.places import Place
from figureground.datasets.compose.rendered.textures import Floats

MAKERS: dict[str, Maker] = {
    "larva": larva,
    "worm": worm,
    "insect": insect,
    "mouse": mouse,
    "fish": fish,
    "person": person,
    "beast": beast,
    "bird": bird,
    "ball": ball,
    "crate": crate,
    "car": car,
    "chimera": chimera,
}

METRES = {
    "person": (1.45, 1.95),
    "beast": (0.5, 2.0),
    "bird": (0.3, 0.8),
    "ball": (0.2, 0.5),
    "crate": (0.3, 0.9),
    "car": (3.4, 5.0),
}
"""How long figures are in places of natural size; others: 0.4 to 1.5."""


class Actor(NamedTuple):
    """A figure, `length` long in world units, on its way; its skins begin at `first_skin` of the scene's."""

    figure: Figure
    way: Way
    length: float
    first_skin: int


def draw_actors(
    rng: np.random.Generator, place: Place, frames: int, ground: Floats, most: int | None = None
) -> list[Actor]:
    """The figures of a scene, none to `most`; often of one kind, often near each other.

    `ground` (3,) is the mean colour of what they stand on.
    """
    limit = place.most if most is None else most
    count = (
        0
        if rng.random() < 0.06
        else min(
            limit, 1 + int(rng.geometric(0.3) - 1 if rng.random() < 0.7 else rng.integers(0, max(limit, 1)))
        )
    )
    kinds = list(place.kinds) if rng.random() < 0.3 else [str(rng.choice(place.kinds))]
    near, alike = rng.random() < 0.35, rng.random() < 0.6
    scale = float(np.exp(rng.uniform(*np.log(place.length)))) if place.length[0] else 0.0
    look = int(rng.integers(0, 2**62))
    actors: list[Actor] = []
    first = 0
    for _ in range(count):
        kind = str(rng.choice(kinds))
        figure = MAKERS[kind](np.random.default_rng(look) if alike and len(kinds) == 1 else rng, ground)
        length = (
            scale * rng.uniform(0.85, 1.2) if scale else float(rng.uniform(*METRES.get(kind, (0.4, 1.5))))
        )
        start = _in_sight(rng, place) if rng.random() < 0.7 else None
        if actors and near:
            other = actors[int(rng.integers(0, len(actors)))]
            start = other.way.place[0] + rng.normal(
                0, 0.6 * max(length, other.length) * max(figure.width, 0.25), 2
            )
        way = random_way(rng, place.area, frames, length, figure.width * length, figure.restless, start)
        actors.append(Actor(figure, way, length, first))
        first += len(figure.skins)
    return actors


def _in_sight(rng: np.random.Generator, place: Place) -> np.ndarray | None:
    """(2,) a place in the area that the camera sees, if a few tries find one."""
    h, w = place.camera.size
    tries = np.array(place.area.centre) + rng.uniform(-0.85, 0.85, (16, 2)) * place.area.half
    seen = project(place.camera, np.concatenate([tries, np.zeros((16, 1))], 1).astype(np.float32))
    inside = (
        (seen[:, 2] > 0.1) & (np.abs(seen[:, 0] - w / 2) < 0.45 * w) & (np.abs(seen[:, 1] - h / 2) < 0.45 * h)
    )
    return tries[inside.argmax()] if inside.any() else None


def _direction(rng: np.random.Generator) -> np.ndarray:
    angle = rng.uniform(-np.pi, np.pi)
    return np.array([np.cos(angle), np.sin(angle)])


def bodies_at(actors: list[Actor], index: int) -> Bodies:
    """The parts of all figures that are there at a moment."""
    return together([_stood(actor, k, index) for k, actor in enumerate(actors) if actor.way.present[index]])


def _stood(actor: Actor, figure: int, index: int) -> Bodies:
    way, kind = actor.way, actor.figure
    parts = kind.body(way.poses[index])
    at = (*way.place[index], 0.0)
    return placed(parts, at, way.heading[index], actor.length, figure, actor.first_skin, kind.hovers)


class Skins(NamedTuple):
    """The skins of a scene as columns; see `bodies.Skin`."""

    colour: Floats
    other: Floats
    mix: Floats
    detail: Floats
    rough: Floats
    gloss: Floats


def skin_table(actors: list[Actor]) -> Skins:
    """All skins of all figures, in the order that `Actor.first_skin` counts."""
    skins = [skin for actor in actors for skin in actor.figure.skins] or [
        Skin(np.zeros(3, np.float32), np.zeros(3, np.float32))
    ]
    return Skins(*(np.array(column, np.float32) for column in zip(*skins, strict=True)))
