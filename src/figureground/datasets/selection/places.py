"""Where the pictures of several datasets are, and how their names start so that all are in one folder."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from figureground.datasets.archive import safe_name
from figureground.datasets.dataset import Dataset
from figureground.datasets.pictures import PictureFiles
from figureground.errors import InputError
from figureground.files import output_errors


@dataclass(frozen=True)
class Places:
    """The one folder of several datasets' pictures.

    Attributes:
        folder: from which all names start; None where the pictures must be copied together first.
        prefixes: what each dataset's names start with in it; "" or ending with /.
        datasets: whose they are.
    """

    folder: Path | None
    prefixes: tuple[str, ...]
    datasets: tuple[Dataset, ...]

    def copy_to(self, folder: Path, done: Callable[[int], None] = lambda count: None) -> None:
        """Copy all pictures below `folder`, each to where its name in the joint dataset leads.

        Raises:
            InputError: a picture is missing, or its name leads out of its folder.
            OutputError: there is no room.
        """
        count = 0
        for dataset, prefix in zip(self.datasets, self.prefixes, strict=True):
            if not dataset.pictures:
                continue
            with PictureFiles(dataset) as files:
                for picture in dataset.pictures:
                    target = folder / safe_name(prefix + picture.file_name)
                    data = files.data(picture)
                    with output_errors(target):
                        target.parent.mkdir(parents=True, exist_ok=True)
                        target.write_bytes(data)
                    count += 1
                    done(count)


def find_places(datasets: Sequence[Dataset], names: Sequence[str]) -> Places:
    """Where the pictures of `datasets` are, each named.

    Datasets without pictures have no say. All in one folder (or zip file): it is that. In several folders:
    the one above them all, unless that is the root of the disk. Otherwise none, and the names of the
    datasets (made different, if need be) take the place of folders. Where a folder is not known, the names
    stay as they are.

    Raises:
        InputError: a folder is not known, and another dataset has a file of the same name: whether it is the
            same picture cannot be told.
    """
    homes = [one.folder.resolve() if one.folder and one.pictures else None for one in datasets]
    known = sorted({home for home in homes if home})
    above = _above(known)
    if above is None and len(known) > 1:
        own = [f"{name}/" for name in _different(names)]
    else:
        own = [_below(home, above) if home and above else "" for home in homes]
    prefixes = tuple(prefix if home else "" for prefix, home in zip(own, homes, strict=True))
    folder = next((one.folder for one in datasets if one.folder), None) if len(known) < 2 else above
    places = Places(folder, prefixes, tuple(datasets))
    _check_unknown(places, names)
    return places


def _check_unknown(places: Places, names: Sequence[str]) -> None:
    if all(one.folder for one in places.datasets if one.pictures):
        return
    seen: dict[str, int] = {}
    for number, (dataset, prefix) in enumerate(zip(places.datasets, places.prefixes, strict=True)):
        for picture in dataset.pictures:
            other = seen.setdefault(prefix + picture.file_name, number)
            if other != number and None in (dataset.folder, places.datasets[other].folder):
                raise InputError(
                    f"{names[other]} and {names[number]} both have an image {picture.file_name}; whether it "
                    "is the same is not known, as its folder is not: say with --images FOLDER where all are, "
                    "or put each beside its pictures"
                )


def _above(homes: Sequence[Path]) -> Path | None:
    """The folder that `homes` are in; of one, itself; None where there is none or some are zip files."""
    if len(homes) == 1:
        return homes[0]
    if not homes or any(home.is_file() for home in homes):
        return None
    try:
        above = Path(os.path.commonpath(homes))
    except ValueError:  # other drives
        return None
    return None if above == Path(above.anchor) else above


def _below(home: Path, above: Path) -> str:
    return "" if home == above else home.relative_to(above).as_posix() + "/"


def _different(names: Sequence[str]) -> list[str]:
    """Names for folders, no two equal on any system."""
    found: list[str] = []
    for name in names:
        clean = "".join(sign if sign.isalnum() or sign in "-_" else "_" for sign in name) or "_"
        number, choice = 1, clean
        while choice.lower() in {one.lower() for one in found}:
            number += 1
            choice = f"{clean}_{number}"
        found.append(choice)
    return found
