"""What training starts from; files of published weights are made on the spot."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torchvision.models import detection, mobilenet_v3_large, resnet50
from torchvision.ops import FrozenBatchNorm2d

from figureground.errors import InputError, OptionError
from figureground.models.architecture import Architecture, architecture
from figureground.models.card import ModelCard, write_card
from figureground.nets.maskrcnn import build_maskrcnn
from figureground.nets.starting import COCO, load_start
from figureground.nets.weights import write_weights

SMALL = replace(
    architecture("resnet50"), short_side=64, long_side=96, min_score=0.0, rpn_before=40, rpn_after=20, most=5
)
IMAGE = torch.from_numpy(np.random.default_rng(3).integers(0, 256, (3, 67, 91), np.uint8))


class Shelf:
    """Stands for the published files; notes what was asked for."""

    def __init__(self, folder: Path, net: torch.nn.Module) -> None:
        self.path, self.asked = folder / "w.pth", []  # type: ignore[var-annotated]
        torch.save(net.state_dict(), self.path)

    def __call__(self, name: str) -> Path:
        self.asked.append(name)
        return self.path


def coco_resnet50() -> detection.MaskRCNN:
    """As torchvision uses its published one: batch norm frozen, without an epsilon."""
    torch.manual_seed(1)
    net = detection.maskrcnn_resnet50_fpn(
        weights=None,
        weights_backbone=None,
        min_size=64,
        max_size=96,
        box_score_thresh=0.0,
        rpn_pre_nms_top_n_test=40,
        rpn_post_nms_top_n_test=20,
        box_detections_per_img=5,
    )
    frozen = build_maskrcnn(SMALL, 90, frozen_norm=True)
    net.backbone.body = frozen.backbone.body
    for one in net.modules():
        if isinstance(one, FrozenBatchNorm2d):
            one.eps = 0.0
            one.running_var.copy_(torch.rand(len(one.running_var)) * 1e-3 + 1e-5)
    return net.eval()


def test_coco_with_its_own_classes_is_torchvisions_model(tmp_path: Path) -> None:
    theirs = coco_resnet50()
    ours = build_maskrcnn(SMALL, 90, frozen_norm=True).eval()
    shelf = Shelf(tmp_path, theirs)
    classes = [f"none {i}" if name == "N/A" else name for i, name in enumerate(COCO)]
    load_start(ours, SMALL, "coco", classes, fetch=shelf)
    assert shelf.asked == ["coco-resnet50"]
    for name in ("bn1", "layer4.2.bn3"):
        one, other = (net.backbone.body.get_submodule(name) for net in (theirs, ours))
        values = torch.randn(1, len(one.weight), 3, 5)
        torch.testing.assert_close(other(values), one(values), rtol=1e-3, atol=1e-3)
    assert torch.equal(theirs.rpn.head.bbox_pred.weight, ours.rpn.head.bbox_pred.weight)


def test_classes_that_both_know_keep_what_was_learned(tmp_path: Path) -> None:
    theirs = coco_resnet50()
    torch.manual_seed(2)
    ours = build_maskrcnn(SMALL, 3, frozen_norm=True)
    before = {key: value.clone() for key, value in ours.state_dict().items()}
    told = load_start(ours, SMALL, "coco", ["larva", "cat", "dog"], fetch=Shelf(tmp_path, theirs))
    assert told == [
        "all layers start from coco-resnet50",
        "it knows already: cat, dog",
        "what tells these apart begins at random: larva",
    ]
    old, new = theirs.state_dict(), ours.state_dict()
    name = "roi_heads.box_predictor.cls_score.weight"  # in COCO, cats have the number 17 and dogs 18
    assert torch.equal(new[name], torch.stack([old[name][0], before[name][1], old[name][17], old[name][18]]))
    name = "roi_heads.box_predictor.bbox_pred.bias"
    assert torch.equal(new[name], torch.cat([old[name][:4], before[name][4:8], old[name][68:76]]))
    name = "roi_heads.mask_predictor.mask_fcn_logits.bias"
    assert torch.equal(new[name][2:], old[name][17:19])
    name = "rpn.head.cls_logits.weight"
    assert torch.equal(new[name], old[name])


@pytest.mark.parametrize(
    ("name", "theirs", "file"),
    [("resnet50", resnet50, "imagenet-resnet50"), ("mobilenet", mobilenet_v3_large, "imagenet-mobilenet")],
)
def test_a_body_is_taken_whole(tmp_path: Path, name: str, theirs: object, file: str) -> None:
    classifier = theirs(weights=None).eval()  # type: ignore[operator]
    what = architecture(name)
    net = build_maskrcnn(what, 2, frozen_norm=True).eval()
    shelf = Shelf(tmp_path, classifier)
    told = load_start(net, what, "backbone", ["a", "b"], fetch=shelf)
    assert shelf.asked == [file]
    assert told == [f"the body starts from {file}; pyramid and heads begin at random"]
    picture = torch.rand(1, 3, 64, 96)
    with torch.no_grad():
        last = list(net.backbone.body(picture).values())[-1]
        if name == "mobilenet":
            wanted = classifier.features(picture)
        else:
            layers = list(classifier.children())[:-2]
            wanted = torch.nn.Sequential(*layers)(picture)
    torch.testing.assert_close(last, wanted, rtol=1e-4, atol=1e-5)


def test_a_body_for_the_other_conventions_sees_the_same(tmp_path: Path) -> None:
    theirs = resnet50(weights=None)
    what = replace(architecture("detectron2"), short_side=0)
    net = build_maskrcnn(what, 1, frozen_norm=True).eval()
    load_start(net, what, "backbone", ["a"], fetch=Shelf(tmp_path, theirs))
    batches = [
        build_maskrcnn(replace(one, short_side=0), 1).transform([IMAGE])[0].tensors for one in (what, SMALL)
    ]
    with torch.no_grad():
        found, wanted = net.backbone.body.conv1(batches[0]), theirs.conv1(batches[1])
    torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-4)


@pytest.fixture
def folder(tmp_path: Path) -> tuple[Path, Architecture]:
    what = replace(architecture("mobilenet"), short_side=64, long_side=96)
    torch.manual_seed(4)
    made = tmp_path / "model"
    made.mkdir()
    write_weights(build_maskrcnn(what, 2), made)
    write_card(ModelCard(("mouse", "rat"), what), made)
    return made, what


def test_a_model_folder_goes_on(folder: tuple[Path, Architecture]) -> None:
    path, what = folder
    torch.manual_seed(5)
    net = build_maskrcnn(what, 2)
    assert load_start(net, what, path, ["mouse", "rat"])[1] == "it knows already: mouse, rat"
    torch.manual_seed(4)
    again = build_maskrcnn(what, 2).state_dict()
    assert all(torch.equal(value, again[key]) for key, value in net.state_dict().items())


def test_what_does_not_fit_is_refused(tmp_path: Path, folder: tuple[Path, Architecture]) -> None:
    path, what = folder
    net = build_maskrcnn(what, 2)
    assert load_start(net, what, "none", ["a", "b"]) == ["all weights begin at random"]
    with pytest.raises(OptionError, match="no published weights to start mobilenet_v3_large from coco"):
        load_start(net, what, "coco", ["a", "b"])
    with pytest.raises(OptionError, match="choose none, backbone, coco, or a model folder that is there"):
        load_start(net, what, tmp_path / "nothing", ["a", "b"])
    with pytest.raises(
        OptionError, match="its body is mobilenet_v3_large, that of the model to train is resnet50"
    ):
        load_start(net, SMALL, path, ["a", "b"])
    shelf = Shelf(tmp_path, torch.nn.Linear(2, 3))
    with pytest.raises(InputError, match=r"imagenet-mobilenet: its weights backbone.body.weight do not fit"):
        load_start(net, what, "backbone", ["a", "b"], fetch=shelf)
