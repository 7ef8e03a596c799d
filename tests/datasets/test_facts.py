"""info: counts by hand and by brute force, pixels by numpy."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from broken import write_dataset
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image
from real import COCO128, COMBO, FERAL_CAT

from figureground.datasets.dataset import Annotation, Category, Dataset, Picture, new
from figureground.datasets.formats import read_dataset
from figureground.datasets.formats.coco import read_coco
from figureground.datasets.report.facts import facts, pair_of, top_pairs
from figureground.datasets.report.pixels import PixelStatistics, pixel_statistics
from figureground.errors import InputError, OptionError


def made(*drawn: tuple[int, int], images: int = 3, classes: int = 3) -> Dataset:
    """A dataset with an annotation for each (image, class) of `drawn`, of 3 x 5 px."""
    return Dataset(
        tuple(new(Picture, id=i, file_name=f"{i}.jpg", width=17, height=11) for i in range(images)),
        tuple(
            new(Annotation, id=i, image_id=image, category_id=category, bbox=[1, 2, 3, 5])
            for i, (image, category) in enumerate(drawn)
        ),
        tuple(new(Category, id=i, name="abcdefg"[i]) for i in range(classes)),
    )


@pytest.mark.parametrize(
    ("path", "images", "annotations", "some"),
    [
        (COMBO, 212, 498, {"rat": 218, "larva": 280}),
        (COCO128, 128, 939, {"fire hydrant": 0}),
        (FERAL_CAT, 296, None, {}),
    ],
)
def test_counts_of_real_data_are_exact(
    path: Path, images: int, annotations: int | None, some: dict[str, int]
) -> None:
    found = facts(read_dataset(path))
    if path.suffix == ".json":  # counted anew from the bare file
        coco = json.loads(path.read_text())
        names = {one["id"]: one["name"] for one in coco["categories"]}
        by_class = Counter(names[one["category_id"]] for one in coco["annotations"])
        having = Counter(
            names[c] for _, c in {(one["image_id"], one["category_id"]) for one in coco["annotations"]}
        )
        per_image = Counter(one["image_id"] for one in coco["annotations"])
        assert {one.name: one.annotations for one in found.classes if one.annotations} == by_class
        assert {one.name: one.images for one in found.classes if one.images} == having
        assert found.per_image[1:] == tuple(
            list(per_image.values()).count(i) for i in range(1, max(per_image.values()) + 1)
        )
        assert found.crowd == sum(one["iscrowd"] for one in coco["annotations"])
    else:
        labels = [path / part / "labels" for part in ("valid", "test")]
        annotations = sum(len(file.read_text().split("\n")) for one in labels for file in one.glob("*.txt"))
    assert (found.images, found.annotations) == (images, annotations)
    assert some.items() <= {one.name: one.annotations for one in found.classes}.items()
    assert sum(found.per_image) == images
    assert found.empty == found.per_image[0]
    assert sum(found.by_size) == len(found.areas) == annotations


def test_areas_are_those_of_the_outlines() -> None:
    coco = json.loads(COCO128.read_text())
    told = np.array([one["area"] for one in coco["annotations"] if not one["iscrowd"]])
    crowd = np.array([one["iscrowd"] for one in coco["annotations"]], bool)
    found = facts(read_coco(COCO128))
    np.testing.assert_allclose(found.areas[~crowd], told, rtol=1e-9)
    limits = [(told < 1024).sum(), ((told >= 1024) & (told < 9216)).sum(), (told >= 9216).sum()]
    assert sum(found.by_size) - sum(limits) == crowd.sum()


def test_pairs_are_counted_by_picture() -> None:
    found = facts(made((0, 0), (0, 0), (0, 1), (1, 0), (2, 1), (2, 1), (2, 1), images=5))
    pair = pair_of(found, "a", "b")
    assert (pair.both, pair.only_first, pair.only_second, pair.neither) == (1, 1, 1, 2)
    assert pair.ratio == 0.75
    assert np.isinf(pair_of(found, "a", "c").ratio)
    assert np.isnan(pair_of(facts(made()), "a", "c").ratio)
    with pytest.raises(OptionError, match="no class 'dog'; there are: a, b, c"):
        pair_of(found, "a", "dog")


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), max_size=20))
def test_classes_together_agree_with_brute_force(drawn: list[tuple[int, int]]) -> None:
    found = facts(made(*drawn, images=5, classes=4))
    for a in range(4):
        for b in range(4):
            both = sum((i, a) in drawn and (i, b) in drawn for i in range(5))
            assert found.together[a, b] == both
    pairs = top_pairs(found, 3)
    counts = [int(found.together[a, b]) for a, b in pairs]
    every = sorted((int(found.together[a, b]) for a in range(4) for b in range(a + 1, 4)), reverse=True)
    assert counts == [count for count in every if count][:3]


def test_an_empty_dataset_has_facts() -> None:
    found = facts(Dataset())
    assert (found.images, found.annotations, found.empty, found.by_size) == (0, 0, 0, (0, 0, 0))
    assert top_pairs(found, 3) == []


def test_strange_records_are_counted_and_harm_nothing() -> None:
    found = facts(made((99, 0), (0, 99), (0, 1)))
    assert (found.annotations, found.strange) == (3, 2)
    assert [one.annotations for one in found.classes] == [1, 1, 0]


def test_pixel_statistics_equal_those_of_all_pixels_side_by_side(tmp_path: Path) -> None:
    random, pictures, pixels = np.random.default_rng(7), [], []
    for number, (height, width) in enumerate([(11, 17), (61, 83), (1, 5)]):
        image = random.integers(0, 60 * (number + 1), (height, width, 3), np.uint8)
        Image.fromarray(image).save(tmp_path / f"{number}.png")
        pictures.append(new(Picture, id=number, file_name=f"{number}.png"))
        pixels.append(image.reshape(-1, 3).astype(np.float64))
    done: list[int] = []
    found = pixel_statistics(Dataset(tuple(pictures), folder=tmp_path), progress=done.append)
    together = np.concatenate(pixels)
    np.testing.assert_allclose(found.mean, together.mean(0), rtol=1e-13)
    np.testing.assert_allclose(found.std, together.std(0), rtol=1e-12)
    assert found.pixels == len(together)
    assert done == [1, 2, 3]
    means = np.mean([one.mean(0) for one in pixels], axis=0)
    assert abs(found.mean[0] - means[0]) > 3  # the mean of means is something else


@given(arrays(np.int64, (3, 256), elements=st.integers(0, 2**40)))
def test_moments_are_exact_for_large_counts(counts: "np.typing.NDArray[np.int64]") -> None:
    counts[:, 3] += 1
    found = PixelStatistics(counts, 1, ())
    for row, mean, std in zip(counts, found.mean, found.std, strict=True):
        values = np.arange(256, dtype=np.longdouble)
        weights = row.astype(np.longdouble) / row.astype(np.longdouble).sum()
        middle = (values * weights).sum()
        assert mean == pytest.approx(float(middle), rel=1e-12)
        assert std == pytest.approx(
            float(np.sqrt((weights * (values - middle) ** 2).sum())), rel=1e-9, abs=1e-6
        )


def test_pictures_that_cannot_be_read_are_left_out_and_told(tmp_path: Path) -> None:
    dataset = read_coco(write_dataset(tmp_path))
    (tmp_path / "b.png").unlink()
    (tmp_path / "c.jpg").write_bytes(b"no picture")
    found = pixel_statistics(dataset)
    assert found.pictures == 1
    assert len(found.left_out) == 2
    assert "b.png" in found.left_out[0]


def test_no_pixels_have_no_mean(tmp_path: Path) -> None:
    found = pixel_statistics(Dataset(folder=tmp_path))
    assert np.isnan(found.mean).all()
    assert np.isnan(found.std).all()
    with pytest.raises(InputError, match="not known where the pictures are"):
        pixel_statistics(Dataset())


def test_a_picture_of_many_pixels_of_one_value_is_counted_exactly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("figureground.datasets.report.pixels.EXACT", 40)  # a few rows at once
    Image.new("RGB", (17, 11), (5, 7, 250)).save(tmp_path / "a.png")
    found = pixel_statistics(Dataset((new(Picture, id=1, file_name="a.png"),), folder=tmp_path))
    assert (found.mean, found.std, found.pixels) == ((5, 7, 250), (0, 0, 0), 187)
