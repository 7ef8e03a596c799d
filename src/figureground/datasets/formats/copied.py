"""Copies of a dataset's pictures, byte by byte."""

from collections.abc import Callable, Sequence
from pathlib import Path

from figureground.datasets.archive import safe_name
from figureground.datasets.dataset import Dataset
from figureground.datasets.pictures import PictureFiles
from figureground.errors import OutputError

Progress = Callable[[int], None]
"""Called with the number of pictures that are done."""

WITHOUT = "the pictures are not in it: it is not known where they are (--images FOLDER)"


def unseen(done: int) -> None:
    """A Progress that shows nothing."""


def copy_pictures(
    dataset: Dataset, names: Sequence[str], folder: Path, progress: Progress = unseen
) -> list[str]:
    """Copy the pictures of `dataset` to `names` below `folder`.

    Returns:
        In words, that there are none, where it is not known where they are.

    Raises:
        InputError: one is missing, or its name leads out of its folder.
        OutputError: two have one name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if dataset.folder is None:
        return [WITHOUT] if dataset.pictures else []
    check_names(names, folder)
    with PictureFiles(dataset) as files:
        for done, (name, picture) in enumerate(zip(names, dataset.pictures, strict=True), 1):
            path = folder / safe_name(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(files.data(picture))
            progress(done)
    return []


def check_names(names: Sequence[str], where: Path | str) -> None:
    """Raise where two of `names` are one, also on disks where large and small letters count the same."""
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(safe_name(name).casefold(), name)
        if other is not name:
            raise OutputError(
                f"{where}: {other!r} and {name!r} would be one file; see: figureground dataset check"
            )
