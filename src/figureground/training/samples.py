"""From a dataset to what a net learns from: pictures and targets, each varied by its own chance."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset as TorchDataset

from figureground.datasets.dataset import Dataset, changed
from figureground.datasets.pictures import PictureFiles
from figureground.datasets.segmentation import picture_to_instances
from figureground.errors import InputError
from figureground.frames import Image
from figureground.instances import Crop, Instances, tight_crop
from figureground.models.architecture import Architecture, scaled_size
from figureground.training.augment import augmented
from figureground.training.backgrounds import Backgrounds
from figureground.training.pasting import composed
from figureground.training.recipe import Augment

Target = dict[str, Tensor]
Key = tuple[int, int]
"""Which time around, and which picture."""

_ROOM = 2  # pictures are kept at up to so many times the size that the net sees, for crops to be sharp


@dataclass(frozen=True, eq=False)
class Drawn:
    """A picture (h, w, 3) uint8 RGB and its figures."""

    image: Image
    figures: Instances


class Drawings:
    """The pictures of a dataset with their figures, read when they are asked for.

    Crowds are no figures to learn, and no ground either: they are painted over with the picture's mean.

    Args:
        dataset: grey, 16-bit and turned pictures are fine, and empty ones.
        what: pictures that are much larger than it wants them are scaled down at once.
    """

    def __init__(self, dataset: Dataset, what: Architecture) -> None:
        self.dataset, self._what = dataset, what
        self._annotations = dataset.by_picture()

    def __len__(self) -> int:
        return len(self.dataset.pictures)

    def __getitem__(self, index: int) -> Drawn:
        """A picture and its figures.

        Raises:
            InputError: its file is missing or damaged, or a figure cannot be drawn.
        """
        image, figures, crowds = self._read(index)
        if crowds:
            image = image.copy()
            mean = image.reshape(-1, 3).mean(axis=0)
            for crop in crowds:
                image[crop.window][crop.mask] = mean
        return _shrunk(Drawn(image, figures), self._what)

    def _read(self, index: int) -> tuple[Image, Instances, tuple[Crop, ...]]:
        picture = self.dataset.pictures[index]
        with PictureFiles(self.dataset) as files:
            image = files.read(picture)
        size = image.shape[0], image.shape[1]
        if picture.height and picture.size != size:
            raise InputError(
                f"{picture.file_name}: is {size[1]} x {size[0]} pixels, but the dataset says "
                f"{picture.width} x {picture.height}; figureground dataset check tells more"
            )
        known = changed(picture, width=size[1], height=size[0])
        rows = self._annotations[picture.id]
        try:
            whole = picture_to_instances(self.dataset, known, rows)
        except InputError as error:
            raise InputError(f"{picture.file_name}: {error}") from error
        crowd = np.array([bool(one.iscrowd) for one in rows], bool)
        seen = np.array([crop.mask.any() for crop in whole.masks], bool)
        return image, whole.select(seen & ~crowd), whole.select(seen & crowd).masks


class Samples(TorchDataset[tuple[Tensor, Target]]):
    """What a net learns from: (3, h, w) uint8 RGB, and the target of torchvision's detectors.

    A sample depends on the seed, the time around and the picture alone, whatever process makes it and
    whatever was made before.

    Args:
        drawings: the pictures to learn from.
        steps: how they are varied.
        seed: of all that is random.
        backgrounds: pictures (h, w, 3) that figures may be put onto, read when needed.
    """

    def __init__(
        self, drawings: Drawings, steps: Augment, seed: int, backgrounds: Backgrounds | None = None
    ) -> None:
        self._drawings, self._steps, self._seed = drawings, steps, seed
        self._backgrounds = backgrounds

    def __len__(self) -> int:
        return len(self._drawings)

    def __getitem__(self, key: Key) -> tuple[Tensor, Target]:
        """The sample of a time around and a picture."""
        rng = np.random.default_rng((self._seed, *key))
        drawn = self._drawings[key[1]]
        image, figures = self._pasted(drawn, rng)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(rng.integers(2**63)))
            return augmented(image, figures, self._steps, rng)

    def _pasted(self, drawn: Drawn, rng: np.random.Generator) -> tuple[Image, Instances]:
        image, figures, steps = drawn.image, drawn.figures, self._steps
        if self._backgrounds is not None and rng.random() < steps.onto_background:
            ground = self._backgrounds.pick(figures.size, rng)
            image, figures = composed(ground, Instances.empty(figures.size), image, figures, steps)
        if steps.paste_most and rng.random() < steps.paste and len(self) > 1:
            other = self._drawings[int(rng.integers(len(self)))]
            rows = rng.permutation(len(other.figures))[: int(rng.integers(1, steps.paste_most + 1))]
            chosen = other.figures.select(rows)
            image, figures = composed(image, figures, other.image, chosen, steps, rng)
        return image, figures


def collate(samples: list[tuple[Tensor, Target]]) -> tuple[list[Tensor], list[Target]]:
    """Pictures of a batch may differ in size, so they stay a list."""
    images, targets = zip(*samples, strict=True)
    return list(images), list(targets)


class Order:
    """Which samples make which batch: a plan that is the same wherever it is entered.

    Args:
        pictures: how many there are.
        batch: samples of a step, over all processes.
        seed: of the order, which is another each time around.
        steps: first and behind the last.
        share: this process, and how many there are; each takes its part of every batch.
    """

    def __init__(
        self, pictures: int, batch: int, seed: int, steps: tuple[int, int], share: tuple[int, int] = (0, 1)
    ) -> None:
        self._pictures, self._batch, self._seed = pictures, batch, seed
        self._steps, self._share = steps, share

    def __len__(self) -> int:
        return self._steps[1] - self._steps[0]

    def __iter__(self) -> Any:
        """The keys of each step."""
        rank, count = self._share
        for step in range(*self._steps):
            places = range(step * self._batch + rank, (step + 1) * self._batch, count)
            yield [self._key(place) for place in places]

    def _key(self, place: int) -> Key:
        around, at = divmod(place, self._pictures)
        order = np.random.default_rng((self._seed, around)).permutation(self._pictures)
        return around, int(order[at])


def _shrunk(drawn: Drawn, what: Architecture) -> Drawn:
    """Scaled down where it is much larger than the net wants it; figures that vanish are left out."""
    size = drawn.figures.size
    wanted = [_ROOM * side for side in scaled_size(size, what)]
    if size[0] <= wanted[0] or not what.short_side:
        return drawn
    small = wanted[0], wanted[1]
    image = np.asarray(cv2.resize(drawn.image, small[::-1], interpolation=cv2.INTER_AREA))
    masks = [_small_crop(crop, size, small) for crop in drawn.figures.masks]
    kept = [i for i, crop in enumerate(masks) if crop.mask.size]
    labels = drawn.figures.labels[kept] if kept else np.zeros(0, np.int64)
    return Drawn(image, Instances(small, tuple(masks[i] for i in kept), labels=labels))


def _small_crop(crop: Crop, size: tuple[int, int], small: tuple[int, int]) -> Crop:
    whole = np.zeros(size, np.uint8)
    whole[crop.window] = crop.mask * np.uint8(255)
    return tight_crop(cv2.resize(whole, small[::-1], interpolation=cv2.INTER_AREA) >= 128)
