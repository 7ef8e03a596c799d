"""From a frame and its figures to the picture that a writer keeps, by the kind of result."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from figureground.frames import Frame
from figureground.instances import Instances
from figureground.render import covering, overlay, paint
from figureground.writers.pixels import Picture
from figureground.writers.plan import Plan

Painter: TypeAlias = Callable[[Frame, Instances], Picture]


def choose_painter(plan: Plan) -> Painter:
    """What to do with each frame; the picture has the frame's size."""
    if plan.kind == "masks":
        return lambda frame, found: found.union()
    if plan.kind == "overlay":
        return lambda frame, found: overlay(frame.image, found, plan.classes)
    ground = plan.ground
    if ground.image is not None:
        ground = replace(ground, image=covering(ground.image, plan.info.size))
    return lambda frame, found: paint(frame.image, found, ground, plan.feather)


def keeps_ground(plan: Plan) -> bool:
    """Whether all pictures are equal outside of the figures' windows."""
    return plan.kind == "cutout" and plan.ground.kind in ("colour", "image")
