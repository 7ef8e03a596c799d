"""How large a picture is, from the first bytes of its file."""

from io import BytesIO
from pathlib import Path
from typing import IO

from PIL import ExifTags, ImageOps, PngImagePlugin
from PIL import Image as Pillow

from figureground.datasets.archive import safe_name
from figureground.datasets.dataset import Dataset
from figureground.datasets.pictures import PictureFiles
from figureground.errors import InputError
from figureground.stills import picture_errors

TURNED = (5, 6, 7, 8)  # EXIF orientations that swap width and height
_SIGNATURE = 8  # bytes of a PNG file before its first chunk


def picture_size(path: str | Path, *, data: bytes | None = None) -> tuple[int, int]:
    """(h, w) of the picture as `read_still` gives it, upright; its pixels are not decoded.

    Args:
        path: the file.
        data: the file's content, where it does not lie on disk; `path` is then only its name.

    Raises:
        InputError: it is missing, or no picture. Damage further down in the file is not seen.
    """
    with picture_errors(path), Pillow.open(path if data is None else BytesIO(data)) as file:
        width, height = file.size
        if file.format == "TIFF":  # whether Pillow has turned it by now depends on its version
            width, height = ImageOps.exif_transpose(file).size if _turned(file) else file.size
        elif _turned(file):
            width, height = height, width
        return height, width


def dataset_sizes(dataset: Dataset) -> list[tuple[int, int]]:
    """(h, w) of each picture, from its file where the dataset does not tell.

    Raises:
        InputError: a file that is needed is missing, or no picture.
    """
    sizes = [picture.size for picture in dataset.pictures]
    if all(min(size) > 0 for size in sizes):
        return sizes
    with PictureFiles(dataset) as files:
        return [
            size if min(size) > 0 else picture_size(picture.file_name, data=files.data(picture))
            for size, picture in zip(sizes, dataset.pictures, strict=True)
        ]


def find_size(folder: Path, name: str) -> tuple[int, int] | None:
    """(h, w) of the picture `name` below `folder`; None where there is none.

    Raises:
        InputError: it is no picture.
    """
    try:
        path = folder / safe_name(name)
        if not path.is_file():
            return None
    except (InputError, OSError, ValueError):
        return None
    return picture_size(path)


def _turned(file: Pillow.Image) -> bool:
    if isinstance(file, PngImagePlugin.PngImageFile) and file.fp and not _has_late_text(file.fp):
        exif = Pillow.Image.getexif(file)  # the class's own would decode all pixels, to look behind them
    else:
        exif = file.getexif()
    return exif.get(ExifTags.Base.Orientation) in TURNED


def _has_late_text(file: IO[bytes]) -> bool:
    """Whether a PNG file has chunks behind its pixels that may hold an orientation."""
    file.seek(_SIGNATURE)
    pixels = False
    while len(head := file.read(8)) == 8 and head[4:] != b"IEND":
        pixels |= head[4:] == b"IDAT"
        if pixels and head[4:] in (b"eXIf", b"zTXt", b"iTXt", b"tEXt"):
            return True
        file.seek(int.from_bytes(head[:4], "big") + 4, 1)
    return False
