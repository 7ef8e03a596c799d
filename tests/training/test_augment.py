from dataclasses import replace

import numpy as np
import torch
from made_training import STILL

from figureground.instances import Instances
from figureground.training.augment import augmented

SIZE = 37, 53


def drawn() -> tuple[np.ndarray, Instances]:
    image = np.random.default_rng(3).integers(0, 255, (*SIZE, 3)).astype(np.uint8)
    mask = np.zeros(SIZE, bool)
    mask[5:16, 7:20] = True
    return image, Instances.from_dense([mask], labels=[2])


def run(**values: object) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    image, figures = drawn()
    torch.manual_seed(0)
    return augmented(image, figures, replace(STILL, **values), np.random.default_rng(0))  # type: ignore[arg-type]


def test_nothing_varied() -> None:
    image, figures = drawn()
    picture, target = run()
    assert np.array_equal(picture.numpy(), image.transpose(2, 0, 1))
    assert target["boxes"].tolist() == [[7, 5, 20, 16]]
    assert target["labels"].tolist() == [3]
    assert np.array_equal(target["masks"].numpy(), figures.dense())
    kinds = {name: value.dtype for name, value in target.items()}
    assert kinds == {"boxes": torch.float32, "labels": torch.int64, "masks": torch.uint8}


def test_mirrored() -> None:
    image, _ = drawn()
    picture, target = run(flip_x=1.0)
    assert np.array_equal(picture.numpy(), image[:, ::-1].transpose(2, 0, 1))
    assert target["boxes"].tolist() == [[53 - 20, 5, 53 - 7, 16]]


def test_a_quarter_turn_keeps_the_area() -> None:
    _, target = run(turn=90.0)
    assert abs(int(target["masks"].sum()) - 11 * 13) < 25


def test_a_crop_is_smaller() -> None:
    picture, target = run(crop=1.0, crop_part=(0.5, 0.5))
    assert tuple(picture.shape) == (3, 18, 26)
    assert target["masks"].shape[1:] == picture.shape[1:]


def test_looks_change_no_target() -> None:
    picture, target = run(brightness=0.3, contrast=0.3, colour=0.3, blur=1.0, noise=1.0)
    assert picture.dtype == torch.uint8
    assert target["boxes"].tolist() == [[7, 5, 20, 16]]


def test_no_figures() -> None:
    image, _ = drawn()
    steps = replace(STILL, flip_x=1.0, turn=30.0, scale=(0.5, 2.0))
    _, target = augmented(image, Instances.empty(SIZE), steps, np.random.default_rng(0))
    assert target["boxes"].shape == (0, 4)
    assert target["masks"].shape == (0, *SIZE)


def test_figures_of_a_few_pixels_are_left_out() -> None:
    image, _ = drawn()
    masks = np.zeros((2, *SIZE), bool)
    masks[0, 3:6, 3:6] = True
    masks[1, 20:24, 20:24] = True
    figures = Instances.from_dense(masks, labels=[0, 1])
    _, target = augmented(image, figures, STILL, np.random.default_rng(0))
    assert target["labels"].tolist() == [2]


def test_a_crop_holds_the_middle_of_a_figure() -> None:
    image, figures = drawn()
    steps = replace(STILL, crop=1.0, crop_part=(0.4, 0.7))
    for seed in range(30):
        _, target = augmented(image, figures, steps, np.random.default_rng(seed))
        assert len(target["boxes"]) == 1
