import random
from collections import Counter, defaultdict
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from real import COCO128, COMBO
from small_sets import files, frames, of_classes, shuffled, tally

from figureground.datasets.dataset import Dataset, Picture, new
from figureground.datasets.formats.coco import read_coco
from figureground.datasets.selection.groups import video_of
from figureground.datasets.selection.split import split_dataset
from figureground.datasets.selection.stratify import PICTURES, stratify
from figureground.errors import InputError, OptionError

THREE = {"train": 0.8, "val": 0.1, "test": 0.1}
HALVES = {"one": 0.5, "two": 0.5}


def sides(parts, key):
    """The parts in which each group is."""
    found = defaultdict(set)
    for name, part in parts.items():
        for picture in part.pictures:
            found[key(picture)].add(name)
    return found


videos = st.lists(st.integers(1, 6), min_size=5, max_size=12)


@settings(deadline=None)
@given(videos, st.integers(0, 99), st.randoms(use_true_random=False))
def test_no_group_on_two_sides(sizes, seed, chance):
    names = frames(**{f"v{n}x": size for n, size in enumerate(sizes)})
    data = of_classes({name: " ".join(chance.choices("abc", k=chance.randrange(4))) for name in names})
    parts = {"train": 0.6, "val": 0.2, "test": 0.2}
    if max(sizes) > 0.6 * sum(sizes):
        with pytest.raises(OptionError, match="more than the largest part"):
            split_dataset(data, parts, seed=seed)
        return
    found = split_dataset(data, parts, seed=seed)
    assert all(len(places) == 1 for places in sides(found, video_of).values())
    assert sorted(name for part in found.values() for name in files(part)) == sorted(names)
    assert sum((Counter(tally(part)) for part in found.values()), Counter()) == tally(data)
    assert all(part.pictures for part in found.values())
    assert all(part.categories == data.categories for part in found.values())
    assert found == split_dataset(data, parts, seed=seed)


@settings(deadline=None)
@given(st.integers(10, 60), st.integers(0, 99))
def test_fractions_of_single_pictures(count, seed):
    found = split_dataset(of_classes({f"{n}": "rat" for n in range(count)}), THREE, by="picture", seed=seed)
    for name, fraction in THREE.items():
        assert abs(len(found[name].pictures) - fraction * count) <= 1


def test_rare_class_is_on_all_sides():
    """10 of 100 pictures have an owl: 8, 1, 1 of them go to the parts."""
    data = of_classes({f"{n}": "owl" if n % 10 == 0 else "rat" for n in range(100)})
    found = split_dataset(data, THREE, by="picture")
    assert [tally(part) for part in found.values()] == [
        {"rat": 72, "owl": 8},
        {"rat": 9, "owl": 1},
        {"rat": 9, "owl": 1},
    ]


def test_by_video_with_classes():
    """Six equal videos, three of rats and three of owls: a third of each kind a part."""
    names = {name: "rat" if name < "d" else "owl" for name in frames(**dict.fromkeys("abcdef", 5))}
    found = split_dataset(of_classes(names), {"x": 1 / 3, "y": 1 / 3, "z": 1 / 3})
    assert [tally(part) for part in found.values()] == [{"rat": 5, "owl": 5}] * 3


def test_as_many_videos_as_parts():
    found = split_dataset(of_classes(frames(a=7, b=2, c=1)), THREE)
    assert sorted(len(part.pictures) for part in found.values()) == [1, 2, 7]
    assert len(found["train"].pictures) == 7


@pytest.mark.parametrize(
    ("names", "match"),
    [
        (frames(a=5), r"1 video cannot be 3 parts.*a \(5 images\).*'--by time'.*'--by picture'.*--group"),
        (frames(a=5, b=4), "2 videos cannot be 3 parts"),
        (frames(a=17, b=1, c=1, d=1), "the video a has 17 of all 20 images, more than the largest part"),
        ({f"IMG_{n:04}.jpg": "" for n in range(9)}, r"the videos by their names: IMG \(9 images\)"),
    ],
)
def test_videos_that_cannot_be_parted(names, match):
    with pytest.raises(OptionError, match=match):
        split_dataset(of_classes(names), THREE)
    assert len(split_dataset(of_classes(names), THREE, by="picture")) == 3 or len(names) < 3


def test_own_groups():
    names = {f"IMG_{n:04}_mouse{n % 7}x.jpg": "" for n in range(35)}
    found = split_dataset(of_classes(names), HALVES, group=r"mouse(\d)")
    split = sides(found, lambda picture: picture.file_name[-6])
    assert len(split) == 7
    assert all(len(places) == 1 for places in split.values())
    assert {len(part.pictures) for part in found.values()} == {15, 20}


@pytest.mark.parametrize(
    ("parts", "gap", "expected"),
    [
        ({"train": 0.5, "test": 0.5}, 0, [range(5), range(5, 10)]),
        ({"train": 80, "val": 10, "test": 10}, 0, [range(8), range(8, 9), range(9, 10)]),
        ({"train": 0.5, "test": 0.5}, 1, [range(5), range(6, 10)]),
        ({"train": 0.5, "test": 0.5}, 3, [range(5), range(8, 10)]),
        ({"train": 0.4, "val": 0.3, "test": 0.3}, 2, [range(4), range(6, 7), range(9, 10)]),
    ],
)
def test_by_time(parts, gap, expected):
    order = random.Random(2).sample(range(10), 10)
    data = shuffled(of_classes(frames(a=10)), order)
    found = split_dataset(data, parts, by="time", gap=gap)
    numbers = [sorted(int(name[2:8]) for name in files(part)) for part in found.values()]
    assert numbers == [list(one) for one in expected]


def test_gap_is_of_frames_not_pictures():
    names = {f"a_{frame:06}.png": "" for frame in range(0, 300, 30)}
    found = split_dataset(of_classes(names), HALVES, by="time", gap=29)
    assert [len(part.pictures) for part in found.values()] == [5, 5]
    found = split_dataset(of_classes(names), HALVES, by="time", gap=30)
    assert [len(part.pictures) for part in found.values()] == [5, 4]


def test_time_of_many_short_videos():
    """One frame each: none can be cut, yet the parts have their sizes."""
    found = split_dataset(of_classes(frames(**{f"v{n}x": 1 for n in range(50)})), THREE, by="time")
    assert [len(part.pictures) for part in found.values()] == [40, 5, 5]


@settings(deadline=None)
@given(st.lists(st.integers(1, 9), min_size=3, max_size=9), st.integers(0, 4))
def test_time_goes_on(sizes, gap):
    sizes = [20 + size for size in sizes]
    data = of_classes(frames(**{f"v{n}x": size for n, size in enumerate(sizes)}))
    found = split_dataset(data, {"train": 0.6, "test": 0.4}, by="time", gap=gap)
    for number in range(len(sizes)):
        train, test = (
            [int(name[-10:-4]) for name in files(part) if name.startswith(f"v{number}x")]
            for part in found.values()
        )
        assert min(test) > max(train) + gap
        assert len(train) + len(test) == sizes[number] - gap
    assert abs(len(found["train"].pictures) - 0.6 * sum(sizes)) <= 1


def test_time_needs_videos():
    with pytest.raises(OptionError, match="no image belongs to a video"):
        split_dataset(of_classes({"x.png": "", "y.png": ""}), HALVES, by="time")


def test_photos_beside_videos_by_time():
    names = frames(a=10) | {f"{n:012}.jpg": "" for n in range(10)}
    found = split_dataset(of_classes(names), HALVES, by="time")
    assert [len(part.pictures) for part in found.values()] == [10, 10]


def test_copies_stay_together():
    names = {f"{n}/cat{k}x_jpg.rf.{n}a1b2c3d4e.jpg": "" for n in range(3) for k in range(8)}
    found = split_dataset(of_classes(names), HALVES, by="picture")
    split = sides(found, lambda picture: picture.file_name[2:6])
    assert len(split) == 8
    assert all(len(places) == 1 for places in split.values())


def test_not_by_order():
    data = of_classes({f"{n}.jpg": "rat" * (n % 2) for n in range(30)})
    first = split_dataset(data, THREE, by="picture", seed=4)
    other = split_dataset(shuffled(data, random.Random(1).sample(range(30), 30)), THREE, by="picture", seed=4)
    assert [set(files(part)) for part in first.values()] == [set(files(part)) for part in other.values()]
    assert first != split_dataset(data, THREE, by="picture", seed=5)


def test_name_of_an_earlier_part_is_replaced():
    data = of_classes(frames(a=2, b=2), split="valid")
    found = split_dataset(data, HALVES)
    for name, part in found.items():
        assert [one.get("split") for one in part.pictures] == [name, name]
    plain = split_dataset(of_classes(frames(a=2, b=2)), HALVES)
    assert all(one.get("split") is None for part in plain.values() for one in part.pictures)


def test_nothing():
    assert split_dataset(Dataset(), THREE) == {name: Dataset() for name in THREE}
    assert split_dataset(Dataset(), THREE, by="time") == {name: Dataset() for name in THREE}


def test_one_part_is_all():
    data = of_classes(frames(a=5))
    assert split_dataset(data, {"all": 1}) == {"all": data}


@pytest.mark.parametrize(
    ("parts", "options", "match"),
    [
        ({}, {}, "the parts are none"),
        ({"train": 0.8, "val": 0.1}, {}, r"0.8 \+ 0.1 = 0.9; they must be above 0 and add up to 1"),
        ({"train": 1.2, "val": -0.2}, {}, "above 0"),
        ({"train": float("nan")}, {}, "above 0"),
        ({"../x": 1}, {}, r"named '../x'"),
        ({"a b": 1}, {}, "named 'a b'"),
        ({"": 1}, {}, "named ''"),
        ({"Val": 0.5, "val": 0.5}, {}, "same name"),
        (HALVES, {"by": "frame"}, "by video, picture, time; not by 'frame'"),
        (HALVES, {"gap": 3}, "for a split by time only"),
        (HALVES, {"by": "time", "gap": -1}, "must be 0 or more"),
        (HALVES, {"group": "["}, "no regular expression"),
    ],
)
def test_wrong_options(parts, options, match):
    with pytest.raises(OptionError, match=match):
        split_dataset(of_classes(frames(a=3, b=3)), parts, **options)


@pytest.mark.parametrize(
    ("names", "options"),
    [
        ({"x.png": ""}, {"by": "picture"}),
        (frames(a=4), {"by": "time", "gap": 9}),
        (frames(a=2), {"by": "time"}),
    ],
)
def test_too_few_for_all_parts(names, options):
    with pytest.raises(OptionError, match="cannot be 3 parts so: there is none for"):
        split_dataset(of_classes(names), THREE, **options)


def test_same_id_twice():
    photos = tuple(new(Picture, id=3, file_name=f"{name}.jpg") for name in "abc")
    with pytest.raises(InputError, match="image id 3 is there twice"):
        split_dataset(Dataset(photos), HALVES)


def chi_square(groups, parts, fractions):
    keys = {key for group in groups for key in group}
    total = 0.0
    for part, fraction in enumerate(fractions):
        for key in keys:
            wanted = fraction * sum(group.get(key, 0) for group in groups)
            has = sum(group.get(key, 0) for group, place in zip(groups, parts, strict=True) if place == part)
            weight = len(keys) - 1 if key == PICTURES else 1
            total += weight * (has - wanted) ** 2 / wanted if wanted else 0
    return total


group_lists = st.lists(
    st.builds(
        lambda pictures, a, b: {PICTURES: pictures, 0: a, 1: b},
        st.integers(1, 5),
        st.integers(0, 5),
        st.integers(0, 3),
    ),
    min_size=1,
    max_size=7,
)


@settings(deadline=None)
@given(group_lists, st.sampled_from([[0.5, 0.5], [0.7, 0.2, 0.1]]))
def test_no_single_move_is_better(groups, fractions):
    parts = stratify(groups, fractions)
    value = chi_square(groups, parts, fractions)
    assert len(set(parts)) == min(len(groups), len(fractions))
    for place, part in product(range(len(groups)), range(len(fractions))):
        moved = [*parts[:place], part, *parts[place + 1 :]]
        if len(set(moved)) == len(set(parts)):
            assert chi_square(groups, moved, fractions) > value - 1e-6


def test_near_the_best_of_all_ways():
    chance = random.Random(0)
    found = best = 0.0
    for _ in range(40):
        groups = [
            {PICTURES: chance.randint(1, 9), 0: chance.randint(0, 9), 1: chance.randint(0, 3)}
            for _ in range(7)
        ]
        ways = [list(way) for way in product(range(2), repeat=7) if len(set(way)) == 2]
        best += min(chi_square(groups, way, [0.7, 0.3]) for way in ways)
        found += chi_square(groups, stratify(groups, [0.7, 0.3]), [0.7, 0.3])
    assert best <= found < 1.1 * best


def test_real():
    combo = read_coco(COMBO)
    found = split_dataset(combo, THREE)
    assert sum(len(part.pictures) for part in found.values()) == 212
    assert sum((Counter(tally(part)) for part in found.values()), Counter()) == {"rat": 218, "larva": 280}
    assert all(len(places) == 1 for places in sides(found, video_of).values())
    assert all(set(tally(part)) == {"rat", "larva"} for part in found.values())
    found = split_dataset(read_coco(COCO128), {"train": 0.75, "val": 0.25})
    assert abs(len(found["val"].pictures) - 32) <= 3
    assert abs(tally(found["val"])["person"] - 259 / 4) <= 6
