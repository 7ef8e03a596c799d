"""Configurations and weights of detectron2: what is read, and what is refused by its name."""

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from figureground.errors import InputError
from figureground.models.architecture import architecture
from figureground.models.detectron2 import config_to_architecture, count_classes, rename_weights
from figureground.models.yaml_file import read_yaml

GOLDEN = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "detectron2_golden"
golden = pytest.mark.skipif(not GOLDEN.is_dir(), reason=f"{GOLDEN} is not here")


def changed(config: dict[str, Any], **values: Any) -> dict[str, Any]:
    """A copy with some values; names with two underscores are paths."""
    out = copy.deepcopy(config)
    for path, value in values.items():
        *tables, last = path.split("__")
        at = out
        for key in tables:
            at = at.setdefault(key, {})
        at[last] = value
    return out


@golden
def test_a_whole_configuration_is_read() -> None:
    what = config_to_architecture(read_yaml(GOLDEN / "config.yaml"), "config.yaml")
    assert (what.body, what.flavour, what.heads, what.stride_in_1x1) == (
        "resnet50",
        "detectron2",
        "fpn",
        True,
    )
    assert (what.short_side, what.long_side, what.rpn_before, what.rpn_after, what.most) == (
        200,
        300,
        300,
        100,
        20,
    )
    assert what.anchor_sizes == ((32.0,), (64.0,), (128.0,), (256.0,), (512.0,))
    assert count_classes(read_yaml(GOLDEN / "config.yaml"), "config.yaml") == 3


def test_what_is_missing_is_as_in_detectron2s_base() -> None:
    what = config_to_architecture({"_BASE_": "../Base-RCNN-FPN.yaml", "MODEL": {"MASK_ON": True}}, "c")
    assert what == architecture("detectron2")


READABLE: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"MODEL__RESNETS__DEPTH": 101}, {"body": "resnet101"}),
    ({"MODEL__RESNETS__DEPTH": 18}, {"body": "resnet18"}),
    (
        {
            "MODEL__RESNETS__DEPTH": 101,
            "MODEL__RESNETS__NUM_GROUPS": 32,
            "MODEL__RESNETS__STRIDE_IN_1X1": False,
        },
        {"body": "resnext101_32x8d", "stride_in_1x1": False},
    ),
    (
        {"INPUT__FORMAT": "RGB", "MODEL__PIXEL_STD": [57, 58, 59.5]},
        {"colour": "RGB", "std": (57.0, 58.0, 59.5)},
    ),
    ({"INPUT__MIN_SIZE_TEST": 0}, {"short_side": 0}),
    ({"MODEL__ANCHOR_GENERATOR__SIZES": [[16, 32]]}, {"anchor_sizes": ((16.0, 32.0),) * 5}),
    (
        {"MODEL__ROI_BOX_HEAD__POOLER_TYPE": "ROIAlign", "MODEL__ROI_MASK_HEAD__POOLER_TYPE": "ROIAlign"},
        {"aligned": False},
    ),
    ({"MODEL__SOMETHING_NEW__AT_ALL": 3, "SOLVER": None}, {"body": "resnet50"}),
]


@pytest.mark.parametrize(("values", "expected"), READABLE)
def test_what_may_differ(values: dict[str, Any], expected: dict[str, Any]) -> None:
    what = config_to_architecture(changed({}, **values), "config.yaml")
    assert {name: getattr(what, name) for name in expected} == expected


REFUSED: list[tuple[dict[str, Any], str]] = [
    (
        {"MODEL__ROI_HEADS__NAME": "Res5ROIHeads", "MODEL__BACKBONE__NAME": "build_resnet_backbone"},
        r"is a C4 model \(MODEL.ROI_HEADS.NAME is 'Res5ROIHeads'\)",
    ),
    (
        {"MODEL__RESNETS__RES5_DILATION": 2, "MODEL__BACKBONE__NAME": "build_resnet_backbone"},
        "is a DC5 model",
    ),
    ({"MODEL__ROI_HEADS__NAME": "CascadeROIHeads"}, "is a cascade"),
    ({"MODEL__ROI_HEADS__NAME": "PointRendROIHeads"}, "is PointRend"),
    ({"MODEL__ROI_MASK_HEAD__NAME": "PointRendMaskHead"}, "is PointRend"),
    ({"MODEL__KEYPOINT_ON": True}, "is a model of keypoints"),
    ({"MODEL__ROI_HEADS__NAME": "RROIHeads"}, "is a model of rotated boxes"),
    ({"MODEL__PROPOSAL_GENERATOR__NAME": "RRPN"}, "is a model of rotated boxes"),
    ({"MODEL__ANCHOR_GENERATOR__NAME": "RotatedAnchorGenerator"}, "is a model of rotated boxes"),
    ({"MODEL__RESNETS__NORM": "GN"}, "is a model with group norm"),
    ({"MODEL__RESNETS__NORM": "SyncBN"}, "is a model with SyncBN"),
    ({"MODEL__FPN__NORM": "GN"}, "MODEL.FPN.NORM is 'GN'"),
    ({"MODEL__RESNETS__DEFORM_ON_PER_STAGE": [False, True, True, True]}, "deformable convolutions"),
    ({"MODEL__ROI_BOX_HEAD__NUM_CONV": 4, "MODEL__ROI_BOX_HEAD__NUM_FC": 1}, "with a 4conv1fc head"),
    ({"MODEL__META_ARCHITECTURE": "RetinaNet"}, "MODEL.META_ARCHITECTURE is 'RetinaNet'"),
    ({"MODEL__META_ARCHITECTURE": "PanopticFPN"}, "'PanopticFPN'"),
    ({"MODEL__BACKBONE__NAME": "build_retinanet_resnet_fpn_backbone"}, "build_retinanet"),
    ({"MODEL__MASK_ON": False}, "is a model without masks"),
    ({"MODEL__RESNETS__DEPTH": 152}, "a ResNet of depth 152 with 1 groups is not known"),
    ({"MODEL__ROI_MASK_HEAD__POOLER_TYPE": "ROIPool"}, "'ROIPool'"),
    (
        {"MODEL__ROI_MASK_HEAD__POOLER_SAMPLING_RATIO": 2},
        "POOLER_SAMPLING_RATIO differs between ROI_BOX_HEAD",
    ),
    ({"MODEL__ANCHOR_GENERATOR__SIZES": [[32], [64]]}, "the levels have different anchors"),
    ({"MODEL__ANCHOR_GENERATOR__SIZES": 5}, "sizes and ratios are lists of lists"),
    ({"MODEL__PIXEL_MEAN": [1, 2]}, "MODEL.PIXEL_MEAN: expected three numbers"),
    ({"MODEL__PIXEL_MEAN": ["a", 2, 3]}, "MODEL.PIXEL_MEAN: expected three numbers"),
    ({"INPUT__MAX_SIZE_TEST": "big"}, "INPUT.MAX_SIZE_TEST: expected a whole number, got 'big'"),
    ({"MODEL__RPN__NMS_THRESH": None}, "MODEL.RPN.NMS_THRESH: expected a number"),
    ({"MODEL": [1]}, "MODEL is no table"),
    ({"MODEL__ROI_HEADS__NAME": ["x" * 1000] * 1000}, r"is \['xxx.*\.\.\.\]; figureground reads"),
    ({"_BASE_": "../Base-RCNN-C4.yaml"}, r"is only a part, the rest is in ../Base-RCNN-C4.yaml"),
]


@pytest.mark.parametrize(("values", "told"), REFUSED)
def test_what_cannot_run_is_refused_by_name(values: dict[str, Any], told: str) -> None:
    whole = (
        {"MODEL": {}} if "MODEL" in values else read_yaml(GOLDEN / "config.yaml") if GOLDEN.is_dir() else {}
    )
    with pytest.raises(InputError, match=rf"config.yaml: .*{told}") as caught:
        config_to_architecture(changed(whole, **values), "config.yaml")
    assert len(str(caught.value)) < 400


NAMES = [
    ("backbone.bottom_up.stem.conv1.weight", "backbone.body.conv1.weight"),
    ("backbone.bottom_up.stem.conv1.norm.running_var", "backbone.body.bn1.running_var"),
    ("backbone.bottom_up.res2.0.shortcut.weight", "backbone.body.layer1.0.downsample.0.weight"),
    ("backbone.bottom_up.res5.2.conv3.norm.bias", "backbone.body.layer4.2.bn3.bias"),
    ("backbone.fpn_lateral2.weight", "backbone.fpn.inner_blocks.0.0.weight"),
    ("backbone.fpn_output5.bias", "backbone.fpn.layer_blocks.3.0.bias"),
    ("proposal_generator.rpn_head.anchor_deltas.bias", "rpn.head.bbox_pred.bias"),
    ("roi_heads.box_head.fc1.weight", "roi_heads.box_head.fc6.weight"),
    ("roi_heads.mask_head.mask_fcn1.bias", "roi_heads.mask_head.0.0.bias"),
    ("roi_heads.mask_head.deconv.bias", "roi_heads.mask_predictor.conv5_mask.bias"),
]


@pytest.mark.parametrize(("theirs", "ours"), NAMES)
def test_names(theirs: str, ours: str) -> None:
    assert ours in rename_weights({theirs: np.ones(3)}, 2, "w")


def test_the_ground_comes_first() -> None:
    weights = {
        "roi_heads.box_predictor.cls_score.bias": np.array([1, 2, 9.0]),
        "roi_heads.box_predictor.bbox_pred.bias": np.arange(8.0),
        "roi_heads.mask_head.predictor.bias": np.array([5, 6.0]),
        "proposal_generator.anchor_generator.cell_anchors.0": np.zeros(4),
    }
    renamed = {
        key.rpartition("heads.")[2]: value.tolist() for key, value in rename_weights(weights, 2, "w").items()
    }
    assert renamed == {
        "box_predictor.cls_score.bias": [9, 1, 2],
        "box_predictor.bbox_pred.bias": [0, 0, 0, 0, *range(8)],
        "mask_predictor.mask_fcn_logits.bias": [0, 5, 6],
    }


def test_heads_for_all_classes_are_copied_and_old_statistics_filled_in() -> None:
    weights = {
        "roi_heads.box_predictor.bbox_pred.bias": np.arange(4.0),
        "roi_heads.mask_head.predictor.bias": np.array([5.0]),
        "backbone.bottom_up.stem.conv1.norm.weight": np.array([3.0, 4.0]),
    }
    renamed = rename_weights(weights, 2, "w")
    assert renamed["roi_heads.box_predictor.bbox_pred.bias"].tolist() == [0, 0, 0, 0, 0, 1, 2, 3, 0, 1, 2, 3]
    assert renamed["roi_heads.mask_predictor.mask_fcn_logits.bias"].tolist() == [0, 5, 5]
    assert renamed["backbone.body.bn1.running_mean"].tolist() == [0, 0]
    assert renamed["backbone.body.bn1.running_var"].tolist() == [1, 1]


def test_weights_of_other_models_are_refused() -> None:
    with pytest.raises(
        InputError, match=r"w: has weights named 'roi_heads.box_head.0.fc1.weight', which belong"
    ):
        rename_weights({"roi_heads.box_head.0.fc1.weight": np.ones(2)}, 2, "w")
