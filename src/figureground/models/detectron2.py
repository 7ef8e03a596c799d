"""detectron2's models (Apache-2.0): from its configuration and the names of its weights to ours."""

import re
import reprlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from figureground.errors import InputError
from figureground.models.architecture import Architecture

Weights = dict[str, npt.NDArray[np.float32]]

_SHORT = reprlib.Repr()  # values come from files of strangers, and may be endless
_SHORT.maxstring, _SHORT.maxlist = 60, 4

READ = "figureground reads Mask R-CNN with a ResNet, a feature pyramid and the standard heads"

_ONLY: dict[str, tuple[Any, ...]] = {
    "MODEL.META_ARCHITECTURE": ("GeneralizedRCNN",),
    "MODEL.MASK_ON": (True,),
    "MODEL.KEYPOINT_ON": (False,),
    "MODEL.LOAD_PROPOSALS": (False,),
    "MODEL.ROI_HEADS.NAME": ("StandardROIHeads",),
    "MODEL.RESNETS.RES5_DILATION": (1,),
    "MODEL.BACKBONE.NAME": ("build_resnet_fpn_backbone",),
    "MODEL.PROPOSAL_GENERATOR.NAME": ("RPN",),
    "MODEL.PROPOSAL_GENERATOR.MIN_SIZE": (0,),
    "MODEL.ANCHOR_GENERATOR.NAME": ("DefaultAnchorGenerator",),
    "MODEL.ANCHOR_GENERATOR.OFFSET": (0.0,),
    "MODEL.RESNETS.NORM": ("FrozenBN", "BN"),
    "MODEL.RESNETS.DEFORM_ON_PER_STAGE": ([False] * 4,),
    "MODEL.FPN.NORM": ("",),
    "MODEL.FPN.FUSE_TYPE": ("sum",),
    "MODEL.FPN.OUT_CHANNELS": (256,),
    "MODEL.FPN.IN_FEATURES": (["res2", "res3", "res4", "res5"],),
    "MODEL.RPN.HEAD_NAME": ("StandardRPNHead",),
    "MODEL.RPN.IN_FEATURES": (["p2", "p3", "p4", "p5", "p6"],),
    "MODEL.RPN.CONV_DIMS": ([-1],),
    "MODEL.RPN.BBOX_REG_WEIGHTS": ([1.0] * 4,),
    "MODEL.ROI_HEADS.IN_FEATURES": (["p2", "p3", "p4", "p5"],),
    "MODEL.ROI_BOX_HEAD.NAME": ("FastRCNNConvFCHead",),
    "MODEL.ROI_BOX_HEAD.NUM_CONV": (0,),
    "MODEL.ROI_BOX_HEAD.NUM_FC": (2,),
    "MODEL.ROI_BOX_HEAD.NORM": ("",),
    "MODEL.ROI_BOX_HEAD.USE_SIGMOID_CE": (False,),
    "MODEL.ROI_BOX_HEAD.POOLER_RESOLUTION": (7,),
    "MODEL.ROI_BOX_HEAD.POOLER_TYPE": ("ROIAlignV2", "ROIAlign"),
    "MODEL.ROI_BOX_HEAD.BBOX_REG_WEIGHTS": ([10.0, 10.0, 5.0, 5.0],),
    "MODEL.ROI_MASK_HEAD.NAME": ("MaskRCNNConvUpsampleHead",),
    "MODEL.ROI_MASK_HEAD.NUM_CONV": (4,),
    "MODEL.ROI_MASK_HEAD.NORM": ("",),
    "MODEL.ROI_MASK_HEAD.POOLER_RESOLUTION": (14,),
    "MODEL.ROI_MASK_HEAD.POOLER_TYPE": ("ROIAlignV2", "ROIAlign"),
    "INPUT.FORMAT": ("BGR", "RGB"),
}
"""Where a configuration may differ: what can be read there. A key that is missing has the first value."""

_KINDS: dict[Any, str] = {
    "Res5ROIHeads": "a C4 model",
    "CascadeROIHeads": "a cascade",
    "PointRendROIHeads": "PointRend",
    "PointRendMaskHead": "PointRend",
    "RROIHeads": "a model of rotated boxes",
    "RRPN": "a model of rotated boxes",
    "RotatedAnchorGenerator": "a model of rotated boxes",
    "ROIAlignRotated": "a model of rotated boxes",
    ("MODEL.RESNETS.RES5_DILATION", 2): "a DC5 model",
    ("MODEL.KEYPOINT_ON", True): "a model of keypoints",
    ("MODEL.MASK_ON", False): "a model without masks",
    ("MODEL.RESNETS.NORM", "GN"): "a model with group norm",
    ("MODEL.RESNETS.NORM", "SyncBN"): "a model with SyncBN",
    ("MODEL.ROI_BOX_HEAD.NUM_CONV", 4): "a model with a 4conv1fc head",
}
"""What the commonest others are called."""

_BASE = "Base-RCNN-FPN.yaml"  # detectron2's file with the values that are taken here for missing ones
_BODIES = {
    (18, 1): "resnet18",
    (34, 1): "resnet34",
    (50, 1): "resnet50",
    (101, 1): "resnet101",
    (50, 32): "resnext50_32x4d",
    (101, 32): "resnext101_32x8d",
}
_LEVELS = 5


def config_to_architecture(config: Mapping[str, Any], name: str) -> Architecture:
    """The architecture that a configuration of detectron2 (config.yaml as it is read) describes.

    Args:
        config: the whole tree; keys that are not known are left alone.
        name: the file, for errors.

    Raises:
        InputError: it describes something else; the message names it.
    """
    get = _Values(config, name)
    _check_readable(get, name)
    sizes, ratios = _anchors(get, name)
    return Architecture(
        body=_body(get, name),
        flavour="detectron2",
        stride_in_1x1=bool(get("MODEL.RESNETS.STRIDE_IN_1X1", True)),
        colour="RGB" if get("INPUT.FORMAT", "BGR") == "RGB" else "BGR",
        mean=get.three("MODEL.PIXEL_MEAN", (103.53, 116.28, 123.675)),
        std=get.three("MODEL.PIXEL_STD", (1.0, 1.0, 1.0)),
        short_side=get.whole("INPUT.MIN_SIZE_TEST", 800),
        long_side=get.whole("INPUT.MAX_SIZE_TEST", 1333),
        aligned=get("MODEL.ROI_BOX_HEAD.POOLER_TYPE", "ROIAlignV2") == "ROIAlignV2",
        samples=get.whole("MODEL.ROI_BOX_HEAD.POOLER_SAMPLING_RATIO", 0),
        anchor_sizes=sizes,
        anchor_ratios=ratios,
        rpn_before=get.whole("MODEL.RPN.PRE_NMS_TOPK_TEST", 1000),
        rpn_after=get.whole("MODEL.RPN.POST_NMS_TOPK_TEST", 1000),
        rpn_overlap=get.number("MODEL.RPN.NMS_THRESH", 0.7),
        min_score=get.number("MODEL.ROI_HEADS.SCORE_THRESH_TEST", 0.05),
        overlap=get.number("MODEL.ROI_HEADS.NMS_THRESH_TEST", 0.5),
        most=get.whole("TEST.DETECTIONS_PER_IMAGE", 100),
    )


def count_classes(config: Mapping[str, Any], name: str) -> int:
    """How many classes a configuration says that there are."""
    return _Values(config, name).whole("MODEL.ROI_HEADS.NUM_CLASSES", 80)


def rename_weights(weights: Mapping[str, npt.NDArray[Any]], classes: int, name: str) -> Weights:
    """The weights under the names of `nets.maskrcnn.build_maskrcnn`, the ground as the first class.

    Args:
        weights: by detectron2's names.
        classes: how many, without the ground.
        name: the file, for errors.

    Raises:
        InputError: a name is not known, so the model is another than its configuration says.
    """
    out: Weights = {}
    for key, value in weights.items():
        if not _LEFT_OUT.search(key):
            out[_renamed(key, name)] = _reordered(key, np.array(value, np.float32), classes)
    return _with_statistics(out)


_LEFT_OUT = re.compile(r"pixel_mean|pixel_std|cell_anchors|num_batches_tracked")
_RENAMED = [
    (r"backbone\.bottom_up\.stem\.conv1\.weight", r"backbone.body.conv1.weight"),
    (r"backbone\.bottom_up\.stem\.conv1\.norm\.(\w+)", r"backbone.body.bn1.\1"),
    (r"(backbone)\.bottom_up\.res(\d)\.(\d+)\.shortcut\.weight", r"\1.body.layer\2.\3.downsample.0.weight"),
    (r"(backbone)\.bottom_up\.res(\d)\.(\d+)\.shortcut\.norm\.(\w+)", r"\1.body.layer\2.\3.downsample.1.\4"),
    (r"(backbone)\.bottom_up\.res(\d)\.(\d+)\.conv(\d)\.weight", r"\1.body.layer\2.\3.conv\4.weight"),
    (r"(backbone)\.bottom_up\.res(\d)\.(\d+)\.conv(\d)\.norm\.(\w+)", r"\1.body.layer\2.\3.bn\4.\5"),
    (r"(backbone)\.fpn_lateral(\d)\.(\w+)", r"\1.fpn.inner_blocks.\2.0.\3"),
    (r"(backbone)\.fpn_output(\d)\.(\w+)", r"\1.fpn.layer_blocks.\2.0.\3"),
    (r"proposal_generator\.rpn_head\.conv\.(\w+)", r"rpn.head.conv.0.0.\1"),
    (r"proposal_generator\.rpn_head\.objectness_logits\.(\w+)", r"rpn.head.cls_logits.\1"),
    (r"proposal_generator\.rpn_head\.anchor_deltas\.(\w+)", r"rpn.head.bbox_pred.\1"),
    (r"roi_heads\.box_head\.fc1\.(\w+)", r"roi_heads.box_head.fc6.\1"),
    (r"roi_heads\.box_head\.fc2\.(\w+)", r"roi_heads.box_head.fc7.\1"),
    (r"(roi_heads\.box_predictor\.(?:cls_score|bbox_pred)\.\w+)", r"\1"),
    (r"(roi_heads\.mask_head)\.mask_fcn(\d)\.(\w+)", r"\1.\2.0.\3"),
    (r"roi_heads\.mask_head\.deconv\.(\w+)", r"roi_heads.mask_predictor.conv5_mask.\1"),
    (r"roi_heads\.mask_head\.predictor\.(\w+)", r"roi_heads.mask_predictor.mask_fcn_logits.\1"),
]
_COUNTED = [  # numbers that begin elsewhere: the pattern of a new name, and what its number is less
    (re.compile(r"(backbone\.body\.layer)(\d)"), 1),
    (re.compile(r"(backbone\.fpn\.\w+_blocks\.)(\d)"), 2),
    (re.compile(r"(roi_heads\.mask_head\.)(\d)"), 1),
]


def _renamed(key: str, name: str) -> str:
    for pattern, new in _RENAMED:
        if re.fullmatch(pattern, key):
            key = re.sub(pattern, new, key)
            break
    else:
        raise InputError(f"{name}: has weights named {key!r}, which belong to another model; {READ}")
    for counted, less in _COUNTED:
        if found := counted.match(key):
            key = f"{found[1]}{int(found[2]) - less}{key[found.end() :]}"
    return key


def _reordered(key: str, value: npt.NDArray[np.float32], classes: int) -> npt.NDArray[np.float32]:
    """One weight with the ground first; heads that do not tell classes apart get a copy for each."""
    if ".cls_score." in key:
        return np.concatenate([value[-1:], value[:-1]])
    rows = 4 if ".bbox_pred." in key else 1 if ".mask_head.predictor." in key else 0
    if not rows:
        return value
    if len(value) == rows:
        value = np.concatenate([value] * classes)
    return np.concatenate([np.zeros_like(value[:rows]), value])


def _with_statistics(weights: Weights) -> Weights:
    """Old files lack what their frozen batch norm would not change."""
    for key in [one for one in weights if re.search(r"(bn\d|downsample\.1)\.weight$", one)]:
        start = key.removesuffix("weight")
        weights.setdefault(f"{start}running_mean", np.zeros_like(weights[key]))
        weights.setdefault(f"{start}running_var", np.ones_like(weights[key]))
    return weights


def _check_readable(get: "_Values", name: str) -> None:
    base = str(get("_BASE_", _BASE))
    if base.rpartition("/")[2] != _BASE:
        raise InputError(
            f"{name}: is only a part, the rest is in {base[:100]}; take the whole config.yaml that "
            "detectron2 writes when it trains"
        )
    for key, readable in _ONLY.items():
        value = get(key, readable[0])
        if value in readable:
            continue
        plain = "a model with deformable convolutions" if "DEFORM" in key else None
        if isinstance(value, str | int):
            plain = _KINDS.get(value) or _KINDS.get((key, value))
        said = f"{key} is {_SHORT.repr(value)}"
        raise InputError(f"{name}: is {plain} ({said}); {READ}" if plain else f"{name}: {said}; {READ}")
    for key in ("POOLER_TYPE", "POOLER_SAMPLING_RATIO"):
        box, mask = (get(f"MODEL.ROI_{head}_HEAD.{key}", None) for head in ("BOX", "MASK"))
        if box != mask:
            raise InputError(
                f"{name}: {key} differs between ROI_BOX_HEAD ({_SHORT.repr(box)}) and "
                f"ROI_MASK_HEAD ({_SHORT.repr(mask)}); {READ}"
            )


def _anchors(get: "_Values", name: str) -> tuple[tuple[tuple[float, ...], ...], tuple[float, ...]]:
    sizes = get("MODEL.ANCHOR_GENERATOR.SIZES", [[32], [64], [128], [256], [512]])
    ratios = get("MODEL.ANCHOR_GENERATOR.ASPECT_RATIOS", [[0.5, 1.0, 2.0]])
    try:
        levels = tuple(tuple(float(one) for one in level) for level in sizes)
        shapes = {tuple(float(one) for one in level) for level in ratios}
    except (TypeError, ValueError) as error:
        raise InputError(f"{name}: MODEL.ANCHOR_GENERATOR: sizes and ratios are lists of lists") from error
    levels = levels * _LEVELS if len(levels) == 1 else levels
    if len(levels) != _LEVELS or len(shapes) != 1 or len({len(level) for level in levels}) != 1:
        raise InputError(f"{name}: MODEL.ANCHOR_GENERATOR: the levels have different anchors; {READ}")
    return levels, shapes.pop()


def _body(get: "_Values", name: str) -> str:
    depth, groups = get.whole("MODEL.RESNETS.DEPTH", 50), get.whole("MODEL.RESNETS.NUM_GROUPS", 1)
    if (depth, groups) not in _BODIES:
        raise InputError(f"{name}: a ResNet of depth {depth} with {groups} groups is not known; {READ}")
    return _BODIES[depth, groups]


class _Values:
    """The values of a configuration by their path."""

    def __init__(self, config: Mapping[str, Any], name: str) -> None:
        self.config, self.name = config, name

    def __call__(self, path: str, default: Any) -> Any:
        """The value at `path`; `default` where it is missing."""
        at: Any = self.config
        *tables, last = path.split(".")
        for key in tables:
            at = at.get(key, {})
            if not isinstance(at, Mapping):
                raise InputError(f"{self.name}: is no configuration of detectron2: {key} is no table")
        return at.get(last, default)

    def number(self, path: str, default: float) -> float:
        """A number."""
        value = self(path, default)
        if not isinstance(value, int | float):
            raise InputError(f"{self.name}: {path}: expected a number, got {_SHORT.repr(value)}")
        return float(value)

    def whole(self, path: str, default: int) -> int:
        """A whole number; of a list the first."""
        value = self(path, default)
        value = value[0] if isinstance(value, list | tuple) and value else value
        if not isinstance(value, int) or value < 0:
            raise InputError(f"{self.name}: {path}: expected a whole number, got {_SHORT.repr(value)}")
        return value

    def three(self, path: str, default: tuple[float, float, float]) -> tuple[float, float, float]:
        """Three numbers."""
        value = self(path, default)
        numbers = isinstance(value, list | tuple) and all(isinstance(one, int | float) for one in value)
        if not numbers or len(value) != 3:
            raise InputError(f"{self.name}: {path}: expected three numbers, got {_SHORT.repr(value)}")
        first, second, third = (float(one) for one in value)
        return first, second, third
