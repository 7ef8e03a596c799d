"""Part a dataset for training and testing, so that the test tells how it will be on pictures never seen."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import accumulate
from math import floor

from figureground.datasets.dataset import Dataset, Picture, changed
from figureground.datasets.selection.groups import check_ids, frame_of, grouping, in_time, source_of, videos
from figureground.datasets.selection.lots import lot
from figureground.datasets.selection.stratify import PICTURES, stratify
from figureground.errors import OptionError

WAYS = ("video", "picture", "time")
CURE = (
    "'--by time' parts each video by time, '--by picture' takes each image alone (for photos that are no "
    "frames), '--group REGEX' reads your own names"
)


def split_dataset(
    dataset: Dataset,
    parts: Mapping[str, float],
    *,
    by: str = "video",
    group: str = "",
    gap: int = 0,
    seed: int = 0,
) -> dict[str, Dataset]:
    """The parts of `dataset` by their names; no picture and no group is in two of them.

    All parts have all categories. Pictures keep the order of the file; those that have a key "split", as
    YOLO's and Roboflow's have when they are read, have the name of their new part there.

    Args:
        dataset: what to part.
        parts: names and fractions, which add up to 1, or to 100.
        by: "video" keeps the frames of a video together and deals the videos out so that each part gets its
            share of the pictures and of each class (`stratify`). "picture" does so with single pictures;
            copies of one (`source_of`) stay together. "time" parts each video: its first frames to the
            first part, and so on; pictures of no video are dealt out one by one.
        group: a regular expression that finds in a file name what the frames of one video have in common;
            without it `video_of` tells.
        gap: by time, so many frames of a video are left out after the last one of each part; told by the
            frames' numbers, or counted as pictures where names have dates.
        seed: decides between what is equal.

    Raises:
        OptionError: the options make no sense, or the videos cannot be parted so: there are fewer than parts,
            or one is larger than the largest part. The message says which.
        InputError: two pictures have the same id.

    Example:
        >>> from figureground.datasets.dataset import new
        >>> names = [f"{video}_{frame:06}.png" for video in "abcde" for frame in range(4)]
        >>> photos = tuple(new(Picture, id=n, file_name=name) for n, name in enumerate(names))
        >>> parts = split_dataset(Dataset(photos), {"train": 0.8, "test": 0.2})
        >>> {name: len(part.pictures) for name, part in parts.items()}
        {'train': 16, 'test': 4}
    """
    fractions = _checked(parts, by, gap)
    check_ids(dataset.pictures, "image")
    groups = videos(dataset, grouping(group) if by != "picture" else _no_group)
    if by == "time":
        chosen = _by_time(dataset, groups, fractions, gap, seed)
    else:
        if by == "video":
            _check_groups(groups, fractions)
        chosen = _by_group(dataset, groups, fractions, seed)
    _check_filled(chosen, list(parts), len(dataset.pictures))
    return {name: _part(dataset, chosen, place, name) for place, name in enumerate(parts)}


def _part(dataset: Dataset, chosen: Mapping[int, int], place: int, name: str) -> Dataset:
    """The pictures that were chosen for `place`; a key "split" of an earlier split tells `name` then."""
    part = dataset.of_pictures(picture for picture in dataset.pictures if chosen.get(picture.id) == place)
    pictures = tuple(
        changed(picture, split=name) if b'"split"' in bytes(picture.raw) and picture.get("split") else picture
        for picture in part.pictures
    )
    return replace(part, pictures=pictures)


def _checked(parts: Mapping[str, float], by: str, gap: int) -> list[float]:
    if by not in WAYS:
        raise OptionError(f"a dataset is split by {', '.join(WAYS)}; not by {by!r}")
    if gap < 0 or (gap and by != "time"):
        raise OptionError(f"a gap of {gap} frames: it must be 0 or more, and is for a split by time only")
    for name in parts:
        if not re.fullmatch(r"[A-Za-z0-9][\w-]{0,63}", name, re.ASCII):
            raise OptionError(f"a part is named {name!r}; letters, digits, - and _ make names of files")
    if len({name.lower() for name in parts}) < len(parts):
        raise OptionError(f"two parts have the same name: {', '.join(parts)}")
    total = sum(parts.values())
    if not parts or not all(value > 0 for value in parts.values()) or not _is_whole(total):
        told = " + ".join(f"{value:g}" for value in parts.values()) or "none"
        raise OptionError(f"the parts are {told} = {total:g}; they must be above 0 and add up to 1 (or 100)")
    return [value / total for value in parts.values()]


def _no_group(picture: Picture) -> None:
    return None


def _is_whole(total: float) -> bool:
    return abs(total - 1) < 1e-6 or abs(total - 100) < 1e-4


def _check_groups(groups: Mapping[str | None, Sequence[Picture]], fractions: Sequence[float]) -> None:
    sizes = Counter({name: len(group) for name, group in groups.items() if name is not None})
    alone = len({source_of(picture) for picture in groups.get(None, ())})
    if not sizes or len(fractions) == 1:
        return
    pictures = sum(len(group) for group in groups.values())
    name, largest = sizes.most_common(1)[0]
    told = ", ".join(f"{name} ({size} images)" for name, size in sizes.most_common(5))
    told += f" and {len(sizes) - 5} more" if len(sizes) > 5 else ""
    count = len(sizes) + alone
    if count < len(fractions):
        raise OptionError(
            f"{count} video{'s' * (count != 1)} cannot be {len(fractions)} parts, as frames of a video stay "
            f"together; the videos by their names: {told}. {CURE}"
        )
    if largest > max(fractions) * pictures + 1e-9:
        raise OptionError(
            f"the video {name} has {largest} of all {pictures} images, more than the largest part, and "
            f"frames of a video stay together; the videos by their names: {told}. {CURE}"
        )


def _check_filled(chosen: Mapping[int, int], names: Sequence[str], pictures: int) -> None:
    missing = set(range(len(names))) - set(chosen.values())
    if pictures and missing:
        raise OptionError(
            f"{pictures} images cannot be {len(names)} parts so: there is none for {names[min(missing)]}; "
            "make fewer parts, or its fraction larger or the gap smaller"
        )


def _by_group(
    dataset: Dataset,
    groups: Mapping[str | None, Sequence[Picture]],
    fractions: Sequence[float],
    seed: int,
) -> dict[int, int]:
    """The part of each picture by its id, groups whole; of pictures of none, copies together."""
    whole = [list(group) for name, group in groups.items() if name is not None]
    alone: dict[str, list[Picture]] = {}
    for picture in groups.get(None, ()):
        alone.setdefault(source_of(picture), []).append(picture)
    units = sorted((*whole, *alone.values()), key=lambda unit: min(lot(picture, seed) for picture in unit))
    places = {picture.id: place for place, unit in enumerate(units) for picture in unit}
    parts = stratify(tallies(dataset, places, len(units)), fractions)
    return {identity: parts[place] for identity, place in places.items()}


def tallies(dataset: Dataset, places: Mapping[int, int], count: int) -> list[dict[int, int]]:
    """How many figures of each class and how many pictures each unit has."""
    classes = {category.id: place for place, category in enumerate(dataset.categories)}
    tallies: list[dict[int, int]] = [{PICTURES: 0} for _ in range(count)]
    for place in places.values():
        tallies[place][PICTURES] += 1
    for one in dataset.annotations:
        place, key = places.get(one.image_id, -1), classes.get(one.category_id)
        if place >= 0 and key is not None:
            tally = tallies[place]
            tally[key] = tally.get(key, 0) + 1
    return tallies


def _by_time(
    dataset: Dataset,
    groups: Mapping[str | None, list[Picture]],
    fractions: Sequence[float],
    gap: int,
    seed: int,
) -> dict[int, int]:
    """The part of each picture by its id; those in a gap have none.

    What one video rounds up the next rounds down, so that the fractions hold also for many short videos.
    """
    timed = {name: group for name, group in groups.items() if name is not None}
    if dataset.pictures and not timed:
        raise OptionError(
            "no image belongs to a video, as far as names and the key 'video' tell, so there is no order of "
            "time; '--by picture' takes each image alone, '--group REGEX' reads your own names"
        )
    loose: dict[str | None, list[Picture]] = {None: groups.get(None, [])}
    chosen = _by_group(dataset, loose, fractions, seed)
    owed = [0.0] * len(fractions)
    for name in sorted(timed):
        group = in_time(timed[name])
        owed = [debt + len(group) * fraction for debt, fraction in zip(owed, fractions, strict=True)]
        numbers = _numbers(owed, len(group))
        owed = [debt - number for debt, number in zip(owed, numbers, strict=True)]
        chosen |= _timed(group, list(accumulate(numbers)), gap)
    return chosen


def _numbers(owed: Sequence[float], total: int) -> list[int]:
    """Whole numbers from 0 on, as near to `owed` as a sum of `total` allows."""
    numbers = [max(0, floor(debt)) for debt in owed]
    parts = range(len(owed))
    while sum(numbers) < total:
        numbers[max(parts, key=lambda part: (round(owed[part] - numbers[part], 9), -part))] += 1
    while sum(numbers) > total:
        numbers[
            min((part for part in parts if numbers[part]), key=lambda part: owed[part] - numbers[part])
        ] -= 1
    return numbers


def _timed(group: Sequence[Picture], cuts: Sequence[int], gap: int) -> dict[int, int]:
    """The part of each picture of one video; `cuts` tell at which picture each part ends."""
    frames = [frame_of(picture) for picture in group]
    times = [place if None in frames else int(frame or 0) for place, frame in enumerate(frames)]
    chosen: dict[int, int] = {}
    start = 0
    for part, cut in enumerate(cuts):
        for place in range(start, cut):
            if not gap or not start or times[place] - times[start - 1] > gap:
                chosen[group[place].id] = part
        start = max(start, cut)
    return chosen
