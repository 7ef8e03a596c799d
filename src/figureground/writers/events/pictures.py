"""The picture of a moment: the frame with the zone and the figure outlined."""

import re
from pathlib import Path

import cv2
import numpy as np

from figureground.errors import OutputError
from figureground.files import output_errors, written
from figureground.frames import Frame, Image
from figureground.instances import Instances
from figureground.render import overlay
from figureground.writers.pictures import picture_to_bytes
from figureground.zones.events import Event, event_to_text
from figureground.zones.picture import draw_zones, write_text
from figureground.zones.zonefile import Zones


class MomentPictures:
    """Pictures of events in the folder `folder`, one for each, numbered in their order.

    Raises:
        OutputError: it holds pictures already, and neither `overwrite` nor `append` is given.
    """

    def __init__(self, folder: str | Path, *, overwrite: bool = False, append: bool = False) -> None:
        self.folder = Path(folder)
        with output_errors(folder):
            if self.folder.exists() and not self.folder.is_dir():
                raise OutputError(f"{folder}: is a file, and a folder of pictures is to be written")
            there = sorted(self.folder.glob("[0-9]*_*.jpg")) if self.folder.exists() else []
            if there and not (overwrite or append):
                raise OutputError(
                    f"{folder}: holds pictures already; --append adds to them, --overwrite replaces them"
                )
            if overwrite:
                for path in there:
                    path.unlink()
        numbers = [int(path.name.partition("_")[0]) for path in there] if append else []
        self._next = max(numbers, default=-1) + 1

    def add(self, event: Event, frame: Frame, found: Instances, zones: Zones, clock: str = "") -> str:
        """Write the picture of `event`, seen on `frame` with the figures `found`; its name."""
        zone = re.sub(r"\W+", "_", event.zone).strip("_") or "zone"
        name = f"{self._next:06}_{zone}_{event.kind}.jpg"
        data = picture_to_bytes(moment_picture(event, frame, found, zones, clock), ".jpg")
        with written(self.folder / name) as part:
            part.write_bytes(data)
        self._next += 1
        return name


def moment_picture(event: Event, frame: Frame, found: Instances, zones: Zones, clock: str = "") -> Image:
    """(h, w, 3) uint8 RGB: `frame` with the zone, the figure of `event` outlined, and what happened."""
    doer = found.select(np.flatnonzero(found.ids == event.id))
    picture = overlay(frame.image, doer, named=False)
    picture = draw_zones(picture, zones, only=event.zone)
    if frame.index == event.at.frame:
        x, y = round(event.point[0]), round(event.point[1])
        size = max(4, round(max(frame.size) / 120))
        cv2.drawMarker(picture, (x, y), (255, 255, 255), cv2.MARKER_CROSS, 2 * size, max(1, size // 4))
    when = clock or f"{float(event.at.time):.2f} s"
    return write_text(picture, f"{when}  {event_to_text(event)}")
