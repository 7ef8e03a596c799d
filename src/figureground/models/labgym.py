"""LabGym's detector folders: which class has which name."""

from pathlib import Path

from figureground.errors import InputError
from figureground.models.torchscript import mapping_to_classes, read_json

NAMES = "model_parameters.txt"


def read_names(path: Path) -> tuple[str, ...]:
    """The classes of a detector, in the order of its numbers.

    The number of a class is its key in animal_mapping; animal_names may hold more than there are.

    Raises:
        InputError: it is no such file.
    """
    held = read_json(path)
    if "animal_mapping" not in held:
        raise InputError(f"{path}: has no animal_mapping, so the classes have no names")
    return mapping_to_classes(held["animal_mapping"], path)
