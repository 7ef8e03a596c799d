"""What a training keeps and tells while it runs: log, curves, TensorBoard, states."""

import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from figureground.errors import MissingExtraError
from figureground.training.curves import Log, write_curves
from figureground.training.learning import Learner, Losses, rate_at
from figureground.training.runfolder import RunFolder
from figureground.training.scores import Scores

CHOSEN_BY = "mask_ap"


@dataclass(frozen=True)
class Progress:
    """How far a training is.

    Attributes:
        step: how many are done.
        steps: in all.
        losses: of this step: "loss", and its parts.
        rate: the learning rate.
        seconds_left: an estimate.
        scores: on the validation part, where this step was followed by a look at it.
        best: whether they are the best so far.
    """

    step: int
    steps: int
    losses: Mapping[str, float]
    rate: float
    seconds_left: float
    scores: Mapping[str, float] | None = None
    best: bool = False


class Records:
    """The log, curves and states of a run; only the first process writes.

    Args:
        run: the folder. A state that is kept there is loaded into `learner`.
        learner: whose states are kept.
        on_progress: is told after each step.
    """

    def __init__(self, run: RunFolder, learner: Learner, on_progress: Callable[[Progress], None]) -> None:
        self._run, self._learner, self._on_progress = run, learner, on_progress
        self.done, self.best_scores = 0, {}
        state = run.read_state()
        if state is not None:
            learner.load_state(state["learner"])
            self.done, self.best_scores = state["done"], dict(state["best"])
        self._first = learner.processes.first
        self._log = Log(run.path / "log.csv", self.done) if self._first else None
        self._board: Any = None
        self._began, self._began_at = time.monotonic(), self.done

    best_scores: Scores

    def add(self, losses: Losses, scores: Scores | None, pictures: int) -> None:
        """A step is done; `scores` are given where it was judged, and are empty where nothing judges."""
        rate = rate_at(self.done, self._learner.steps, self._learner.recipe)
        self.done += 1
        if self._log is None:
            return
        epoch = self.done * self._learner.recipe.batch / pictures
        row = {"step": self.done, "epoch": epoch, "rate": rate, **losses, **(scores or {})}
        self._log.add(row)
        self._show(row)
        best = scores is not None and self._is_best(scores)
        if scores is not None and best:
            self._run.save_best(self._learner.best_net)
            self.best_scores = dict(scores)
        if scores is not None:
            write_curves(self._log.rows, self._run.path / "curves.png")
        each = (time.monotonic() - self._began) / (self.done - self._began_at)
        left = each * (self._learner.steps - self.done)
        self._on_progress(Progress(self.done, self._learner.steps, losses, rate, left, scores or None, best))

    def save(self) -> None:
        """Keep the state, from which a run that was stopped goes on."""
        if self._first:
            state = {"learner": self._learner.state(), "done": self.done, "best": self.best_scores}
            self._run.save_state(state)

    def close(self) -> None:
        """Close what is open."""
        if self._board is not None:
            self._board.close()

    def _is_best(self, scores: Scores) -> bool:
        """Later is better where scores are equal, or where nothing judges."""
        return not scores or scores[CHOSEN_BY] >= self.best_scores.get(CHOSEN_BY, 0.0)

    def _show(self, row: Mapping[str, float]) -> None:
        if self._board is None:
            self._board = _open_board(str(self._run.path / "tensorboard"), self.done)
        for name, value in row.items():
            if name not in ("step", "epoch"):
                place = "score" if "ap" in name.split("_")[-1] else "loss" if name != "rate" else "train"
                self._board.add_scalar(f"{place}/{name}", value, self.done)


def _open_board(folder: str, step: int) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise MissingExtraError("training needs tensorboard: pip install 'figureground[train]'") from error
    return SummaryWriter(folder, purge_step=step)
