"""What is known of one figure that is followed, and how a new sighting changes it."""

from dataclasses import dataclass, field

import numpy as np

from figureground.instances import Crop
from figureground.trackers.figures import Float64, Measured, axes
from figureground.trackers.looks import Spread
from figureground.trackers.moving import Movement, State, jitter
from figureground.trackers.splitting import Body

_WHOLE = 0.75, 1.35  # of the usual area: a figure in between is seen whole and alone
_HIDDEN = 0.01  # of its area, as a variance: how far the middle of a half-hidden figure is off
_GROWS, _GROWS_SLOWLY = 0.1, 0.02  # share of a new area and shape that is taken over
_LOOK = 0.05  # share of a new look, once it is known
_GUESS = 0.3  # the same while it was never seen alone
_SPEED = 0.1  # of its area: variance of the speed of a figure that was seen once
_SURE = 3  # looks after a meeting before it is asked who is who


@dataclass(slots=True, eq=False)
class Known:
    """One figure that is followed.

    Attributes:
        id: its number; -1 until it is confirmed.
        label: its class.
        state: where it is and how it moves.
        crop: its last mask that showed it whole.
        area: pixels, as it commonly is.
        long: variance of its pixels along its body.
        short: the same across.
        angle: radians that it lies at.
        hits: frames it was found in.
        lost: frames since it was found.
        look: how it commonly looks, None before that is known.
        guess: the same for as long as it was never seen but near others or in one mask with them.
        guesses: how many looks went into that.
        looks: how many looks that is the mean of.
        recent: sum of the looks since it met another.
        recents: how many those are.
        met: the figures that it may have been taken for since.
    """

    id: int
    label: int
    state: State
    crop: Crop
    area: float
    long: float
    short: float
    angle: float
    hits: int = 1
    lost: int = 0
    look: Float64 | None = None
    guess: Float64 | None = None
    guesses: int = 0
    looks: int = 0
    recent: Float64 | None = None
    recents: int = 0
    met: list["Known"] = field(default_factory=list)

    @classmethod
    def first_seen(cls, crop: Crop, seen: Measured, at: int, label: int) -> "Known":
        """A figure that was not known before: the one at position `at` of `seen`, with its mask."""
        (x, y), area = seen.centres[at].tolist(), float(seen.areas[at])
        state = State(x, y, jitter(area), vv=_SPEED * area, steps=1)
        return cls(-1, label, state, crop, area, *axes(seen.spreads[at]))

    @property
    def likely(self) -> Float64 | None:
        """How it commonly looks, as well as that is known."""
        return self.guess if self.look is None else self.look

    def body(self) -> Body:
        """What is expected of it in a mask that it shares."""
        state = self.state
        return Body(state.x, state.y, self.area, self.long, self.short, self.angle, self.likely)

    def see(
        self,
        crop: Crop,
        seen: Measured,
        at: int,
        movement: Movement,
        *,
        alone: bool,
        certain: bool = True,
    ) -> bool:
        """Take in a sighting; the answer is whether it shows the figure whole and alone.

        Args:
            crop: its mask.
            seen: the measures that `at` is the position in.
            at: of its figure.
            movement: of all figures.
            alone: False for a piece of a mask of several.
            certain: False where another may hide in the mask, so that its size says nothing.
        """
        area = float(seen.areas[at])
        whole = alone and certain and _WHOLE[0] * self.area <= area <= _WHOLE[1] * self.area
        noise = jitter(area) + (0.0 if whole else _HIDDEN * self.area)
        x, y = seen.centres[at].tolist()
        movement.see(self.state, x, y, noise, sure=whole)
        long, short, self.angle = axes(seen.spreads[at])
        if alone and certain:
            share = _GROWS if whole else _GROWS_SLOWLY
            self.area += share * (area - self.area)
            self.long += share * (long - self.long)
            self.short += share * (short - self.short)
        if whole or (alone and self.crop.mask.size == 0):
            self.crop = crop
        self.hits, self.lost = self.hits + 1, 0
        return whole

    def meet(self, other: "Known") -> None:
        """From here on the two may have been taken for each other."""
        for one, two in ((self, other), (other, self)):
            one.recent, one.recents = None, 0
            if two not in one.met:
                one.met.append(two)

    def guess_look(self, look: Float64, share: float = _GUESS) -> None:
        """Take in how it may look, as far as that is to be seen of one who never was clearly alone."""
        self.guesses += 1
        before = look if self.guess is None else self.guess
        self.guess = before + max(share, 1 / self.guesses) * (look - before)

    def learn_look(self, look: Float64, spread: Spread) -> None:
        """Take in how it looks; after a meeting the looks are kept apart until it is clear who is who."""
        if self.met:
            self.recent = look if self.recent is None else self.recent + look
            self.recents += 1
            if self.look is None:
                self.guess_look(look, _LOOK)
        elif self.look is None:
            self.look, self.looks = look, 1
        else:
            if self.looks > 3:
                spread.learn(look - self.look)
            self.looks += 1
            self.look = self.look + max(_LOOK, 1 / self.looks) * (look - self.look)


def settle(tracks: list[Known], spread: Spread, movement: Movement, margin: float) -> None:
    """Give those who met each other's place where their looks say so.

    Three looks of each must say so by more than `margin` nats, a first one by three times as much. Two that
    are too far apart by now for one to have got to the other's place are left as they are.
    """
    pairs = [(one, two) for one in tracks for two in one.met if one.id < 0 or two.id < 0 or one.id < two.id]
    for (one, two), near in zip(pairs, _within_reach(pairs, movement), strict=True):
        if two.id < 0 or one.id < 0:
            _part(one, two)
            continue
        looks = min(one.recents, two.recents, _SURE)
        gain = _gain(one, two, spread) if looks else 0.0
        needed = margin * _SURE / max(1, looks)
        if gain > needed and near:
            exchange(one, two)
        if abs(gain) > needed or looks == _SURE or not near:
            _part(one, two)


def _within_reach(pairs: list[tuple[Known, Known]], movement: Movement) -> list[bool]:
    """Whether each of a pair can have got to the other's place in this frame."""
    rows = [
        (
            one.state.x - two.state.x,
            one.state.y - two.state.y,
            max(one.area, two.area),
            1 + max(one.lost, two.lost),
        )
        for one, two in pairs
    ]
    x, y, area, frames = np.array(rows, np.float64).reshape(-1, 4).T
    near: list[bool] = (np.hypot(x, y) <= movement.reach(area, frames)).tolist()
    return near


def _gain(one: Known, two: Known, spread: Spread) -> float:
    """Nats by which the two fit better with their places exchanged."""
    mine, its = one.likely, two.likely
    if mine is None or its is None or one.recent is None or two.recent is None:
        return 0.0
    seen, other = one.recent / one.recents, two.recent / two.recents
    keep = spread.cost(seen, mine) + spread.cost(other, its)
    return keep - spread.cost(seen, its) - spread.cost(other, mine)


def exchange(one: Known, two: Known) -> None:
    """Each was taken for the other: who they are and how they look changes places."""
    for name in ("id", "look", "looks", "guess", "guesses", "area", "long", "short"):
        mine, its = getattr(one, name), getattr(two, name)
        setattr(one, name, its)
        setattr(two, name, mine)


def _part(one: Known, two: Known) -> None:
    for a, b in ((one, two), (two, one)):
        if b in a.met:
            a.met.remove(b)
        if not a.met:
            a.recent, a.recents = None, 0
