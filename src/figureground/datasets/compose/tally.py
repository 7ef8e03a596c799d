"""Exact statistics of a set of pictures: sums of whole numbers, whatever their count."""

from typing import Any

import msgspec
import numpy as np

from figureground.datasets.compose.scene import Pair
from figureground.frames import Image


class Sums(msgspec.Struct):
    """Sums over the pixels of a set of pictures.

    Attributes:
        pixels: how many there are.
        total: of each channel, red, green and blue.
        squares: of each channel's squares.
    """

    pixels: int = 0
    total: list[int] = msgspec.field(default_factory=lambda: [0, 0, 0])
    squares: list[int] = msgspec.field(default_factory=lambda: [0, 0, 0])

    def add(self, image: Image) -> None:
        """Count `image` (h, w, 3) uint8 RGB."""
        levels = np.arange(256)
        self.pixels += image.shape[0] * image.shape[1]
        for channel in range(3):
            times = np.bincount(image[..., channel].ravel(), minlength=256)
            self.total[channel] += int(times @ levels)
            self.squares[channel] += int(times @ levels**2)

    def told(self) -> dict[str, list[float]]:
        """Mean and standard deviation of each channel, in grey levels; zeros where there are no pixels."""
        count = max(1, self.pixels)
        mean = [total / count for total in self.total]
        parts = zip(self.total, self.squares, strict=True)
        # whole numbers until the last step: nothing cancels
        spread = [((count * square - total * total) ** 0.5) / count for total, square in parts]
        return {"mean": mean, "std": spread}


class Tally(msgspec.Struct):
    """Statistics of pairs.

    Attributes:
        pairs: how many.
        frames: of their frames.
        backgrounds: of their backgrounds, each as often as it is in a pair.
        figure: pixels of figures.
        without: pairs that show no figure.
        depth: pixels whose depth is known.
    """

    pairs: int = 0
    frames: Sums = msgspec.field(default_factory=Sums)
    backgrounds: Sums = msgspec.field(default_factory=Sums)
    figure: int = 0
    without: int = 0
    depth: int = 0

    def add(self, pair: Pair) -> None:
        """Count `pair`."""
        self.pairs += 1
        self.frames.add(pair.frame)
        self.backgrounds.add(pair.background)
        area = int(np.count_nonzero(pair.mask))
        self.figure += area
        self.without += area == 0
        self.depth += int(np.count_nonzero(np.isfinite(pair.depth)))

    def told(self) -> dict[str, Any]:
        """What a reader wants to know."""
        pixels = max(1, self.frames.pixels)
        return {
            "pairs": self.pairs,
            "frames": self.frames.told(),
            "backgrounds": self.backgrounds.told(),
            "share_of_figure": self.figure / pixels,
            "share_of_known_depth": self.depth / pixels,
            "pairs_without_figure": self.without,
        }


def joined_tallies(parts: list[Tally]) -> Tally:
    """All of `parts` together."""
    out = Tally()
    for part in parts:
        out.pairs, out.figure = out.pairs + part.pairs, out.figure + part.figure
        out.without, out.depth = out.without + part.without, out.depth + part.depth
        for mine, its in ((out.frames, part.frames), (out.backgrounds, part.backgrounds)):
            mine.pixels += its.pixels
            mine.total = [a + b for a, b in zip(mine.total, its.total, strict=True)]
            mine.squares = [a + b for a, b in zip(mine.squares, its.squares, strict=True)]
    return out
