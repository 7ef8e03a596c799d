"""What is evaluated, by its name: a model folder, or a segmenter that needs no training."""

import hashlib
from pathlib import Path

from figureground.errors import OptionError
from figureground.evaluation.source import DatasetSource
from figureground.models.card import CARD, read_card
from figureground.segmenters import load_segmenter, maskrcnn, segmenter_names
from figureground.stages import Segmenter


def check_model(what: str) -> None:
    """Raise OptionError where `what` is neither a model folder nor a segmenter; InputError if damaged."""
    if (Path(what) / CARD).is_file():
        read_card(what)
    elif what not in segmenter_names():
        raise OptionError(
            f"{what}: is no model folder (it has no {CARD}), and no segmenter; there are: "
            f"{', '.join(segmenter_names())}"
        )


def open_model(what: str, source: DatasetSource, engine: str = "auto") -> Segmenter:
    """The model or segmenter `what`, which gives all that it finds, however unsure.

    Args:
        what: a model folder, or the name of a segmenter.
        source: the pictures that it will see.
        engine: what runs a model, see `segmenters.maskrcnn.load`.

    Raises:
        OptionError: it is neither, or there is no such engine.
        InputError: the model is damaged, or the segmenter cannot do with these pictures.
        MissingExtraError: a package that it needs is not installed.
    """
    check_model(what)
    if (Path(what) / CARD).is_file():
        return maskrcnn.load(source, model=what, score=0, engine=engine)
    return load_segmenter(what, source)


def fingerprint(what: str, source: DatasetSource, engine: str = "auto") -> str:
    """A short name for what the model finds in these pictures: another model or other pictures, another name.

    A model's card holds the hashes of its files.
    """
    card = Path(what) / CARD
    told = hashlib.sha256(card.read_bytes() if card.is_file() else what.encode())
    told.update(f"{engine}\n".encode())
    told.update(str(source.dataset.folder).encode())
    for picture in source.dataset.pictures:
        told.update(f"{picture.id} {picture.file_name}\n".encode())
    return told.hexdigest()[:16]
