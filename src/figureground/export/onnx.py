"""The three graphs of a Mask R-CNN as ONNX files, for any batch and any size."""

import contextlib
import io
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.export import Dim
from torchvision.models.detection import MaskRCNN

from figureground.models.architecture import Architecture
from figureground.nets.split import split_parts


def export_onnx(net: MaskRCNN, what: Architecture, folder: Path) -> dict[str, Path]:
    """Write dense.onnx, box.onnx and mask.onnx; their paths by name."""
    return {
        name: _export(part, name, what, folder / f"{name}.onnx")
        for name, part in split_parts(net, what).items()
    }


def _export(part: nn.Module, name: str, what: Architecture, path: Path) -> Path:
    inputs, shapes, names = _dense_inputs() if name == "dense" else _head_inputs(what)
    with quietly(), torch.no_grad():
        torch.onnx.export(
            part,
            inputs,
            str(path),
            input_names=names,
            dynamic_shapes=shapes,
            dynamo=True,
            external_data=False,
        )
    return path


def _dense_inputs() -> tuple[tuple[torch.Tensor, ...], Any, list[str]]:
    h, w = (Dim(name, min=2, max=512) * 32 for name in "hw")
    return (torch.zeros(2, 3, 224, 256),), ({0: Dim("b", min=1, max=512), 2: h, 3: w},), ["pictures"]


def _head_inputs(what: Architecture) -> tuple[tuple[torch.Tensor, ...], Any, list[str]]:
    levels = range(what.pooled)
    features = [torch.zeros(2, 256, 96 >> level, 128 >> level) for level in levels]
    rois = [torch.tensor([[0, 0, 0, 40.0, 30.0]]).repeat(level + 2, 1) for level in levels]
    free = [{0: Dim("b"), 2: Dim(f"h{level}"), 3: Dim(f"w{level}")} for level in levels]
    shapes = [*free, *({0: Dim(f"n{level}")} for level in levels)]
    names = [f"level{level}" for level in levels] + [f"rois{level}" for level in levels]
    return (*features, *rois), (tuple(shapes),), names


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """The exporter tells of each of its steps; where all is logged, most of its time goes into that."""
    logs = [logging.getLogger(name) for name in ("torch.onnx", "torch.__trace", "onnxscript", "onnx_ir")]
    levels = [log.level for log in logs]
    for log in logs:
        log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        for log, level in zip(logs, levels, strict=True):
            log.setLevel(level)
