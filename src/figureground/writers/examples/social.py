"""Who is near whom: for examples about one figure and those around it."""

import math
from collections.abc import Sequence

from figureground.writers.examples.figures import Figure, contour_centre, mean_contour_area


class Neighbours:
    """Finds for each figure of a frame those near it; frames come in their order.

    Near is a distance of centres of less than `distance` sides of a figure, 0 for any distance. A side is
    the root of the area that a contour encloses: of each class a mean over time in which a frame counts
    half as much as the one after it, and of that the mean over the classes in the frame, as in LabGym.

    Attributes:
        areas: that mean of each class so far, square pixels; another dict after each frame.
    """

    def __init__(self, distance: int):
        self._distance = distance or math.inf
        self.areas: dict[int, float] = {}

    def __call__(self, figures: Sequence[Figure]) -> tuple[tuple[int, ...], ...]:
        """For each figure the numbers of those near it."""
        labels = sorted({one.label for one in figures})
        for label in labels:
            area = mean_contour_area([one for one in figures if one.label == label])
            self.areas = self.areas | {label: (self.areas.get(label, area) + area) / 2}
        if len(figures) < 2:
            return tuple(() for _ in figures)
        area = sum(self.areas[label] for label in labels) / len(labels)
        reach = 0.0 if area == 0 else (math.sqrt(area) * self._distance) ** 2
        centres = [contour_centre(one.contour) for one in figures]
        return tuple(
            tuple(number for number, other in enumerate(centres) if 0 < _squared(centre, other) < reach)
            for centre in centres
        )


def _squared(one: tuple[int, int], other: tuple[int, int]) -> int:
    return (one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2
