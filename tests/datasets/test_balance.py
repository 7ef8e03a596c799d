import random
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from real import COCO128, COMBO
from small_sets import files, of_classes, shuffled, tally

from figureground.datasets.dataset import Dataset, Picture, new
from figureground.datasets.formats.coco import read_coco
from figureground.datasets.selection.balance import cap_ratio
from figureground.errors import InputError, OptionError

rows = st.lists(
    st.lists(st.sampled_from("aaaabbc"), max_size=5).map(" ".join), max_size=12
)  # a is frequent, c is rare


def made(texts):
    return of_classes({f"{n}.png": text for n, text in enumerate(texts)}, "a b c")


def kept_texts(data, after):
    names = {picture.id: number for number, picture in enumerate(data.pictures)}
    return [names[picture.id] for picture in after.pictures]


def counted(texts, places):
    total = {}
    for place in places:
        for name in texts[place].split():
            total[name] = total.get(name, 0) + 1
    return total


def best(texts, ratio):
    """By trying all: the most pictures that keep each class at m figures at least, and under the cap."""
    before = counted(texts, range(len(texts)))
    least = min(before.values(), default=0)
    found = None
    for choice in product((True, False), repeat=len(texts)):
        places = [place for place, taken in enumerate(choice) if taken]
        total = counted(texts, places)
        fits = all(least <= total.get(name, 0) <= int(ratio * least) for name in before)
        if fits and (found is None or len(places) > found):
            found = len(places)
    return found


@settings(deadline=None)
@given(rows, st.sampled_from([1, 1.5, 2, 3]))
def test_what_is_guaranteed(texts, ratio):
    data = made(texts)
    result = cap_ratio(data, ratio)
    before, after = tally(data), tally(result.dataset)
    least = min(before.values(), default=0)
    kept = kept_texts(data, result.dataset)
    assert after == counted(texts, kept)
    assert set(after) == set(before)
    assert all(number >= least for number in after.values())
    assert result.reached == all(number <= ratio * least for number in after.values())
    assert len(result.reasons) == sum(number > ratio * least for number in after.values())
    if after:
        assert result.ratio == max(after.values()) / min(after.values())
    for place in set(range(len(texts))) - set(kept):  # none can come back
        back = counted(texts, [*kept, place])
        assert any(back[name] > ratio * least for name in texts[place].split())
    for place in kept:  # none that would help can go
        gone = counted(texts, [one for one in kept if one != place])
        helps = any(after[name] > ratio * least for name in texts[place].split())
        assert not helps or any(gone.get(name, 0) < least for name in after)


def test_near_the_best_of_all_choices():
    """Greedy is not the best, but near it: in what it reaches, and in what it keeps."""
    chance = random.Random(1)
    reached = possible = kept = most = 0
    for _ in range(100):
        texts = [" ".join(chance.choices("aaaabbc", k=chance.randrange(4))) for _ in range(9)]
        found = best(texts, 2)
        result = cap_ratio(made(texts), 2)
        assert found is not None or not result.reached
        if found is not None:
            possible += 1
            reached += result.reached
            kept += len(result.dataset.pictures) if result.reached else 0
            most += found if result.reached else 0
    assert possible > 50
    assert reached >= 0.98 * possible
    assert kept >= 0.95 * most


def test_alone_and_together():
    """7 pictures of persons alone go first; what is left has 3 persons with each of 2 balls."""
    pictures = {f"{n}.png": "person person" for n in range(7)}
    pictures |= {"x.png": "person person person ball", "y.png": "person person person ball"}
    result = cap_ratio(of_classes(pictures), 3)
    assert (files(result.dataset), result.ratio, result.reached) == (["x.png", "y.png"], 3, True)
    result = cap_ratio(of_classes(pictures), 4)
    assert (len(result.dataset.pictures), result.ratio) == (3, 4)
    result = cap_ratio(of_classes(pictures), 2)
    assert (files(result.dataset), result.ratio, result.reached) == (["x.png", "y.png"], 3, False)
    (reason,) = result.reasons
    expected = "person: 6 figures, 4 wanted; each of the 2 images left with it is needed, or a class would "
    assert reason.startswith(expected)
    assert reason.endswith("less than 2: ball (2 images)")


def test_fewest_pictures_are_lost():
    result = cap_ratio(of_classes({"1": "a a a", "2": "a", "3": "a", "4": "a", "5": "b", "6": "b b"}), 1)
    assert files(result.dataset) == ["2", "3", "4", "5", "6"]


def test_only_some_classes_count():
    data = of_classes({"1": "a", "2": "a c", "3": "a", "4": "b"})
    assert tally(cap_ratio(data, 1).dataset) == {"a": 1, "b": 1, "c": 1}
    assert tally(cap_ratio(data, 1, classes=["b", "c"]).dataset) == tally(data)


def test_not_by_order_but_by_seed():
    data = of_classes({f"{n}.png": "a" for n in range(20)} | {"b.png": "b"})
    order = random.Random(3).sample(range(21), 21)
    first, other = cap_ratio(data, 5), cap_ratio(shuffled(data, order), 5)
    assert set(files(first.dataset)) == set(files(other.dataset))
    assert len(first.dataset.pictures) == 6
    choices = {tuple(files(cap_ratio(data, 5, seed=seed).dataset)) for seed in range(9)}
    assert len(choices) > 5


@pytest.mark.parametrize("data", [Dataset(), of_classes({"a": ""}), of_classes({"a": "x x"})])
def test_nothing_to_balance(data):
    result = cap_ratio(data, 1)
    assert (result.dataset, result.ratio, result.reached) == (data, 1, True)


@pytest.mark.parametrize("ratio", [0.5, 0, -3, float("nan")])
def test_ratio_below_one(ratio):
    with pytest.raises(OptionError, match="at least 1"):
        cap_ratio(Dataset(), ratio)


def test_ratio_is_not_short_by_a_rounding():
    data = made(["a"] * 300 + ["b"] * 100)
    assert tally(cap_ratio(data, 2.3).dataset) == {"a": 230, "b": 100}


def test_endless_ratio():
    data = made(["a a", "b"])
    assert cap_ratio(data, float("inf")).dataset == data


def test_same_id_twice():
    photos = tuple(new(Picture, id=3, file_name=name) for name in "ab")
    with pytest.raises(InputError, match="image id 3 is there twice"):
        cap_ratio(Dataset(photos), 2)


def test_real():
    result = cap_ratio(read_coco(COMBO), 1.2)
    assert tally(result.dataset)["rat"] == 218
    assert result.reached
    assert result.ratio <= 1.2
    result = cap_ratio(read_coco(COCO128), 3, classes=["person", "sports ball"])
    balls = tally(read_coco(COCO128))["sports ball"]
    assert tally(result.dataset)["sports ball"] == balls == 6
    assert not result.reached
