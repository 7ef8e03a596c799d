"""One step of learning of a pair network, and the running mean of its weights."""

import copy
import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from figureground.errors import OptionError
from figureground.nets.pair import PairNet
from figureground.training.learning import average_weights
from figureground.training.pair.loss import depth_loss, half_depth, mask_loss
from figureground.training.pair.recipe import PairRecipe
from figureground.training.pair.stock import Batch

WEIGHTS = {"cross": 1.0, "dice": 1.0, "depth": 1.0, "similarity": 0.5, "factor": 0.5}
"""Of the parts of the loss; those of the depth are multiplied by the recipe's depth_weight too."""
_OF_MASK = "cross", "dice"


class PairLearner:
    """A pair network that learns.

    Args:
        recipe: how.
        device: where.
    """

    def __init__(self, recipe: PairRecipe, device: torch.device) -> None:
        self.recipe, self.device = recipe, device
        with torch.random.fork_rng([]):
            torch.manual_seed(recipe.seed)
            net = PairNet(recipe.design)
        self.net = net.to(device).to(memory_format=torch.channels_last).train()
        self.average = copy.deepcopy(self.net).requires_grad_(False).eval()
        self._optimizer = _optimizer(self.net, recipe)

    def step(self, number: int, share: float, batch: Batch) -> dict[str, float]:
        """Learn from a batch; the parts of the loss, and their weighted sum as "loss".

        Args:
            number: of the step, from 0.
            share: of the training that is done, 0..1.
            batch: as Stock gives it.

        Raises:
            OptionError: the loss is not finite, or memory does not suffice; no weight was changed.
        """
        for group in self._optimizer.param_groups:
            group["lr"] = rate_at(share, self.recipe)
        try:
            parts = self._losses(to_device(batch, self.device))
            weight = self.recipe.depth_weight
            total = torch.stack(
                [WEIGHTS[name] * (1 if name in _OF_MASK else weight) * one for name, one in parts.items()]
            ).sum()
            told = {"loss": float(total.detach())} | {k: float(v.detach()) for k, v in parts.items()}
            _check_finite(told, number, self.recipe)
            self._optimizer.zero_grad(set_to_none=True)
            total.backward()  # type: ignore[no-untyped-call]  # torch's own
            norm = nn.utils.clip_grad_norm_(self.net.parameters(), self.recipe.clip)
            _check_finite({"gradient": float(norm)}, number, self.recipe)
            self._optimizer.step()
        except RuntimeError as error:  # torch has one class of its own for CUDA, none for other devices
            if "memory" not in str(error):
                raise
            raise OptionError(
                f"the memory of {self.device} does not suffice for batches of {self.recipe.batch}; "
                f"try --batch {max(2, self.recipe.batch // 2)}"
            ) from error
        average_weights(self.average, self.net, min(self.recipe.average, (1 + number) / (10 + number)))
        return told

    def _losses(self, batch: Batch) -> dict[str, Tensor]:
        design = self.recipe.design
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.device.type == "cuda"):
            outputs = list(self.net(batch["background"], batch["frame"], batch["noise"]))
        parts: dict[str, Tensor] = {}
        if design.mask:
            parts |= mask_loss(outputs.pop(0).float(), batch["mask"])
        if design.depth:
            parts |= depth_loss(outputs.pop(0).float(), half_depth(batch["depth"]))
        return parts

    def look(self, batch: Batch) -> tuple[Tensor | None, Tensor | None]:
        """What the running mean of the net says: chances and depths, on the processor."""
        shown = to_device(batch, self.device)
        with torch.no_grad():
            outputs = list(self.average(shown["background"], shown["frame"], shown["noise"]))
        design = self.recipe.design
        mask = outputs.pop(0).sigmoid().float().cpu() if design.mask else None
        return mask, outputs.pop(0).float().cpu() if design.depth else None

    def state(self) -> dict[str, Any]:
        """All that the next step depends on, but for the pairs."""
        return {
            "net": self.net.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self._optimizer.state_dict(),
        }

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state` gave."""
        self.net.load_state_dict(state["net"])
        self.average.load_state_dict(state["average"])
        self._optimizer.load_state_dict(state["optimizer"])


def rate_at(share: float, recipe: PairRecipe) -> float:
    """The learning rate where a share of the training, 0..1, is done.

    Example:
        >>> recipe = PairRecipe(steps=1, rate=1.0, warm_up=0.1)
        >>> [round(rate_at(share, recipe), 3) for share in (0, 0.05, 0.1, 0.55, 1)]
        [0.01, 0.505, 1.0, 0.505, 0.01]
    """
    if share < recipe.warm_up:
        return recipe.rate * (0.01 + 0.99 * share / recipe.warm_up)
    done = min(1.0, (share - recipe.warm_up) / (1 - recipe.warm_up))
    return recipe.rate * (0.01 + 0.99 * (1 + math.cos(math.pi * done)) / 2)


def to_device(batch: Batch, device: torch.device) -> Batch:
    """A batch of float32 on a device."""
    return {name: one.to(device, torch.float32, non_blocking=True) for name, one in batch.items()}


def _optimizer(net: nn.Module, recipe: PairRecipe) -> torch.optim.Optimizer:
    """No decay for biases and norms: it would only pull them to nothing."""
    weights = [one for one in net.parameters() if one.ndim > 1]
    others = [one for one in net.parameters() if one.ndim <= 1]
    groups = [{"params": weights, "weight_decay": recipe.decay}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=recipe.rate, fused=True)


def _check_finite(parts: Mapping[str, float], step: int, recipe: PairRecipe) -> None:
    bad = [f"{name} ({value})" for name, value in parts.items() if not math.isfinite(value)]
    if bad:
        raise OptionError(
            f"step {step + 1}: {', '.join(bad)} is no number any more, the training has left its way; lower "
            f"the learning rate, --rate {recipe.rate / 3:.1g} (it was {recipe.rate:g})"
        )
