"""The graphs of a model in 8 bits: measured on pictures of the kind that it will see."""

import contextlib
import io
import logging
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from figureground.errors import MissingExtraError, OptionError
from figureground.frames import Image
from figureground.models.architecture import Architecture
from figureground.models.detector import Detector
from figureground.models.runtime import Graph, open_graph

Array = npt.NDArray[np.float32]
GRAPHS = "dense", "box", "mask"
IN_8_BITS = ("dense",)
"""The heads gain little and lose most: a box of theirs is a figure's place."""
LEAST = 1
_QUANTISED = "Conv", "ConvTranspose", "Gemm", "MatMul"


def export_int8(
    source: Path,
    out: Path,
    what: Architecture,
    pictures: Sequence[Image],
    *,
    graphs: Sequence[str] = IN_8_BITS,
) -> None:
    """Write the graphs of `source` into `out`, with weights and values of 8 bits in some of them.

    The range of each value is what it takes on `pictures`, and what rounding shifts is corrected (NNCF's
    quantisation after training); QDQ nodes hold it, so that both engines know it.

    Args:
        source: a folder with dense.onnx, box.onnx and mask.onnx.
        out: another folder, which is there.
        what: the architecture of the graphs.
        pictures: (h, w, 3) uint8 RGB; 5 to 30 of the kind that the model will see.
        graphs: which of them; the others are copied as they are.

    Raises:
        OptionError: there are no pictures.
        MissingExtraError: nncf, onnxruntime or onnx is not installed.
    """
    if len(pictures) < LEAST:
        raise OptionError("int8 needs pictures of the kind that the model will see; give some with --images")
    plain = {name: open_graph(source / f"{name}.onnx", "onnxruntime") for name in GRAPHS}
    for name in GRAPHS:
        if name in graphs:
            inputs = list(_seen(name, plain, what, pictures))
            if not inputs:
                raise OptionError("the model finds nothing in these pictures; name others with --images")
            _quantise(source / f"{name}.onnx", out / f"{name}.onnx", inputs)
        else:
            (out / f"{name}.onnx").write_bytes((source / f"{name}.onnx").read_bytes())


def _seen(
    name: str, plain: Mapping[str, Graph], what: Architecture, pictures: Sequence[Image]
) -> Iterator[dict[str, Array]]:
    """What the graph `name` is given on each of `pictures`."""
    for picture in pictures:
        taken: list[dict[str, Array]] = []
        graphs = {**plain, name: _Recorded(plain[name], taken)}
        Detector(what, graphs)(picture, min_score=0.0)
        yield from (_filled(inputs) for inputs in taken)


def _filled(inputs: dict[str, Array]) -> dict[str, Array]:
    """`inputs` with a box on each level: of none no range can be measured."""
    box = np.array([[0, 0, 0, 32, 32]], np.float32)
    return {name: box if name.startswith("rois") and not len(v) else v for name, v in inputs.items()}


class _Recorded:
    """A graph that keeps what it is given."""

    def __init__(self, graph: Graph, taken: list[dict[str, Array]]) -> None:
        self._graph, self._taken = graph, taken

    def __call__(self, inputs: Mapping[str, Array]) -> list[Array]:
        self._taken.append(dict(inputs))
        return self._graph(inputs)


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
    """The layers that give what a graph is for, and nothing else: scores, boxes, masks.

    They are cheap, and a box's place, in 256 steps, would be off by what a figure is wide.
    """
    import onnx

    graph = onnx.load(path).graph
    makers = {output: node for node in graph.node for output in node.output}
    taken = {name for node in graph.node for name in node.input}
    todo = [one.name for one in graph.output if one.name not in taken]
    found: list[str] = []
    while todo:
        node = makers.get(todo.pop())
        if node is not None and node.op_type in _QUANTISED:
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
