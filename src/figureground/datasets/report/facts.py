"""What a dataset holds: counts of pictures, figures and classes, and how large the figures are."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from figureground.datasets.dataset import Dataset
from figureground.datasets.figures import measure_figures
from figureground.errors import OptionError

SMALL, MEDIUM = 32**2, 96**2
"""Pixels from which on a figure is medium, and large (COCO's evaluation)."""


@dataclass(frozen=True)
class ClassFacts:
    """One class.

    Attributes:
        name: of the category.
        annotations: how many figures are of it.
        images: how many pictures have such a figure.
    """

    name: str
    annotations: int
    images: int


@dataclass(frozen=True, eq=False)
class Facts:
    """What a dataset holds; k classes.

    Attributes:
        images: how many.
        annotations: how many, also those of no picture or class.
        crowd: how many of them stand for a crowd.
        empty: how many pictures have none.
        strange: how many annotations are of a picture or class that is not there.
        classes: the k categories, in their order.
        together: (k, k) int64, how many pictures have both classes; on the diagonal, the one.
        per_image: how many pictures have 0, 1, 2, ... figures.
        areas: (n,) float64 pixels of each figure that can be measured.
        shares: (n,) float64 likewise, as a part of its picture; NaN where its size is not known.
        sizes: (h, w) of pictures and how many have it, most frequent first.
    """

    images: int
    annotations: int
    crowd: int
    empty: int
    strange: int
    classes: tuple[ClassFacts, ...]
    together: npt.NDArray[np.int64]
    per_image: tuple[int, ...]
    areas: npt.NDArray[np.float64]
    shares: npt.NDArray[np.float64]
    sizes: tuple[tuple[tuple[int, int], int], ...]

    @property
    def by_size(self) -> tuple[int, int, int]:
        """How many figures are small, medium and large, as COCO draws the lines."""
        small, medium = (int((self.areas < limit).sum()) for limit in (SMALL, MEDIUM))
        return small, medium - small, len(self.areas) - medium


@dataclass(frozen=True)
class Pair:
    """Two classes side by side.

    Attributes:
        first: the one.
        second: the other.
        both: how many pictures have both.
        only_first: how many have the one alone.
        only_second: how many have the other alone.
        neither: how many have none of the two.
    """

    first: ClassFacts
    second: ClassFacts
    both: int
    only_first: int
    only_second: int
    neither: int

    @property
    def ratio(self) -> float:
        """Figures of the first class for each one of the second; infinite where there is none of it."""
        one, other = self.first.annotations, self.second.annotations
        return one / other if other else float("inf") if one else float("nan")


def facts(dataset: Dataset) -> Facts:
    """What `dataset` holds; areas are measured from the outlines, whatever the file says.

    Example:
        >>> from figureground.datasets.dataset import Annotation, Category, Picture, new
        >>> photo = new(Picture, id=7, file_name="a.jpg", width=40, height=20)
        >>> figure = new(Annotation, id=1, image_id=7, category_id=1, bbox=[0, 0, 10, 20])
        >>> found = facts(Dataset((photo,), (figure,), (new(Category, id=1, name="rat"),)))
        >>> found.classes, found.shares.tolist(), found.by_size
        ((ClassFacts(name='rat', annotations=1, images=1),), [0.25], (1, 0, 0))
    """
    per_picture = Counter(one.image_id for one in dataset.annotations)
    ids = {one.id for one in dataset.pictures}
    categories = {one.id: place for place, one in reversed(list(enumerate(dataset.categories)))}
    numbers = np.bincount([per_picture[one.id] for one in dataset.pictures] or [0], minlength=1)
    numbers[0] -= not dataset.pictures
    strange = sum(one.image_id not in ids or one.category_id not in categories for one in dataset.annotations)
    together = _together(dataset, categories, ids)
    found = Counter(one.category_id for one in dataset.annotations)
    areas, shares = _areas(dataset)
    return Facts(
        len(dataset.pictures),
        len(dataset.annotations),
        sum(bool(one.iscrowd) for one in dataset.annotations),
        int(numbers[0]),
        strange,
        tuple(
            ClassFacts(
                one.name, found[one.id] if categories[one.id] == place else 0, int(together[place, place])
            )
            for place, one in enumerate(dataset.categories)
        ),
        together,
        tuple(numbers.tolist()),
        areas,
        shares,
        tuple(Counter(one.size for one in dataset.pictures).most_common()),
    )


def pair_of(found: Facts, first: str, second: str) -> Pair:
    """The classes named `first` and `second` side by side: what a training set of both needs to know.

    Raises:
        OptionError: there is no class of that name.
    """
    names = [one.name for one in found.classes]
    for name in (first, second):
        if name not in names:
            raise OptionError(f"there is no class {name!r}; there are: {', '.join(names) or 'none'}")
    a, b = names.index(first), names.index(second)
    both, one, other = (int(found.together[place]) for place in ((a, b), (a, a), (b, b)))
    neither = found.images - one - other + both
    return Pair(found.classes[a], found.classes[b], both, one - both, other - both, neither)


def top_pairs(found: Facts, most: int) -> list[tuple[int, int]]:
    """The places of the classes that are most often together in a picture, at most `most` pairs."""
    rows, columns = np.triu_indices(len(found.classes), 1)
    counts = found.together[rows, columns]
    order = np.argsort(-counts, kind="stable")[:most]
    return [(int(rows[i]), int(columns[i])) for i in order if counts[i]]


def _together(dataset: Dataset, categories: dict[int, int], ids: set[int]) -> npt.NDArray[np.int64]:
    """(k, k) how many pictures have both classes."""
    of_picture: dict[int, set[int]] = {}
    for one in dataset.annotations:
        if one.image_id in ids and (place := categories.get(one.category_id)) is not None:
            of_picture.setdefault(one.image_id, set()).add(place)
    together = np.zeros((len(dataset.categories), len(dataset.categories)), np.int64)
    for classes, count in Counter(frozenset(one) for one in of_picture.values()).items():
        places = np.array(sorted(classes))
        together[np.ix_(places, places)] += count
    return together


def _areas(dataset: Dataset) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    figures = measure_figures(dataset)
    pixels = np.array(
        [one.width * one.height if min(one.size) > 0 else np.nan for one in dataset.pictures] + [np.nan]
    )
    known = np.isfinite(figures.area)
    areas = figures.area[known]
    return areas, areas / pixels[figures.picture[known]]
