"""Track files of DynamicBackgroundRemoval: a pickle with torch's tensors, read without torch or harm.

{'animals': {id: {'frame_number': [int], 'boxes': [tensor (4)], 'scores': [tensor (1)], 'contours': [tuple of
(N, 1, 2), x y from the box's corner], ...}}, 'video_info': {'filename', 'fps', 'width', 'height'}}
"""

import math
import re
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from figureground.errors import InputError
from figureground.instances import Crop, tight_crop
from figureground.pickles import Standin, read_plain_pickle
from figureground.tracks.footer import MOST_PIXELS
from figureground.tracks.formats.known import Known, Rows, rows_to_tracks
from figureground.tracks.tracks import Tracks

_LISTS = ("frame_number", "boxes", "scores", "contours")
_KINDS = {
    "Float": "<f4",
    "Double": "<f8",
    "Half": "<f2",
    "Long": "<i8",
    "Int": "<i4",
    "Short": "<i2",
    "Char": "<i1",
    "Byte": "<u1",
    "Bool": "?",
}
_SAVED = (
    re.compile(  # torch.save of one storage in its old form: what is saved, its key, and then the numbers
        rb"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19\..{1,400}?ctorch\n(\w{3,8})Storage\n.{1,200}?"
        rb"\x80\x02\]q\x00X.\x00\x00\x00\d{1,40}q\x01a\.",
        re.DOTALL,
    )
)


def read_dynamic(path: Path, known: Known) -> Tracks:
    """Figures of a track file of DynamicBackgroundRemoval, with their outlines.

    Raises:
        InputError: it cannot be read, is damaged, holds something else, or wants to run something.
    """
    held = read_plain_pickle(path, "tracks", _MEANT)
    try:
        animals, about = held["animals"], held["video_info"]
        known = _known(about, known)
        columns = [_columns(identity, animal) for identity, animal in animals.items()]
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        wanted = "is no track file of DynamicBackgroundRemoval, or damaged"
        raise InputError(f"{path}: {wanted} ({str(error)[:200]})") from error
    frame, identity, score, boxes, contours = (
        [one for part in parts for one in part] for parts in _turned(columns)
    )
    size = known.size
    if size is None or not 0 < size[0] * size[1] <= MOST_PIXELS or min(size) < 1:
        raise InputError(f"{path}: says that frames have {size} pixels")

    def crop_of(row: int) -> Crop:
        try:
            return _crop(contours[row], boxes[row], size)
        except (TypeError, ValueError, OverflowError, cv2.error) as error:
            raise InputError(f"{path}: id {identity[row]}, frame {frame[row]}: contour: {error}") from error

    rows = Rows(frame, identity, boxes, score, np.zeros(len(frame)), crop_of=crop_of)
    return rows_to_tracks(rows, known, str(path))


def _known(about: Any, known: Known) -> Known:
    rate = known.rate
    if rate is None and float(about["fps"]) > 0:
        rate = Fraction(float(about["fps"])).limit_denominator(1001)
    size = known.size or (int(about["height"]), int(about["width"]))
    return Known(known.video or str(about["filename"])[:1000], size, rate)


def _columns(identity: Any, animal: Any) -> tuple[Sequence[Any], ...]:
    """Of one animal, a value for each of its frames: frame, id, score, box, contours."""
    lists = [animal[name] for name in _LISTS]
    if not all(isinstance(one, list) for one in lists) or len({len(one) for one in lists}) > 1:
        raise ValueError(f"animal {str(identity)[:20]}: {', '.join(_LISTS)} must be lists of one length")
    frame, boxes, scores, contours = lists
    corners = [np.asarray(box, np.float64).reshape(4).tolist() for box in boxes]
    return (
        [int(one) for one in frame],
        [int(identity)] * len(frame),
        [float(np.asarray(one, np.float64).reshape(1)[0]) for one in scores],
        corners,
        contours,
    )


def _turned(columns: list[tuple[Sequence[Any], ...]]) -> list[tuple[Sequence[Any], ...]]:
    return list(zip(*columns, strict=True)) if columns else [()] * 5


def _crop(contours: Any, box: Sequence[float], size: tuple[int, int]) -> Crop:
    """What the contours of one figure enclose, holes left out, as far as it is in the frame of `size`."""
    rings = [np.asarray(one, np.int64).reshape(-1, 2) for one in contours if len(one)]
    if not rings:
        return Crop(0, 0, np.zeros((0, 0), bool))
    rings = [ring + np.floor(np.array(box[:2])).astype(np.int64) for ring in rings]
    points = np.concatenate(rings)
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    if min(left, top) < -size[1] - size[0] or right > 2 * size[1] or bottom > 2 * size[0]:
        raise ValueError(f"reaches from ({left}, {top}) to ({right}, {bottom}), far out of the frame")
    drawn = np.zeros((int(bottom - top) + 1, int(right - left) + 1), np.uint8)
    cv2.drawContours(drawn, [(ring - (left, top)).astype(np.int32) for ring in rings], -1, 1, cv2.FILLED)
    y0, x0 = max(0, int(top)), max(0, int(left))
    inside = drawn[max(0, -int(top)) : size[0] - int(top), max(0, -int(left)) : size[1] - int(left)]
    crop = tight_crop(inside.astype(bool), y0, x0)
    return crop if crop.mask.size else Crop(0, 0, crop.mask)


class _Storage(Standin):
    """Stands for torch's storage: numbers in a row."""

    __slots__ = ("values",)

    def __init__(self, saved: Any) -> None:
        match = _SAVED.match(saved) if isinstance(saved, bytes) else None
        kind = _KINDS.get(match[1].decode("latin1")) if match else None
        if match is None or kind is None:
            raise InputError("holds a tensor that torch has stored in a way that is not known here")
        numbers = saved[match.end() + 8 :]
        count = int.from_bytes(saved[match.end() : match.end() + 8], "little")
        if count * np.dtype(kind).itemsize != len(numbers):
            raise InputError("holds a tensor whose bytes do not fit its size")
        self.values = np.frombuffer(numbers, kind)


class _Tensor(Standin):
    """Stands for a tensor: a part of a storage."""

    __slots__ = ("given",)

    def __init__(self, storage: Any, offset: Any, size: Any, stride: Any, *_: object) -> None:
        self.given = storage, offset, size, stride

    def made(self) -> npt.NDArray[Any]:
        """The numbers as an array; none is taken from beside the storage."""
        storage, offset, size, stride = self.given
        whole = (offset, *size, *stride)
        if not isinstance(storage, _Storage) or not all(isinstance(one, int) and one >= 0 for one in whole):
            raise InputError("holds a tensor that is none")
        values, last = (
            storage.values,
            offset + sum((n - 1) * step for n, step in zip(size, stride, strict=True)),
        )
        if math.prod(size) > len(values) or (math.prod(size) and last >= len(values)):
            raise InputError("holds a tensor that is larger than what is stored of it")
        steps = [step * values.itemsize for step in stride]
        return np.lib.stride_tricks.as_strided(values[offset:], size, steps).copy()


_MEANT = {("torch._utils", "_rebuild_tensor_v2"): _Tensor, ("torch.storage", "_load_from_bytes"): _Storage}
