"""A model in 8 bits: its body measured on pictures of the kind that it will see."""

import contextlib
import io
import logging
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from figureground.errors import MissingExtraError, OptionError
from figureground.frames import Image
from figureground.models.architecture import Architecture
from figureground.models.detector import prepared

Array = npt.NDArray[np.float32]
HEADS = "box", "mask"
"""Graphs that stay whole: in 8 bits they lose most, see benchmarks/README.md."""
_LAYERS = "Conv", "ConvTranspose", "Gemm", "MatMul"


def export_int8(source: Path, out: Path, what: Architecture, pictures: Sequence[Image]) -> None:
    """Write the graphs of `source` into `out`, the dense one with weights and values of 8 bits.

    The range of each value is what it takes on `pictures`, and what rounding shifts is corrected (NNCF's
    quantisation after training); QDQ nodes hold it, so that both engines know it.

    Args:
        source: a folder with dense.onnx, box.onnx and mask.onnx.
        out: another folder, which is there.
        what: the architecture of the graphs.
        pictures: (h, w, 3) uint8 RGB; 5 to 30 of the kind that the model will see.

    Raises:
        OptionError: there are no pictures.
        MissingExtraError: nncf, onnxruntime or onnx is not installed.
    """
    if not len(pictures):
        raise OptionError("int8 needs pictures of the kind that the model will see; give some with --images")
    inputs = [{"pictures": prepared(picture, what)[0]} for picture in pictures]
    _quantise(source / "dense.onnx", out / "dense.onnx", inputs)
    for name in HEADS:
        (out / f"{name}.onnx").write_bytes((source / f"{name}.onnx").read_bytes())


def _quantise(source: Path, out: Path, inputs: Sequence[dict[str, Array]]) -> None:
    os.environ.setdefault("NNCF_CI", "1")  # else it tells its makers of each use
    try:
        import nncf
        import onnx
        from onnxruntime.quantization.shape_inference import quant_pre_process
    except ImportError as error:
        raise MissingExtraError(
            f"int8 needs {error.name}, which is not installed: pip install 'figureground[train]'"
        ) from error
    with tempfile.TemporaryDirectory() as name, _quietly():
        folded = Path(name) / "folded.onnx"  # batch norm within the convolutions
        quant_pre_process(str(source), str(folded), skip_symbolic_shape=True)
        model = nncf.quantize(
            onnx.load(folded),
            nncf.Dataset(inputs),
            preset=nncf.QuantizationPreset.MIXED,
            subset_size=len(inputs),
            ignored_scope=nncf.IgnoredScope(names=_last_layers(folded)),
        )
        onnx.save(model, out)


def _last_layers(path: Path) -> list[str]:
    """The layers whose results no other layer takes: scores and boxes. They are cheap, and stay exact."""
    import onnx

    graph = onnx.load(path).graph
    makers = {output: node for node in graph.node for output in node.output}
    taken = {name for node in graph.node for name in node.input}
    todo = [one.name for one in graph.output if one.name not in taken]
    found: list[str] = []
    while todo:
        node = makers.get(todo.pop())
        if node is not None and node.op_type in _LAYERS:
            found.append(node.name)
        elif node is not None:
            todo += node.input
    return sorted(set(found))


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """The quantiser talks on loggers and on both streams."""
    logs = [logging.root, logging.getLogger("nncf")]
    levels = [log.level for log in logs]
    for log in logs:
        log.setLevel(logging.ERROR)
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            yield
    finally:
        for log, level in zip(logs, levels, strict=True):
            log.setLevel(level)
