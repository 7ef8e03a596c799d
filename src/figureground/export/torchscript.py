"""A Mask R-CNN as one TorchScript file, for programs that have torch but not figureground."""

import copy
import warnings
from pathlib import Path

import msgspec
import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision.models.detection import MaskRCNN
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.transform import GeneralizedRCNNTransform

from figureground.files import written
from figureground.models.architecture import Architecture
from figureground.models.card import CARD, ModelCard
from figureground.nets.transform import MULTIPLE
from figureground.segmenters.maskrcnn_torch import TorchDetector


class ScriptedTransform(GeneralizedRCNNTransform):  # type: ignore[misc]  # torchvision has no types
    """What `nets.transform.Transform` does to a picture, in the part of Python that TorchScript knows."""

    def __init__(self, what: Architecture) -> None:
        super().__init__(what.short_side, what.long_side, list(what.mean), list(what.std), MULTIPLE)
        self.short_side, self.long_side = what.short_side, what.long_side
        self.detectron2, self.reverse = what.flavour == "detectron2", what.colour == "BGR"

    def forward(
        self,
        images: list[Tensor],
        targets: list[dict[str, Tensor]] | None = None,
    ) -> tuple[ImageList, list[dict[str, Tensor]] | None]:
        """A batch of `images`."""
        scaled = [self.prepared(image) for image in images]
        sizes = [(one.shape[1], one.shape[2]) for one in scaled]
        return ImageList(self.batch_images(scaled, 32), sizes), targets

    def prepared(self, image: Tensor) -> Tensor:
        """(3, h, w) uint8 RGB -> float32, scaled and normalised."""
        size = self.scaled_size(image.shape[1], image.shape[2])
        same = size[0] == image.shape[1] and size[1] == image.shape[2]
        values = image.float()
        if not same and self.detectron2:
            values = functional.interpolate(image[None], size, mode="bilinear", antialias=True)[0].float()
        elif not same:
            values = functional.interpolate(values[None], size, mode="bilinear")[0]
        if self.reverse:
            values = values.flip(0)
        mean = torch.tensor(self.image_mean, dtype=values.dtype, device=values.device)
        std = torch.tensor(self.image_std, dtype=values.dtype, device=values.device)
        return (values - mean[:, None, None]) / std[:, None, None]

    def scaled_size(self, height: int, width: int) -> list[int]:
        """As `models.architecture.scaled_size`."""
        if self.short_side == 0:
            return [height, width]
        scale = self.short_side / min(height, width)
        if not self.detectron2:
            scale = min(scale, self.long_side / max(height, width))
            return [max(1, int(height * scale)), max(1, int(width * scale))]
        tall, wide = height * scale, width * scale
        if height <= width:
            tall = float(self.short_side)
        if width <= height:
            wide = float(self.short_side)
        shrink = min(1.0, self.long_side / max(tall, wide))
        return [max(1, int(tall * shrink + 0.5)), max(1, int(wide * shrink + 0.5))]

    def postprocess(
        self,
        result: list[dict[str, Tensor]],
        image_shapes: list[tuple[int, int]],
        original_image_sizes: list[tuple[int, int]],
    ) -> list[dict[str, Tensor]]:
        """Boxes in pixels of the original pictures, those without an extent left out; masks as they are."""
        out: list[dict[str, Tensor]] = []
        for i, found in enumerate(result):
            height, width = original_image_sizes[i]
            grow_y, grow_x = height / image_shapes[i][0], width / image_shapes[i][1]
            x = (found["boxes"][:, 0::2] * grow_x).clamp(0, width)
            y = (found["boxes"][:, 1::2] * grow_y).clamp(0, height)
            boxes = torch.stack([x[:, 0], y[:, 0], x[:, 1], y[:, 1]], dim=1)
            kept = (boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1])
            one: dict[str, Tensor] = {}
            for name, value in found.items():
                one[name] = boxes[kept] if name == "boxes" else value[kept]
            out.append(one)
        return out


class Scripted(nn.Module):
    """A net whose script takes only pictures and gives only what it finds."""

    def __init__(self, net: MaskRCNN, what: Architecture) -> None:
        super().__init__()
        self.net = copy.deepcopy(net).eval().requires_grad_(False)
        self.net.transform = ScriptedTransform(what)

    def forward(self, images: list[Tensor]) -> list[dict[str, Tensor]]:
        """As the net itself."""
        if torch.jit.is_scripting():  # type: ignore[attr-defined]
            return self.net(images)[1]
        return self.net(images)


def export_torchscript(net: MaskRCNN, card: ModelCard, path: Path) -> Path:
    """Write one file that torch.jit.load opens; the card is in it, as an extra file named model.json.

    The script takes a list of (3, h, w) uint8 RGB tensors of any sizes and gives for each a dict with boxes
    (n, 4) x1 y1 x2 y2 in pixels, scores (n,), labels (n,) from 1 on, and masks (n, 1, 28, 28) in 0..1:
    what is inside of each box, to be scaled to it and cut at 0.5.

    Raises:
        OutputError: it cannot be written.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch says that it will do without TorchScript one day
        script = torch.jit.script(Scripted(net, card.architecture))
        with written(path) as part:
            script.save(  # type: ignore[no-untyped-call]
                str(part), _extra_files={CARD: msgspec.json.encode(card).decode()}
            )
    return path


def open_torchscript(path: Path, card: ModelCard) -> TorchDetector:
    """Load a script again, as a detector."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        script = torch.jit.load(str(path))  # type: ignore[no-untyped-call]

    def run(images: list[Tensor]) -> list[dict[str, Tensor]]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torchvision's script tells how it returns
            return script(images)

    return TorchDetector(card.architecture, run)
