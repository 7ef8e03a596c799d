"""Mend what is safe to mend in a dataset, and list what was done."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import TypeVar

from figureground.datasets.checks.check import doubted_pictures
from figureground.datasets.checks.defects import Defect, shown
from figureground.datasets.checks.figures import figure_defects
from figureground.datasets.checks.fix_figures import mended_figure
from figureground.datasets.checks.records import ids_can_move, record_defects, repeats, same_annotations
from figureground.datasets.dataset import Dataset, Record, changed
from figureground.datasets.figures import measure_figures

R = TypeVar("R", bound=Record)

LISTED = 10  # ids that a line names


def fix_dataset(dataset: Dataset, defects: Sequence[Defect]) -> tuple[Dataset, list[str]]:
    """`dataset` with all mended that is safe to mend, and a line on each thing that was done.

    Sizes come from the pictures, where figures need not move for it; images that name one file become
    one; annotations of unknown images go, and copies of others; ids are made different, those of
    categories count from 1 (`track_id` and all other keys stay); outlines are cut at the border, those
    that cover nothing go, and boxes and areas that disagree are computed from the masks. All else stays
    to the last digit. A second time does nothing more.

    Args:
        dataset: what was checked.
        defects: what `check_dataset` found in it: what the pictures' files tell of sizes comes from there,
            all else is looked for anew.

    Example:
        >>> from figureground.datasets.dataset import Category, new
        >>> data = Dataset(categories=(new(Category, id=0, name="rat"),))
        >>> fixed, done = fix_dataset(data, [])
        >>> fixed.categories[0].id, done
        (1, ['category ids moved by 1, to count from 1'])
    """
    known = _known(dataset, defects)
    done: list[str] = []
    for step in _STEPS:
        dataset, lines = step(dataset, known)
        done += lines
    return dataset, done


@dataclass(frozen=True)
class _Known:
    """What is known from the pictures' files.

    Attributes:
        sizes: (h, w) that a picture should have, by its index.
        doubted: ids of pictures whose size is not that of their figures.
    """

    sizes: dict[int, tuple[int, int]]
    doubted: frozenset[int]


def _known(dataset: Dataset, defects: Sequence[Defect]) -> _Known:
    sizes = {
        one.place[1]: one.value
        for one in defects
        if one.kind in ("size-missing", "size-differs") and one.fixable and one.value
    }
    return _Known(sizes, frozenset(doubted_pictures(dataset, defects)))


def _take_sizes(dataset: Dataset, known: _Known) -> tuple[Dataset, list[str]]:
    sizes = known.sizes
    pictures = tuple(
        changed(one, width=sizes[index][1], height=sizes[index][0]) if index in sizes else one
        for index, one in enumerate(dataset.pictures)
    )
    ids = [dataset.pictures[index].id for index in sizes]
    return replace(dataset, pictures=pictures), _told("size taken from the picture", "image", ids)


def _merge_pictures(dataset: Dataset, _: _Known) -> tuple[Dataset, list[str]]:
    gone = set(_fixable(record_defects(dataset), "duplicate-file-name"))
    moved: dict[int, int] = {}
    for index, before in repeats(dataset.pictures, lambda one: one.file_name):
        if index in gone:
            moved[dataset.pictures[index].id] = dataset.pictures[before].id
    ids = [dataset.pictures[index].id for index in sorted(gone)]
    annotations = tuple(
        changed(one, image_id=moved[one.image_id])
        if moved.get(one.image_id, one.image_id) != one.image_id
        else one
        for one in dataset.annotations
    )
    pictures = _without(dataset.pictures, gone)
    lines = _told("joined with the one of the same file name", "image", ids)
    return replace(dataset, pictures=pictures, annotations=annotations), lines


def _drop_lost(dataset: Dataset, _: _Known) -> tuple[Dataset, list[str]]:
    gone = set(_fixable(record_defects(dataset), "unknown-image"))
    return _dropped(dataset, gone, "dropped, its image is not in the file")


def _drop_categories(dataset: Dataset, _: _Known) -> tuple[Dataset, list[str]]:
    gone = set(_fixable(record_defects(dataset), "duplicate-category-id"))
    names = [f"{dataset.categories[i].id} ({shown(dataset.categories[i].name)})" for i in sorted(gone)]
    lines = _told("dropped, it is there twice", "category", names)
    return replace(dataset, categories=_without(dataset.categories, gone)), lines


def _move_categories(dataset: Dataset, _: _Known) -> tuple[Dataset, list[str]]:
    least = min((one.id for one in dataset.categories), default=1)
    if least > 0 or not ids_can_move(dataset):
        return dataset, []
    by = 1 - least
    categories = tuple(changed(one, id=one.id + by) for one in dataset.categories)
    annotations = tuple(changed(one, category_id=one.category_id + by) for one in dataset.annotations)
    line = f"category ids moved by {by}, to count from 1"
    return replace(dataset, categories=categories, annotations=annotations), [line]


def _mend_figures(dataset: Dataset, known: _Known) -> tuple[Dataset, list[str]]:
    figures = measure_figures(dataset)
    kinds: dict[int, set[str]] = {}
    for defect in figure_defects(dataset, figures):
        if defect.fixable and dataset.annotations[defect.place[1]].image_id not in known.doubted:
            kinds.setdefault(defect.place[1], set()).add(defect.kind)
    annotations = list(dataset.annotations)
    done: dict[str, list[int]] = {}
    gone = set()
    for index in sorted(kinds):
        one = annotations[index]
        size = dataset.pictures[int(figures.picture[index])].size
        mended, lines = mended_figure(one, size, kinds[index])
        for line in lines:
            done.setdefault(line, []).append(one.id)
        annotations[index] = mended or one
        if mended is None:
            gone.add(index)
    told = [line for text, ids in done.items() for line in _told(text, "annotation", ids)]
    return replace(dataset, annotations=_without(annotations, gone)), told


def _drop_copies(dataset: Dataset, _: _Known) -> tuple[Dataset, list[str]]:
    gone = {index for index, _, all_else in same_annotations(dataset) if all_else}
    return _dropped(dataset, gone, "dropped, it is a copy of another")


def _number_annotations(dataset: Dataset, _: _Known) -> tuple[Dataset, list[str]]:
    later = [index for index, _ in repeats(dataset.annotations, lambda one: one.id)]
    if not later:
        return dataset, []
    annotations = list(dataset.annotations)
    fresh = _free_ids({one.id for one in annotations})
    for index in later:
        annotations[index] = changed(annotations[index], id=next(fresh))
    pairs = [f"{dataset.annotations[index].id} -> {annotations[index].id}" for index in later]
    return replace(dataset, annotations=tuple(annotations)), _told("given a new id", "annotation", pairs)


def _free_ids(used: set[int]) -> Iterator[int]:
    """New ids: after the largest, or the first free ones where that is beyond what readers of JSON know."""
    largest = max(used)
    return (one for one in count(largest + 1 if 0 <= largest < 1 << 52 else 1) if one not in used)


def _dropped(dataset: Dataset, gone: set[int], why: str) -> tuple[Dataset, list[str]]:
    ids = [dataset.annotations[index].id for index in sorted(gone)]
    annotations = _without(dataset.annotations, gone)
    return replace(dataset, annotations=annotations), _told(why, "annotation", ids)


def _fixable(defects: Iterable[Defect], kind: str) -> list[int]:
    return [one.place[1] for one in defects if one.kind == kind and one.fixable]


def _without(records: Sequence[R], gone: set[int]) -> tuple[R, ...]:
    return tuple(one for index, one in enumerate(records) if index not in gone)


def _told(what: str, kind: str, ids: Sequence[object]) -> list[str]:
    """A line that counts what was done, and names it.

    Example:
        >>> _told("dropped", "annotation", [4, 7])
        ['2 annotations: dropped (4, 7)']
    """
    if not ids:
        return []
    plural = {"category": "categories"}.get(kind, f"{kind}s") if len(ids) > 1 else kind
    more = ", ..." if len(ids) > LISTED else ""
    return [f"{len(ids)} {plural}: {what} ({', '.join(map(str, ids[:LISTED]))}{more})"]


_Step = Callable[[Dataset, _Known], tuple[Dataset, list[str]]]

_STEPS: tuple[_Step, ...] = (
    _take_sizes,
    _merge_pictures,
    _drop_lost,
    _drop_categories,
    _move_categories,
    _mend_figures,
    _drop_copies,
    _number_annotations,
)
