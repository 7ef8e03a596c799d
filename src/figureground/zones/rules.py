"""How sure something must be before it is told."""

import math
from dataclasses import dataclass
from fractions import Fraction

from figureground.errors import OptionError
from figureground.zones.contact import By

MARGIN = 0.01
"""The margin without a word of the user: this share of the frame's diagonal."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What keeps one crossing one event.

    Attributes:
        settle: seconds that a figure must be on the other side of a border before it counts.
        margin: pixels by which it must be beyond a border to have left a zone or to have crossed a line, and
            that it must go to count as moving.
        memory: seconds after which one that is not seen any more has left; as long is waited until pieces of
            a figure count as figures, and until what stopped may move again.
        by: which point of a figure counts, its "feet" or its "middle".

    Raises:
        OptionError: a number is negative or not finite.
    """

    settle: Fraction = Fraction(1, 2)
    margin: float = 8.0
    memory: Fraction = Fraction(2)
    by: By = "feet"

    def __post_init__(self) -> None:
        if not (0 <= self.settle <= 3600 and 0 <= self.memory <= 3600):
            raise OptionError("settle and memory must be 0 to 3600 seconds")
        if not (math.isfinite(self.margin) and 0 <= self.margin <= 10_000):
            raise OptionError(f"margin must be 0 to 10000 pixels, got {self.margin}")
        if self.by not in ("feet", "middle"):
            raise OptionError(f"by must be feet or middle, got {self.by!r}")


def margin_for(size: tuple[int, int]) -> float:
    """The margin in pixels for frames of `size` (h, w) where the user says none.

    Example:
        >>> margin_for((300, 400))
        5.0
    """
    return MARGIN * math.hypot(*size)
