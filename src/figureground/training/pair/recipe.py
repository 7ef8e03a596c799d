"""How a pair network is trained: every number, with the defaults of the model that comes with the package."""

from dataclasses import dataclass, field, fields

from figureground.errors import OptionError
from figureground.nets.pair import PairDesign, check_sides
from figureground.training.pair.vary import Vary


@dataclass(frozen=True)
class PairRecipe:
    """Every number of a training.

    Attributes:
        seconds: how long it takes, without what is made before the first step; 0 where `steps` say it.
        steps: how many there are; 0 where `seconds` say it.
        size: (h, w) of the pairs, multiples of 32.
        batch: pairs a step.
        rate: the highest learning rate, of AdamW.
        warm_up: share of the training in which it rises; afterwards it falls as a cosine.
        decay: of weights.
        clip: the most that the gradient's norm may be.
        average: share of the old in the running mean of the weights, which becomes the model.
        depth_weight: how much the depth counts beside the mask.
        kept: pairs that are held ready to be used again, each time changed.
        fresh: new pairs a step; 0 takes those that are ready, so that no step waits (then two trainings
            with the same seed differ).
        judged: pairs of the part "test" that judge.
        looks: how often they do.
        workers: processes that make pairs beside this one.
        threads: of this process, for the steps.
        seed: of everything that is random.
        design: of the net.
        vary: how pairs are changed.
    """

    seconds: float = 0.0
    steps: int = 0
    size: tuple[int, int] = (192, 256)
    batch: int = 16
    rate: float = 3e-3
    warm_up: float = 0.05
    decay: float = 1e-2
    clip: float = 5.0
    average: float = 0.998
    depth_weight: float = 1.0
    kept: int = 768
    fresh: float = 0.0
    judged: int = 96
    looks: int = 12
    workers: int = 1
    threads: int = 1
    seed: int = 0
    design: PairDesign = field(default_factory=PairDesign)
    vary: Vary = field(default_factory=Vary)


_LIMITS: dict[str, tuple[float, float]] = {
    "seconds": (0, 1e7),
    "steps": (0, 10_000_000),
    "batch": (2, 1024),
    "rate": (1e-9, 1),
    "warm_up": (0, 0.9),
    "decay": (0, 1),
    "clip": (1e-3, 1e6),
    "average": (0, 0.99999),
    "depth_weight": (0, 1000),
    "kept": (2, 1_000_000),
    "fresh": (0, 1024),
    "judged": (0, 100_000),
    "looks": (1, 10_000),
    "workers": (0, 256),
    "threads": (1, 256),
    "seed": (0, 2**32 - 1),
}


def check_recipe(recipe: PairRecipe) -> PairRecipe:
    """The same recipe.

    Raises:
        OptionError: a number makes no sense; the message says which.
    """
    for name, (least, most) in _LIMITS.items():
        value = getattr(recipe, name)
        if not least <= value <= most:
            raise OptionError(f"{name}: must be {least:g} to {most:g}, got {value:g}")
    if bool(recipe.seconds) == bool(recipe.steps):
        raise OptionError("either seconds or steps say how long; give one of them")
    if recipe.kept < recipe.batch:
        raise OptionError(f"kept: must be at least the batch ({recipe.batch}), got {recipe.kept}")
    check_sides(*recipe.size)
    for one in fields(Vary):
        if not 0 <= getattr(recipe.vary, one.name) <= 1:
            raise OptionError(f"vary.{one.name}: must be 0 to 1, got {getattr(recipe.vary, one.name):g}")
    return recipe
