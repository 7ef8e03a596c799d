"""Tracks: the figures of a whole video in long form, one row for each figure in each frame."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Protocol

import cv2
import numpy as np
import numpy.typing as npt

from figureground.instances import Crop, FloatArray, Instances, IntArray
from figureground.tracks.outlines import Outlines

PointArray = npt.NDArray[np.float64]


class Moment(Protocol):
    """What is needed of a frame: its index and its exact time. A Frame is one, and a Stamp."""

    @property
    def index(self) -> int:
        """Counts the frames of the whole source from 0."""
        ...

    @property
    def time(self) -> Fraction:
        """Exact seconds."""
        ...


@dataclass(frozen=True, slots=True)
class Stamp:
    """A frame without its picture.

    Attributes:
        index: counts the frames of the whole source from 0.
        time: exact seconds.
    """

    index: int
    time: Fraction


@dataclass(frozen=True)
class TrackInfo:
    """What tracks were made from, and how.

    Attributes:
        video: name of the video, as the user gave it.
        size: (h, w) of its frames in pixels.
        rate: frames a second, None where it varies or is not known.
        sha256: of the video file, in hexadecimal; empty where it is not known.
        classes: names that labels index.
        made_by: what made the tracks: program, version, command.
        settings: of the segmenter and the tracker; fit for JSON.
    """

    video: str
    size: tuple[int, int]
    rate: Fraction | None = None
    sha256: str = ""
    classes: tuple[str, ...] = ("figure",)
    made_by: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Tracks:
    """The n figures of the f frames of a video, as columns, in order of frame and id.

    Pixel (0, 0) covers 0 to 1 in x and y, in boxes and in centroids: its centre is (0.5, 0.5). The columns
    are not to be changed. No id comes twice in a frame. A figure of which only the box is known has an
    empty mask, area 0, and the box's centre as centroid.

    Attributes:
        info: the video, and what made this.
        frames: (f,) int64, the indices of all frames that were looked at, rising; also those without figures.
        times: (f, 2) int64, numerator and denominator of each frame's exact time in seconds.
        frame: (n,) int64, the index of the frame of each figure.
        id: (n,) int64, 0 or more: who it is.
        label: (n,) int64, index into `info.classes`.
        score: (n,) float32 in 0..1.
        boxes: (n, 4) float32 x1 y1 x2 y2, half-open, pixels.
        centroids: (n, 2) float64 x y in pixels: the mean of the centres of the mask's pixels.
        area: (n,) int64, pixels of the mask.
        masks: n Crops, made from run lengths when they are asked for.

    Raises:
        ValueError: columns do not fit each other, are not in order, or hold numbers that make no sense.

    Example:
        >>> mask = np.zeros((5, 7), bool); mask[1:3, 2:6] = True
        >>> found = Instances.from_dense([mask], ids=[4])
        >>> tracks = Tracks.from_instances([(Stamp(0, Fraction(0)), found)], TrackInfo("a.mp4", (5, 7)))
        >>> len(tracks), tracks.ids.tolist(), tracks.centroids.tolist(), tracks.at(0).boxes.tolist()
        (1, [4], [[4.0, 2.0]], [[2.0, 1.0, 6.0, 3.0]])
    """

    info: TrackInfo
    frames: IntArray
    times: IntArray
    frame: IntArray
    id: IntArray
    label: IntArray
    score: FloatArray
    boxes: FloatArray
    centroids: PointArray
    area: IntArray
    masks: Outlines

    def __post_init__(self) -> None:
        f, n = len(self.frames), len(self.frame)
        for name, (dtype, shape) in _COLUMNS.items():
            column: npt.NDArray[Any] = np.asarray(getattr(self, name), dtype)
            rows = f if name in ("frames", "times") else n
            if column.shape != (rows, *shape):
                raise ValueError(f"{name} must have shape {(rows, *shape)}, got {column.shape}")
            object.__setattr__(self, name, column)
        if len(self.masks) != n or self.masks.size != self.info.size:
            raise ValueError(
                f"there must be {n} masks in a frame of {self.info.size},"
                f" got {len(self.masks)} in {self.masks.size}"
            )
        self._check_order()
        self._check_values()

    def _check_order(self) -> None:
        if not (np.diff(self.frames) > 0).all() or self.frames[:1].min(initial=0) < 0:
            raise ValueError("the indices of the frames must rise from 0 or more")
        step, turn = np.diff(self.frame), np.diff(self.id)
        wrong = np.flatnonzero((step < 0) | ((step == 0) & (turn <= 0)))
        if len(wrong):
            row = int(wrong[0]) + 1
            came = f"id {self.id[row]} in frame {self.frame[row]}"
            before = f"id {self.id[row - 1]} in frame {self.frame[row - 1]}"
            raise ValueError(f"figures must come by frame and id, none twice; got {came} after {before}")
        known = np.append(self.frames, -1)[np.searchsorted(self.frames, self.frame)] == self.frame
        if not known.all():
            raise ValueError(f"frame {self.frame[~known][0]} has figures, but is not among the frames")

    def _check_values(self) -> None:
        fair = {
            "times must have denominators of 1 or more": self.times[:, 1] > 0,
            "ids must be 0 or more": self.id >= 0,
            f"labels must be below {len(self.info.classes)}, the number of classes": (self.label >= 0)
            & (self.label < len(self.info.classes)),
            "scores must be in 0..1": (self.score >= 0) & (self.score <= 1),
            "boxes must be numbers": np.isfinite(self.boxes).all(1),
            "centroids must be numbers": np.isfinite(self.centroids).all(1),
            f"areas must be 0 to {self.info.size} pixels": (self.area >= 0)
            & (self.area <= self.info.size[0] * self.info.size[1]),
        }
        for rule, holds in fair.items():
            if not holds.all():
                raise ValueError(f"{rule}; number {int(np.argmin(holds))} is not")

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def ids(self) -> IntArray:
        """Every id there is, once, rising."""
        return np.unique(self.id)

    def time(self, frame: int) -> Fraction:
        """The exact time in seconds of the frame with the index `frame`.

        Raises:
            KeyError: the frame was not looked at.
        """
        numerator, denominator = self.times[self._place(frame)].tolist()
        return Fraction(numerator, denominator)

    @property
    def seconds(self) -> PointArray:
        """(f,) float64: the times of the frames in seconds, rounded as floats are."""
        return np.asarray(self.times[:, 0] / self.times[:, 1], np.float64)

    def at(self, frame: int) -> Instances:
        """The figures of the frame with the index `frame`, with their ids.

        Raises:
            KeyError: the frame was not looked at.
            InputError: an outline is damaged.
        """
        self._place(frame)
        first, last = np.searchsorted(self.frame, [frame, frame + 1]).tolist()
        rows = slice(first, last)
        return Instances(
            self.info.size,
            tuple(self.masks[row] for row in range(first, last)),
            boxes=self.boxes[rows],
            scores=self.score[rows],
            labels=self.label[rows],
            ids=self.id[rows],
        )

    def of(self, identity: int) -> "Tracks":
        """One figure's rows; all frames stay known. No rows where there is no such id."""
        return self.select(self.id == identity)

    def select(self, rows: npt.ArrayLike) -> "Tracks":
        """Those figures that `rows` names: bool (n,), or rising integers; all frames stay known."""
        index = np.asarray(rows)
        index = np.flatnonzero(index) if index.dtype == bool else index.astype(np.int64)
        columns = {name: getattr(self, name)[index] for name in _FIGURE_COLUMNS}
        return replace(self, **columns, masks=self.masks.take(index))

    def between(self, start: int, stop: int) -> "Tracks":
        """The frames with indices from `start` to before `stop`, and their figures."""
        known = (self.frames >= start) & (self.frames < stop)
        part = self.select((self.frame >= start) & (self.frame < stop))
        return replace(part, frames=self.frames[known], times=self.times[known])

    def _place(self, frame: int) -> int:
        place = int(np.searchsorted(self.frames, frame))
        if place == len(self.frames) or self.frames[place] != frame:
            raise KeyError(frame)
        return place

    @classmethod
    def from_instances(cls, found: Iterable[tuple[Moment, Instances]], info: TrackInfo) -> "Tracks":
        """From each frame's figures, in order; those without an id (-1) are left out.

        Raises:
            ValueError: an id comes twice in a frame, or frames are not in order.
        """
        return cls.joined([_frame_tracks(moment, one, info) for moment, one in found], info)

    @classmethod
    def joined(cls, parts: "Sequence[Tracks]", info: TrackInfo) -> "Tracks":
        """The frames of all `parts`, one after the other; none is in two of them.

        Raises:
            ValueError: frames are not in order.
        """
        columns: dict[str, Any] = {}
        for name, (dtype, shape) in _COLUMNS.items():
            values = [np.zeros((0, *shape), dtype), *(getattr(part, name) for part in parts)]
            columns[name] = np.concatenate(values)
        return cls(info, **columns, masks=Outlines.joined([part.masks for part in parts], info.size))


_COLUMNS: dict[str, tuple[type, tuple[int, ...]]] = {
    "frames": (np.int64, ()),
    "times": (np.int64, (2,)),
    "frame": (np.int64, ()),
    "id": (np.int64, ()),
    "label": (np.int64, ()),
    "score": (np.float32, ()),
    "boxes": (np.float32, (4,)),
    "centroids": (np.float64, (2,)),
    "area": (np.int64, ()),
}
_FIGURE_COLUMNS = tuple(_COLUMNS)[2:]


def _frame_tracks(moment: Moment, found: Instances, info: TrackInfo) -> Tracks:
    """The Tracks of a single frame."""
    rows = np.argsort(found.ids, kind="stable")
    rows = rows[found.ids[rows] >= 0]
    crops = [found.masks[row] for row in rows]
    boxes = found.boxes[rows]
    area, centroids = crops_to_moments(crops, boxes)
    return Tracks(
        info,
        frames=np.array([moment.index]),
        times=np.array([moment.time.as_integer_ratio()]),
        frame=np.full(len(rows), moment.index),
        id=found.ids[rows],
        label=found.labels[rows],
        score=found.scores[rows],
        boxes=boxes,
        centroids=centroids,
        area=area,
        masks=Outlines.from_crops(crops, info.size),
    )


def crops_to_moments(crops: Sequence[Crop], boxes: FloatArray | PointArray) -> tuple[IntArray, PointArray]:
    """Area (n,) int64 and centroid (n, 2) float64 x y, in pixels; of an empty crop, the centre of its box.

    Example:
        >>> crops_to_moments([Crop(1, 2, np.ones((2, 4), bool))], np.zeros((1, 4), np.float32))
        (array([8]), array([[4., 2.]]))
    """
    area = np.zeros(len(crops), np.int64)
    centroids = (boxes[:, :2].astype(np.float64) + boxes[:, 2:]) / 2
    for row, crop in enumerate(crops):
        moments = cv2.moments(np.ascontiguousarray(crop.mask).view(np.uint8), binaryImage=True)
        if pixels := moments["m00"]:
            area[row] = pixels
            x, y = moments["m10"] / pixels, moments["m01"] / pixels
            centroids[row] = x + crop.x0 + 0.5, y + crop.y0 + 0.5
    return area, centroids
