"""The log of a training as a CSV file, and its curves as a picture."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from figureground.files import written
from figureground.frames import Image

Row = Mapping[str, float]
COLUMNS = (
    "step",
    "epoch",
    "rate",
    "loss",
    "objectness",
    "proposals",
    "classes",
    "boxes",
    "masks",
    "mask_ap",
    "mask_ap50",
    "box_ap",
    "box_ap50",
)
_SIZE = 360, 640  # of a panel
_EDGE = 30, 20, 40, 64  # top, right, bottom, left
_COLOURS = ((31, 119, 180), (214, 39, 40), (44, 160, 44), (148, 103, 189))


class Log:
    """The rows of a training, in memory and in a file that grows.

    Args:
        path: of the CSV file; rows that are there up to `step` are kept.
        step: where the training goes on; what was logged behind it is dropped.
        columns: of the file.
    """

    def __init__(self, path: Path, step: int = 0, columns: Sequence[str] = COLUMNS) -> None:
        self._path, self._columns = path, columns
        kept = [row for row in read_log(path) if row["step"] <= step] if path.is_file() else []
        self.rows: list[dict[str, float]] = kept
        with written(path) as part, part.open("w", newline="", encoding="utf-8") as file:
            table = csv.DictWriter(file, columns)
            table.writeheader()
            table.writerows(kept)

    def add(self, row: Row) -> None:
        """One more row; columns that it lacks stay empty."""
        self.rows.append(dict(row))
        with self._path.open("a", newline="", encoding="utf-8") as file:
            csv.DictWriter(file, self._columns).writerow(row)


def read_log(path: str | Path) -> list[dict[str, float]]:
    """The rows of a log, each with the columns that it has."""
    with Path(path).open(newline="", encoding="utf-8") as file:
        return [{name: float(value) for name, value in row.items() if value} for row in csv.DictReader(file)]


def write_curves(
    rows: Sequence[Row], path: str | Path, parts: Sequence[str] = ("mask_ap50", "mask_ap")
) -> None:
    """Draw loss and scores, the columns `parts`, over the steps.

    Raises:
        OutputError: it cannot be written.
    """
    losses = [[(row["step"], row["loss"]) for row in rows if "loss" in row]]
    scores = [[(row["step"], row[name]) for row in rows if name in row] for name in parts]
    loss_names = ("loss, mean of 20 steps",)
    panels = [_panel(losses, loss_names, smooth=20), _panel(scores, parts, top=1.0)]
    with written(path) as part:
        cv2.imwrite(str(part), np.hstack(panels)[..., ::-1])


def _panel(
    lines: Sequence[Sequence[tuple[float, float]]], names: Sequence[str], *, top: float = 0, smooth: int = 1
) -> Image:
    panel = np.full((*_SIZE, 3), 255, np.uint8)
    curves = [_smoothed(np.array(line, np.float64).reshape(-1, 2), smooth) for line in lines]
    points = np.concatenate(curves)
    if not len(points):
        return panel
    last = float(points[:, 0].max())
    top = top or 1.05 * float(np.quantile(points[:, 1], 0.99))
    _draw_axes(panel, last, top)
    for number, (curve, name) in enumerate(zip(curves, names, strict=True)):
        colour = _COLOURS[number]
        places = _places(curve, last, top)
        cv2.polylines(panel, [places], False, colour, 2, cv2.LINE_AA)
        if len(curve) <= 50:
            for x, y in places:
                cv2.circle(panel, (int(x), int(y)), 3, colour, -1, cv2.LINE_AA)
        _write(panel, name, (_EDGE[3] + 10 + 240 * number, 20), colour)
    return panel


def _smoothed(line: npt.NDArray[np.float64], window: int) -> npt.NDArray[np.float64]:
    """Each value the mean of the last `window`."""
    if window < 2 or len(line) < 2:
        return line
    sums = np.concatenate([[0.0], np.cumsum(line[:, 1])])
    ends = np.arange(1, len(line) + 1)
    starts = np.maximum(0, ends - window)
    return np.stack([line[:, 0], (sums[ends] - sums[starts]) / (ends - starts)], axis=1)


def _places(line: npt.NDArray[np.float64], last: float, top: float) -> npt.NDArray[np.int32]:
    above, right, below, left = _EDGE
    x = left + line[:, 0] / max(last, 1) * (_SIZE[1] - left - right)
    y = _SIZE[0] - below - np.clip(line[:, 1] / max(top, 1e-12), 0, 1) * (_SIZE[0] - above - below)
    return np.stack([x, y], axis=1).round().astype(np.int32)


def _draw_axes(panel: Image, last: float, top: float) -> None:
    grey = (215, 215, 215)
    for share in np.linspace(0, 1, 6):
        ends = np.array([[0, share * top], [last, share * top]])
        (x0, y), (x1, _) = _places(ends, last, top).tolist()
        cv2.line(panel, (x0, y), (x1, y), grey, 1)
        _write(panel, f"{share * top:.2g}", (8, y + 5))
        ((x, _),) = _places(np.array([[share * last, 0]]), last, top).tolist()
        _write(panel, f"{share * last:.0f}", (x - 14, _SIZE[0] - 16))
    _write(panel, "steps", (_SIZE[1] // 2, _SIZE[0] - 2))


def _write(panel: Image, text: str, at: tuple[int, int], colour: tuple[int, int, int] = (90, 90, 90)) -> None:
    cv2.putText(panel, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.45, colour, 1, cv2.LINE_AA)
