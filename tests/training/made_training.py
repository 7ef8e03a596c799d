"""Small datasets for training, and recipes that take a second."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from figureground.datasets.collect import Collector
from figureground.datasets.dataset import Dataset
from figureground.datasets.formats.coco import write_coco
from figureground.masks import crop_to_polygons
from figureground.testing import made_scene
from figureground.training.recipe import Augment, Recipe

STILL = Augment(
    flip_x=0,
    flip_y=0,
    turn=0,
    scale=(1, 1),
    crop=0,
    brightness=0,
    contrast=0,
    colour=0,
    blur=0,
    noise=0,
    paste=0,
    onto_background=0,
)
"""Nothing is varied."""


def small(**values: object) -> Recipe:
    """A recipe of a few small steps."""
    chosen: dict[str, object] = {"size": 64, "iterations": 2, "regions": 8, "warm_up": 1, "workers": 0}
    return Recipe(**{**chosen, **values})  # type: ignore[arg-type]


def boxes_set(
    folder: Path, figures: Sequence[Sequence[tuple[str, tuple[int, int, int, int]]]], names: Sequence[str]
) -> Dataset:
    """Pictures of 61 x 83 pixels with bright boxes x, y, w, h of classes on them."""
    collector, (height, width) = Collector(), (61, 83)
    folder.mkdir(parents=True, exist_ok=True)
    ids = {name: collector.category(name) for name in names}
    for number, boxes in enumerate(figures):
        image = np.full((height, width, 3), 40, np.uint8)
        for _, (x, y, w, h) in boxes:
            image[y : y + h, x : x + w] = 200
        Image.fromarray(image).save(folder / f"{number}.png")
        picture = collector.picture(f"{number}.png", (height, width), {})
        for name, (x, y, w, h) in boxes:
            polygon = [x, y, x + w, y, x + w, y + h, x, y + h]
            collector.figure(picture, ids[name], [polygon], {})
    return collector.dataset(folder)


def scenes_set(folder: Path, seeds: Sequence[int], frames: int, size: tuple[int, int]) -> Path:
    """Rendered animals in a dish, each seed another dish; the path of the dataset."""
    collector = Collector()
    (folder / "images").mkdir(parents=True)
    larva = collector.category("larva")
    for seed in seeds:
        scene = made_scene(size, frames=20, seed=seed, animals=seed % 4 + 1, drift=20, shadows=seed % 2 > 0)
        for frame in scene.sample(frames):
            name = f"scene{seed}_{frame.index:06}.png"
            Image.fromarray(frame.image).save(folder / "images" / name)
            picture = collector.picture(name, size, {})
            for crop in scene.truth(frame.index).masks:
                collector.figure(picture, larva, crop_to_polygons(crop), {})
    write_coco(collector.dataset(folder / "images"), folder / "annotations.json")
    return folder
