"""From a frame and its figures to the picture that a writer keeps, by the kind of result."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

import numpy.typing as npt

from figureground.frames import Frame
from figureground.instances import Instances
from figureground.render import covering, overlay, paint
from figureground.writers.depth import coloured_depth, depth_levels
from figureground.writers.plan import Plan

Painter: TypeAlias = Callable[[Frame, Instances], npt.NDArray[Any]]
"""Gives a Picture, or levels of depth (h, w) uint16."""


def choose_painter(plan: Plan) -> Painter:
    """What to do with each frame; the picture has the frame's size."""
    if plan.kind == "masks":
        return lambda frame, found: found.union()
    if plan.kind == "depth":
        return depth_levels if keeps_levels(plan) else coloured_depth
    if plan.kind == "overlay":
        return lambda frame, found: overlay(frame.image, found, plan.classes)
    ground = plan.ground
    if ground.image is not None:
        ground = replace(ground, image=covering(ground.image, plan.info.size))
    return lambda frame, found: paint(frame.image, found, ground, plan.feather)


def keeps_levels(plan: Plan) -> bool:
    """Whether depth is kept as 16-bit levels: in pictures of PNG; a video shows it in colours."""
    return plan.folder or plan.path.suffix.lower() == ".png"


def keeps_ground(plan: Plan) -> bool:
    """Whether all pictures are equal outside of the figures' windows."""
    return plan.kind == "cutout" and plan.ground.kind in ("colour", "image")
