"""What a training of a pair network keeps and tells while it runs: log, curves, TensorBoard, states."""

import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from figureground.errors import MissingExtraError
from figureground.frames import Image
from figureground.training.curves import Log, write_curves
from figureground.training.pair.learning import PairLearner, rate_at
from figureground.training.runfolder import RunFolder

SCORES = (
    "iou",
    "f",
    "boundary_f",
    "mae",
    "rmse",
    "abs_rel",
    "delta1",
    "ssim",
    "f_mean_map",
    "f_row_map",
    "abs_rel_mean_map",
    "abs_rel_row_map",
)
LOSSES = "loss", "cross", "dice", "depth", "similarity", "factor"
COLUMNS = ("step", "seconds", "rate", *LOSSES, "made", "waited", *SCORES)
EACH = 10
"""Steps between two rows of the log."""


@dataclass(frozen=True)
class PairProgress:
    """How far a training is.

    Attributes:
        step: how many steps are done.
        share: of the training that is done, 0..1.
        seconds: that it took so far, over all its parts.
        losses: of this step: "loss", and its parts.
        rate: the learning rate.
        made: pairs that were made.
        waited: share of the time in which the net waited for pairs.
        scores: on the part "test", where this step was followed by a look at it.
        best: whether they are the best so far.
    """

    step: int
    share: float
    seconds: float
    losses: Mapping[str, float]
    rate: float
    made: int
    waited: float
    scores: Mapping[str, float] | None = None
    best: bool = False


class PairRecords:
    """The log, curves and states of a run.

    Args:
        run: the folder. A state that is kept there is loaded into `learner`.
        learner: whose states are kept.
        on_progress: is told after each step.
    """

    def __init__(
        self, run: RunFolder, learner: PairLearner, on_progress: Callable[[PairProgress], None]
    ) -> None:
        self._run, self._learner, self._on_progress = run, learner, on_progress
        self.done, self.looked, self._before = 0, 0, 0.0
        self.best_scores: dict[str, float] = {}
        state = run.read_state()
        if state is not None:
            learner.load_state(state["learner"])
            self.done, self.looked, self._before = state["done"], state["looked"], state["seconds"]
            self.best_scores = dict(state["best"])
        self._log = Log(run.path / "log.csv", self.done, COLUMNS)
        self._board: Any = None
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        """That the training took so far, over all its parts."""
        return self._before + time.monotonic() - self._began

    def start_clock(self) -> None:
        """From now on the time counts: the first step is about to be taken."""
        self._began = time.monotonic()

    @property
    def share(self) -> float:
        """Of the training that is done, 0..1."""
        recipe = self._learner.recipe
        return min(1.0, self.done / recipe.steps if recipe.steps else self.seconds / recipe.seconds)

    def add(
        self,
        losses: Mapping[str, float],
        made: int,
        waited: float,
        scores: Mapping[str, float] | None = None,
        pictures: Image | None = None,
    ) -> None:
        """A step is done; `scores`, and a picture of what was seen, are given where a look followed."""
        share = self.share
        rate = rate_at(share, self._learner.recipe)
        self.done += 1
        waiting = waited / max(1e-9, time.monotonic() - self._began)
        best = scores is not None and self._is_best(scores)
        if scores is not None or self.done % EACH == 0 or self.done == 1:
            row = {"step": self.done, "seconds": round(self.seconds, 1), "rate": rate, **losses}
            row |= {"made": made, "waited": round(waiting, 3), **(scores or {})}
            self._log.add(row)
            self._show(row, pictures)
        if scores is not None:
            self.looked += 1
            if best:
                self._run.save_best(self._learner.average)
                self.best_scores = dict(scores)
            write_curves(self._log.rows, self._run.path / "curves.png", ("f", "delta1"))
        self._on_progress(
            PairProgress(
                self.done, self.share, self.seconds, losses, rate, made, waiting, scores or None, best
            )
        )

    def save(self) -> None:
        """Keep the state, from which a run that was stopped goes on."""
        self._run.save_state(
            {
                "learner": self._learner.state(),
                "done": self.done,
                "looked": self.looked,
                "seconds": self.seconds,
                "best": self.best_scores,
            }
        )

    def close(self) -> None:
        """Close what is open."""
        if self._board is not None:
            self._board.close()

    def _is_best(self, scores: Mapping[str, float]) -> bool:
        """Later is better where scores are equal, or where nothing judges."""
        return not scores or goodness(scores) >= goodness(self.best_scores)

    def _show(self, row: Mapping[str, float], pictures: Image | None) -> None:
        if self._board is None:
            self._board = _open_board(str(self._run.path / "tensorboard"), self.done)
        for name, value in row.items():
            if name != "step":
                place = "score" if name in SCORES else "loss" if name in LOSSES else "train"
                self._board.add_scalar(f"{place}/{name}", value, self.done)
        if pictures is not None:
            self._board.add_image(
                "empty, frame, truth, mask, depth, found", pictures, self.done, dataformats="HWC"
            )


def goodness(scores: Mapping[str, float]) -> float:
    """By what the best state is chosen: F of the mask and delta1 of the depth.

    Example:
        >>> goodness({"f": 0.5, "delta1": 0.25}), goodness({})
        (0.75, 0.0)
    """
    return scores.get("f", 0.0) + scores.get("delta1", 0.0)


def _open_board(folder: str, step: int) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise MissingExtraError("training needs tensorboard: pip install 'figureground[train]'") from error
    return SummaryWriter(folder, purge_step=step)
