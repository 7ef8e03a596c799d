from pathlib import Path

import pytest
import torch
from made_training import small
from torchvision.models import mobilenet_v3_large
from torchvision.models.detection import maskrcnn_resnet50_fpn

from figureground.errors import InputError, OptionError
from figureground.models import known
from figureground.models.card import ModelCard, write_card
from figureground.nets.weights import write_weights
from figureground.training.recipe import Recipe
from figureground.training.starts import started_net, with_norm_of_start


def published(monkeypatch: pytest.MonkeyPatch, folder: Path, weights: dict[str, torch.Tensor]) -> None:
    torch.save(weights, folder / "weights.pth")

    def fetch(name: str) -> Path:
        return folder / "weights.pth"

    monkeypatch.setattr(known, "fetch", fetch)


def folder_of(path: Path, classes: tuple[str, ...], recipe: Recipe) -> dict[str, torch.Tensor]:
    path.mkdir()
    net = started_net(recipe, classes)
    write_weights(net, path)
    write_card(ModelCard(classes, recipe.architecture()), path)
    return net.state_dict()


def test_random_weights_depend_on_the_seed() -> None:
    nets = (started_net(small(seed=seed), ["a"]) for seed in (1, 1, 2))
    first, same, other = (net.rpn.head.cls_logits.weight for net in nets)
    assert torch.equal(first, same)
    assert not torch.equal(first, other)


def test_a_published_body(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    weights = mobilenet_v3_large(weights=None).state_dict()
    published(monkeypatch, tmp_path, weights)
    own = started_net(small(start="backbone"), ["a"]).backbone.body.state_dict()
    assert all(torch.equal(value, weights[f"features.{name}"]) for name, value in own.items())
    assert len(own) > 100


def test_a_published_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    weights = maskrcnn_resnet50_fpn(weights=None, weights_backbone=None).state_dict()
    published(monkeypatch, tmp_path, weights)
    own = started_net(small(model="resnet50", start="coco"), ["a", "b"]).state_dict()
    other = {name for name, value in own.items() if not torch.equal(value, weights.get(name, torch.zeros(0)))}
    variances = {name for name in own if name.startswith("backbone.body.") and name.endswith("running_var")}
    assert other - variances == {
        f"roi_heads.{part}.{kind}"
        for part in ("box_predictor.cls_score", "box_predictor.bbox_pred", "mask_predictor.mask_fcn_logits")
        for kind in ("weight", "bias")
    }
    for name in variances:  # torchvision's COCO model adds no epsilon to them, our norm does
        assert torch.allclose(own[name] + 1e-5, weights[name], rtol=0, atol=1e-7)
    assert len(own["roi_heads.box_predictor.cls_score.bias"]) == 3


def test_classes_of_a_model_folder_keep_what_they_learned(tmp_path: Path) -> None:
    before = folder_of(tmp_path / "model", ("mouse", "rat"), small())
    recipe = with_norm_of_start(small(start=str(tmp_path / "model"), seed=5))
    assert recipe.norm == "group"
    own = started_net(recipe, ["rat", "owl"]).state_dict()
    assert torch.equal(own["roi_heads.box_head.fc6.weight"], before["roi_heads.box_head.fc6.weight"])
    name = "roi_heads.box_predictor.cls_score.weight"
    assert torch.equal(own[name][[0, 1]], before[name][[0, 2]])
    assert not torch.equal(own[name][2], before[name][1])
    name = "roi_heads.box_predictor.bbox_pred.weight"
    assert torch.equal(own[name][4:8], before[name][8:12])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"start": "none", "freeze": "backbone"}, "random weights would stay random"),
        ({"start": "coco"}, "no published weights to start mobilenet_v3_large from coco"),
        ({"start": "nowhere"}, "start 'nowhere': choose none, backbone, coco, or a model folder"),
    ],
)
def test_starts_that_cannot_be(values: dict[str, object], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        started_net(small(**values), ["a"])


def test_a_folder_of_another_model(tmp_path: Path) -> None:
    folder_of(tmp_path / "model", ("a",), small())
    with pytest.raises(OptionError, match=r"its body is mobilenet_v3_large, that of .* is resnet50"):
        started_net(small(model="resnet50", start=str(tmp_path / "model")), ["a"])
    (tmp_path / "model/weights.safetensors").write_bytes(b"nothing")
    with pytest.raises(InputError, match="is not the file that the model was written with"):
        started_net(with_norm_of_start(small(start=str(tmp_path / "model"))), ["a"])


def test_the_norm_follows_the_start(tmp_path: Path) -> None:
    assert small().architecture().norm == "group"
    assert small(start="backbone").architecture().norm == "batch"
    assert small(model="detectron2").architecture().norm == "batch"
    folder_of(tmp_path / "model", ("a",), small(norm="batch"))
    assert with_norm_of_start(small(start=str(tmp_path / "model"))).architecture().norm == "batch"
    net = started_net(small(), ["a"])
    assert not any(isinstance(one, torch.nn.BatchNorm2d) for one in net.modules())


def test_a_damaged_published_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    published(monkeypatch, tmp_path, {"features.0.0.weight": torch.zeros(16, 3, 3, 3)})
    with pytest.raises(InputError, match="imagenet-mobilenet: lacks the weights backbone"):
        started_net(small(start="backbone"), ["a"])
    (tmp_path / "weights.pth").write_bytes(b"PK nothing")
    with pytest.raises(InputError, match=r"weights\.pth"):
        started_net(small(start="backbone"), ["a"])
