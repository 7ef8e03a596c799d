"""Dataset: pictures and what is drawn on them. The one type that readers give and every tool takes.

A record (a picture, an annotation, a category) keeps the very bytes that it had in its file, and beside
them only the few values that tools choose by. What a tool does not change is written back as it came, to
the last digit, whatever keys other tools have put there.
"""

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec import Raw
from msgspec.structs import force_setattr

from figureground.errors import InputError

LISTS = ("images", "annotations", "categories")
"""The keys of a COCO file that hold a Dataset's records."""

ORDER = ("info", "licenses", "images", "annotations", "categories")

R = TypeVar("R", bound="Record")


class Record(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One object of a list in a COCO file.

    Attributes:
        raw: the whole object as JSON, as it stood in the file.
    """

    id: int
    raw: Raw = msgspec.field(name="(raw)", default=Raw(b"{}"))

    def get(self, key: str, default: Any = None) -> Any:
        """The value of any key of the object; `default` where it is missing."""
        return msgspec.json.decode(self.raw).get(key, default)


class Picture(Record, frozen=True, gc=False, kw_only=True):
    """A picture of a dataset.

    Attributes:
        id: what annotations name it by.
        file_name: its path below the dataset's folder, with /.
        width: in pixels; 0 where the file does not tell.
        height: likewise.
    """

    file_name: str
    width: int = 0
    height: int = 0

    @property
    def size(self) -> tuple[int, int]:
        """(h, w) in pixels."""
        return self.height, self.width


class Annotation(Record, frozen=True, gc=False, kw_only=True):
    """A figure that is drawn on a picture.

    Attributes:
        image_id: the picture's id.
        category_id: the category's id.
        iscrowd: 1 where the figure is a group that was not drawn one by one.
    """

    image_id: int
    category_id: int
    iscrowd: int | bool = 0

    @property
    def segmentation(self) -> "list[list[float]] | RunLengths | None":
        """Polygons, each x y x y ... in pixels; or run lengths; None where there is only a box.

        Raises:
            InputError: it is none of these.
        """
        return _shape(self).segmentation

    @property
    def bbox(self) -> tuple[float, float, float, float] | None:
        """x, y, width, height in pixels as the file gives them; None where it does not."""
        return _shape(self).bbox

    @property
    def area(self) -> float | None:
        """Pixels, as the file gives them; None where it does not."""
        return _shape(self).area


class Category(Record, frozen=True, gc=False, kw_only=True):
    """A class of figures."""

    name: str


class RunLengths(msgspec.Struct, frozen=True):
    """COCO's run lengths of a mask.

    Attributes:
        size: h, w.
        counts: lengths of runs down the columns, ground first; as a list, or packed into a text.
    """

    size: tuple[int, int]
    counts: list[int] | str


class _Shape(msgspec.Struct, gc=False):
    segmentation: list[list[float]] | RunLengths | None = None
    bbox: tuple[float, float, float, float] | None = None
    area: float | None = None


_decode_shape = msgspec.json.Decoder(_Shape).decode


def _shape(annotation: Annotation) -> _Shape:
    try:
        return _decode_shape(annotation.raw)
    except msgspec.ValidationError as error:
        raise InputError(f"annotation {annotation.id}: {plain(error)}") from error


@dataclass(frozen=True)
class Dataset:
    """Pictures, what is drawn on them, and the classes that it is of; never changed, only replaced.

    Attributes:
        pictures: in the order of the file.
        annotations: likewise.
        categories: likewise.
        folder: where the pictures' file names lead: a folder, or a zip file; None where not known.
        rest: the other keys of the file (info, licenses, ...), as they came.
        order: the keys of the file, in its order.

    Example:
        >>> cat = new(Category, id=1, name="cat")
        >>> photo = new(Picture, id=7, file_name="a.jpg", width=640, height=480)
        >>> figure = new(Annotation, id=1, image_id=7, category_id=1, bbox=[0, 0, 10, 20])
        >>> data = Dataset((photo,), (figure,), (cat,))
        >>> len(data.of_pictures([]).annotations)
        0
    """

    pictures: tuple[Picture, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    categories: tuple[Category, ...] = ()
    folder: Path | None = None
    rest: Mapping[str, Raw] = field(default_factory=dict)
    order: tuple[str, ...] = ORDER

    def by_picture(self) -> dict[int, list[Annotation]]:
        """The annotations of each picture, by its id; pictures without any have an empty list.

        Annotations of pictures that are not there are left out.
        """
        groups: dict[int, list[Annotation]] = {picture.id: [] for picture in self.pictures}
        for annotation in self.annotations:
            if (group := groups.get(annotation.image_id)) is not None:
                group.append(annotation)
        return groups

    def names(self) -> dict[int, str]:
        """The name of each category, by its id."""
        return {category.id: category.name for category in self.categories}

    def of_pictures(self, pictures: Iterable[Picture]) -> "Dataset":
        """Only `pictures`, and the annotations that belong to them; the categories stay."""
        kept = tuple(pictures)
        ids = {picture.id for picture in kept}
        figures = tuple(one for one in self.annotations if one.image_id in ids)
        return replace(self, pictures=kept, annotations=figures)


def new(kind: type[R], **values: Any) -> R:
    """A record with `values` as its keys, in their order.

    Example:
        >>> bytes(new(Category, id=1, name="rat", supercategory="").raw)
        b'{"id":1,"name":"rat","supercategory":""}'
    """
    return parse(kind, Raw(msgspec.json.encode(values)))


def changed(record: R, **values: Any) -> R:
    """`record` with other `values` of some keys; the rest keeps its bytes.

    Example:
        >>> rat = parse(Category, Raw(b'{"id": 1, "name": "rat", "size": 1.50}'))
        >>> bytes(changed(rat, id=2).raw)
        b'{"id":2,"name":"rat","size":1.50}'
    """
    parts = _decode_parts(record.raw)
    parts.update({key: Raw(msgspec.json.encode(value)) for key, value in values.items()})
    return parse(type(record), Raw(msgspec.json.encode(parts)))


def parse(kind: type[R], raw: Raw) -> R:
    """The record that `raw` holds.

    Raises:
        msgspec.ValidationError: a key is missing or of the wrong type.
    """
    return parser(kind)(raw)


_decode_parts = msgspec.json.Decoder(dict[str, Raw]).decode


@functools.cache
def parser(kind: type[R]) -> Callable[[Raw], R]:
    """`parse` for many records of one kind."""
    decode = msgspec.json.Decoder(kind).decode

    def parse_one(raw: Raw) -> R:
        record = decode(raw)
        force_setattr(record, "raw", raw)
        return record

    return parse_one


def plain(error: msgspec.ValidationError) -> str:
    """What msgspec found, for people.

    Example:
        >>> try: parse(Category, Raw(b'{"id": 1, "name": 5}'))
        ... except msgspec.ValidationError as error: print(plain(error))
        name: expected str, got int
        >>> try: parse(Category, Raw(b'{"id": 1}'))
        ... except msgspec.ValidationError as error: print(plain(error))
        has no name
    """
    text, _, place = str(error).replace("`", "").partition(" - at $.")
    if text.startswith("Object missing required field "):
        return f"has no {text.rpartition(' ')[2]}"
    text = text[:1].lower() + text[1:]
    return f"{place}: {text}" if place else text
