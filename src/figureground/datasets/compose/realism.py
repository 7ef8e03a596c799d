"""How far composed scenes and the camera before them vary."""

from dataclasses import dataclass, fields

import numpy as np

from figureground.errors import OptionError

Range = tuple[float, float]


@dataclass(frozen=True)
class Realism:
    """Ranges (least, most) that are drawn from evenly, and chances 0..1; one draw a clip unless said.

    The figures:

    Attributes:
        figures: how many there are, whole numbers.
        nobody: chance that there is none.
        above: chance that the camera looks straight down: figures turn freely and have one size.
        height: of a figure who stands at the lower border, as a share of the picture's height.
        length: of a figure seen from above, as a share of the picture's smaller side.
        rest: share of the time that a figure pauses.
        sits: chance that a figure keeps its place for the first two thirds of the time or longer.
        bend: how far a figure's outline bends as it moves, as a share of its height.
        shadow: darkness of cast shadows, of 1.
        shadowless: chance that there are no shadows.
        edge: softness of outlines, in pixels.
        match: how far colour and light of a figure are brought to those of the scene, of 1.
        camouflage: chance that a figure has the colours of the ground behind it.
        textured: chance that a figure is filled with a piece of another picture.
        plain: chance that a figure is nearly of one colour, such as black.
        waving: chance that regions of the ground move, as leaves and water do.
        wave: by how many pixels they move.

    The camera; frames and a clean background each get their own noise and JPEG:

    Attributes:
        blur: standard deviation in pixels.
        grain: noise at middle grey, in grey levels.
        coarse: how far the noise is smeared, in pixels: its grains.
        jpeg: quality.
        lossless: chance that nothing is packed as JPEG.
        gain: contrast; 1 leaves it.
        gamma: 1 leaves it.
        cast: how far the channels' gains differ.
        vignette: how much darker the corners are, of 1.
        flicker: standard deviation of the light from frame to frame, of 1.
        drift: by how much the light changes over the clip, of 1.
        switch: chance that the light changes at once by three times `drift`.
        shaking: chance that the camera shakes.
        shake: by how many pixels it does.

    The background that the frames are compared with:

    Attributes:
        samples: how many frames it is estimated from, whole numbers.
        few: chance that it is estimated from 2 to 8 only.
        clean: chance that it is a picture of the empty scene, taken at another time.
        offset: by how many pixels such a picture lies off.
        ghost: chance that a figure is left in it.
        unaligned: chance that it is not brought to the frame's light and shift.
    """

    figures: Range = (1, 5)
    nobody: float = 0.03
    above: float = 0.35
    height: Range = (0.2, 0.85)
    length: Range = (0.06, 0.35)
    rest: Range = (0.0, 0.5)
    sits: float = 0.06
    bend: Range = (0.0, 0.06)
    shadow: Range = (0.1, 0.55)
    shadowless: float = 0.25
    edge: Range = (0.4, 1.2)
    match: Range = (0.1, 0.8)
    camouflage: float = 0.15
    textured: float = 0.15
    plain: float = 0.15
    waving: float = 0.2
    wave: Range = (0.4, 2.5)

    blur: Range = (0.0, 1.0)
    grain: Range = (0.5, 6.0)
    coarse: Range = (0.0, 0.8)
    jpeg: Range = (35, 95)
    lossless: float = 0.3
    gain: Range = (0.75, 1.2)
    gamma: Range = (0.75, 1.3)
    cast: Range = (0.0, 0.06)
    vignette: Range = (0.0, 0.35)
    flicker: Range = (0.0, 0.012)
    drift: Range = (-0.08, 0.08)
    switch: float = 0.08
    shaking: float = 0.15
    shake: Range = (0.3, 3.0)

    samples: Range = (16, 26)
    few: float = 0.08
    clean: float = 0.15
    offset: Range = (0.0, 1.0)
    ghost: float = 0.1
    unaligned: float = 0.1

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            if isinstance(value, int | float):
                if not 0 <= value <= 1:
                    raise OptionError(f"{one.name} is a chance from 0 to 1, not {value}")
            elif len(value) != 2 or not value[0] <= value[1]:
                raise OptionError(f"{one.name} is a range (least, most), not {value}")


STILL_LIFE = Realism(
    above=0.0,
    sits=0.0,
    nobody=0.0,
    shadowless=1.0,
    camouflage=0.0,
    textured=0.0,
    plain=0.0,
    waving=0.0,
    match=(0.0, 0.0),
    blur=(0.0, 0.0),
    grain=(0.0, 0.0),
    lossless=1.0,
    gain=(1.0, 1.0),
    gamma=(1.0, 1.0),
    cast=(0.0, 0.0),
    vignette=(0.0, 0.0),
    flicker=(0.0, 0.0),
    drift=(0.0, 0.0),
    switch=0.0,
    shaking=0.0,
    few=0.0,
    clean=0.0,
    ghost=0.0,
)
"""Figures before scenes and nothing else: no camera's faults, no change of colour, no shadow."""


def drawn(span: Range, rng: np.random.Generator) -> float:
    """A number between the two of `span`."""
    return float(rng.uniform(*span))


def drawn_whole(span: Range, rng: np.random.Generator) -> int:
    """A whole number from the first to the second of `span`, each as likely."""
    return int(rng.integers(round(span[0]), round(span[1]) + 1))
