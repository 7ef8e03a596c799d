"""Ids as other tools want them."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from figureground.datasets.dataset import Annotation, Dataset, Record, changed
from figureground.errors import InputError

R = TypeVar("R", bound=Record)


def numbered(dataset: Dataset, *, anew: Collection[str] = ()) -> tuple[Dataset, list[str]]:
    """`dataset` with ids from 1 on, and which were changed, in words.

    A list keeps its ids if all are from 1 on and none is there twice.

    Args:
        dataset: its figures are of pictures and categories that are there.
        anew: lists that are numbered 1, 2, 3 ... in any case: images, annotations, categories.

    Raises:
        InputError: a figure is of no picture or category, or of one whose id is there twice.

    Example:
        >>> from figureground.datasets.dataset import Category, new
        >>> data, told = numbered(Dataset(categories=(new(Category, id=0, name="rat"),)))
        >>> data.categories[0].id, told
        (1, ['the ids of its categories are numbered anew, from 1 on'])
    """
    images = _new_ids(dataset.pictures, "images" in anew)
    kinds = _new_ids(dataset.categories, "categories" in anew)
    figures = _new_ids(dataset.annotations, "annotations" in anew)
    lists = ("images", dataset.pictures, images), ("categories", dataset.categories, kinds)
    told = [
        f"the ids of its {name} are numbered anew, from 1 on"
        for name, records, ids in (*lists, ("annotations", dataset.annotations, figures))
        if any(one.id != number for one, number in zip(records, ids, strict=True))
    ]
    image_of, kind_of = _by_id(dataset.pictures, images), _by_id(dataset.categories, kinds)
    return replace(
        dataset,
        pictures=_with_ids(dataset.pictures, images),
        annotations=_joined(dataset.annotations, figures, image_of, kind_of),
        categories=_with_ids(dataset.categories, kinds),
    ), told


def _joined(
    figures: Sequence[Annotation], ids: Sequence[int], image_of: dict[int, int], kind_of: dict[int, int]
) -> tuple[Annotation, ...]:
    """`figures` with their own new ids and those of what they belong to."""
    out = []
    for one, number in zip(figures, ids, strict=True):
        image, kind = image_of.get(one.image_id), kind_of.get(one.category_id)
        if image is None or kind is None:
            what = f"its image {one.image_id} or category {one.category_id}"
            raise InputError(f"annotation {one.id}: {what} is not there; see: figureground dataset check")
        out.append(_with(one, id=number, image_id=image, category_id=kind))
    return tuple(out)


def _new_ids(records: Sequence[Record], anew: bool) -> list[int]:
    ids = [one.id for one in records]
    good = min(ids, default=1) >= 1 and len(set(ids)) == len(ids)
    return ids if good and not anew else list(range(1, len(ids) + 1))


def _by_id(records: Sequence[Record], ids: Sequence[int]) -> dict[int, int]:
    found = {one.id: number for one, number in zip(records, ids, strict=True)}
    if len(found) < len(records):
        raise InputError("two images or categories have one id; see: figureground dataset check")
    return found


def _with_ids(records: Sequence[R], ids: Sequence[int]) -> tuple[R, ...]:
    return tuple(_with(one, id=number) for one, number in zip(records, ids, strict=True))


def _with(record: R, **values: Any) -> R:
    """`record` with other values, or itself where it has them already."""
    same = all(getattr(record, key) == value for key, value in values.items())
    return record if same else changed(record, **values)
