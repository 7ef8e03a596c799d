"""A detector that is a TorchScript file, of which only its figures are known: kept whole and run by torch."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from figureground.errors import InputError
from figureground.frames import Frame, Image
from figureground.instances import Crop, Instances
from figureground.models.card import ModelCard, check_files
from figureground.models.detector import Found
from figureground.models.torchscript import PROGRAM, open_program
from figureground.segmenters.picking import Pick, figures, picked

_INSIDE = np.float32(np.log(0.55 / 0.45))
"""From here on a value of the mask is foreground: DynamicBackgroundRemoval takes sigmoid(value) > 0.55."""


class TorchScriptSegmenter:
    """The figures of each frame by themselves; nothing is remembered.

    Frames are scaled until the longer side is `size`, and padded to a square at right and bottom.
    """

    stateful = False

    def __init__(
        self,
        classes: tuple[str, ...],
        program: Any,
        *,
        size: int,
        score: float,
        labels: Sequence[int],
        pick: Pick,
    ) -> None:
        self.classes = classes
        self._program, self._size, self._score, self._labels, self._pick = program, size, score, labels, pick

    def __call__(self, frames: Sequence[Frame]) -> list[Instances]:
        """The figures of each frame, best first."""
        import torch

        squares = [to_square(frame.image, self._size) for frame in frames]
        images = [torch.from_numpy(square.transpose(2, 0, 1).copy()) for square, _ in squares]
        try:
            with torch.inference_mode():
                results = [self._program([{"image": image}])[0] for image in images]
        except RuntimeError as error:
            reason = str(error).strip().splitlines()[-1][:200]
            raise InputError(f"this TorchScript model failed: {reason}") from error
        return [
            self._kept(result, frame.size, scales)
            for result, frame, (_, scales) in zip(results, frames, squares, strict=True)
        ]

    def _kept(self, result: dict[str, Any], size: tuple[int, int], scales: tuple[float, float]) -> Instances:
        found = _found(result, scales, size)
        good = (found.scores >= self._score) & np.isin(found.labels, list(self._labels))
        found = Found(found.boxes[good], found.scores[good], found.labels[good], found.masks[good])
        rows = picked(found, size, self._pick)
        crops = [_pixels(found.masks[row], found.boxes[row], size) for row in rows]
        return figures(found, rows, crops, size)


def load_torchscript(
    model: str | Path, card: ModelCard, *, score: float, labels: Sequence[int], pick: Pick
) -> TorchScriptSegmenter:
    """Load a model folder of this kind.

    Raises:
        InputError: its file is missing or damaged, or does what a detector does not.
        MissingExtraError: torch is not installed.
    """
    check_files(model, card, [PROGRAM])
    program = open_program(Path(model) / PROGRAM)
    size = card.architecture.long_side
    return TorchScriptSegmenter(card.classes, program, size=size, score=score, labels=labels, pick=pick)


def to_square(image: Image, size: int) -> tuple[Image, tuple[float, float]]:
    """A picture in a square of `size` pixels, black at right and bottom; how much x and y were scaled.

    Example:
        >>> square, scales = to_square(np.zeros((30, 60, 3), np.uint8), 20)
        >>> square.shape, scales
        ((20, 20, 3), (0.3333333333333333, 0.3333333333333333))
    """
    height, width = image.shape[:2]
    scale = size / max(height, width)
    small = max(1, round(width * scale)), max(1, round(height * scale))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    square = np.zeros((size, size, 3), np.uint8)
    square[: small[1], : small[0]] = cv2.resize(image, small, interpolation=how)
    return square, (small[0] / width, small[1] / height)


def _found(result: dict[str, Any], scales: tuple[float, float], size: tuple[int, int]) -> Found:
    """What the program gave, in pixels of the frame, best first; boxes without an extent left out."""
    try:
        boxes, scores, labels, masks = (
            np.asarray(result[name].cpu()) for name in ("pred_boxes", "scores", "pred_classes", "pred_masks")
        )
        masks = masks.reshape(len(masks), *masks.shape[-2:]).astype(np.float32)
        boxes = boxes.reshape(-1, 4).astype(np.float32) / np.array(scales * 2, np.float32)
    except (KeyError, AttributeError, ValueError, TypeError) as error:
        raise InputError(
            "this TorchScript model gives something else than boxes, scores, classes and masks"
        ) from error
    boxes = np.clip(boxes, 0, np.array([size[1], size[0]] * 2, np.float32))
    order = np.argsort(-scores, kind="stable")
    wide = (boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1])
    rows = order[wide[order]]
    return Found(boxes[rows], scores[rows].astype(np.float32), labels[rows].astype(np.int64), masks[rows])


def _pixels(mask: npt.NDArray[np.float32], box: npt.NDArray[np.float32], size: tuple[int, int]) -> Crop:
    """The mask scaled to its box by bicubic interpolation, as the program's own users do."""
    left, top = (int(np.floor(side)) for side in box[:2])
    right, bottom = (int(np.ceil(side)) for side in box[2:])
    right, bottom = min(right, size[1]), min(bottom, size[0])
    whole = cv2.resize(mask, (right - left, bottom - top), interpolation=cv2.INTER_CUBIC)
    return Crop(top, left, whole > _INSIDE)
