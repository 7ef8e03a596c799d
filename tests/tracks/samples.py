"""Small tracks with known figures."""

from fractions import Fraction

import numpy as np

from figureground.instances import Crop, Instances
from figureground.tracks import Stamp, TrackInfo, Tracks

SIZE = (19, 23)
INFO = TrackInfo(
    "a.mp4", SIZE, Fraction(30000, 1001), "ab" * 32, ("fly", "moth"), "figureground test", {"count": 2}
)


def square(y0: int, x0: int, side: int = 2) -> Crop:
    return Crop(y0, x0, np.ones((side, side), bool))


def frame(index: int, *crops: Crop, **columns: object) -> tuple[Stamp, Instances]:
    return Stamp(index, Fraction(index * 1001, 30000)), Instances(SIZE, crops, **columns)


def two_figures() -> Tracks:
    """Figures 2 and 7 in frames 3 and 6, and nothing in frame 4."""
    found = [
        frame(3, square(0, 0), square(5, 6, 3), ids=[7, 2], labels=[1, 0], scores=[0.5, 1]),
        frame(4),
        frame(6, square(5, 7, 3), square(1, 0), ids=[2, 7], labels=[0, 1]),
    ]
    return Tracks.from_instances(found, INFO)


def walkers(frames: int, animals: int, seed: int = 0) -> Tracks:
    """Ragged blobs at random places, a tenth of them missing."""
    rng = np.random.default_rng(seed)
    found = []
    for index in range(frames):
        here = np.flatnonzero(rng.random(animals) > 0.1)
        crops = []
        for _ in here:
            y0, x0 = rng.integers(0, SIZE[0] - 5), rng.integers(0, SIZE[1] - 7)
            crops.append(Crop(int(y0), int(x0), rng.random((5, 7)) > 0.2))
        scores = rng.random(len(here)).astype(np.float32)
        found.append(frame(index, *crops, ids=here, labels=here % 2, scores=scores))
    return Tracks.from_instances(found, INFO)


def assert_equal(came: Tracks, wanted: Tracks) -> None:
    assert came.info == wanted.info
    for name in ("frames", "times", "frame", "id", "label", "score", "boxes", "centroids", "area"):
        ours, theirs = getattr(came, name), getattr(wanted, name)
        assert ours.dtype == theirs.dtype
        np.testing.assert_array_equal(ours, theirs, err_msg=name)
    texts = [came.masks.text(row) for row in range(len(came))]
    assert texts == [wanted.masks.text(row) for row in range(len(wanted))]
