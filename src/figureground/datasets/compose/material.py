"""What a pair network learns from and is judged by: pairs, made or read by their number."""

from typing import Literal, Protocol

from figureground.datasets.compose.scene import Pair

Part = Literal["train", "test"]


class Material(Protocol):
    """Pairs in units, such as the pairs of one clip; the same number gives the same pairs in any process.

    No figure and no background of the part "train" is in the part "test".
    """

    def pairs(self, unit: int, part: Part) -> list[Pair]:
        """The pairs of a unit, 0 or more; of one clip, so they are alike."""

    def told(self) -> dict[str, str]:
        """What it is made of, with the licences, for the model's card."""
