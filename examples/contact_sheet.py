"""A picture with frames of videos in one row and only their figures below: how cutting went, at a glance.

python examples/contact_sheet.py SHEET.jpg VIDEO...
"""

import sys
from pathlib import Path

import cv2
import numpy as np

from figureground import load_segmenter, open_source
from figureground.frames import Frame, Image
from figureground.instances import Instances
from figureground.render import on_colour

HEIGHT = 240  # pixels of each row
GAP = 4


def contact_sheet(videos: list[str], each: int = 2) -> Image:
    """(h, w, 3) uint8 RGB: `each` frames of every video, before above after."""
    return np.hstack([one for video in videos for one in before_after(video, each)])


def before_after(video: str, each: int) -> list[Image]:
    """A column for each of the `each` sampled frames in which the figures fill most."""
    source = open_source(video)
    segmenter = load_segmenter("background", source)
    pairs = [(frame, segmenter([frame])[0]) for frame in source.sample(6 * each)]
    fullest = sorted(pairs, key=lambda pair: -int(pair[1].areas.sum()))[:each]
    return [column(frame, found) for frame, found in sorted(fullest, key=lambda pair: pair[0].time)]


def column(frame: Frame, found: Instances) -> Image:
    """The frame above its figures: dark ones on white, bright ones on black."""
    shown = frame.image[found.union() > 0]
    ground = (255, 255, 255) if shown.size and shown.mean() < 100 else (0, 0, 0)
    rows = [frame.image, on_colour(frame.image, found, ground)]
    return np.vstack([np.pad(small(row), ((0, GAP), (0, GAP), (0, 0)), constant_values=255) for row in rows])


def small(image: Image) -> Image:
    """`image` at HEIGHT."""
    height, width = image.shape[:2]
    resized = cv2.resize(image, (round(width * HEIGHT / height), HEIGHT), interpolation=cv2.INTER_AREA)
    return np.asarray(resized, np.uint8)


if __name__ == "__main__":
    sheet = contact_sheet(sys.argv[2:])
    _, data = cv2.imencode(Path(sys.argv[1]).suffix, cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR))
    Path(sys.argv[1]).write_bytes(bytes(data))
