"""One input of a run, from opening it to its finished outputs."""

import os
import time
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from figureground.apps.cli.plan import VIDEO_SUFFIXES, Job, Output
from figureground.apps.cli.resume import (
    can_resume,
    drop_records,
    is_proven,
    keep_record,
    proof_of,
    record_of,
)
from figureground.apps.cli.segmenting import Settings, choose_segmenter, ready_segmenter
from figureground.apps.cli.show import Screen, masked
from figureground.errors import FiguregroundWarning, OptionError, OutputError
from figureground.pipeline import Summary, process
from figureground.stages import Segmenter, Source, Writer


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
    result = Result(masked(job.what), tuple(str(output.path) for output in job.outputs), "failed")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", FiguregroundWarning)
        try:
            result = _cut(job, settings, screen, result, resume=resume, overwrite=overwrite)
        except KeyboardInterrupt:
            result = replace(result, status="interrupted")
        except Exception as error:
            result = replace(result, error=screen.error(error, job.what))
    said = [masked(str(one.message)) for one in caught if issubclass(one.category, FiguregroundWarning)]
    told = tuple(dict.fromkeys([*said, *result.warnings]))
    return replace(result, warnings=told, seconds=round(time.perf_counter() - began, 3))


def _cut(
    job: Job, settings: Settings, screen: Screen, result: Result, *, resume: bool, overwrite: bool
) -> Result:
    record = record_of(job, asdict(settings))
    outputs = _still_to_write(job, record, resume=resume, overwrite=overwrite)
    if not outputs:
        return replace(result, status="skipped")
    source, whole = _open(job.what, settings)
    resume = resume and can_resume(outputs, record)
    name, frames = choose_segmenter(whole, settings), 0
    result = replace(result, segmenter=name)
    waiting = "looking at the empty scene" if name == "background" else "getting ready"
    with screen.progress(Path(masked(job.what)).name, source.info.count, waiting) as show:

        def progress(done: int) -> None:
            nonlocal frames
            frames = done
            show(done)

        try:
            segmenter = ready_segmenter(name, whole, settings)
            made_by = {output: f"{name} {proof_of(output, record)}" for output in outputs}
            writers = _writers(made_by, job.what, source, segmenter, settings.feather, resume, overwrite)
            keep_record(outputs, record)
            summary = process(source, segmenter, writers, progress=progress)
        except KeyboardInterrupt:
            return replace(result, status="interrupted", frames=frames)
        finally:
            drop_records(outputs)
    notes = [*_note_on_rate(source, outputs, settings), *_notes(writers)]
    return _counted(replace(result, status="ok", warnings=tuple(notes)), summary)


def _open(what: str, settings: Settings) -> tuple[Source, Source]:
    """The part that is asked for, and all of the input: the empty scene is estimated from the latter.

    Raises:
        OptionError: the part begins behind the input's end.
    """
    from figureground.sources import close_frames, open_source

    source = open_source(what, start=settings.start, end=settings.end, rate=settings.rate)
    if source.info.kind == "camera" or (settings.start is None and settings.end is None):
        return source, source
    whole = open_source(what, rate=settings.rate)
    frames = iter(source)
    empty = next(frames, None) is None
    close_frames(frames)
    if empty and settings.start is not None and whole.info.duration is not None:
        name = "video" if whole.info.kind == "video" else "sequence of pictures"
        count = "" if whole.info.count is None else f" ({whole.info.count} frames)"
        length = f"{float(whole.info.duration):.1f} s{count} long"
        raise OptionError(f"{what}: the {name} is {length}; --start {settings.start} lies behind its end")
    return source, whole


def _notes(writers: Sequence[Writer]) -> list[str]:
    return [note for writer in writers for note in getattr(writer, "notes", ())]


def _note_on_rate(source: Source, outputs: Sequence[Output], settings: Settings) -> list[str]:
    """Pictures carry no times: who makes a video of them should know at what rate it runs."""
    pictures = source.info.kind == "stills" and source.info.count != 1
    videos = any(output.path.suffix.lower() in VIDEO_SUFFIXES for output in outputs if not output.folder)
    if pictures and videos and settings.rate is None:
        return ["the pictures become a video of 1 frame a second; set it with --rate"]
    return []


def _counted(result: Result, summary: Summary) -> Result:
    return replace(
        result,
        frames=summary.frames,
        resumed=summary.resumed,
        frames_with_figures=summary.frames_with_figures,
        figures=summary.figures,
        problems=tuple(summary.problems),
    )


def _still_to_write(job: Job, record: dict[str, Any], *, resume: bool, overwrite: bool) -> list[Output]:
    """The outputs that no earlier run with the same `record` has finished.

    Raises:
        OutputError: something else is there, or neither resuming nor overwriting was asked for.
    """
    if overwrite:
        return list(job.outputs)
    there = [output for output in job.outputs if _taken(output.path)]
    finished = [output for output in there if resume and is_proven(output, record)]
    for output in there:
        if output not in finished:
            by = ", and not made by this very command from this input" if resume else ""
            raise OutputError(
                f"{output.path}: is there already{by}; use --overwrite to replace it, or another -o"
            )
    return [output for output in job.outputs if output not in finished]


def _taken(path: Path) -> bool:
    return any(path.iterdir()) if path.is_dir() else os.path.lexists(path)


def _writers(
    made_by: dict[Output, str],
    what: str,
    source: Source,
    segmenter: Segmenter,
    feather: float,
    resume: bool,
    overwrite: bool,
) -> list[Writer]:
    """A writer for each output; `made_by` holds what is kept in it."""
    from figureground.writers import open_writer

    audio = what if source.info.audio else None
    info = replace(source.info, name=masked(source.info.name))
    return [
        open_writer(
            f"{output.path}/" if output.folder else output.path,
            info,
            kind=output.kind,
            on=output.on,
            feather=feather,
            classes=segmenter.classes,
            audio_from=audio,
            resume=resume,
            overwrite=overwrite,
            made_by=text,
        )
        for output, text in made_by.items()
    ]
