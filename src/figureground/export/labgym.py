"""A detector folder that LabGym and detectron2 load: configuration, weights, names."""

import json
from importlib import resources
from pathlib import Path

import torch
import yaml  # type: ignore[import-untyped]
from torchvision.models.detection import MaskRCNN

from figureground.files import output_errors
from figureground.models.architecture import Architecture
from figureground.models.card import ModelCard
from figureground.models.to_detectron2 import architecture_to_config, weights_to_detectron2

CONFIG, WEIGHTS, NAMES = "config.yaml", "model_final.pth", "model_parameters.txt"
MIN_SCORE = 0.5  # LabGym's own detectors have it: it takes all that is found for a figure


def export_labgym(net: MaskRCNN, card: ModelCard, folder: Path, *, min_score: float = MIN_SCORE) -> None:
    """Write config.yaml, model_final.pth and model_parameters.txt into `folder`, which is there.

    Raises:
        OptionError: the model does not follow detectron2's conventions.
        OutputError: they cannot be written.
    """
    what = card.architecture
    base = yaml.safe_load(resources.files(__package__).joinpath("detectron2.yaml").read_text("utf-8"))
    config = architecture_to_config(what, len(card.classes), base)
    config["MODEL"]["ROI_HEADS"]["SCORE_THRESH_TEST"] = min_score
    arrays = {name: value.detach().cpu().numpy() for name, value in net.state_dict().items()}
    weights = {name: torch.from_numpy(value.copy()) for name, value in weights_to_detectron2(arrays).items()}
    with output_errors(folder):
        (folder / CONFIG).write_text(yaml.safe_dump(config), "utf-8")
        torch.save({"model": weights, "trainer": {}, "iteration": 0}, folder / WEIGHTS)
        (folder / NAMES).write_text(json.dumps(names(card.classes, what)), "utf-8")


def names(classes: tuple[str, ...], what: Architecture) -> dict[str, object]:
    """What LabGym asks of a detector: its classes by number, and the side that frames are scaled to.

    Example:
        >>> from figureground.models.architecture import architecture
        >>> names(("mouse",), architecture("detectron2"))["animal_mapping"]
        {'0': 'mouse'}
    """
    return {
        "animal_names": list(classes),
        "animal_mapping": {str(number): name for number, name in enumerate(classes)},
        "inferencing_framesize": what.long_side,
    }
