"""What runs a model's graphs: ONNX Runtime everywhere, OpenVINO where it is installed and faster."""

import functools
import importlib.util
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from figureground.errors import InputError, MissingExtraError, OptionError

Array = npt.NDArray[np.float32]
GRAPHS = "dense", "box", "mask"
ENGINES = ("auto", "exact", "onnxruntime", "openvino", "openvino-bf16")
"""auto: the fastest whose masks hardly differ; exact: the fastest in full precision; the others by name."""


class Graph(Protocol):
    """A part of a model, ready to run."""

    def __call__(self, inputs: Mapping[str, Array]) -> list[Array]:
        """The outputs, in the order of the file."""
        ...


def open_graphs(folder: str | Path, engine: str = "auto", threads: int = 0) -> dict[str, Graph]:
    """The graphs of a model folder by their names; see `open_graph`."""
    return {name: open_graph(Path(folder) / f"{name}.onnx", engine, threads) for name in GRAPHS}


def open_graph(path: Path, engine: str = "auto", threads: int = 0) -> Graph:
    """Load an .onnx file.

    Args:
        path: the file; of whole or of 8-bit numbers.
        engine: one of ENGINES. auto is OpenVINO with bf16 where it is installed and the processor computes
            with bf16, else ONNX Runtime. exact is ONNX Runtime.
        threads: of the processor; 0 takes all that this process may use.

    Raises:
        InputError: the file is damaged.
        OptionError: there is no such engine.
        MissingExtraError: it is not installed.
    """
    if engine not in ENGINES:
        raise OptionError(f"there is no engine {engine!r}; choose one of: {', '.join(ENGINES)}")
    count = threads or (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0)
    if engine == "auto":
        engine = "openvino-bf16" if _computes_bf16() else "onnxruntime"
    if engine in ("exact", "onnxruntime"):
        return _OnnxRuntime(path, count)
    return _OpenVino(path, count, "f32" if engine == "openvino" else "bf16")


class _OnnxRuntime:
    def __init__(self, path: Path, threads: int) -> None:
        try:
            import onnxruntime
            from onnxruntime.capi import onnxruntime_pybind11_state as state
        except ImportError as error:
            raise MissingExtraError("a trained model needs onnxruntime: pip install onnxruntime") from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
        except (state.Fail, state.InvalidGraph, state.InvalidProtobuf, state.NoSuchFile) as error:
            raise InputError(f"{path}: cannot be loaded: {_first_line(error)}") from error

    def __call__(self, inputs: Mapping[str, Array]) -> list[Array]:
        made: list[Array] = self._session.run(None, dict(inputs))
        return made


class _OpenVino:
    """A graph; where it runs in bf16, regions are cut out of the features in full precision beforehand.

    bf16 has 8 bits: the corner of a box at pixel 723 would lie at 724 or 720.
    """

    def __init__(self, path: Path, threads: int, precision: str) -> None:
        try:
            import openvino  # noqa: F401
        except ImportError as error:
            raise MissingExtraError("this engine needs openvino: pip install openvino") from error
        settings = {"PERFORMANCE_HINT": "LATENCY"}
        if threads:
            settings["INFERENCE_NUM_THREADS"] = str(threads)
        exact = settings | {"INFERENCE_PRECISION_HINT": "f32"}
        settings["INFERENCE_PRECISION_HINT"] = precision
        try:
            pool, rest = _at_regions(path) if precision != "f32" else (None, _core().read_model(path))
            self._pool = None if pool is None else _core().compile_model(pool, "CPU", exact)
            self._model = _core().compile_model(rest, "CPU", settings)
        except RuntimeError as error:
            raise InputError(f"{path}: cannot be loaded: {_first_line(error)}") from error

    def __call__(self, inputs: Mapping[str, Array]) -> list[Array]:
        given: Any = dict(inputs)
        if self._pool is not None:
            given = [self._pool(given)[0]]
        made = self._model(given)
        return [made[output] for output in self._model.outputs]


def _at_regions(path: Path) -> tuple[Any, Any]:
    """The part of a graph that cuts regions out of features, None where there is none, and the rest."""
    import openvino

    whole, rest = _core().read_model(path), _core().read_model(path)
    cut, joint = (_regions(model) for model in (whole, rest))
    if cut is None or joint is None:
        return None, rest
    taken = openvino.opset8.parameter(joint.get_output_partial_shape(0), openvino.Type.f32)
    joint.output(0).replace(taken.output(0))
    pool = openvino.Model([cut.output(0)], whole.get_parameters())
    return pool, openvino.Model(rest.get_results(), [taken])


def _regions(model: Any) -> Any:
    """The node that joins the regions of all levels."""
    for node in model.get_ordered_ops():
        sources = [one.get_source_output().get_node().get_type_name() for one in node.inputs()]
        if node.get_type_name() == "Concat" and "ROIAlign" in sources:
            return node
    return None


@functools.cache
def _core() -> Any:
    import openvino

    return openvino.Core()


@functools.cache
def _computes_bf16() -> bool:
    """Whether OpenVINO is here, and the processor has what makes it faster than ONNX Runtime."""
    if importlib.util.find_spec("openvino") is None:
        return False
    return "BF16" in _core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def _first_line(error: Exception) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
