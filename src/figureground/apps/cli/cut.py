"""`figureground cut`: from videos, folders of frames and photos to only the figures."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from figureground.apps.cli import options
from figureground.apps.cli.show import Screen, masked, put_json

if TYPE_CHECKING:
    from figureground.apps.cli.job import Result
    from figureground.apps.cli.plan import Job
    from figureground.apps.cli.segmenting import Settings

EXAMPLES = """\b
Examples:
  figureground cut arena.mp4 -o arena_figures.mp4
  figureground cut arena.mp4 -o arena.mov --on transparent
  figureground cut videos/ -o out --also overlay,masks
  figureground cut photo.jpg -o photo.png --on transparent
  figureground cut moving.mp4 -o mice.mp4 --model mice_model --keep mouse
  figureground cut arena.mp4 -o out --track --count 4 --also overlay --split
"""


def cut(
    inputs: options.Inputs,
    out: options.Out,
    on: options.On = "black",
    also: options.Also = "",
    segmenter: options.Segmenter = "auto",
    model: options.Model = None,
    min_area: options.MinArea = None,
    keep: options.Keep = None,
    score: options.Score = None,
    pick: options.Pick = None,
    engine: options.Engine = None,
    size: options.Size = None,
    feather: options.Feather = 0.0,
    start: options.Start = None,
    end: options.End = None,
    empty: options.Empty = None,
    rate: options.Rate = None,
    track: options.Track = False,
    tracker: options.Tracker = None,
    count: options.Number = None,
    arenas: options.Arenas = None,
    split: options.Split = False,
    video: options.Video = None,
    resume: options.Resume = False,
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> int:
    """Cut videos, folders of frames and photos: only the figures stay.

    With --track (which --count, --tracker and --arenas include) each figure has one number and colour through
    the video. A tracks file as INPUT is cut with the figures and numbers in it, corrected if they are.
    """
    from figureground.apps.cli.segmenting import Settings

    settings = Settings(
        *(segmenter, min_area, names(keep), feather, start, end, empty, rate),
        *(model, score, pick, engine, size),
        *(track or bool(tracker or count or arenas), tracker, count, arenas, video),
    )
    more = (*(names(also) or ()), *(["split"] if split else []))
    order = Order("cutout", on, more, resume, overwrite)
    return run_all(inputs, out, settings, order, Screen(quiet=quiet), as_json=as_json)


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be written: the kind of the main output and its ground, what comes beside it, and how."""

    kind: str
    on: str
    also: tuple[str, ...]
    resume: bool
    overwrite: bool


def run_all(
    inputs: Sequence[str], out: str, settings: "Settings", order: Order, screen: Screen, *, as_json: bool
) -> int:
    """Check what is asked for, do it for all inputs, tell what became of it; the exit code."""
    from figureground.apps.cli.checks import check, refuse_live
    from figureground.apps.cli.inputs import count_beside, find
    from figureground.apps.cli.plan import plan
    from figureground.apps.cli.replaying import check_tracks

    began = time.perf_counter()
    check(settings, order.on)
    found = find(inputs, out)
    check_tracks([one.what for one in found], settings)
    refuse_live([one.what for one in found] if order.resume else [])
    jobs = plan(found, out, on=order.on, also=order.also, kind=order.kind)
    if beside := count_beside(inputs, found):
        screen.say(f"left out: {beside} picture{'s' if beside > 1 else ''} beside videos")
    results = run_jobs(jobs, settings, screen, resume=order.resume, overwrite=order.overwrite)
    status, code = outcome(results)
    if as_json:
        from figureground import __version__

        seconds, records = round(time.perf_counter() - began, 3), [result.record() for result in results]
        put_json({"figureground": __version__, "status": status, "seconds": seconds, "inputs": records})
    return code


def run_jobs(
    jobs: Sequence["Job"], settings: "Settings", screen: Screen, *, resume: bool, overwrite: bool
) -> list["Result"]:
    """Cut one input after the other; one that fails does not stop the rest, Ctrl-C does."""
    from figureground.apps.cli.job import Result, run_job

    results: list[Result] = []
    for job in jobs:
        if results and results[-1].status in ("interrupted", "not started"):
            results.append(
                Result(masked(job.what), tuple(str(one.path) for one in job.outputs), "not started")
            )
            continue
        result = run_job(job, settings, screen, resume=resume, overwrite=overwrite)
        tell(result, screen)
        results.append(result)
    if len(jobs) > 1:
        _tell_sum(results, screen)
    return results


def outcome(results: Sequence["Result"]) -> tuple[str, int]:
    """The run's status in one word, and its exit code."""
    statuses = {result.status for result in results}
    if "interrupted" in statuses:
        return "interrupted", 130
    if "failed" not in statuses:
        return "ok", 0
    return ("failed", 2) if statuses == {"failed"} else ("partly", 1)


def tell(result: "Result", screen: Screen) -> None:
    """What became of one input, in plain words; errors were shown when they happened."""
    for text in result.warnings:
        screen.warn(f"{result.input}: {text}")
    for text in result.problems:
        screen.say(f"{result.input}: {text}")
    if result.status == "interrupted":
        screen.say(f"{result.input}: stopped; the same command with --resume goes on from here")
    elif result.status == "skipped":
        screen.say(f"{result.input}: done by an earlier run: {result.outputs[0]}")
    elif result.status == "ok":
        screen.say(f"{result.input} -> {', '.join(result.outputs)}")
        if result.frames:  # none where an earlier run had done all but splitting
            screen.say(f"  {_found(result)}, {result.seconds:.1f} s")


def _found(result: "Result") -> str:
    from figureground.apps.cli.following import followed_text

    frames, cut_now = result.frames, result.frames - result.resumed
    text = "1 frame" if frames == 1 else f"{frames} frames"
    if result.resumed:
        text += f" ({result.resumed} of them by an earlier run)"
    if not result.figures:
        return f"{text}, no figures found" + (" in the others" if result.resumed else "")
    share = 100 * result.frames_with_figures / cut_now
    each = result.figures / result.frames_with_figures
    if result.tracking is not None:
        text = f"{followed_text(result.tracking)}: {text}"
    return f"{text}, figures in {share:.0f} % of them, {each:.1f} on average where there are any"


def _tell_sum(results: Sequence["Result"], screen: Screen) -> None:
    words = ("ok", "skipped", "failed", "interrupted", "not started")
    counts = {name: sum(result.status == name for result in results) for name in words}
    told = [f"{count} {name}" for name, count in counts.items() if count]
    screen.say(f"{len(results)} inputs: {', '.join(told)}")


def names(text: str | None) -> tuple[str, ...] | None:
    """The names in a list by commas; None where nothing was given."""
    return None if not text else tuple(name.strip() for name in text.split(",") if name.strip())
