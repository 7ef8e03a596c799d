"""Figures cut out of pictures, to be put before other scenes: from files with alpha, or of a Dataset."""

import functools
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple, overload

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image as Pillow
from PIL import ImageOps

from figureground.datasets.compose.kept import MEMORY, Kept
from figureground.datasets.dataset import Annotation, Dataset, Picture
from figureground.datasets.pictures import PictureFiles
from figureground.datasets.segmentation import annotation_to_crop
from figureground.errors import InputError
from figureground.frames import Image
from figureground.stills import picture_errors, read_still

SIDE = 512
"""Pixels of a cut-out's longer side at most: figures are smaller than this in what is composed."""

_LEAST = 100  # pixels that a figure must cover to be worth showing
_PICTURES = ".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"
_BROAD = 0.25  # of the picture's width: a figure that is as broad and ends at the lower border is cut off
_SOLID = 250  # an alpha that is nowhere lower is no cut-out


class Cutout(NamedTuple):
    """One figure, cut down to it.

    Attributes:
        image: (h, w, 3) uint8 RGB.
        alpha: (h, w) uint8: how much of each pixel the figure covers, 255 = all.
        cut: it was cut off at the lower border of its picture, as a portrait is.
    """

    image: Image
    alpha: npt.NDArray[np.uint8]
    cut: bool = False


class Cutouts(Sequence[Cutout]):
    """Cut-outs, each read when it is asked for, and kept in memory as long as there is room.

    Args:
        readers: a function a cut-out, that reads it.
        names: where each comes from, for people.
        memory: bytes to keep.
    """

    def __init__(
        self, readers: Sequence[Callable[[], Cutout]], names: Sequence[str], memory: int = MEMORY
    ) -> None:
        self.readers = tuple(readers)
        self.names = tuple(names)
        self._kept = Kept(self._read, memory)

    def _read(self, number: int) -> tuple[Cutout, int]:
        cutout = self.readers[number]()
        return cutout, cutout.image.nbytes + cutout.alpha.nbytes

    def __len__(self) -> int:
        return len(self.readers)

    @overload
    def __getitem__(self, index: int) -> Cutout: ...
    @overload
    def __getitem__(self, index: slice) -> "Cutouts": ...
    def __getitem__(self, index: int | slice) -> "Cutout | Cutouts":
        """One cut-out, or some of them as Cutouts.

        Raises:
            InputError: its file is damaged, or shows no figure.
            IndexError: there are not so many.
        """
        if isinstance(index, slice):
            return Cutouts(self.readers[index], self.names[index])
        if not -len(self) <= index < len(self):
            raise IndexError(f"there are {len(self)} cut-outs, so none has the number {index}")
        return self._kept[index % len(self)]

    def __add__(self, other: "Cutouts") -> "Cutouts":
        return Cutouts(self.readers + other.readers, self.names + other.names)

    def __reduce__(self) -> tuple[object, ...]:  # what is kept does not travel to other processes
        return Cutouts, (self.readers, self.names)


def open_cutouts(folder: str | Path) -> Cutouts:
    """The cut-outs in a folder and the folders in it, by name.

    A cut-out is a picture with alpha (png, webp, tiff); or a .jpg and, of the same name, a .png that shows
    in grey how much of each pixel is figure.

    Raises:
        InputError: the folder cannot be read, or has no cut-outs.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(f"{folder}: is no folder; give one with cut-outs (pictures with alpha)")
    files = sorted(one for one in folder.rglob("*") if one.suffix.lower() in _PICTURES and one.is_file())
    photos = {one.with_suffix(""): one for one in files if one.suffix.lower() in (".jpg", ".jpeg")}
    readers: list[Callable[[], Cutout]] = []
    names = []
    for file in files:
        if file.suffix.lower() in (".jpg", ".jpeg", ".bmp"):
            continue
        photo = photos.get(file.with_suffix(""))
        if photo is None and not _has_alpha(file):
            continue
        readers.append(functools.partial(read_cutout, file, photo))
        names.append(str(file))
    if not readers:
        raise InputError(
            f"{folder}: has no cut-outs: no .png with alpha, and no .jpg with a grey .png of the same name"
        )
    return Cutouts(readers, names)


def _has_alpha(file: Path) -> bool:
    with picture_errors(file), Pillow.open(file) as picture:
        return bool(picture.has_transparency_data)


def read_cutout(file: str | Path, photo: str | Path | None = None) -> Cutout:
    """The figure in the picture `file` with alpha; or in `photo`, of which `file` is the alpha in grey.

    Raises:
        InputError: a file is damaged, they differ in size, or there is no figure, or nothing but figure.
    """
    with picture_errors(file), Pillow.open(file) as picture:
        upright = ImageOps.exif_transpose(picture)
        if photo is None:
            rgba = np.asarray(upright.convert("RGBA"))
            image, alpha = np.ascontiguousarray(rgba[..., :3]), np.ascontiguousarray(rgba[..., 3])
        else:
            grey = upright.getchannel("A") if upright.mode in ("LA", "RGBA") else upright.convert("L")
            image, alpha = read_still(photo), np.asarray(grey)
    if image.shape[:2] != alpha.shape:
        raise InputError(f"{photo}: has the size {image.shape[:2]} (h, w), its alpha {file} {alpha.shape}")
    if alpha.min() >= _SOLID:
        raise InputError(f"{file}: its alpha is full everywhere, so nothing is cut out")
    return _cut(image, alpha, str(file))


def cutouts_of(dataset: Dataset, *, side: int = SIDE, least: int = 32) -> Cutouts:
    """The figures of a dataset, without crowds, those at the picture's border, and tiny ones.

    Figures at the border are cut off there, and would stand in the air with a straight edge.

    Args:
        dataset: with the pictures' files.
        side: pixels of the longer side at most.
        least: pixels that the longer side of a figure must have.

    Raises:
        InputError: there is no such figure.
    """
    readers: list[Callable[[], Cutout]] = []
    names = []
    groups = dataset.by_picture()
    for picture in dataset.pictures:
        for one in groups[picture.id]:
            if one.iscrowd or not _stands_free(one, picture, least):
                continue
            readers.append(functools.partial(_read_figure, dataset, picture, one, side))
            names.append(f"{picture.file_name}, annotation {one.id}")
    if not readers:
        raise InputError(
            f"{dataset.folder}: has no outlined figure that lies within its picture and has {least} pixels"
        )
    return Cutouts(readers, names)


def _stands_free(one: Annotation, picture: Picture, least: int) -> bool:
    box = one.bbox
    if not one.segmentation or box is None:
        return False
    x, y, width, height = box
    inside = x >= 1 and y >= 1
    if picture.width and picture.height:
        inside = inside and x + width <= picture.width - 1 and y + height <= picture.height - 1
    return inside and max(width, height) >= least


def _read_figure(dataset: Dataset, picture: Picture, one: Annotation, side: int) -> Cutout:
    with PictureFiles(dataset) as files:
        image = files.read(picture)
    crop = annotation_to_crop(one, (image.shape[0], image.shape[1]))
    alpha = np.zeros(image.shape[:2], np.uint8)
    alpha[crop.window][crop.mask] = 255
    return _cut(image, alpha, f"{picture.file_name}, annotation {one.id}", side)


def _cut(image: Image, alpha: npt.NDArray[np.uint8], name: str, side: int = SIDE) -> Cutout:
    """Cut down to the figure, and scaled to at most `side`."""
    x, y, width, height = cv2.boundingRect((alpha >= 128).view(np.uint8))
    if width * height < _LEAST:
        raise InputError(f"{name}: shows no figure: fewer than {_LEAST} pixels are covered")
    cut = y + height >= alpha.shape[0] - 1 and width >= _BROAD * alpha.shape[1]
    window = slice(max(0, y - 2), y + height + 2), slice(max(0, x - 2), x + width + 2)
    image, alpha = image[window], alpha[window]
    scale = side / max(alpha.shape)
    if scale < 1:
        size = max(2, round(alpha.shape[1] * scale)), max(2, round(alpha.shape[0] * scale))
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        alpha = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)
    return Cutout(np.ascontiguousarray(image), np.ascontiguousarray(alpha), cut)


def joined(parts: Iterable[Cutouts]) -> Cutouts:
    """All cut-outs of `parts`, one after another."""
    parts = list(parts)
    return Cutouts(
        [reader for part in parts for reader in part.readers],
        [name for part in parts for name in part.names],
    )
