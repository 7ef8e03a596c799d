"""The way that each figure took, as one picture."""

import cv2
import numpy as np
import numpy.typing as npt

from figureground.errors import InputError
from figureground.frames import Image
from figureground.render import figure_colour
from figureground.tracks import Tracks

NAMED = 60
"""Figures that get their number in the picture, those longest followed first."""
_SHIFT = 4  # OpenCV takes places in sixteenths of a pixel
_DIM = 0.45


def tracks_to_trails(tracks: Tracks, picture: Image | None = None, *, gap: int = 30) -> Image:
    """Each figure's way, as a line in its colour with its number at the end; (h, w, 3) uint8 RGB.

    Args:
        tracks: of a whole video.
        picture: (h, w, 3) uint8 RGB, such as a frame of the video, shown darker behind the lines; None is
            black.
        gap: frames that a line goes on for where its figure is not found; longer, and it is broken.

    Raises:
        InputError: the picture has another size than the video.

    Example:
        >>> from fractions import Fraction
        >>> from figureground.instances import Instances
        >>> from figureground.tracks import Stamp, TrackInfo
        >>> masks = np.zeros((2, 1, 9, 31), bool)
        >>> masks[0, 0, 4, 2], masks[1, 0, 4, 28] = True, True
        >>> rows = [(Stamp(i, Fraction(i)), Instances.from_dense(masks[i], ids=[3])) for i in (0, 1)]
        >>> trails = tracks_to_trails(Tracks.from_instances(rows, TrackInfo("a.mp4", (9, 31))))
        >>> bool(trails[4, 10].any()), bool(trails[0].any())
        (True, False)
    """
    height, width = tracks.info.size
    canvas = np.zeros((height, width, 3), np.uint8)
    if picture is not None:
        if picture.shape[:2] != tracks.info.size:
            tall, wide = picture.shape[:2]
            raise InputError(
                f"these are tracks of a video of {width} x {height} pixels ({tracks.info.video}),"
                f" and the picture has {wide} x {tall}"
            )
        canvas = np.asarray(cv2.convertScaleAbs(picture, alpha=_DIM), np.uint8)
    thick = max(1, round(max(height, width) / 900))
    order = np.argsort(tracks.id, kind="stable")
    ids, starts = np.unique(tracks.id[order], return_index=True)
    ways = dict(zip(ids.tolist(), np.split(order, starts[1:]), strict=True)) if len(ids) else {}
    for identity, rows in ways.items():
        _draw_way(canvas, tracks, rows, figure_colour(identity), thick, gap)
    longest = sorted(ways, key=lambda identity: (-len(ways[identity]), identity))[:NAMED]
    for identity in reversed(longest):
        _write_number(canvas, identity, tracks.centroids[ways[identity][-1]], thick)
    return canvas


def _draw_way(
    canvas: Image,
    tracks: Tracks,
    rows: npt.NDArray[np.intp],
    colour: tuple[int, int, int],
    thick: int,
    gap: int,
) -> None:
    """One figure's way; a place where it was found once is a dot."""
    frames = np.searchsorted(tracks.frames, tracks.frame[rows])
    places = np.rint((tracks.centroids[rows] - 0.5) * (1 << _SHIFT)).astype(np.int32)
    for part in np.split(places, np.flatnonzero(np.diff(frames) > gap) + 1):
        if len(part) == 1:
            x, y = part[0].tolist()
            cv2.circle(canvas, (x, y), thick << _SHIFT, colour, -1, cv2.LINE_AA, _SHIFT)
        else:
            cv2.polylines(canvas, [part], False, colour, thick, cv2.LINE_AA, _SHIFT)


def _write_number(canvas: Image, identity: int, place: npt.NDArray[np.float64], thick: int) -> None:
    """The figure's number beside its last place, edged so that it can be read on its own line."""
    height, width = canvas.shape[:2]
    scale = max(0.35, max(height, width) / 2500)
    text, font = str(identity), cv2.FONT_HERSHEY_SIMPLEX
    (wide, tall), _ = cv2.getTextSize(text, font, scale, thick)
    x = int(np.clip(place[0] + 2 * thick, 0, max(0, width - wide)))
    y = int(np.clip(place[1] + tall / 2, tall, max(tall, height - 1)))
    centre = round(float(place[0]) - 0.5), round(float(place[1]) - 0.5)
    cv2.circle(canvas, centre, 2 * thick, (255, 255, 255), -1, cv2.LINE_AA)
    cv2.putText(canvas, text, (x, y), font, scale, (0, 0, 0), 3 * thick, cv2.LINE_AA)
    cv2.putText(canvas, text, (x, y), font, scale, figure_colour(identity), thick, cv2.LINE_AA)
