import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Raw
from real import COCO128, COMBO
from small_sets import files, of_classes, tally

from figureground.datasets.dataset import Annotation, Category, Dataset, Picture, new, parse
from figureground.datasets.formats.coco import read_coco
from figureground.datasets.selection.filter import Wanted, class_ids, filter_dataset, having, renumbered
from figureground.errors import InputError, OptionError

FIELD = of_classes({"a": "person ball", "b": "person", "c": "ball dog", "d": "dog", "e": ""})


@pytest.mark.parametrize(
    ("wanted", "expected", "figures"),
    [
        (Wanted(), "abcde", 6),
        (Wanted(classes=["ball"]), "ac", 2),
        (Wanted(classes=["ball", "dog"]), "acd", 4),
        (Wanted(any_of=["ball"]), "ac", 4),
        (Wanted(any_of=["ball", "person"]), "abc", 5),
        (Wanted(all_of=["ball", "person"]), "a", 2),
        (Wanted(all_of=["ball", "person", "dog"]), "", 0),
        (Wanted(classes=["person"], any_of=["ball"]), "a", 1),
        (Wanted(any_of=["dog"], all_of=["ball"]), "c", 2),
        (Wanted(side=(11, 17)), "abcde", 6),
        (Wanted(side=(12, 17)), "", 0),
        (Wanted(side=(11, 16)), "", 0),
        (Wanted(area=(15, 15)), "abcd", 6),
        (Wanted(area=(15.1, 99)), "", 0),
        (Wanted(crowd=True), "", 0),
        (Wanted(crowd=False), "abcd", 6),
        (Wanted(without=["e", "b"]), "acd", 5),
    ],
)
def test_what_is_kept(wanted, expected, figures):
    kept = filter_dataset(FIELD, wanted)
    assert "".join(files(kept)) == expected
    assert len(kept.annotations) == figures
    ids = {one.id: one for one in FIELD.annotations}
    assert all(one is ids[one.id] for one in kept.annotations)


def test_empty_pictures():
    assert files(filter_dataset(FIELD, Wanted(classes=["dog"]), keep_empty=True)) == list("abcde")
    assert files(filter_dataset(FIELD, Wanted(all_of=["dog"]), keep_empty=True)) == list("cd")


def test_what_size_rules_out_can_stay_as_a_crowd():
    """Three figures on two pictures; only the second picture has one of the right size."""
    pictures = [new(Picture, id=n, file_name=f"{n}.png", width=17, height=11) for n in (1, 2)]
    sizes = ((1, 30), (2, 5), (2, 12))
    figures = [
        new(Annotation, id=n, image_id=picture, category_id=1, area=area, iscrowd=0)
        for n, (picture, area) in enumerate(sizes)
    ]
    data = Dataset(tuple(pictures), tuple(figures), (new(Category, id=1, name="fly"),))
    wanted = Wanted(area=(10, 20), crowd_rest=True)
    assert [(one.id, one.iscrowd) for one in filter_dataset(data, wanted).annotations] == [(1, 1), (2, 0)]
    kept = filter_dataset(data, wanted, keep_empty=True)
    assert [(one.id, one.iscrowd) for one in kept.annotations] == [(0, 1), (1, 1), (2, 0)]


def test_without_conditions_nothing_changes():
    strange = new(Annotation, id=9, image_id=99, category_id=88)
    data = replace(FIELD, annotations=(*FIELD.annotations, strange))
    assert filter_dataset(data, Wanted()) == data
    assert filter_dataset(Dataset(), Wanted()) == Dataset()


def test_figures_of_missing_pictures_go():
    strange = new(Annotation, id=9, image_id=99, category_id=class_id("dog"))
    data = replace(FIELD, annotations=(*FIELD.annotations, strange))
    kept = filter_dataset(data, Wanted(classes=["dog"]))
    assert files(kept) == list("cd")
    assert strange not in kept.annotations


def class_id(name):
    (number,) = class_ids(FIELD, [name])
    return number


def test_any_and_all_see_what_size_left():
    small, large = ({"bbox": [0, 0, 1, 1], "area": area} for area in (4, 100))
    cats = (new(Category, id=1, name="ball"), new(Category, id=2, name="person"))
    photos = tuple(new(Picture, id=n, file_name=f"{n}", width=17, height=11) for n in (1, 2))
    figures = (
        new(Annotation, id=1, image_id=1, category_id=1, **small),
        new(Annotation, id=2, image_id=1, category_id=2, **large),
        new(Annotation, id=3, image_id=2, category_id=1, **large),
    )
    data = Dataset(photos, figures, cats)
    assert files(filter_dataset(data, Wanted(area=(50, 200), any_of=["ball"]))) == ["2"]


def test_area_and_share_without_area_in_the_file():
    """A square of 3 x 3 pixels in a picture of 11 x 17: 9 / 187 = 0.048."""
    square = new(Annotation, id=1, image_id=1, category_id=1, segmentation=[[2, 2, 5, 2, 5, 5, 2, 5]])
    data = replace(of_classes({"a": "rat"}), annotations=(square,))
    assert len(filter_dataset(data, Wanted(area=(9, 9))).annotations) == 1
    assert len(filter_dataset(data, Wanted(area=(10, 99))).annotations) == 0
    assert len(filter_dataset(data, Wanted(share=(0.048, 0.049))).annotations) == 1
    assert len(filter_dataset(data, Wanted(share=(0.049, 1))).annotations) == 0


@pytest.mark.parametrize(
    ("wanted", "match"),
    [
        (Wanted(classes=["bal"]), "no class 'bal'; the classes are: ball, dog, person"),
        (Wanted(any_of=["cat"]), "no class 'cat'"),
        (Wanted(all_of=["ball", "cat"]), "no class 'cat'"),
        (Wanted(area=(5, 4)), "area: the least is 5 and the most 4"),
        (Wanted(side=(-1, 4)), "side: the least is -1"),
        (Wanted(share=(float("nan"), 1)), "share: the least is nan"),
        (Wanted(share=(40, 50)), "at most 1"),
    ],
)
def test_wrong_options(wanted, match):
    with pytest.raises(OptionError, match=match):
        filter_dataset(FIELD, wanted)


def test_no_classes_at_all():
    with pytest.raises(OptionError, match="none at all"):
        having(Dataset(), any_of=["rat"])


@pytest.mark.parametrize("wanted", [Wanted(share=(0.1, 1)), Wanted(side=(1, 9))])
def test_unknown_size_of_a_picture(wanted):
    data = replace(of_classes({"a": "rat"}), pictures=(new(Picture, id=1, file_name="a.png"),))
    with pytest.raises(InputError, match=r"image 1 \(a.png\): its size is not known"):
        filter_dataset(data, wanted)


def test_damaged_area_is_named():
    bad = parse(Annotation, Raw(b'{"id": 5, "image_id": 1, "category_id": 1, "area": "large"}'))
    data = replace(of_classes({"a": "rat"}), annotations=(bad,))
    with pytest.raises(InputError, match="annotation 5: area: expected float"):
        filter_dataset(data, Wanted(area=(1, 2)))


def test_renumber_keeps_order_and_bytes():
    cats = tuple(new(Category, id=n, name=name) for n, name in ((7, "c"), (1, "a"), (3, "b")))
    text = b'{"id":1,"image_id":1,"category_id":7,"area":2.50,"more":[1.10]}'
    data = Dataset((new(Picture, id=1, file_name="x"),), (parse(Annotation, Raw(text)),), cats)
    kept = filter_dataset(data, Wanted(classes=["b", "c"]), renumber=True)
    assert [(one.id, one.name) for one in kept.categories] == [(1, "c"), (2, "b")]
    assert bytes(kept.annotations[0].raw) == text.replace(b'category_id":7', b'category_id":1')
    assert filter_dataset(data, Wanted(classes=["b", "c"])).categories == (cats[0], cats[2])


def test_renumber_gives_no_class_to_what_has_none():
    cats = (new(Category, id=5, name="a"),)
    figures = tuple(new(Annotation, id=n, image_id=1, category_id=n) for n in (5, 1, 9, 2))
    after = renumbered(Dataset((), figures, cats))
    assert [one.category_id for one in after.annotations] == [1, 2, 9, 3]
    assert len({one.category_id for one in after.annotations}) == 4


def test_same_id_twice_is_no_crash():
    cats = (new(Category, id=5, name="a"), new(Category, id=5, name="b"))
    figures = (new(Annotation, id=1, image_id=1, category_id=5),)
    assert renumbered(Dataset((), figures, cats)).annotations[0].category_id == 1


sets = st.lists(st.text("abc ", max_size=5).map(lambda text: " ".join(text.replace(" ", ""))), max_size=9)


@settings(deadline=None)
@given(sets, st.sets(st.sampled_from("abc")))
def test_against_json_loops(rows, chosen):
    data = of_classes({f"{n}.png": text for n, text in enumerate(rows)}, "a b c")
    kept = filter_dataset(data, Wanted(classes=sorted(chosen)))
    expected = [text for text in rows if not chosen or chosen & set(text.split())]
    assert [rows[int(name[:-4])] for name in files(kept)] == expected
    assert sum(tally(kept).values()) == sum(
        not chosen or name in chosen for text in rows for name in text.split()
    )
    assert filter_dataset(kept, Wanted(classes=sorted(chosen))) == kept


def test_real_counts():
    combo = read_coco(COMBO)
    assert tally(filter_dataset(combo, Wanted(classes=["rat"]))) == {"rat": 218}
    assert tally(filter_dataset(combo, Wanted(classes=["larva"]))) == {"larva": 280}
    raw = json.loads(COCO128.read_text())
    people = {one["id"] for one in raw["categories"] if one["name"] == "person"}
    large = {
        one["id"]
        for one in raw["annotations"]
        if one["category_id"] in people and one["area"] >= 9216 and not one["iscrowd"]
    }
    wanted = Wanted(classes=["person"], area=(9216, 1e9), crowd=False)
    assert {one.id for one in filter_dataset(read_coco(COCO128), wanted).annotations} == large


def test_pictures_are_left_out_by_their_last_name_too(tmp_path):
    data = of_classes({"x/a.png": "dog", "y/a.png": "dog", "y/b.png": "dog"})
    assert files(filter_dataset(data, Wanted(without=["a.png"]))) == ["y/b.png"]
    assert files(filter_dataset(data, Wanted(without=["y/a.png"]))) == ["x/a.png", "y/b.png"]
    with pytest.raises(OptionError, match=r"no picture 'c\.png', so it cannot be left out"):
        filter_dataset(data, Wanted(without=["a.png", "c.png"]))


def test_pictures_whose_file_is_missing_are_left_out(tmp_path):
    data = replace(of_classes({"a.png": "dog", "b.png": "", "c.png": ""}), folder=tmp_path)
    for name in ("a.png", "c.png"):
        (tmp_path / name).touch()
    assert files(filter_dataset(data, Wanted(there=True))) == ["a.png", "c.png"]
    with pytest.raises(InputError, match="not known where the pictures are"):
        filter_dataset(replace(data, folder=None), Wanted(there=True))
