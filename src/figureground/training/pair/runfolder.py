"""The dated folder of a training of a pair network: the same as a detector's, with its own recipe."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from figureground import __version__
from figureground.errors import InputError, OptionError
from figureground.files import written
from figureground.training.pair.recipe import PairRecipe
from figureground.training.runfolder import STATE, RunFolder

RECIPE = "recipe.json"
_MAY_DIFFER = "seconds", "workers", "threads", "looks"


def made_run(out: Path, recipe: PairRecipe, told: Mapping[str, str]) -> RunFolder:
    """A new folder beside `out`, named by it and the time.

    Raises:
        OutputError: it cannot be written.
    """
    stamp = datetime.now().strftime("%Y-%m-%d_%H-%M-%S")
    path, number = out.parent / f"{out.name}_{stamp}", 1
    while path.exists():
        number += 1
        path = out.parent / f"{out.name}_{stamp}_{number}"
    path.mkdir(parents=True)
    _write(path / RECIPE, {"figureground": __version__, "recipe": asdict(recipe), "material": dict(told)})
    return RunFolder(path, dict(told))


def resumed_run(out: Path, recipe: PairRecipe, told: Mapping[str, str]) -> RunFolder:
    """The last folder of a training for `out`; a new one where none was begun.

    Raises:
        OptionError: it was begun with another recipe or other material; the message says what differs.
        InputError: its files are damaged.
    """
    found = sorted(one.parent for one in out.parent.glob(f"*/{STATE}") if _is_run(one.parent.name, out.name))
    if not found:
        return made_run(out, recipe, told)
    path = found[-1]
    record = _read(path / RECIPE)
    before, now = record["recipe"], msgspec.json.decode(msgspec.json.encode(asdict(recipe)))
    other = [
        f"{name} ({before.get(name)} then, {value} now)"
        for name, value in now.items()
        if before.get(name) != value and name not in _MAY_DIFFER
    ]
    if record["material"] != dict(told):
        other.append("what it learns from")
    if other:
        raise OptionError(
            f"{path}: was begun otherwise: {', '.join(other)}; give the same, or leave --resume out"
        )
    return RunFolder(path, dict(told))


def _is_run(name: str, out: str) -> bool:
    return name.startswith(f"{out}_") and name[len(out) + 1 :][:1].isdigit()


def _read(path: Path) -> dict[str, dict[str, Any]]:
    try:
        record = msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"{path}: is damaged ({error}); train anew, without --resume") from error
    if not all(isinstance(record.get(name), dict) for name in ("recipe", "material")):
        raise InputError(f"{path}: is damaged: it holds no recipe; train anew, without --resume")
    return record


def _write(path: Path, record: Mapping[str, Any]) -> None:
    with written(path) as part:
        part.write_bytes(msgspec.json.format(msgspec.json.encode(record)) + b"\n")
