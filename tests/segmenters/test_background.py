"""The background segmenter against the exact truth of made scenes, of drawn blocks, and of real videos."""

import warnings
from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image as Still

from figureground.background.estimate import Background
from figureground.errors import FiguregroundWarning, InputError
from figureground.frames import Frame, SourceInfo
from figureground.segmenters import load_segmenter
from figureground.segmenters.background import (
    BackgroundSegmenter,
    Settings,
    load,
    without_shadow,
)
from figureground.segmenters.scene import complaints, with_picture
from figureground.sources import open_source
from figureground.testing import check_segmenter, made_scene

DATA = Path(__file__).resolve().parents[2].parent / "shared/data"
SIZE = 167, 223
DARK = 40, 30, 30


class Pictures:
    """A Source of pictures that are held in memory."""

    def __init__(self, pictures: Iterable[np.ndarray]) -> None:
        self._frames = [Frame(one, index, Fraction(index, 25)) for index, one in enumerate(pictures)]
        size, count = self._frames[0].size, len(self._frames)
        self.info = SourceInfo("pictures", "video", size, Fraction(25), count, None, Fraction(1, 25))
        self.problems = ()

    def __iter__(self) -> Iterator[Frame]:
        return iter(self._frames)

    def sample(self, count: int) -> Iterator[Frame]:
        return iter(self._frames)


def cloth(size: tuple[int, int], seed: int = 0) -> np.ndarray:
    """(h, w, 3) uint8: a smooth texture between 120 and 190."""
    soft = cv2.GaussianBlur(np.random.default_rng(seed).normal(0, 1, size).astype(np.float32), (0, 0), 3)
    grey = 120 + 70 * (soft - soft.min()) / np.ptp(soft)
    return np.repeat(grey.round().astype(np.uint8)[..., None], 3, axis=2)


def noisy(picture: np.ndarray, seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0, 2, picture.shape[:2])[..., None]
    return (picture + noise).round().clip(0, 255).astype(np.uint8)


def blocks(
    count: int = 24, size: tuple[int, int] = SIZE, sides: tuple[int, int] = (20, 30)
) -> Iterator[np.ndarray]:
    """Pictures of a cloth, each with one dark block at a place of its own."""
    ground = cloth(size)
    for number in range(count):
        picture = noisy(ground, number)
        picture[block(number, size, sides)] = DARK
        yield picture


def block(
    number: int, size: tuple[int, int] = SIZE, sides: tuple[int, int] = (20, 30)
) -> tuple[slice, slice]:
    y = 5 + 37 * number % (size[0] - sides[0] - 10)
    x = 5 + 53 * number % (size[1] - sides[1] - 10)
    return slice(y, y + sides[0]), slice(x, x + sides[1])


def counts(found: np.ndarray, truth: np.ndarray) -> np.ndarray:
    return np.array([(found & truth).sum(), found.sum(), truth.sum()], float)


def f_measure(total: np.ndarray) -> float:
    return float(2 * total[0] / (total[1] + total[2]))


@pytest.mark.parametrize(
    ("options", "floor"),
    [
        pytest.param({}, 0.92, id="plain"),
        pytest.param({"noise": 8.0}, 0.95, id="noise"),
        pytest.param({"shadows": True}, 0.92, id="shadows"),
        pytest.param({"shake": 3.0}, 0.87, id="shake"),
        pytest.param({"drift": 40.0}, 0.92, id="brighter"),
        pytest.param({"drift": -50.0}, 0.92, id="darker"),
        pytest.param({"sitters": 2, "frames": 120}, 0.92, id="sitters"),
        pytest.param({"shake": 3.0, "drift": 30.0, "sitters": 1, "frames": 120}, 0.85, id="all at once"),
    ],
)
def test_made_scenes(options: dict[str, Any], floor: float) -> None:
    """Animals of some 60 to 100 pixels: a line one pixel wide around them would already cost 0.2."""
    scene = made_scene(**{"size": (181, 241), "seed": 2, **options})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        find = load(scene)
    total, numbers = np.zeros(3), []
    for frame in scene.sample(12):
        (found,) = find([frame])
        numbers.append(len(found))
        total += counts(found.union() > 0, scene.truth(frame.index).union() > 0)
    assert f_measure(total) > floor
    assert total[0] / total[2] > 0.96  # hardly a pixel of an animal is lost
    assert np.median(numbers) == 4


def test_animals_come_one_by_one() -> None:
    scene = made_scene(SIZE)
    find = load(scene)
    for frame in scene.sample(5):
        (found,) = find([frame])
        truth = scene.truth(frame.index).dense()
        assert len(found) == 4
        owners = [np.flatnonzero((truth & one).any(axis=(1, 2))).tolist() for one in found.dense()]
        assert sorted(owners) == [[0], [1], [2], [3]]


@pytest.mark.parametrize(("shadows", "low", "high"), [(True, 0.0, 0.05), (False, 0.9, 1.0)])
def test_shadows_are_taken_off(shadows: bool, low: float, high: float) -> None:
    scene, without = made_scene(SIZE, shadows=True), made_scene(SIZE)
    find = load(scene, shadows=shadows)
    shaded = kept = animals = cut = 0
    for frame, unshaded in zip(scene.sample(12), without.sample(12), strict=True):
        (found,) = find([frame])
        mask, truth = found.union() > 0, scene.truth(frame.index).union() > 0
        darker = unshaded.image.astype(int).mean(axis=2) - frame.image.mean(axis=2)
        shadow = (darker > 25) & ~truth  # a fifth of some 180 grey levels; the same noise is in both
        shaded, kept = shaded + shadow.sum(), kept + (mask & shadow).sum()
        animals, cut = animals + truth.sum(), cut + (mask & truth).sum()
    assert shaded > 0.3 * animals
    assert low <= kept / shaded <= high
    assert cut / animals > 0.97


def test_nothing_in_the_picture() -> None:
    scene = made_scene(SIZE, animals=0)
    for found in load(scene)(list(scene.sample(10))):
        assert len(found) == 0
        assert found.size == SIZE


def test_promises_in_a_shaken_and_darkening_scene() -> None:
    scene = made_scene((101, 137), frames=25, shake=1.5, drift=-30.0, shadows=True)
    check_segmenter(load(scene), scene)


def test_no_frame_remembers_another() -> None:
    scene = made_scene((101, 137), frames=20, shake=2.0, drift=30.0)
    find, frames = load(scene), list(scene)
    inputs = [frame.image.copy() for frame in frames]
    picture = find.background.picture.copy()
    order = np.random.default_rng(0).permutation(20)
    straight, mixed = find(frames), find([frames[i] for i in order])
    for place, index in enumerate(order):
        np.testing.assert_array_equal(mixed[place].union(), straight[index].union())
    np.testing.assert_array_equal([frame.image for frame in frames], inputs)
    np.testing.assert_array_equal(find.background.picture, picture)


@pytest.mark.parametrize("shift", [0, 6])
def test_large_frames_are_searched_small_and_outlined_whole(shift: int) -> None:
    """853 x 839 pixels are searched at half their size; with `shift` every other frame is moved."""
    size = 853, 839
    wide = cloth((size[0] + 12, size[1] + 12), seed=4)
    pictures, truths = [], []
    for number in range(12):
        dx, dy = (shift, -shift // 2) if number % 2 else (0, 0)
        picture = noisy(wide[6 - dy : 6 - dy + size[0], 6 - dx : 6 - dx + size[1]], number)
        truth = np.zeros(size, np.uint8)
        centre = 80 + 151 * number % 690, 80 + 223 * number % 690
        cv2.ellipse(truth, centre, (61, 27), 25 * number, 0, 360, 255, -1)
        picture[truth > 0] = noisy(np.full((*size, 3), DARK, np.uint8), 50 + number)[truth > 0]
        pictures.append(picture)
        truths.append(truth)
    find = load(Pictures(pictures))
    assert find.background.shake == pytest.approx(np.hypot(shift, shift // 2), abs=0.2)
    off = np.abs(find.background.picture.astype(int) - wide[6:-6, 6:-6])[8:-8, 8:-8]
    assert np.quantile(off, 0.999) < 8
    cross = np.ones((5, 5), np.uint8)
    for picture, truth in zip(pictures[:4], truths[:4], strict=True):
        (found,) = find([Frame(picture, 0, Fraction(0))])
        assert len(found) == 1
        mask = found.union()
        assert mask[cv2.erode(truth, cross) > 0].all()
        assert not mask[cv2.dilate(truth, cross) == 0].any()
        assert f_measure(counts(mask > 0, truth > 0)) > 0.98


def test_min_area_is_learned_or_given() -> None:
    """Blocks of 600 pixels; a speck of 12 counts only where the user wants it to."""
    pictures = list(blocks())
    speckled = pictures[3].copy()
    speckled[block(8)][:3, :4] = DARK
    frame = Frame(speckled, 3, Fraction(0))
    source = Pictures(pictures)
    learned = load(source)
    assert 12 < learned.min_area < 60
    assert load(source, min_area=7).min_area == 7
    areas = {least: load(source, min_area=least)([frame])[0].areas.tolist() for least in (7, None, 700)}
    assert areas[None] == pytest.approx([600], rel=0.15)
    assert sorted(areas[7]) == pytest.approx([12, 600], rel=0.5)
    assert areas[700] == []


def always_there() -> tuple[Pictures, np.ndarray, tuple[slice, slice]]:
    """Pictures with a block that never moves, the empty scene, and where the block is."""
    place = slice(60, 84), slice(90, 126)
    pictures = list(blocks())
    for picture in pictures:
        picture[place] = (90, 60, 40)
    return Pictures(pictures), cloth(SIZE), place


def test_what_never_moves_is_found_with_a_picture_of_the_empty_scene(tmp_path: Path) -> None:
    source, empty, place = always_there()
    saved = tmp_path / "empty.png"
    Still.fromarray(empty).save(saved)
    frame = next(iter(source))
    assert not load(source)([frame])[0].union()[place].any()
    for given in (empty, saved, str(saved)):
        find = load(source, empty=given)
        np.testing.assert_array_equal(find.background.picture, empty)
        (found,) = find([frame])
        assert (found.union()[place] > 0).mean() > 0.97  # all but corners
        assert len(found) == 2


def test_with_picture_changes_the_picture_only() -> None:
    before = Background(cloth(SIZE), np.full(SIZE, 2, np.float32), 1.0, 2.0, 0.1, 0.2, 300.0, 24)
    after = with_picture(before, cloth(SIZE, seed=1))
    np.testing.assert_array_equal(after.picture, cloth(SIZE, seed=1))
    assert replace(after, picture=before.picture, noise=before.noise).__dict__ == before.__dict__


def test_an_empty_scene_of_another_size() -> None:
    message = r"the empty scene must have the video's size \(167, 223\) \(h, w\); it has \(223, 167\)"
    with pytest.raises(InputError, match=message):
        load(Pictures(blocks(4)), empty=cloth(SIZE[::-1]))


@pytest.mark.parametrize("content", [None, b"", b"no picture"])
def test_an_empty_scene_that_cannot_be_read(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "empty.png"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(
        InputError, match=r"empty\.png: (is no picture that can be read|there is no such file)"
    ):
        load(Pictures(blocks(4)), empty=path)


def test_a_frame_of_another_size() -> None:
    find = load(Pictures(blocks(6)))
    message = r"frame 7: its size \(223, 167\) differs from the background's, \(167, 223\)"
    with pytest.raises(InputError, match=message):
        find([Frame(cloth(SIZE[::-1]), 7, Fraction(0))])


def test_a_source_without_frames() -> None:
    with pytest.raises(InputError, match="there is no frame"):
        load(made_scene(SIZE, frames=0))


@pytest.mark.parametrize(
    ("difference", "noise", "found"),
    [
        (60, 2.0, True),
        (29, 2.0, True),
        (27, 2.0, False),  # below 28 grey levels nothing is sure
        (60, 6.0, True),
        (50, 6.0, False),  # nine times the noise is 54
    ],
)
def test_what_differs_is_measured_by_the_noise(difference: int, noise: float, found: bool) -> None:
    picture = np.full((60, 80, 3), (60, 100, 140), np.uint8)
    find = BackgroundSegmenter(Background(picture, np.full((60, 80), noise, np.float32)))
    image = picture.copy()
    image[20:40, 30:60, 1] += np.uint8(difference)
    (one,) = find([Frame(image, 0, Fraction(0))])
    assert len(one) == int(found)


def test_faint_parts_belong_to_a_figure_that_is_sure_enough() -> None:
    """20 x 30 pixels that differ a little; a figure where a quarter of them differ for sure."""
    picture = np.full((60, 80, 3), (60, 100, 140), np.uint8)
    noise = np.full((60, 80), 1, np.float32)
    image = picture.copy()
    image[20:40, 30:60, 1] += np.uint8(22)
    for columns, share in ((6, 0.2), (9, 0.3)):
        sure = image.copy()
        sure[20:40, 30 : 30 + columns, 1] = 200
        for least, expected in ((0.25, share > 0.25), (0.1, True)):
            find = BackgroundSegmenter(Background(picture, noise), Settings(strong_share=least))
            (one,) = find([Frame(sure, 0, Fraction(0))])
            assert [round(float(box)) for box in one.boxes.ravel()] == ([30, 20, 60, 40] if expected else [])


def test_holes_are_filled() -> None:
    picture = np.full((60, 80, 3), (60, 100, 140), np.uint8)
    image = picture.copy()
    image[20:40, 30:60] = 220
    image[26:34, 38:52] = picture[26:34, 38:52]
    find = BackgroundSegmenter(Background(picture, np.full((60, 80), 1, np.float32)))
    (one,) = find([Frame(image, 0, Fraction(0))])
    assert one.areas.tolist() == pytest.approx([600], abs=8)


@pytest.mark.parametrize(
    ("kept", "shade"),
    [
        pytest.param(0.75, (0.8, 0.8, 0.8), id="shadow"),
        pytest.param(1.0, (0.4, 0.4, 0.4), id="too dark"),
        pytest.param(1.0, (0.8, 0.8, 0.6), id="another hue"),
        pytest.param(1.0, (1.2, 1.2, 1.2), id="brighter"),
    ],
)
def test_what_is_a_shadow(kept: float, shade: tuple[float, float, float]) -> None:
    """A figure of 40 x 30 pixels whose right quarter is the ground in another light."""
    ground = np.full((60, 80, 3), (150, 140, 130), np.uint8)
    part = np.zeros((60, 80), bool)
    part[10:40, 20:60] = True
    image = ground.copy()
    image[part] = (30, 60, 20)
    image[10:40, 50:60] = (ground[10:40, 50:60] * np.array(shade)).round()
    before = part.copy()
    rest = without_shadow(part, image, ground)
    assert rest.sum() / part.sum() == pytest.approx(kept, abs=0.03)
    assert rest[10:40, 20:49].all()
    np.testing.assert_array_equal(part, before)


def test_grey_on_grey_is_no_shadow() -> None:
    """Where most of a part is the ground darkened, none of it is taken off."""
    ground = np.full((60, 80, 3), 150, np.uint8)
    part = np.zeros((60, 80), bool)
    part[10:40, 20:60] = True
    image = ground.copy()
    image[part] = 110
    np.testing.assert_array_equal(without_shadow(part, image, ground), part)


@pytest.mark.parametrize(
    ("measured", "message"),
    [
        ({}, None),
        ({"shake": 3.0}, None),
        ({"travel": 7.0}, None),
        ({"travel": 9.0}, "the camera moves: over the sampled frames its view travels by 9 pixels;"),
        ({"shake": 6.0, "travel": 7.0}, None),
        ({"unsettled": 0.49}, None),
        ({"unsettled": 0.51}, "51% of the picture never keeps still"),
        ({"changing": 0.39}, None),
        ({"changing": 0.41}, "41% of the picture differs from the estimated empty scene on average"),
    ],
)
def test_complaints(measured: dict[str, float], message: str | None) -> None:
    """Of a picture whose smaller side is 100 pixels."""
    background = Background(np.zeros((100, 150, 3), np.uint8), np.ones((100, 150), np.float32), **measured)
    found = complaints(background)
    assert len(found) == (message is not None)
    assert message is None or found[0].startswith(message)


MOVING = [
    *(f"video_masks/davis/JPEGImages/{name}" for name in ("dog", "libby")),
    "animals/flies_moving_camera.mp4",
]
FIXED = [
    *(f"fixed_camera/sbi/{name}/input" for name in ("Board", "CAVIAR2", "CaVignal")),
    *(f"fixed_camera/{name}.mp4" for name in ("cars", "people_one_by_one")),
    "animals/mouse_arena.mp4",
]


@pytest.mark.parametrize("name", MOVING)
def test_a_moving_camera_is_noticed(name: str) -> None:
    with pytest.warns(FiguregroundWarning, match="the camera moves: .* use a trained segmenter"):
        load(open_source(DATA / name), samples=30)


@pytest.mark.parametrize("name", FIXED)
def test_a_fixed_camera_is_not_complained_of(name: str) -> None:
    find = load(open_source(DATA / name), samples=30)  # a warning is an error here
    assert complaints(find.background) == []


def test_real_sequences_against_opencv() -> None:
    """SBI's masks, every fourth frame; 170 marks borders that are not judged."""
    means: dict[str, list[float]] = {"background": [], "mog2": [], "knn": []}
    for sequence in ("CAVIAR2", "Board", "CaVignal"):
        folder = DATA / "fixed_camera/sbi" / sequence
        source, masks = open_source(folder / "input"), sorted((folder / "groundtruth").glob("*.png"))
        finders = {name: load_segmenter(name, source) for name in means}
        totals = {name: np.zeros(3) for name in means}
        for frame, path in zip(source, masks, strict=True):
            if frame.index % 4:
                for find in finders.values():
                    if find.stateful:
                        find([frame])
                continue
            with Still.open(path) as mask:
                levels = np.asarray(mask.convert("L"))
            judged = (levels == 0) | (levels == 255)
            for name, find in finders.items():
                found = find([frame])[0].union()
                totals[name] += counts(found[judged] > 0, levels[judged] == 255)
        for name, total in totals.items():
            means[name].append(f_measure(total))
    ours = np.mean(means["background"])
    assert ours > 0.85
    assert min(means["background"]) > 0.75
    assert ours > max(np.mean(means["mog2"]), np.mean(means["knn"])) + 0.08
