"""Truth: what is drawn on one picture, with the numbers that its file gives."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from figureground.datasets.dataset import Annotation, Dataset, Picture
from figureground.datasets.segmentation import picture_to_instances
from figureground.instances import BoolArray, Instances

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Truth:
    """The figures that are drawn on one picture.

    COCO sorts figures by the area that the file gives, compares boxes with the box that the file gives, and
    neither rewards nor punishes what is found in a crowd; from the masks alone these cannot be known.

    Attributes:
        figures: masks and labels.
        boxes: (n, 4) float64 x y width height in pixels.
        areas: (n,) float64 in pixels.
        crowd: (n,) bool, True where the figure stands for many that were not drawn one by one.
    """

    figures: Instances
    boxes: Doubles
    areas: Doubles
    crowd: BoolArray

    def __len__(self) -> int:
        return len(self.figures)

    def __post_init__(self) -> None:
        n = len(self.figures)
        for name, shape in (("boxes", (n, 4)), ("areas", (n,)), ("crowd", (n,))):
            if getattr(self, name).shape != shape:
                raise ValueError(f"Truth: {name} must be {shape}, got {getattr(self, name).shape}")


def instances_to_truth(figures: Instances) -> Truth:
    """Truth of which only `figures` are known: areas are those of the masks, nothing is a crowd.

    Example:
        >>> mask = np.zeros((5, 7), bool); mask[1:3, 2:6] = True
        >>> truth = instances_to_truth(Instances.from_dense([mask]))
        >>> truth.boxes.tolist(), truth.areas.tolist(), truth.crowd.tolist()
        ([[2.0, 1.0, 4.0, 2.0]], [8.0], [False])
    """
    n = len(figures)
    return Truth(figures, corners_to_sides(figures.boxes), figures.areas.astype(float), np.zeros(n, bool))


def picture_to_truth(dataset: Dataset, picture: Picture, annotations: Sequence[Annotation]) -> Truth:
    """What is drawn on `picture`; boxes and areas as the file gives them, else of the masks.

    Args:
        dataset: whose categories the labels count.
        picture: of a size that is known.
        annotations: those of the picture, see `Dataset.by_picture`.

    Raises:
        InputError: one of them cannot be drawn, or is of no category of the dataset.
    """
    drawn = instances_to_truth(picture_to_instances(dataset, picture, annotations))
    for row, one in enumerate(annotations):
        bbox, area = one.bbox, one.area
        drawn.boxes[row] = drawn.boxes[row] if bbox is None else bbox
        drawn.areas[row] = drawn.areas[row] if area is None else area
    crowd = np.array([bool(one.iscrowd) for one in annotations], bool)
    return Truth(drawn.figures, drawn.boxes, drawn.areas, crowd)


def corners_to_sides(boxes: npt.NDArray[np.float32]) -> Doubles:
    """(n, 4) float64 x y width height, of (n, 4) x1 y1 x2 y2.

    Example:
        >>> corners_to_sides(np.array([[2, 1, 6, 3]], np.float32)).tolist()
        [[2.0, 1.0, 4.0, 2.0]]
    """
    sides = boxes.astype(np.float64)
    sides[:, 2:] -= sides[:, :2]
    return sides
