"""How figures move: smooth random ways with pauses, that keep to their area and out of what stands there."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from figureground.datasets.compose.rendered.figures import Pose

Doubles = npt.NDArray[np.float64]


class Area(NamedTuple):
    """Where figures walk.

    Attributes:
        centre: (2,) world units. half: (2,) half the extent.
        is_round: an ellipse instead of a rectangle.
        is_open: figures may leave it and come back.
        blocks: (n, 3) x, y and radius of what stands in the way.
    """

    centre: tuple[float, float]
    half: tuple[float, float]
    is_round: bool
    is_open: bool
    blocks: Doubles


class Way(NamedTuple):
    """Where a figure is at each of n moments: `place` (n, 2), `heading` (n,), `poses`, `present` (n,)."""

    place: Doubles
    heading: Doubles
    poses: tuple[Pose, ...]
    present: npt.NDArray[np.bool_]


def random_way(
    rng: np.random.Generator,
    area: Area,
    frames: int,
    length: float,
    width: float,
    restless: float,
    start: Doubles | None = None,
) -> Way:
    """A way of a figure `length` long and half `width` wide, from `start` (2,) or from anywhere."""
    speed = length * float(np.exp(rng.uniform(np.log(0.03), np.log(0.7))))
    go = _gait(rng, frames, restless)
    crosses = area.is_open and start is None and rng.random() < 0.4
    margin = length * 0.35 if not area.is_open else -length
    place, heading = _walk(rng, area, go * speed, margin, _entry(rng, area, crosses, start), width)
    gone = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(place, axis=0).T))]) / length
    turn = np.diff(np.unwrap(heading), prepend=heading[0])
    moving = np.hypot(*np.gradient(place, axis=0).T) if frames > 1 else np.zeros(1)
    bend = np.clip(_smooth(rng, frames, 6) * 0.6 + turn, -1, 1) * np.where(go > 0, 1.0, 0.7)
    wave = _frozen(_smooth(rng, frames, 5), go if rng.random() < 0.6 else np.ones(frames))
    bend = _frozen(bend, go if rng.random() < 0.6 else np.ones(frames))
    phase = gone + rng.uniform(0, 5)
    stride = np.clip(moving / (0.03 * length), 0, 1)
    poses = tuple(Pose(*(float(v) for v in row)) for row in zip(phase, bend, stride, wave, strict=True))
    return Way(place, heading, poses, _presence(rng, frames))


def _gait(rng: np.random.Generator, frames: int, restless: float) -> Doubles:
    """(n,) 0 where it stands, about 1 where it goes."""
    mode = rng.random()
    if mode < 0.15:
        return np.zeros(frames)
    go = np.exp(0.4 * _smooth(rng, frames, 4))
    if mode < 0.35:
        half = np.arange(frames) < frames / 2
        return go * (half if rng.random() < 0.5 else ~half)
    if rng.random() < restless:
        go *= _smooth(rng, frames, 3) > rng.uniform(-1, 0.3)
    return go


def _presence(rng: np.random.Generator, frames: int) -> npt.NDArray[np.bool_]:
    """(n,): put in or taken out in the middle, sometimes."""
    index, cut = np.arange(frames), int(rng.integers(0, frames))
    kind = rng.random()
    if kind < 0.08:
        return index >= cut
    return index < cut if kind < 0.16 else np.ones(frames, bool)


def _entry(
    rng: np.random.Generator, area: Area, crosses: bool, start: Doubles | None
) -> tuple[Doubles, float]:
    if start is not None:
        return start, float(rng.uniform(-np.pi, np.pi))
    angle, part = rng.uniform(-np.pi, np.pi), np.sqrt(rng.uniform(0, 0.9))
    way = np.array([np.cos(angle), np.sin(angle)])
    inside = part * way if area.is_round else rng.uniform(-0.9, 0.9, 2)
    if not crosses:
        return np.array(area.centre) + inside * area.half, float(rng.uniform(-np.pi, np.pi))
    outside = way * 1.25
    aim = (inside * 0.6 - outside) * area.half
    return np.array(area.centre) + outside * area.half, float(np.arctan2(aim[1], aim[0]))


def _walk(
    rng: np.random.Generator,
    area: Area,
    steps: Doubles,
    margin: float,
    entry: tuple[Doubles, float],
    width: float,
) -> tuple[Doubles, Doubles]:
    place, heading = entry
    wander = _smooth(rng, len(steps), 4) * rng.uniform(0.05, 0.8)
    places, headings = [], []
    for step, turn in zip(steps, wander, strict=True):
        if step > 0:
            heading += turn
            heading += _steer(area, place, heading, margin)
            place = place + step * np.array([np.cos(heading), np.sin(heading)])
        place = _pushed(area, place, margin, width)
        places.append(place)
        headings.append(heading)
    return np.array(places), np.array(headings)


def _steer(area: Area, place: Doubles, heading: float, margin: float) -> float:
    """How far to turn towards the middle, near the edge."""
    half = np.maximum(np.array(area.half) - margin, 1e-6)
    from_middle = (place - area.centre) / half
    out = np.hypot(*from_middle) if area.is_round else np.abs(from_middle).max()
    if out < 0.85:
        return 0.0
    home = np.arctan2(-from_middle[1], -from_middle[0])
    difference = (home - heading + np.pi) % (2 * np.pi) - np.pi
    return float(difference * min(1.0, (out - 0.85) * 2))


def _pushed(area: Area, place: Doubles, margin: float, width: float) -> Doubles:
    """`place`, moved back into the area and out of the blocks."""
    for x, y, radius in area.blocks:
        away = place - (x, y)
        distance = max(float(np.hypot(*away)), 1e-6)
        if distance < radius + width:
            place = np.array([x, y]) + away / distance * (radius + width)
    if area.is_open:
        return place
    half = np.maximum(np.array(area.half) - margin, 1e-6)
    offset = (place - area.centre) / half
    if area.is_round:
        offset = offset / max(1.0, float(np.hypot(*offset)))
    return np.array(area.centre) + np.clip(offset, -1, 1) * half


def _smooth(rng: np.random.Generator, frames: int, span: int) -> Doubles:
    """(n,) smooth noise in -1..1, one turn in about `span` frames."""
    knots = rng.uniform(-1, 1, frames // span + 3)
    at = np.arange(frames) / span + rng.uniform(0, 1)
    k = at.astype(np.int64)
    part = at - k
    part = part * part * (3 - 2 * part)
    return knots[k] * (1 - part) + knots[k + 1] * part


def _frozen(values: Doubles, go: Doubles) -> Doubles:
    """`values` that stop where `go` is 0."""
    moves = go > 0
    kept = np.maximum.accumulate(np.where(moves, np.arange(len(values)), 0))
    return values[kept]
