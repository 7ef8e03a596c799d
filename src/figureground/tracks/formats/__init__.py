"""Tracks in the files of other tools: which format a path means, and the function that reads or writes it."""

from collections.abc import Callable
from pathlib import Path

from figureground.errors import InputError, OptionError, OutputError
from figureground.files import written
from figureground.folders import check_folder
from figureground.tracks.file import read_tracks, write_tracks
from figureground.tracks.formats.coco import write_coco
from figureground.tracks.formats.coco_in import read_coco
from figureground.tracks.formats.deeplabcut import write_deeplabcut
from figureground.tracks.formats.dynamic import read_dynamic
from figureground.tracks.formats.known import Known
from figureground.tracks.formats.mot import read_mot, write_mot
from figureground.tracks.formats.sleap import write_sleap
from figureground.tracks.formats.tidy import write_csv, write_figures
from figureground.tracks.formats.via import is_via, read_via, write_via
from figureground.tracks.tracks import Tracks

__all__ = ["FORMS", "Known", "form_of", "read_any_tracks", "write_tracks_as"]

FORMS = {
    ".parquet": ("tracks",),
    ".csv": ("csv", "via", "deeplabcut"),
    ".json": ("coco",),
    ".txt": ("mot",),
    ".slp": ("sleap",),
    "": ("figures",),
}
"""What tracks can be written as, by suffix (none: a folder); the first where none is asked for."""

_WRITERS: dict[str, Callable[[Tracks, Path], list[str]]] = {
    "csv": write_csv,
    "via": write_via,
    "deeplabcut": write_deeplabcut,
    "coco": write_coco,
    "mot": write_mot,
    "sleap": write_sleap,
}


def write_tracks_as(tracks: Tracks, out: str | Path, form: str = "", *, overwrite: bool = False) -> list[str]:
    """Write `tracks` in the format of another tool, whole or not at all.

    Args:
        tracks: what to write.
        out: its suffix tells the format, see FORMS; without one it is a folder with a csv for each figure.
        form: the format, where the suffix does not tell: csv (the usual one), via or deeplabcut.
        overwrite: replace what is there; a folder only if figureground wrote it.

    Returns:
        What the format cannot hold, in words.

    Raises:
        OptionError: there is no such format, or such a file cannot have it.
        OutputError: it is there already, or cannot be written.
        MissingExtraError: the format needs a package that is not installed.
    """
    out = Path(out)
    form = form_of(out, form)
    check_free(out, overwrite=overwrite)
    if form == "tracks":
        write_tracks(tracks, out, overwrite=overwrite)
        return []
    if form == "figures":
        return write_figures(tracks, out, overwrite=overwrite)
    with written(out) as part:
        return _WRITERS[form](tracks, part)


def form_of(out: str | Path, form: str = "") -> str:
    """The format that `out` is written in, of FORMS.

    Raises:
        OptionError: `form` is none that such a file can have, or `out` is of another kind.

    Example:
        >>> form_of("a.csv"), form_of("a.csv", "via"), form_of("a.slp"), form_of("a")
        ('csv', 'via', 'sleap', 'figures')
    """
    suffix = Path(out).suffix.lower()
    if suffix not in FORMS:
        known = ", ".join(f"{end or 'a folder'} ({', '.join(names)})" for end, names in FORMS.items())
        raise OptionError(f"{out}: tracks are not written as {suffix}; choose one of: {known}")
    if form and form not in FORMS[suffix]:
        what = f"a {suffix} file" if suffix else "a folder"
        ends = [end or "no suffix" for end, names in FORMS.items() if form in names]
        hint = f"; for {form} the name has {ends[0]}" if ends else ""
        raise OptionError(
            f"{out}: {what} is not written as {form!r}; choose from {', '.join(FORMS[suffix])}{hint}"
        )
    return form or FORMS[suffix][0]


def check_free(out: Path, *, overwrite: bool = False) -> None:
    """Raise OutputError where `write_tracks_as` would, because something else is there."""
    if not out.suffix:
        check_folder(out, overwrite=overwrite)
    elif out.is_dir():
        raise OutputError(f"{out}: is a folder; give another name")
    elif out.exists() and not overwrite:
        raise OutputError(f"{out}: exists already; use --overwrite to replace it, or choose another name")


def read_any_tracks(path: str | Path, known: Known | None = None) -> Tracks:
    """Read tracks, whatever their format; that is told by suffix and content.

    Args:
        path: a tracks file (.parquet), MOT's text (.txt, .csv), a VIA-tracks csv, a COCO json with
            track_id, or a track file of DynamicBackgroundRemoval (.pkl).
        known: what is known of the video, where the file does not say it.

    Raises:
        InputError: it is missing or damaged, or of no known format.
        MissingExtraError: it needs a package that is not installed.
    """
    path, known = Path(path), known or Known()
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        return read_tracks(path)
    if suffix == ".pkl":
        return read_dynamic(path, known)
    if suffix == ".json":
        return read_coco(path, known)
    if suffix not in (".txt", ".csv"):
        kinds = ".parquet, .json (COCO), .txt (MOT), .csv (MOT, VIA-tracks) or .pkl"
        raise InputError(f"{path}: tracks are read from {kinds}")
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            line = file.readline(10_000)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    return read_via(path, known) if is_via(line) else read_mot(path, known)
