"""Any dataset by its path: which format it is in, and the function that reads or writes it."""

from pathlib import Path

from figureground.datasets.coco import read_coco, write_coco
from figureground.datasets.dataset import Dataset
from figureground.errors import OutputError


def read_dataset(path: str | Path, *, images: str | Path | None = None) -> Dataset:
    """Read a dataset, whatever its format.

    Args:
        path: a COCO file.
        images: where the pictures are, if not beside it.

    Raises:
        InputError: it is missing or damaged, or of no known format.
    """
    return read_coco(path, images)


def write_dataset(dataset: Dataset, out: str | Path, *, form: str = "", overwrite: bool = False) -> None:
    """Write `dataset` to `out`.

    Args:
        dataset: what to write.
        out: a .json file (COCO).
        form: the format, where `out` does not tell.
        overwrite: replace what is there.

    Raises:
        OutputError: it is there already, or cannot be written.
    """
    if Path(out).exists() and not overwrite:
        raise OutputError(f"{out}: is there already; give another name, or --overwrite")
    write_coco(dataset, out)
