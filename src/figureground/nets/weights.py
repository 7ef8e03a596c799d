"""A net's weights in a model folder: safetensors, no pickle."""

from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import nn
from torchvision.models.detection import MaskRCNN

from figureground.errors import InputError
from figureground.files import written
from figureground.models.card import WEIGHTS, ModelCard, check_files, read_card
from figureground.nets.maskrcnn import build_maskrcnn


def read_net(folder: str | Path) -> tuple[MaskRCNN, ModelCard]:
    """The net of a model folder, ready to find figures (not to be trained), and its card.

    Raises:
        InputError: it is no model folder, its weights are missing or damaged, or belong to another net.
    """
    card = read_card(folder)
    check_files(folder, card, [WEIGHTS])
    path = Path(folder) / WEIGHTS
    net = build_maskrcnn(card.architecture, len(card.classes), frozen_norm=True)
    try:
        net.load_state_dict(load_file(path))
    except SafetensorError as error:
        raise InputError(f"{path}: is damaged ({error}); copy the folder again") from error
    except RuntimeError as error:
        raise InputError(
            f"{path}: does not hold the weights of the net that model.json describes; copy the folder again"
        ) from error
    return net.eval(), card


def write_weights(net: nn.Module, folder: str | Path) -> None:
    """Write the weights of `net` into a model folder; its card is to be written after them.

    Raises:
        OutputError: they cannot be written.
    """
    weights = {name: value.detach().cpu().contiguous() for name, value in net.state_dict().items()}
    with written(Path(folder) / WEIGHTS) as part:
        part.write_bytes(save(weights))  # save_file would keep the file from other users
