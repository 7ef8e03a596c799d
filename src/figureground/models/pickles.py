"""Weights out of pickles, without running what a pickle could run."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from figureground.errors import InputError
from figureground.pickles import read_plain_pickle


def read_pickle(path: str | Path) -> Any:
    """What a pickle of weights holds: dicts, lists, numbers, texts, and numpy arrays of numbers.

    Raises:
        InputError: see `read_plain_pickle`.
    """
    return read_plain_pickle(path, "weights")


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
