"""One picture of a video with its exact time, and what is known of the video before it is read."""

from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Image: TypeAlias = npt.NDArray[np.uint8]
"""A picture: (h, w, 3) uint8 in the order red, green, blue."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture of a source.

    Attributes:
        image: (h, w, 3) uint8 RGB, after the source's rotation.
        index: counts the frames of the whole source from 0; with `--start` it does not begin at 0.
        time: exact seconds, `pts * time_base`; never computed from the index. For stills without a
            rate it is the index in seconds.
        name: file name of a still; empty for a frame of a video.
    """

    image: Image
    index: int
    time: Fraction
    name: str = ""

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.image.shape[0], self.image.shape[1]


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What is known of a source before its frames are read.

    Attributes:
        name: path, pattern or address as the user gave it.
        kind: "video", "stills" (a folder, a glob or one picture) or "camera".
        size: (h, w) in pixels after rotation; of the first picture where stills differ.
        rate: frames a second, None where it varies or is not known.
        count: how many frames, an estimate; None where it is not known.
        duration: seconds, an estimate; None where it is not known.
        time_base: every frame's time is a multiple of it.
        audio: whether there is sound.
    """

    name: str
    kind: str
    size: tuple[int, int]
    rate: Fraction | None
    count: int | None
    duration: Fraction | None
    time_base: Fraction
    audio: bool = False
