"""How large a figure is and where, without its points being read as long as the file tells."""

import msgspec
import numpy as np

from figureground.datasets.dataset import Annotation, Picture, plain
from figureground.datasets.segmentation import annotation_to_crop
from figureground.errors import InputError
from figureground.instances import Crop

Box = tuple[float, float, float, float]


class _Measures(msgspec.Struct, gc=False):
    area: float | None = None
    bbox: Box | None = None


_decode = msgspec.json.Decoder(_Measures).decode


def area_of(annotation: Annotation, picture: Picture) -> float:
    """Pixels of the figure: as the file gives them, else of its mask in `picture`.

    Raises:
        InputError: it has to be drawn, and cannot be.
    """
    area = _measures(annotation).area
    return float(np.count_nonzero(_drawn(annotation, picture).mask)) if area is None else area


def box_of(annotation: Annotation, picture: Picture) -> Box:
    """x, y, width, height of the figure: as the file gives them, else of its mask in `picture`.

    Raises:
        InputError: it has to be drawn, and cannot be.
    """
    box = _measures(annotation).bbox
    if box is not None:
        return box
    crop = _drawn(annotation, picture)
    height, width = crop.mask.shape
    return float(crop.x0), float(crop.y0), float(width), float(height)


def pixels(picture: Picture) -> int:
    """Width x height of `picture`.

    Raises:
        InputError: the file does not tell its size.
    """
    if picture.width < 1 or picture.height < 1:
        raise InputError(
            f"image {picture.id} ({picture.file_name}): its size is not known; "
            "'figureground dataset check --fix' finds it"
        )
    return picture.width * picture.height


def _measures(annotation: Annotation) -> _Measures:
    try:
        return _decode(annotation.raw)
    except msgspec.ValidationError as error:
        raise InputError(f"annotation {annotation.id}: {plain(error)}") from error


def _drawn(annotation: Annotation, picture: Picture) -> Crop:
    pixels(picture)
    return annotation_to_crop(annotation, picture.size)
