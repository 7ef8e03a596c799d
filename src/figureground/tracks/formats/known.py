"""What other tools' files do not say of the video, and how their boxes become Tracks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from figureground import __version__
from figureground.errors import InputError
from figureground.instances import Crop, IntArray
from figureground.tracks.footer import MOST_FRAMES, MOST_PIXELS
from figureground.tracks.outlines import Outlines, crop_to_text
from figureground.tracks.tracks import PointArray, TrackInfo, Tracks, crops_to_moments

_MOST_ID = 1 << 53


@dataclass(frozen=True)
class Known:
    """What is known of the video besides.

    Attributes:
        video: its name.
        size: (h, w) in pixels; None: as large as the figures need.
        rate: frames a second; None: not known, then frame i is at i seconds.
        sha256: of its file.
    """

    video: str = ""
    size: tuple[int, int] | None = None
    rate: Fraction | None = None
    sha256: str = ""

    def info(self, origin: str, size: tuple[int, int], classes: tuple[str, ...]) -> TrackInfo:
        """The TrackInfo of what is read from the file `origin`."""
        made_by = f"figureground {__version__} from {origin.replace(chr(92), '/').rpartition('/')[2]}"
        return TrackInfo(self.video, size, self.rate, self.sha256, classes, made_by)


@dataclass(frozen=True)
class Rows:
    """Figures as a file gives them, in any order.

    Attributes:
        frame: (n,) the index of each one's frame, from 0.
        id: (n,) who it is.
        boxes: (n, 4) x1 y1 x2 y2, half-open, pixels.
        score: (n,) those outside of 0..1 become 0 or 1.
        label: (n,) index into `classes`.
        classes: names that labels index.
        crop_of: gives the mask of the figure in a row; None where only boxes are known.
    """

    frame: npt.ArrayLike
    id: npt.ArrayLike
    boxes: npt.ArrayLike
    score: npt.ArrayLike
    label: npt.ArrayLike
    classes: tuple[str, ...] = ("figure",)
    crop_of: Callable[[int], Crop] | None = None


def rows_to_tracks(
    rows: Rows, known: Known, origin: str, stamps: tuple[IntArray, IntArray] | None = None
) -> Tracks:
    """Tracks of figures in any order.

    Args:
        rows: the figures.
        known: what else is known of the video.
        origin: the file they are from.
        stamps: (f,) indices of all frames, rising, and (f, 2) their times; without them all frames from 0 to
            the last one with a figure are known.

    Raises:
        InputError: numbers make no sense, or an id comes twice in a frame; the message begins with `origin`.
    """
    wanted = [np.asarray(one, np.float64) for one in (rows.frame, rows.id)]
    boxes = np.asarray(rows.boxes, np.float64).reshape(-1, 4)
    _check(wanted[0], wanted[1], boxes, origin)
    frame, identity = (one.astype(np.int64) for one in wanted)
    order = np.lexsort((identity, frame))
    frame, identity, boxes = frame[order], identity[order], boxes[order]
    again = (np.diff(frame) == 0) & (np.diff(identity) == 0)
    if again.any():
        row = int(again.argmax())
        raise InputError(f"{origin}: id {identity[row]} comes twice in frame {frame[row]} (counted from 0)")
    size = known.size or _least_size(boxes)
    if stamps is None:
        indices = np.arange(int(frame.max(initial=-1)) + 1)
        stamps = indices, index_times(indices, known.rate)
    texts, area, centroids = _outlined(rows.crop_of, order.tolist(), boxes, size)
    return Tracks(
        known.info(origin, size, rows.classes),
        frames=stamps[0],
        times=stamps[1],
        frame=frame,
        id=identity,
        label=np.asarray(rows.label, np.int64)[order],
        score=np.nan_to_num(np.asarray(rows.score, np.float32)[order], nan=1.0).clip(0, 1),
        boxes=boxes.astype(np.float32),
        centroids=centroids,
        area=area,
        masks=Outlines.from_texts(texts, size),
    )


def _outlined(
    crop_of: Callable[[int], Crop] | None,
    order: list[int],
    boxes: npt.NDArray[np.float64],
    size: tuple[int, int],
) -> tuple[list[bytes], IntArray, PointArray]:
    """Of each figure, in `order`: its outline, area and centroid; holds one mask at a time."""
    texts, area = [b""] * len(order), np.zeros(len(order), np.int64)
    centroids = (boxes[:, :2] + boxes[:, 2:]) / 2
    for place, row in enumerate(order if crop_of else ()):
        crop = crop_of(row)  # type: ignore[misc]
        texts[place] = crop_to_text(crop, size)
        area[place : place + 1], centroids[place : place + 1] = crops_to_moments(
            [crop], boxes[place : place + 1]
        )
    return texts, area, centroids


def index_times(indices: IntArray, rate: Fraction | None) -> IntArray:
    """(f, 2) int64: numerator and denominator of the times of frames at a constant rate.

    Example:
        >>> index_times(np.array([0, 1, 30]), Fraction(30000, 1001)).tolist()
        [[0, 1], [1001, 30000], [1001, 1000]]
    """
    over, under = (1, 1) if rate is None else rate.as_integer_ratio()
    shared = np.gcd(indices * under, over)
    return np.stack([indices * under // shared, over // shared], axis=1)


def _least_size(boxes: npt.NDArray[np.float64]) -> tuple[int, int]:
    width, height = np.ceil(boxes[:, 2:].max(axis=0, initial=1)).astype(int).tolist()
    return height, width


def _check(
    frame: npt.NDArray[np.float64],
    identity: npt.NDArray[np.float64],
    boxes: npt.NDArray[np.float64],
    origin: str,
) -> None:
    side = MOST_PIXELS**0.5
    rules = {
        f"frames must be whole numbers below {MOST_FRAMES:,}": (frame % 1 == 0)
        & (frame >= 0)
        & (frame < MOST_FRAMES),
        "ids must be whole numbers of 0 or more": (identity % 1 == 0)
        & (identity >= 0)
        & (identity < _MOST_ID),
        "boxes must be pixels of a frame": (np.abs(boxes) <= side).all(1),
        "boxes must have a width and a height of 0 or more": (boxes[:, 2:] >= boxes[:, :2]).all(1),
    }
    for rule, holds in rules.items():
        if not holds.all():
            row = int(np.argmin(holds))
            came = f"frame {frame[row]:g}, id {identity[row]:g}, box {boxes[row].tolist()}"
            raise InputError(f"{origin}: {rule}; figure {row + 1} in the file has {came}")


def text_lines_error(origin: str, line: int, wanted: str, came: Sequence[str] | str) -> InputError:
    """What is wrong with one line of a text file, in words."""
    shown = came if isinstance(came, str) else ",".join(came)
    return InputError(f"{origin}: line {line}: expected {wanted}, got {shown[:100]!r}")
