"""How well the figures are found: F over the pixels that were marked by hand, on folders of pictures.

python -m benchmarks.accuracy [-o JSON] [FOLDER...] [--find pair background mog2 knn gsoc threshold]

A FOLDER is a sequence, or holds sequences: folders with input/ (the frames) and groundtruth/ (for each
frame a picture: 255 is figure, 0 is ground, pixels of any other value are not judged). "threshold" is the
difference from the empty scene that figureground estimates, cut at the one grey level that is best for the
mean of all sequences, which nobody knows beforehand.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.report import DATA, parser, save, table
from figureground import Frame, load_segmenter, open_source
from figureground.background.estimate import SAMPLES, fit_background
from figureground.errors import MissingExtraError
from figureground.sources.images import find_stills
from figureground.stages import Source

Mask: TypeAlias = npt.NDArray[np.uint8]
"""(h, w) uint8: 0 is ground, anything else figure."""
Find: TypeAlias = Callable[[Frame], Mask]

OTSU = "median+otsu"
THRESHOLD = "threshold"
FINDERS = "pair", "background", "mog2", "knn", "gsoc", OTSU, THRESHOLD
LEVELS = range(4, 120, 2)
MEDIAN_OF = 100  # frames
FIGURE, GROUND = 255, 0  # values in the ground truth


class Counts(NamedTuple):
    """Pixels of a sequence: figure found, ground taken for figure, figure missed."""

    hits: int = 0
    wrong: int = 0
    missed: int = 0

    def scores(self) -> dict[str, float]:
        """F, precision and recall; 0 where there is nothing to divide by.

        Example:
            >>> Counts(hits=6, wrong=2, missed=4).scores()
            {'f': 0.6667, 'precision': 0.75, 'recall': 0.6}
        """
        f = 2 * self.hits / max(1, 2 * self.hits + self.wrong + self.missed)
        precision, recall = (self.hits / max(1, self.hits + off) for off in (self.wrong, self.missed))
        return {"f": round(f, 4), "precision": round(precision, 4), "recall": round(recall, 4)}


def count(found: Mask, truth: Mask) -> Counts:
    """Compare one frame's figures with its ground truth, both (h, w) uint8."""
    figure, ground, marked = truth == FIGURE, truth == GROUND, found > 0
    pairs = (figure & marked, ground & marked, figure & ~marked)
    return Counts(*(int(np.count_nonzero(pixels)) for pixels in pairs))


def score(name: str, folder: Path) -> dict[str, float]:
    """How well the finder `name` does on the sequence `folder`: counts summed over all frames.

    Raises:
        ValueError: a frame's ground truth is missing or cannot be read.
        MissingExtraError: the finder needs a package that is not installed.
    """
    source = open_source(folder / "input")
    find, truths = load_finder(name, source), truths_of(folder)
    total = Counts()
    for frame in source:
        found = find(frame)
        if frame.index in truths:
            one = count(found, read_truth(truths[frame.index], frame.size))
            total = Counts(*(a + b for a, b in zip(total, one, strict=True)))
    return total.scores()


def load_finder(name: str, source: Source) -> Find:
    """A segmenter with its own defaults, or the median and Otsu's threshold."""
    if name == OTSU:
        return load_median_otsu(source)
    segmenter = load_segmenter(name, source)
    return lambda frame: segmenter([frame])[0].union()


def load_median_otsu(source: Source) -> Find:
    """What one writes first: off the median picture by more than Otsu's threshold, specks smoothed out."""
    median = np.median([frame.image for frame in source.sample(MEDIAN_OF)], axis=0).astype(np.uint8)

    def find(frame: Frame) -> Mask:
        difference = cv2.absdiff(frame.image, median).max(axis=2)
        _, mask = cv2.threshold(difference, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
        return np.asarray(cv2.medianBlur(mask, 5), np.uint8)

    return find


def truths_of(folder: Path) -> dict[int, Path]:
    """The ground truth of each frame, by the frame's index.

    As many pictures as there are frames belong to them in natural order, else by the last number in their
    names.

    Raises:
        ValueError: no ground truth fits.
    """
    frames, truths = find_stills(folder / "input"), find_stills(folder / "groundtruth")
    if len(truths) == len(frames):
        return dict(enumerate(truths))
    by_number = {number_in(path.name): path for path in truths}
    numbers = [number_in(path.name) for path in frames]
    found = {index: by_number[number] for index, number in enumerate(numbers) if number in by_number}
    if not found:
        raise ValueError(f"{folder}: no picture in groundtruth/ has the number of one in input/")
    return found


def number_in(name: str) -> int:
    """The last number in a file's name, -1 where there is none.

    Example:
        >>> number_in("CaVignal_000012.png"), number_in("a2/gt7.png"), number_in("ROI.bmp")
        (12, 7, -1)
    """
    digits = re.findall(r"\d+", Path(name).stem)
    return int(digits[-1]) if digits else -1


def read_truth(path: Path, size: tuple[int, int]) -> Mask:
    """The ground truth picture (h, w) uint8.

    Raises:
        ValueError: it is no picture, or not of `size` (h, w).
    """
    truth = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_GRAYSCALE)
    if truth is None or truth.shape != size:
        came = "no picture" if truth is None else truth.shape
        raise ValueError(f"{path}: expected a picture of {size} (h, w), got {came}")
    return np.asarray(truth, np.uint8)


def find_sequences(folders: Iterable[Path]) -> list[Path]:
    """The folders that are sequences, and those directly in the others, by name.

    Raises:
        ValueError: a folder holds none.
    """
    sequences: list[Path] = []
    for folder in folders:
        inside = sorted(path.parent for path in folder.glob("*/input"))
        found = [folder] if (folder / "input").is_dir() else inside
        if not found:
            raise ValueError(f"{folder}: neither holds input/ and groundtruth/, nor folders that do")
        sequences += found
    return sequences


def best_threshold(sequences: Sequence[Path]) -> dict[str, Any]:
    """The scores at the grey level that is best for the mean of all sequences."""
    counted = {folder.name: counts_by_level(folder) for folder in sequences}
    scores = [{name: levels[row].scores() for name, levels in counted.items()} for row in range(len(LEVELS))]
    means = [float(np.mean([one["f"] for one in each.values()])) for each in scores]
    best = int(np.argmax(means))
    return {"finder": f"{THRESHOLD} {LEVELS[best]}", "sequences": scores[best], "mean_f": means[best]}


def counts_by_level(folder: Path) -> list[Counts]:
    """For each of LEVELS, what a threshold on the difference from the estimated scene counts to."""
    source = open_source(folder / "input")
    ground, truths = fit_background(source.sample(SAMPLES)).picture, truths_of(folder)
    totals = np.zeros((len(LEVELS), 3), np.int64)
    for frame in source:
        if frame.index in truths:
            truth = read_truth(truths[frame.index], frame.size)
            difference = cv2.medianBlur(cv2.absdiff(frame.image, ground).max(axis=2), 3)
            figures, grounds = (
                np.bincount(difference[truth == one], minlength=256) for one in (FIGURE, GROUND)
            )
            hits, wrong = (one[::-1].cumsum()[::-1] for one in (figures, grounds))
            above = np.array(LEVELS) + 1
            totals += np.stack([hits[above], wrong[above], figures.sum() - hits[above]], axis=1)
    return [Counts(*row) for row in totals.tolist()]


def rows(results: Sequence[dict[str, Any]], sequences: Sequence[str]) -> list[list[str]]:
    """F a sequence and finder, as lines of the table, with the mean at the end."""
    lines = []
    for one in results:
        if "missing" in one:
            lines.append([one["finder"], *("missing" for _ in sequences), one["missing"]])
        else:
            scores = [f"{one['sequences'][name]['f']:.3f}" for name in sequences]
            lines.append([one["finder"], *scores, f"{one['mean_f']:.3f}"])
    return lines


def measure(name: str, sequences: Sequence[Path]) -> dict[str, Any]:
    """The scores of one finder on all sequences, or why it cannot be tried."""
    try:
        scores = {folder.name: score(name, folder) for folder in sequences}
    except MissingExtraError as error:
        return {"finder": name, "missing": str(error)}
    return {"finder": name, "sequences": scores, "mean_f": float(np.mean([s["f"] for s in scores.values()]))}


def main(arguments: Sequence[str] | None = None) -> None:
    """Try all finders on all sequences; show and save the scores."""
    options = parser(__doc__)
    options.add_argument("folders", nargs="*", type=Path, default=[DATA / "fixed_camera/sbi"])
    options.add_argument("--find", nargs="+", default=FINDERS, help=f"some of {', '.join(FINDERS)}")
    chosen = options.parse_args(arguments)
    sequences = find_sequences(chosen.folders)
    results = [
        best_threshold(sequences) if name == THRESHOLD else measure(name, sequences) for name in chosen.find
    ]
    names = [folder.name for folder in sequences]
    print(table(["F", *names, "mean"], rows(results, names)))
    save(chosen.out, {"sequences": names, "median_of": MEDIAN_OF}, results)


if __name__ == "__main__":
    main()
