"""A small dataset with everything that datasets have, and segmenters that know its truth."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from figureground.datasets.dataset import Annotation, Category, Dataset, Picture, new
from figureground.datasets.formats.coco import read_coco, write_coco
from figureground.datasets.segmentation import picture_to_instances
from figureground.frames import Frame
from figureground.instances import Instances

SIZE = (53, 71)
RAT, ANT = 5, 3  # ids of categories, not in order

Box = tuple[int, int, int, int]
FIGURES: list[list[tuple[int, Box, int]]] = [
    [(RAT, (10, 10, 40, 40), 0), (ANT, (50, 5, 60, 15), 0)],
    [],
    [(ANT, (20, 20, 50, 40), 0), (ANT, (0, 0, 15, 15), 1)],
    [(RAT, (5, 5, 65, 45), 0)],
    [(RAT, (30, 20, 45, 35), 0), (RAT, (2, 2, 12, 12), 0), (ANT, (55, 40, 70, 50), 0)],
]


def made_dataset(folder: Path) -> Path:
    """Five pictures with rats and ants, one of them empty, one with a crowd; the path of the file."""
    rng = np.random.default_rng(0)
    pictures, figures = [], []
    for number, drawn in enumerate(FIGURES, 1):
        image = rng.integers(60, 90, (*SIZE, 3), np.uint8)
        for category, box, crowd in drawn:
            x1, y1, x2, y2 = box
            image[y1:y2, x1:x2] = (200, 120, 60) if category == RAT else (60, 120, 200)
            figures.append(_figure(len(figures) + 1, number, category, box, crowd))
        name = f"<{number}>.png" if number == 5 else f"{number}.png"
        Image.fromarray(image).save(folder / name)
        pictures.append(new(Picture, id=10 * number, file_name=name, width=SIZE[1], height=SIZE[0]))
    categories = (new(Category, id=RAT, name="rat"), new(Category, id=ANT, name="ant <b>"))
    write_coco(Dataset(tuple(pictures), tuple(figures), categories), folder / "annotations.json")
    return folder / "annotations.json"


def _figure(number: int, picture: int, category: int, box: Box, crowd: int) -> Annotation:
    x1, y1, x2, y2 = box
    return new(
        Annotation,
        id=number,
        image_id=10 * picture,
        category_id=category,
        segmentation=[[x1, y1, x2, y1, x2, y2, x1, y2]],
        bbox=[x1, y1, x2 - x1, y2 - y1],
        area=(x2 - x1) * (y2 - y1),
        iscrowd=crowd,
    )


class Knowing:
    """Finds the truth of a dataset's pictures, changed by `fault`; crowds it does not see."""

    stateful = False

    def __init__(self, data: Dataset, fault: Callable[[Instances], Instances] = lambda found: found) -> None:
        self.classes = tuple(one.name for one in data.categories)
        self._fault, self._truth = fault, []
        groups = data.by_picture()
        for picture in data.pictures:
            figures = [one for one in groups[picture.id] if not one.iscrowd]
            self._truth.append(picture_to_instances(data, picture, figures))

    def __call__(self, frames: Sequence[Frame]) -> list[Instances]:
        return [self._fault(self._truth[frame.index]) for frame in frames]


def read_made(folder: Path) -> Dataset:
    return read_coco(made_dataset(folder))
