"""What a training starts from: nothing, a published body or model, or a model folder."""

import pickle
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from torchvision.models.detection import MaskRCNN

from figureground.errors import InputError, OptionError
from figureground.models import known
from figureground.models.card import WEIGHTS, check_files, read_card
from figureground.nets.maskrcnn import build_maskrcnn
from figureground.training.recipe import Recipe

Weights = dict[str, Tensor]

LAST = "roi_heads.box_predictor.", "roi_heads.mask_predictor.mask_fcn_logits."
"""The layers that know the classes."""

_BODIES = {
    "mobilenet": "imagenet-mobilenet",
    "resnet50": "imagenet-resnet50",
    "resnet50_v2": "imagenet-resnet50_v2",
}
_COCO = {"resnet50": "coco-resnet50", "resnet50_v2": "coco-resnet50_v2"}


def started_net(recipe: Recipe, classes: Sequence[str]) -> MaskRCNN:
    """A net with the weights that `recipe.start` says; the rest is random, by the recipe's seed.

    From random weights batch norm learns its statistics; weights from elsewhere keep theirs, as batches of
    2 to 4 pictures are too small to learn better ones.

    Args:
        recipe: names model and start.
        classes: of the dataset. A model folder's layers for classes of the same names are taken over.

    Raises:
        OptionError: the start does not fit the model, or freezes what nothing has taught.
        InputError: it cannot be fetched, or is damaged.
    """
    if recipe.start == "none" and recipe.freeze != "none":
        raise OptionError(
            f"freeze {recipe.freeze}: random weights would stay random; give --start backbone, coco, "
            "or a model folder"
        )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        net = build_maskrcnn(recipe.architecture(), len(classes), frozen_norm=recipe.start != "none")
        _soften(net)
    if recipe.start == "backbone":
        _load_body(net, _published(recipe, _BODIES, "body"))
    elif recipe.start == "coco":
        _load_all(net, _published(recipe, _COCO, "model"), "coco", None, classes)
    elif recipe.start != "none":
        _load_folder(net, recipe, classes)
    return net


def _soften(net: MaskRCNN) -> None:
    """The last layers begin near nothing, as detectron2's do: torchvision's mask head begins so loudly that
    its loss drowns the others for the first hundred steps.
    """
    box, mask = net.roi_heads.box_predictor, net.roi_heads.mask_predictor
    for layer, width in ((box.cls_score, 0.01), (box.bbox_pred, 0.001), (mask.mask_fcn_logits, 0.001)):
        nn.init.normal_(layer.weight, std=width)
        nn.init.zeros_(layer.bias)


def _published(recipe: Recipe, names: Mapping[str, str], what: str) -> Weights:
    if recipe.model not in names:
        raise OptionError(
            f"there is no published {what} for {recipe.model!r} (only for {', '.join(names)}); "
            "give --start none, backbone, or a model folder"
        )
    path = known.fetch(names[recipe.model])
    try:
        weights: Weights = torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, OSError, ValueError, EOFError, pickle.UnpicklingError) as error:
        raise InputError(f"{path}: is damaged; remove it, and it is fetched again") from error
    return weights


def _load_body(net: MaskRCNN, weights: Weights) -> None:
    """A classifier's weights into the body; its own last layers are not used."""
    body: Any = net.backbone.body
    own = body.state_dict()
    fitting = {key.removeprefix("features."): value for key, value in weights.items()}
    fitting = {key: value for key, value in fitting.items() if key in own}
    missing = [key for key in own if key not in fitting and "num_batches" not in key]
    if missing:
        raise InputError(f"the published body lacks {missing[0]} and {len(missing) - 1} more")
    body.load_state_dict(fitting, strict=False)


def _load_folder(net: MaskRCNN, recipe: Recipe, classes: Sequence[str]) -> None:
    folder = Path(recipe.start)
    if not folder.is_dir():
        raise OptionError(
            f"start: {recipe.start!r} is neither none, backbone, coco, nor a model folder that is there"
        )
    card = read_card(folder)
    theirs, ours = card.architecture, recipe.architecture()
    for name in ("body", "flavour", "heads", "stride_in_1x1"):
        if getattr(theirs, name) != getattr(ours, name):
            raise OptionError(
                f"{folder}: its {name} is {getattr(theirs, name)}, that of {recipe.model!r} is "
                f"{getattr(ours, name)}; give the --model that it was trained as"
            )
    check_files(folder, card, [WEIGHTS])
    try:
        weights = load_file(folder / WEIGHTS)
    except (SafetensorError, OSError) as error:
        raise InputError(f"{folder / WEIGHTS}: is damaged ({error})") from error
    _load_all(net, weights, str(folder), card.classes, classes)


def _load_all(
    net: MaskRCNN, weights: Weights, name: str, theirs: Sequence[str] | None, ours: Sequence[str]
) -> None:
    """All weights but those of classes that are new; `theirs` are the classes of `weights`, if known."""
    own = net.state_dict()
    for key, value in weights.items():
        if key.startswith(LAST):
            if theirs is not None:
                own[key] = _by_class(own[key], value, theirs, ours)
        elif key in own and own[key].shape == value.shape:
            own[key] = value
        elif key in own or "num_batches_tracked" not in key:
            raise InputError(f"{name}: its weights {key} do not fit the model; it is another architecture")
    missing = [key for key in own if key not in weights and "num_batches" not in key]
    if missing:
        raise InputError(f"{name}: lacks the weights {missing[0]}; it is another architecture")
    net.load_state_dict(own)


def _by_class(own: Tensor, value: Tensor, theirs: Sequence[str], ours: Sequence[str]) -> Tensor:
    """The rows of the ground, and of the classes that both know by name; the others stay as they are."""
    each = len(own) // (len(ours) + 1)
    out = own.clone()
    pairs = [(0, 0)] + [(ours.index(name) + 1, theirs.index(name) + 1) for name in ours if name in theirs]
    for new, old in pairs:
        out[new * each : (new + 1) * each] = value[old * each : (old + 1) * each]
    return out
