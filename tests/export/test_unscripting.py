"""A stand-in for a scripted detectron2 model: its names and settings, and results that are known."""

import json
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from figureground.export import importing
from figureground.export.importing import import_model
from figureground.export.unscripting import made_picture
from figureground.models.architecture import Architecture, architecture
from figureground.models.boxes import anchors
from figureground.models.to_detectron2 import weights_to_detectron2
from figureground.nets.maskrcnn import build_maskrcnn
from figureground.nets.weights import read_net

SIDE = 96
WHAT = replace(
    architecture("detectron2"),
    body="resnet18",
    stride_in_1x1=False,
    colour="RGB",
    short_side=SIDE,
    long_side=SIDE,
    anchor_sizes=((16, 24), (32, 48), (64, 96), (128, 192), (256, 384)),
    rpn_before=60,
    rpn_after=30,
    min_score=0.25,
    most=7,
)


class Program(nn.Module):
    """The names of detectron2's parts; always gives what it was made with."""

    def __init__(self, found: dict[str, Tensor]) -> None:
        super().__init__()
        self.boxes, self.scores = found["boxes"], found["scores"]
        self.classes, self.masks = found["labels"] - 1, found["masks"]

    def forward(self, inputs: list[dict[str, Tensor]]) -> list[dict[str, Tensor]]:
        return [
            {
                "pred_boxes": self.boxes,
                "scores": self.scores,
                "pred_classes": self.classes,
                "pred_masks": self.masks,
            }
        ]


def part(root: nn.Module, path: str) -> nn.Module:
    for name in path.split("."):
        if not hasattr(root, name):
            root.add_module(name, nn.Module())
        root = getattr(root, name)
    return root


def save(folder: Path, what: Architecture, found: dict[str, Tensor], state: dict[str, Tensor]) -> Path:
    program = Program(found)
    weights = weights_to_detectron2({key: value.numpy() for key, value in state.items()})
    for key, value in weights.items():
        path, _, name = key.rpartition(".")
        part(program, path).register_buffer(name, torch.from_numpy(np.array(value)))
    generator = part(program, "proposal_generator.anchor_generator.cell_anchors")
    for level, cell in enumerate(anchors(replace(what, strides=(1,) * 5), (1, 1), ((1, 1),) * 5)):
        generator.register_buffer(str(level), torch.from_numpy(cell.copy()))
    proposals, heads = part(program, "proposal_generator"), part(program, "roi_heads.box_predictor")
    proposals.pre_nms_topk = {True: 5, False: what.rpn_before}
    proposals.post_nms_topk = {True: 5, False: what.rpn_after}
    heads.test_score_thresh, heads.test_topk_per_image = what.min_score, what.most
    part(program, "backbone.bottom_up.res3.0.conv1").stride = (1, 1)
    folder.mkdir()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "`torch.jit", category=Warning)
        torch.jit.script(program).save(str(folder / "model.ts"))
    names = {"animal_mapping": {"0": "larva", "1": "rat"}, "training_size": SIDE}
    (folder / "model.txt").write_text(json.dumps(names))
    return folder


@pytest.fixture(scope="module")
def made() -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """A net's weights, and what it finds in the picture."""
    torch.manual_seed(6)
    net = build_maskrcnn(WHAT, 2, frozen_norm=True).eval()
    image = torch.from_numpy(made_picture(SIDE).transpose(2, 0, 1).copy())
    with torch.no_grad():
        found = net([image])[0]
    assert len(found["scores"]) >= 3
    return net.state_dict(), found


@pytest.fixture(autouse=True)
def no_graphs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "export_onnx", lambda *_: {})


def test_a_program_with_detectron2s_parts_is_taken_apart(
    made: tuple[dict[str, Tensor], dict[str, Tensor]], tmp_path: Path
) -> None:
    state, found = made
    result = import_model(save(tmp_path / "theirs", WHAT, found, state), tmp_path / "ours")
    assert result.told == ()
    assert (result.card.kind, result.card.classes) == ("maskrcnn", ("larva", "rat"))
    assert result.card.architecture == WHAT
    net, _ = read_net(tmp_path / "ours")
    changed = {key for key, value in net.state_dict().items() if not torch.equal(value, state[key])}
    ground = "box_predictor.bbox_pred", "mask_predictor.mask_fcn_logits"  # its rows, which nothing reads
    assert changed == {f"roi_heads.{part}.{kind}" for part in ground for kind in ("weight", "bias")}


@pytest.mark.parametrize("change", ["nothing found", "another result"])
def test_what_cannot_be_confirmed_stays_a_program(
    made: tuple[dict[str, Tensor], dict[str, Tensor]], tmp_path: Path, change: str
) -> None:
    state, found = made
    if change == "nothing found":
        found = {key: value[:0] for key, value in found.items()}
    else:
        found = {**found, "boxes": found["boxes"] + 3}
    result = import_model(save(tmp_path / "theirs", WHAT, found, state), tmp_path / "ours")
    assert result.card.kind == "torchscript"
    assert (tmp_path / "ours" / "model.ts").is_file()
