"""What a figure is: skins, and a body for each pose."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from figureground.datasets.compose.rendered.bodies import Part, Skin
from figureground.datasets.compose.rendered.textures import Floats, some_colour


class Pose(NamedTuple):
    """How a figure holds itself.

    Attributes:
        phase: way gone so far, in lengths of the figure: legs and waves follow it.
        bend: -1 (right) to 1 (left).
        stride: 0 standing to 1 in full swing.
        wave: slow movement in place, -1 to 1: a head that turns, an arm, breath.
    """

    phase: float
    bend: float
    stride: float
    wave: float


class Figure(NamedTuple):
    """A figure of its own kind.

    Attributes:
        skins: its skins; parts name them by index.
        body: parts for a pose, in lengths of the figure: x forward, z up, the ground at 0.
        width: half its width, lengths.
        restless: 0 moves evenly to 1 stops and goes.
        hovers: it does not stand on the ground.
    """

    skins: tuple[Skin, ...]
    body: Callable[[Pose], list[Part]]
    width: float
    restless: float = 0.5
    hovers: bool = False


Maker = Callable[[np.random.Generator, Floats], Figure]
"""Draws a figure; the second argument is the mean colour of the ground it will stand on."""


def skin_colour(rng: np.random.Generator, ground: Floats) -> Floats:
    """(3,) a colour: one in five hardly differs from the ground."""
    if rng.random() < 0.2:
        return np.clip(ground * rng.uniform(0.6, 1.6) * np.exp(rng.normal(0, 0.08, 3)), 0.01, 0.9).astype(
            np.float32
        )
    return some_colour(rng, 0.15)


def some_skin(rng: np.random.Generator, colour: Floats, gloss: float = 0.15) -> Skin:
    """A skin of `colour`, plain or with stripes, spots or a lighter side."""
    other = (
        np.clip(colour * np.exp(rng.normal(0, 0.9)), 0.01, 0.9) if rng.random() < 0.6 else some_colour(rng)
    )
    kind = rng.integers(0, 5)
    mix = [(0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0), (0.0, 0.5, 0.4)][kind]
    rough = float(rng.uniform(0.02, 0.25))
    return Skin(
        colour, other.astype(np.float32), mix, float(rng.uniform(3, 14)), rough, float(rng.uniform(0, gloss))
    )


def plain(colour: Floats, rough: float = 0.06, gloss: float = 0.05) -> Skin:
    """A skin of one colour."""
    return Skin(colour, colour, (0.0, 0.0, 0.0), 8.0, rough, gloss)
