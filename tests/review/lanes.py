"""Animals that walk in lanes of their own, one below the other, and faults put into their tracks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from figureground.instances import Crop, Instances
from figureground.review.corrections import Correction, Delete, Merge, Split, Swap
from figureground.review.log import with_ids
from figureground.tracks import Outlines, Stamp, TrackInfo, Tracks

SIZE = (127, 211)
RATE = 10


@dataclass(frozen=True)
class Animal:
    """`at(frame)` is its upper left corner, x y, or None where it is not there."""

    id: int
    at: Callable[[int], tuple[int, int] | None]
    width: int = 11
    height: int = 7


def lane(number: int, start: int = 30, speed: int = 2) -> Callable[[int], tuple[int, int]]:
    return lambda frame: (start + speed * frame, 10 + 25 * number)


def animals_to_tracks(animals: Sequence[Animal], frames: int = 60) -> Tracks:
    found = []
    for frame in range(frames):
        there = [(one, place) for one in animals if (place := one.at(frame)) is not None]
        crops = tuple(Crop(y, x, np.ones((one.height, one.width), bool)) for one, (x, y) in there)
        ids = np.array([one.id for one, _ in there], np.int64)
        found.append((Stamp(frame, Fraction(frame, RATE)), Instances(SIZE, crops, ids=ids)))
    return Tracks.from_instances(found, TrackInfo("lanes.mp4", SIZE, Fraction(RATE)))


def three(frames: int = 60) -> Tracks:
    """Ids 1, 2 and 3 in their lanes, without any fault."""
    return animals_to_tracks([Animal(one, lane(one)) for one in (1, 2, 3)], frames)


def renamed(tracks: Tracks, *changes: tuple[int, int, int, int]) -> Tracks:
    """`tracks` with (id, new id, first frame, frame after the last) changed, all at once; -1 deletes."""
    ids = tracks.id.copy()
    for old, new, start, stop in changes:
        ids[(tracks.id == old) & (tracks.frame >= start) & (tracks.frame < stop)] = new
    return with_ids(tracks, ids)


def without_masks(tracks: Tracks) -> Tracks:
    bare = Outlines.from_texts([b""] * len(tracks), tracks.info.size)
    return replace(tracks, masks=bare, area=np.zeros(len(tracks), np.int64))


def cure_to_correction(cure: str, new: int) -> Correction:
    """What `figureground tracks correct` makes of a cure."""
    what, *words = cure.split()
    ids = [int(word) for word in words if word.isdigit()]
    match what:
        case "swap":
            return Swap(*ids)
        case "merge":
            return Merge(*ids)
        case "split":
            return Split(*ids, new)
    return Delete(*ids)
