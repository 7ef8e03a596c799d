"""One input of a run, from opening it to its finished outputs."""

import os
import time
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from figureground.apps.cli.plan import Job, Output
from figureground.apps.cli.resume import can_resume, keep_record, record_of
from figureground.apps.cli.show import Screen
from figureground.errors import FiguregroundWarning, OutputError
from figureground.files import part_folder
from figureground.pipeline import Summary, process
from figureground.stages import Segmenter, Source, Writer

_FEW = 8  # stills; with more, of one size, the ground can be learned from them


@dataclass(frozen=True, slots=True)
class Settings:
    """The options of `figureground cut` that shape the result; paths are texts, None is not given."""

    segmenter: str = "auto"
    min_area: int | None = None
    keep: tuple[str, ...] | None = None
    feather: float = 0.0
    start: str | None = None
    end: str | None = None
    empty: str | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one job.

    Attributes:
        status: "ok", "failed", "interrupted", "skipped" (finished by an earlier run) or "not started".
        frames: written by this run, and by the run that it resumes.
        resumed: how many of them the earlier run wrote; the figures of those are not counted again.
    """

    input: str
    outputs: tuple[str, ...]
    status: str
    frames: int = 0
    resumed: int = 0
    frames_with_figures: int = 0
    figures: int = 0
    seconds: float = 0.0
    segmenter: str = ""
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    error: str = ""

    def record(self) -> dict[str, Any]:
        """As plain data for JSON."""
        return asdict(self)


def run_job(
    job: Job, settings: Settings, screen: Screen, *, resume: bool = False, overwrite: bool = False
) -> Result:
    """Cut one input; whatever goes wrong is shown and told in the result, never raised."""
    began = time.perf_counter()
    result = Result(job.what, tuple(str(output.path) for output in job.outputs), "failed")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", FiguregroundWarning)
        try:
            result = _cut(job, settings, screen, result, resume=resume, overwrite=overwrite)
        except KeyboardInterrupt:
            result = replace(result, status="interrupted")
        except Exception as error:
            result = replace(result, error=screen.error(error, job.what))
    said = [str(one.message) for one in caught if issubclass(one.category, FiguregroundWarning)]
    told = tuple(dict.fromkeys([*said, *result.warnings]))
    return replace(result, warnings=told, seconds=round(time.perf_counter() - began, 3))


def _cut(
    job: Job, settings: Settings, screen: Screen, result: Result, *, resume: bool, overwrite: bool
) -> Result:
    from figureground.sources import open_source

    outputs = _still_to_write(job, resume=resume, overwrite=overwrite)
    if not outputs:
        return replace(result, status="skipped")
    source = open_source(job.what, start=settings.start, end=settings.end)
    record = record_of(job, asdict(settings))
    resume = resume and can_resume(outputs, record)
    name = _segmenter_for(source, settings)
    with screen.progress(Path(job.what).name or job.what, source.info.count) as progress:
        segmenter = _ready(name, source, settings)
        writers = _writers(outputs, job.what, source, segmenter, settings.feather, resume, overwrite)
        keep_record(outputs, record)
        summary = process(source, segmenter, writers, progress=progress)
    notes = [note for writer in writers for note in getattr(writer, "notes", ())]
    return _counted(replace(result, status="ok", segmenter=name, warnings=tuple(notes)), summary)


def _counted(result: Result, summary: Summary) -> Result:
    return replace(
        result,
        frames=summary.frames,
        resumed=summary.resumed,
        frames_with_figures=summary.frames_with_figures,
        figures=summary.figures,
        problems=tuple(summary.problems),
    )


def _still_to_write(job: Job, *, resume: bool, overwrite: bool) -> list[Output]:
    """The outputs that no earlier run has finished.

    Raises:
        OutputError: one is there already, and neither resuming nor overwriting was asked for.
    """
    if overwrite:
        return list(job.outputs)
    there = [output for output in job.outputs if _taken(output.path)]
    finished = [output for output in there if resume and not part_folder(output.path).exists()]
    for output in there:
        if output not in finished:
            raise OutputError(
                f"{output.path}: is there already; use --overwrite to replace it, or another -o"
            )
    return [output for output in job.outputs if output not in finished]


def _taken(path: Path) -> bool:
    return any(path.iterdir()) if path.is_dir() else os.path.lexists(path)


def _segmenter_for(source: Source, settings: Settings) -> str:
    """The ground can be learned where many pictures show one scene; else it must be guessed."""
    if settings.segmenter != "auto":
        return settings.segmenter
    if source.info.kind != "stills" or settings.empty is not None:
        return "background"
    sizes = [frame.size for frame in source.sample(_FEW + 1)]
    return "background" if len(sizes) > _FEW and len(set(sizes)) == 1 else "grabcut"


def _ready(name: str, source: Source, settings: Settings) -> Segmenter:
    from figureground.segmenters import load_segmenter
    from figureground.segmenters.keep import kept

    options: dict[str, Any] = {} if settings.empty is None else {"empty": settings.empty}
    if name == "background" and settings.min_area is not None:
        options["min_area"] = settings.min_area  # it drops specks by a size of its own otherwise
    segmenter = load_segmenter(name, source, **options)
    if settings.keep is None and not settings.min_area:
        return segmenter
    return kept(segmenter, classes=settings.keep, min_area=settings.min_area or 0)


def _writers(
    outputs: Sequence[Output],
    what: str,
    source: Source,
    segmenter: Segmenter,
    feather: float,
    resume: bool,
    overwrite: bool,
) -> list[Writer]:
    from figureground.writers import open_writer

    audio = what if source.info.audio else None
    return [
        open_writer(
            f"{output.path}/" if output.folder else output.path,
            source.info,
            kind=output.kind,
            on=output.on,
            feather=feather,
            classes=segmenter.classes,
            audio_from=audio,
            resume=resume,
            overwrite=overwrite,
        )
        for output in outputs
    ]
