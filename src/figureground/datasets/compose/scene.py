"""What the network learns from: scenes that show figures, and pairs of an empty scene and a frame."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from figureground.frames import Image
from figureground.instances import BoolArray

Depth = npt.NDArray[np.float32]


class View(NamedTuple):
    """What a scene shows at a moment, before any camera's noise.

    Attributes:
        image: (h, w, 3) uint8 RGB.
        mask: (h, w) bool, True on the figures; cast shadows are ground.
        depth: (h, w) float32, distance from the camera along its axis, divided by the largest of the
            empty scene: over 0, 1 at the furthest ground; NaN where not known.
    """

    image: Image
    mask: BoolArray
    depth: Depth


class Scene(Protocol):
    """An empty scene and figures that move in it; everything follows from the scene's seed."""

    @property
    def size(self) -> tuple[int, int]:
        """(h, w) in pixels."""

    @property
    def frames(self) -> int:
        """How many moments there are."""

    def empty(self) -> View:
        """The scene without figures."""

    def view(self, index: int) -> View:
        """The scene at a moment, 0 to frames - 1."""


@dataclass(frozen=True, eq=False)
class Pair:
    """One thing to learn: what the network is shown, and what it should say.

    Attributes:
        background: (h, w, 3) uint8 RGB: the empty scene, as the user or the estimate gives it.
        frame: (h, w, 3) uint8 RGB.
        noise: (h, w) float32, grey levels: see background.estimate.Background.noise.
        mask: (h, w) bool, True on the figures.
        depth: (h, w) float32 of the frame, as View has it; NaN where not known.
    """

    background: Image
    frame: Image
    noise: npt.NDArray[np.float32]
    mask: BoolArray
    depth: Depth
