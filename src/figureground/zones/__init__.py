"""Zones that are drawn on the picture, and what figures do in them. Pure logic: no video."""

from figureground.zones.events import Event, Moment
from figureground.zones.rules import Rules, margin_for
from figureground.zones.watching import Watch
from figureground.zones.zonefile import Ground, Line, Zone, Zones, read_zones, whole_picture, write_zones

__all__ = [
    "Event",
    "Ground",
    "Line",
    "Moment",
    "Rules",
    "Watch",
    "Zone",
    "Zones",
    "margin_for",
    "read_zones",
    "whole_picture",
    "write_zones",
]
