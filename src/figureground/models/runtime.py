"""What runs a model's graphs: ONNX Runtime everywhere, OpenVINO where it is installed and wanted."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from figureground.errors import MissingExtraError, OptionError

Array = npt.NDArray[np.float32]
Engine = Literal["auto", "onnxruntime", "openvino", "openvino-bf16"]
ENGINES = ("auto", "onnxruntime", "openvino", "openvino-bf16")


class Graph(Protocol):
    """A part of a model, ready to run."""

    def __call__(self, inputs: Mapping[str, Array]) -> list[Array]:
        """The outputs, in the order of the file."""
        ...


def open_graph(path: Path, engine: str = "auto", threads: int = 0) -> Graph:
    """Load an .onnx file.

    Args:
        path: the file.
        engine: one of ENGINES. auto takes OpenVINO with bf16 where it is installed, else ONNX Runtime.
        threads: of the processor; 0 takes all that this process may use.

    Raises:
        OptionError: there is no such engine.
        MissingExtraError: it is not installed.
    """
    if engine not in ENGINES:
        raise OptionError(f"there is no engine {engine!r}; choose one of: {', '.join(ENGINES)}")
    count = threads or len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else threads
    if engine == "onnxruntime" or (engine == "auto" and not _has_openvino()):
        return _OnnxRuntime(path, count)
    return _OpenVino(path, count, "f32" if engine == "openvino" else "bf16")


class _OnnxRuntime:
    def __init__(self, path: Path, threads: int) -> None:
        try:
            import onnxruntime
        except ImportError as error:
            raise MissingExtraError(
                "a trained model needs onnxruntime: pip install 'figureground[models]'"
            ) from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def __call__(self, inputs: Mapping[str, Array]) -> list[Array]:
        made: list[Array] = self._session.run(None, dict(inputs))
        return made


class _OpenVino:
    def __init__(self, path: Path, threads: int, precision: str) -> None:
        try:
            import openvino
        except ImportError as error:
            raise MissingExtraError("this engine needs openvino: pip install openvino") from error
        core: Any = openvino.Core()
        settings = {"INFERENCE_PRECISION_HINT": precision, "PERFORMANCE_HINT": "LATENCY"}
        if threads:
            settings["INFERENCE_NUM_THREADS"] = str(threads)
        self._model = core.compile_model(str(path), "CPU", settings)

    def __call__(self, inputs: Mapping[str, Array]) -> list[Array]:
        made = self._model(dict(inputs))
        return [made[output] for output in self._model.outputs]


def _has_openvino() -> bool:
    import importlib.util

    return importlib.util.find_spec("openvino") is not None
