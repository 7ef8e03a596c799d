"""Ids, names and references of a dataset's records: what can be told without looking at any figure."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any, TypeVar

import msgspec
from msgspec import Raw

from figureground.datasets.checks.defects import (
    Defect,
    annotation_defect,
    category_defect,
    name_of_picture,
    picture_defect,
    shown,
)
from figureground.datasets.dataset import Annotation, Dataset, Record

T = TypeVar("T")


def record_defects(dataset: Dataset) -> list[Defect]:
    """Defects of ids, names and references."""
    return [defect for find in _FINDERS for defect in find(dataset)]


def repeats(items: Sequence[T], key: Callable[[T], Hashable]) -> Iterator[tuple[int, int]]:
    """Index of each of `items` whose key came before, and the index of the first one that had it.

    Example:
        >>> list(repeats("abca", str))
        [(3, 0)]
    """
    first: dict[Hashable, int] = {}
    for index, item in enumerate(items):
        before = first.setdefault(key(item), index)
        if before != index:
            yield index, before


def same_annotations(dataset: Dataset) -> Iterator[tuple[int, int, bool]]:
    """Index of each annotation that draws the same as an earlier one, the earlier, and if all else agrees."""
    drawn = msgspec.json.Decoder(_Drawn).decode

    def key(item: tuple[int, Annotation]) -> Hashable:
        index, one = item
        shape = drawn(one.raw)
        if bytes(shape.segmentation) in _NO_OUTLINE and bytes(shape.bbox) in _NO_OUTLINE:
            return index  # nothing is drawn, nothing is the same
        return one.image_id, one.category_id, hash(bytes(shape.segmentation)), bytes(shape.bbox)

    for index, before in repeats(list(enumerate(dataset.annotations)), key):
        first, second = _content(dataset.annotations[before]), _content(dataset.annotations[index])
        if first.get("segmentation") == second.get("segmentation"):
            yield index, before, first == second


class _Drawn(msgspec.Struct, gc=False):
    segmentation: Raw = Raw(b"null")
    bbox: Raw = Raw(b"null")


_NO_OUTLINE = (b"null", b"[]", b"[[]]")


def _content(record: Record) -> dict[str, Any]:
    """The values of a record without its id."""
    values: dict[str, Any] = msgspec.json.decode(record.raw)
    values.pop("id", None)
    return values


def _picture_ids(dataset: Dataset) -> Iterator[Defect]:
    for index, before in repeats(dataset.pictures, lambda one: one.id):
        first, second = dataset.pictures[before], dataset.pictures[index]
        if first.file_name == second.file_name:
            continue  # told as a duplicate file name
        text = f"has the id of {shown(first.file_name)}; whose its annotations are cannot be told"
        yield picture_defect("duplicate-image-id", dataset, index, text)


def _picture_names(dataset: Dataset) -> Iterator[Defect]:
    of_id: dict[int, set[str]] = {}
    for one in dataset.pictures:
        of_id.setdefault(one.id, set()).add(one.file_name)
    for index, before in repeats(dataset.pictures, lambda one: one.file_name):
        first, second = dataset.pictures[before], dataset.pictures[index]
        clear = len(of_id[first.id]) == len(of_id[second.id]) == 1
        agree = first.size == second.size or min(*first.size, *second.size) < 1
        text = f"is the file of {name_of_picture(first)} too"
        if not agree:
            text += f", which is {first.width} x {first.height} there, {second.width} x {second.height} here"
        yield picture_defect("duplicate-file-name", dataset, index, text, fixable=clear and agree)


def _pictures_without(dataset: Dataset) -> Iterator[Defect]:
    used = {one.image_id for one in dataset.annotations}
    for index, one in enumerate(dataset.pictures):
        if one.id not in used:
            yield picture_defect("no-annotations", dataset, index, "has no annotations")


def _category_ids(dataset: Dataset) -> Iterator[Defect]:
    for index, before in repeats(dataset.categories, lambda one: one.id):
        first, second = dataset.categories[before], dataset.categories[index]
        same = first.name == second.name
        text = "is there twice" if same else f"has the id of {shown(first.name)}"
        yield category_defect("duplicate-category-id", dataset, index, text, fixable=same)


def _category_names(dataset: Dataset) -> Iterator[Defect]:
    for index, one in enumerate(dataset.categories):
        if not one.name.strip():
            yield category_defect("class-without-name", dataset, index, "has an empty name")
        if one.id < 1:
            text = f"has the id {one.id}; ids count from 1"
            yield category_defect("category-id-0", dataset, index, text, fixable=ids_can_move(dataset))
    for index, before in repeats(dataset.categories, lambda one: one.name):
        first, second = dataset.categories[before], dataset.categories[index]
        if first.id != second.id and second.name.strip():
            text = f"category {first.id} has the same name"
            yield category_defect("duplicate-class-name", dataset, index, text)


def ids_can_move(dataset: Dataset) -> bool:
    """Whether category ids stay numbers of 53 bits, which all readers of JSON know, when they are moved."""
    ids = {one.id for one in dataset.categories} | {one.category_id for one in dataset.annotations}
    return max(map(abs, ids), default=0) < 1 << 52


def _unused(dataset: Dataset) -> Iterator[Defect]:
    used = {one.category_id for one in dataset.annotations}
    for index, one in enumerate(dataset.categories):
        if one.id not in used:
            yield category_defect("unused-category", dataset, index, "has no annotations")


def _annotation_ids(dataset: Dataset) -> Iterator[Defect]:
    names = _names(dataset)
    for index, before in repeats(dataset.annotations, lambda one: one.id):
        first = dataset.annotations[before]
        text = f"an annotation on {names(first.image_id)} has the same id"
        one = dataset.annotations[index]
        yield annotation_defect("duplicate-annotation-id", dataset, index, names(one.image_id), text)


def _same_annotations(dataset: Dataset) -> Iterator[Defect]:
    names = _names(dataset)
    for index, before, all_else in same_annotations(dataset):
        text = f"is the same figure as annotation {dataset.annotations[before].id}"
        text += "" if all_else else ", with other attributes"
        where = names(dataset.annotations[index].image_id)
        yield annotation_defect("same-annotation", dataset, index, where, text, fixable=all_else)


def _references(dataset: Dataset) -> Iterator[Defect]:
    pictures = {one.id for one in dataset.pictures}
    categories = {one.id for one in dataset.categories}
    lost = [i for i, one in enumerate(dataset.annotations) if one.image_id not in pictures]
    strange = Counter(one.category_id for one in dataset.annotations if one.category_id not in categories)
    names = _names(dataset)
    mixed = any(True for _ in _picture_ids(dataset))  # then they may belong to an image whose id is wrong
    for index in lost:
        text = f"there is no image {dataset.annotations[index].image_id}"
        yield annotation_defect("unknown-image", dataset, index, "no picture", text, fixable=not mixed)
    for index, one in enumerate(dataset.annotations if strange else ()):
        if one.category_id in strange:
            text = f"there is no category {one.category_id} ({strange[one.category_id]} annotations have it)"
            yield annotation_defect("unknown-category", dataset, index, names(one.image_id), text)


def _names(dataset: Dataset) -> Callable[[int], str]:
    """The file name of a picture by its id."""
    names = {one.id: one.file_name for one in reversed(dataset.pictures)}

    def name(image: int) -> str:
        return shown(names[image]) if image in names else f"image {image}, which is not there"

    return name


_FINDERS: tuple[Callable[[Dataset], Iterator[Defect]], ...] = (
    _picture_ids,
    _picture_names,
    _pictures_without,
    _category_ids,
    _category_names,
    _unused,
    _annotation_ids,
    _same_annotations,
    _references,
)
