"""Tracks of any kind of file that can be read; those of figureground with their corrections."""

from pathlib import Path
from typing import TYPE_CHECKING

from figureground.errors import InputError

if TYPE_CHECKING:
    from figureground.tracks import TrackInfo, Tracks


def load_tracks(path: str, like: "TrackInfo | None" = None) -> "Tracks":
    """The tracks of a command's argument.

    Args:
        path: of the file.
        like: of other tracks of the same video: what the file does not say of it.

    Raises:
        InputError: there is no such file, or it holds no tracks.
    """
    if not Path(path).is_file():
        raise InputError(f"{path}: no such file; give a tracks file (NAME.tracks.parquet)")
    if is_own(path):
        from figureground.review.log import read_corrected

        return read_corrected(path)
    from figureground.tracks.formats import Known, read_any_tracks

    known = Known() if like is None else Known(like.video, like.size, like.rate)
    return read_any_tracks(path, known)


def is_own(path: str | Path) -> bool:
    """Whether it is a file of figureground, which says all of its video."""
    return Path(path).suffix.lower() == ".parquet"


def name_of(path: str | Path) -> str:
    """A file's name without what every tracks file's name ends with.

    Example:
        >>> name_of("runs/two_flies.tracks.parquet"), name_of("two_flies.txt")
        ('two_flies', 'two_flies')
    """
    path = Path(path)
    stem = path.name.removesuffix(".tracks.parquet")
    return stem if stem != path.name else path.stem
