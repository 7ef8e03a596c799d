"""A Mask R-CNN that runs without torch: three graphs, and numpy between them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image as Pillow

from figureground.frames import Image
from figureground.models import boxes as bx
from figureground.models.architecture import Architecture, scaled_size
from figureground.models.runtime import Graph

MULTIPLE = 32
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Found:
    """What a detector finds in one picture, best first.

    Attributes:
        boxes: (n, 4) float32 x1 y1 x2 y2 in pixels of the picture.
        scores: (n,) float32.
        labels: (n,) int64, index into the classes.
        masks: (n, 28, 28) float32 in 0..1: inside the box, see `paste`.
    """

    boxes: Floats
    scores: Floats
    labels: npt.NDArray[np.int64]
    masks: Floats


class Detector:
    """The graphs of a model and the rules between them.

    Args:
        what: the architecture that the graphs were made from.
        graphs: "dense", "box" and "mask".
    """

    def __init__(self, what: Architecture, graphs: Mapping[str, Graph]) -> None:
        self.what, self.graphs = what, graphs

    def __call__(
        self, image: Image, *, min_score: float | None = None, labels: Sequence[int] | None = None
    ) -> Found:
        """Find the figures in one picture (h, w, 3) uint8 RGB.

        Args:
            image: of any size.
            min_score: figures below are left out before their masks are computed.
            labels: only these classes; None is all.
        """
        what = self.what
        batch, size = prepared(image, what)
        levels, proposals = self._propose(batch, size)
        boxes, scores, classes = self._classify(levels, proposals, size)
        wanted = scores >= (what.min_score if min_score is None else min_score)
        if labels is not None:
            wanted &= np.isin(classes, list(labels))
        height, width = image.shape[:2]
        grown = np.array([width / size[1], height / size[0]] * 2, np.float32)
        whole = bx.clipped(boxes * grown, (height, width))
        wanted &= (whole[:, 2] > whole[:, 0]) & (whole[:, 3] > whole[:, 1])
        masks = self._masks(levels, boxes[wanted], classes[wanted])
        return Found(whole[wanted], scores[wanted], classes[wanted], masks)

    def batch(
        self, images: Sequence[Image], *, min_score: float | None = None, labels: Sequence[int] | None = None
    ) -> list[Found]:
        """`__call__` for each picture, one after the other: on processors that is fastest."""
        return [self(image, min_score=min_score, labels=labels) for image in images]

    def _propose(self, batch: Floats, size: tuple[int, int]) -> tuple[list[Floats], Floats]:
        """The features of the pooled levels, and where there may be figures."""
        what, count = self.what, len(self.what.strides)
        out = self.graphs["dense"]({"pictures": batch})
        levels, scores, moves = out[: what.pooled], out[what.pooled : what.pooled + count], out[-count:]
        per_cell = len(what.anchor_sizes[0]) * len(what.anchor_ratios)
        grids = _grids(levels, [one.shape[1] // per_cell for one in scores])
        found, sure, level_of = [], [], []
        for level, anchors in enumerate(bx.anchors(what, batch.shape[2:], grids)):
            best = _best(scores[level][0, :, 0], what.rpn_before)
            found.append(bx.moved(anchors[best], moves[level][0, best]))
            sure.append(scores[level][0, best, 0])
            level_of.append(np.full(len(best), level))
        boxes = bx.clipped(np.concatenate(found), size)
        logits, of_level = np.concatenate(sure), np.concatenate(level_of)
        rows = np.flatnonzero(bx.sizeable(boxes, 1e-3))
        sure_of = _sigmoid(logits[rows])
        kept = bx.suppressed(boxes[rows], sure_of, of_level[rows], what.rpn_overlap, what.rpn_after)
        return levels, boxes[rows[kept]]

    def _classify(
        self, levels: list[Floats], proposals: Floats, size: tuple[int, int]
    ) -> tuple[Floats, Floats, npt.NDArray[np.int64]]:
        """Boxes in pixels of the scaled picture, scores and classes, best first."""
        what = self.what
        logits, moves = self._head("box", levels, proposals)
        chances = _softmax(logits)[:, 1:]
        boxes = bx.clipped(bx.moved(proposals, moves.reshape(len(moves), -1, 4), bx.HEAD_WEIGHTS), size)[
            :, 1:
        ]
        rows, classes = np.nonzero(chances > what.min_score)
        boxes, scores = boxes[rows, classes], chances[rows, classes]
        wide = bx.sizeable(boxes, 1e-2) if what.flavour == "torchvision" else slice(None)
        boxes, scores, classes = boxes[wide], scores[wide], classes[wide]
        kept = bx.suppressed(boxes, scores, classes, what.overlap, what.most)
        return boxes[kept], scores[kept], classes[kept].astype(np.int64)

    def _masks(self, levels: list[Floats], boxes: Floats, classes: npt.NDArray[np.int64]) -> Floats:
        if not len(boxes):
            return np.zeros((0, 28, 28), np.float32)
        (logits,) = self._head("mask", levels, boxes)
        return _sigmoid(logits[np.arange(len(classes)), classes + 1])

    def _head(self, name: str, levels: list[Floats], boxes: Floats) -> list[Floats]:
        """A head's outputs for `boxes`, in their order."""
        of_level = bx.levels_of(boxes, self.what)
        order = np.argsort(of_level, kind="stable")
        rois = np.concatenate([np.zeros((len(boxes), 1), np.float32), boxes], axis=1)[order]
        parts = np.split(rois, np.searchsorted(of_level[order], np.arange(1, len(levels))))
        inputs = {f"level{i}": one for i, one in enumerate(levels)} | {
            f"rois{i}": p for i, p in enumerate(parts)
        }
        back = np.argsort(order)
        return [out[back] for out in self.graphs[name](inputs)]


def prepared(image: Image, what: Architecture) -> tuple[Floats, tuple[int, int]]:
    """(1, 3, H, W) float32, scaled, normalised and padded for the dense graph; (h, w) without the padding."""
    size = scaled_size((image.shape[0], image.shape[1]), what)
    if what.flavour == "detectron2":
        small = image
        if size != image.shape[:2]:
            small = np.asarray(Pillow.fromarray(image).resize(size[::-1], Pillow.Resampling.BILINEAR))
        values = small.astype(np.float32)
    else:
        values = image.astype(np.float32)
        if size != image.shape[:2]:
            values = cv2.resize(values, size[::-1], interpolation=cv2.INTER_LINEAR)
    if what.colour == "BGR":
        values = values[..., ::-1]
    padded = [-(-side // MULTIPLE) * MULTIPLE for side in size]
    batch = np.zeros((1, 3, *padded), np.float32)
    normal = (values - np.array(what.mean, np.float32)) / np.array(what.std, np.float32)
    batch[0, :, : size[0], : size[1]] = normal.transpose(2, 0, 1)
    return batch, size


def _grids(levels: list[Floats], cells: list[int]) -> tuple[tuple[int, int], ...]:
    """(h, w) of each level's cells: of those pooled as they are, of the others half of the one before."""
    grids = [(one.shape[2], one.shape[3]) for one in levels]
    while len(grids) < len(cells):
        grids.append((-(-grids[-1][0] // 2), -(-grids[-1][1] // 2)))
    return tuple(grids)


def _best(scores: Floats, most: int) -> npt.NDArray[np.int64]:
    """Indices of the `most` highest scores, best first."""
    if len(scores) > most:
        best = np.argpartition(-scores, most - 1)[:most]
        return best[np.argsort(-scores[best], kind="stable")]
    return np.argsort(-scores, kind="stable")


def _sigmoid(values: Floats) -> Floats:
    return (1 / (1 + np.exp(-np.maximum(values, -80)))).astype(np.float32)  # beyond, exp overflows


def _softmax(values: Floats) -> Floats:
    shifted = np.exp(values - values.max(axis=1, keepdims=True, initial=-np.inf))
    made: Floats = shifted / shifted.sum(axis=1, keepdims=True)
    return made
