"""The main figure of each picture: the one that is large and in the middle."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from figureground.datasets.dataset import Annotation, Dataset, Picture
from figureground.datasets.measure import area_of, box_of, pixels
from figureground.datasets.selection.filter import class_ids
from figureground.errors import OptionError

SOFTENING = 0.1
"""Of the picture's diagonal: up to about here it matters little how far from the middle a figure is."""

Weight = Callable[[float, float, float], float]


def subject(
    dataset: Dataset,
    *,
    classes: Sequence[str] = (),
    share: float = 0,
    weight: str = "soft",
    crowd: bool = False,
) -> Dataset:
    """Of each picture the one figure that it is of; pictures without one go, categories stay.

    Args:
        dataset: what to choose from.
        classes: the figure is one of these classes; of any by default.
        share: leave out a picture where its main figure covers less than this part of it, 0 to 1.
        weight: what the largest of is the main figure: "soft", `soft_weight`, or "plain", `plain_weight`.
            Of equal ones the larger, of these the first in the file.
        crowd: it may also be a figure that stands for a crowd.

    Raises:
        OptionError: there is no such class or weight, or the share is no part.
        InputError: the size of a picture with such a figure is not known, or a figure has neither box nor
            area and cannot be drawn.

    Example:
        >>> from figureground.datasets.dataset import Category, new
        >>> photo = new(Picture, id=1, file_name="a.jpg", width=640, height=480)
        >>> speck = new(Annotation, id=1, image_id=1, category_id=1, bbox=[317, 235, 10, 10], area=100)
        >>> person = new(Annotation, id=2, image_id=1, category_id=1, bbox=[210, 40, 300, 400], area=120000)
        >>> data = Dataset((photo,), (speck, person), (new(Category, id=1, name="person"),))
        >>> [subject(data, weight=name).annotations[0].id for name in ("plain", "soft")]
        [1, 2]
    """
    if weight not in WEIGHTS:
        raise OptionError(f"there is no weight {weight!r}; there are: {', '.join(WEIGHTS)}")
    if not 0 <= share <= 1:
        raise OptionError(f"a share of {share:g}; it must be from 0 to 1, such as 0.4 for 40 %")
    wanted = class_ids(dataset, classes) if classes else None
    pictures = {picture.id: picture for picture in dataset.pictures}
    best: dict[int, tuple[tuple[float, float], Annotation]] = {}
    for one in dataset.annotations:
        picture = pictures.get(one.image_id)
        if picture is None or (one.iscrowd and not crowd) or (wanted and one.category_id not in wanted):
            continue
        rank = _rank(one, picture, WEIGHTS[weight])
        if picture.id not in best or rank > best[picture.id][0]:
            best[picture.id] = rank, one
    chosen = {id(one) for (_, area), one in best.values() if area >= share * pixels(pictures[one.image_id])}
    figures = tuple(one for one in dataset.annotations if id(one) in chosen)
    shown = {one.image_id for one in figures}
    kept = tuple(picture for picture in dataset.pictures if picture.id in shown)
    return replace(dataset, pictures=kept, annotations=figures)


def plain_weight(area: float, distance: float, diagonal: float) -> float:
    """Area / distance^4: the barycentre weight as such; in the very middle it is infinite.

    Args:
        area: of the figure, in pixels.
        distance: from the middle of its box to the middle of the picture, in pixels.
        diagonal: of the picture; of no influence here.

    Example:
        >>> plain_weight(100, 2, 800), round(plain_weight(120000, 40, 800), 3)
        (6.25, 0.047)
    """
    square = distance * distance
    return area / (square * square) if square * square else float("inf") if area > 0 else 0.0


def soft_weight(area: float, distance: float, diagonal: float) -> float:
    """Area / (1 + (distance / s)^2)^2, with s a tenth of the picture's diagonal.

    Far from the middle it falls as the plain one does, with the fourth power; near it, it is flat, and at
    most the area (as gravity is softened where stars come near: Plummer, MNRAS 71, 1911). As s grows with
    the picture, a picture made larger has the same main figure.

    Example:
        >>> round(soft_weight(100, 2, 800), 1), round(soft_weight(120000, 40, 800), 1)
        (99.9, 76800.0)
    """
    softening = (SOFTENING * diagonal) ** 2
    fall = 1 + distance * distance / softening
    return area / (fall * fall)


WEIGHTS: dict[str, Weight] = {"soft": soft_weight, "plain": plain_weight}


def _rank(one: Annotation, picture: Picture, weight: Weight) -> tuple[float, float]:
    """Weight and area."""
    pixels(picture)
    area = area_of(one, picture)
    x, y, width, height = box_of(one, picture)
    across, down = x + width / 2 - picture.width / 2, y + height / 2 - picture.height / 2
    distance = (across * across + down * down) ** 0.5
    diagonal = float(picture.width**2 + picture.height**2) ** 0.5
    return weight(area, distance, diagonal), area
