"""A suspicious place: what seems wrong there, and how much it matters."""

from dataclasses import dataclass

KINDS = {
    "swap": "two figures change places from one frame to the next",
    "size swap": "two figures meet, and part with each other's size",
    "broken": "a track ends, and another begins close by soon after",
    "jump": "a figure moves farther than it could",
    "birth": "a track begins away from the border",
    "death": "a track ends away from the border",
    "gap": "a track is away for long, and comes back",
    "flicker": "a figure is missing for a moment, or is there for a moment only",
    "overlap": "two figures cover each other",
    "count": "there are more or fewer figures than usual",
}
"""What is looked for, and in which words."""


@dataclass(frozen=True)
class Suspicion:
    """Something to look at.

    Attributes:
        kind: one of KINDS.
        frame: where it begins.
        last: the last frame of it.
        ids: who is concerned; nobody where only the number of figures is strange.
        text: what was seen, in words.
        doubt: 0 to 1, how strange it is.
        figures: how many figures (each counted once a frame) are wrong, if something is wrong.
        cure: what would mend it, as `figureground tracks correct` takes it; empty where that is not known.
    """

    kind: str
    frame: int
    last: int
    ids: tuple[int, ...]
    text: str
    doubt: float
    figures: int
    cure: str = ""

    @property
    def matters(self) -> float:
        """How much it matters: the figures that are wrong, times how strange it is."""
        return self.doubt * self.figures
