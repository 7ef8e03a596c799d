"""The ways that figures go: smooth, with pauses, through the picture or about in it."""

from typing import NamedTuple, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]

_FINE = 200  # points that a way is smoothed at
_RAMP = 0.03  # of the time: how long a figure takes to start and to stop
_CROSSES = 0.55  # chance that it comes in at one side and leaves at the other


class Way(NamedTuple):
    """Where a figure is at each of n moments.

    Attributes:
        at: (n, 2) x y, 0..1 in the picture, outside of it while the figure is away.
        angle: (n,) radians that it looks along, from x towards y.
        gone: (n,) how far it has gone, in sides of the picture: what drives its steps.
    """

    at: Floats
    angle: Floats
    gone: Floats


def made_way(
    frames: int, rest: float, rng: np.random.Generator, *, top: float = 0.0, body: float = 0.0
) -> Way:
    """A way through the field between the rows `top` and 1, with pauses.

    Args:
        frames: how many moments there are.
        rest: share of them that it stands still.
        rng: draws the way.
        top: the row, 0..1, above which it does not go.
        body: how large the figure is, in sides of the picture: large ones cross it, for one that moves
            by less than its size uncovers little of the ground.
    """
    crosses = rng.random() < max(_CROSSES, 2.5 * body)
    points = _crossing(rng, top, body) if crosses else _wandering(rng, top)
    fine = _smoothed(points)
    steps = np.linalg.norm(np.diff(fine, axis=0), axis=1)
    length = np.concatenate(([0.0], np.cumsum(steps)))
    gone = length[-1] * _progress(frames, rest, rng)
    at = np.stack([np.interp(gone, length, fine[:, axis]) for axis in range(2)], axis=1)
    ahead = np.gradient(fine, axis=0)
    angles = np.unwrap(np.arctan2(ahead[:, 1], ahead[:, 0]))
    return Way(at, np.interp(gone, length, angles), gone)


def sitting_way(frames: int, rng: np.random.Generator, *, top: float = 0.0) -> Way:
    """One place for two thirds of the time or more; then it walks off, or never does."""
    start = np.array([rng.uniform(0.1, 0.9), rng.uniform(top + 0.1 * (1 - top), 1)])
    angle = rng.uniform(-np.pi, np.pi)
    leaves = rng.uniform(0.66, 1.3)
    gone = np.maximum(0, np.linspace(0, 1, frames) - leaves) * 2
    at = start + gone[:, None] * np.array([np.cos(angle), np.sin(angle) * 0.3])
    return Way(at, np.full(frames, angle), gone)


def _crossing(rng: np.random.Generator, top: float, body: float) -> Floats:
    side = -rng.uniform(0.05, 0.25) - 0.5 * body
    x = np.linspace(side, 1 - side, 5) + np.r_[0, rng.uniform(-0.1, 0.1, 3), 0]
    y = rng.uniform(top, 1) + (1 - top) * np.cumsum(rng.uniform(-0.15, 0.15, 5))
    way = np.stack([x, y.clip(top, 1.1)], axis=1)
    return way[::-1] if rng.random() < 0.5 else way


def _wandering(rng: np.random.Generator, top: float) -> Floats:
    count = int(rng.integers(3, 8))
    spread = rng.uniform(0.25, 0.6)
    middle = rng.uniform([0.2, top + 0.2 * (1 - top)], [0.8, 1])
    offsets = rng.uniform(-spread, spread, (count, 2)) * [1, 1 - top]
    return np.asarray((middle + offsets).clip([0.02, top], [0.98, 1.05]))


def _smoothed(points: Floats) -> Floats:
    """(_FINE, 2): a line through about the points."""
    at = np.linspace(0, len(points) - 1, _FINE)
    line = np.stack([np.interp(at, np.arange(len(points)), points[:, axis]) for axis in range(2)], axis=1)
    sigma = 0.35 * _FINE / len(points)
    return np.asarray(cv2.GaussianBlur(line, (1, 0), 0.1, sigmaY=sigma, borderType=cv2.BORDER_REPLICATE))


def _progress(frames: int, rest: float, rng: np.random.Generator) -> Floats:
    """(frames,) from 0 to 1, never back: the share of the way that is gone."""
    fine = max(_FINE, frames)
    speed = np.ones(fine)
    pauses = int(rng.integers(1, 4)) if rest > 0 else 0
    shares = rng.dirichlet(np.ones(pauses)) * rest if pauses else np.empty(0)
    for share in shares:
        start = rng.uniform(0, 1 - share)
        speed[int(start * fine) : int((start + share) * fine)] = 0.0
    soft = cv2.GaussianBlur(speed[None], (0, 0), _RAMP * fine, borderType=cv2.BORDER_REPLICATE)[0]
    soft = np.where(soft < 0.08, 0.0, soft) + 1e-9
    total = np.cumsum(soft)
    return np.interp(
        np.linspace(0, 1, frames), np.linspace(0, 1, fine), (total - total[0]) / (total[-1] - total[0])
    )
