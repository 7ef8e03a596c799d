"""What examples are asked for, checked once."""

from dataclasses import dataclass
from typing import Literal

from figureground.errors import OptionError

BACKGROUNDS = "black", "white", "keep"
INTERACTIONS = "basic", "advanced"
_LEAST, _MOST = 3, 1000


@dataclass(frozen=True, slots=True)
class Settings:
    """How examples are made.

    Attributes:
        length: frames in a window, 3 to 1000.
        every: a window ends at each frame whose index is a multiple of this; 0 stands for `length`, so
            that windows do not overlap.
        background: what is outside of the figures in animations: "black", "white", or "keep" for the scene.
        body_parts: 0 to 255 puts inner contours into the pattern pictures, where they move: pixels whose
            standard deviation over the window is less than this are left out; None for none.
        interactive: "" (each figure alone), "basic" (all figures together), or "advanced" (each figure, with
            those near it).
        social_distance: near is less than this many times the side of a figure; 0 is any distance.

    Raises:
        OptionError: a value makes no sense, or does not go with another.
    """

    length: int = 15
    every: int = 0
    background: Literal["black", "white", "keep"] = "black"
    body_parts: int | None = None
    interactive: Literal["", "basic", "advanced"] = ""
    social_distance: int = 0

    def __post_init__(self) -> None:
        if not _LEAST <= self.length <= _MOST:
            raise OptionError(f"length must be {_LEAST} to {_MOST} frames, got {self.length}")
        if self.every < 0:
            raise OptionError(f"every must be 1 frame or more, got {self.every}")
        if self.background not in BACKGROUNDS:
            raise OptionError(f"no background {self.background!r}; choose one of: {', '.join(BACKGROUNDS)}")
        if self.body_parts is not None and not 0 <= self.body_parts <= 255:
            raise OptionError(f"body parts must be 0 to 255, got {self.body_parts}")
        if self.interactive and self.interactive not in INTERACTIONS:
            choices = ", ".join(INTERACTIONS)
            raise OptionError(f"no interactive mode {self.interactive!r}; choose one of: {choices}")
        if self.social_distance < 0:
            raise OptionError(f"social distance must be 0 or more, got {self.social_distance}")
        if self.social_distance and self.interactive != "advanced":
            raise OptionError("social distance goes with interactive advanced only")

    @property
    def step(self) -> int:
        """Frames between the ends of two windows."""
        return self.every or self.length
