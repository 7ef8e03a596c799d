import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from real import COCO128, COMBO
from small_sets import files, frames, of_classes, shuffled, tally

from figureground.datasets.dataset import Dataset, Picture, new
from figureground.datasets.formats.coco import read_coco
from figureground.datasets.selection.subsample import WAYS, subsample
from figureground.errors import InputError, OptionError


@settings(deadline=None)
@given(st.integers(0, 40), st.integers(1, 50), st.sampled_from(WAYS), st.integers(0, 9))
def test_so_many(count, amount, how, seed):
    data = of_classes({f"{'abc'[n % 3]}_{n:06}.png": "rat" * (n % 2) for n in range(count)}, "rat")
    few = subsample(data, amount, how=how, seed=seed)
    assert len(few.pictures) == min(count, amount)
    assert [one for one in data.pictures if one in few.pictures] == list(few.pictures)
    assert sum(tally(few).values()) == sum(one.id % 2 == 0 for one in few.pictures)
    other = subsample(
        shuffled(data, random.Random(seed).sample(range(count), count)), amount, how=how, seed=seed
    )
    assert set(files(other)) == set(files(few))


@pytest.mark.parametrize(("amount", "count"), [(0.5, 17), (0.01, 0), (0.99, 34), (1, 1), (1.0, 1), (99, 34)])
def test_amounts(amount, count):
    assert len(subsample(of_classes(frames(a=34)), amount).pictures) == count


@pytest.mark.parametrize("amount", [0, -1, -0.5, 2.5, float("nan"), float("inf")])
def test_wrong_amounts(amount):
    with pytest.raises(OptionError, match="a fraction below 1, or a whole number"):
        subsample(Dataset(), amount)


def test_wrong_way():
    with pytest.raises(OptionError, match="random, even, classes; not 'every'"):
        subsample(Dataset(), 3, how="every")


def test_more_hold_fewer():
    data = of_classes(frames(a=30))
    sizes = [set(files(subsample(data, number))) for number in range(1, 31)]
    assert all(small < large for small, large in pairwise(sizes))
    assert set(files(subsample(data, 9, seed=1))) != sizes[8]


def test_chance_is_fair():
    """Each of 10 pictures is in 3 of 10 choices: of 2000, 600 with a standard deviation of 20.5."""
    data = of_classes(frames(a=10))
    times = dict.fromkeys(files(data), 0)
    for seed in range(2000):
        for name in files(subsample(data, 3, seed=seed)):
            times[name] += 1
    assert all(abs(number - 600) < 5 * 20.5 for number in times.values())


def test_even():
    few = subsample(of_classes(frames(a=12, b=4)), 4, how="even")
    assert files(few) == ["a_000002.png", "a_000006.png", "a_000010.png", "b_000002.png"]
    few = subsample(of_classes(frames(a=3, b=3, c=3)), 2, how="even")
    assert files(few) == ["a_000001.png", "b_000001.png"]


def test_even_with_photos():
    names = frames(a=20) | {f"{n:012}.jpg": "" for n in range(10)}
    few = files(subsample(of_classes(names), 6, how="even"))
    assert [name for name in few if name < "b" and name.startswith("a")] == [
        f"a_{n:06}.png" for n in (2, 7, 12, 17)
    ]
    assert len(few) == 6


def test_by_classes():
    data = of_classes({f"{n}": "owl" if n % 10 == 0 else "rat" for n in range(100)})
    for seed in range(9):
        assert tally(subsample(data, 0.2, how="classes", seed=seed)) == {"rat": 18, "owl": 2}


def test_same_id_twice():
    photos = tuple(new(Picture, id=3, file_name=f"{name}.jpg") for name in "abc")
    with pytest.raises(InputError, match="image id 3 is there twice"):
        subsample(Dataset(photos), 2)


@pytest.mark.parametrize("path", [COMBO, COCO128])
@pytest.mark.parametrize("how", WAYS)
def test_real(path, how):
    data = read_coco(path)
    few = subsample(data, 0.25, how=how)
    assert len(few.pictures) == round(len(data.pictures) / 4)
    assert {one.image_id for one in few.annotations} <= {one.id for one in few.pictures}
