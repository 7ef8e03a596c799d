"""Every mode, pixel by pixel, against the rules said once more in labgym_rules.py."""

from fractions import Fraction

import cv2
import labgym_rules as rules
import numpy as np
import pytest

from figureground.frames import Frame
from figureground.instances import Instances
from figureground.writers.examples.figures import Seen, frame_to_figures
from figureground.writers.examples.settings import Settings
from figureground.writers.examples.windows import window_to_examples

SIZE = (83, 107)
GROUNDS = ["black", "white", "keep"]


def random_window(seed, length, figures=3, missing=0.25, size=SIZE):
    """`length` frames with textured blobs: some with holes and specks, at the edge, or missing."""
    rng = np.random.default_rng(seed)
    at = rng.uniform(0, 1, (figures, 2)) * size
    clip = []
    for index in range(length):
        at += rng.normal(0, 4, at.shape)
        cloth = cv2.GaussianBlur(rng.normal(0, 1, (*size, 3)).astype(np.float32), (0, 0), 1.5)
        image = (110 + 160 * cloth).clip(5, 240).astype(np.uint8)
        present = [one for one in range(figures) if rng.random() >= missing]
        masks = [random_mask(rng, at[one], size) for one in present]
        found = Instances.from_dense(masks, ids=present) if masks else Instances.empty(size)
        clip.append((Frame(image, index, Fraction(index, 25)), found))
    return clip


def random_mask(rng, centre, size):
    mask = np.zeros(size, np.uint8)
    y, x = np.clip(centre, 0, np.array(size) - 1).astype(int).tolist()
    axes = rng.integers(1, 19, 2).tolist()
    cv2.ellipse(mask, (x, y), axes, rng.uniform(0, 180), 0, 360, 1, -1)
    if rng.random() < 0.5:
        cv2.circle(mask, (x + 2, y), 3, 0, -1)
    mask[rng.integers(0, size[0]), rng.integers(0, size[1])] = 1
    mask[y, x] = 1
    return mask.astype(bool)


def seen_of(clip, settings, near=None):
    return [
        Seen(
            frame.size,
            frame_to_figures(frame, found, settings),
            () if near is None else near[number],
            frame.image if settings.background == "keep" else None,
            (int(frame.image.min()), int(frame.image.max())),
        )
        for number, (frame, found) in enumerate(clip)
    ]


def by_id(clip, key):
    """The dense masks of one figure, None where it is missing."""
    rows = [dict(zip(found.ids.tolist(), found.dense(), strict=True)) for _, found in clip]
    return [row.get(key) for row in rows]


def assert_equal(example, expected):
    frames, pattern = expected
    assert len(example.frames) == len(frames)
    for number, (got, wanted) in enumerate(zip(example.frames, frames, strict=True)):
        assert np.array_equal(got[..., ::-1], wanted), f"frame {number}"
    assert np.array_equal(example.picture[..., ::-1], pattern)


@pytest.mark.parametrize("parts", [None, 0, 40, 102, 255])
@pytest.mark.parametrize("ground", GROUNDS)
def test_each_figure_alone(ground, parts):
    compared = 0
    for seed, length in [(1, 15), (2, 3), (3, 10), (4, 16), (5, 7)]:
        settings = Settings(length=length, background=ground, body_parts=parts)
        clip = random_window(seed, length)
        frames = [frame.image[..., ::-1] for frame, _ in clip]
        for example in window_to_examples(seen_of(clip, settings), settings):
            assert_equal(example, rules.alone(frames, by_id(clip, example.key), ground, parts))
            compared += 1
    assert compared >= 14


@pytest.mark.parametrize("parts", [None, 0, 90])
@pytest.mark.parametrize("ground", GROUNDS)
def test_all_together(ground, parts):
    for seed, length in [(11, 15), (12, 4), (13, 10), (14, 9)]:
        settings = Settings(length=length, background=ground, body_parts=parts, interactive="basic")
        clip = random_window(seed, length, missing=0.5)
        frames = [frame.image[..., ::-1] for frame, _ in clip]
        (example,) = window_to_examples(seen_of(clip, settings), settings)
        masks = [list(found.dense()) for _, found in clip]
        assert_equal(example, rules.together(frames, masks, ground, parts))


@pytest.mark.parametrize("parts", [None, 0, 90])
@pytest.mark.parametrize("ground", GROUNDS)
def test_a_figure_with_those_near_it(ground, parts):
    for seed, length in [(21, 15), (22, 4), (23, 10)]:
        settings = Settings(length=length, background=ground, body_parts=parts, interactive="advanced")
        clip = random_window(seed, length, figures=4)
        rng, near = np.random.default_rng(seed), []
        for _, found in clip:
            numbers = range(len(found))
            near.append(tuple(tuple(o for o in numbers if o != n and rng.random() < 0.5) for n in numbers))
        frames = [frame.image[..., ::-1] for frame, _ in clip]
        for example in window_to_examples(seen_of(clip, settings, near), settings):
            others = []
            for (_, found), some in zip(clip, near, strict=True):
                at = found.ids.tolist().index(example.key) if example.key in found.ids else None
                others.append([] if at is None else [found.dense()[o] for o in some[at]])
            expected = rules.social(frames, by_id(clip, example.key), others, ground, parts)
            assert_equal(example, expected)


@pytest.mark.parametrize("mode", ["", "basic"])
def test_large_figures_get_thicker_lines(mode):
    settings = Settings(length=3, body_parts=20, interactive=mode)
    clip = []
    for index, (frame, _) in enumerate(random_window(31, 3, size=(397, 431))):
        mask = np.zeros((397, 431), np.uint8)
        cv2.ellipse(mask, (200 + 9 * index, 180), (170, 120), 20, 0, 360, 1, -1)
        clip.append((frame, Instances.from_dense([mask.astype(bool)], ids=[0])))
    frames = [frame.image[..., ::-1] for frame, _ in clip]
    (example,) = window_to_examples(seen_of(clip, settings), settings)
    if mode:
        expected = rules.together(frames, [list(found.dense()) for _, found in clip], "black", 20)
    else:
        expected = rules.alone(frames, by_id(clip, 0), "black", 20)
    assert_equal(example, expected)


@pytest.mark.parametrize("mode", ["", "basic", "advanced"])
def test_a_frame_that_is_one_figure(mode):
    image, masks = np.full((*SIZE, 3), 90, np.uint8), [np.ones(SIZE, bool)] * 3
    image[40, 50] = (200, 10, 30)
    found = Instances.from_dense(masks[:1], ids=[0])
    settings = Settings(length=3, interactive=mode)
    clip = [(Frame(image, index, Fraction(index)), found) for index in range(3)]
    near = [((),)] * 3 if mode == "advanced" else None
    (example,) = window_to_examples(seen_of(clip, settings, near), settings)
    frames = [image[..., ::-1]] * 3
    if mode == "advanced":
        expected = rules.social(frames, masks, [[]] * 3, "black", None)
    elif mode:
        expected = rules.together(frames, [[one] for one in masks], "black", None)
    else:
        expected = rules.alone(frames, masks, "black", None)
    assert_equal(example, expected)
