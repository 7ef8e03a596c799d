"""Several processes, as torchrun starts them: who this one is, and one net for all of them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from figureground.errors import OptionError

DEVICES = ("auto", "cpu", "cuda", "mps")


@dataclass(frozen=True)
class Processes:
    """This process among those that train together.

    Attributes:
        rank: its number, from 0; the first one tells and writes.
        count: how many there are.
        device: where it computes.
    """

    rank: int
    count: int
    device: torch.device

    @property
    def first(self) -> bool:
        """Whether this is the one that tells and writes."""
        return self.rank == 0


@contextmanager
def joined(device: str = "auto") -> Iterator[Processes]:
    """Join the processes that torchrun started; without it, this one is alone.

    Each takes its part of every batch, and the gradients are averaged.

    Args:
        device: auto, cpu, cuda or mps. Processes on CUDA take one device each.

    Raises:
        OptionError: there is no such device here.
    """
    rank, count = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
    where = find_device(device, int(os.environ.get("LOCAL_RANK", 0)))
    if count == 1:
        yield Processes(0, 1, where)
        return
    dist.init_process_group("nccl" if where.type == "cuda" else "gloo")
    try:
        yield Processes(rank, count, where)
    finally:
        dist.destroy_process_group()


def find_device(name: str, local: int = 0) -> torch.device:
    """The device of that name; auto takes CUDA, else Apple's, else the processor.

    Raises:
        OptionError: there is none.
    """
    if name not in DEVICES:
        raise OptionError(f"there is no device {name!r}; choose one of: {', '.join(DEVICES)}")
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        name = next(one for one in ("cuda", "mps", "cpu") if there[one])
    if not there[name]:
        raise OptionError(f"device {name}: torch finds none here; take --device cpu")
    if name != "cuda":
        return torch.device(name)
    if local >= torch.cuda.device_count():
        raise OptionError(
            f"there are {torch.cuda.device_count()} CUDA devices for {local + 1} or more processes; "
            "start torchrun with fewer"
        )
    torch.cuda.set_device(local)
    return torch.device("cuda", local)


def shared(net: nn.Module, processes: Processes) -> nn.Module:
    """`net` to compute losses with: its gradients are the mean over all processes."""
    if processes.count == 1:
        return net
    places = [processes.device.index] if processes.device.type == "cuda" else None
    return DistributedDataParallel(net, device_ids=places)
