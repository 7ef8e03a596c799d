"""One cut-out video for each figure, made from tracks and their video.

They are made after the tracks, when it is known how long each figure was there: so what was seen for a
moment makes no video. The video is read once for every few figures, and no more encoders than that run.
"""

import contextlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from figureground.apps.cli.plan import Output
from figureground.apps.cli.replaying import open_replay
from figureground.apps.cli.resume import Run, keep_record
from figureground.apps.cli.show import Screen, masked
from figureground.files import output_errors
from figureground.pipeline import process
from figureground.tracks import Tracks
from figureground.writers import open_writer
from figureground.writers.one import OneFigure
from figureground.writers.part import Part
from figureground.writers.pictures import LIST
from figureground.writers.plan import prepare_part

if TYPE_CHECKING:
    from figureground.segmenters.replay import Replay

AT_ONCE = 8  # videos that are written in one reading
SHORTEST = Fraction(1)  # second: what was seen for less has no video
_FOLDER = "videos"


@dataclass(frozen=True, slots=True)
class Life:
    """One figure of the tracks: in how many frames it was found, from which to which, and its class."""

    id: int
    label: str
    frames: int
    first: int
    last: int

    @property
    def name(self) -> str:
        """Of its video, without the suffix.

        Example:
            >>> Life(3, "fruit fly", 900, 0, 999).name
            'fruit_fly_3'
        """
        return f"{re.sub(r'[^0-9A-Za-z-]+', '_', self.label).strip('_')[:80] or 'figure'}_{self.id}"


def split_figures(run: Run, video: str, name: str, screen: Screen) -> list[str]:
    """Write a folder with a video for each figure of the job's tracks; what is to be told of it.

    Every video has all frames of the input, at their times: frame n is the same moment in all of them. What
    is not this figure is the ground of the output. The folder appears when all of them are whole.

    Args:
        run: the job, its options, and whether to go on from an interrupted one.
        video: that the tracks are of.
        name: of the segmenter, kept in the videos.
        screen: where progress is shown.

    Raises:
        InputError: the tracks or the video cannot be read, or do not fit each other.
        OutputError: the folder cannot be written.
    """
    tracks = next(output.path for output in run.job.outputs if output.kind == "tracks")
    output = next(output for output in run.job.outputs if output.kind == "split")
    part = prepare_part(output.path, folder=True, resume=run.resume, overwrite=run.overwrite)
    keep_record([output], run.record)
    with contextlib.ExitStack() as stack:
        replay = open_replay(str(tracks), stack)
        lives, short = read_lives(replay.parts(), len(replay.frames), replay.rate)
        part.take()
        stack.callback(part.release)
        folder = part.folder / _FOLDER
        made_by = run.made_by(output, name)
        notes = _write_videos(run, replace(output, path=folder), video, replay, lives, screen, made_by)
        _finish(part, output, lives, short, made_by)
    return [*notes, *_told(output.path, lives, short)]


def read_lives(parts: Iterable[Tracks], frames: int, rate: Fraction | None) -> tuple[list[Life], list[Life]]:
    """The figures that were there long enough for a video, and the others; each in order of ids.

    Args:
        parts: of the tracks, in order.
        frames: in all.
        rate: frames a second; None where it is not known.
    """
    lives: dict[int, Life] = {}
    for part in parts:
        ids, first, counts = np.unique(part.id, return_index=True, return_counts=True)
        last = len(part) - 1 - np.unique(part.id[::-1], return_index=True)[1]
        for identity, start, stop, count in zip(
            *map(np.ndarray.tolist, (ids, first, last, counts)), strict=True
        ):
            label = part.info.classes[int(part.label[start])]
            new = Life(identity, label, 0, int(part.frame[start]), 0)
            old = lives.get(identity, new)
            lives[identity] = replace(old, frames=old.frames + count, last=int(part.frame[stop]))
    least = min((rate or 1) * SHORTEST, Fraction(frames, 2))
    ordered = [lives[identity] for identity in sorted(lives)]
    return [one for one in ordered if one.frames >= least], [one for one in ordered if one.frames < least]


def _write_videos(
    run: Run,
    output: Output,
    video: str,
    replay: "Replay",
    lives: Sequence[Life],
    screen: Screen,
    made_by: str,
) -> list[str]:
    """Write those videos to the folder of `output` that are not there yet; what the writers noted."""
    from figureground.sources import open_source

    settings = run.settings
    source = open_source(video, start=settings.start, end=settings.end, rate=settings.rate)
    missing = [one for one in lives if not _video_of(output, one).is_file()]
    batches = [missing[i : i + AT_ONCE] for i in range(0, len(missing), AT_ONCE)]
    notes: list[str] = []
    for number, batch in enumerate(batches, 1):
        about = f"figures one by one, part {number} of {len(batches)}"
        writers = [
            OneFigure(
                open_writer(
                    _video_of(output, one),
                    replace(source.info, name=masked(source.info.name)),
                    on=output.on,
                    feather=settings.feather,
                    resume=run.resume,
                    made_by=made_by,
                ),
                one.id,
            )
            for one in batch
        ]
        with screen.progress(about, source.info.count, "reading the video again") as progress:
            process(source, replay, writers, progress=progress)
        notes += [note for writer in writers for note in writer.notes if "no earlier run" not in note]
    return notes


def _video_of(output: Output, one: Life) -> Path:
    return output.path / f"{one.name}{'.mov' if output.on == 'transparent' else '.mp4'}"


def _finish(part: Part, output: Output, lives: Sequence[Life], short: Sequence[Life], made_by: str) -> None:
    """Put the videos in their place, with a list of them: in one step where nothing is there yet."""
    folder, path = part.folder / _FOLDER, output.path
    videos = {_video_of(output, one).name: one for one in lives}
    figures = [{**asdict(one), "video": name} for name, one in videos.items()]
    listing = {"made_by": made_by, "figures": figures, "too_short": [asdict(one) for one in short]}
    with output_errors(path):
        folder.mkdir(exist_ok=True)
        (folder / LIST).write_text(json.dumps(listing, indent=1), encoding="utf-8")
        with contextlib.suppress(OSError):
            path.rmdir()  # an empty folder, which not every system would replace
        if not path.exists():
            part.finish(_FOLDER, path)
            return
        for name in _listed(path / LIST) - set(videos):
            (path / name).unlink(missing_ok=True)
        for name in videos:
            (folder / name).replace(path / name)
        part.finish(f"{_FOLDER}/{LIST}", path / LIST)


def _listed(path: Path) -> set[str]:
    """The videos that an earlier run wrote beside the list `path`."""
    try:
        figures = json.loads(path.read_text(encoding="utf-8"))["figures"]
        return {Path(one["video"]).name for one in figures}
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def _told(path: Path, lives: Sequence[Life], short: Sequence[Life]) -> list[str]:
    if not short:
        return []
    ids = ", ".join(str(one.id) for one in short[:10]) + (", ..." if len(short) > 10 else "")
    return [
        f"{path}: {len(lives)} videos; figures that were found in less than a second have none: {len(short)}"
        f" (ids {ids})"
    ]
