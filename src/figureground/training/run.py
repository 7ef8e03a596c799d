"""train: from a dataset and a recipe to a model folder."""

import contextlib
import platform
import shutil
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import cv2
import numpy as np
import torch
from torch.utils.data import DataLoader
from torchvision.models.detection import MaskRCNN

from figureground import __version__
from figureground.datasets.dataset import Dataset
from figureground.errors import OptionError
from figureground.export.export import FORMS, check_written
from figureground.export.onnx import export_onnx
from figureground.files import output_errors
from figureground.folders import check_folder, written_folder
from figureground.frames import Image
from figureground.models.card import ModelCard, write_card
from figureground.nets.weights import write_weights
from figureground.training.backgrounds import Backgrounds, read_backgrounds
from figureground.training.held_out import (
    Say,
    check_classes,
    fingerprint,
    held_out,
    with_classes,
)
from figureground.training.interrupt import stop_asked
from figureground.training.learning import Learner
from figureground.training.processes import Processes, joined
from figureground.training.recipe import Recipe, checked
from figureground.training.records import Progress, Records
from figureground.training.runfolder import RunFolder, made_run, resumed_run
from figureground.training.samples import Drawings, Order, Samples, collate
from figureground.training.scores import Scores, scores_of
from figureground.training.starts import started_net, with_norm_of_start

OnProgress = Callable[[Progress], None]
TIMES_JUDGED = 12
LEAST_BETWEEN = 50
"""Steps: a net that has learned little finds a hundred figures everywhere, which takes long to judge."""

COMPARED = 12
"""Pictures on which the graphs of a new model are compared with its net."""

_MOST_CHECKED = 2000  # pictures that are all read before the start, so that a damaged one is told at once


@dataclass(frozen=True)
class Parts:
    """What a training learns from, and what judges it."""

    classes: tuple[str, ...]
    learned: Drawings
    judged: Drawings | None


def train(
    dataset: Dataset,
    recipe: Recipe,
    out: str | Path,
    *,
    validation: Dataset | None = None,
    backgrounds: str | Path | None = None,
    device: str = "auto",
    resume: bool = False,
    overwrite: bool = False,
    say: Say = lambda text: None,
    on_progress: OnProgress = lambda progress: None,
) -> Path:
    """Train a model, and write its model folder to `out`.

    The best state by the mask AP of the validation part becomes the model. Beside `out` a dated folder
    keeps all of the run: recipe, dataset's fingerprint, versions, log.csv, curves.png, tensorboard/, the last
    state to go on from, and the model. After Ctrl-C the state of the last step is kept. With the recipe's
    `keep_each`, epochs/step_... within are model folders of the states that were judged.

    Args:
        dataset: with figures of at least one class; images without any are fine, crowds are passed over.
        recipe: how, see `recipe_for`.
        out: the model folder.
        validation: what judges; without it a part of `dataset` is held out, and `say` tells which.
        backgrounds: a folder of pictures without figures, to put figures onto.
        device: auto, cpu, cuda or mps.
        resume: go on where the last run for `out` was stopped: the steps are the same as without the stop.
        overwrite: replace a model folder that is there.
        say: is told in words what matters.
        on_progress: is told after each step.

    Returns:
        The run's folder.

    Raises:
        InputError: the dataset, a picture or the start's weights cannot be used.
        OptionError: a number makes no sense, the loss left its way, or memory does not suffice.
        OutputError: the result cannot be written, or its graphs do not do what the net does; the run's folder
            keeps what was learned.
        KeyboardInterrupt: it was stopped; the state is kept.
    """
    out = Path(out)
    check_folder(out, overwrite=overwrite)
    with joined(device) as processes, _own_chance(processes), output_errors(out):
        if not processes.first:
            say, on_progress = (lambda text: None), (lambda progress: None)
        recipe = with_norm_of_start(checked(recipe))
        if recipe.batch % processes.count:
            raise OptionError(f"batch: {recipe.batch} cannot be shared by {processes.count} processes")
        parts, told = _parts(dataset, validation, recipe, say)
        grounds = Backgrounds(read_backgrounds(backgrounds)) if backgrounds else None
        learner = Learner(
            started_net(recipe, parts.classes), recipe, recipe.steps(len(parts.learned)), processes
        )
        run = (resumed_run if resume else made_run)(out, recipe, told, processes.first)
        records = Records(run, learner, on_progress)
        say(_opening(parts, recipe, learner, run, records.done))
        if records.done < learner.steps:
            _learn(learner, parts, grounds, records, run)
        if processes.first:
            _finish(learner, parts, run, records, out)
            _deliver(run, out, overwrite=overwrite)
        return run.path


def _own_chance(processes: Processes) -> AbstractContextManager[None]:
    """The caller's random numbers are as before, after the block."""
    return torch.random.fork_rng([processes.device] if processes.device.type == "cuda" else [])


def _parts(
    dataset: Dataset, validation: Dataset | None, recipe: Recipe, say: Say
) -> tuple[Parts, dict[str, str]]:
    """What is learned from and what judges; and what tells later whether they are still the same."""
    if validation is None:
        learned, judged = held_out(dataset, recipe, say)
    else:
        learned = dataset
        judged = with_classes(validation, [one.name for one in dataset.categories])
    classes = check_classes(learned, say)
    what = recipe.architecture()
    parts = Parts(classes, Drawings(learned, what), None if judged is None else Drawings(judged, what))
    for part in (parts.learned, parts.judged):
        if part is not None and len(part) <= _MOST_CHECKED:
            for index in range(len(part)):
                part[index]
    told = {"dataset": fingerprint(learned)}
    return parts, told | ({} if judged is None else {"validation": fingerprint(judged)})


def _opening(parts: Parts, recipe: Recipe, learner: Learner, run: RunFolder, done: int) -> str:
    rounds = learner.steps * recipe.batch / max(1, len(parts.learned))
    going_on = f", going on at step {done + 1}" if done else ""
    return (
        f"training {recipe.model} from {recipe.start} on {len(parts.learned)} images of "
        f"{len(parts.classes)} class{'es' * (len(parts.classes) > 1)}, {learner.processes.device}: "
        f"{learner.steps} steps of {recipe.batch}, each image {rounds:.0f} times{going_on}; {run.path}"
    )


def _learn(
    learner: Learner, parts: Parts, backgrounds: Backgrounds | None, records: Records, run: RunFolder
) -> None:
    """All steps that are left."""
    recipe, processes = learner.recipe, learner.processes
    keeps = recipe.keep_each and processes.first
    every = recipe.validate_every or max(LEAST_BETWEEN, learner.steps // TIMES_JUDGED)
    samples = Samples(parts.learned, recipe.augment, recipe.seed, backgrounds)
    order = Order(
        len(parts.learned),
        recipe.batch,
        recipe.seed,
        (records.done, learner.steps),
        (processes.rank, processes.count),
    )
    if keeps and not records.done:
        _keep(learner, parts, run, 0, {})
    with stop_asked() as stopped, contextlib.closing(records):
        for images, targets in _loader(samples, order, recipe, processes):
            step = records.done
            losses = learner.step(step, images, targets)
            judged = (step + 1) % every == 0 or step + 1 == learner.steps
            scores = _scores(learner, parts) if judged and processes.first else None
            records.add(losses, scores, len(parts.learned))
            if keeps and scores is not None:
                _keep(learner, parts, run, records.done, scores)
            if stopped():
                records.save()
                raise KeyboardInterrupt
            if judged:
                records.save()


def _scores(learner: Learner, parts: Parts) -> Scores:
    if parts.judged is None:
        return {}
    return scores_of(learner.best_net, parts.judged, learner.recipe.architecture())


def _loader(samples: Samples, order: Order, recipe: Recipe, processes: Processes) -> DataLoader[object]:
    workers = recipe.workers
    if workers < 0:
        workers = 4 if processes.device.type == "cuda" else 0
    return DataLoader(
        samples,
        batch_sampler=order,
        num_workers=workers,
        collate_fn=collate,
        worker_init_fn=_start_worker,
        pin_memory=processes.device.type == "cuda",
    )


def _start_worker(number: int) -> None:
    """Ctrl-C is for the first process, which ends the others when the step is done."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)


def _keep(learner: Learner, parts: Parts, run: RunFolder, step: int, scores: Scores) -> None:
    """The state after so many steps as a model folder of weights alone, which torch runs."""
    with written_folder(run.epoch(step, learner.steps), overwrite=True) as part:
        write_weights(learner.best_net, part)
        write_card(_card(parts.classes, learner.recipe, scores, run), part)


def _finish(learner: Learner, parts: Parts, run: RunFolder, records: Records, out: Path) -> None:
    """The model folder within the run's, which is there only when its graphs do what the net does."""
    run.load_best(learner.best_net)
    net = learner.best_net.cpu().eval()
    card = _card(parts.classes, learner.recipe, records.best_scores, run)
    part = run.model.with_name("model.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    try:
        write_model(net, card, part)
        kept = f"What was learned is kept in {run.path}; --resume writes the model again."
        form = replace(FORMS["onnx"], advice=f"{kept} {FORMS['onnx'].advice}")
        check_written(form, net, card, part, _samples(parts), name=str(out))
        shutil.rmtree(run.model, ignore_errors=True)
        part.rename(run.model)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _samples(parts: Parts) -> list[Image]:
    """Pictures that judge, or else are learned from, evenly spread."""
    drawings = parts.judged or parts.learned
    rows = np.linspace(0, len(drawings) - 1, min(COMPARED, len(drawings))).round().astype(int)
    return [drawings[int(row)].image for row in rows]


def write_model(net: MaskRCNN, card: ModelCard, folder: Path) -> None:
    """Write weights, graphs and card into an existing folder.

    Raises:
        OutputError: they cannot be written.
    """
    write_weights(net, folder)
    plain = net.to(memory_format=torch.contiguous_format)
    export_onnx(plain, card.architecture, folder)
    write_card(card, folder)


def _card(classes: Sequence[str], recipe: Recipe, scores: Scores, run: RunFolder) -> ModelCard:
    return ModelCard(
        classes=tuple(classes),
        architecture=recipe.architecture(),
        made_by=f"figureground {__version__}",
        made_at=datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC"),
        origin=f"training {run.path.name}, dataset {run.told['dataset'][:16]}, start {recipe.start}",
        recipe=asdict(recipe),
        scores=scores,
        versions=versions(),
    )


def versions() -> dict[str, str]:
    """Of what made a model."""
    packages = {name: version(name) for name in ("torch", "torchvision", "numpy", "onnx")}
    return {"figureground": __version__, "python": platform.python_version(), **packages}


def _deliver(run: RunFolder, out: Path, *, overwrite: bool) -> None:
    with written_folder(out, overwrite=overwrite) as part:
        for file in sorted(run.model.iterdir()):
            shutil.copyfile(file, part / file.name)
