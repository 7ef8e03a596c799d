"""A Mask R-CNN that runs with torch: the way for graphics cards, several pictures at once."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from figureground.errors import MissingExtraError, OptionError
from figureground.frames import Image
from figureground.models.architecture import Architecture, resized
from figureground.models.detector import Found

if TYPE_CHECKING:
    import torch

Net = Callable[[list["torch.Tensor"]], list[dict[str, "torch.Tensor"]]]
"""From (3, h, w) uint8 RGB pictures to boxes, scores, labels from 1 on and masks of each; may be a script."""


class TorchDetector:
    """What `models.detector.Detector` is, with a net in place of graphs.

    Args:
        what: the architecture of the net.
        net: on `device`.
        device: where it runs. On cuda it computes with bf16 where that loses nothing.
    """

    def __init__(self, what: Architecture, net: Net, device: str = "cpu") -> None:
        self.what, self._net, self._device = what, net, device

    def __call__(
        self, image: Image, *, min_score: float | None = None, labels: Sequence[int] | None = None
    ) -> Found:
        """Find the figures in one picture (h, w, 3) uint8 RGB; see `Detector`."""
        return self.batch([image], min_score=min_score, labels=labels)[0]

    def batch(
        self, images: Sequence[Image], *, min_score: float | None = None, labels: Sequence[int] | None = None
    ) -> list[Found]:
        """The figures of each picture; those of one size go through the net together.

        Pictures of other sizes in a batch would change one another's borders, and so their scores.
        """
        out: dict[int, Found] = {}
        for size in dict.fromkeys(image.shape for image in images):
            rows = [row for row, image in enumerate(images) if image.shape == size]
            results = self._run([images[row] for row in rows])
            out |= {
                row: _found(one, min_score, labels, self.what) for row, one in zip(rows, results, strict=True)
            }
        return [out[row] for row in range(len(images))]

    def _run(self, images: Sequence[Image]) -> list[dict[str, "torch.Tensor"]]:
        import torch

        pictures = [
            torch.from_numpy(np.array(image.transpose(2, 0, 1), order="C")).to(
                self._device, non_blocking=True
            )
            for image in images
        ]
        kind = "cuda" if self._device.startswith("cuda") else "cpu"
        with torch.inference_mode(), torch.autocast(kind, torch.bfloat16, enabled=kind == "cuda"):
            return self._net(pictures)


def open_torch(
    model: str | Path, device: str = "auto", *, proposals: int | None = None, size: int | None = None
) -> TorchDetector:
    """The net of a model folder on `device`: cpu, cuda, cuda:1, mps; auto is the best there is.

    `proposals` and `size` replace the model's own, see `segmenters.maskrcnn.load`.

    Raises:
        InputError: it is no model folder, or its weights are missing or damaged.
        OptionError: there is no such device.
        MissingExtraError: torch is not installed.
    """
    try:
        import torch

        from figureground.nets.weights import read_net
    except ImportError as error:
        raise MissingExtraError(
            "the engine torch needs torch and torchvision: pip install 'figureground[train]'"
        ) from error
    chosen = best_device() if device == "auto" else device
    net, card = read_net(model)
    what = resized(card.architecture, size)
    net.transform.what = what
    if proposals is not None:
        net.rpn._post_nms_top_n["testing"] = proposals
    try:
        net = net.to(chosen)
    except (RuntimeError, AssertionError) as error:  # torch's, where it was built without CUDA
        raise OptionError(f"device {device}: torch cannot use it here; it can use {best_device()}") from error
    if chosen.startswith("cuda"):
        net = net.to(memory_format=torch.channels_last)
    return TorchDetector(what, net, chosen)


def best_device() -> str:
    """The name of the best device that torch can use here: cuda, mps, or cpu."""
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _found(
    result: dict[str, Any], min_score: float | None, labels: Sequence[int] | None, what: Architecture
) -> Found:
    boxes, scores, classes, masks = (
        result[name].float().cpu().numpy() for name in ("boxes", "scores", "labels", "masks")
    )
    classes = classes.astype(np.int64) - 1
    wanted = scores >= (what.min_score if min_score is None else min_score)
    if labels is not None:
        wanted &= np.isin(classes, list(labels))
    return Found(boxes[wanted], scores[wanted], classes[wanted], masks[wanted, 0])
