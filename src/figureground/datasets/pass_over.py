"""One pass over the files of a dataset's pictures, several at once."""

import os
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

from figureground.datasets.dataset import Dataset, Picture
from figureground.datasets.pictures import PictureFiles

T = TypeVar("T")

WORKERS = min(8, os.cpu_count() or 1)
"""Pictures that are held in memory at once."""


def over_pictures(
    dataset: Dataset,
    pictures: Iterable[Picture],
    function: Callable[[PictureFiles, Picture], T],
    progress: Callable[[int], None],
) -> Iterator[tuple[Picture, T]]:
    """Each of `pictures` with what `function` makes of it, in their order.

    Args:
        dataset: whose folder they are in.
        pictures: which.
        function: called from several threads; what it returns should be small.
        progress: called with the number that is done.

    Raises:
        InputError: the dataset's folder is not known, or a zip file that cannot be opened.
    """
    done = 0
    with (
        PictureFiles(dataset) as files,
        warnings.catch_warnings(),  # read_still's own is not made for threads, so all is set back here
        ThreadPoolExecutor(WORKERS) as pool,
    ):
        warnings.simplefilter("ignore")
        rest = iter(pictures)
        while batch := list(islice(rest, 16 * WORKERS)):
            for picture, result in zip(batch, pool.map(lambda one: function(files, one), batch), strict=True):
                done += 1
                progress(done)
                yield picture, result
