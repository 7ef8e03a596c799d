"""Which frames are chosen, with expected values by hand and by brute force."""

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from figureground.datasets.footage import choice as module
from figureground.datasets.footage.choice import Choice, Wanted, most_different, settled, wanted_frames
from figureground.errors import InputError, OptionError
from figureground.frames import Frame, SourceInfo

STEP = Fraction(1001, 30_000)


class Film:
    """A source of `levels`: frame k is of the grey `levels[k]`; None is a damaged frame, left out."""

    def __init__(self, levels, *, times=None, count="right", name="film.mp4"):
        self._levels = levels
        self._times = times or [10 + number * STEP for number in range(len(levels))]
        self.read = 0
        self.info = SourceInfo(
            name, "video", (17, 11), None, len(levels) if count == "right" else count, None, STEP
        )
        self.problems = ()

    def __iter__(self):
        for index, level in enumerate(self._levels):
            self.read = index + 1
            if level is not None:
                yield Frame(np.full((17, 11, 3), level, np.uint8), index, self._times[index])

    def sample(self, count):
        raise NotImplementedError


class ChoosingFilm(Film):
    """Likewise, and does not make what is not wanted."""

    made = 0

    def frames_where(self, wanted):
        for frame in Film.__iter__(self):
            if wanted(frame.index, frame.time):
                self.made += 1
                yield frame


def indices(film, choice):
    wanted = Wanted(choice)
    return [frame.index for frame in wanted_frames(film, wanted)], wanted.missing()


@pytest.mark.parametrize("kind", [Film, ChoosingFilm])
@pytest.mark.parametrize(
    ("choice", "expected", "missing", "read"),
    [
        (Choice(every=4), [0, 4, 8, 12], [], 13),
        (Choice(every=1), list(range(13)), [], 13),
        (Choice(frames=(7, 2, 7)), [2, 7], [], 8),
        (Choice(frames=(0,)), [0], [], 1),
        (Choice(frames=(12, 13, 99)), [12], ["frame 13", "frame 99"], 13),
        (Choice(times=(Fraction(0),)), [0], [], 1),
        # frame k comes k * 0.0333... s after the first: the first that is not before the time
        (Choice(times=(Fraction(1, 10),)), [3], [], 4),
        (Choice(times=(3 * STEP,)), [3], [], 4),
        (Choice(times=(3 * STEP + Fraction(1, 1000), 2 * STEP)), [2, 4], [], 5),
        (Choice(times=(Fraction(1, 10), Fraction(99, 1000)), frames=(3, 5)), [3, 5], [], 6),
        (Choice(times=(Fraction(5), Fraction(1, 100))), [1], ["frame at 5 s"], 13),
    ],
)
def test_frames_by_place(kind, choice, expected, missing, read):
    film = kind([90] * 13)
    assert indices(film, choice) == (expected, missing)
    assert film.read == read  # and no further
    if kind is ChoosingFilm:
        assert film.made == len(expected)


def test_damaged_frames_are_counted_but_never_come():
    film = Film([90, None, 90, None, None, 90])
    assert indices(film, Choice(every=2)) == ([0, 2], [])
    assert indices(film, Choice(frames=(1, 5))) == ([5], ["frame 1"])
    assert set(settled(film, Choice(random=3)).frames) == {0, 2, 5}
    assert set(settled(film, Choice(random=99)).frames) == {0, 2, 5}


@pytest.mark.parametrize("kind", [Film, ChoosingFilm])
def test_at_random_is_by_the_seed_and_fair(kind):
    film = kind([90] * 23, count=5)  # the file tells less than there is
    chosen = [settled(film, Choice(random=7, seed=seed)).frames for seed in range(200)]
    assert chosen[3] == settled(film, Choice(random=7, seed=3)).frames
    assert all(len(set(one)) == 7 and one == tuple(sorted(one)) for one in chosen)
    counts = np.bincount(np.concatenate(chosen), minlength=23)
    assert counts.min() > 35 and counts.max() < 90  # 200 * 7 / 23 = 61 each
    other = kind([90] * 23, name="other.mp4")
    assert settled(other, Choice(random=7)).frames != chosen[0]  # videos of one length differ


def test_different_frames_are_one_of_each_scene():
    levels = [20] * 9 + [120] * 3 + [220] * 11
    chosen = settled(Film(levels), Choice(different=3)).frames
    assert [levels[index] for index in chosen] == [20, 120, 220]
    assert chosen == settled(Film(levels), Choice(different=3)).frames
    assert len(settled(Film(levels), Choice(different=8)).frames) == 3  # no more than differ
    for choice in (Choice(different=3), Choice(random=3)):
        with pytest.raises(InputError, match=r"film\.mp4: has no frame that can be read"):
            settled(Film([None]), choice)


@pytest.mark.parametrize("count", [None, 10, 500, 4000])
def test_memory_is_bounded_whatever_the_file_says(monkeypatch, count):
    monkeypatch.setattr(module, "LOOKED_AT", 20)
    levels = [(7 * n) % 251 for n in range(500)]
    film = ChoosingFilm(levels, count=count)
    looked, pictures = module._small_pictures(film, 3, None)
    steps = set(np.diff(looked).tolist())
    assert len(looked) == len(pictures) <= 40 and len(steps) == 1 and looked[0] == 0
    assert looked[-1] + steps.pop() >= 500 or count == 4000
    assert [round(float(row.mean())) for row in pictures] == [levels[index] for index in looked]


def spread(vectors, chosen):
    """How far the vectors are from the nearest chosen one, all together."""
    return sum(min(np.square(one - vectors[k]).sum() for k in chosen) for one in vectors)


@given(st.lists(st.integers(0, 60), min_size=1, max_size=9), st.integers(1, 3), st.integers(0, 99))
def test_middles_are_members_that_stand_for_all(values, count, seed):
    vectors = np.array(values, np.float32)[:, None]
    chosen = most_different(vectors, count, np.random.default_rng(seed))
    assert chosen == sorted(set(chosen)) and all(0 <= k < len(values) for k in chosen)
    assert len(chosen) == min(count, len(set(values))) == len({values[k] for k in chosen})
    best = min(spread(vectors, some) for some in combinations(range(len(values)), len(chosen)))
    assert spread(vectors, chosen) <= 25 * best + 1e-6 or best == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "choose frames in one way"),
        ({"every": 2, "random": 2}, "choose frames in one way"),
        ({"every": -1}, "every: must not be negative, got -1"),
        ({"frames": (-1,)}, "count from 0"),
        ({"times": (Fraction(-1),)}, "count from 0"),
    ],
)
def test_choices_that_make_no_sense(options, message):
    with pytest.raises(OptionError, match=message):
        Choice(**options)


def test_progress_counts_what_is_read():
    seen = []
    list(wanted_frames(Film([90] * 7), Wanted(Choice(frames=(4,)), seen.append)))
    assert seen == [1, 2, 3, 4, 5]
    seen.clear()
    settled(Film([90] * 7), Choice(random=2), seen.append)
    assert seen == [1, 2, 3, 4, 5, 6, 7]
