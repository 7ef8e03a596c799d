"""The dated folder of one training: what it was made with, how it went, and the state to go on from."""

import pickle
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from figureground import __version__
from figureground.errors import InputError, OptionError
from figureground.files import written
from figureground.training.recipe import Recipe, read_recipe, write_recipe

RECIPE, TOLD, STATE, BEST = "recipe.toml", "run.json", "last.pt", "best.safetensors"
_MAY_DIFFER = "workers", "validate_every", "keep_each"


@dataclass(frozen=True)
class RunFolder:
    """Where a training keeps what it makes.

    Attributes:
        path: the folder.
        told: fingerprints of what it learns from and what judges it.
    """

    path: Path
    told: Mapping[str, str]

    @property
    def model(self) -> Path:
        """The model folder within, there when the training is done."""
        return self.path / "model"

    def epoch(self, step: int, steps: int) -> Path:
        """The model folder of the state after `step` of `steps`; by their names they are in order."""
        return self.path / "epochs" / f"step_{step:0{max(6, len(str(steps)))}}"

    def save_state(self, state: Mapping[str, Any]) -> None:
        """Keep tensors and numbers, from which a training goes on."""
        with written(self.path / STATE) as part:
            torch.save(dict(state), part)

    def read_state(self) -> dict[str, Any] | None:
        """What was kept; None where nothing is yet. No code in the file is run.

        Raises:
            InputError: it is damaged.
        """
        path = self.path / STATE
        if not path.is_file():
            return None
        try:
            state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        except (RuntimeError, OSError, EOFError, pickle.UnpicklingError) as error:
            raise InputError(f"{path}: is damaged ({error}); train anew, without --resume") from error
        return state

    def save_best(self, net: nn.Module) -> None:
        """Keep the weights that are the best so far."""
        weights = {name: value.detach().cpu().contiguous() for name, value in net.state_dict().items()}
        with written(self.path / BEST) as part:
            save_file(weights, part)

    def load_best(self, net: nn.Module) -> None:
        """Put the best weights into `net`; without any it stays as it is."""
        if (self.path / BEST).is_file():
            net.load_state_dict(load_file(self.path / BEST))


def made_run(out: Path, recipe: Recipe, told: Mapping[str, str], first: bool) -> RunFolder:
    """A new folder beside `out`, named by it and the time; only the `first` process makes it."""
    stamp = datetime.now().strftime("%Y-%m-%d_%H-%M-%S")
    name, number = f"{out.name}_{stamp}", 1
    while first and (out.parent / name).exists():
        number += 1
        name = f"{out.name}_{stamp}_{number}"
    run = RunFolder(out.parent / name, dict(told))
    if first:
        run.path.mkdir(parents=True)
        write_recipe(recipe, run.path / RECIPE)
        record = {"figureground": __version__, **told}
        (run.path / TOLD).write_bytes(msgspec.json.format(msgspec.json.encode(record)) + b"\n")
    return run


def resumed_run(out: Path, recipe: Recipe, told: Mapping[str, str], first: bool) -> RunFolder:
    """The last folder of a training for `out`; a new one where there is none that was begun.

    Raises:
        OptionError: it was begun with another recipe or dataset; the message says what differs.
        InputError: its files are damaged.
    """
    found = sorted(one.parent for one in out.parent.glob(f"{_escaped(out.name)}_[0-9]*/{STATE}"))
    if not found:
        return made_run(out, recipe, told, first)
    path = found[-1]
    before = asdict(read_recipe(path / RECIPE))
    other = [
        f"{name} ({before[name]} then, {value} now)"
        for name, value in asdict(recipe).items()
        if before[name] != value and name not in _MAY_DIFFER
    ]
    if other:
        raise OptionError(
            f"{path}: was begun otherwise: {', '.join(other)}; give the same, or leave --resume out"
        )
    try:
        record = msgspec.json.decode((path / TOLD).read_bytes(), type=dict[str, str])
    except (OSError, msgspec.MsgspecError) as error:
        raise InputError(f"{path / TOLD}: is damaged ({error}); train anew, without --resume") from error
    for name, mark in told.items():
        if record.get(name) != mark:
            raise OptionError(
                f"{path}: the {name} is not the one that it was begun with; leave --resume out to train anew"
            )
    return RunFolder(path, dict(told))


def _escaped(name: str) -> str:
    """`name` for a pattern of files."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)
