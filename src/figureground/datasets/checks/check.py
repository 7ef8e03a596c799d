"""Everything that can be wrong with a dataset, found at once and told in plain words."""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from figureground.datasets.checks.defects import KINDS, Defect
from figureground.datasets.checks.figures import figure_defects
from figureground.datasets.checks.pictures import Looks, look_at_pictures, picture_defects
from figureground.datasets.checks.records import record_defects
from figureground.datasets.dataset import Dataset
from figureground.datasets.figures import measure_figures
from figureground.errors import InputError

_NO_NUMBER = re.compile(rb"[\s:,\[](NaN|-?Infinity)\b")


def check_dataset(
    dataset: Dataset, *, pictures: bool = True, progress: Callable[[int], None] = lambda done: None
) -> list[Defect]:
    """All defects of `dataset`, in the order of `KINDS`; none where it is clean.

    Boxes may be 2 px off and areas 5 % or 10 px: from the mask or from the points, whichever is nearer,
    as tools compute them in either way. Areas of crowds are not compared; COCO's own are no areas of
    their masks. Of more than 20,000 figures that look wrong, the first are drawn to make sure; of the
    others the points alone tell.

    Args:
        dataset: what to check.
        pictures: whether to read the files of the pictures too, each once.
        progress: called with the number of pictures that are read.

    Raises:
        InputError: its folder is a zip file that cannot be opened.

    Example:
        >>> from figureground.datasets.dataset import Category, Picture, new
        >>> photo = new(Picture, id=7, file_name="a.jpg", width=11, height=17)
        >>> data = Dataset((photo,), (), (new(Category, id=0, name="rat"),))
        >>> [one.kind for one in check_dataset(data, pictures=False)]
        ['no-annotations', 'category-id-0', 'unused-category']
    """
    looks: Looks | None = {}
    if pictures:
        looks = look_at_pictures(dataset, progress) if dataset.folder is not None else None
    return find_defects(dataset, looks)


def find_defects(dataset: Dataset, looks: Looks | None) -> list[Defect]:
    """`check_dataset` with what is known of the pictures' files, which may serve again after a fix.

    Args:
        dataset: what to check.
        looks: from `look_at_pictures`; empty where they are left out, None where it is not known where
            they are.
    """
    figures = measure_figures(dataset)
    found = list(picture_defects(dataset, figures, looks))
    doubted = doubted_pictures(dataset, found)
    for defect in figure_defects(dataset, figures):
        doubtful = dataset.annotations[defect.place[1]].image_id in doubted
        found.append(replace(defect, fixable=False) if doubtful else defect)
    found += record_defects(dataset)
    rank = {kind: number for number, kind in enumerate(KINDS)}
    return sorted(found, key=lambda defect: rank[defect.kind])


def doubted_pictures(dataset: Dataset, defects: Iterable[Defect]) -> set[int]:
    """The ids of pictures whose size is not what their figures were drawn for; none of these is mended."""
    doubts = (one for one in defects if one.kind == "size-differs" and not one.fixable)
    return {dataset.pictures[one.place[1]].id for one in doubts}


def unreadable(path: str | Path, error: InputError) -> Defect:
    """The one defect of a file that cannot be read as a dataset at all.

    Args:
        path: the file.
        error: why.
    """
    text = str(error).removeprefix(f"{path}: ")
    if line := _line_without_number(Path(path)):
        text = f"line {line} holds NaN or Infinity, which JSON has no word for"
    return Defect("file-unreadable", str(path), text)


def _line_without_number(path: Path) -> int:
    """The line of a JSON file where Python wrote a number that is none; 0 where there is not one."""
    try:
        data = path.read_bytes() if path.suffix.lower() == ".json" else b""
    except OSError:
        return 0
    found = _NO_NUMBER.search(data)
    return data.count(b"\n", 0, found.start(1)) + 1 if found else 0
