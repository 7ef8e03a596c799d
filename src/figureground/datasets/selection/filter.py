"""Choose pictures and figures by class, size and crowd; what stays keeps its bytes."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from figureground.datasets.dataset import Annotation, Dataset, Picture, changed
from figureground.datasets.measure import area_of, pixels
from figureground.datasets.pictures import PictureFiles
from figureground.errors import OptionError

Range = tuple[float, float]
"""The least and the most, both included."""

ANY: Range = (0, float("inf"))


@dataclass(frozen=True)
class Wanted:
    """What `filter_dataset` keeps; by default all.

    Attributes:
        classes: only figures of these classes; the other classes are removed.
        crowd: True keeps only figures that stand for a crowd, False only those that do not.
        area: pixels that a figure has.
        share: likewise, as a part of its picture, 0 to 1.
        side: pixels that both sides of a picture have.
        any_of: only pictures with a figure of one of these classes.
        all_of: only pictures with a figure of each of these classes.
        without: file names of pictures to leave out, with their folders or without.
        there: only pictures whose file is there.
        crowd_rest: figures that area or share rule out stay as crowds. Left out, they would be ground to
            whatever learns from the picture; a crowd is neither figure nor ground.
    """

    classes: Sequence[str] = ()
    crowd: bool | None = None
    area: Range = ANY
    share: Range = ANY
    side: Range = ANY
    any_of: Sequence[str] = ()
    all_of: Sequence[str] = ()
    without: Sequence[str] = ()
    there: bool = False
    crowd_rest: bool = False


def filter_dataset(
    dataset: Dataset, wanted: Wanted, *, keep_empty: bool = False, renumber: bool = False
) -> Dataset:
    """The pictures and figures that are `wanted`.

    The conditions are met in this order, each on what the ones before left:

    1. pictures go by their name, by whether their file is there, and by their size;
    2. figures go by crowd, area and share of the picture;
    3. pictures go that lack `any_of` or `all_of`;
    4. figures and categories of other classes go;
    5. pictures without a figure go if there was a condition on figures, but for `keep_empty`.

    So a picture can be chosen by a ball and keep only its persons. Without a condition on figures (2 to 4)
    nothing is known of a picture without any, and it stays: it may well be meant as an example of nothing.
    Where there was one, a picture is left empty because what it shows is no longer drawn, which is no such
    example; `keep_empty` is for those who know better. Figures of pictures that are not in the file go with
    the first picture that goes. Where an area is not in the file it is counted from the mask.

    Args:
        dataset: what to choose from.
        wanted: the conditions.
        keep_empty: keep also pictures that have no figure (left).
        renumber: number the categories that stay from 1 on, in their order.

    Raises:
        OptionError: there is no such class or picture, or a range is empty.
        InputError: an area or a picture's size is asked for and cannot be known.

    Example:
        >>> from figureground.datasets.dataset import Category, new
        >>> rat, larva = new(Category, id=3, name="rat"), new(Category, id=7, name="larva")
        >>> photos = [new(Picture, id=n, file_name=f"{n}.jpg") for n in (1, 2)]
        >>> figures = [new(Annotation, id=n, image_id=n, category_id=c) for n, c in ((1, 3), (2, 7))]
        >>> data = Dataset(tuple(photos), tuple(figures), (rat, larva))
        >>> few = filter_dataset(data, Wanted(classes=["larva"]), renumber=True)
        >>> [one.file_name for one in few.pictures], few.names(), few.annotations[0].category_id
        (['2.jpg'], {1: 'larva'}, 1)
    """
    _check(wanted)
    dataset = without_pictures(dataset, wanted.without)
    dataset = with_files(dataset) if wanted.there else dataset
    dataset = _of_size(dataset, wanted.side)
    dataset = _of_figures(dataset, wanted)
    dataset = having(dataset, any_of=wanted.any_of, all_of=wanted.all_of)
    dataset = _of_classes(dataset, wanted.classes)
    if not keep_empty and _is_on_figures(wanted):
        dataset = _not_empty(dataset, crowds_count=not wanted.crowd_rest)
    return renumbered(dataset) if renumber else dataset


def without_pictures(dataset: Dataset, names: Sequence[str]) -> Dataset:
    """Without the pictures of these file names, with their folders or without.

    Raises:
        OptionError: there is no picture of a name.
    """
    unwanted, found, kept = set(names), set[str](), []
    for picture in dataset.pictures if unwanted else ():
        known = {picture.file_name, PurePosixPath(picture.file_name).name} & unwanted
        found |= known
        if not known:
            kept.append(picture)
    if missing := sorted(unwanted - found):
        raise OptionError(f"there is no picture {missing[0]!r}, so it cannot be left out")
    return dataset.of_pictures(kept) if unwanted else dataset


def with_files(dataset: Dataset) -> Dataset:
    """Only the pictures whose file is there.

    Raises:
        InputError: it is not known where they should be.
    """
    with PictureFiles(dataset) as files:
        return dataset.of_pictures([picture for picture in dataset.pictures if files.has(picture)])


def having(dataset: Dataset, *, any_of: Sequence[str] = (), all_of: Sequence[str] = ()) -> Dataset:
    """Only pictures with a figure of one of the classes `any_of`, and of each of `all_of`.

    All that is drawn on them stays.

    Raises:
        OptionError: there is no such class.
    """
    groups = [class_ids(dataset, [name]) for name in all_of]
    if any_of:
        groups.append(class_ids(dataset, any_of))
    if not groups:
        return dataset
    found = [{one.image_id for one in dataset.annotations if one.category_id in ids} for ids in groups]
    kept = set.intersection(*found)
    return dataset.of_pictures(picture for picture in dataset.pictures if picture.id in kept)


def class_ids(dataset: Dataset, names: Sequence[str]) -> frozenset[int]:
    """The ids of the categories with these `names`.

    Raises:
        OptionError: there is none of a name; the message lists those there are.
    """
    known = {category.name for category in dataset.categories}
    for name in names:
        if name not in known:
            choices = ", ".join(sorted(known)) or "none at all"
            raise OptionError(f"there is no class {name!r}; the classes are: {choices}")
    return frozenset(category.id for category in dataset.categories if category.name in names)


def renumbered(dataset: Dataset) -> Dataset:
    """The categories numbered from 1 on, in their order, and the figures with them.

    Of categories with the same id, the first counts. Figures of no category keep their number unless a
    category has it now; then they take the next free one, so that they do not become a figure of that.
    """
    ids: dict[int, int] = {}
    for number, category in enumerate(dataset.categories, 1):
        ids.setdefault(category.id, number)
    free = len(dataset.categories) + 1
    for strange in sorted({one.category_id for one in dataset.annotations} - ids.keys()):
        ids[strange] = max(free, strange)
        free = ids[strange] + 1
    categories = [
        category if category.id == number else changed(category, id=number)
        for number, category in enumerate(dataset.categories, 1)
    ]
    return replace(dataset, categories=tuple(categories), annotations=_repointed(dataset.annotations, ids))


def _repointed(figures: Collection[Annotation], ids: dict[int, int]) -> tuple[Annotation, ...]:
    return tuple(
        one if ids[one.category_id] == one.category_id else changed(one, category_id=ids[one.category_id])
        for one in figures
    )


def _check(wanted: Wanted) -> None:
    for name in ("area", "share", "side"):
        least, most = getattr(wanted, name)
        if not 0 <= least <= most:
            raise OptionError(f"{name}: the least is {least:g} and the most {most:g}; nothing would be left")
    if wanted.share[0] > 1:
        raise OptionError(f"share: the least is {wanted.share[0]:g}; a figure covers at most 1, its picture")


def _is_on_figures(wanted: Wanted) -> bool:
    by_class = wanted.classes or wanted.any_of or wanted.all_of
    return bool(by_class or wanted.crowd is not None or wanted.area != ANY or wanted.share != ANY)


def _of_size(dataset: Dataset, side: Range) -> Dataset:
    if side == ANY:
        return dataset
    least, most = side

    def fits(picture: Picture) -> bool:
        pixels(picture)
        return least <= min(picture.size) and max(picture.size) <= most

    return dataset.of_pictures(picture for picture in dataset.pictures if fits(picture))


def _of_figures(dataset: Dataset, wanted: Wanted) -> Dataset:
    """Without the figures that crowd, area or share rule out."""
    figures = dataset.annotations
    if wanted.crowd is not None:
        figures = tuple(one for one in figures if bool(one.iscrowd) == wanted.crowd)
    if wanted.area != ANY or wanted.share != ANY:
        measured = _measured(dataset, wanted)
        if wanted.crowd_rest:
            figures = tuple(
                one if one.iscrowd or measured(one) else changed(one, iscrowd=1) for one in figures
            )
        else:
            figures = tuple(one for one in figures if measured(one))
    return dataset if figures is dataset.annotations else replace(dataset, annotations=figures)


def _measured(dataset: Dataset, wanted: Wanted) -> Callable[[Annotation], bool]:
    pictures = {picture.id: picture for picture in dataset.pictures}

    def fits(figure: Annotation) -> bool:
        picture = pictures.get(figure.image_id)
        if picture is None:
            return False
        area = area_of(figure, picture)
        if not wanted.area[0] <= area <= wanted.area[1]:
            return False
        return wanted.share == ANY or wanted.share[0] <= area / pixels(picture) <= wanted.share[1]

    return fits


def _of_classes(dataset: Dataset, names: Sequence[str]) -> Dataset:
    if not names:
        return dataset
    ids = class_ids(dataset, names)
    figures = tuple([one for one in dataset.annotations if one.category_id in ids])
    categories = tuple(category for category in dataset.categories if category.name in names)
    return replace(dataset, annotations=figures, categories=categories)


def _not_empty(dataset: Dataset, *, crowds_count: bool) -> Dataset:
    drawn = {one.image_id for one in dataset.annotations if crowds_count or not one.iscrowd}
    kept = tuple([picture for picture in dataset.pictures if picture.id in drawn])
    if crowds_count and drawn.issubset(
        {picture.id for picture in kept}
    ):  # so no figure goes; to ask each costs as much again
        return replace(dataset, pictures=kept)
    return dataset.of_pictures(kept)
