"""`figureground train`: a model for your own classes, from annotated pictures."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from figureground.apps.cli import options
from figureground.apps.cli.dataset import options as data
from figureground.apps.cli.show import Screen, put_json

if TYPE_CHECKING:
    from figureground.training.recipe import Recipe
    from figureground.training.records import Progress

EXAMPLES = """\b
Examples:
  figureground train mice/ -o mouse_model
  figureground train mice/ -o mouse_model --model resnet50 --start coco
  figureground train flies/ -o fly_model --backgrounds empty_scenes/ --iterations 2000
  figureground train mice/ -o mouse_model --resume
  torchrun --nproc-per-node 2 --no-python figureground train mice/ -o mouse_model --batch 8
"""
LINES = 40  # that tell of the loss, over the whole of a training

Out = Annotated[
    str,
    typer.Option(
        "-o",
        "--out",
        metavar="MODEL",
        help="The model folder to write; a dated folder beside it keeps all of the run.",
    ),
]
Model = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="mobilenet (small and fast, default), resnet50, resnet50_v2, or detectron2 (for LabGym).",
    ),
]
Start = Annotated[
    str | None,
    typer.Option(
        metavar="FROM",
        help="What the weights are at first: none (random, default), backbone or coco (published ones, "
        "downloaded once), or a model folder.",
    ),
]
Epochs = Annotated[int | None, typer.Option(metavar="N", help="How often each image is seen.")]
Iterations = Annotated[
    int | None, typer.Option(metavar="N", help="How many steps instead; 3000 from none, else 1500.")
]
Size = Annotated[
    int | None,
    typer.Option(metavar="PX", help="The shorter side that images are scaled to; 0 leaves their size."),
]
Batch = Annotated[int | None, typer.Option(metavar="N", help="Images in each step, 2 by default.")]
Rate = Annotated[float | None, typer.Option(metavar="X", help="The highest learning rate.")]
Freeze = Annotated[
    str | None,
    typer.Option(metavar="PART", help="Do not train these: none (default), backbone, or all-but-heads."),
]
Device = Annotated[str, typer.Option(metavar="NAME", help="auto, cpu, cuda, or mps.")]
RecipeFile = Annotated[
    str | None,
    typer.Option(
        "--recipe",
        metavar="FILE",
        help="A .toml file with these and all other numbers; see any run's folder.",
    ),
]
Validation = Annotated[
    str | None,
    typer.Option(
        metavar="DATASET", help="What judges the training; without it a part of DATASET is held out."
    ),
]
Grounds = Annotated[
    str | None,
    typer.Option(metavar="FOLDER", help="Pictures without figures, to put figures onto."),
]
Workers = Annotated[
    int | None, typer.Option(metavar="N", help="Processes that prepare images beside this one.")
]
Seed = Annotated[int | None, typer.Option(metavar="N", help="Of all that is random.")]
KeepEach = Annotated[
    bool,
    typer.Option(
        "--keep-each",
        help="Keep the model as it was at each look at the validation part, and before the first step, in "
        "epochs/ of the run's folder, to be compared with: figureground evaluate RUN/epochs/* DATASET.",
    ),
]


def train(
    dataset: data.Data,
    out: Out,
    model: Model = None,
    start: Start = None,
    epochs: Epochs = None,
    iterations: Iterations = None,
    size: Size = None,
    batch: Batch = None,
    rate: Rate = None,
    freeze: Freeze = None,
    device: Device = "auto",
    recipe: RecipeFile = None,
    validation: Validation = None,
    backgrounds: Grounds = None,
    workers: Workers = None,
    seed: Seed = None,
    keep_each: KeepEach = False,
    images: data.Images = None,
    resume: options.Resume = False,
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> int:
    """Train a model that finds the classes of a dataset, on any ground.

    Every number has a default that suits 30 to 300 images; Ctrl-C keeps what is learned, for --resume.
    """
    given: dict[str, Any] = {
        "model": model,
        "start": start,
        "epochs": epochs,
        "iterations": iterations,
        "size": size,
    }
    given |= {
        "keep_each": keep_each or None,
        "batch": batch,
        "rate": rate,
        "freeze": freeze,
        "workers": workers,
        "seed": seed,
    }
    chosen = _recipe(recipe, {name: value for name, value in given.items() if value is not None})
    from figureground.datasets.formats import read_dataset
    from figureground.errors import MissingExtraError

    try:
        from figureground.training.run import train as run
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"training needs {error.name}, which is not installed: pip install 'figureground[train]'"
        ) from error
    screen, told = Screen(quiet=quiet), _Told()
    read = read_dataset(dataset, images=images)
    judging = None if validation is None else read_dataset(validation)
    with screen.progress("training", None, "getting ready", unit="steps") as bar:

        def show(progress: "Progress") -> None:
            bar(progress.step)
            told.note(progress, screen)

        folder = run(
            read,
            chosen,
            out,
            validation=judging,
            backgrounds=backgrounds,
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


def _recipe(path: str | None, values: dict[str, Any]) -> "Recipe":
    from figureground.training.recipe import read_recipe, recipe_for

    return read_recipe(path, **values) if path else recipe_for(**values)


class _Told:
    """What was told last, and the best scores."""

    def __init__(self) -> None:
        self.best: dict[str, float] = {}
        self.steps = 0

    def note(self, progress: "Progress", screen: Screen) -> None:
        """Tell of every so many steps, and of each look at the validation part."""
        self.steps = progress.steps
        every = max(1, progress.steps // LINES)
        if progress.scores is None and progress.step % every:
            return
        text = f"step {progress.step} of {progress.steps}, loss {progress.losses['loss']:.3f}"
        text += f", rate {progress.rate:.2g}, {_time(progress.seconds_left)} left"
        if progress.scores is not None:
            text += f"; validation: mask AP {progress.scores['mask_ap']:.3f}"
            text += f", AP50 {progress.scores['mask_ap50']:.3f}" + (" (the best so far)" * progress.best)
        if progress.best and progress.scores:
            self.best = dict(progress.scores)
        screen.say(text)


def _time(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 2:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 120 else f"{minutes / 60:.1f} h"
