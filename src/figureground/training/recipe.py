"""How a model is trained: one frozen Recipe, and the small TOML file that holds it."""

import json
import tomllib
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal

import msgspec

from figureground.errors import InputError, OptionError
from figureground.files import written
from figureground.models.architecture import ARCHITECTURES, Architecture, architecture, resized

Freeze = Literal["none", "backbone", "all-but-heads"]
Range = tuple[float, float]


@dataclass(frozen=True)
class Augment:
    """How pictures are varied; a chance of 0, or a range without extent, leaves a step out.

    Attributes:
        flip_x: chance of a mirror image, left and right.
        flip_y: likewise, top and bottom: for animals seen from above.
        turn: degrees to either side that a picture is turned by.
        scale: how much smaller or larger figures become.
        crop: chance that only a part of a picture is taken, one that has the middle of a figure.
        crop_part: the sides of that part, as shares of the picture's.
        brightness: light is changed by up to this share.
        contrast: likewise.
        colour: saturation likewise; the hue by a tenth of it.
        blur: chance of a blur.
        blur_sigma: its width in pixels.
        noise: chance of noise.
        noise_sigma: its standard deviation in grey levels.
        paste: chance that figures of other pictures are put into one.
        paste_most: how many at most.
        paste_scale: how much smaller or larger they become.
        onto_background: chance that a picture's figures are put onto one of the given backgrounds.
        feather: pixels over which the edge of what is pasted fades.
    """

    flip_x: float = 0.5
    flip_y: float = 0.5
    turn: float = 20.0
    scale: Range = (0.7, 1.4)
    crop: float = 0.2
    crop_part: Range = (0.6, 1.0)
    brightness: float = 0.3
    contrast: float = 0.3
    colour: float = 0.2
    blur: float = 0.1
    blur_sigma: Range = (0.3, 1.5)
    noise: float = 0.2
    noise_sigma: Range = (2.0, 8.0)
    paste: float = 0.3
    paste_most: int = 3
    paste_scale: Range = (0.8, 1.25)
    onto_background: float = 0.5
    feather: float = 1.0


@dataclass(frozen=True)
class Recipe:
    """Every number of a training; `recipe_for` chooses those that depend on model and start.

    Attributes:
        model: one of ARCHITECTURES.
        start: what the weights are at first: none, backbone, coco, or a model folder.
        freeze: what is not trained: none, backbone (body and pyramid), or all-but-heads (only the last
            layers, which know the classes, are trained).
        norm: batch, group, or auto: group where the weights begin at random, since batches of 2 to 4 pictures
            are too small for batch norm to learn from; otherwise that of the start.
        size: pixels that the shorter side of pictures is scaled to; 0 leaves their size, None is the
            model's own.
        iterations: steps in all; 0 takes what `epochs` gives.
        epochs: times that every picture is seen, where `iterations` is 0.
        batch: pictures a step, over all processes.
        optimizer: adamw, or sgd with a momentum of 0.9.
        rate: the highest learning rate.
        warm_up: steps in which it rises.
        schedule: cosine, or step: a tenth after 70 % and again after 90 % of the steps.
        decay: of weights.
        clip: the most that the gradient's norm may be.
        average: share of the old in the running mean of the weights, which becomes the model; 0 has none.
        regions: regions a picture from which the heads learn; a quarter of them are figures at most.
        validate_every: steps between two looks at the validation part; 0 is twelve times in all, but
            not within 50 steps.
        keep_each: whether the state at each of these looks, and the one before the first step, is kept as a
            model folder, so that `figureground evaluate` compares them.
        part: share of the pictures that is held out where no validation part is given.
        precision: auto (bf16 on CUDA), bf16, or float32.
        workers: processes that prepare pictures beside this one; -1 is 4 where a GPU waits for them, else 0.
        seed: of everything that is random.
        augment: how pictures are varied.

    Example:
        >>> recipe_for("mobilenet", start="none", epochs=10).optimizer
        'adamw'
    """

    model: str = "mobilenet"
    start: str = "none"
    freeze: Freeze = "none"
    norm: Literal["auto", "batch", "group"] = "auto"
    size: int | None = None
    iterations: int = 0
    epochs: int = 0
    batch: int = 2
    optimizer: Literal["adamw", "sgd"] = "adamw"
    rate: float = 1e-3
    warm_up: int = 100
    schedule: Literal["cosine", "step"] = "cosine"
    decay: float = 1e-4
    clip: float = 10.0
    average: float = 0.99
    regions: int = 64
    validate_every: int = 0
    keep_each: bool = False
    part: float = 0.2
    precision: Literal["auto", "bf16", "float32"] = "auto"
    workers: int = -1
    seed: int = 0
    augment: Augment = field(default_factory=Augment)

    def architecture(self) -> Architecture:
        """The model's architecture at this recipe's size."""
        return resized(replace(architecture(self.model), norm=self._norm()), self.size)

    def _norm(self) -> Literal["batch", "group"]:
        if self.norm != "auto":
            return self.norm
        return "group" if self.start == "none" and self.model != "detectron2" else "batch"

    def steps(self, pictures: int) -> int:
        """How many steps the training of so many pictures has."""
        if self.iterations:
            return self.iterations
        return max(1, -(-self.epochs * pictures // self.batch))


_SCRATCH = {"rate": 1e-3, "iterations": 3000, "warm_up": 100}
_TUNED = {"rate": 2e-4, "iterations": 1500, "warm_up": 100}


def recipe_for(model: str = "mobilenet", start: str = "none", **values: Any) -> Recipe:
    """A recipe whose numbers suit model and start, for 30 to 300 pictures; `values` replace some.

    From random weights the rate is high and the way long; weights that know something already are moved
    with a fifth of it. ResNets have the heads learn from 128 regions: on a processor that can be afforded.

    Raises:
        OptionError: a value makes no sense.
    """
    architecture(model)
    chosen = dict(_SCRATCH if start == "none" else _TUNED)
    chosen["regions"] = 64 if model == "mobilenet" else 128
    if values.get("epochs") and not values.get("iterations"):
        chosen["iterations"] = 0
    return checked(Recipe(model=model, start=start, **{**chosen, **values}))


def checked(recipe: Recipe) -> Recipe:
    """The same recipe.

    Raises:
        OptionError: a number makes no sense; the message says which.
    """
    if recipe.model not in ARCHITECTURES:
        raise OptionError(f"there is no model {recipe.model!r}; choose one of: {', '.join(ARCHITECTURES)}")
    for name, choices in _CHOICES.items():
        if getattr(recipe, name) not in choices:
            raise OptionError(
                f"{name}: there is no {getattr(recipe, name)!r}; choose one of: {', '.join(choices)}"
            )
    for name, (least, most) in _LIMITS.items():
        value = getattr(recipe, name)
        if value is None:
            continue
        if not least <= value <= most:
            raise OptionError(f"{name}: must be {least:g} to {most:g}, got {value:g}")
    if recipe.norm == "group" and (recipe.model == "detectron2" or recipe.start in ("backbone", "coco")):
        raise OptionError(
            "norm: detectron2's models and the published weights have batch norm; leave it auto"
        )
    if recipe.iterations and recipe.epochs:
        raise OptionError("either iterations or epochs say how long; give one of them")
    if not recipe.iterations and not recipe.epochs:
        raise OptionError("neither iterations nor epochs say how long; give one of them")
    if recipe.size and recipe.size < 64:
        raise OptionError(f"size: must be 64 or more, or 0 for the size of the pictures, got {recipe.size}")
    for one in fields(Augment):
        _check_step(one.name, getattr(recipe.augment, one.name))
    return recipe


_CHOICES = {
    "freeze": ("none", "backbone", "all-but-heads"),
    "norm": ("auto", "batch", "group"),
    "optimizer": ("adamw", "sgd"),
    "schedule": ("cosine", "step"),
    "precision": ("auto", "bf16", "float32"),
}
_LIMITS = {
    "size": (0, 4096),
    "iterations": (0, 10_000_000),
    "epochs": (0, 1_000_000),
    "batch": (1, 1024),
    "rate": (1e-9, 10),
    "warm_up": (0, 1_000_000),
    "decay": (0, 1),
    "clip": (1e-3, 1e6),
    "average": (0, 0.99999),
    "regions": (4, 4096),
    "validate_every": (0, 10_000_000),
    "part": (0.01, 0.9),
    "workers": (-1, 256),
    "seed": (0, 2**32 - 1),
}
_CHANCES = "flip_x", "flip_y", "crop", "blur", "noise", "paste", "onto_background"
_SHARES = "brightness", "contrast", "colour", "crop_part"


def _check_step(name: str, value: Any) -> None:
    low, high = value if isinstance(value, tuple) else (value, value)
    most = 1.0 if name in _CHANCES + _SHARES else 180.0 if name == "turn" else 1000.0
    least = 0.05 if name in ("scale", "crop_part", "paste_scale") else 0.0
    if not least <= low <= high <= most:
        told = f"{low:g} to {high:g}" if isinstance(value, tuple) else f"{value:g}"
        raise OptionError(f"augment.{name}: must lie within {least:g} to {most:g}, got {told}")


def read_recipe(path: str | Path, **values: Any) -> Recipe:
    """Read a recipe file; what is not in it is as `recipe_for` chooses, and `values` replace some.

    Raises:
        InputError: it is missing, no TOML, or a key or value in it is not known.
        OptionError: a value makes no sense.
    """
    try:
        table = tomllib.loads(Path(path).read_text("utf-8"))
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path}: is no TOML file: {error}") from error
    _check_keys(path, table, Recipe, "")
    _check_keys(path, table.get("augment", {}), Augment, "augment.")
    try:
        known = msgspec.convert(table, Recipe)
    except msgspec.ValidationError as error:
        raise InputError(f"{path}: {error}".replace("`", "")) from error
    given = {name: getattr(known, name) for name in table}
    if values.get("epochs") or values.get("iterations"):
        given = {name: value for name, value in given.items() if name not in ("epochs", "iterations")}
    return recipe_for(**{**given, **values})


def _check_keys(path: str | Path, table: Any, kind: Any, prefix: str) -> None:
    names = [one.name for one in fields(kind)]
    if not isinstance(table, dict):
        raise InputError(f"{path}: {prefix.rstrip('.')} must be a table")
    for key in table:
        if key not in names:
            raise InputError(f"{path}: there is no {prefix}{key}; a recipe has: {', '.join(names)}")


def write_recipe(recipe: Recipe, path: str | Path) -> None:
    """Write all of a recipe as TOML.

    Raises:
        OutputError: it cannot be written.
    """
    table = asdict(recipe)
    augment = table.pop("augment")
    lines = [*_lines(table), "", "[augment]", *_lines(augment), ""]
    with written(path) as part:
        part.write_text("\n".join(lines), "utf-8")


def _lines(table: dict[str, Any]) -> list[str]:
    """JSON's texts, numbers and lists are TOML's."""
    known = {name: value for name, value in table.items() if value is not None}
    return [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in known.items()]
