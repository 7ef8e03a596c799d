"""One picture file as RGB, whatever its kind."""

import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image as Pillow
from PIL import ImageOps, UnidentifiedImageError

from figureground.errors import InputError
from figureground.frames import Image

_FAULTS = (  # what Pillow raises on damaged files
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    LookupError,
    TypeError,
    ArithmeticError,
    AttributeError,
    NotImplementedError,
    MemoryError,
    struct.error,
    zlib.error,
    Pillow.DecompressionBombError,
)
_NO_RANGE = ("I", "F")


def read_still(path: str | Path, page: int = 0, *, data: bytes | None = None) -> Image:
    """The picture `path` as (h, w, 3) uint8 RGB, upright.

    EXIF orientation is applied. Transparent pictures are laid on white. 16 bits are scaled by their
    range, 0..65535 to 0..255 (colour ones are rounded down), whatever part of it the picture uses. Of an
    animation the first picture is taken. Colour profiles are not applied.

    Args:
        path: the file; what it is, is told by its content, not by its name.
        page: counts from 0; for TIFF files with several.
        data: the file's content, where it does not lie on disk; `path` is then only its name.

    Raises:
        InputError: it is missing, damaged, too large, or no picture; or its values have no known range
            (32 bits).
    """
    with picture_errors(path), Pillow.open(path if data is None else BytesIO(data)) as file:
        if page:
            file.seek(page)
        if file.mode in _NO_RANGE:
            raise InputError(f"{path}: has 32 bits a pixel, with no known white; save it with 16 or 8")
        if file.mode.startswith("I;16"):
            return _from_16_bits(file)
        upright = ImageOps.exif_transpose(file)
        return np.asarray(_on_white(upright))


def count_pages(path: str | Path) -> int:
    """How many pictures a TIFF file holds; 1 for all other kinds.

    Raises:
        InputError: as `read_still`.
    """
    with picture_errors(path), Pillow.open(path) as file:
        return int(getattr(file, "n_frames", 1)) if file.format == "TIFF" else 1


def _from_16_bits(file: Pillow.Image) -> Image:
    upright = ImageOps.exif_transpose(file)
    values = np.asarray(upright).astype(np.uint32)
    grey = ((values * 255 + 32767) // 65535).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def _on_white(picture: Pillow.Image) -> Pillow.Image:
    """`picture` in the mode RGB."""
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    rgba = picture.convert("RGBA")
    white = Pillow.new("RGBA", rgba.size, "white")
    return Pillow.alpha_composite(white, rgba).convert("RGB")


@contextmanager
def picture_errors(path: str | Path) -> Iterator[None]:
    """Turn whatever Pillow raises into an InputError, and keep its warnings from the terminal."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except InputError:
        raise
    except FileNotFoundError as error:
        raise InputError(f"{path}: there is no such file or folder") from error
    except Pillow.DecompressionBombError as error:
        raise InputError(f"{path}: has too many pixels to be read safely; make it smaller") from error
    except UnidentifiedImageError as error:
        raise InputError(f"{path}: is no picture that can be read") from error
    except _FAULTS as error:
        raise InputError(f"{path}: is damaged or no picture ({error})") from error
