"""Instances: the figures of one frame. The one type that segmenters give and everything else takes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]


class Crop(NamedTuple):
    """A mask cut down to its figure.

    Attributes:
        y0: row of the crop's top edge in the frame, in pixels.
        x0: column of its left edge.
        mask: (h, w) bool, True on the figure.
    """

    y0: int
    x0: int
    mask: BoolArray

    @property
    def window(self) -> tuple[slice, slice]:
        """The crop's place in the frame, to index an array with."""
        h, w = self.mask.shape
        return slice(self.y0, self.y0 + h), slice(self.x0, self.x0 + w)


def tight_crop(mask: BoolArray, y0: int = 0, x0: int = 0) -> Crop:
    """Cut `mask` (h, w) down to its True pixels; an empty mask gives a crop of size (0, 0).

    Example:
        >>> tight_crop(np.eye(5, dtype=bool)[:, 1:4]).window
        (slice(1, 4, None), slice(0, 3, None))
    """
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not len(rows):
        return Crop(y0, x0, np.zeros((0, 0), bool))
    top, bottom, left, right = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
    return Crop(y0 + top, x0 + left, np.ascontiguousarray(mask[top:bottom, left:right]))


@dataclass(frozen=True, eq=False)
class Instances:
    """The n figures of one frame, as columns; checked once here, so nothing downstream checks again.

    Ground truth, prediction, track and correction are all this type. Columns that are not given are
    filled in: boxes from the masks, scores 1, labels 0, ids -1 (not tracked), depth NaN (not known).

    Attributes:
        size: (h, w) of the frame in pixels.
        masks: n Crops, each inside the frame.
        boxes: (n, 4) float32 x1 y1 x2 y2, half-open, pixels: the detector's own box.
        scores: (n,) float32 in 0..1; 1 for ground truth.
        labels: (n,) int64, index into the segmenter's classes.
        ids: (n,) int64, -1 where not tracked.
        depth: (n,) float32, relative; NaN where not known.
        depth_map: (h', w') float32, the whole frame's depth in fewer pixels; (0, 0) where not known.

    Raises:
        ValueError: a column has the wrong length or shape, or a mask leaves the frame.

    Example:
        >>> mask = np.zeros((5, 7), bool); mask[1:3, 2:6] = True
        >>> found = Instances.from_dense([mask])
        >>> len(found), found.boxes.tolist(), found.areas.tolist()
        (1, [[2.0, 1.0, 6.0, 3.0]], [8])
    """

    size: tuple[int, int]
    masks: tuple[Crop, ...] = ()
    boxes: FloatArray = field(default=None)  # type: ignore[arg-type]
    scores: FloatArray = field(default=None)  # type: ignore[arg-type]
    labels: IntArray = field(default=None)  # type: ignore[arg-type]
    ids: IntArray = field(default=None)  # type: ignore[arg-type]
    depth: FloatArray = field(default=None)  # type: ignore[arg-type]
    depth_map: FloatArray = field(default_factory=lambda: np.empty((0, 0), np.float32))

    def __post_init__(self) -> None:
        masks = tuple(self.masks)
        n = len(masks)
        self._set("masks", masks)
        for crop in masks:
            _check_crop(crop, self.size)
        self._set("boxes", _boxes(masks) if self.boxes is None else _column(self.boxes, np.float32, (n, 4)))
        for name, dtype, default in _COLUMNS:
            value = getattr(self, name)
            filled = np.full(n, default, dtype) if value is None else _column(value, dtype, (n,))
            self._set(name, filled)
        self._set("depth_map", np.asarray(self.depth_map, np.float32))
        if self.depth_map.ndim != 2:
            raise ValueError(f"Instances: a depth map must be (h, w), got {self.depth_map.shape}")

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    def __len__(self) -> int:
        return len(self.masks)

    @property
    def areas(self) -> IntArray:
        """(n,) int64, pixels of each mask."""
        return np.array([np.count_nonzero(crop.mask) for crop in self.masks], np.int64)

    @classmethod
    def empty(cls, size: tuple[int, int]) -> "Instances":
        """No figures in a frame of `size` (h, w)."""
        return cls(size)

    @classmethod
    def from_dense(cls, masks: Sequence[BoolArray] | BoolArray, **columns: Any) -> "Instances":
        """From n whole-frame masks (h, w) bool, at least one; empty ones are kept with a box of zeros.

        `columns` are the other attributes: boxes, scores, labels, ids, depth.
        """
        if not len(masks):
            raise ValueError("from_dense needs at least one mask; for none use Instances.empty(size)")
        height, width = np.shape(masks[0])
        return cls((height, width), tuple(tight_crop(np.asarray(mask, bool)) for mask in masks), **columns)

    def select(self, index: npt.ArrayLike | slice) -> "Instances":
        """Keep the figures that `index` names: bool (n,), integers, or a slice."""
        rows = np.arange(len(self))[index if isinstance(index, slice) else _row_index(index)]
        columns = {name: getattr(self, name)[rows] for name in ("boxes", *(c[0] for c in _COLUMNS))}
        masks = tuple(self.masks[i] for i in rows)
        return Instances(self.size, masks, depth_map=self.depth_map, **columns)

    def with_ids(self, ids: npt.ArrayLike) -> "Instances":
        """The same figures with `ids` (n,)."""
        columns = {name: getattr(self, name) for name in ("boxes", "scores", "labels", "depth", "depth_map")}
        return Instances(self.size, self.masks, ids=np.asarray(ids, np.int64), **columns)

    def dense(self) -> BoolArray:
        """(n, h, w) bool; large, so for tests and small pictures."""
        masks = np.zeros((len(self), *self.size), bool)
        for mask, crop in zip(masks, self.masks, strict=True):
            mask[crop.window] = crop.mask
        return masks

    def union(self) -> npt.NDArray[np.uint8]:
        """(h, w) uint8: 255 where any figure is, 0 elsewhere."""
        out = np.zeros(self.size, np.uint8)
        for crop in self.masks:
            out[crop.window][crop.mask] = 255
        return out


_COLUMNS: tuple[tuple[str, type, float], ...] = (
    ("scores", np.float32, 1.0),
    ("labels", np.int64, 0),
    ("ids", np.int64, -1),
    ("depth", np.float32, np.nan),
)


def _row_index(index: npt.ArrayLike) -> npt.NDArray[Any]:
    rows = np.asarray(index)
    return rows if rows.size or rows.dtype == bool else rows.astype(np.int64)


def _column(value: Any, dtype: type, shape: tuple[int, ...]) -> npt.NDArray[Any]:
    column: npt.NDArray[Any] = np.asarray(value, dtype)
    if column.shape != shape:
        raise ValueError(f"Instances: a column must have shape {shape}, got {column.shape}")
    return column


def _check_crop(crop: Crop, size: tuple[int, int]) -> None:
    if crop.mask.dtype != bool or crop.mask.ndim != 2:
        raise ValueError(f"Instances: a mask must be (h, w) bool, got {crop.mask.shape} {crop.mask.dtype}")
    h, w = crop.mask.shape
    if crop.y0 < 0 or crop.x0 < 0 or crop.y0 + h > size[0] or crop.x0 + w > size[1]:
        raise ValueError(f"Instances: a mask of {h} x {w} at ({crop.y0}, {crop.x0}) leaves the frame {size}")


def _boxes(masks: Iterable[Crop]) -> FloatArray:
    rows = [(c.x0, c.y0, c.x0 + c.mask.shape[1], c.y0 + c.mask.shape[0]) for c in masks]
    return np.array(rows, np.float32).reshape(-1, 4)
