"""Plain values and arrays out of pickles, without running what a pickle could run."""

import io
import math
import pickle
import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from figureground.errors import InputError

MOST_BYTES = 8 << 30


Meaning = Callable[..., Any]
"""What a name in a pickle is taken to mean."""


def read_plain_pickle(
    path: str | Path, what: str, also: Mapping[tuple[str, str], Meaning] | None = None
) -> Any:
    """What a pickle holds: dicts, lists, numbers, texts, and numpy arrays of numbers.

    Nothing of the pickle's choosing is imported or called, so a file from a stranger does no harm.

    Args:
        path: the file.
        what: it should hold, in the plural, for messages.
        also: more names (module, name) that it may hold, and what they mean: functions that give plain values
            or a Standin.

    Raises:
        InputError: it cannot be read, is damaged, or wants to run something; the message names what.
    """
    path = Path(path)
    allowed = {**_ALLOWED, **(also or {})}
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(f"{path}: is too large for {what} ({path.stat().st_size:,} bytes)")
        return _unpacked(_Reader(path.read_bytes(), allowed, what).load(), what, {})
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    except _DAMAGED as error:
        raise InputError(f"{path}: is no pickle of {what}, or damaged ({str(error)[:200]})") from error


_DAMAGED = (
    struct.error,
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


class Standin:
    """Stands for a value until it is whole; nothing that a pickle does to it reaches anything else."""

    __slots__ = ()

    def __setstate__(self, state: Any) -> None:
        raise InputError("alters what it should not")

    def made(self) -> Any:
        """The value that is meant."""
        raise NotImplementedError


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


class _Array(Standin):
    """Stands for an array."""

    __slots__ = ("state",)

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
    """An unpickler for which the names in `allowed` are all there are, and mean what they mean there.

    It is Python's own in Python: the one in C makes a table as long as the largest number in a file, so that
    a few bytes can fill the memory.
    """

    def __init__(self, data: bytes, allowed: Mapping[tuple[str, str], Meaning], what: str) -> None:
        super().__init__(io.BytesIO(data), encoding="latin1")
        self._allowed, self._what = allowed, what

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in self._allowed:
            raise InputError(
                f"wants to run {module}.{name}, which {self._what} do not need: do not trust this file"
            )
        return self._allowed[module, name]


def _unpacked(value: Any, what: str, seen: dict[int, Any]) -> Any:
    """`value` with its arrays made; what is in it several times is made once, lest little becomes much."""
    if value is None or isinstance(value, bool | int | float | str | bytes):
        return value
    if id(value) not in seen:
        seen[id(value)] = _made(value, what, seen)
    return seen[id(value)]


def _made(value: Any, what: str, seen: dict[int, Any]) -> Any:
    if isinstance(value, Standin):
        return value.made()
    if isinstance(value, dict):
        return {key: _unpacked(one, what, seen) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_unpacked(one, what, seen) for one in value)
    raise InputError(f"holds a {type(value).__name__}, which {what} do not need")
