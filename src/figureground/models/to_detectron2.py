"""To detectron2's names and configuration: the way back of `models.detectron2`."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from figureground.errors import OptionError
from figureground.models.architecture import Architecture

Weights = dict[str, npt.NDArray[np.float32]]

_BODIES = {
    "resnet18": {"DEPTH": 18, "RES2_OUT_CHANNELS": 64},
    "resnet34": {"DEPTH": 34, "RES2_OUT_CHANNELS": 64},
    "resnet50": {"DEPTH": 50},
    "resnet101": {"DEPTH": 101},
    "resnext50_32x4d": {"DEPTH": 50, "NUM_GROUPS": 32, "WIDTH_PER_GROUP": 4},
    "resnext101_32x8d": {"DEPTH": 101, "NUM_GROUPS": 32, "WIDTH_PER_GROUP": 8},
}
_NAMES: list[tuple[str, str]] = [
    (r"backbone\.body\.conv1\.weight", "backbone.bottom_up.stem.conv1.weight"),
    (r"backbone\.body\.bn1\.(\w+)", "backbone.bottom_up.stem.conv1.norm.{0}"),
    (
        r"backbone\.body\.layer(\d)\.(\d+)\.downsample\.0\.weight",
        "backbone.bottom_up.res{0:+1}.{1}.shortcut.weight",
    ),
    (
        r"backbone\.body\.layer(\d)\.(\d+)\.downsample\.1\.(\w+)",
        "backbone.bottom_up.res{0:+1}.{1}.shortcut.norm.{2}",
    ),
    (
        r"backbone\.body\.layer(\d)\.(\d+)\.conv(\d)\.weight",
        "backbone.bottom_up.res{0:+1}.{1}.conv{2}.weight",
    ),
    (r"backbone\.body\.layer(\d)\.(\d+)\.bn(\d)\.(\w+)", "backbone.bottom_up.res{0:+1}.{1}.conv{2}.norm.{3}"),
    (r"backbone\.fpn\.inner_blocks\.(\d)\.0\.(\w+)", "backbone.fpn_lateral{0:+2}.{1}"),
    (r"backbone\.fpn\.layer_blocks\.(\d)\.0\.(\w+)", "backbone.fpn_output{0:+2}.{1}"),
    (r"rpn\.head\.conv\.0\.0\.(\w+)", "proposal_generator.rpn_head.conv.{0}"),
    (r"rpn\.head\.cls_logits\.(\w+)", "proposal_generator.rpn_head.objectness_logits.{0}"),
    (r"rpn\.head\.bbox_pred\.(\w+)", "proposal_generator.rpn_head.anchor_deltas.{0}"),
    (r"roi_heads\.box_head\.fc6\.(\w+)", "roi_heads.box_head.fc1.{0}"),
    (r"roi_heads\.box_head\.fc7\.(\w+)", "roi_heads.box_head.fc2.{0}"),
    (r"roi_heads\.box_predictor\.(\w+)\.(\w+)", "roi_heads.box_predictor.{0}.{1}"),
    (r"roi_heads\.mask_head\.(\d)\.0\.(\w+)", "roi_heads.mask_head.mask_fcn{0:+1}.{1}"),
    (r"roi_heads\.mask_predictor\.conv5_mask\.(\w+)", "roi_heads.mask_head.deconv.{0}"),
    (r"roi_heads\.mask_predictor\.mask_fcn_logits\.(\w+)", "roi_heads.mask_head.predictor.{0}"),
]
"""Our names and theirs; {0:+1} is the first number of ours and one more."""


def weights_to_detectron2(weights: Mapping[str, npt.NDArray[np.float32]]) -> Weights:
    """The weights of a net of detectron2's flavour under detectron2's names, the ground as the last class.

    Raises:
        OptionError: a weight has no name there: the net is of another kind.
    """
    out: Weights = {}
    for key, value in weights.items():
        if not key.endswith("num_batches_tracked"):
            out[_renamed(key)] = _reordered(key, value)
    return out


def architecture_to_config(what: Architecture, classes: int, base: Mapping[str, Any]) -> dict[str, Any]:
    """detectron2's configuration of a net.

    Args:
        what: its architecture.
        classes: how many, without the ground.
        base: a whole configuration; what the net does not decide is taken from it.

    Raises:
        OptionError: the net does not follow detectron2's conventions.
    """
    if what.flavour != "detectron2" or what.heads != "fpn" or what.body not in _BODIES:
        raise OptionError(
            "only a model that was trained with detectron2's conventions can be handed to LabGym; "
            "train one with --model detectron2"
        )
    pooler = {
        "POOLER_TYPE": "ROIAlignV2" if what.aligned else "ROIAlign",
        "POOLER_SAMPLING_RATIO": what.samples,
    }
    own = {
        "INPUT": {
            "FORMAT": what.colour,
            "MIN_SIZE_TEST": what.short_side,
            "MAX_SIZE_TEST": what.long_side,
        },
        "MODEL": {
            "ANCHOR_GENERATOR": {
                "SIZES": [list(level) for level in what.anchor_sizes],
                "ASPECT_RATIOS": [list(what.anchor_ratios)],
            },
            "PIXEL_MEAN": list(what.mean),
            "PIXEL_STD": list(what.std),
            "RESNETS": {**_BODIES[what.body], "STRIDE_IN_1X1": what.stride_in_1x1},
            "ROI_BOX_HEAD": pooler,
            "ROI_MASK_HEAD": pooler,
            "ROI_HEADS": {
                "NUM_CLASSES": classes,
                "SCORE_THRESH_TEST": what.min_score,
                "NMS_THRESH_TEST": what.overlap,
            },
            "RPN": {
                "NMS_THRESH": what.rpn_overlap,
                "PRE_NMS_TOPK_TEST": what.rpn_before,
                "POST_NMS_TOPK_TEST": what.rpn_after,
            },
        },
        "TEST": {"DETECTIONS_PER_IMAGE": what.most},
    }
    return _merged(base, own)


def _merged(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    out = dict(base)
    for key, value in own.items():
        nested = isinstance(value, Mapping) and isinstance(base.get(key), Mapping)
        out[key] = _merged(base[key], value) if nested else value
    return out


def _renamed(key: str) -> str:
    for pattern, theirs in _NAMES:
        if found := re.fullmatch(pattern, key):
            return re.sub(
                r"\{(\d)(?::\+(\d))?\}",
                lambda hole, found=found: _counted(found[int(hole[1]) + 1], hole[2]),  # type: ignore[misc]
                theirs,
            )
    raise OptionError(
        f"detectron2 knows no weights like {key!r}: only a model that was trained with its conventions "
        "can be handed to LabGym; train one with --model detectron2"
    )


def _counted(text: str, more: str | None) -> str:
    return str(int(text) + int(more)) if more else text


def _reordered(key: str, value: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    if ".cls_score." in key:
        return np.concatenate([value[1:], value[:1]])
    if "roi_heads.box_predictor.bbox_pred." in key:
        return value[4:]
    return value[1:] if ".mask_fcn_logits." in key else value
