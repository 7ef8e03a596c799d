"""The trackers on made herds, where it is known who is who, and on real flies."""

from collections import Counter
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from figureground import load_segmenter, open_source
from figureground.errors import InputError, OptionError
from figureground.frames import Frame
from figureground.instances import Crop, Instances
from figureground.masks import components, mask_iou
from figureground.testing import Herd, made_herd
from figureground.trackers import load_tracker
from figureground.trackers.arenas import open_arenas
from figureground.trackers.figures import measured

DATA = Path(__file__).parents[3] / "shared/data/animals"
SMALL = {"size": (331, 457), "frames": 60, "animals": 5, "body": (31.0, 15.0)}


def followed(
    herd: Herd, name: str = "motion", **options: Any
) -> tuple[list[Instances], Counter[tuple[int, int]]]:
    """What the tracker gives, and how often each animal has each id, by masks that overlap by half."""
    tracker, out, together = load_tracker(name, **options), [], Counter[tuple[int, int]]()
    for frame in herd:
        truth = herd.truth(frame.index)
        found = tracker.update(frame, herd.found(frame.index, truth))
        out.append(found)
        for i, j in np.argwhere(mask_iou(found.masks, truth.masks) >= 0.5).tolist():
            together[int(truth.ids[j]), int(found.ids[i])] += 1
    return out, together


def purity(together: Counter[tuple[int, int]]) -> float:
    """Share of the sightings with the id that their animal has most."""
    best: dict[int, int] = {}
    for (animal, _), times in together.items():
        best[animal] = max(best.get(animal, 0), times)
    return sum(best.values()) / sum(together.values())


@pytest.mark.parametrize("name", ["motion", "iou-centre"])
def test_calm_animals_keep_their_ids(name: str) -> None:
    _, together = followed(made_herd(**SMALL, speed=1.0, seed=4), name)
    assert purity(together) == 1.0


@pytest.mark.parametrize(
    ("seed", "options"),
    [
        (11, {"speed": 4.0}),
        (12, {"speed": 4.0, "drop": 0.1}),
        (13, {"speed": 6.0, "persistence": 0.0}),  # steps of half a body that follow no way
    ],
)
def test_motion_splits_what_touches(seed: int, options: dict[str, float]) -> None:
    herd = made_herd(**{**SMALL, **options}, seed=seed, merged=True)
    out, together = followed(herd, count=5)
    assert purity(together) >= 0.97
    assert max(found.ids.max(initial=-1) for found in out) == 4
    for index, found in enumerate(out):
        ids = found.ids[found.ids >= 0].tolist()
        assert len(ids) == len(set(ids))
        np.testing.assert_array_equal(found.union(), herd.found(index).union())
        assert sum(found.areas) == np.count_nonzero(found.union())  # no pixel belongs to two


def test_masks_stay_whole_where_the_count_is_not_known() -> None:
    herd = made_herd(**{**SMALL, "frames": 23}, speed=4.0, seed=11, merged=True)
    out, _ = followed(herd)
    assert [len(found) for found in out] == [len(herd.found(index)) for index in range(23)]


@pytest.mark.parametrize("persistence", [0.0, 0.9])
def test_no_id_jumps_further_than_an_animal_can_go(persistence: float) -> None:
    """Animals come, go, hide and touch; whoever keeps count must not take a new one for one far away."""
    herd = made_herd(
        **SMALL, speed=3.0, persistence=persistence, visitors=3, posts=2, drop=0.2, merged=True, seed=8
    )
    out, _ = followed(herd, count=5)
    last: dict[int, tuple[int, np.ndarray]] = {}
    seen = 0
    for index, found in enumerate(out):
        for one, centre in zip(found.ids.tolist(), measured(found.masks).centres, strict=True):
            if one in last:
                frames, step = index - last[one][0], float(np.hypot(*(centre - last[one][1])))
                assert step <= 2 * 31.0 + 4 * 3.0 * frames
                seen += 1
            if one >= 0:
                last[one] = index, centre
    assert seen > 100


@pytest.mark.parametrize("name", ["motion", "iou-centre"])
def test_never_more_ids_than_the_count(name: str) -> None:
    herd = made_herd(**SMALL, speed=9.0, drop=0.3, visitors=3, seed=2)
    out, _ = followed(herd, name, count=3)
    assert {int(i) for found in out for i in found.ids} == {-1, 0, 1, 2}


def still(x: int, y: int, side: int = 6) -> Crop:
    return Crop(y, x, np.ones((side, side), bool))


def blank(index: int, size: tuple[int, int] = (97, 131)) -> Frame:
    return Frame(np.full((*size, 3), 90, np.uint8), index, Fraction(index, 25))


def test_an_id_is_given_after_three_frames() -> None:
    tracker = load_tracker("motion")
    given = []
    for index in range(6):
        masks = (still(10, 10), still(60, 60))[: 1 + (index >= 2)]
        given.append(tracker.update(blank(index), Instances((97, 131), masks)).ids.tolist())
    assert given == [[0], [0], [0, -1], [0, -1], [0, 1], [0, 1]]


def test_a_weak_figure_goes_on_but_begins_nothing() -> None:
    tracker = load_tracker("motion")
    first = Instances((97, 131), (still(10, 10),), scores=[0.9])
    assert tracker.update(blank(0), first).ids.tolist() == [0]
    for index in range(1, 6):
        both = Instances((97, 131), (still(10, 10), still(60, 60)), scores=[0.2, 0.2])
        assert tracker.update(blank(index), both).ids.tolist() == [0, -1]


@pytest.mark.parametrize(
    ("name", "gone", "after"), [("motion", 20, 0), ("motion", 90, -1), ("iou-centre", 90, 1)]
)
def test_back_after_a_while(name: str, gone: int, after: int) -> None:
    tracker, one = load_tracker(name), Instances((97, 131), (still(10, 10),))
    for index in range(5):
        tracker.update(blank(index), one)
    for index in range(gone):
        tracker.update(blank(5 + index), Instances.empty((97, 131)))
    assert tracker.update(blank(5 + gone), one).ids.tolist() == [after]


def test_one_that_vanishes_is_not_the_one_that_comes_far_away() -> None:
    tracker = load_tracker("motion", count=2)
    left, right, far = still(10, 10), still(20, 60), still(120, 20)
    for index in range(20):
        assert tracker.update(blank(index), Instances((97, 131), (left, right))).ids.tolist() == [0, 1]
    for index in range(20, 40):  # 100 pixels for one who never moved
        assert tracker.update(blank(index), Instances((97, 131), (left, far))).ids.tolist() == [0, -1]
    assert tracker.update(blank(40), Instances((97, 131), (left, right, far))).ids.tolist() == [0, 1, -1]


def test_who_vanished_into_a_mask_comes_out_of_it() -> None:
    """One walks up to another, they are one mask for much longer than who is lost is looked for."""
    tracker, given = load_tracker("motion", lost=5), set()
    places = [*range(10, 49, 3), *[50] * 30, *range(47, 9, -3)]
    for index, x in enumerate(places):
        mask = np.zeros((97, 131), np.uint8)
        mask[40:50, x : x + 12] = mask[40:50, 60:72] = 1
        found = Instances((97, 131), tuple(components(mask)))
        ids = tracker.update(blank(index), found).ids.tolist()
        given.update(ids)
        if len(ids) == 2:
            assert ids == [0, 1]
    assert given == {0, 1}


@pytest.mark.parametrize("name", ["motion", "iou-centre"])
def test_a_figure_never_changes_its_arena(name: str) -> None:
    arenas = "0,0,65,97 65,0,131,97"
    tracker = load_tracker(name, arenas=arenas, count=[1, 2])
    given = []
    for x in range(20, 110, 4):
        found = tracker.update(blank(x), Instances((97, 131), (still(x, 40),)))
        given.append((x + 2.5 >= 65, int(found.ids[0])))
    assert {one for one in given if one[1] >= 0} == {(False, 0), (True, 1)}


def test_arenas_from_a_picture(tmp_path: Path) -> None:
    import cv2

    picture = np.zeros((97, 131, 3), np.uint8)
    picture[10:40, 70:120] = (0, 0, 255)
    picture[50:90, 5:60] = (255, 0, 0)
    path = tmp_path / "wells.png"
    cv2.imwrite(str(path), picture)
    arenas = open_arenas(path)
    assert isinstance(arenas, np.ndarray)
    assert (arenas[20, 80], arenas[60, 20], arenas[0, 0], arenas.max()) == (1, 2, 0, 2)
    tracker = load_tracker("motion", arenas=path, count=[1, 1])
    found = Instances((97, 131), (still(20, 60), still(80, 20), still(120, 80)))
    assert sorted(tracker.update(blank(0), found).ids.tolist()) == [-1, 0, 1]
    with pytest.raises(InputError, match=r"\(97, 131\) \(h, w\), the frames are \(31, 47\)"):
        tracker.update(blank(0, (31, 47)), Instances.empty((31, 47)))
    cv2.imwrite(str(path), picture * 0)
    with pytest.raises(InputError, match="0 arenas in it"):
        open_arenas(path)


@pytest.mark.parametrize(
    ("arenas", "options", "message"),
    [
        ("left half", {}, "expected rectangles like"),
        ("9,9,3,20", {}, "x2 must be over x1"),
        ("0,0,9,9", {"count": [1, 2]}, "2 counts for 1 arenas"),
        ("0,0,9,9", {"camera": True}, "moving camera"),
        ([], {}, "no arenas"),
    ],
)
def test_arenas_that_make_no_sense(arenas: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        load_tracker("motion", arenas=arenas, **options)


def test_a_moving_camera_is_followed() -> None:
    """Each frame the camera jumps by more than an animal's length, now here, now there."""
    rng = np.random.default_rng(3)
    herd = made_herd((301, 403), frames=30, animals=6, body=(17.0, 9.0), speed=1.0, noise=0.0, seed=6)
    ways = rng.integers(-12, 13, (30, 2)).cumsum(axis=0).clip(-30, 30) + 30
    results = []
    for camera in (False, True):
        tracker, together = load_tracker("motion", camera=camera, distance=1.0), Counter[tuple[int, int]]()
        for frame in herd:
            dx, dy = ways[frame.index]
            window = slice(dy, dy + 240), slice(dx, dx + 340)
            seen = [mask[window] for mask in herd.truth(frame.index).dense()]
            ids = [i for i, mask in enumerate(seen) if mask.any()]
            found = Instances.from_dense([seen[i] for i in ids])
            moved = replace(frame, image=np.ascontiguousarray(frame.image[window]))
            given = tracker.update(moved, found).ids.tolist()
            together.update((animal, one) for animal, one in zip(ids, given, strict=True) if one >= 0)
        results.append(len({one for _, one in together}))
    assert results[1] < results[0]


def test_what_is_held_does_not_grow_with_the_video() -> None:
    tracker: Any = load_tracker("motion", lost=5)
    rng, most = np.random.default_rng(0), 0
    for index in range(400):
        masks = tuple(still(int(x), int(y), 3) for x, y in rng.integers(0, 90, (7, 2)))
        tracker.update(blank(index), Instances((97, 131), masks))
        most = max(most, len(tracker._tracks))
    assert most < 7 * 8


def test_many_figures_work() -> None:
    herd = made_herd((1501, 2003), frames=4, animals=1000, body=(17.0, 9.0), speed=1.0)
    frames = [replace(blank(index, herd.size)) for index in range(4)]
    tracker = load_tracker("motion", count=1000)
    ids = [set(tracker.update(frame, herd.found(frame.index)).ids.tolist()) for frame in frames]
    assert len(ids[-1] - {-1}) > 950


@pytest.mark.slow
@pytest.mark.parametrize(("speed", "switches", "shared"), [(2.0, 0, 0.98), (6.0, 2, 0.97), (12.0, 10, 0.92)])
def test_who_is_who_through_three_hundred_frames(speed: float, switches: int, shared: float) -> None:
    scores: dict[tuple[float, bool], list[Any]] = {}
    for seed in range(5):
        herd = made_herd(speed=speed, seed=seed)
        frames = list(herd)
        truths = [herd.truth(index) for index in range(herd.frames)]
        for drop, merged in ((0.0, False), (0.1, False), (0.1, True)):
            way = replace(herd, drop=drop, merged=merged)
            score = scored(frames, [way.found(*pair) for pair in enumerate(truths)], truths)
            scores.setdefault((drop, merged), []).append(score)
    for (_, merged), some in scores.items():
        if not merged:  # in one mask with another, which pixels are whose is not known so well
            assert np.mean([one.clear.switches for one in some]) <= switches
        assert np.mean([one.identity.idf1 for one in some]) >= shared


def scored(frames: list[Frame], found: list[Instances], truths: list[Instances]) -> Any:
    """The score of the tracker, with the count known, on the animals of which something was found."""
    from figureground.evaluation.tracks.score import score_tracks
    from figureground.tracks import TrackInfo, Tracks

    tracker, truth, result = load_tracker("motion", count=8), [], []
    for frame, figures, shown in zip(frames, found, truths, strict=True):
        union = figures.union()
        part = [np.count_nonzero(union[crop.window][crop.mask]) / crop.mask.sum() for crop in shown.masks]
        truth.append((frame, shown.select(np.array(part) > 0.5)))
        result.append((frame, tracker.update(frame, figures)))
    info = TrackInfo("herd", frames[0].image.shape[:2])
    return score_tracks(Tracks.from_instances(truth, info), Tracks.from_instances(result, info))[0]


def idf1(points: dict[int, np.ndarray], found: dict[int, Instances]) -> float:
    """IDF1 (Ristani et al., 2016) of figures against points (n, 2) x y on each frame, NaN where not seen.

    A point is matched by a figure that it lies in, or whose middle is within 15 pixels.
    """
    together = np.zeros((20, 20))
    asked = given = 0
    for index, places in points.items():
        figures = found[index].select(found[index].ids >= 0)
        given += len(figures)
        middles = measured(figures.masks).centres + 0.5
        for animal, (x, y) in enumerate(places):
            if np.isnan(x):
                continue
            asked += 1
            for one, middle, crop in zip(figures.ids, middles, figures.masks, strict=True):
                row, column = int(y) - crop.y0, int(x) - crop.x0
                inside = 0 <= row < crop.mask.shape[0] and 0 <= column < crop.mask.shape[1]
                if (inside and crop.mask[row, column]) or np.hypot(*(middle - (x, y))) <= 15:
                    together[animal, one] += 1
    rows, columns = linear_sum_assignment(-together)
    return float(2 * together[rows, columns].sum() / (asked + given))


@pytest.mark.slow
@pytest.mark.parametrize(("name", "count"), [("two_flies", 2), ("three_flies", 3)])
def test_real_flies_keep_their_identities(name: str, count: int) -> None:
    """Both of the two flies rest for most of the video, and are not taken for ground."""
    sleap = pytest.importorskip("sleap_io")
    if not DATA.exists():
        pytest.skip(f"{DATA} is not there")
    labels = sleap.load_slp(str(DATA / f"{name}.slp"), open_videos=False)
    thorax = labels.skeletons[0].node_names.index("thorax")
    points = {}
    for one in labels.labeled_frames:
        by_track = {labels.tracks.index(fly.track): fly.numpy()[thorax] for fly in one.instances}
        points[one.frame_idx] = np.array([by_track.get(i, (np.nan, np.nan)) for i in range(count)])
    source = open_source(DATA / f"{name}.mp4")
    segmenter, tracker = load_segmenter("background", source), load_tracker("motion", count=count)
    found = {frame.index: tracker.update(frame, segmenter([frame])[0]) for frame in source}
    assert idf1(points, found) >= 0.98
