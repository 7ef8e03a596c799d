"""A picture with frames of videos in one row and only their figures below: how cutting went, at a glance.

python examples/contact_sheet.py SHEET.jpg VIDEO...
"""

import sys
from pathlib import Path

import cv2
import numpy as np

from figureground import load_segmenter, open_source
from figureground.frames import Frame, Image
from figureground.render import on_colour

HEIGHT = 240  # pixels of each row
GAP = 4


def contact_sheet(videos: list[str], each: int = 2) -> Image:
    """(h, w, 3) uint8 RGB: `each` frames of every video, before above after."""
    columns = [column for video in videos for column in before_after(video, each)]
    return np.hstack(
        [np.pad(column, ((0, 0), (GAP, GAP), (0, 0)), constant_values=255) for column in columns]
    )


def before_after(video: str, each: int) -> list[Image]:
    """A column for each frame: the frame, and its figures on black."""
    source = open_source(video)
    segmenter = load_segmenter("background", source)
    columns = []
    for frame in chosen(list(source.sample(5 * each)), each):
        (found,) = segmenter([frame])
        rows = [frame.image, on_colour(frame.image, found)]
        columns.append(np.vstack([np.pad(small(row), ((GAP, GAP), (0, 0), (0, 0))) for row in rows]))
    return columns


def chosen(frames: list[Frame], each: int) -> list[Frame]:
    """`each` of `frames`, evenly spread."""
    places = np.linspace(0, len(frames) - 1, each + 2)[1:-1]
    return [frames[place] for place in np.unique(places.round().astype(int))]


def small(image: Image) -> Image:
    """`image` at HEIGHT."""
    height, width = image.shape[:2]
    resized = cv2.resize(image, (round(width * HEIGHT / height), HEIGHT), interpolation=cv2.INTER_AREA)
    return np.asarray(resized, np.uint8)


if __name__ == "__main__":
    sheet = contact_sheet(sys.argv[2:])
    _, data = cv2.imencode(Path(sys.argv[1]).suffix, cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR))
    Path(sys.argv[1]).write_bytes(bytes(data))
