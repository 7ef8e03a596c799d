"""Even out how often classes occur, by choosing pictures; no figure is taken off a picture that stays."""

import heapq
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from figureground.datasets.dataset import Dataset
from figureground.datasets.selection.filter import class_ids
from figureground.datasets.selection.groups import check_ids
from figureground.datasets.selection.lots import lot
from figureground.errors import OptionError

Counts = Counter[str]


@dataclass(frozen=True)
class Balanced:
    """What `cap_ratio` gives.

    Attributes:
        dataset: the pictures that were kept.
        ratio: figures of the most frequent class to those of the rarest, as they are now.
        reached: whether that is what was asked for.
        reasons: where it is not, for each class that is still too frequent, why.
    """

    dataset: Dataset
    ratio: float
    reached: bool
    reasons: tuple[str, ...] = ()


def cap_ratio(dataset: Dataset, ratio: float, *, classes: Sequence[str] = (), seed: int = 0) -> Balanced:
    """Leave out pictures until no class has more than `ratio` times the figures of the rarest.

    Let m be the figures of the rarest class that has any, so that `ratio` x m is the cap. A picture may go
    as long as every class keeps m figures: so all pictures with the rarest class stay, and no class becomes
    rarer than it. Of the pictures that may go and have figures too many, the next is the one with the largest
    part of its figures too many; of these the one with most, as so the fewest pictures are lost; of these one
    by lot. When nothing can go any more, pictures that are not needed for the result come back, the last one
    first; and so on, until both end.

    It is guaranteed that no class has less than m figures (or than it had); that a picture left out would,
    if it came back, bring a class above the cap; and, where the cap is not reached, that no picture with a
    class above it could go. It is not guaranteed that no other choice keeps more pictures: that is a
    hard problem (a packing of integers). The time is of the order of n log n for n pictures.

    Args:
        dataset: what to choose from.
        ratio: at least 1.
        classes: only these classes count; all by default.
        seed: decides between equal pictures.

    Raises:
        OptionError: the ratio is below 1, or there is no such class.
        InputError: two pictures have the same id.

    Example:
        >>> from figureground.datasets.dataset import Annotation, Category, Picture, new
        >>> cats = tuple(new(Category, id=n, name=name) for n, name in ((1, "person"), (2, "ball")))
        >>> photos = tuple(new(Picture, id=n, file_name=f"{n}.jpg") for n in range(9))
        >>> figures = [new(Annotation, id=n, image_id=n, category_id=1) for n in range(9)]
        >>> figures.append(new(Annotation, id=9, image_id=0, category_id=2))
        >>> even = cap_ratio(Dataset(photos, tuple(figures), cats), 3)
        >>> len(even.dataset.pictures), even.ratio, even.reached
        (3, 3.0, True)
    """
    if not ratio >= 1:
        raise OptionError(f"a ratio of {ratio:g}; it must be at least 1, such as 3 for 3 : 1")
    check_ids(dataset.pictures, "image")
    names = _names(dataset, classes)
    order = sorted(dataset.pictures, key=lambda picture: lot(picture, seed))
    places = {picture.id: place for place, picture in enumerate(order)}
    choice = _Choice(_tallies(dataset, places, names), ratio)
    choice.settle()
    kept = {picture.id for picture, stays in zip(order, choice.kept, strict=True) if stays}
    return Balanced(
        dataset.of_pictures(picture for picture in dataset.pictures if picture.id in kept),
        choice.ratio(),
        not choice.over(),
        tuple(choice.reason(name) for name in choice.over()),
    )


class _Choice:
    """Which pictures are kept; with the counts that follow from it, always up to date."""

    def __init__(self, pictures: list[Counts], ratio: float) -> None:
        self.pictures = pictures
        self.kept = [True] * len(pictures)
        self.gone: list[int] = []
        self.counts: Counts = Counter()
        for one in pictures:
            self.counts.update(one)
        self.least = min(self.counts.values(), default=0)
        self.cap = int(min(ratio * self.least + 1e-9, 1e18))  # 2.3 x 100 is 229.99999999999997

    def settle(self) -> None:
        """Take and give back until neither is possible.

        It ends, because each taking lessens what is above the cap and giving back adds nothing to that.
        """
        while self._take():
            self._give_back()

    def over(self) -> list[str]:
        """The classes above the cap, the furthest first."""
        return [name for name, number in self.counts.most_common() if number > self.cap]

    def ratio(self) -> float:
        """Figures of the most frequent class to those of the rarest; 1 without any."""
        return max(self.counts.values(), default=1) / max(1, min(self.counts.values(), default=1))

    def reason(self, name: str) -> str:
        """Why the class `name` is still above the cap."""
        rows = [row for row, kept in zip(self.pictures, self.kept, strict=True) if kept and row[name]]
        needed = Counter(one for row in rows for one in row if self.counts[one] - row[one] < self.least)
        told = ", ".join(f"{one} ({number} images)" for one, number in needed.most_common(5))
        return (
            f"{name}: {self.counts[name]} figures, {self.cap} wanted; each of the {len(rows)} images left "
            f"with it is needed, or a class would have less than {self.least}: {told}"
        )

    def _take(self) -> bool:
        """Leave out pictures, the best first; whether any went.

        As counts fall, the rank of a picture only falls, and what may not go never may again: a rank that is
        out of date is corrected when its turn comes, and the order stays right.
        """
        before = len(self.gone)
        ranks = (self._rank(place) for place in range(len(self.kept)) if self.kept[place])
        heap = [rank for rank in ranks if rank]
        heapq.heapify(heap)
        while heap:
            old = heapq.heappop(heap)
            rank = self._rank(old[-1])
            if rank == old:
                self._move(old[-1], kept=False)
            elif rank:
                heapq.heappush(heap, rank)
        return len(self.gone) > before

    def _give_back(self) -> None:
        """Take in again what brings no class above the cap."""
        gone, self.gone = self.gone[::-1], []
        for place in gone:
            row = self.pictures[place]
            if all(self.counts[name] + number <= self.cap for name, number in row.items()):
                self._move(place, kept=True)
            else:
                self.gone.append(place)
        self.gone.reverse()

    def _rank(self, place: int) -> tuple[float, int, int] | None:
        """Least for the picture that should go first; None if it may not go, or that would not help."""
        row = self.pictures[place]
        if any(self.counts[name] - number < self.least for name, number in row.items()):
            return None
        gain = sum(min(number, max(0, self.counts[name] - self.cap)) for name, number in row.items())
        return (-gain / row.total(), -gain, place) if gain else None

    def _move(self, place: int, *, kept: bool) -> None:
        self.kept[place] = kept
        for name, number in self.pictures[place].items():
            self.counts[name] += number if kept else -number
        if not kept:
            self.gone.append(place)


def _tallies(dataset: Dataset, places: dict[int, int], names: dict[int, str]) -> list[Counts]:
    """How many figures of each class each picture has."""
    tallies: list[Counts] = [Counter() for _ in places]
    for one in dataset.annotations:
        place, name = places.get(one.image_id, -1), names.get(one.category_id)
        if place >= 0 and name is not None:
            tallies[place][name] += 1
    return tallies


def _names(dataset: Dataset, classes: Sequence[str]) -> dict[int, str]:
    if not classes:
        return dataset.names()
    ids = class_ids(dataset, classes)
    return {identity: name for identity, name in dataset.names().items() if identity in ids}
