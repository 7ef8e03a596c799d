"""Empty scenes to put figures before: pictures, textures, and views into 360-degree panoramas."""

import functools
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image as Pillow

from figureground.datasets.compose.kept import MEMORY, Kept
from figureground.datasets.compose.scene import Depth
from figureground.errors import InputError
from figureground.frames import Image
from figureground.stills import picture_errors, read_still

Float32: TypeAlias = npt.NDArray[np.float32]

SIDE = 1536
"""Pixels of a picture's longer side that are kept at most."""

DEPTH_NAME = ".depth.png"
"""What the file of a picture's depth ends in: photo.jpg has photo.depth.png, see `read_depth`."""

_PICTURES = ".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"
_PANORAMA = ".hdr"
_LARGEST = 64_000_000  # pixels of a panorama
_RESOLUTION = re.compile(rb"\n\n[-+]Y (\d{1,7}) [-+]X (\d{1,7})\n")
_HEADER = 4096  # bytes in which a Radiance file must tell its size
_KEY = 0.2  # what the middle brightness of a view is mapped to, of 1
_ZOOM = 0.45, 1.0  # share of a picture that a crop of it takes
_FIELD = 55.0, 95.0  # degrees that a view into a panorama is wide
_TILT = 4.0, 38.0  # degrees that it looks down
_TILT_ABOVE = 50.0, 85.0
_HORIZON = -0.3, 0.45  # of the height: where the horizon of a picture may be


class Ground(NamedTuple):
    """An empty scene.

    Attributes:
        image: (h, w, 3) uint8 RGB.
        horizon: the row, in pixels, where the ground ends at infinity; may lie outside of the picture.
        depth: (h, w) float32 as View has it; NaN where not known.
    """

    image: Image
    horizon: float
    depth: Depth


class Panorama(NamedTuple):
    """All that is seen from a place.

    Attributes:
        light: (h, 2 h, 3) float32 RGB, linear; rows from straight up to straight down.
    """

    light: Float32


class Photo(NamedTuple):
    """A picture, with its depth where that is known.

    Attributes:
        image: (h, w, 3) uint8 RGB.
        depth: (h, w) float32 as View has it; None where nothing is known.
    """

    image: Image
    depth: Depth | None = None


class Backgrounds:
    """Places, each read when it is asked for, and kept in memory as long as there is room.

    Args:
        readers: a function a place, that reads it.
        names: where each comes from, for people.
        memory: bytes to keep.
    """

    def __init__(
        self, readers: Sequence[Callable[[], Photo | Panorama]], names: Sequence[str], memory: int = MEMORY
    ) -> None:
        self.readers = tuple(readers)
        self.names = tuple(names)
        self._kept = Kept(self._read, memory)

    def _read(self, number: int) -> tuple[Photo | Panorama, int]:
        place = self.readers[number]()
        return place, sum(one.nbytes for one in place if one is not None)

    def __len__(self) -> int:
        return len(self.readers)

    def __getitem__(self, number: int) -> Photo | Panorama:
        """The whole place.

        Raises:
            InputError: its file is damaged.
            IndexError: there are not so many.
        """
        if not 0 <= number < len(self):
            raise IndexError(f"there are {len(self)} backgrounds, so none has the number {number}")
        return self._kept[number]

    def view(
        self, number: int, size: tuple[int, int], rng: np.random.Generator, *, above: bool = False
    ) -> Ground:
        """A part of place `number`, of `size` (h, w): another one each time, as `rng` has it.

        Args:
            number: of the place.
            size: (h, w) in pixels.
            rng: chooses the part, and whether it is mirrored.
            above: the camera looks down, so that there is no horizon.
        """
        place = self[number]
        if isinstance(place, Panorama):
            return view_of_panorama(place, size, rng, above=above)
        return crop_of_photo(place, size, rng, above=above)

    def __reduce__(self) -> tuple[object, ...]:  # what is kept does not travel to other processes
        return Backgrounds, (self.readers, self.names)


def open_backgrounds(paths: str | Path | Iterable[str | Path]) -> Backgrounds:
    """The pictures and panoramas (.hdr) at `paths`: files, and folders with all that is in them, by name.

    Raises:
        InputError: a path cannot be read, or there is no picture.
    """
    given = [Path(paths)] if isinstance(paths, str | Path) else [Path(path) for path in paths]
    files = [file for path in given for file in _files(path)]
    if not files:
        raise InputError(
            f"{', '.join(map(str, given))}: has no pictures ({', '.join((*_PICTURES, _PANORAMA))})"
        )
    return Backgrounds([functools.partial(read_place, file) for file in files], [str(file) for file in files])


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise InputError(f"{path}: there is no such file or folder")
    kinds = (*_PICTURES, _PANORAMA)
    return sorted(
        one
        for one in path.rglob("*")
        if one.suffix.lower() in kinds and not one.name.endswith(DEPTH_NAME) and one.is_file()
    )


def read_place(file: str | Path) -> Photo | Panorama:
    """A panorama (.hdr), or any other picture with its depth if there is a file of it.

    Raises:
        InputError: a file is damaged.
    """
    file = Path(file)
    if file.suffix.lower() == _PANORAMA:
        return read_panorama(file)
    image = read_still(file)
    beside = file.with_name(file.stem + DEPTH_NAME)
    depth = read_depth(beside) if beside.is_file() else None
    if depth is not None and depth.shape != image.shape[:2]:
        depth = cv2.resize(depth, image.shape[1::-1], interpolation=cv2.INTER_NEAREST)
    scale = SIDE / max(image.shape[:2])
    if scale < 1:
        size = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA))
        depth = None if depth is None else cv2.resize(depth, size, interpolation=cv2.INTER_NEAREST)
    return Photo(image, depth)


def read_depth(file: str | Path) -> Depth:
    """The depth in a 16-bit grey PNG: 65535 is the furthest, 1.0, and 0 means not known.

    Raises:
        InputError: it is damaged, or has not 16 bits.
    """
    with picture_errors(file), Pillow.open(file) as picture:
        if not picture.mode.startswith("I"):
            raise InputError(
                f"{file}: a depth is a grey .png with 16 bits; this one has the mode {picture.mode}"
            )
        values = np.asarray(picture).astype(np.float32)
    return np.where(values > 0, values / 65535, np.nan).astype(np.float32)


def read_panorama(file: str | Path) -> Panorama:
    """A 360-degree picture in Radiance's format: (h, 2 h), the horizon in its middle row.

    Raises:
        InputError: it is missing, damaged, too large, or not twice as wide as high.
    """
    file = Path(file)
    try:
        data = file.read_bytes()
    except OSError as error:
        raise InputError(f"{file}: cannot be read: {error.strerror}") from error
    found = _RESOLUTION.search(data[:_HEADER])
    if found is None or not data.startswith(b"#?"):
        raise InputError(f"{file}: is no Radiance picture, or tells no size in its first lines")
    height, width = int(found[1]), int(found[2])
    if height * width > _LARGEST or height < 8 or not 1.9 < width / height < 2.1:
        raise InputError(
            f"{file}: a panorama is twice as wide as high and has at most {_LARGEST} pixels; "
            f"this one has {width} x {height}"
        )
    try:
        light = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise InputError(f"{file}: is damaged ({error.msg})") from error
    if light is None or light.shape != (height, width, 3):
        raise InputError(f"{file}: is damaged, or not of three colours")
    scale = 2 * SIDE / width
    if scale < 1:
        light = cv2.resize(light, (2 * SIDE, SIDE), interpolation=cv2.INTER_AREA)
    rgb = np.ascontiguousarray(light[..., ::-1], np.float32)
    return Panorama(np.nan_to_num(rgb, nan=0.0, posinf=65504.0, neginf=0.0).clip(0, 65504))


def view_of_panorama(
    panorama: Panorama, size: tuple[int, int], rng: np.random.Generator, *, above: bool = False
) -> Ground:
    """What a camera sees that stands in the middle of a panorama; its field, tilt and exposure are chance."""
    field, turn = np.deg2rad(rng.uniform(*_FIELD)), rng.uniform(-np.pi, np.pi)
    tilt = np.deg2rad(rng.uniform(*(_TILT_ABOVE if above else _TILT)))
    seen = perspective(panorama.light, size, field, turn, tilt)
    image = tone_mapped(seen, key=_KEY * rng.uniform(0.6, 1.5))
    if rng.random() < 0.5:
        image = np.ascontiguousarray(image[:, ::-1])
    focal = size[1] / 2 / np.tan(field / 2)
    horizon = size[0] / 2 - focal * np.tan(tilt)
    return Ground(image, float(horizon), np.full(size, np.nan, np.float32))


def perspective(light: Float32, size: tuple[int, int], field: float, turn: float, tilt: float) -> Float32:
    """(h, w, 3) float32: the view into the panorama `light`; angles in radians.

    Args:
        light: (h, 2 h, 3) float32.
        size: (h, w) in pixels of the view.
        field: how wide the view is.
        turn: to the right of the panorama's middle column.
        tilt: how far down the camera looks.
    """
    height, width = size
    focal = width / 2 / np.tan(field / 2)
    x, y = np.meshgrid(np.arange(width) + 0.5 - width / 2, np.arange(height) + 0.5 - height / 2)
    down = y * np.cos(tilt) + focal * np.sin(tilt)
    ahead = focal * np.cos(tilt) - y * np.sin(tilt)
    longitude = np.arctan2(x, ahead) + turn
    latitude = np.arctan2(down, np.hypot(x, ahead))
    rows, columns = light.shape[:2]
    map_x = ((longitude / (2 * np.pi) + 0.5) * columns - 0.5).astype(np.float32)
    map_y = ((latitude / np.pi + 0.5) * rows - 0.5).clip(0, rows - 1).astype(np.float32)
    return cv2.remap(light, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)


def tone_mapped(light: Float32, key: float = _KEY) -> Image:
    """`light` (h, w, 3) float32, linear, as uint8 RGB: its middle brightness becomes `key`, lights saturate.

    Example:
        >>> grey = np.full((3, 5, 3), 7.0, np.float32)
        >>> int(tone_mapped(grey, key=0.2)[0, 0, 0])  # (1 - exp(-0.2)) ** (1 / 2.2) of 255
        117
    """
    middle = max(1e-6, float(np.median(light.mean(axis=2))))
    shown = 1 - np.exp(-light * np.float32(key / middle))
    return (255 * shown ** np.float32(1 / 2.2)).round().clip(0, 255).astype(np.uint8)


def crop_of_photo(
    photo: Photo, size: tuple[int, int], rng: np.random.Generator, *, above: bool = False
) -> Ground:
    """A part of a picture, at most as large as it is; seen from above also turned by a quarter."""
    image, depth = photo
    height, width = size
    if above and rng.random() < 0.5:
        image, depth = np.rot90(image), None if depth is None else np.rot90(depth)
    fit = min(image.shape[0] / height, image.shape[1] / width) * rng.uniform(*_ZOOM)
    rows, columns = max(1, round(height * fit)), max(1, round(width * fit))
    top = int(rng.integers(image.shape[0] - rows + 1))
    left = int(rng.integers(image.shape[1] - columns + 1))
    window = slice(top, top + rows), slice(left, left + columns)
    way = cv2.INTER_AREA if fit > 1 else cv2.INTER_CUBIC
    part = cv2.resize(np.ascontiguousarray(image[window]), size[::-1], interpolation=way)
    far = np.full(size, np.nan, np.float32)
    if depth is not None:
        far = cv2.resize(np.ascontiguousarray(depth[window]), size[::-1], interpolation=cv2.INTER_NEAREST)
        far /= max(1e-6, float(np.nanmax(far))) if np.isfinite(far).any() else 1
    if rng.random() < 0.5:
        part, far = np.ascontiguousarray(part[:, ::-1]), np.ascontiguousarray(far[:, ::-1])
    return Ground(part, float(rng.uniform(*_HORIZON)) * height, far)
