"""Bodies with a feature pyramid: ResNets and MobileNetV3."""

from collections.abc import Callable
from typing import Any

from torch import nn
from torchvision.models import mobilenet_v3_large, resnet
from torchvision.models.detection.backbone_utils import BackboneWithFPN
from torchvision.ops import FrozenBatchNorm2d
from torchvision.ops.feature_pyramid_network import LastLevelMaxPool

from figureground.errors import OptionError
from figureground.models.architecture import Architecture

_RESNETS = "resnet18", "resnet34", "resnet50", "resnet101", "resnext50_32x4d", "resnext101_32x8d"
Norm = Callable[..., nn.Module]
_GROUPS = 32, 16, 8, 4, 2
_MOBILE_LEVELS = {6: 40, 12: 112, 16: 960}  # the last blocks of 8, 16 and 32 pixels a cell: their channels


def build_body(what: Architecture, *, frozen_norm: bool) -> nn.Module:
    """The body of `what` with its pyramid, with random weights.

    Args:
        what: the architecture.
        frozen_norm: batch norm keeps the statistics it has: for bodies trained before, whose batches were
            larger than a detector's. It changes nothing where the norm is by groups.

    Raises:
        OptionError: there is no such body.
    """
    learned = norm_of(what)
    norm: Any = FrozenBatchNorm2d if frozen_norm and what.norm == "batch" else learned
    pyramid = learned if what.heads == "fpn_v2" else None
    if what.body == "mobilenet_v3_large":
        features = mobilenet_v3_large(weights=None, norm_layer=norm).features
        levels = {str(block): str(number) for number, block in enumerate(_MOBILE_LEVELS)}
        return _with_pyramid(features, levels, [*_MOBILE_LEVELS.values()], pyramid)
    if what.body not in _RESNETS:
        raise OptionError(
            f"there is no body {what.body!r}; there are: mobilenet_v3_large, {', '.join(_RESNETS)}"
        )
    body = getattr(resnet, what.body)(weights=None, norm_layer=norm)
    if what.stride_in_1x1:
        for layer in (body.layer2, body.layer3, body.layer4):
            layer[0].conv1.stride, layer[0].conv2.stride = (2, 2), (1, 1)
    last = body.layer4[-1]
    width = (last.conv3 if hasattr(last, "conv3") else last.conv2).out_channels
    levels = {f"layer{number}": str(number - 1) for number in range(1, 5)}
    return _with_pyramid(body, levels, [width // 8, width // 4, width // 2, width], pyramid)


def norm_of(what: Architecture) -> Norm:
    """The norm of `what`: called with a number of channels, it gives a layer."""
    return _group_norm if what.norm == "group" else nn.BatchNorm2d


def _group_norm(channels: int) -> nn.Module:
    """32 groups as in the paper, or as many as leave two channels or more to each."""
    groups = next((one for one in _GROUPS if channels % one == 0 and channels >= 2 * one), 1)
    return nn.GroupNorm(groups, channels)


def _with_pyramid(body: nn.Module, levels: dict[str, str], widths: list[int], norm: Any) -> nn.Module:
    return BackboneWithFPN(body, levels, widths, 256, extra_blocks=LastLevelMaxPool(), norm_layer=norm)
