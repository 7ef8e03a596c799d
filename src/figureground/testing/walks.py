"""The ways of made animals: random walks of a chosen speed."""

from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

_TURN = 0.35  # radians a frame that an animal can turn at most
_DRAW = 0.02  # share of the way to the meeting place that a step is drawn towards it


class Walks(NamedTuple):
    """Every animal on every frame.

    Attributes:
        at: (frames, animals, 2) x y in pixels of the body's middle; outside of the frame when away.
        angle: (frames, animals) radians that it looks along, from x towards y.
    """

    at: npt.NDArray[np.float64]
    angle: npt.NDArray[np.float64]


class Walkers(Protocol):
    """What the walks of a herd depend on; see Herd."""

    @property
    def size(self) -> tuple[int, int]: ...  # noqa: D102
    @property
    def frames(self) -> int: ...  # noqa: D102
    @property
    def seed(self) -> int: ...  # noqa: D102
    @property
    def animals(self) -> int: ...  # noqa: D102
    @property
    def body(self) -> tuple[float, float]: ...  # noqa: D102
    @property
    def speed(self) -> float: ...  # noqa: D102
    @property
    def persistence(self) -> float: ...  # noqa: D102
    @property
    def clumps(self) -> float: ...  # noqa: D102
    @property
    def visitors(self) -> int: ...  # noqa: D102


def made_walks(herd: Walkers) -> Walks:
    """Walks whose steps have the standard deviation `herd.speed` along each axis.

    A step is `persistence` of the one before and new chance (an autoregressive process), so its spread
    does not depend on the persistence. Animals turn at the border; visitors go on and come back.
    """
    rng = np.random.default_rng((herd.seed, 7))
    n, height, width = herd.animals, *herd.size
    low = np.full((n, 2), herd.body[0] / 2)
    high = np.array([width, height]) - low
    low[: herd.visitors] = -2 * herd.body[0]
    high[: herd.visitors] = np.array([width, height]) + 2 * herd.body[0]
    at = rng.uniform(herd.body[0] / 2, np.array([width, height]) - herd.body[0] / 2, (n, 2))
    step = rng.normal(0, herd.speed, (n, 2))
    angle = np.arctan2(step[:, 1], step[:, 0])
    places, angles = np.empty((herd.frames, n, 2)), np.empty((herd.frames, n))
    heading = step.copy()
    for index in range(herd.frames):
        places[index], angles[index] = at, angle
        chance = np.sqrt(1 - herd.persistence**2) * rng.normal(0, herd.speed, (n, 2))
        step = herd.persistence * step + chance
        drawn = herd.clumps * _DRAW * (np.array([width, height]) / 2 - at)
        at, step = _turned(at + step + drawn, step, low, high)
        heading = 0.8 * heading + 0.2 * step
        wanted = np.arctan2(heading[:, 1], heading[:, 0])
        angle = angle + np.clip((wanted - angle + np.pi) % (2 * np.pi) - np.pi, -_TURN, _TURN)
    return Walks(places, angles)


def _turned(
    at: npt.NDArray[np.float64],
    step: npt.NDArray[np.float64],
    low: npt.NDArray[np.float64],
    high: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Places and steps (n, 2), those that left `low` to `high` thrown back like light from a mirror."""
    span = np.maximum(high - low, 1e-9)
    folded = (at - low) % (2 * span)
    inside = low + np.where(folded > span, 2 * span - folded, folded)
    return inside, np.where((at < low) | (at > high), -step, step)
