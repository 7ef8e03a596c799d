"""What another tool's model is made of: which files, found by their names alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from figureground.errors import InputError
from figureground.models.card import CARD
from figureground.models.labgym import NAMES

WEIGHTS = ".pth", ".pt", ".pkl"
CONFIGS = ".yaml", ".yml"


@dataclass(frozen=True)
class Foreign:
    """The files of a model.

    Attributes:
        weights: .pth or .pkl, or a .ts that holds all.
        config: detectron2's configuration, if there is one.
        names: the file with the classes' names, if there is one.
    """

    weights: Path
    config: Path | None = None
    names: Path | None = None


def find_foreign(path: str | Path, config: str | Path | None = None) -> Foreign:
    """The files of the model at `path`.

    Args:
        path: a folder of detectron2 or LabGym (config.yaml, model_final.pth, model_parameters.txt) or of
            DynamicBackgroundRemoval (one .ts and one .txt), or the file with the weights.
        config: detectron2's configuration where it is not beside the weights.

    Raises:
        InputError: there is no such model; the message says what is missing, or what there is too much of.
    """
    path = Path(path)
    if not path.exists():
        raise InputError(f"{path}: is not there")
    folder = path if path.is_dir() else path.parent
    if path.is_dir() and (path / CARD).exists():
        raise InputError(f"{path}: is a model folder of figureground already; use it as it is")
    if path.suffix == ".ts" or (path.is_dir() and _with(folder, (".ts",))):
        return _scripted(path, folder)
    weights = path if path.is_file() else _weights(path)
    if weights.suffix not in WEIGHTS:
        raise InputError(f"{path}: is no file of weights; expected {', '.join(WEIGHTS)}, or .ts")
    if config is not None and not Path(config).is_file():
        raise InputError(f"{config}: is not there")
    names = folder / NAMES
    return Foreign(weights, Path(config) if config else _config(folder), names if names.is_file() else None)


def _scripted(path: Path, folder: Path) -> Foreign:
    programs = [path] if path.is_file() else _with(folder, (".ts",))
    texts = _with(folder, (".txt",))
    if len(programs) != 1 or len(texts) != 1:
        raise InputError(
            f"{folder}: expected one .ts and one .txt with the names of its classes, got "
            f"{len(programs)} .ts and {len(texts)} .txt"
        )
    return Foreign(programs[0], names=texts[0])


def _weights(folder: Path) -> Path:
    found = _with(folder, WEIGHTS)
    final = [one for one in found if one.stem == "model_final"]
    if len(final) == 1:
        return final[0]
    if not found:
        raise InputError(f"{folder}: has no weights ({', '.join(WEIGHTS)}) and no .ts")
    if len(found) > 1:
        raise InputError(f"{folder}: has several weights: {_listed(found)}; give the file that is meant")
    return found[0]


def _config(folder: Path) -> Path | None:
    found = _with(folder, CONFIGS)
    named = [one for one in found if one.stem == "config"]
    if len(named) == 1 or len(found) == 1:
        return (named or found)[0]
    if found:
        raise InputError(f"{folder}: has several configurations: {_listed(found)}; say which: --config FILE")
    return None


def _with(folder: Path, suffixes: Sequence[str]) -> list[Path]:
    visible = (one for one in folder.iterdir() if not one.name.startswith("."))
    return sorted(one for one in visible if one.suffix in suffixes and one.is_file())


def _listed(found: Sequence[Path]) -> str:
    return ", ".join(one.name for one in found[:8]) + (", ..." if len(found) > 8 else "")
