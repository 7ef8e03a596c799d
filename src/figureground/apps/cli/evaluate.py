"""`figureground evaluate`: how good models are on annotated pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from figureground.apps.cli import options
from figureground.apps.cli.dataset import options as own
from figureground.apps.cli.dataset.common import load, names
from figureground.apps.cli.dataset.footage import warnings_told
from figureground.apps.cli.show import Screen, put, put_json
from figureground.errors import OptionError, OutputError

if TYPE_CHECKING:
    from figureground.evaluation.page import Sheet
    from figureground.evaluation.result import Evaluation
    from figureground.evaluation.source import DatasetSource

EXAMPLES = """\b
Examples:
  figureground evaluate model/ test.json -o report
  figureground evaluate runs/*/model test.json -o report
  figureground evaluate coco_model/ model/ grabcut test.json --html compared.html
"""

Things = Annotated[
    list[str],
    typer.Argument(
        metavar="MODEL... DATASET",
        help="Model folders, or segmenters such as grabcut; and last, annotated pictures that no model was "
        "trained on.",
    ),
]
Out = Annotated[
    str,
    typer.Option(
        "-o", "--out", metavar="FOLDER", help="Write tables, the worst pictures and a page to this folder."
    ),
]
Html = Annotated[
    str, typer.Option("--html", metavar="FILE", help="Write the page alone; one file, no network.")
]
Score = Annotated[
    float,
    typer.Option(metavar="S", help="Figures less sure than this count only for average precision; 0 to 1."),
]
Engine = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="What runs the models: auto, exact, onnxruntime, openvino, openvino-bf16; torch for graphics "
        "cards.",
    ),
]
Subject = Annotated[
    str | None,
    typer.Option(
        metavar="CLASS,...", help="Each picture's main figure is of one of these classes; any by default."
    ),
]


@dataclass(frozen=True)
class Settings:
    """How every model is looked at; see the options."""

    score: float
    subjects: Sequence[str]
    engine: str


def evaluate(
    things: Things,
    out: Out = "",
    html: Html = "",
    score: Score = 0.5,
    subject: Subject = None,
    engine: Engine = "auto",
    images: own.Images = None,
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> int:
    """Compare what models find with what is drawn: COCO's AP, IoU of the main figure, outlines, confusion.

    A run with -o that was stopped goes on from there, with the same command.
    """
    from figureground.datasets.pictures import PictureFiles
    from figureground.evaluation.report import unique_names
    from figureground.evaluation.source import DatasetSource

    models, dataset = _parted(things)
    called = unique_names(models)
    _check(models, score, out, html, overwrite=overwrite)
    screen, settings = Screen(quiet=quiet), Settings(score, names(subject), engine)
    data = load(dataset, images, screen)
    with PictureFiles(data) as files:
        source = DatasetSource(data, files)
        found = [
            _evaluated(what, name, source, settings, _log_folder(out), screen)
            for what, name in zip(models, called, strict=True)
        ]
        told = _notes(found, source, screen)
        if out or html:
            _write(found, source, dataset, told, out, html, screen, overwrite=overwrite)
    if as_json:
        _put_record(found, dataset, told)
    elif not quiet:
        _put_table(found)
    return 0


def _parted(things: Sequence[str]) -> tuple[list[str], str]:
    if len(things) < 2:
        raise OptionError(
            f"got only {', '.join(things)}; give models and, last, a dataset: "
            "figureground evaluate MODEL... DATASET"
        )
    return list(things[:-1]), things[-1]


def _check(models: Sequence[str], score: float, out: str, html: str, *, overwrite: bool) -> None:
    """All that can be wrong is told before the work begins, which may take hours."""
    from figureground.evaluation.opened import check_model
    from figureground.folders import check_folder

    if not 0 <= score <= 1:
        raise OptionError(f"--score must be 0 to 1, got {score:g}")
    for what in models:
        check_model(what)
    if out:
        check_folder(Path(out), overwrite=overwrite)
    if html and Path(html).exists() and not overwrite:
        raise OutputError(f"{html}: is there already; give another name, or --overwrite")


def _log_folder(out: str) -> Path | None:
    """Where a run that is stopped leaves what was found; only -o tells a later one where to look."""
    from figureground.files import part_folder

    return part_folder(out) if out else None


def _evaluated(
    what: str,
    name: str,
    source: "DatasetSource",
    settings: Settings,
    logs: Path | None,
    screen: Screen,
) -> "Evaluation":
    from figureground.evaluation.evaluate import evaluate
    from figureground.evaluation.opened import fingerprint, open_model

    log = logs / f"{fingerprint(what, source, settings.engine)}.jsonl" if logs else None
    total = len(source.dataset.pictures)
    try:
        with warnings_told(screen), screen.progress(name, total, "opening", unit="pictures") as progress:
            segmenter = open_model(what, source, settings.engine)
            return evaluate(
                source,
                segmenter,
                name,
                score=settings.score,
                subjects=settings.subjects,
                log=log,
                progress=progress,
            )
    except KeyboardInterrupt:
        if log:
            screen.say(f"{name}: stopped; the same command goes on from here")
        raise


def _notes(found: Sequence["Evaluation"], source: "DatasetSource", screen: Screen) -> list[str]:
    from figureground.evaluation.notes import notes

    told = notes(found, source.dataset)
    for text in told:
        screen.warn(text)
    return told


def _write(
    found: Sequence["Evaluation"],
    source: "DatasetSource",
    dataset: str,
    notes: Sequence[str],
    out: str,
    html: str,
    screen: Screen,
    *,
    overwrite: bool,
) -> None:
    import shutil

    from figureground import __version__
    from figureground.evaluation.page import evaluations_to_html
    from figureground.evaluation.report import worst_sheets, write_report
    from figureground.files import part_folder, written
    from figureground.folders import written_folder

    title = "/".join(Path(dataset).resolve().parts[-2:])
    sheets: dict[str, Sequence[Sheet]] = worst_sheets(source, found)
    if html:
        page = evaluations_to_html(found, title=title, version=__version__, sheets=sheets, notes=notes)
        with written(html) as part:
            part.write_text(page, "utf-8")
        screen.say(f"-> {html}")
    if out:
        with written_folder(out, overwrite=overwrite) as folder:
            write_report(folder, found, source.dataset, sheets, title=title, version=__version__, notes=notes)
        shutil.rmtree(part_folder(out), ignore_errors=True)
        screen.say(f"-> {Path(out) / 'report.html'}")


def _put_table(found: Sequence["Evaluation"]) -> None:
    from figureground.evaluation.tables import comparison_lines

    for line in comparison_lines(found):
        put(line)


def _put_record(found: Sequence["Evaluation"], dataset: str, notes: Sequence[str]) -> None:
    from figureground import __version__
    from figureground.evaluation.report import record_of

    models = [record_of(one) for one in found]
    put_json(
        {"figureground": __version__, "status": "ok", "dataset": dataset, "notes": notes, "models": models}
    )
