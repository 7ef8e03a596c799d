"""Several datasets as one: classes joined by name, ids without clashes, nothing lost unsaid."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import msgspec
from msgspec import Raw

from figureground.datasets.dataset import Annotation, Category, Dataset, Picture, Record, changed
from figureground.datasets.selection.groups import check_ids
from figureground.datasets.selection.places import Places, find_places
from figureground.datasets.selection.rest import join_rest
from figureground.errors import InputError

R = TypeVar("R", bound=Record)

UNKNOWN = "it is not known where its pictures are"

MEANING = ("keypoints", "skeleton")
"""Keys of a category that tell how its figures are to be read."""

_parts = msgspec.json.Decoder(dict[str, Raw]).decode


@dataclass(frozen=True)
class Merged:
    """What `merge` gives.

    Attributes:
        dataset: all together.
        places: where the pictures of each dataset are in it.
        notes: what could not be joined as it was, and what became of it.
    """

    dataset: Dataset
    places: Places
    notes: tuple[str, ...] = ()


def merge(datasets: Sequence[Dataset], *, names: Sequence[str] = ()) -> Merged:
    """One dataset of several.

    - Classes of the same name are one class. Keys that the first lacks or has empty come from the others.
    - Ids stay where they are free; others get new ones above all, and what points to them follows. All other
      bytes stay.
    - The same file in the same folder, of the same size, is one picture; its figures are those of all,
      equal ones once. Files of the same name in different folders are different pictures: the dataset's
      folder becomes the one above them all and the names start from there. Where there is none (zip files,
      folders not known), the names start with the name of their dataset, and the folder is not known until
      the pictures are copied together (`Places`).
    - Licenses of the same content are one; pictures follow. The first `info` stays, with the others' in its
      key "merged". Other keys that differ are kept under `KEY_2`, and so on.

    Args:
        datasets: at least one; empty ones change nothing.
        names: of the datasets, for the notes and for names of files; "1", "2", ... without.

    Raises:
        InputError: a dataset has two pictures or two categories of the same id; or two have a class of the
            same name but with different keypoints.

    Example:
        >>> from figureground.datasets.dataset import new
        >>> cats = [tuple(new(Category, id=n, name=name) for n, name in enumerate(row, 1))
        ...         for row in (["rat"], ["larva", "rat"])]
        >>> figure = new(Annotation, id=1, image_id=1, category_id=2)
        >>> both = merge([Dataset((), (), cats[0]), Dataset((), (figure,), cats[1])]).dataset
        >>> both.names(), both.annotations[0].category_id
        ({1: 'rat', 2: 'larva'}, 1)
    """
    names = tuple(names) or tuple(str(number) for number in range(1, len(datasets) + 1))
    full = [place for place, one in enumerate(datasets) if _has_content(one)] or list(range(len(datasets)))[
        :1
    ]
    places = find_places([datasets[place] for place in full], [names[place] for place in full])
    if len(full) < 2:
        return Merged(datasets[full[0]] if full else Dataset(), places)
    joint = _Joint()
    rest, licenses, notes = join_rest([datasets[place].rest for place in full])
    for number, place in enumerate(full):
        joint.add(datasets[place], names[place], places.prefixes[number], licenses[number])
    keys = dict.fromkeys(key for place in full for key in datasets[place].order)
    dataset = replace(joint.dataset(), folder=places.folder, rest=rest, order=tuple(keys))
    notes += [
        f"{names[place]}: {UNKNOWN}"
        for place in full
        if places.folder and datasets[place].pictures and not datasets[place].folder
    ]
    return Merged(dataset, places, (*notes, *joint.notes, *_alike(dataset.categories)))


def _has_content(dataset: Dataset) -> bool:
    return bool(dataset.pictures or dataset.annotations or dataset.categories)


class _Ids:
    """Gives out ids: the one that is wished for if free, else one above all given so far."""

    def __init__(self) -> None:
        self.given: set[int] = set()
        self.highest = 0

    def give(self, wish: int) -> int:
        identity = wish if wish not in self.given else self.highest + 1
        self.given.add(identity)
        self.highest = max(self.highest, identity)
        return identity


class _Joint:
    """A dataset that others are added to."""

    def __init__(self) -> None:
        self.picture_ids, self.category_ids, self.figure_ids = _Ids(), _Ids(), _Ids()
        self.categories: dict[str, Category] = {}
        self.pictures: dict[str, list[Picture]] = {}  # by file name; several where sizes differ
        self.annotations: list[Annotation] = []
        self.notes: list[str] = []

    def dataset(self) -> Dataset:
        pictures = tuple(picture for known in self.pictures.values() for picture in known)
        return Dataset(pictures, tuple(self.annotations), tuple(self.categories.values()))

    def add(self, dataset: Dataset, name: str, prefix: str, licenses: dict[int, int]) -> None:
        """Add `dataset`; `name` is for messages, `prefix` for its pictures' names."""
        check_ids(dataset.pictures, "image", name)
        check_ids(dataset.categories, "category", name)
        categories = {one.id: self._category(one, name) for one in dataset.categories}
        before = set(self.picture_ids.given)
        pictures = {one.id: self._picture(one, prefix, licenses) for one in dataset.pictures}
        self._figures(dataset, name, pictures, categories, before)

    def _category(self, category: Category, name: str) -> int:
        known = self.categories.get(category.name)
        if known is None:
            known = _with(category, id=self.category_ids.give(category.id))
        else:
            _check_meaning(known, category, name)
            known = _filled(known, category)
        self.categories[category.name] = known
        return known.id

    def _picture(self, picture: Picture, prefix: str, licenses: dict[int, int]) -> int:
        values: dict[str, int | str] = {"file_name": prefix + picture.file_name}
        number = picture.get("license") if licenses else None
        if isinstance(number, int) and number in licenses:
            values["license"] = licenses[number]
        picture = _with(picture, **values)
        known = self.pictures.setdefault(picture.file_name, [])
        for place, other in enumerate(known):
            if _same_size(picture, other):
                known[place] = _filled(other, picture)
                return other.id
        if known:
            self.notes.append(f"{picture.file_name} is there in two sizes, as two images")
        known.append(_with(picture, id=self.picture_ids.give(picture.id)))
        return known[-1].id

    def _figures(
        self,
        dataset: Dataset,
        name: str,
        pictures: dict[int, int],
        categories: dict[int, int],
        before: set[int],
    ) -> None:
        """Add the figures; those of pictures that were there `before` unless an equal one is there."""
        shared = before & set(pictures.values())
        there = {_content(one) for one in self.annotations if one.image_id in shared}
        twice = strange = 0
        for one in dataset.annotations:
            if one.image_id not in pictures or one.category_id not in categories:
                strange += 1
                pictures.setdefault(one.image_id, self.picture_ids.give(one.image_id))
                categories.setdefault(one.category_id, self.category_ids.give(one.category_id))
            values = {"image_id": pictures[one.image_id], "category_id": categories[one.category_id]}
            figure = _with(one, **values)
            if figure.image_id in shared and _content(figure) in there:
                twice += 1
                continue
            self.annotations.append(_with(figure, id=self.figure_ids.give(figure.id)))
        if twice:
            self.notes.append(
                f"{name}: {twice} figures are there already, on the same pictures; they are once now"
            )
        if strange:
            self.notes.append(f"{name}: {strange} figures are of no picture or no class; they are kept so")


def _with(record: R, **values: int | str) -> R:
    """`record` with `values`; the very same one where they are what it has."""
    new = {key: value for key, value in values.items() if _value(record, key) != value}
    return changed(record, **new) if new else record


def _value(record: Record, key: str) -> object:
    return getattr(record, key) if hasattr(record, key) else record.get(key)


def _same_size(first: Picture, second: Picture) -> bool:
    """Whether they are of one size, as far as it is known."""
    unknown = 0 in first.size or 0 in second.size
    return unknown or first.size == second.size


def _filled(first: R, second: R) -> R:
    """`first` with the keys that it lacks, or has empty, and `second` has."""
    if first.raw == second.raw:
        return first
    have, more = _parts(first.raw), _parts(second.raw)
    missing = {
        key: value
        for key, value in more.items()
        if key != "id" and _is_empty(have.get(key)) and not _is_empty(value)
    }
    return changed(first, **missing) if missing else first


def _is_empty(value: Raw | None) -> bool:
    return value is None or bytes(value) in (b"null", b'""', b"[]", b"{}")


def _content(figure: Annotation) -> frozenset[tuple[str, bytes]]:
    """All of a figure but its id."""
    return frozenset((key, bytes(value)) for key, value in _parts(figure.raw).items() if key != "id")


def _check_meaning(first: Category, second: Category, name: str) -> None:
    ours, theirs = _parts(first.raw), _parts(second.raw)
    for key in MEANING:
        pair = [msgspec.json.decode(one[key]) for one in (ours, theirs) if not _is_empty(one.get(key))]
        if len(pair) == 2 and pair[0] != pair[1]:
            raise InputError(
                f"{name}: the class {second.name!r} has other {key} than the class of that name before it; "
                "rename one of them"
            )


def _alike(categories: Sequence[Category]) -> list[str]:
    """Notes on classes that may be meant to be the same."""
    seen: dict[str, str] = {}
    notes = []
    for name in (category.name for category in categories):
        other = seen.setdefault(" ".join(name.lower().replace("_", " ").split()), name)
        if other != name:
            notes.append(f"the classes {other!r} and {name!r} stay two; rename one if they are the same")
    return notes
