"""train_pair: from material and a recipe to the model folder of a pair network."""

import contextlib
import platform
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch

from figureground import __version__
from figureground.datasets.compose.material import Material
from figureground.datasets.compose.scene import Pair
from figureground.errors import FiguregroundError
from figureground.evaluation.pair.priors import Priors, fit_priors, write_priors
from figureground.evaluation.pair.scores import DepthTally, MaskTally
from figureground.export.pair import export_pair
from figureground.files import output_errors, written
from figureground.folders import check_folder, written_folder
from figureground.frames import Image
from figureground.models.architecture import Architecture
from figureground.models.card import ModelCard, write_card
from figureground.nets.pair import count_parameters
from figureground.nets.weights import write_weights
from figureground.training.interrupt import stop_asked
from figureground.training.pair.learning import PairLearner
from figureground.training.pair.pictures import ROWS, grid
from figureground.training.pair.recipe import PairRecipe, check_recipe
from figureground.training.pair.records import PairProgress, PairRecords
from figureground.training.pair.runfolder import made_run, resumed_run
from figureground.training.pair.stock import Batch, Stock, held_pairs, to_batch
from figureground.training.processes import find_device
from figureground.training.runfolder import RunFolder

Floats = npt.NDArray[np.float32]
Say = Callable[[str], None]
CLASSES = ("figure",)
_SAVED_EACH = 300.0  # seconds
_FOR_PRIORS = 600  # pairs


def train_pair(
    material: Material,
    recipe: PairRecipe,
    out: str | Path,
    *,
    device: str = "auto",
    resume: bool = False,
    overwrite: bool = False,
    say: Say = lambda text: None,
    on_progress: Callable[[PairProgress], None] = lambda progress: None,
) -> Path:
    """Train a pair network, and write its model folder to `out`.

    Pairs are made by other processes while the net learns. The best state on the part "test" becomes the
    model. Beside `out` a dated folder keeps all of the run: recipe.json, log.csv, curves.png,
    tensorboard/, pictures of what the net says (looks/), and the state to go on from. After Ctrl-C the state
    of the last step is kept.

    Args:
        material: what it learns from, and what judges.
        recipe: how.
        out: the model folder.
        device: auto, cpu, cuda or mps.
        resume: go on where the last run for `out` was stopped. Weights, optimizer and rate are those of the
            stop; pairs are made anew, and with `recipe.fresh` they are those of a run without the stop.
        overwrite: replace a model folder that is there.
        say: is told in words what matters.
        on_progress: is told after each step.

    Returns:
        The run's folder.

    Raises:
        InputError: the material gives no pairs, or cannot be read.
        OptionError: a number makes no sense, the loss left its way, or memory does not suffice.
        OutputError: the result cannot be written, or the graph does not do what the net does.
        KeyboardInterrupt: it was stopped; the state is kept.
    """
    out, recipe = Path(out), check_recipe(recipe)
    check_folder(out, overwrite=overwrite)
    where = find_device(device)
    with output_errors(out), _threads(recipe.threads):
        learner = PairLearner(recipe, where)
        run = (resumed_run if resume else made_run)(out, recipe, material.told())
        records = PairRecords(run, learner, on_progress)
        say(_opening(recipe, learner, run, records.done))
        judged = held_pairs(material, "test", recipe.size, recipe.judged, workers=recipe.workers)
        priors = _learn(learner, material, judged, records, run, say)
        _finish(learner, recipe, priors, records, run, out, material, overwrite=overwrite)
    return run.path


@contextlib.contextmanager
def _threads(count: int) -> Iterator[None]:
    """Within the block torch and OpenCV use so many threads."""
    before = torch.get_num_threads(), cv2.getNumThreads()
    torch.set_num_threads(count)
    cv2.setNumThreads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before[0])
        cv2.setNumThreads(before[1])


def _opening(recipe: PairRecipe, learner: PairLearner, run: RunFolder, done: int) -> str:
    long = f"{recipe.steps} steps" if recipe.steps else f"{recipe.seconds:.0f} s"
    height, width = recipe.size
    going_on = f", going on at step {done + 1}" if done else ""
    return (
        f"training a pair network of {count_parameters(learner.net):,} parameters for {long}, "
        f"{recipe.batch} pairs of {height} x {width} a step, {learner.device}{going_on}; {run.path}"
    )


def _learn(
    learner: PairLearner,
    material: Material,
    judged: Sequence[Pair],
    records: PairRecords,
    run: RunFolder,
    say: Say,
) -> Priors:
    """All steps that are left; the priors of what is learned from."""
    recipe = learner.recipe
    say("making the first pairs")
    with stop_asked() as stopped, contextlib.closing(records), Stock(material, recipe, records.done) as stock:
        batch = stock.draw(records.done)
        stock.waited = 0.0
        priors = fit_priors(stock.sample(_FOR_PRIORS))
        records.start_clock()
        saved = records.seconds
        while records.share < 1:
            losses = learner.step(records.done, records.share, batch)
            look = _is_due(records, recipe)
            scores, seen = _scores(learner, judged, priors) if look else (None, None)
            records.add(losses, stock.made, stock.waited, scores, seen)
            if seen is not None:
                _write_look(seen, run, records.done)
            if stopped():
                records.save()
                raise KeyboardInterrupt
            if look or records.seconds > saved + _SAVED_EACH:
                records.save()
                saved = records.seconds
            if records.share < 1:
                batch = _drawn(stock, records)
        return fit_priors(stock.sample(_FOR_PRIORS))


def _drawn(stock: Stock, records: PairRecords) -> Batch:
    """The next batch; where pairs cannot be made any more, the state is kept first."""
    try:
        return stock.draw(records.done)
    except FiguregroundError:
        records.save()
        raise


def _is_due(records: PairRecords, recipe: PairRecipe) -> bool:
    """Whether the step that was just taken is followed by a look."""
    share = (records.done + 1) / recipe.steps if recipe.steps else records.share
    return share >= min(1.0, (records.looked + 1) / recipe.looks)


def _scores(
    learner: PairLearner, judged: Sequence[Pair], priors: Priors
) -> tuple[dict[str, float], Image | None]:
    """How good the net and its priors are on the pairs that judge; and a picture of what it says."""
    masks = {name: MaskTally() for name in ("", "mean map", "row map")}
    depths = {name: DepthTally() for name in masks}
    shown: list[tuple[Pair, Floats | None, Floats | None]] = []
    guesses = priors.guesses(learner.recipe.size)
    chosen = set(range(0, len(judged), max(1, len(judged) // ROWS)))
    for number, pair in enumerate(judged):
        chance, depth = learner.look(to_batch([pair]))
        seen = None if chance is None else chance[0, 0].numpy()
        far = None if depth is None else _whole(depth)
        if number in chosen:
            shown.append((pair, seen, far))
        if seen is not None:
            masks[""].add(seen, pair.mask)
        if far is not None:
            depths[""].add(far, pair.depth)
        for name, (prior, inside, prior_depth) in guesses.items():
            masks[name].add(prior, pair.mask, inside=inside)
            depths[name].add(prior_depth, pair.depth)
    design = learner.recipe.design
    scores = {**(masks[""].scores() if design.mask and judged else {}), **depths[""].scores()}
    for name in guesses:
        key = name.replace(" ", "_")
        if design.mask and judged:
            scores[f"f_{key}"] = masks[name].scores()["f"]
        if depths[""].rows:
            scores[f"abs_rel_{key}"] = depths[name].scores()["abs_rel"]
    return scores, grid(shown) if shown else None


def _whole(depth: torch.Tensor) -> Floats:
    """(h, w) float32 from (1, 1, h / 2, w / 2), as the runtime does it."""
    half = depth[0, 0].numpy()
    sides = 2 * half.shape[1], 2 * half.shape[0]
    return np.asarray(cv2.resize(half, sides, interpolation=cv2.INTER_LINEAR), np.float32)


def _write_look(seen: Image, run: RunFolder, step: int) -> None:
    with written(run.path / "looks" / f"step_{step:07}.jpg") as part:
        cv2.imwrite(str(part), seen[..., ::-1])


def _finish(
    learner: PairLearner,
    recipe: PairRecipe,
    priors: Priors,
    records: PairRecords,
    run: RunFolder,
    out: Path,
    material: Material,
    *,
    overwrite: bool,
) -> None:
    """The best state as a model folder, within the run's and at `out`."""
    run.load_best(learner.average)
    net = learner.average.cpu().eval().to(memory_format=torch.contiguous_format)
    height, width = recipe.size
    card = ModelCard(
        classes=CLASSES,
        architecture=replace(Architecture(), short_side=min(recipe.size), long_side=max(recipe.size)),
        kind="pair",
        made_by=f"figureground {__version__}",
        made_at=datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC"),
        origin=f"training {run.path.name}, {records.done} steps, {records.seconds:.0f} s",
        recipe={**asdict(recipe), "size": [height, width], "material": material.told()},
        scores=records.best_scores,
        versions=_versions(),
    )
    with written_folder(run.model, overwrite=True) as part:
        write_weights(net, part)
        write_priors(priors, part)
        export_pair(net, part)
        write_card(card, part)
    with written_folder(out, overwrite=overwrite) as part:
        for file in sorted(run.model.iterdir()):
            if not file.name.startswith("."):
                shutil.copyfile(file, part / file.name)


def _versions() -> dict[str, str]:
    packages = {name: version(name) for name in ("torch", "numpy", "onnx")}
    return {"figureground": __version__, "python": platform.python_version(), **packages}
