"""The net that a training starts with."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import nn
from torchvision.models.detection import MaskRCNN

from figureground.errors import OptionError
from figureground.models.card import read_card
from figureground.nets.maskrcnn import build_maskrcnn
from figureground.nets.starting import load_start
from figureground.training.recipe import Recipe


def started_net(recipe: Recipe, classes: Sequence[str]) -> MaskRCNN:
    """A net with the weights that `recipe.start` says; the rest is random, by the recipe's seed.

    Where weights from elsewhere have batch norm, it keeps its statistics, as batches of 2 to 4 pictures are
    too small to learn better ones.

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
    load_start(net, recipe.architecture(), recipe.start, classes)
    return net


def with_norm_of_start(recipe: Recipe) -> Recipe:
    """`recipe` with the norm of the model folder that it starts from, where it leaves that open.

    Raises:
        InputError: that is no model folder.
    """
    named = recipe.start in ("none", "backbone", "coco")
    if recipe.norm != "auto" or named or not Path(recipe.start).is_dir():
        return recipe
    return replace(recipe, norm=read_card(recipe.start).architecture.norm)


def _soften(net: MaskRCNN) -> None:
    """The last layers begin near nothing, as detectron2's do: torchvision's mask head begins so loudly that
    its loss drowns the others for the first hundred steps.
    """
    box, mask = net.roi_heads.box_predictor, net.roi_heads.mask_predictor
    for layer, width in ((box.cls_score, 0.01), (box.bbox_pred, 0.001), (mask.mask_fcn_logits, 0.001)):
        nn.init.normal_(layer.weight, std=width)
        nn.init.zeros_(layer.bias)
