"""What a training starts from: nothing, a published body, a published model, or a model folder."""

from collections.abc import Callable, Sequence
from pathlib import Path

from torch import Tensor
from torchvision.models.detection import MaskRCNN, MaskRCNN_ResNet50_FPN_Weights

from figureground.errors import InputError, OptionError
from figureground.models import known
from figureground.models.architecture import Architecture
from figureground.models.card import read_card
from figureground.nets.checkpoints import Weights, read_checkpoint
from figureground.nets.weights import read_net

COCO = tuple(MaskRCNN_ResNet50_FPN_Weights.COCO_V1.meta["categories"][1:])
"""COCO's classes by their numbers there, from 1; numbers without a class are "N/A"."""

_PUBLISHED = {
    ("mobilenet_v3_large", "fpn", "backbone"): "imagenet-mobilenet",
    ("resnet50", "fpn", "backbone"): "imagenet-resnet50",
    ("resnet50", "fpn_v2", "backbone"): "imagenet-resnet50_v2",
    ("resnet50", "fpn", "coco"): "coco-resnet50",
    ("resnet50", "fpn_v2", "coco"): "coco-resnet50_v2",
}
_CLASSES = "roi_heads.box_predictor.", "roi_heads.mask_predictor.mask_fcn_logits."
_EPSILON = 1e-5


def load_start(
    net: MaskRCNN,
    what: Architecture,
    start: str | Path,
    classes: Sequence[str],
    *,
    fetch: Callable[[str], Path] | None = None,
) -> list[str]:
    """Give `net` the weights that training starts from; lines for people on what was taken and what not.

    Layers that tell classes apart keep their random weights, but for the classes that both know by name.

    Args:
        net: of the architecture `what`, with random weights.
        what: the architecture.
        start: none, backbone, coco, or a model folder.
        classes: that `net` is to find.
        fetch: gives the file of published weights by name; `models.known.fetch` does.

    Raises:
        OptionError: there are no such weights for this architecture.
        InputError: they cannot be had, are damaged, or belong to another architecture.
    """
    if start == "none":
        return ["all weights begin at random"]
    if start in ("backbone", "coco"):
        name = _PUBLISHED.get((what.body, what.heads, str(start)))
        if name is None:
            raise OptionError(
                f"there are no published weights to start {what.body} from {start}; "
                "start from none, or from a model folder"
            )
        weights = read_checkpoint((fetch or known.fetch)(name))
        whole = start == "coco"
        weights = published_weights(name, weights) if whole else _body(weights)
        if what.flavour == "detectron2":
            weights = _for_detectron2(weights, what)
        return _take(net, weights, COCO if whole else None, classes, name)
    folder = Path(start)
    if not folder.is_dir():
        raise OptionError(
            f"start {str(start)!r}: choose none, backbone, coco, or a model folder that is there"
        )
    card = read_card(folder)
    for name in ("body", "heads", "flavour", "norm", "stride_in_1x1"):
        theirs, ours = getattr(card.architecture, name), getattr(what, name)
        if theirs != ours:
            raise OptionError(f"{folder}: its {name} is {theirs}, that of the model to train is {ours}")
    return _take(net, read_net(folder)[0].state_dict(), card.classes, classes, str(folder))


def published_weights(name: str, weights: Weights) -> Weights:
    """The weights of a published Mask R-CNN as our nets take them.

    torchvision's first one was trained, and is used, with a batch norm that adds no epsilon to the variance
    (torchvision, detection/mask_rcnn.py, overwrite_eps); ours does, so that much is taken off beforehand.
    """
    if name != "coco-resnet50":
        return weights
    return {
        key: value - _EPSILON if key.startswith("backbone.body.") and key.endswith("running_var") else value
        for key, value in weights.items()
    }


def _body(weights: Weights) -> Weights:
    """A classifier's weights under the names of a body."""
    kept = {key: value for key, value in weights.items() if not key.startswith(("fc.", "classifier."))}
    return {f"backbone.body.{key.removeprefix('features.')}": value for key, value in kept.items()}


def _for_detectron2(weights: Weights, what: Architecture) -> Weights:
    """The weights for pictures that are BGR and normalised as `what` says.

    The first convolution is linear, so turning its channels and scaling them changes nothing else.
    """
    theirs = Architecture()
    first = weights["backbone.body.conv1.weight"]
    scale = first.new_tensor([a / b for a, b in zip(what.std[::-1], theirs.std, strict=True)])
    first = first * scale[None, :, None, None]
    if what.colour == "BGR":
        first = first.flip(1)
    return {**weights, "backbone.body.conv1.weight": first}


def _take(
    net: MaskRCNN, weights: Weights, theirs: Sequence[str] | None, ours: Sequence[str], name: str
) -> list[str]:
    """Load into `net` what fits; `theirs` are the classes of `weights`, None where it has only a body."""
    own = net.state_dict()
    taken: Weights = {}
    for key, value in weights.items():
        if key.startswith(_CLASSES) and theirs is not None:
            taken[key] = _by_class(own[key], value, theirs, ours)
        elif key in own and own[key].shape == value.shape:
            taken[key] = value
        elif not key.endswith("num_batches_tracked"):
            raise InputError(f"{name}: its weights {key} do not fit; it is another architecture")
    wanted = [key for key in own if theirs is not None or key.startswith("backbone.body.")]
    missing = [key for key in wanted if key not in taken and not key.endswith("num_batches_tracked")]
    if missing:
        raise InputError(f"{name}: lacks the weights {missing[0]}; it is another architecture")
    net.load_state_dict(taken, strict=False)
    return _told(theirs, ours, name)


def _told(theirs: Sequence[str] | None, ours: Sequence[str], name: str) -> list[str]:
    if theirs is None:
        return [f"the body starts from {name}; pyramid and heads begin at random"]
    both = [one for one in ours if one in theirs]
    new = [one for one in ours if one not in theirs]
    lines = [f"all layers start from {name}"]
    if both:
        lines.append(f"it knows already: {', '.join(both)}")
    if new:
        lines.append(f"what tells these apart begins at random: {', '.join(new)}")
    return lines


def _by_class(own: Tensor, value: Tensor, theirs: Sequence[str], ours: Sequence[str]) -> Tensor:
    """`own` with the rows of the ground, and of the classes that both know, from `value`."""
    each = len(own) // (len(ours) + 1)
    mixed = own.clone()
    pairs = [(0, 0), *((ours.index(one) + 1, theirs.index(one) + 1) for one in ours if one in theirs)]
    for new, old in pairs:
        mixed[new * each : (new + 1) * each] = value[old * each : (old + 1) * each]
    return mixed
