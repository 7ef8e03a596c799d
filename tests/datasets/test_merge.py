import json
import random
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_sets import save_photo
from msgspec import Raw
from real import COCO128, COMBO
from small_sets import files, of_classes, tally

from figureground.datasets.dataset import Annotation, Category, Dataset, Picture, new, parse
from figureground.datasets.formats.coco import read_coco, write_coco
from figureground.datasets.pictures import PictureFiles
from figureground.datasets.selection.merge import merge
from figureground.datasets.selection.split import split_dataset
from figureground.errors import InputError

HERE = Path("/sets/here")


def content(dataset):
    """What is drawn on which picture, whatever the ids; keys but ids are compared as they are."""
    names = dataset.names()
    pictures = {picture.id: picture.file_name for picture in dataset.pictures}
    rows = []
    for one in dataset.annotations:
        keys = json.loads(bytes(one.raw))
        keys.pop("id")
        picture, category = keys.pop("image_id"), keys.pop("category_id")
        rows.append((pictures.get(picture, ""), names.get(category, ""), json.dumps(keys, sort_keys=True)))
    return sorted(rows)


def at(folder, pictures, classes=""):
    return replace(of_classes(pictures, classes), folder=Path(folder))


def test_empty_ones_change_nothing():
    data = read_coco(COCO128)
    for several in ([data], [data, Dataset()], [Dataset(), data], [Dataset(), data, Dataset()]):
        assert merge(several).dataset == data
        assert merge(several).notes == ()
    assert merge([Dataset(), Dataset()]).dataset == Dataset()
    assert merge([]).dataset == Dataset()


def test_with_itself_it_is_itself():
    data = read_coco(COCO128)
    merged = merge([data, data], names=["a", "b"])
    assert merged.dataset == data
    assert merged.notes == ("b: 939 figures are there already, on the same pictures; they are once now",)


def test_classes_by_name():
    first, second = at("/a/x", {"1.jpg": "rat larva"}), at("/a/y", {"2.jpg": "larva mouse"}, "mouse larva")
    both = merge([first, second]).dataset
    assert both.names() == {1: "larva", 2: "rat", 3: "mouse"}
    assert tally(both) == {"rat": 1, "larva": 2, "mouse": 1}
    assert content(both) == sorted(
        ("x/1.jpg" if number < 2 else "y/2.jpg", name, '{"area": 15, "bbox": [1, 2, 5, 3]}')
        for number, name in enumerate(["rat", "larva", "larva", "mouse"])
    )


def test_other_bytes_stay():
    text = b'{"id": 1, "more": [1.50, 2.0e0], "image_id": 1, "category_id": 1, "track_id": 7}'
    figure = parse(Annotation, Raw(text))
    first = at("/a", {"1.jpg": "rat"})
    second = replace(at("/a", {"2.jpg": ""}, "mouse"), annotations=(figure,))
    both = merge([first, second]).dataset
    assert both.annotations[0] == first.annotations[0]
    expected = b'{"id":2,"more":[1.50, 2.0e0],"image_id":2,"category_id":2,"track_id":7}'
    assert bytes(both.annotations[1].raw) == expected


texts = st.lists(st.text("abc", max_size=4).map(" ".join), max_size=6)


@settings(deadline=None)
@given(texts, texts, st.integers(0, 9))
def test_nothing_is_lost(first, second, seed):
    chance = random.Random(seed)
    sets = []
    for folder, rows in (("/top/x", first), ("/top/y", second)):
        names = chance.sample("abc", 3)
        sets.append(at(folder, {f"{n}.png": text for n, text in enumerate(rows)}, " ".join(names)))
    both = merge(sets).dataset
    for records in (both.pictures, both.annotations, both.categories):
        assert len({one.id for one in records}) == len(records)
    prefix = ["x/", "y/"] if first and second else ["", ""]
    expected = [
        (start + row[0], *row[1:]) for start, one in zip(prefix, sets, strict=True) for row in content(one)
    ]
    assert content(both) == sorted(expected)
    assert set(both.names().values()) == set("abc")


@settings(deadline=None)
@given(st.lists(st.text("abc", max_size=4).map(" ".join), min_size=4, max_size=12), st.integers(0, 9))
def test_parts_put_together_are_the_whole(rows, seed):
    data = at(HERE, {f"{n}.png": text for n, text in enumerate(rows)}, "a b c")
    parts = split_dataset(data, {"x": 0.5, "y": 0.5}, by="picture", seed=seed)
    merged = merge(list(parts.values()))
    assert merged.notes == ()
    assert sorted(merged.dataset.pictures, key=lambda one: one.id) == list(data.pictures)
    assert content(merged.dataset) == content(data)
    assert merged.dataset.folder == HERE


@pytest.mark.parametrize(
    ("folders", "names", "folder"),
    [
        (["/t/x", "/t/y"], ["x/1.jpg", "y/1.jpg"], "/t"),
        (["/t/x/images", "/t/y"], ["x/images/1.jpg", "y/1.jpg"], "/t"),
        (["/t", "/t/y"], ["1.jpg", "y/1.jpg"], "/t"),
        (["/t/x", "/t/x/../y"], ["x/1.jpg", "y/1.jpg"], "/t"),
        (["/t/x", "/u/x"], ["a/1.jpg", "b/1.jpg"], None),
    ],
)
def test_same_name_in_other_folders(folders, names, folder):
    sets = [at(one, {"1.jpg": "rat"}) for one in folders]
    merged = merge(sets, names=["a", "b"])
    assert files(merged.dataset) == names
    assert merged.dataset.folder == (Path(folder) if folder else None)
    assert [one.image_id for one in merged.dataset.annotations] == [1, 2]


def test_names_of_datasets_become_names_of_folders():
    sets = [at(f"/{letter}", {"1.jpg": ""}) for letter in "stuv"]
    merged = merge(sets, names=["a/..", "A___", "a", "ä b"])
    assert files(merged.dataset) == ["a___/1.jpg", "A____2/1.jpg", "a/1.jpg", "ä_b/1.jpg"]


def test_pictures_of_zip_files_are_copied_together(tmp_path):
    photo = save_photo(tmp_path / "deep/1.png")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(photo, "images/1.png")
    other = save_photo(tmp_path / "b/1.png", seed=1)
    sets = [at(tmp_path / "a.zip", {"1.png": "rat"}), at(tmp_path / "b", {"1.png": "rat"})]
    merged = merge(sets, names=["a", "b"])
    assert merged.dataset.folder is None
    done = []
    merged.places.copy_to(tmp_path / "all", done.append)
    assert done == [1, 2]
    with PictureFiles(replace(merged.dataset, folder=tmp_path / "all")) as opened:
        found = [opened.data(picture) for picture in merged.dataset.pictures]
    assert found == [photo.read_bytes(), other.read_bytes()]


def test_hostile_names_are_not_copied(tmp_path):
    (tmp_path / "secret").write_text("x")
    sets = [at(tmp_path / name, {"../secret": ""}) for name in "ab"]
    for name in "ab":
        (tmp_path / name).mkdir()
    merged = merge(sets)
    with pytest.raises(InputError, match="leads out of the folder"):
        merged.places.copy_to(tmp_path / "all")


def test_same_picture_is_one():
    first = at(HERE, {"1.jpg": "person", "2.jpg": ""})
    second = at(HERE, {"2.jpg": "ball", "3.jpg": "ball", "1.jpg": "ball"})
    both = merge([first, second]).dataset
    assert files(both) == ["1.jpg", "2.jpg", "3.jpg"]
    names = both.names()
    drawn = {(both.pictures[one.image_id - 1].file_name, names[one.category_id]) for one in both.annotations}
    assert drawn == {("1.jpg", "person"), ("2.jpg", "ball"), ("3.jpg", "ball"), ("1.jpg", "ball")}


@pytest.mark.parametrize(("size", "count"), [((17, 11), 1), ((0, 0), 1), ((11, 17), 2)])
def test_same_name_of_another_size(size, count):
    photo = new(Picture, id=4, file_name="1.jpg", width=size[0], height=size[1])
    merged = merge([at(HERE, {"1.jpg": ""}, "rat"), Dataset((photo,), folder=HERE)])
    assert files(merged.dataset) == ["1.jpg"] * count
    assert bool(merged.notes) == (count == 2)
    assert (merged.dataset.pictures[0].width, merged.dataset.pictures[0].height) == (17, 11)


def test_folder_not_known():
    first, second = of_classes({"1.jpg": "rat"}), of_classes({"2.jpg": "rat"})
    assert files(merge([first, second]).dataset) == ["1.jpg", "2.jpg"]
    with pytest.raises(InputError, match=r"a and b both have an image 1\.jpg; .*--images FOLDER"):
        merge([first, first], names=["a", "b"])
    with pytest.raises(InputError, match=r"both have an image 1\.jpg"):
        merge([replace(first, folder=HERE), first])
    merged = merge([replace(first, folder=HERE), second], names=["a", "b"])
    assert merged.dataset.folder == HERE
    assert merged.notes == ("b: it is not known where its pictures are",)


def test_missing_keys_are_filled():
    first = Dataset(categories=(parse(Category, Raw(b'{"id":1,"name":"rat","supercategory":""}')),))
    more = parse(Category, Raw(b'{"id":1,"name":"rat","supercategory":"animal","color":"#f00"}'))
    (category,) = merge([first, Dataset(categories=(more,))]).dataset.categories
    assert json.loads(bytes(category.raw)) == {
        "id": 1,
        "name": "rat",
        "supercategory": "animal",
        "color": "#f00",
    }


def test_keypoints_that_differ():
    first, second = (
        Dataset(categories=(new(Category, id=1, name="rat", keypoints=k),)) for k in (["a"], ["b"])
    )
    with pytest.raises(InputError, match="y: the class 'rat' has other keypoints"):
        merge([first, second], names=["x", "y"])
    assert len(merge([first, first]).dataset.categories) == 1


def test_alike_names_are_told():
    merged = merge(
        [Dataset(categories=(new(Category, id=1, name=name),)) for name in ("Black_rat", "black rat")]
    )
    assert merged.notes == (
        "the classes 'Black_rat' and 'black rat' stay two; rename one if they are the same",
    )


def rest(**keys):
    return {key: Raw(json.dumps(value).encode()) for key, value in keys.items()}


def test_licenses_and_info():
    mit, cc = {"id": 1, "name": "MIT", "url": "m"}, {"id": 1, "name": "CC", "url": "c"}
    first = replace(at("/t/x", {"1.jpg": ""}), rest=rest(info={"year": 1, "url": ""}, licenses=[mit], a=[1]))
    second = replace(
        at("/t/y", {"2.jpg": "", "3.jpg": ""}),
        rest=rest(info={"year": 2}, licenses=[cc, {**mit, "id": 2}], a=[2]),
    )
    pictures = tuple(new(Picture, id=n, file_name=f"{n}.jpg", license=n - 1) for n in (2, 3))
    merged = merge([first, replace(second, pictures=pictures)])
    told = {key: json.loads(bytes(value)) for key, value in merged.dataset.rest.items()}
    assert told == {
        "info": {"year": 1, "url": "", "merged": [{"year": 2}]},
        "licenses": [mit, {**cc, "id": 2}],
        "a": [1],
        "a_2": [2],
    }
    assert [one.get("license") for one in merged.dataset.pictures] == [None, 2, 1]
    assert merged.notes == ("the key 'a' has several values; one of them is under 'a_2' now",)


@pytest.mark.parametrize("strange", ["text", 5, None, [1, "a"], {"id": []}, [{"id": "x"}, {}], [[]]])
def test_strange_rest_is_no_crash(strange, tmp_path):
    first = replace(at("/t/x", {"1.jpg": ""}), rest=rest(info=strange, licenses=strange))
    second = replace(at("/t/y", {"1.jpg": ""}), rest=rest(info={}, licenses=[{"id": 1, "name": "MIT"}]))
    for several in ([first, second], [second, first]):
        write_coco(merge(several).dataset, tmp_path / "a.json")
        assert len(read_coco(tmp_path / "a.json").pictures) == 2


def test_figures_of_nothing_stay_so():
    lost = new(Annotation, id=1, image_id=2, category_id=2)
    first = replace(at("/t/x", {"1.jpg": ""}, "rat"), annotations=(lost,))
    second = at("/t/y", {"1.jpg": "", "2.jpg": "owl"}, "ant owl")
    merged = merge([first, second], names=["a", "b"])
    both = merged.dataset
    (figure,) = [one for one in both.annotations if one.id == 1]
    assert figure.image_id not in {picture.id for picture in both.pictures}
    assert figure.category_id not in both.names()
    assert tally(replace(both, annotations=both.annotations[1:])) == {"owl": 1}
    assert merged.notes == ("a: 1 figures are of no picture or no class; they are kept so",)


@pytest.mark.parametrize("kind", ["image", "category"])
def test_same_id_twice(kind):
    data = at(HERE, {"1.jpg": "rat"})
    if kind == "image":
        data = replace(data, pictures=data.pictures * 2)
    else:
        data = replace(data, categories=data.categories * 2)
    with pytest.raises(InputError, match=f"b: {kind} id 1 is there twice"):
        merge([at(HERE, {"2.jpg": ""}), data], names=["a", "b"])


def test_real():
    combo, coco = read_coco(COMBO), read_coco(COCO128)
    merged = merge([coco, combo], names=["coco128", "combo"])
    both = merged.dataset
    assert (len(both.pictures), len(both.annotations), len(both.categories)) == (340, 939 + 498, 82)
    counts = tally(both)
    assert (counts["rat"], counts["larva"], counts["person"]) == (218, 280, 259)
    assert content(both) == sorted(content(coco) + content(combo))
