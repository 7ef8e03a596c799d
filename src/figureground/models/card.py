"""The model folder: model.json (the card), the weights, the graphs. No pickles."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec

from figureground.errors import InputError
from figureground.files import written
from figureground.models.architecture import Architecture

CARD = "model.json"
WEIGHTS = "weights.safetensors"
KINDS = "maskrcnn", "torchscript", "pair"


@dataclass(frozen=True)
class ModelCard:
    """What a model is: read by every tool, written by training, import and export.

    Attributes:
        classes: names that labels index.
        architecture: how the net is built and looks at pictures; of the other kinds the sides alone.
        files: sha256 of each file of the folder.
        kind: one of KINDS: "maskrcnn" has weights and graphs, "torchscript" a program of torch, kept whole,
            "pair" a graph that compares a frame with the empty scene; its recipe tells its design.
        made_by: figureground and its version.
        made_at: date and time, UTC.
        origin: where its weights come from: a training run, or the file that was imported.
        recipe: how it was trained.
        scores: by name, on the validation part of its dataset.
        versions: of the packages that made it.
    """

    classes: tuple[str, ...]
    architecture: Architecture
    files: dict[str, str] = field(default_factory=dict)
    kind: str = "maskrcnn"
    made_by: str = ""
    made_at: str = ""
    origin: str = ""
    recipe: dict[str, Any] = field(default_factory=dict)
    scores: dict[str, float] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)


def read_card(folder: str | Path) -> ModelCard:
    """Read the card of a model folder.

    Raises:
        InputError: it is no model folder, or damaged.
    """
    path = Path(folder) / CARD
    try:
        card = msgspec.json.decode(path.read_bytes(), type=ModelCard)
    except OSError as error:
        raise InputError(f"{folder}: is no model folder: it has no {CARD}") from error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"{path}: is damaged ({error})") from error
    if card.kind not in KINDS:
        raise InputError(f"{path}: is of the kind {card.kind!r}; this version knows {', '.join(KINDS)}")
    if not card.classes:
        raise InputError(f"{path}: has no classes")
    return card


def write_card(card: ModelCard, folder: str | Path) -> None:
    """Write the card of a model folder, with the sha256 of what else is in it.

    Raises:
        OutputError: it cannot be written.
    """
    folder = Path(folder)
    files = {path.name: sha256(path) for path in sorted(folder.iterdir()) if _counts(path)}
    whole = replace(card, files=files)
    with written(folder / CARD) as part:
        part.write_bytes(msgspec.json.format(msgspec.json.encode(whole)) + b"\n")


def check_files(folder: str | Path, card: ModelCard, names: Iterable[str]) -> None:
    """Raise InputError where one of the files `names` is missing or not what the card says."""
    for name in names:
        path = Path(folder) / name
        if not path.is_file():
            raise InputError(f"{folder}: has no {name}")
        if name in card.files and sha256(path) != card.files[name]:
            raise InputError(
                f"{path}: is not the file that the model was written with; copy the folder again"
            )


def sha256(path: Path) -> str:
    """The hash of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _counts(path: Path) -> bool:
    return path.is_file() and path.name != CARD and not path.name.startswith(".")
