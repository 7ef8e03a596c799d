"""One step of learning: the rate, the loss, the gradient, the running mean of the weights."""

import copy
import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torchvision.models.detection import MaskRCNN

from figureground.errors import OptionError
from figureground.training.processes import Processes, shared
from figureground.training.recipe import Freeze, Recipe

Losses = dict[str, float]
NAMES = {
    "loss_objectness": "objectness",
    "loss_rpn_box_reg": "proposals",
    "loss_classifier": "classes",
    "loss_box_reg": "boxes",
    "loss_mask": "masks",
}
"""What torchvision calls the parts of the loss, and what we do."""


class Learner:
    """A net that learns: with its optimizer, and the running mean of its weights.

    Args:
        net: is trained.
        recipe: how.
        steps: in all.
        processes: those that train together.
    """

    def __init__(self, net: MaskRCNN, recipe: Recipe, steps: int, processes: Processes) -> None:
        self.recipe, self.steps, self.processes = recipe, steps, processes
        self.net = net.to(processes.device, memory_format=torch.channels_last)
        freeze(net, recipe.freeze)
        set_regions(net, recipe)
        self.average = copy.deepcopy(net).requires_grad_(False) if recipe.average else None
        self.optimizer = _optimizer(net, recipe, fused=processes.device.type in ("cpu", "cuda"))
        self._shared = shared(net, processes)

    def step(self, number: int, images: list[Tensor], targets: list[dict[str, Tensor]]) -> Losses:
        """Learn from a batch; the parts of the loss, and their sum as "loss".

        Args:
            number: of the step, from 0; on it depend the rate and what is random.
            images: (3, h, w) uint8.
            targets: of the images.

        Raises:
            OptionError: the loss is not finite, or memory does not suffice; the message says what to lower.
        """
        _seed(self.recipe.seed, number, self.processes.rank)
        for group in self.optimizer.param_groups:
            group["lr"] = rate_at(number, self.steps, self.recipe)
        with_norm_kept(self.net, self.recipe.freeze)
        device = self.processes.device
        try:
            images = [image.to(device, non_blocking=True) for image in images]
            targets = [{k: v.to(device, non_blocking=True) for k, v in one.items()} for one in targets]
            with torch.autocast(device.type, torch.bfloat16, enabled=_in_bf16(self.recipe, device)):
                parts: Mapping[str, Tensor] = self._shared(images, targets)
            total = torch.stack([part.float() for part in parts.values()]).sum()
            told = {NAMES[name]: float(value.detach()) for name, value in parts.items()}
            _check_finite(told, number, self.recipe)
            self.optimizer.zero_grad(set_to_none=True)
            total.backward()  # type: ignore[no-untyped-call]  # torch's own
            nn.utils.clip_grad_norm_(_trained(self.net), self.recipe.clip)
            self.optimizer.step()
        except RuntimeError as error:  # torch has one class of its own for CUDA, none for other devices
            if "memory" not in str(error):
                raise
            raise OptionError(_too_much(self.recipe, device)) from error
        if self.average is not None:
            average_weights(self.average, self.net, min(self.recipe.average, (1 + number) / (10 + number)))
        return {"loss": float(total.detach()), **told}

    @property
    def best_net(self) -> MaskRCNN:
        """The net that becomes the model: the running mean, or the net itself."""
        return self.net if self.average is None else self.average

    def state(self) -> dict[str, Any]:
        """All that the next step depends on."""
        average = {} if self.average is None else self.average.state_dict()
        return {
            "net": self.net.state_dict(),
            "average": average,
            "optimizer": self.optimizer.state_dict(),
        }

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state` gave."""
        self.net.load_state_dict(state["net"])
        if self.average is not None:
            self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])


def rate_at(step: int, steps: int, recipe: Recipe) -> float:
    """The learning rate of a step, a function of its number alone.

    Example:
        >>> recipe = Recipe(rate=1.0, warm_up=10)
        >>> [round(rate_at(step, 100, recipe), 3) for step in (0, 9, 10, 55, 99)]
        [0.1, 1.0, 1.0, 0.505, 0.01]
    """
    warm_up = min(recipe.warm_up, steps // 4)
    if step < warm_up:
        return recipe.rate * (step + 1) / warm_up
    done = (step - warm_up) / max(1, steps - warm_up)
    if recipe.schedule == "step":
        return recipe.rate * (1.0 if done < 0.7 else 0.1 if done < 0.9 else 0.01)
    return recipe.rate * (0.01 + 0.99 * (1 + math.cos(math.pi * done)) / 2)


def set_regions(net: MaskRCNN, recipe: Recipe) -> None:
    """How many regions the heads learn from, and of how many they are chosen: twice as when seeking."""
    what = recipe.architecture()
    net.roi_heads.fg_bg_sampler.batch_size_per_image = recipe.regions
    net.rpn._pre_nms_top_n["training"] = 2 * what.rpn_before
    net.rpn._post_nms_top_n["training"] = 2 * what.rpn_after


def freeze(net: MaskRCNN, what: Freeze) -> None:
    """Leave the weights of a part of `net` as they are."""
    if what == "backbone":
        net.backbone.requires_grad_(False)
    elif what == "all-but-heads":
        net.requires_grad_(False)
        net.roi_heads.box_predictor.requires_grad_(True)
        net.roi_heads.mask_predictor.requires_grad_(True)


def with_norm_kept(net: MaskRCNN, what: Freeze) -> None:
    """Put `net` to training; batch norm in frozen parts keeps its statistics."""
    net.train()
    if what == "backbone":
        net.backbone.eval()
    elif what == "all-but-heads":
        for part in (net.backbone, net.rpn.head, net.roi_heads.box_head, net.roi_heads.mask_head):
            part.eval()


def _optimizer(net: MaskRCNN, recipe: Recipe, *, fused: bool) -> torch.optim.Optimizer:
    """No decay for biases and norms: it would only pull them to nothing.

    Fused steps cost a fraction of the others, which go through all weights several times.
    """
    weights = [one for one in _trained(net) if one.ndim > 1]
    others = [one for one in _trained(net) if one.ndim <= 1]
    groups = [{"params": weights, "weight_decay": recipe.decay}, {"params": others, "weight_decay": 0.0}]
    if recipe.optimizer == "sgd":
        return torch.optim.SGD(groups, lr=recipe.rate, momentum=0.9, fused=fused)
    return torch.optim.AdamW(groups, lr=recipe.rate, fused=fused)


def _trained(net: nn.Module) -> list[nn.Parameter]:
    return [one for one in net.parameters() if one.requires_grad]


def _seed(seed: int, step: int, rank: int) -> None:
    state = np.random.SeedSequence((seed, 1, step, rank)).generate_state(1, np.uint64)
    torch.manual_seed(int(state[0] >> np.uint64(1)))


def _in_bf16(recipe: Recipe, device: torch.device) -> bool:
    return recipe.precision == "bf16" or (recipe.precision == "auto" and device.type == "cuda")


def _check_finite(parts: Losses, step: int, recipe: Recipe) -> None:
    bad = [f"{name} ({value})" for name, value in parts.items() if not math.isfinite(value)]
    if bad:
        raise OptionError(
            f"step {step + 1}: the loss of {', '.join(bad)} is no number any more, the training has left its "
            f"way; lower the learning rate, --rate {recipe.rate / 3:.1g} (it was {recipe.rate:g}), or "
            f"lengthen the warm-up (it was {recipe.warm_up} steps)"
        )


def _too_much(recipe: Recipe, device: torch.device) -> str:
    size = recipe.architecture().short_side
    pictures = f"pictures of {size} pixels" if size else "pictures of their own size"
    less = f"--size {size * 3 // 4 or 480}"
    return f"the memory of {device} does not suffice for batches of {recipe.batch} {pictures}; try " + (
        f"--batch {recipe.batch // 2}, then {less}" if recipe.batch > 1 else less
    )


def average_weights(mean: nn.Module, net: nn.Module, keep: float) -> None:
    """Move `mean` towards `net`, so that a share `keep` of it stays; whole numbers are taken over."""
    with torch.no_grad():
        pairs: Iterable[tuple[Tensor, Tensor]] = zip(
            mean.state_dict().values(), net.state_dict().values(), strict=True
        )
        for old, new in pairs:
            if old.dtype.is_floating_point:
                old.lerp_(new, 1 - keep)
            else:
                old.copy_(new)
