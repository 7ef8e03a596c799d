from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from made_training import STILL, boxes_set, small
from PIL import Image

from figureground.datasets.dataset import Dataset, changed
from figureground.errors import InputError
from figureground.training.backgrounds import Backgrounds, read_backgrounds
from figureground.training.recipe import Augment
from figureground.training.samples import Drawings, Order, Samples, collate

WHAT = small().architecture()


def strange_set(folder: Path) -> Dataset:
    """A colour, a grey and a 16-bit picture, one that is turned, an empty one; a class without figures."""
    figures = [[("a", (7, 11, 20, 30))], [("b", (3, 5, 17, 13))], [("a", (40, 10, 23, 29))], [], []]
    data = boxes_set(folder, figures, ["a", "b", "none"])
    Image.open(folder / "1.png").convert("L").save(folder / "1.png")
    grey = np.asarray(Image.open(folder / "2.png").convert("L")).astype(np.uint16) * 257
    Image.fromarray(grey).save(folder / "2.png")
    turned = Image.fromarray(np.full((83, 61, 3), 90, np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6
    turned.save(folder / "3.png", exif=exif)
    return data


def test_grey_16_bits_turned_and_empty_pictures(tmp_path: Path) -> None:
    samples = Samples(Drawings(strange_set(tmp_path), WHAT), STILL, seed=0)
    assert len(samples) == 5
    seen = [samples[(0, index)] for index in range(5)]
    assert [tuple(image.shape) for image, _ in seen] == [(3, 61, 83)] * 5
    assert [target["labels"].tolist() for _, target in seen] == [[1], [2], [1], [], []]
    assert seen[1][1]["boxes"].tolist() == [[3, 5, 20, 18]]
    assert seen[2][0][:, 10, 40].tolist() == [200] * 3
    assert seen[4][1]["masks"].shape == (0, 61, 83)


def test_a_sample_depends_on_its_key_and_the_seed_alone(tmp_path: Path) -> None:
    drawings = Drawings(strange_set(tmp_path), WHAT)
    first, second = (Samples(drawings, Augment(paste=1.0), seed=3) for _ in range(2))
    keys = [(0, 0), (0, 1), (1, 0), (1, 1)]
    there = [first[key] for key in keys]
    torch.manual_seed(99)
    back = [second[key] for key in reversed(keys)][::-1]
    for (image, target), (other, same) in zip(there, back, strict=True):
        assert torch.equal(image, other)
        assert all(torch.equal(target[name], same[name]) for name in target)
    assert not torch.equal(there[0][0], there[2][0])
    assert not torch.equal(there[0][0], Samples(drawings, Augment(paste=1.0), seed=4)[(0, 0)][0])


def test_workers_give_the_same(tmp_path: Path) -> None:
    samples = Samples(Drawings(strange_set(tmp_path), WHAT), Augment(), seed=3)

    def epoch(workers: int) -> list[torch.Tensor]:
        order = Order(5, 2, 3, (0, 3))
        loader = torch.utils.data.DataLoader(
            samples, batch_sampler=order, num_workers=workers, collate_fn=collate
        )
        return [image for images, _ in loader for image in images]

    assert all(torch.equal(a, b) for a, b in zip(epoch(0), epoch(2), strict=True))


def test_crowds_are_neither_figures_nor_ground(tmp_path: Path) -> None:
    data = boxes_set(tmp_path, [[("a", (7, 11, 20, 30)), ("a", (50, 20, 10, 10))]], ["a"])
    crowd = replace(data, annotations=(data.annotations[0], changed(data.annotations[1], iscrowd=1)))
    drawn = Drawings(crowd, WHAT)[0]
    assert drawn.figures.boxes.tolist() == [[7, 11, 27, 41]]
    assert 40 < drawn.image[25, 55, 0] < 200


def test_large_pictures_are_scaled_down(tmp_path: Path) -> None:
    data = boxes_set(tmp_path, [[("a", (8, 12, 20, 30))]], ["a"])
    big = np.asarray(Image.open(tmp_path / "0.png")).repeat(4, 0).repeat(4, 1)
    Image.fromarray(big).save(tmp_path / "0.png")
    polygon = [4 * value for value in (8, 12, 28, 12, 28, 42, 8, 42)]
    figure = changed(data.annotations[0], segmentation=[polygon])
    picture = changed(data.pictures[0], width=332, height=244)
    drawn = Drawings(replace(data, pictures=(picture,), annotations=(figure,)), WHAT)[0]
    scale = 2 * WHAT.short_side / 244
    assert drawn.figures.size == drawn.image.shape[:2]
    assert drawn.figures.size[0] == 2 * WHAT.short_side
    assert np.abs(drawn.figures.boxes[0] / scale - [32, 48, 112, 168]).max() < 4


def test_a_picture_of_another_size_is_told(tmp_path: Path) -> None:
    data = boxes_set(tmp_path, [[]], ["a"])
    Image.new("RGB", (30, 20)).save(tmp_path / "0.png")
    with pytest.raises(InputError, match=r"0\.png: is 30 x 20 pixels, but the dataset says 83 x 61"):
        Drawings(data, WHAT)[0]


def test_an_order_can_be_entered_anywhere() -> None:
    whole = list(Order(5, 2, 7, (0, 10)))
    assert list(Order(5, 2, 7, (4, 10))) == whole[4:]
    flat = [key for batch in whole for key in batch]
    for around in range(4):
        assert sorted(index for number, index in flat if number == around) == list(range(5))
    assert [index for number, index in flat if number == 0] != [
        index for number, index in flat if number == 1
    ]


def test_processes_share_each_batch() -> None:
    whole = list(Order(7, 4, 1, (0, 5)))
    shares = [list(Order(7, 4, 1, (0, 5), (rank, 2))) for rank in range(2)]
    for batch, one, other in zip(whole, *shares, strict=True):
        assert sorted(batch) == sorted(one + other)
        assert len(one) == len(other) == 2


def test_figures_on_backgrounds(tmp_path: Path) -> None:
    data = boxes_set(tmp_path / "set", [[("a", (7, 11, 20, 30))]], ["a"])
    (tmp_path / "empty").mkdir()
    Image.new("RGB", (1500, 90), (0, 0, 250)).save(tmp_path / "empty" / "a.png")
    grounds = Backgrounds(read_backgrounds(tmp_path / "empty"))
    steps = replace(STILL, onto_background=1.0, feather=0.0)
    image, target = Samples(Drawings(data, WHAT), steps, 0, grounds)[(0, 0)]
    assert target["boxes"].tolist() == [[7, 11, 27, 41]]
    assert image[:, 20, 15].tolist() == [200, 200, 200]
    assert image[:, 50, 70].tolist() == [0, 0, 250]


def test_a_folder_without_pictures(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no pictures"):
        read_backgrounds(tmp_path)
    with pytest.raises(InputError, match="cannot be read as a folder"):
        read_backgrounds(tmp_path / "none")
