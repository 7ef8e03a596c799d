"""Tracks files as inputs of a run: their figures, with the ids that were given or corrected before."""

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from figureground.apps.cli.inputs import is_address
from figureground.apps.cli.segmenting import Settings
from figureground.errors import OptionError

if TYPE_CHECKING:
    from figureground.segmenters.replay import Replay

_FOR_VIDEOS = ("model", "score", "pick", "engine", "size", "empty", "rate")


def is_tracks(what: str) -> bool:
    """Whether an input is a tracks file.

    Example:
        >>> is_tracks("flies.tracks.parquet"), is_tracks("flies.mp4")
        (True, False)
    """
    return what.lower().endswith(".parquet") and not is_address(what)


def open_replay(what: str, files: contextlib.ExitStack) -> "Replay":
    """The figures of a tracks file with its corrections, which is open until `files` is closed.

    Raises:
        InputError: it cannot be read, or the corrections cannot.
        MissingExtraError: pyarrow is not installed.
    """
    from figureground.review.log import corrections_path, read_corrected
    from figureground.segmenters.replay import Replay
    from figureground.tracks.file import open_tracks

    if corrections_path(what).exists():
        return Replay(read_corrected(what), what)
    return Replay(files.enter_context(open_tracks(what)), what)


def beside_tracks(what: str, video: str | None) -> list[str]:
    """The files that shape a run beside the tracks file `what`; none for another input."""
    if not is_tracks(what) or not Path(what).is_file():
        return []
    from figureground.review.log import corrections_path

    with contextlib.ExitStack() as files:
        found = open_replay(what, files).find_video(video)
    return [found, str(corrections_path(what))]


def check_tracks(inputs: list[str], settings: Settings) -> None:
    """Refuse options that do not go with these inputs.

    Raises:
        OptionError: an option is for videos and a tracks file is given, or the other way round.
    """
    tracks = [what for what in inputs if is_tracks(what)]
    if settings.video is not None and len(inputs) != len(tracks[:1]):
        raise OptionError("--video names the video of one file of tracks; give that as the only input")
    given = [f"--{name}" for name in _FOR_VIDEOS if getattr(settings, name) is not None]
    if settings.segmenter != "auto":
        given.append("--segmenter")
    if tracks and given:
        raise OptionError(
            f"{tracks[0]}: {', '.join(given)} goes with videos; tracks hold their figures already"
        )
