"""From decoded pictures to RGB as players show it: matrix, range, rotation, one size."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from av.buffer import Buffer
from av.video.frame import VideoFrame
from av.video.reformatter import Colorspace, VideoReformatter

from figureground.frames import Image

_UNTAGGED = 2  # AVCOL_SPC_UNSPECIFIED
_HD = 720  # rows from which untagged video is BT.709


@dataclass(frozen=True, slots=True)
class Turn:
    """How a picture is brought upright: first transposed, then mirrored."""

    transpose: bool = False
    flip_rows: bool = False
    flip_columns: bool = False

    def __call__(self, image: Image) -> Image:
        """`image` upright; itself where nothing is to do."""
        turned = cv2.transpose(image) if self.transpose else image
        if self.flip_rows or self.flip_columns:
            both = self.flip_rows and self.flip_columns
            turned = cv2.flip(turned, -1 if both else 0 if self.flip_rows else 1)
        return np.asarray(turned, np.uint8)


def read_turn(picture: VideoFrame) -> Turn:
    """How players turn `picture`, from its display matrix; angles between right ones are not turned.

    The matrix sends column x and row y to a * x + c * y and b * x + d * y (ISO 14496-12, 6.2.2).
    """
    a, b, c, d = _matrix(picture)
    if abs(a) + abs(d) >= abs(b) + abs(c):
        return Turn(False, d < 0, a < 0)
    return Turn(True, b < 0, c < 0)


def _matrix(picture: VideoFrame) -> tuple[int, int, int, int]:
    """a, b, c, d of the display matrix."""
    try:
        matrix = cast(Mapping[str, Buffer], picture.side_data)["DISPLAYMATRIX"]
    except KeyError:
        return 1, 0, 0, 1
    except ValueError:  # PyAV does not know some kinds of side data, and then gives none
        angle = np.deg2rad(picture.rotation)
        sine, cosine = round(np.sin(angle)), round(np.cos(angle))
        return cosine, -sine, sine, cosine
    a, b, _, c, d = np.frombuffer(bytes(matrix), np.int32)[:5].tolist()
    return a, b, c, d


class ToRGB:
    """Makes RGB arrays of decoded pictures, all of the size (h, w) that the first one has.

    Colours follow the tags of the picture. Where it has none, BT.709 is taken from 720 rows on, and
    BT.601 below. Transparency is left out. High dynamic range is not toned down.
    """

    def __init__(self, size: tuple[int, int], turn: Turn) -> None:
        self._size, self._turn = size, turn
        self._reformatter = VideoReformatter()

    def __call__(self, picture: VideoFrame) -> Image:
        """(h, w, 3) uint8, upright; its rows may have gaps between them in memory."""
        height, width = self._size
        untagged = picture.colorspace == _UNTAGGED
        rgb = self._reformatter.reformat(
            picture,
            width,
            height,
            "rgb24",
            src_colorspace=Colorspace.ITU709 if untagged and picture.height >= _HD else None,
            threads=1,
        )
        return self._turn(np.asarray(rgb.to_ndarray(), np.uint8))


def stored_size(picture: VideoFrame) -> tuple[int, int]:
    """(h, w) of `picture` before it is turned."""
    return picture.height, picture.width
