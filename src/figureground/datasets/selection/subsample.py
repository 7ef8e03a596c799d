"""Fewer pictures: by chance, or spread evenly over each video."""

from collections.abc import Sequence

from figureground.datasets.dataset import Dataset, Picture
from figureground.datasets.selection.groups import check_ids, grouping, in_time, videos
from figureground.datasets.selection.lots import lot
from figureground.datasets.selection.split import tallies
from figureground.datasets.selection.stratify import stratify
from figureground.errors import OptionError

WAYS = ("random", "even", "classes")


def subsample(
    dataset: Dataset, amount: float, *, how: str = "random", group: str = "", seed: int = 0
) -> Dataset:
    """Some of the pictures, with all that is drawn on them, in the order of the file.

    What is chosen depends on the pictures' names and the seed, not on their order in the file. A larger
    random choice of the same seed holds all of a smaller one.

    Args:
        dataset: what to choose from.
        amount: below 1 a fraction of the pictures, rounded to the nearest number; from 1 on a number. More
            than there are gives all.
        how: "random"; "even" spreads the choice over each video (see `video_of`), each by
            its length, and takes those of no video by chance; "classes" chooses so that
            each class keeps its share (`stratify`).
        group: as in `split_dataset`.
        seed: decides what chance gives.

    Raises:
        OptionError: the amount or the way makes no sense.
        InputError: two pictures have the same id.

    Example:
        >>> from figureground.datasets.dataset import new
        >>> photos = tuple(new(Picture, id=n, file_name=f"a_{n:06}.png") for n in range(12))
        >>> [photo.id for photo in subsample(Dataset(photos), 3, how="even").pictures]
        [2, 6, 10]
    """
    check_ids(dataset.pictures, "image")
    number = _number(amount, len(dataset.pictures))
    if how == "random":
        chosen = _random(dataset.pictures, number, seed)
    elif how == "even":
        chosen = _even(videos(dataset, grouping(group)), number, seed)
    elif how == "classes":
        chosen = _by_classes(dataset, number, seed)
    else:
        raise OptionError(f"a sample is drawn {', '.join(WAYS)}; not {how!r}")
    ids = {picture.id for picture in chosen}
    return dataset.of_pictures(picture for picture in dataset.pictures if picture.id in ids)


def _number(amount: float, count: int) -> int:
    if not amount > 0 or (amount > 1 and amount != int(min(amount, 1e18))):
        raise OptionError(f"{amount:g} images; it must be a fraction below 1, or a whole number from 1 on")
    return min(count, int(amount) if amount >= 1 else round(amount * count))


def _random(pictures: Sequence[Picture], number: int, seed: int) -> list[Picture]:
    return sorted(pictures, key=lambda picture: lot(picture, seed))[:number]


def _even(groups: dict[str | None, list[Picture]], number: int, seed: int) -> list[Picture]:
    """`number` pictures, from each group by its size (largest remainders; among equal ones by name)."""
    total = sum(len(group) for group in groups.values())
    names = sorted(groups, key=lambda name: (name is None, name))
    numbers = {name: len(groups[name]) * number // max(total, 1) for name in names}
    most = sorted(names, key=lambda name: -(len(groups[name]) * number % max(total, 1)))
    for name in most[: number - sum(numbers.values())]:
        numbers[name] += 1
    chosen: list[Picture] = []
    for name in names:
        if name is None:
            chosen += _random(groups[name], numbers[name], seed)
        else:
            chosen += _spread(in_time(groups[name]), numbers[name])
    return chosen


def _spread(pictures: Sequence[Picture], number: int) -> list[Picture]:
    """The middles of `number` equal stretches."""
    return [pictures[(2 * place + 1) * len(pictures) // (2 * number)] for place in range(number)]


def _by_classes(dataset: Dataset, number: int, seed: int) -> list[Picture]:
    order = sorted(dataset.pictures, key=lambda picture: lot(picture, seed))
    if number in (0, len(order)):
        return order[:number]
    places = {picture.id: place for place, picture in enumerate(order)}
    share = number / len(order)
    parts = stratify(tallies(dataset, places, len(order)), [share, 1 - share])
    taken = [picture for picture, part in zip(order, parts, strict=True) if part == 0]
    others = [picture for picture, part in zip(order, parts, strict=True) if part]
    return (taken + others)[:number]
