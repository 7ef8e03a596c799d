"""How good a pair network is, on pairs and on real sequences, always beside guesses that look at nothing."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from figureground.background.alignment import Alignment
from figureground.background.estimate import SAMPLES, fit_background
from figureground.datasets.compose.scene import Pair
from figureground.errors import InputError, OptionError
from figureground.evaluation.pair.priors import Priors
from figureground.evaluation.pair.scores import DepthTally, MaskTally
from figureground.frames import Frame
from figureground.instances import BoolArray
from figureground.models.pair import PairModel, Seen
from figureground.sources import open_source
from figureground.sources.images import find_stills
from figureground.stills import read_still

NETWORK, THRESHOLD = "network", "best threshold"
INPUT, TRUTH = "input", "groundtruth"
JUDGED = 150
"""Frames of a sequence that are judged, where no other number is given."""
_GROUND, _FIGURE = 84, 171  # grey levels of a truth: up to the one ground, from the other figure


@dataclass
class PairScores:
    """What came out on one set of pictures.

    Attributes:
        name: of the set.
        pictures: how many there were.
        scores: of the network and of each guess, by their names.
    """

    name: str
    pictures: int = 0
    scores: dict[str, dict[str, float]] = field(default_factory=dict)

    def record(self) -> dict[str, object]:
        """Plain values."""
        return {"name": self.name, "pictures": self.pictures, "scores": self.scores}


def evaluate_pairs(
    model: PairModel,
    pairs: Iterable[Pair],
    name: str,
    priors: Priors | None = None,
    *,
    size: tuple[int, int] | None = None,
) -> PairScores:
    """How good a model is on pairs.

    Args:
        model: the network.
        pairs: with their truth.
        name: of the result.
        priors: guesses that look at no picture; None leaves them out.
        size: (h, w) that the network works at; None is the pairs' own.
    """
    tallies = _Tallies()
    for pair in pairs:
        seen = model(pair.background, pair.frame, pair.noise, size=size)
        tallies.add(NETWORK, seen, pair.mask, pair.depth)
        if priors is not None:
            for guess, (chance, inside, depth) in priors.guesses(pair.mask.shape[:2]).items():
                tallies.add(guess, Seen(chance, depth), pair.mask, pair.depth, inside=inside)
        tallies.pictures += 1
    return tallies.told(name)


def evaluate_sequence(
    model: PairModel,
    folder: str | Path,
    priors: Priors | None = None,
    *,
    side: int = 320,
    most: int = JUDGED,
) -> PairScores:
    """How good a model is on a sequence of a fixed camera: input/ holds frames, groundtruth/ masks.

    The empty scene is estimated from the frames themselves, and laid under each as the segmenter does it.
    Beside the network stands the best threshold on the difference from the same empty scene, chosen with the
    truth in hand: what no method could choose. Grey levels 85 to 170 of the truth do not count.

    Args:
        model: a network that gives masks.
        folder: of the sequence.
        priors: guesses that look at no picture; None leaves them out.
        side: pixels of the longer side that the network works at.
        most: frames that are judged, evenly spread.

    Raises:
        InputError: the folder is no such sequence, or a picture in it is damaged.
        OptionError: the model gives no masks.
    """
    folder = Path(folder)
    truths = truths_of(folder)
    source = open_source(folder / INPUT)
    background = fit_background(source.sample(SAMPLES))
    align = Alignment(background, 1)
    wanted = _spread(sorted(truths), most)
    tallies, levels = _Tallies(), _Levels()
    for frame in source:
        if frame.index not in wanted:
            continue
        mask, counts = read_truth(truths[frame.index], frame)
        aligned = align(frame)
        seen = model(aligned.ground, aligned.image, background.noise, size=working_size(frame.size, side))
        if seen.probability is None:
            raise OptionError("this network gives no masks, and a sequence tells nothing of depth")
        tallies.add(NETWORK, Seen(seen.probability, None), mask, None, counts)
        levels.add(cv2.absdiff(aligned.image, aligned.ground).max(axis=2), mask & counts, ~mask & counts)
        if priors is not None:
            for guess, (chance, inside, _) in priors.guesses(frame.size).items():
                tallies.add(guess, Seen(chance, None), mask, None, counts, inside=inside)
        tallies.pictures += 1
    found = tallies.told(folder.name)
    found.scores[THRESHOLD] = levels.best()
    return found


def working_size(size: tuple[int, int], side: int) -> tuple[int, int]:
    """(h, w) of `size` whose longer side has at most `side` pixels.

    Example:
        >>> working_size((1080, 1920), 320), working_size((100, 50), 320)
        ((180, 320), (100, 50))
    """
    scale = min(1.0, side / max(1, *size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def find_sequences(folder: str | Path) -> list[Path]:
    """The sequence at `folder`, or those directly in it; none where there is none."""
    folder = Path(folder)
    if (folder / INPUT).is_dir():
        return [folder]
    return sorted(one.parent for one in folder.glob(f"*/{INPUT}"))


def truths_of(folder: Path) -> dict[int, Path]:
    """The truth of each frame by the frame's index.

    As many pictures as there are frames belong to them in natural order, else by the last number in their
    names.

    Raises:
        InputError: there is none, or none fits.
    """
    frames, truths = find_stills(folder / INPUT), find_stills(folder / TRUTH)
    if len(truths) == len(frames):
        return dict(enumerate(truths))
    by_number = {_number(path): path for path in truths}
    found = {i: by_number[_number(path)] for i, path in enumerate(frames) if _number(path) in by_number}
    if not found:
        raise InputError(f"{folder}: no picture in {TRUTH}/ has the number of one in {INPUT}/")
    return found


def read_truth(path: Path, frame: Frame) -> tuple[BoolArray, BoolArray]:
    """Figures (h, w) bool, and what counts (h, w) bool.

    Raises:
        InputError: it is no picture, or not of the frame's size.
    """
    truth = read_still(path).max(axis=2)
    if truth.shape != frame.size:
        raise InputError(f"{path}: expected a picture of {frame.size} (h, w), got {truth.shape}")
    return truth >= _FIGURE, (truth <= _GROUND) | (truth >= _FIGURE)


def _number(path: Path) -> int:
    digits = re.findall(r"\d+", path.stem)
    return int(digits[-1]) if digits else -1


def _spread(indices: list[int], most: int) -> set[int]:
    rows = np.linspace(0, len(indices) - 1, min(most, len(indices))).round().astype(int)
    return {indices[int(row)] for row in rows}


class _Tallies:
    """Sums by the name of who guessed."""

    def __init__(self) -> None:
        self.pictures = 0
        self._masks: dict[str, MaskTally] = {}
        self._depths: dict[str, DepthTally] = {}

    def add(
        self,
        name: str,
        seen: Seen,
        mask: BoolArray,
        depth: npt.NDArray[np.float32] | None,
        counts: BoolArray | None = None,
        *,
        inside: float = 0.5,
    ) -> None:
        if seen.probability is not None:
            self._masks.setdefault(name, MaskTally()).add(seen.probability, mask, counts, inside=inside)
        if seen.depth is not None and depth is not None:
            self._depths.setdefault(name, DepthTally()).add(seen.depth, depth)

    def told(self, name: str) -> PairScores:
        scores = _scores(self._masks)
        for who, one in self._depths.items():
            scores.setdefault(who, {}).update(one.scores())
        return PairScores(name, self.pictures, scores)


def _scores(tallies: Mapping[str, MaskTally]) -> dict[str, dict[str, float]]:
    return {name: one.scores() for name, one in tallies.items()}


class _Levels:
    """How many pixels of figures and of ground differ by each grey level."""

    def __init__(self) -> None:
        self._figure, self._ground = np.zeros((2, 256), np.int64)

    def add(self, difference: npt.NDArray[np.uint8], figure: BoolArray, ground: BoolArray) -> None:
        self._figure += np.bincount(difference[figure], minlength=256)
        self._ground += np.bincount(difference[ground], minlength=256)

    def best(self) -> dict[str, float]:
        """IoU and F of the best level."""
        hit = self._figure[::-1].cumsum()[::-1].astype(np.float64)
        false = self._ground[::-1].cumsum()[::-1]
        total = self._figure.sum()
        iou = hit / np.maximum(1, total + false)
        f = 2 * hit / np.maximum(1, hit + false + total)
        level = int(f.argmax())
        return {"iou": float(iou[level]), "f": float(f[level]), "level": float(level)}


def scores_to_text(found: Iterable[PairScores]) -> str:
    """A table for people: a line for the network and for each guess."""
    names = ("iou", "f", "boundary_f", "mae", "rmse", "abs_rel", "delta1", "ssim")
    lines = [f"{'':34}" + "".join(f"{name:>11}" for name in names)]
    lines += [line for one in found for line in _lines(one, names)]
    return "\n".join(lines)


def _lines(one: PairScores, names: tuple[str, ...]) -> Iterator[str]:
    yield f"{one.name[:48]}, {one.pictures} pictures"
    for who, scores in one.scores.items():
        values = (f"{scores[name]:11.3f}" if name in scores else f"{'':11}" for name in names)
        yield f"  {who:32}" + "".join(values)
