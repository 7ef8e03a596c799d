"""A segmenter over a dataset: every measure in one pass."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import numpy as np

from figureground.datasets.dataset import Annotation, Dataset, Picture
from figureground.datasets.selection.subject import subject
from figureground.errors import OptionError
from figureground.evaluation.coco_ap import MOST, Row, instances_to_rows, rows_to_scores, truth_rows
from figureground.evaluation.confusion import Table, confusion
from figureground.evaluation.found_log import FoundLog
from figureground.evaluation.judge import Judged, compare
from figureground.evaluation.naming import Naming, name_classes
from figureground.evaluation.result import Evaluation
from figureground.evaluation.source import DatasetSource
from figureground.evaluation.truth import Truth, picture_to_truth
from figureground.frames import Frame
from figureground.instances import Instances
from figureground.stages import Segmenter

SCORE = 0.5


@dataclass(frozen=True, eq=False)
class _Case:
    """One picture: what is drawn, which of it is the main figure, what was found, how long it took."""

    picture: Picture
    truth: Truth
    subject: int | None
    found: Instances
    ms: float


@dataclass
class _Tally:
    """What is kept of the pictures so far: run lengths and numbers, never pixels."""

    table: Table
    pictures: list[Row] = field(default_factory=list)
    drawn: list[Row] = field(default_factory=list)
    found: list[Row] = field(default_factory=list)
    judged: list[Judged] = field(default_factory=list)


def evaluate(
    source: DatasetSource,
    segmenter: Segmenter,
    name: str,
    *,
    score: float = SCORE,
    subjects: Sequence[str] = (),
    most: int = MOST,
    log: Path | None = None,
    progress: Callable[[int], None] | None = None,
) -> Evaluation:
    """Run `segmenter` over the pictures of a dataset and compare what it finds with what is drawn.

    It should give all that it finds, as average precision needs also what is unsure; for everything else
    only figures of at least `score` count. Memory grows by run lengths, not by pixels.

    Args:
        source: the dataset's pictures.
        segmenter: what finds the figures.
        name: of the result.
        score: 0 to 1.
        subjects: classes of the dataset that a picture's main figure may be of; any by default.
        most: figures of a picture and class that count for average precision.
        log: a file that keeps what is found, so that a run that is stopped goes on from there.
        progress: called with the number of pictures that are done.

    Raises:
        InputError: a picture or a figure is damaged.
        OptionError: there is no class of `subjects`, or the score is not 0 to 1.
    """
    if not 0 <= score <= 1:
        raise OptionError(f"score: must be 0 to 1, got {score:g}")
    data = source.dataset
    naming = name_classes([one.name for one in data.categories], segmenter.classes)
    classes = len(naming.classes)
    tally, numbers = _Tally(np.zeros((classes + 1, classes + 1), np.int64)), count(1)
    for case in _cases(source, segmenter, main_figures(data, subjects), log):
        tally.drawn += truth_rows(naming.truth(case.truth), case.picture.id, numbers)
        _add(tally, case, naming, score)
        if progress is not None:
            progress(len(tally.pictures))
    scores = rows_to_scores(tally.pictures, tally.drawn, tally.found, naming.classes, most=most)
    return Evaluation(
        name,
        naming.classes,
        naming.agnostic,
        score,
        scores,
        tuple(tally.judged),
        tally.table,
        tuple(tally.found),
        naming.not_drawn,
        naming.not_found,
    )


def _cases(
    source: DatasetSource, segmenter: Segmenter, main: dict[int, Annotation], log: Path | None
) -> Iterator[_Case]:
    data = source.dataset
    groups = data.by_picture()
    with FoundLog(log) as done:
        for index, picture in enumerate(data.pictures):
            known = done.get(picture.id)
            if known is None:
                known = timed(segmenter, source.frame(index))
                done.add(picture.id, *known)
            group = groups[picture.id]
            subject = next((i for i, one in enumerate(group) if one is main.get(picture.id)), None)
            yield _Case(picture, picture_to_truth(data, picture, group), subject, *known)


def _add(tally: _Tally, case: _Case, naming: Naming, score: float) -> None:
    picture, truth = case.picture, case.truth
    named = naming.found(case.found)
    sure = named.select(named.scores >= score)
    height, width = named.size
    tally.pictures.append({"id": picture.id, "width": width, "height": height})
    tally.found += instances_to_rows(named, picture.id)
    tally.table += confusion(naming.truth(truth), sure, len(naming.classes))
    drawn = int(np.count_nonzero(~truth.crowd))
    measures = compare(truth, case.subject, sure)
    tally.judged.append(Judged(picture.id, picture.file_name, drawn, len(sure), case.ms, *measures))


def timed(segmenter: Segmenter, frame: Frame) -> tuple[Instances, float]:
    """What is found in `frame`, and the milliseconds that it took."""
    began = time.perf_counter()
    (found,) = segmenter([frame])
    return found, (time.perf_counter() - began) * 1000


def main_figures(data: Dataset, classes: Sequence[str] = ()) -> dict[int, Annotation]:
    """The main figure that is drawn on each picture, by the picture's id; pictures without any lack.

    Raises:
        OptionError: there is no such class.
        InputError: a picture's size is not known, or a figure is damaged.
    """
    return {one.image_id: one for one in subject(data, classes=classes).annotations}
