"""The files of a dataset's pictures: in a folder, or in a zip file, and nowhere else."""

import zipfile
from types import TracebackType
from typing import Self

from figureground.datasets.archive import open_zip, safe_name, unpacked
from figureground.datasets.dataset import Dataset, Picture
from figureground.errors import InputError
from figureground.frames import Image
from figureground.stills import read_still

MISSING = "; 'figureground dataset check' lists all that are missing"


class PictureFiles:
    """The opened folder or zip file of a dataset: a context manager.

    Names that lead out of it are refused: datasets come from strangers.

    Raises:
        InputError: the dataset's folder is not known.

    Example:
        >>> PictureFiles(Dataset())
        Traceback (most recent call last):
        ...
        figureground.errors.InputError: it is not known where the pictures are; say so with --images FOLDER
    """

    def __init__(self, dataset: Dataset) -> None:
        if dataset.folder is None:
            raise InputError("it is not known where the pictures are; say so with --images FOLDER")
        self.folder = dataset.folder
        self._zip = open_zip(self.folder) if self.folder.is_file() else None
        self._members = members(self._zip) if self._zip else {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._zip:
            self._zip.close()

    def has(self, picture: Picture) -> bool:
        """Whether there is a file of `picture`; False also where its name leads out of the folder."""
        try:
            name = safe_name(picture.file_name)
            return name in self._members if self._zip else (self.folder / name).is_file()
        except (InputError, OSError, ValueError):
            return False

    def data(self, picture: Picture) -> bytes:
        """The bytes of the file of `picture`.

        Raises:
            InputError: it is missing or unreadable, or its name leads out of the folder.
        """
        name = safe_name(picture.file_name)
        if self._zip:
            if name not in self._members:
                raise InputError(f"{self.folder}: has no {name}{MISSING}")
            return unpacked(self._zip, self._members[name])
        try:
            return (self.folder / name).read_bytes()
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            reason = f"{reason}{MISSING}" if isinstance(error, FileNotFoundError) else reason
            raise InputError(f"{self.folder / name}: {reason}") from error

    def read(self, picture: Picture) -> Image:
        """The picture as (h, w, 3) uint8 RGB, upright.

        Raises:
            InputError: as `data`, or it is no picture.
        """
        return read_still(self.folder / picture.file_name, data=self.data(picture))


def members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The members by their names, and by those below images/ and images/SUBSET/ where that is free."""
    infos = [info for info in archive.infolist() if not info.is_dir()]
    held = {info.filename: info for info in infos}
    for depth in (1, 2):
        for info in infos:
            parts = info.filename.split("/", depth)
            if parts[0] == "images" and len(parts) > depth:
                held.setdefault(parts[depth], info)
    return held
