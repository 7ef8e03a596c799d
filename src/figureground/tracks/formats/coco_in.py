"""COCO json of a video, read: its figures say in `track_id` who they are."""

import re
from array import array
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import msgspec
import numpy as np
from pycocotools import mask as coco

from figureground.errors import InputError
from figureground.instances import Crop, IntArray
from figureground.masks import counts_to_crop, string_to_counts
from figureground.tracks.footer import MOST_FRAMES, MOST_PIXELS
from figureground.tracks.formats.known import Known, Rows, index_times, rows_to_tracks
from figureground.tracks.tracks import Tracks

_MOST_BYTES = 4 << 30
_FAR = 100_000.0  # pixels out of the frame that a point may lie; further out it is a fault, and costs time
_TICK = 1_000_000  # the finest part of a second that times in decimals mean
_NUMBER = re.compile(r"(\d{1,9})\.\w+$", re.ASCII)  # the frame's in a file's name

_Whole = Annotated[int, msgspec.Meta(ge=-(1 << 53), le=1 << 53)]
_Side = Annotated[int, msgspec.Meta(ge=1, le=MOST_PIXELS)]
_Index = Annotated[int, msgspec.Meta(ge=0, lt=MOST_FRAMES)]
_Ticks = Annotated[int, msgspec.Meta(ge=-(1 << 62), lt=1 << 62)]
_Clock = Annotated[int, msgspec.Meta(ge=1, lt=1 << 62)]


class _Video(msgspec.Struct):
    id: _Whole = 1
    name: str = ""
    sha256: str = ""
    rate: str = ""


class _Image(msgspec.Struct):
    id: _Whole
    height: _Side | None = None
    width: _Side | None = None
    file_name: str = ""
    video_id: _Whole = 1
    frame_id: _Index | None = None
    time: float | None = None
    exact_time: tuple[_Ticks, _Clock] | None = None


class _Category(msgspec.Struct):
    id: _Whole
    name: str


class _Runs(msgspec.Struct):
    size: tuple[_Side, _Side]
    counts: str | list[_Whole]


class _Attributes(msgspec.Struct):
    track_id: _Whole | None = None


class _Figure(msgspec.Struct):
    image_id: _Whole
    category_id: _Whole
    track_id: _Whole | None = None
    attributes: _Attributes | None = None  # where CVAT has it
    score: float = 1.0
    bbox: Annotated[list[float], msgspec.Meta(min_length=4, max_length=4)] | None = None
    segmentation: list[list[float]] | _Runs | None = None


class _File(msgspec.Struct):
    images: list[_Image]
    annotations: list[_Figure] = []
    categories: list[_Category] = []
    videos: list[_Video] = []


def read_coco(path: Path, known: Known) -> Tracks:
    """Figures of a COCO json of one video, with their outlines as run lengths or polygons.

    A frame's index is its image's `frame_id`; without any, the number at the end of the file name; where
    these do not tell images apart, the images count from 0 by their ids.

    Raises:
        InputError: it cannot be read, is damaged, holds several videos, or figures without a track_id.
    """
    held = _read(path)
    try:
        size, indices = _size(held.images, known), _indices(held.images)
        place = {image.id: index for image, index in zip(held.images, indices.tolist(), strict=True)}
        if len(place) < len(held.images):
            raise InputError("two images have the same id")
        rows = _rows(held, place, size)
        video = held.videos[0] if held.videos else _Video()
        rate = _rate(video.rate) or known.rate
        order = np.argsort(indices)
        stamps = indices[order], _times(held.images, indices, rate)[order]
    except InputError as error:
        raise InputError(f"{path}: {error}") from error

    def crop_of(row: int) -> Crop:
        try:
            return _crop(held.annotations[row], row, size)
        except InputError as error:
            raise InputError(f"{path}: {error}") from error

    found = Known(known.video or video.name[:1000], size, rate, video.sha256[:64])
    return rows_to_tracks(replace(rows, crop_of=crop_of), found, str(path), stamps)


def _read(path: Path) -> _File:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise InputError(f"{path}: is too large for tracks ({path.stat().st_size:,} bytes)")
        return msgspec.json.decode(path.read_bytes(), type=_File)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"{path}: is no COCO json of tracks ({str(error)[:200]})") from error


def _size(images: list[_Image], known: Known) -> tuple[int, int] | None:
    """(h, w) of all images; None where nothing tells it.

    Raises:
        InputError: they are of several videos or sizes, or too large.
    """
    if len({image.video_id for image in images}) > 1:
        raise InputError("holds several videos; tracks are of one, so take it apart by video_id")
    sizes = Counter((one.height, one.width) for one in images if one.height and one.width)
    if len(sizes) > 1:
        told = ", ".join(f"{width} x {height} pixels" for height, width in [*sizes][:3])
        raise InputError(f"has images of several sizes ({told}); tracks need frames of one size")
    for height, width in sizes:
        if height and width and height * width <= MOST_PIXELS:
            return height, width
        raise InputError(f"says that frames have {width} x {height} pixels")
    return known.size


def _indices(images: list[_Image]) -> IntArray:
    """(f,) int64: the index of each image's frame.

    Raises:
        InputError: two images are one frame.
    """
    given = [one.frame_id for one in images if one.frame_id is not None]
    if len(given) == len(images) and len({*given}) < len(given):
        index = Counter(given).most_common(1)[0][0]
        raise InputError(f"two images have the frame_id {index}")
    if len(given) < len(images):
        numbers = [_NUMBER.search(one.file_name) for one in images]
        given = [int(one[1]) for one in numbers if one and int(one[1]) < MOST_FRAMES]
    if len({*given}) < len(images):
        return np.argsort(np.argsort(np.array([one.id for one in images], np.int64), kind="stable"))
    return np.array(given, np.int64)


def _times(images: list[_Image], indices: IntArray, rate: Fraction | None) -> IntArray:
    """(f, 2) int64: the time of each image's frame, exact if the file says it so."""
    exact = [one.exact_time for one in images if one.exact_time is not None]
    if len(exact) < len(images):
        given = [one.time for one in images if one.time is not None and abs(one.time) < MOST_FRAMES]
        if rate is not None or len(given) < len(images):
            return index_times(indices, rate)
        exact = [Fraction(one).limit_denominator(_TICK).as_integer_ratio() for one in given]
    return np.array(exact, np.int64).reshape(-1, 2)


def _rate(text: str) -> Fraction | None:
    if not re.fullmatch(r"\d{1,9}(/[1-9]\d{0,8})?", text, re.ASCII):
        return None
    return Fraction(text) or None


def _rows(held: _File, place: dict[int, int], size: tuple[int, int] | None) -> Rows:
    """The figures, in the file's order; `place` gives the frame of each image.

    Raises:
        InputError: one has no track_id, image or category, or an outline that cannot be drawn.
    """
    categories = sorted(held.categories, key=lambda one: one.id)
    labels = {one.id: label for label, one in enumerate(categories)}
    columns = array("q"), array("q"), array("q")
    boxes = array("d")
    for number, one in enumerate(held.annotations):
        identity = one.track_id
        if identity is None and one.attributes is not None:
            identity = one.attributes.track_id
        if identity is None:
            raise InputError(f"annotation {number + 1} has no track_id; tracks need one in each")
        if one.image_id not in place or one.category_id not in labels:
            what = "category" if one.image_id in place else "image"
            raise InputError(
                f"annotation {number + 1} is of a{'n' * (what == 'image')} {what} that is not there"
            )
        for column, value in zip(
            columns, (place[one.image_id], identity, labels[one.category_id]), strict=True
        ):
            column.append(value)
        x, y, width, height = one.bbox or _box(_crop(one, number, size))
        boxes.extend((x, y, x + width, y + height))
    frame, ids, label = (np.frombuffer(column, np.int64) for column in columns)
    return Rows(
        frame,
        ids,
        np.frombuffer(boxes, np.float64),
        [one.score for one in held.annotations],
        label,
        tuple(one.name[:200] for one in categories) or ("figure",),
    )


def _crop(figure: _Figure, number: int, size: tuple[int, int] | None) -> Crop:
    """The mask of the figure with this number in the file; empty where only its box is known."""
    shape = figure.segmentation
    if not shape:
        return Crop(0, 0, np.zeros((0, 0), bool))
    try:
        if size is None:
            raise ValueError("no image tells its height and width, which outlines need; say it with --size")
        if isinstance(shape, list):
            return _drawn(shape, size)
        if shape.size != size:
            raise ValueError(f"is of an image of {shape.size} (h, w), this one is of {size}")
        counts = string_to_counts(shape.counts) if isinstance(shape.counts, str) else shape.counts
        return counts_to_crop(counts, size)
    except ValueError as error:
        raise InputError(f"annotation {number + 1}: its outline cannot be drawn: {error}") from error


def _drawn(polygons: list[list[float]], size: tuple[int, int]) -> Crop:
    """What polygons (x y x y ... in pixels) enclose together, as pycocotools draws it."""
    for polygon in polygons:
        if len(polygon) % 2 or len(polygon) < 6:
            raise ValueError(f"a polygon has {len(polygon)} numbers; it needs x and y of at least 3 points")
        if not np.abs(polygon).max() < _FAR:
            raise ValueError(f"a polygon has a point more than {_FAR:g} pixels outside of the frame")
    packed: dict[str, Any] = coco.merge(coco.frPyObjects(polygons, *size))
    return counts_to_crop(string_to_counts(packed["counts"]), size)


def _box(crop: Crop) -> tuple[int, int, int, int]:
    """x, y, width, height of a crop."""
    height, width = crop.mask.shape
    return crop.x0, crop.y0, width, height
