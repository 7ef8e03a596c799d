"""A trained Mask R-CNN: finds the classes it was trained for in any picture, on any ground."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import get_args

from figureground.errors import OptionError
from figureground.frames import Frame
from figureground.instances import Instances
from figureground.models.architecture import resized
from figureground.models.card import WEIGHTS, ModelCard, check_files, read_card
from figureground.models.detector import Detector, Found
from figureground.models.paste import paste
from figureground.models.runtime import ENGINES, GRAPHS, open_graphs
from figureground.segmenters.maskrcnn_torch import TorchDetector, open_torch
from figureground.segmenters.picking import Pick, figures, picked
from figureground.stages import Segmenter, Source

Finder = Detector | TorchDetector


class MaskRCNNSegmenter:
    """The figures of each frame by themselves; nothing is remembered.

    Masks are computed and pasted only for what is kept, each within its own box.
    """

    stateful = False

    def __init__(
        self, classes: tuple[str, ...], detector: Finder, *, score: float, labels: Sequence[int], pick: Pick
    ) -> None:
        self.classes = classes
        self._detector, self._score, self._labels, self._pick = detector, score, labels, pick

    def __call__(self, frames: Sequence[Frame]) -> list[Instances]:
        """The figures of each frame, best first."""
        images = [frame.image for frame in frames]
        found = self._detector.batch(images, min_score=self._score, labels=self._labels)
        return [self._pasted(*one) for one in zip(frames, found, strict=True)]

    def _pasted(self, frame: Frame, found: Found) -> Instances:
        rows = picked(found, frame.size, self._pick)
        flavour = self._detector.what.flavour
        crops = [paste(found.masks[row], found.boxes[row], frame.size, flavour) for row in rows]
        return figures(found, rows, crops, frame.size)


def load(
    source: Source | None,
    *,
    model: str | Path,
    score: float = 0.5,
    keep: Sequence[str] | None = None,
    pick: Pick = "all",
    engine: str = "auto",
    proposals: int | None = None,
    size: int | None = None,
) -> Segmenter:
    """Load a model folder.

    Args:
        source: not looked at.
        model: the folder.
        score: figures that the model is less sure of are left out, 0 to 1.
        keep: classes by name; None is all.
        pick: which of a frame's figures: all, the one nearest to the middle, the largest, or the surest.
        engine: what runs it, see `models.runtime.ENGINES`; or torch, for graphics cards. auto is torch where
            the folder has weights alone, such as those that a training keeps of its course.
        proposals: places of a picture that are looked at closely; None is what the model was made with.
            Fewer are faster, and may miss figures.
        size: pixels that the shorter side of frames is scaled to; 0 leaves their size, None is as the model
            says. LabGym's own analysis gives a detector the frames unscaled.

    Raises:
        InputError: it is no model folder, or a file of it is missing or damaged.
        OptionError: an option makes no sense, or the model knows no such class.
    """
    from figureground.segmenters.torchscript import load_torchscript

    card = read_card(model)
    if not 0 <= score <= 1:
        raise OptionError(f"score: must be 0 to 1, got {score:g}")
    if pick not in get_args(Pick):
        raise OptionError(f"pick: there is no {pick!r}; choose one of: {', '.join(get_args(Pick))}")
    unknown = [name for name in keep or () if name not in card.classes]
    if unknown:
        raise OptionError(f"keep {', '.join(unknown)}: this model finds only: {', '.join(card.classes)}")
    labels = [card.classes.index(name) for name in (card.classes if keep is None else keep)]
    if card.kind == "torchscript":
        return load_torchscript(model, card, score=score, labels=labels, pick=pick)
    card = replace(card, architecture=resized(card.architecture, size))
    detector = _open(model, card, engine, proposals)
    return MaskRCNNSegmenter(card.classes, detector, score=score, labels=labels, pick=pick)


def _open(model: str | Path, card: ModelCard, engine: str, proposals: int | None) -> Finder:
    if proposals is not None and proposals < 1:
        raise OptionError(f"proposals: must be 1 or more, got {proposals}")
    weights_alone = set(card.files) == {WEIGHTS}
    if engine == "torch" or (engine == "auto" and weights_alone):
        return open_torch(model, proposals=proposals, size=card.architecture.short_side)
    if engine not in ENGINES:
        raise OptionError(f"engine: there is no {engine!r}; choose one of: {', '.join([*ENGINES, 'torch'])}")
    if weights_alone:
        raise OptionError(
            f"engine {engine}: {model} has no graphs, only weights, which the engines auto and torch run; "
            "figureground export --to onnx makes a folder with graphs of it"
        )
    check_files(model, card, [f"{name}.onnx" for name in GRAPHS])
    what = card.architecture
    return Detector(replace(what, rpn_after=proposals or what.rpn_after), open_graphs(model, engine))
