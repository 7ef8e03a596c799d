"""One input of a run, from opening it to its finished outputs."""

import contextlib
import os
import time
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from figureground.apps.cli.following import ready_tracker
from figureground.apps.cli.plan import FOLLOWED, VIDEO_SUFFIXES, Job, Output, refuse_inputs
from figureground.apps.cli.replaying import is_tracks, open_replay
from figureground.apps.cli.resume import (
    Run,
    can_resume,
    drop_records,
    is_proven,
    keep_record,
    record_of,
)
from figureground.apps.cli.segmenting import Settings, choose_segmenter, ready_segmenter
from figureground.apps.cli.show import Screen, masked
from figureground.errors import FiguregroundWarning, OptionError, OutputError
from figureground.frames import SourceInfo
from figureground.pipeline import Summary, process
from figureground.stages import Segmenter, Source, Writer

if TYPE_CHECKING:
    from figureground.segmenters.replay import Replay


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one job.

    Attributes:
        status: "ok", "failed", "interrupted", "skipped" (finished by an earlier run) or "not started".
        frames: written by this run, and by the run that it resumes.
        resumed: how many of them the earlier run wrote; the figures of those are not counted again.
        tracking: what the tracker did, None where there was none.
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
    tracking: dict[str, Any] | None = None
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
    with contextlib.ExitStack() as files:
        replay = open_replay(job.what, files) if is_tracks(job.what) else None
        video = job.what if replay is None else replay.find_video(settings.video)
        refuse_inputs([replace(job, what=video)])
        source, whole = _open(video, settings)
        depth = any(output.kind == "depth" for output in outputs)
        if depth and replay is not None:
            raise OptionError(
                f"{job.what}: a tracks file keeps no depth of the whole frame; cut the video itself"
            )
        name = choose_segmenter(whole, settings, depth=depth) if replay is None else "tracks"
        result = replace(result, segmenter=name)
        streamed = [output for output in outputs if output.kind != "split"]
        if streamed:
            run = Run(job, settings, record, resume and can_resume(streamed, record), overwrite)
            result = _streamed(run, streamed, _Read(video, source, whole, replay), screen, result)
        split = [output for output in outputs if output.kind == "split"]
        if split and result.status != "interrupted":
            run = Run(job, settings, record, resume and can_resume(split, record), overwrite)
            result = _split(run, split, video, screen, result)
        return result


@dataclass(frozen=True, slots=True)
class _Read:
    """What a job reads: the video's name, the part that is asked for, all of it, and tracks if given."""

    video: str
    source: Source
    whole: Source
    replay: "Replay | None"


def _streamed(run: Run, outputs: Sequence[Output], read: _Read, screen: Screen, result: Result) -> Result:
    """Write what one pass over the frames makes."""
    name, frames, source, replay = result.segmenter, 0, read.source, read.replay
    waiting = "looking at the empty scene" if name in ("background", "pair") else "getting ready"
    tracker = ready_tracker(run.settings) if _is_followed(run, replay is not None) else None
    with screen.progress(Path(masked(run.job.what)).name, source.info.count, waiting) as show:

        def progress(done: int) -> None:
            nonlocal frames
            frames = done
            show(done)

        try:
            segmenter = ready_segmenter(name, read.whole, run.settings, replay)
            writers = _writers(run, outputs, name, read.video, source, segmenter)
            keep_record(outputs, run.record)
            summary = process(source, segmenter, writers, tracker=tracker, progress=progress)
        except KeyboardInterrupt:
            return replace(result, status="interrupted", frames=frames)
        finally:
            drop_records(outputs)
    notes = [*_note_on_rate(source, outputs, run.settings), *_notes([*writers, replay])]
    result = replace(result, status="ok", warnings=tuple(notes))
    if tracker is not None:
        result = replace(result, tracking=tracker.record())
    return _counted(result, summary)


def _is_followed(run: Run, replayed: bool) -> bool:
    """Whether ids are to be given: figures of a tracks file have theirs, unless new ones are asked for."""
    wanted = any(output.kind in FOLLOWED for output in run.job.outputs)
    return run.settings.track or (wanted and not replayed)


def _split(run: Run, outputs: Sequence[Output], video: str, screen: Screen, result: Result) -> Result:
    """Write the videos of single figures, from the job's tracks, which are whole now."""
    from figureground.apps.cli.splitting import split_figures

    try:
        notes = split_figures(run, video, result.segmenter, screen)
    except KeyboardInterrupt:
        return replace(result, status="interrupted")
    finally:
        drop_records(outputs)
    return replace(result, status="ok", warnings=(*result.warnings, *notes))


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


def _notes(parts: Sequence[object]) -> list[str]:
    return [note for part in parts for note in getattr(part, "notes", ())]


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
    run: Run, outputs: Sequence[Output], name: str, video: str, source: Source, segmenter: Segmenter
) -> list[Writer]:
    """A writer for each output; each keeps what made it, with the proof for a later run."""
    from figureground.writers import open_writer

    audio = video if source.info.audio else None
    info = replace(source.info, name=masked(source.info.name))
    made_by = {output: run.made_by(output, name) for output in outputs}
    return [
        _track_writer(run, output, name, video, info, segmenter, made_by[output])
        if output.kind == "tracks"
        else open_writer(
            f"{output.path}/" if output.folder else output.path,
            info,
            kind=output.kind,
            on=output.on,
            feather=run.settings.feather,
            classes=segmenter.classes,
            audio_from=audio,
            resume=run.resume,
            overwrite=run.overwrite,
            made_by=made_by[output],
        )
        for output in outputs
    ]


def _track_writer(
    run: Run, output: Output, name: str, video: str, info: SourceInfo, segmenter: Segmenter, made_by: str
) -> Writer:
    """The writer of a tracks file, which says of which video it is and with what options it was made."""
    from figureground import __version__
    from figureground.models.card import sha256
    from figureground.tracks import TrackInfo
    from figureground.writers.trackfile import open_track_writer

    given = {key: value for key, value in asdict(run.settings).items() if value not in (None, False)}
    about = TrackInfo(
        info.name,
        info.size,
        info.rate,
        sha256(Path(video)) if info.kind == "video" and Path(video).is_file() else "",
        segmenter.classes,
        f"figureground {__version__} {made_by}",
        given | {"segmenter": name, "tracker": run.settings.tracker or "motion"},
    )
    return open_track_writer(output.path, about, resume=run.resume, overwrite=run.overwrite)
