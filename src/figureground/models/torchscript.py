"""TorchScript files: programs of torch, looked through before they are run."""

import json
import re
import warnings
import zipfile
from pathlib import Path
from typing import Any

from figureground.errors import InputError, MissingExtraError

PROGRAM = "model.ts"
"""The file of a model folder of the kind "torchscript"."""
_MOST_CODE = 64 << 20
_FILES = re.compile(r"\b(?:torch|aten)\.(?:save|load|from_file|_?pickle\w*|_?unpickle\w*)\s*\(")
_NAMESPACES = "aten", "prim", "torchvision", "quantized"


def open_program(path: Path) -> Any:
    """Load a TorchScript file.

    TorchScript is a language without access to files or the network but for a few functions, and a file
    that names one of those is refused before it is loaded. Still it is a program: take it only from people
    whom you would take a program from.

    Raises:
        InputError: it is damaged, no TorchScript, or uses functions that a detector does not need.
        MissingExtraError: torch is not installed.
    """
    try:
        import torch
        import torchvision  # noqa: F401  (the programs use its functions)
    except ImportError as error:
        raise MissingExtraError("a .ts model needs torch: pip install 'figureground[train]'") from error
    _check_code(path)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "`torch.jit")  # what comes after it reads no such files
            program = torch.jit.load(str(path), map_location="cpu")  # type: ignore[no-untyped-call]
        return program.eval()
    except (RuntimeError, ValueError) as error:
        raise InputError(
            f"{path}: is no TorchScript, or damaged ({str(error).splitlines()[0][:200]})"
        ) from error


def read_classes(path: Path) -> tuple[tuple[str, ...], int]:
    """The classes, and the side in pixels that pictures are scaled to, of a .txt beside a .ts.

    It is JSON: {"animal_mapping": {"0": "larva"}, "training_size": 256}, or the older {"0": "rat"}, whose
    side is 256.

    Raises:
        InputError: it is no such file.
    """
    held = read_json(path)
    size = held.get("training_size", 256)
    if not isinstance(size, int) or isinstance(size, bool) or not 32 <= size <= 8192:
        raise InputError(f"{path}: training_size: expected pixels, got {str(size)[:40]!r}")
    return mapping_to_classes(held.get("animal_mapping", held), path), size


def mapping_to_classes(mapping: Any, path: Path) -> tuple[str, ...]:
    """The classes in {"0": name, "1": name}.

    Raises:
        InputError: it is no such table, or a number is missing, or a name comes twice.
    """
    if not isinstance(mapping, dict) or not mapping:
        raise InputError(f'{path}: names no classes: expected animal_mapping with {{"0": "mouse"}}')
    missing = [number for number in range(len(mapping)) if not isinstance(mapping.get(str(number)), str)]
    if missing:
        raise InputError(f"{path}: has {len(mapping)} classes, but none with the number {missing[0]}")
    classes = tuple(mapping[str(number)] for number in range(len(mapping)))
    if len(set(classes)) < len(classes):
        raise InputError(f"{path}: names a class twice: {', '.join(classes)[:200]}")
    return classes


def read_json(path: Path) -> dict[str, Any]:
    """The table in a JSON file.

    Raises:
        InputError: it cannot be read, or is no table.
    """
    try:
        held = json.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: is no JSON, or damaged ({str(error)[:100]})") from error
    if not isinstance(held, dict):
        raise InputError(f"{path}: expected names and values")
    return held


def _check_code(path: Path) -> None:
    """Refuse a program that names a function for files, or functions of unknown libraries."""
    try:
        with zipfile.ZipFile(path) as file:
            sources = [one for one in file.infolist() if one.filename.endswith(".py")]
            if not sources or sum(one.file_size for one in sources) > _MOST_CODE:
                raise InputError(f"{path}: is no TorchScript")
            texts = [file.read(one).decode("utf-8", "replace") for one in sources]
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise InputError(f"{path}: is no TorchScript, or damaged ({error})") from error
    for text in texts:
        if found := _FILES.search(text):
            raise InputError(f"{path}: uses {found[0].rstrip('( ')}, which a detector does not need")
        for name in re.findall(r"\bops\.(\w+)\.\w+", text):
            if name not in _NAMESPACES:
                raise InputError(f"{path}: uses functions of {name!r}, which a detector does not need")
