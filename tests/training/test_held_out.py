from dataclasses import replace
from pathlib import Path

import pytest
from made_training import boxes_set, small

from figureground.datasets.dataset import Category, Dataset, Picture, changed, new
from figureground.errors import InputError
from figureground.training.held_out import check_classes, fingerprint, held_out, with_classes


def of_names(*names: str) -> Dataset:
    return Dataset(tuple(new(Picture, id=number, file_name=name) for number, name in enumerate(names)))


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ([f"{video}_{frame:06}.png" for video in "abcde" for frame in range(4)], "images of other videos"),
        ([f"a_{frame:06}.png" for frame in range(20)], "the last frames of each video"),
        ([f"{video}_{frame:06}.png" for video in "ab" for frame in range(10)], "the last frames of each"),
        (["owl.png", "cat.png", "ant.png", "bee.png", "elk.png", "fox.png"], "photos of their own"),
    ],
)
def test_what_is_held_out(names: list[str], told: str) -> None:
    said: list[str] = []
    learned, judged = held_out(of_names(*names), small(), said.append)
    assert judged is not None
    assert told in said[0]
    number = len(judged.pictures)
    assert number == max(1, round(0.2 * len(names)))
    assert f"{number} of {len(names)} images" in said[0]
    assert {one.id for one in learned.pictures}.isdisjoint(one.id for one in judged.pictures)
    assert len(learned.pictures) + number == len(names)
    if "other videos" in said[0] and len(names) == 20:
        videos = [{one.file_name[0] for one in part.pictures} for part in (learned, judged)]
        assert videos[0].isdisjoint(videos[1])


def test_too_few_pictures() -> None:
    said: list[str] = []
    assert held_out(of_names("a.png", "b.png"), small(), said.append)[1] is None
    assert "give --validation DATASET" in said[0]


def test_classes(tmp_path: Path) -> None:
    data = boxes_set(tmp_path, [[("b", (1, 2, 20, 20))]], ["a", "b"])
    said: list[str] = []
    assert check_classes(data, said.append) == ("a", "b")
    assert said == ["the class 'a' has no figure in the images to learn from"]
    twice = replace(data, categories=(data.categories[0], changed(data.categories[1], name="a")))
    with pytest.raises(InputError, match="two classes are named 'a'"):
        check_classes(twice, said.append)
    with pytest.raises(InputError, match="no annotations"):
        check_classes(replace(data, annotations=()), said.append)


def test_classes_of_the_validation_part(tmp_path: Path) -> None:
    data = boxes_set(tmp_path, [[("b", (1, 2, 20, 20))]], ["c", "b"])
    ordered = with_classes(data, ["a", "b"])
    assert [one.name for one in ordered.categories] == ["a", "b"]
    assert ordered.categories[1].id == data.annotations[0].category_id
    assert isinstance(ordered.categories[0], Category)
    with pytest.raises(InputError, match="has the class 'b', which the dataset does not have; it has: a"):
        with_classes(data, ["a"])


def test_a_fingerprint_tells_changes(tmp_path: Path) -> None:
    data = boxes_set(tmp_path, [[("a", (1, 2, 20, 20))], []], ["a"])
    mark = fingerprint(data)
    assert fingerprint(data) == mark
    assert fingerprint(replace(data, annotations=(changed(data.annotations[0], iscrowd=1),))) != mark
    (tmp_path / "1.png").write_bytes((tmp_path / "0.png").read_bytes())
    assert fingerprint(data) != mark
