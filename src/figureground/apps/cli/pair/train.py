"""`figureground pair train`: the network that compares a frame with the empty scene."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from figureground.apps.cli import options
from figureground.apps.cli.pair import material as own
from figureground.apps.cli.show import Screen, put_json

if TYPE_CHECKING:
    from figureground.training.pair.recipe import PairRecipe
    from figureground.training.pair.records import PairProgress

EXAMPLES = """\b
Examples:
  figureground pair train -o pair_model --seconds 3600
  figureground pair train -o pair_model --figures cutouts/ --backgrounds empty_places/ --seconds 7200
  figureground pair train -o pair_model --store composed/ --steps 5000
  figureground pair train -o pair_model --seconds 3600 --resume
"""
LINES = 60  # that tell of the loss, over the whole of a training

Out = Annotated[
    str,
    typer.Option(
        "-o",
        "--out",
        metavar="MODEL",
        help="The model folder to write; a dated folder beside it keeps all of the run.",
    ),
]
Seconds = Annotated[float | None, typer.Option(metavar="S", help="How long it learns; an hour by default.")]
Steps = Annotated[int | None, typer.Option(metavar="N", help="How many steps instead.")]
Size = Annotated[str, typer.Option(metavar="HxW", help="Of the pairs in pixels, multiples of 32.")]
Batch = Annotated[int | None, typer.Option(metavar="N", help="Pairs in each step, 16 by default.")]
Rate = Annotated[float | None, typer.Option(metavar="X", help="The highest learning rate.")]
Kept = Annotated[
    int | None, typer.Option(metavar="N", help="Pairs that are held ready to be used again; 768 by default.")
]
Fresh = Annotated[
    float | None,
    typer.Option(
        metavar="N",
        help="New pairs for each step, waited for: the same seed then gives the same model. By default those "
        "are taken that are ready.",
    ),
]
Seed = Annotated[int, typer.Option(metavar="N", help="Of all that is random.")]
Threads = Annotated[
    int | None, typer.Option(metavar="N", help="Of the processor, for the steps; 1 by default.")
]
Workers = Annotated[
    int | None, typer.Option(metavar="N", help="Processes that make pairs beside this one; 1 by default.")
]
Judged = Annotated[int | None, typer.Option(metavar="N", help="Pairs that judge; 96 by default.")]
Device = Annotated[str, typer.Option(metavar="NAME", help="auto, cpu, cuda, or mps.")]
NoMask = Annotated[bool, typer.Option("--depth-only", help="A network that gives depth only.")]
NoDepth = Annotated[bool, typer.Option("--mask-only", help="A network that gives masks only.")]
NoBackground = Annotated[
    bool, typer.Option("--frame-only", help="A network that looks at the frame alone, for comparison.")
]


def train(
    out: Out,
    seconds: Seconds = None,
    steps: Steps = None,
    store: own.StoreFolder = None,
    test_store: own.TestStore = None,
    figures: own.Figures = [],  # noqa: B006
    backgrounds: own.Grounds = [],  # noqa: B006
    rendered: own.Rendered = None,
    licence: own.Licences = [],  # noqa: B006
    size: Size = "192x256",
    batch: Batch = None,
    rate: Rate = None,
    kept: Kept = None,
    fresh: Fresh = None,
    judged: Judged = None,
    depth_only: NoMask = False,
    mask_only: NoDepth = False,
    frame_only: NoBackground = False,
    seed: Seed = 0,
    threads: Threads = None,
    workers: Workers = None,
    device: Device = "auto",
    resume: options.Resume = False,
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> int:
    """Train the network that says what differs from the empty scene, and how far away everything is.

    It learns from scenes that are composed and rendered while it learns; Ctrl-C keeps what is learned, for
    --resume.
    """
    from figureground.errors import MissingExtraError

    try:
        from figureground.training.pair.run import train_pair
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"training needs {error.name}, which is not installed: pip install 'figureground[train]'"
        ) from error
    given: dict[str, Any] = {"batch": batch, "rate": rate, "kept": kept, "fresh": fresh, "judged": judged}
    given |= {"threads": threads, "workers": workers, "seconds": seconds, "steps": steps}
    recipe = _recipe(size, given, seed, (not depth_only, not mask_only, not frame_only))
    pairs = own.open_material(
        figures, backgrounds, rendered, store, test_store, recipe.size, recipe.seed, licence
    )
    screen, told = Screen(quiet=quiet), _Told()
    with screen.progress("training", 100, "making pairs", unit="%") as bar:

        def show(progress: "PairProgress") -> None:
            bar(int(100 * progress.share))
            told.note(progress, screen)

        folder = train_pair(
            pairs,
            recipe,
            out,
            device=device,
            resume=resume,
            overwrite=overwrite,
            say=screen.say,
            on_progress=show,
        )
    screen.say(f"-> {out}  (its run: {folder})")
    if as_json:
        put_json({"out": out, "run": str(folder), "steps": told.steps, "scores": told.best})
    return 0


def _recipe(size: str, given: dict[str, Any], seed: int, gives: tuple[bool, bool, bool]) -> "PairRecipe":
    from figureground.nets.pair import PairDesign
    from figureground.training.pair.recipe import PairRecipe, check_recipe

    values = {name: value for name, value in given.items() if value is not None}
    if "seconds" not in values and "steps" not in values:
        values["seconds"] = 3600.0
    design = PairDesign(mask=gives[0], depth=gives[1], background=gives[2])
    return check_recipe(PairRecipe(size=own.parse_size(size), seed=seed, design=design, **values))


class _Told:
    """What was told last, and the best scores."""

    def __init__(self) -> None:
        self.best: dict[str, float] = {}
        self.steps, self._line = 0, -1

    def note(self, progress: "PairProgress", screen: Screen) -> None:
        """Tell every so often, and of each look at the part that judges."""
        self.steps = progress.step
        if progress.best and progress.scores:
            self.best = dict(progress.scores)
        line = int(progress.share * LINES)
        if progress.scores is None and line == self._line:
            return
        self._line = line
        text = f"{progress.share:.0%}, step {progress.step}, loss {progress.losses['loss']:.3f}, "
        text += f"rate {progress.rate:.2g}, {progress.made} pairs made, waited {progress.waited:.0%}"
        if progress.scores:
            text += "; judged: " + ", ".join(f"{k} {v:.3f}" for k, v in progress.scores.items())
            text += " (the best so far)" * progress.best
        screen.say(text)
