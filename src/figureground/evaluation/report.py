"""The folder of an evaluation: tables, what was found, the worst pictures, and a page that shows it all."""

import csv
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from figureground.datasets.dataset import Dataset
from figureground.errors import OptionError
from figureground.evaluation.central import PICKS
from figureground.evaluation.coco_ap import Precision
from figureground.evaluation.judge import CUT, MEASURES
from figureground.evaluation.page import Sheet, best_of, evaluations_to_html, jpeg
from figureground.evaluation.result import Evaluation, Spread
from figureground.evaluation.source import DatasetSource
from figureground.evaluation.worst import side_by_side, worst

WORST = 8
"""Pictures that are shown of a model."""


def worst_sheets(source: DatasetSource, found: Sequence[Evaluation]) -> dict[str, Sequence[Sheet]]:
    """The worst pictures of each of a few models, else of the first and the best, by their names."""
    few = list(found) if len(found) <= 3 else [found[0], best_of(found)]
    sheets: dict[str, Sequence[Sheet]] = {}
    for one in few:
        pictures = worst(one, WORST)
        sheets[one.name] = list(zip(pictures, side_by_side(source, one, pictures), strict=True))
    return sheets


def write_report(
    folder: Path,
    found: Sequence[Evaluation],
    data: Dataset,
    sheets: dict[str, Sequence[Sheet]],
    *,
    title: str,
    version: str,
    notes: Sequence[str] = (),
) -> None:
    """Write into `folder`, which is empty:

        report.html             the page
        scores.json             every number
        iou/MODEL_PICK.csv      image_id,IoU of the main figure, for each way of choosing what was found
        pictures/MODEL.csv      every number of each picture
        confusion/MODEL.csv     drawn against found
        found/MODEL.json        COCO's results, for pycocotools and other tools
        worst/MODEL/*.jpg       picture, drawn, found

    Args:
        folder: where to.
        found: the evaluations.
        data: the dataset that they are of.
        sheets: the worst pictures, see `worst_sheets`.
        title: the dataset's name.
        version: of figureground.
        notes: what the reader must know.
    """
    page = evaluations_to_html(found, title=title, version=version, sheets=sheets, notes=notes)
    (folder / "report.html").write_text(page, "utf-8")
    record = {
        "figureground": version,
        "dataset": title,
        "notes": notes,
        "models": [record_of(one) for one in found],
    }
    (folder / "scores.json").write_bytes(msgspec.json.format(msgspec.json.encode(record)) + b"\n")
    for name in ("iou", "pictures", "confusion", "found"):
        (folder / name).mkdir()
    for one in found:
        name = file_name(one.name)
        for pick in PICKS:
            _write_ious(folder / "iou" / f"{name}_{pick}.csv", one, pick)
        _write_pictures(folder / "pictures" / f"{name}.csv", one)
        _write_confusion(folder / "confusion" / f"{name}.csv", one)
        _write_found(folder / "found" / f"{name}.json", one, data)
    for of, pages in sheets.items():
        _write_sheets(folder / "worst" / file_name(of), pages)


def record_of(one: Evaluation) -> dict[str, Any]:
    """Every number of an evaluation but those of single pictures, for JSON; None where there is none."""
    return {
        "model": one.name,
        "any_class": one.agnostic,
        "score": one.score,
        "pictures": one.scores.pictures,
        "drawn": one.scores.drawn,
        "found": sum(judged.found for judged in one.pictures),
        "ms": known(one.ms),
        "box": _precision(one.scores.box),
        "mask": _precision(one.scores.mask),
        "iou": {measure: _spread(one.iou(measure)) for measure in MEASURES},
        "boundary": {measure: _spread(one.boundary(measure)) for measure in MEASURES},
        "missed": int(one.confusion[:-1, -1].sum()),
        "invented": int(one.confusion[-1, :-1].sum()),
    }


def known(value: float) -> float | None:
    """`value`, or None where it is no number, which JSON does not know."""
    return float(value) if math.isfinite(value) else None


def file_name(name: str) -> str:
    """`name` as a file may be called anywhere.

    Example:
        >>> file_name("run 1/epoch:03")
        'run_1_epoch_03'
    """
    return re.sub(r"[^\w.-]+", "_", name).strip("._") or "model"


def unique_names(paths: Sequence[str]) -> list[str]:
    """The shortest ends of `paths` by which they, and the names of files made of them, differ.

    The folder `model` of a training run is called as the run.

    Raises:
        OptionError: two are the same.

    Example:
        >>> unique_names(["runs/mouse_1/model", "runs/mouse_2/model", "grabcut"])
        ['mouse_1', 'mouse_2', 'grabcut']
    """
    parts = [_parts(path) for path in paths]
    names = []
    for own in parts:
        length = 1
        while length < len(own) and sum(_tail(other, length) == _tail(own, length) for other in parts) > 1:
            length += 1
        names.append(_tail(own, length))
    files = [file_name(name).casefold() for name in names]
    for place, file in enumerate(files):
        if file in files[:place]:
            raise OptionError(f"{paths[place]}: is given twice, or is named like another")
    return names


def _parts(path: str) -> list[str]:
    parts = [one for one in Path(path).parts if one not in ("/", ".")]
    return parts[:-1] if len(parts) > 1 and parts[-1] == "model" else parts or [path]


def _tail(parts: Sequence[str], length: int) -> str:
    return "/".join(parts[-length:])


def _precision(one: Precision) -> dict[str, Any]:
    names = [name for name in Precision.__dataclass_fields__ if name != "classes"]
    classes = [
        {
            "name": each.name,
            "ap": known(each.ap),
            "ap50": known(each.ap50),
            "ar": known(each.ar),
            "drawn": each.figures,
        }
        for each in one.classes
        if each.figures
    ]
    return {name: known(getattr(one, name)) for name in names} | {"classes": classes}


def _spread(one: Spread) -> dict[str, Any]:
    return {
        "pictures": one.count,
        "mean": known(one.mean),
        "median": known(one.median),
        "below_0.5": known(one.poor),
    }


def _write_rows(path: Path, rows: Sequence[Sequence[object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def _write_ious(path: Path, one: Evaluation, measure: str) -> None:
    rows = [(judged.image_id, judged.iou[measure]) for judged in one.pictures if measure in judged.iou]
    _write_rows(path, [("image_id", "IoU"), *rows])


def _write_pictures(path: Path, one: Evaluation) -> None:
    kinds = [*(f"iou_{name}" for name in MEASURES), *(f"boundary_{name}" for name in MEASURES)]
    rows: list[Sequence[object]] = [("image_id", "file_name", "drawn", "found", "ms", *kinds)]
    for each in one.pictures:
        numbers = [part.get(name, "") for part in (each.iou, each.boundary) for name in MEASURES]
        rows.append((each.image_id, each.file_name, each.drawn, each.found, round(each.ms, 2), *numbers))
    _write_rows(path, rows)


def _write_confusion(path: Path, one: Evaluation) -> None:
    names = [*one.classes, "invented"]
    rows = [(name, *row) for name, row in zip(names, one.confusion.tolist(), strict=True)]
    _write_rows(path, [("drawn", *one.classes, "missed"), *rows])


def _write_found(path: Path, one: Evaluation, data: Dataset) -> None:
    """COCO's results; where no class is shared and there are several, there is no id to give."""
    if len(one.classes) != len(data.categories):
        return
    rows = [
        {
            **{key: row[key] for key in ("image_id", "bbox", "score")},
            "category_id": data.categories[row["category_id"] - 1].id,
            "segmentation": {
                "size": row["segmentation"]["size"],
                "counts": row["segmentation"]["counts"].decode(),
            },
        }
        for row in one.results
    ]
    path.write_bytes(msgspec.json.encode(rows))


def _write_sheets(folder: Path, sheets: Sequence[Sheet]) -> None:
    folder.mkdir(parents=True)
    for place, (judged, image) in enumerate(sheets, 1):
        name = file_name(Path(judged.file_name).stem)[:60]
        path = folder / f"{place:02d}_cut_{judged.iou[CUT]:.2f}_{name}.jpg"
        path.write_bytes(jpeg(image, 88))
