"""The empty scene of a fixed camera, as the segmenters learn it that compare frames with it."""

import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np

from figureground.background.estimate import Background, fit_background
from figureground.errors import FiguregroundWarning, InputError, OptionError
from figureground.frames import Image
from figureground.stages import Source
from figureground.stills import read_still

_SPECK = 0.03  # of the typical figure's area: what is smaller is dropped
_SPECK_SHARE = 3e-5  # of the picture: what is smaller is dropped whatever the figures' size
_CHANGING = 0.4  # share of the picture that differs from the ground before a warning
_UNSETTLED = 0.5  # share of the picture before a warning
_MOVED = 0.08  # of the picture's side that the view travels before a warning


def learned_scene(
    source: Source, *, empty: str | Path | Image | None, min_area: float | None, samples: int
) -> Background:
    """Estimate the background of `source`, and warn where it cannot be had.

    Args:
        source: frames of one fixed camera.
        empty: the user's own picture of it, a file or (h, w, 3) uint8 RGB; the noise is still estimated.
        min_area: as the segmenter was told; only checked.
        samples: how many frames it is estimated from.

    Warns:
        FiguregroundWarning: the camera moves, or most of the picture changes: the result will be poor.

    Raises:
        InputError: there is no frame, or the empty scene cannot be read or has another size.
        OptionError: `samples` or `min_area` is too small.
    """
    if samples < 1 or (min_area is not None and min_area < 0):
        raise OptionError(f"samples must be 1 or more and min_area 0 or more, got {samples} and {min_area}")
    background = fit_background(source.sample(samples))
    if empty is not None:
        picture = empty if isinstance(empty, np.ndarray) else read_still(empty)
        background = with_picture(background, picture)
    for message in complaints(background):
        warnings.warn(message, FiguregroundWarning, stacklevel=3)
    return background


def complaints(background: Background) -> list[str]:
    """Why the background segmenter is the wrong tool for what `background` was estimated from, if it is."""
    side = min(background.picture.shape[:2])
    cure = "for a moving camera use a trained segmenter"
    if background.travel > _MOVED * side:
        moved = min(background.travel, max(background.picture.shape))
        return [f"the camera moves: over the sampled frames its view travels by {moved:.0f} pixels; {cure}"]
    if background.unsettled > _UNSETTLED:
        return [
            f"{background.unsettled:.0%} of the picture never keeps still: these are not frames of one fixed "
            f"scene, or figures fill it; {cure}"
        ]
    if background.changing > _CHANGING:
        return [
            f"{background.changing:.0%} of the picture differs from the estimated empty scene on average: "
            f"either the camera moves ({cure}), or figures fill it (give a picture of the empty scene)"
        ]
    return []


def with_picture(background: Background, picture: Image) -> Background:
    """`background` with the user's own picture of the empty scene (h, w, 3) uint8 RGB.

    Raises:
        InputError: the picture has another size.
    """
    expected = background.picture.shape
    if picture.shape[:2] != expected[:2]:
        came = picture.shape[:2]
        raise InputError(f"the empty scene must have the video's size {expected[:2]} (h, w); it has {came}")
    if picture.shape != expected or picture.dtype != np.uint8:
        raise InputError(
            f"the empty scene must be an array {expected} uint8, red green blue; "
            f"it is {picture.shape} {picture.dtype}"
        )
    return replace(background, picture=picture)


def least_area(background: Background) -> float:
    """Pixels below which a part is a speck and no figure, as learned from the video."""
    size = background.picture.shape[0] * background.picture.shape[1]
    return max(_SPECK * background.figure_area, _SPECK_SHARE * size)
