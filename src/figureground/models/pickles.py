"""Weights out of pickles without running what a pickle could run: arrays and plain values alone."""

import io
import math
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from figureground.errors import InputError

MOST_BYTES = 8 << 30


def read_pickle(path: str | Path) -> Any:
    """What a pickle holds: dicts, lists, numbers, texts, and numpy arrays of numbers.

    Nothing of the pickle's choosing is imported or called, so a file from a stranger does no harm.

    Raises:
        InputError: it cannot be read, is damaged, or wants to run something; the message names what.
    """
    path = Path(path)
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(f"{path}: is larger than any model ({path.stat().st_size:,} bytes)")
        return _unpacked(_Reader(io.BytesIO(path.read_bytes()), encoding="latin1").load())
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    except _DAMAGED as error:
        raise InputError(f"{path}: is no pickle of weights, or damaged ({str(error)[:200]})") from error


def read_zoo(path: str | Path) -> dict[str, npt.NDArray[Any]]:
    """The weights in a .pkl of detectron2's model zoo, by detectron2's names.

    Raises:
        InputError: see `read_pickle`; or it is no such file.
    """
    held = read_pickle(path)
    if not isinstance(held, dict) or "__author__" not in held or not isinstance(held.get("model"), dict):
        raise InputError(
            f"{path}: is no file of detectron2's model zoo; those of Detectron 1 and Caffe2 cannot be read"
        )
    weights = held["model"]
    wrong = [str(key) for key, value in weights.items() if not isinstance(value, np.ndarray)]
    if wrong or not weights:
        raise InputError(f"{path}: holds no weights" + (f" at {wrong[0][:100]}" if wrong else ""))
    return weights


_DAMAGED = (
    pickle.UnpicklingError,
    EOFError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
    ArithmeticError,
    MemoryError,
    RecursionError,
    ImportError,
)


class _Dtype:
    """Stands for numpy.dtype: what it was made with, never a dtype that the file has altered."""

    def __init__(self, code: object = None, *_: object) -> None:
        self.code, self.order = code, "="

    def __setstate__(self, state: Any) -> None:
        self.order = "=" if state[1] == "|" else state[1]

    def made(self) -> np.dtype[Any]:
        """The dtype of plain numbers that is meant."""
        if not isinstance(self.code, str) or self.code[:1] not in tuple("biuf") or self.order not in "<>=":
            raise InputError(f"holds arrays of {str(self.code)[:40]!r}, not of numbers")
        return np.dtype(self.order + self.code)


class _Array:
    """Stands for an array until it is whole."""

    def __init__(self) -> None:
        self.state: Any = None

    def __setstate__(self, state: Any) -> None:
        self.state = state

    def made(self) -> npt.NDArray[Any]:
        """The array; its bytes must be as many as its shape needs."""
        _, shape, dtype, by_columns, data = self.state
        data = data.encode("latin1") if isinstance(data, str) else data
        kind = dtype.made()
        if math.prod(shape) * kind.itemsize != len(data):
            raise InputError("holds an array whose bytes do not fit its shape")
        return np.frombuffer(data, kind).reshape(shape, order="F" if by_columns else "C")


def _begun(*_: object) -> _Array:
    return _Array()


def _from_buffer(data: Any, dtype: _Dtype, shape: Any, order: str) -> _Array:
    array = _Array()
    array.state = 1, shape, dtype, order == "F", bytes(data)
    return array


def _number(dtype: _Dtype, data: Any) -> Any:
    data = data.encode("latin1") if isinstance(data, str) else data
    return np.frombuffer(data, dtype.made(), count=1)[0].item()


def _as_bytes(text: str, encoding: str) -> bytes:
    return text.encode("latin1")


def _no_bytes() -> bytes:
    return b""


_ALLOWED: dict[tuple[str, str], Any] = {
    ("collections", "OrderedDict"): dict,
    ("numpy", "ndarray"): _Array,
    ("numpy", "dtype"): _Dtype,
    ("_codecs", "encode"): _as_bytes,
    ("__builtin__", "bytes"): _no_bytes,
}
for _core in ("numpy.core", "numpy._core"):
    _ALLOWED[f"{_core}.multiarray", "_reconstruct"] = _begun
    _ALLOWED[f"{_core}.multiarray", "scalar"] = _number
    _ALLOWED[f"{_core}.numeric", "_frombuffer"] = _from_buffer


class _Reader(pickle._Unpickler):
    """An unpickler for which the names above are all there are, and mean what they mean here.

    It is Python's own in Python: the one in C makes a table as long as the largest number in a file, so that
    a few bytes can fill the memory.
    """

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise InputError(
                f"wants to run {module}.{name}, which weights do not need: do not trust this file"
            )
        return _ALLOWED[module, name]


def _unpacked(value: Any) -> Any:
    """`value` with its arrays made."""
    if isinstance(value, _Array):
        return value.made()
    if isinstance(value, dict):
        return {key: _unpacked(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_unpacked(one) for one in value)
    if value is None or isinstance(value, bool | int | float | str | bytes):
        return value
    raise InputError(f"holds a {type(value).__name__}, which weights do not need")
