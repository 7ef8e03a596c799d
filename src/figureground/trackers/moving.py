"""How figures move: where one is expected next and how far off that may be, learned from the video."""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from figureground.trackers.figures import Float64

_KEEPS = 0.7  # share of its speed that a figure keeps from frame to frame, before anything is known
_STEP = 0.25  # of the root of its area: how far a figure commonly steps, before anything is known
_PRIOR, _MEMORY = 10.0, 3000.0  # steps that this counts for, and that the movement is learned from
_OWN, _OWN_MEMORY = 12.0, 60.0  # the same for each figure's own pace, with that of all as what is known
_SLOWEST = 0.25  # of the variance of all figures' steps: none is expected to be calmer
_FASTEST = 3.0  # standard deviations of a step that a figure goes at most, frame after frame
_LEAP = 1.5  # of the root of its area: as far it can be elsewhere at once, by the way it is cut
_JITTER = 0.02  # of the root of its area: how far the middle of a mask is off


@dataclass(slots=True)
class State:
    """Kalman's filter of one figure: place and speed, in pixels and pixels a frame.

    Both axes have the same covariance, so it is held once: of the place, of place and speed, of the speed.
    """

    x: float
    y: float
    noise: float
    vx: float = 0.0
    vy: float = 0.0
    pp: float = 0.0
    pv: float = 0.0
    vv: float = 0.0
    own: float = 0.0
    weight: float = 0.0
    sx: float = 0.0
    sy: float = 0.0
    seen_x: float = 0.0
    seen_y: float = 0.0
    steps: int = 0

    def __post_init__(self) -> None:
        self.pp = self.noise
        self.seen_x, self.seen_y = self.x, self.y

    def hidden_at(self, x: float, y: float, area: float) -> None:
        """It is somewhere behind a figure of `area` pixels around (x, y)."""
        self.x, self.y, self.vx, self.vy = x, y, 0.0, 0.0
        self.pp, self.pv, self.steps = area / 8, 0.0, 0

    def moved_by(self, dx: float, dy: float) -> None:
        """The camera moved: everything is elsewhere in the frame."""
        self.x, self.y = self.x + dx, self.y + dy
        self.seen_x, self.seen_y = self.seen_x + dx, self.seen_y + dy


class Movement:
    """How the figures of a video move, learned as it goes.

    A step is a share of the one before and chance (an autoregressive process of first order): the share
    is near 1 for animals that glide and 0 for a random walk, where the constant speed that trackers
    commonly expect would be wrong. Both numbers come from the steps' variance and from their covariance
    with the step before. The filter is that of Kalman, A new approach to linear filtering and prediction
    problems, 1960.
    """

    def __init__(self, area: float) -> None:
        step = _STEP**2 * max(area, 1.0)
        self._weight = _PRIOR
        self._variance = _PRIOR * step
        self._lagged = _PRIOR * _KEEPS * step

    @property
    def variance(self) -> float:
        """Pixels squared: of the steps of all figures along one axis."""
        return max(self._variance / self._weight, 1e-3)

    @property
    def keeps(self) -> float:
        """Share of its step that a figure keeps, 0 to 0.98."""
        return min(0.98, max(0.0, self._lagged / max(self._variance, 1e-9)))

    def predict(self, state: State) -> None:
        """Move `state` on by one frame."""
        keeps = self.keeps
        chance = self._pace(state, self.variance) * (1 - keeps**2)
        state.x, state.y = state.x + keeps * state.vx, state.y + keeps * state.vy
        state.vx, state.vy = keeps * state.vx, keeps * state.vy
        cross, speed = keeps * state.pv, keeps**2 * state.vv
        state.pp += 2 * cross + speed + chance
        state.pv = cross + speed + chance
        state.vv = speed + chance

    def reach(self, area: Float64 | float, frames: Float64 | float) -> Float64:
        """Pixels that figures of `area` pixels can have gone in so many frames, not more; both (n,) or one.

        Who turns at every step gets as far as the root of their number.
        """
        strides = np.minimum(frames, np.sqrt(np.asarray(frames) * (1 + self.keeps) / (1 - self.keeps)))
        leap = _LEAP * np.sqrt(np.maximum(area, 1.0))
        return np.asarray(leap + _FASTEST * sqrt(self.variance) * strides)

    def _pace(self, state: State, usual: float) -> float:
        """Variance of this figure's steps: its own where it is known, that of all where not."""
        known = (_OWN * usual + state.own) / (_OWN + state.weight)
        return max(known, _SLOWEST * usual)

    def see(self, state: State, x: float, y: float, noise: float, *, sure: bool = True) -> None:
        """Correct `state` by the place (x, y) where the figure was found.

        Args:
            state: as predicted for this frame.
            x: pixels.
            y: pixels.
            noise: variance of the place, pixels squared.
            sure: whether the movement can be learned from it; not where figures hide each other.
        """
        whole = state.pp + noise
        gain, speed_gain = state.pp / whole, state.pv / whole
        off_x, off_y = x - state.x, y - state.y
        state.x, state.y = state.x + gain * off_x, state.y + gain * off_y
        state.vx, state.vy = state.vx + speed_gain * off_x, state.vy + speed_gain * off_y
        state.vv -= speed_gain * state.pv
        state.pv *= 1 - gain
        state.pp *= 1 - gain
        if sure:
            self._learn(state, x, y, noise)
        else:
            state.steps = 0

    def _learn(self, state: State, x: float, y: float, noise: float) -> None:
        """Take in the step since the last frame; `steps` counts the sure sightings without a gap."""
        sx, sy = x - state.seen_x, y - state.seen_y
        if state.steps >= 1:
            square = max(0.0, (sx * sx + sy * sy) / 2 - 2 * noise)
            state.own, state.weight = state.own + square, state.weight + 1
            if state.weight > _OWN_MEMORY:
                state.own, state.weight = state.own / 2, state.weight / 2
            if state.steps >= 2:
                self._variance += square
                self._lagged += (sx * state.sx + sy * state.sy) / 2 + noise
                self._weight += 1
                if self._weight > _MEMORY:
                    self._variance, self._lagged = self._variance / 2, self._lagged / 2
                    self._weight /= 2
            state.sx, state.sy = sx, sy
        state.seen_x, state.seen_y = x, y
        state.steps += 1


def jitter(area: float) -> float:
    """Variance of the middle of a mask of `area` pixels, along one axis, in pixels squared."""
    return 0.1 + _JITTER**2 * area
