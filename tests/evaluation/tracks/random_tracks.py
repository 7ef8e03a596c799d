"""Random truth and result, the same on every machine: `random.Random.random` is promised to stay as it is."""

import math
import random
from fractions import Fraction

import numpy as np

from figureground.instances import Crop, Instances
from figureground.tracks import Stamp, TrackInfo, Tracks

SIZE = (83, 97)
RATE = 10
Figure = tuple[int, int, int, int, int]  # id, x, y, width, height


def random_case(seed: int) -> tuple[list[list[Figure]], list[list[Figure]]]:
    """Animals that walk and meet; a result that misses, invents, shakes, swaps, and begins anew."""
    rng = random.Random(seed)
    frames, animals = _int(rng, 11, 47), _int(rng, 2, 9)
    places = [[_int(rng, 0, 70), _int(rng, 0, 60)] for _ in range(animals)]
    names = [20 + 3 * i for i in range(animals)]
    restless = 0.3 * rng.random()
    truth, result = [], []
    for _ in range(frames):
        drawn, found = [], []
        if rng.random() < restless:
            a, b = _int(rng, 0, animals), _int(rng, 0, animals)
            names[a], names[b] = names[b], names[a]
        if rng.random() < restless / 3:
            names[_int(rng, 0, animals)] = max(names) + 1
        for i, place in enumerate(places):
            place[0] = min(70, max(0, place[0] + _int(rng, -5, 6)))
            place[1] = min(60, max(0, place[1] + _int(rng, -5, 6)))
            x, y = place
            if rng.random() < 0.9:
                drawn.append((i + 1, x, y, 17, 13))
            if rng.random() < 0.85:
                found.append((names[i], max(0, x + _int(rng, -3, 4)), max(0, y + _int(rng, -3, 4)), 17, 13))
        if rng.random() < 0.15:
            found.append((999, _int(rng, 0, 70), _int(rng, 0, 60), 19, 11))
        truth.append([] if rng.random() < 0.03 else drawn)
        result.append([] if rng.random() < 0.03 else found)
    return truth, result


def figures_to_tracks(frames: list[list[Figure]]) -> Tracks:
    """Tracks at RATE frames a second; each figure fills its box but for the lower right quarter."""
    found = []
    for index, figures in enumerate(frames):
        crops = tuple(Crop(y, x, mask_of(width, height)) for _, x, y, width, height in figures)
        ids = np.array([one[0] for one in figures], np.int64)
        found.append((Stamp(index, Fraction(index, RATE)), Instances(SIZE, crops, ids=ids)))
    return Tracks.from_instances(found, TrackInfo("made.mp4", SIZE, Fraction(RATE)))


def mask_of(width: int, height: int) -> np.ndarray:
    mask = np.ones((height, width), bool)
    mask[height // 2 :, width // 2 :] = False
    return mask


def _int(rng: random.Random, low: int, high: int) -> int:
    """`low` to below `high`."""
    return low + math.floor(rng.random() * (high - low))
