"""The pictures of a dataset as a Source, for segmenters that first look at what they will segment."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np

from figureground.datasets.dataset import Dataset, Picture
from figureground.datasets.pictures import PictureFiles
from figureground.errors import InputError
from figureground.frames import Frame, SourceInfo


class DatasetSource:
    """The pictures of a dataset, in its order, a second apart.

    Args:
        dataset: whose pictures.
        files: its opened folder or zip file; it has to stay open.

    Raises:
        InputError: the dataset has no pictures, or the file of one is missing.
    """

    def __init__(self, dataset: Dataset, files: PictureFiles) -> None:
        if not dataset.pictures:
            raise InputError("the dataset has no pictures")
        gone = [one.file_name for one in dataset.pictures if not files.has(one)]
        if gone:
            many = f"{len(gone)} of {len(dataset.pictures)} pictures"
            raise InputError(
                f"{files.folder}: has no {gone[0]}; {many} are missing; "
                "say with --images FOLDER where they are"
            )
        self.dataset, self._files = dataset, files
        self.problems: Sequence[str] = ()

    @property
    def info(self) -> SourceInfo:
        """What is known before reading."""
        name, count, second = str(self._files.folder), len(self.dataset.pictures), Fraction(1)
        size = self.dataset.pictures[0].size
        return SourceInfo(name, "stills", size, None, count, Fraction(count), second)

    def __iter__(self) -> Iterator[Frame]:
        for index in range(len(self.dataset.pictures)):
            yield self.frame(index)

    def sample(self, count: int) -> Iterator[Frame]:
        """About `count` pictures, evenly spread."""
        last = len(self.dataset.pictures) - 1
        for index in np.unique(
            np.linspace(0, last, max(1, min(count, last + 1))).round().astype(int)
        ).tolist():
            yield self.frame(index)

    def frame(self, index: int) -> Frame:
        """The picture at `index`.

        Raises:
            InputError: it is damaged, or of another size than the dataset tells.
        """
        picture = self.dataset.pictures[index]
        image = self._files.read(picture)
        _check_size(picture, (image.shape[0], image.shape[1]))
        return Frame(image, index, Fraction(index), picture.file_name)


def _check_size(picture: Picture, size: tuple[int, int]) -> None:
    if min(picture.size) > 0 and picture.size != size:
        raise InputError(
            f"{picture.file_name}: is of {size[1]} x {size[0]} pixels, but its figures are drawn on "
            f"{picture.width} x {picture.height}; 'figureground dataset check' tells more"
        )
