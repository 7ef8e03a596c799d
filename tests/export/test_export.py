"""Exports do what the model does, or are not written."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from small_models import CLASSES, made_pictures, small

from figureground.errors import InputError, OptionError, OutputError
from figureground.export.export import FORMS, export
from figureground.models.card import read_card
from figureground.models.detectron2 import config_to_architecture, count_classes, rename_weights
from figureground.models.to_detectron2 import weights_to_detectron2
from figureground.models.yaml_file import read_yaml
from figureground.nets.weights import read_net
from figureground.segmenters.maskrcnn import load

Make = Callable[[str], Path]
FOREIGN = """
import sys, torch, numpy, warnings
import torchvision
warnings.simplefilter("ignore")
script = torch.jit.load(sys.argv[1])
pictures = [torch.from_numpy(one).permute(2, 0, 1) for one in numpy.load(sys.argv[2]).values()]
for _ in range(2):
    found = script(pictures)
named = {f"{i} {name}": v.numpy() for i, one in enumerate(found) for name, v in one.items()}
numpy.savez(sys.argv[3], **named)
assert "figureground" not in sys.modules
"""


@pytest.mark.parametrize("name", ["mobilenet"])
def test_onnx_is_a_model_folder_that_does_the_same(model: Make, name: str, tmp_path: Path) -> None:
    out = tmp_path / "made" / "onnx"
    found = export(model(name), "onnx", out, made_pictures())
    assert found.figures > 20
    assert (found.kept, found.more) == (1.0, 0.0)
    assert found.iou > 0.995
    card = read_card(out)
    assert (card.classes, card.architecture) == (CLASSES, small(name))
    assert set(card.files) == {"box.onnx", "dense.onnx", "mask.onnx"}
    assert load(None, model=out, engine="exact").classes == CLASSES


@pytest.mark.slow
def test_int8_holds_its_weights_in_8_bits(
    model: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loose = replace(FORMS["int8"], kept=0.0, iou=0.5)  # weights by chance stand 8 bits less than trained ones
    monkeypatch.setitem(FORMS, "int8", loose)
    out = tmp_path / "int8"
    found = export(model("detectron2"), "int8", out, made_pictures())
    assert found.figures > 20
    graph = onnx.load(out / "dense.onnx").graph
    counts = {
        kind: sum(int(np.prod(one.dims)) for one in graph.initializer if one.data_type == kind)
        for kind in (onnx.TensorProto.INT8, onnx.TensorProto.FLOAT)
    }
    assert counts[onnx.TensorProto.INT8] > 20 * counts[onnx.TensorProto.FLOAT]
    for name in ("box", "mask"):  # as they were: they would lose most
        head = onnx.load(out / f"{name}.onnx").graph
        assert {one.data_type for one in head.initializer} <= {onnx.TensorProto.FLOAT, onnx.TensorProto.INT64}


@pytest.mark.parametrize("name", ["mobilenet", "detectron2"])
def test_torchscript_takes_pictures_of_any_sizes_without_figureground(
    model: Make, name: str, tmp_path: Path
) -> None:
    pictures = made_pictures()
    script, given, made = tmp_path / "mice.ts", tmp_path / "given.npz", tmp_path / "made.npz"
    assert export(model(name), "torchscript", script, pictures).iou > 0.999
    np.savez(given, *pictures)
    subprocess.run([sys.executable, "-c", FOREIGN, *map(str, (script, given, made))], check=True)
    net, _ = read_net(model(name))
    with torch.no_grad():
        wanted = net([torch.from_numpy(one).permute(2, 0, 1) for one in pictures])
    found = np.load(made)
    for i, one in enumerate(wanted):
        assert len(one["scores"])
        for what, values in one.items():
            np.testing.assert_allclose(found[f"{i} {what}"], values.numpy(), atol=2e-3)


def test_a_script_says_which_classes_it_finds(model: Make, tmp_path: Path) -> None:
    script = tmp_path / "mice.ts"
    export(model("mobilenet"), "torchscript", script)
    inside = {"model.json": ""}
    with pytest.warns(FutureWarning):
        torch.jit.load(str(script), _extra_files=inside)
    assert json.loads(inside["model.json"])["classes"] == list(CLASSES)


def test_a_labgym_folder_read_back_is_the_same_model(model: Make, tmp_path: Path) -> None:
    out = tmp_path / "detector"
    assert export(model("detectron2"), "labgym", out, made_pictures()).iou == 1.0
    config = read_yaml(out / "config.yaml")
    assert count_classes(config, "c") == len(CLASSES)
    read_back = config_to_architecture(config, "c")
    assert read_back.min_score == 0.5
    assert read_back.__dict__ | {"min_score": 0.05} == small("detectron2").__dict__
    saved = torch.load(out / "model_final.pth", weights_only=True)
    assert set(saved) == {"model", "trainer", "iteration"}
    weights = rename_weights({k: v.numpy() for k, v in saved["model"].items()}, len(CLASSES), "w")
    own = read_net(model("detectron2"))[0].state_dict()
    assert set(weights) == set(own)
    grounds = {"roi_heads.box_predictor.bbox_pred": 4, "roi_heads.mask_predictor.mask_fcn_logits": 1}
    for key, value in own.items():
        first = grounds.get(key.rpartition(".")[0], 0)  # what moves the ground is never used
        np.testing.assert_array_equal(weights[key][first:], value.numpy()[first:], err_msg=key)
    assert json.loads((out / "model_parameters.txt").read_text()) == {
        "animal_names": ["mouse", "larva"],
        "animal_mapping": {"0": "mouse", "1": "larva"},
        "inferencing_framesize": 131,
    }


def test_detectron2s_own_weights_come_back_under_their_names() -> None:
    rng = np.random.default_rng(1)
    theirs = {
        "backbone.bottom_up.stem.conv1.weight": (5, 3, 7, 7),
        "backbone.bottom_up.stem.conv1.norm.running_var": (5,),
        "backbone.bottom_up.res2.0.shortcut.weight": (7, 5, 1, 1),
        "backbone.bottom_up.res5.2.shortcut.norm.bias": (7,),
        "backbone.bottom_up.res4.11.conv3.weight": (7, 5, 1, 1),
        "backbone.bottom_up.res3.1.conv2.norm.weight": (7,),
        "backbone.fpn_lateral2.weight": (5, 7, 1, 1),
        "backbone.fpn_output5.bias": (5,),
        "proposal_generator.rpn_head.conv.weight": (5, 5, 3, 3),
        "proposal_generator.rpn_head.objectness_logits.bias": (3,),
        "proposal_generator.rpn_head.anchor_deltas.weight": (12, 5, 1, 1),
        "roi_heads.box_head.fc1.weight": (11, 13),
        "roi_heads.box_head.fc2.bias": (11,),
        "roi_heads.box_predictor.cls_score.weight": (4, 11),
        "roi_heads.box_predictor.bbox_pred.bias": (12,),
        "roi_heads.mask_head.mask_fcn4.weight": (5, 5, 3, 3),
        "roi_heads.mask_head.deconv.bias": (5,),
        "roi_heads.mask_head.predictor.weight": (3, 5, 1, 1),
    }
    weights = {key: rng.normal(size=shape).astype(np.float32) for key, shape in theirs.items()}
    renamed = rename_weights(weights, 3, "w")
    back = weights_to_detectron2(renamed)
    for key, value in weights.items():
        np.testing.assert_array_equal(back[key], value, err_msg=key)


def test_without_pictures_made_ones_are_compared(model: Make, tmp_path: Path) -> None:
    assert export(model("detectron2"), "labgym", tmp_path / "out").figures > 0


@pytest.mark.parametrize(("to", "out"), [("torchscript", "out.ts"), ("labgym", "out")])
def test_what_does_something_else_is_not_written(
    model: Make, to: str, out: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoilt(net: torch.nn.Module, *rest: object) -> None:
        with torch.no_grad():
            net.roi_heads.box_predictor.bbox_pred.bias += 2.0  # type: ignore[union-attr, operator]
        write(net, *rest)
        with torch.no_grad():
            net.roi_heads.box_predictor.bbox_pred.bias -= 2.0  # type: ignore[union-attr, operator]

    write = FORMS[to].write
    monkeypatch.setitem(FORMS, to, replace(FORMS[to], write=spoilt))
    with pytest.raises(OutputError, match=r"does not do what the model does: of its \d+ figures"):
        export(model("detectron2"), to, tmp_path / out, made_pictures())
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "to", "error", "match"),
    [
        ("mobilenet", "labgym", OptionError, "trained with detectron2's conventions"),
        ("mobilenet", "int8", OptionError, "int8 is measured on pictures .* --images"),
        ("mobilenet", "torchscript", OptionError, r"out: name a file .* ends in \.ts or \.pt"),
        ("mobilenet", "tflite", OptionError, "no such form; choose one of: onnx, int8, torchscript, labgym"),
    ],
)
def test_what_cannot_be_made_is_refused(
    model: Make, name: str, to: str, error: type[Exception], match: str, tmp_path: Path
) -> None:
    with pytest.raises(error, match=match):
        export(model(name), to, tmp_path / "out")
    assert not list(tmp_path.iterdir())


def test_what_is_there_is_kept_unless_told_otherwise(model: Make, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine.txt").write_text("mine")
    with pytest.raises(OutputError, match=r"is there already; .* --overwrite"):
        export(model("detectron2"), "labgym", out)
    assert (out / "mine.txt").read_text() == "mine"


def test_what_is_no_model_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"is no model folder: it has no model\.json"):
        export(tmp_path, "onnx", tmp_path / "out")
