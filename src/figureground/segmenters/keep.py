"""A segmenter that passes on only the figures that are wanted."""

from collections.abc import Iterable, Sequence

import numpy as np

from figureground.errors import OptionError
from figureground.frames import Frame
from figureground.instances import Instances
from figureground.stages import Segmenter


class Kept:
    """Another segmenter's figures, without those that are not wanted; itself a Segmenter."""

    def __init__(self, segmenter: Segmenter, labels: frozenset[int], min_area: int) -> None:
        self._segmenter = segmenter
        self._labels = labels
        self._min_area = min_area

    @property
    def classes(self) -> tuple[str, ...]:
        """All classes of the segmenter inside, so that labels keep their meaning."""
        return self._segmenter.classes

    @property
    def stateful(self) -> bool:
        """As the segmenter inside."""
        return self._segmenter.stateful

    def __call__(self, frames: Sequence[Frame]) -> list[Instances]:
        """The wanted figures of each frame."""
        return [self._wanted(found) for found in self._segmenter(frames)]

    def _wanted(self, found: Instances) -> Instances:
        wanted = np.isin(found.labels, list(self._labels)) & (found.areas >= self._min_area)
        return found if wanted.all() else found.select(wanted)


def kept(segmenter: Segmenter, *, classes: Iterable[str] | None = None, min_area: int = 0) -> Segmenter:
    """`segmenter` without the figures that are of other classes or smaller than `min_area` pixels.

    Args:
        segmenter: what finds the figures.
        classes: names out of `segmenter.classes`; None keeps all.
        min_area: in pixels; a figure of exactly this many stays.

    Raises:
        OptionError: a name is not one of the segmenter's classes, or `min_area` is negative.

    Example:
        >>> from figureground.segmenters import load_segmenter
        >>> from figureground.testing import made_scene
        >>> scene = made_scene(frames=30)
        >>> kept(load_segmenter("background", scene), classes=["figure"], min_area=50).classes
        ('figure',)
    """
    if min_area < 0:
        raise OptionError(f"the smallest area must be 0 or more pixels, got {min_area}")
    names = segmenter.classes if classes is None else tuple(classes)
    unknown = [name for name in names if name not in segmenter.classes]
    if unknown:
        choices = ", ".join(segmenter.classes)
        raise OptionError(f"cannot keep {', '.join(unknown)}: this segmenter finds only: {choices}")
    return Kept(segmenter, frozenset(segmenter.classes.index(name) for name in names), min_area)
