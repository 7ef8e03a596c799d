"""Weights in files of torch, read so that they cannot run anything."""

import pickle
import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from figureground.errors import InputError

Weights = dict[str, Tensor]


def read_checkpoint(path: str | Path) -> Weights:
    """The weights in a .pth file by their names; what a trainer put beside them is left out.

    Raises:
        InputError: it cannot be read, is damaged, holds no weights, or wants to run something.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on the pickle's version: what cannot be read is told below
            held = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error
    except _DAMAGED as error:
        raise InputError(f"{path}: {_reason(str(error))}") from error
    for key in ("model", "state_dict"):
        if isinstance(held, dict) and isinstance(held.get(key), dict):
            held = held[key]
    if not isinstance(held, dict) or not held or not all(isinstance(one, Tensor) for one in held.values()):
        raise InputError(f"{path}: holds no weights: expected tensors by name")
    return {str(key): value for key, value in held.items()}


def put_weights(net: nn.Module, weights: Mapping[str, Any], name: str) -> None:
    """Give `net` these weights, tensors or arrays by name, all of them.

    Raises:
        InputError: some are missing, have other shapes, or belong to another net; `name` is the file.
    """
    made = {key: torch.as_tensor(value) for key, value in weights.items() if not _counts(key)}
    own = {key: value for key, value in net.state_dict().items() if not _counts(key)}
    strange = [f"{key} is not known" for key in made if key not in own]
    strange += [f"{key} is missing" for key in own if key not in made]
    strange += [
        f"{key} is {tuple(made[key].shape)}, expected {tuple(value.shape)}"
        for key, value in own.items()
        if key in made and made[key].shape != value.shape
    ]
    if strange:
        more = f", and {len(strange) - 1} more like it" if len(strange) > 1 else ""
        raise InputError(f"{name}: the weights do not fit the model that is described: {strange[0]}{more}")
    net.load_state_dict(made, strict=False)


_DAMAGED = (
    pickle.UnpicklingError,
    RuntimeError,
    EOFError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    MemoryError,
)


def _counts(key: str) -> bool:
    """Whether it is batch norm's count of batches, which no result depends on."""
    return key.endswith("num_batches_tracked")


def _reason(text: str) -> str:
    """What to tell instead of torch's own text, which explains how to switch its checks off."""
    if found := re.search(r"GLOBAL (\S+)", text):
        return f"wants to run {found[1]}, which weights do not need: do not trust this file"
    if "legacy .tar" in text:
        return "is a file of a very old torch, which cannot be read safely; save its weights anew"
    return "is no file of weights of torch, or damaged"
