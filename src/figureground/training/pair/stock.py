"""Pairs held ready: made by other processes while the net learns, each used several times."""

import itertools
import signal
import threading
import time
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from figureground.datasets.compose.material import Material, Part
from figureground.datasets.compose.scene import Pair
from figureground.errors import FiguregroundError, InputError
from figureground.training.pair.recipe import PairRecipe
from figureground.training.pair.vary import cut, vary

Batch = dict[str, Tensor]
"""background and frame (n, 3, h, w) uint8, noise (n, 1, h, w), mask (n, 1, h, w) and depth, float32."""
_FIRST = 64
"""Pairs that are there before the first step, so that its batch is not of one clip alone."""
_PATIENCE = 1000
"""Units in a row that may give no pair."""


class Units(Dataset[object]):
    """The units of a part by number, each a list of pairs of one size, or the error that it raised.

    An error is handed over as it is: torch would put a trace of the other process into its message.
    """

    def __init__(self, material: Material, part: Part, size: tuple[int, int]) -> None:
        self._material, self._part, self._size = material, part, size

    def __getitem__(self, unit: int) -> list[Pair] | FiguregroundError:
        """The pairs of a unit."""
        try:
            return [fitted(pair, self._size) for pair in self._material.pairs(unit, self._part)]
        except FiguregroundError as error:
            return error


def fitted(pair: Pair, size: tuple[int, int]) -> Pair:
    """The middle of a pair with the shape of `size` (h, w), scaled to it."""
    height, width = pair.mask.shape
    if (height, width) == size:
        return pair
    scale = min(height / size[0], width / size[1])
    h, w = max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
    y, x = (height - h) // 2, (width - w) // 2
    return cut(pair, (slice(y, y + h), slice(x, x + w)), size)


def held_pairs(
    material: Material, part: Part, size: tuple[int, int], count: int, *, workers: int = 0
) -> list[Pair]:
    """`count` pairs of a part, at most an eighth of them of one unit.

    Raises:
        InputError: the material gives none.
    """
    found: list[Pair] = []
    most = max(1, count // 8)
    if not count:
        return found
    for number, pairs in enumerate(_made(material, part, size, itertools.count(), workers)):
        spread = np.linspace(0, len(pairs) - 1, min(most, len(pairs))).round().astype(int)
        found += [pairs[int(one)] for one in spread]
        if len(found) >= count:
            return found[:count]
        if number >= _PATIENCE and not found:
            raise InputError(f"no pairs to learn from: {number} scenes of the part {part!r} gave none")
    return found


class Stock:
    """The pairs that a training draws from; a thread takes what other processes make.

    Args:
        material: gives the pairs of the part "train".
        recipe: how many are kept, how many are new for each step, and how they are changed.
        done: steps that were taken before.
    """

    def __init__(self, material: Material, recipe: PairRecipe, done: int = 0) -> None:
        self._material, self._recipe, self._done = material, recipe, done
        self.waited = 0.0
        self._pairs: dict[int, Pair] = {}
        self._count, self._wanted = 0, 0
        self._error: Exception | None = None
        self._closed = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._fill, name="pairs", daemon=True)

    def __enter__(self) -> "Stock":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join()

    @property
    def made(self) -> int:
        """How many pairs were made."""
        return self._count

    def draw(self, step: int) -> Batch:
        """The batch of a step; with `recipe.fresh`, the same whenever and wherever it is drawn.

        Raises:
            FiguregroundError: the material's own, from the process that made pairs.
        """
        first, last = self._there(step)
        rng = np.random.default_rng((self._recipe.seed, 11, step))
        numbers = rng.integers(first, last, self._recipe.batch)
        with self._changed:
            chosen = [self._pairs[int(number)] for number in numbers]
        return to_batch([vary(pair, self._recipe.vary, rng) for pair in chosen])

    def sample(self, count: int) -> list[Pair]:
        """`count` of the pairs that are there, unchanged, evenly spread."""
        with self._changed:
            numbers = sorted(self._pairs)
            rows = np.linspace(0, len(numbers) - 1, min(count, len(numbers))).round().astype(int)
            return [self._pairs[numbers[int(row)]] for row in rows]

    def _there(self, step: int) -> tuple[int, int]:
        """The numbers of the first pair that a step may draw, and of the one behind the last."""
        recipe = self._recipe
        least = min(recipe.kept, max(_FIRST, 2 * recipe.batch))
        wanted = least + int(step * recipe.fresh)
        began = time.monotonic()
        with self._changed:
            self._wanted = wanted
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._count >= wanted or self._error is not None)
            self.waited += time.monotonic() - began
            if self._error is not None:
                raise self._error
            last = wanted if recipe.fresh else self._count
        return max(0, last - recipe.kept), last

    def _fill(self) -> None:
        try:
            recipe = self._recipe
            empty = 0
            for pairs in _made(self._material, "train", recipe.size, itertools.count(), recipe.workers):
                empty = 0 if pairs else empty + 1
                if empty >= _PATIENCE:
                    raise InputError(f"no pairs to learn from: {empty} scenes in a row gave none")
                if self._take(pairs):
                    return
        except Exception as error:  # noqa: BLE001  handed to the thread that draws, which raises it
            with self._changed:
                self._error = error
                self._changed.notify_all()

    def _take(self, pairs: Sequence[Pair]) -> bool:
        """Keep pairs, and let go of the oldest; whether no more are wanted."""
        recipe = self._recipe
        ahead = max(_FIRST, 4 * recipe.batch)
        with self._changed:
            for pair in pairs:
                if recipe.fresh:
                    self._changed.wait_for(lambda: self._closed or self._count < self._wanted + ahead)
                if self._closed:
                    return True
                self._pairs[self._count] = pair
                self._count += 1
                self._pairs.pop(self._count - recipe.kept - (ahead if recipe.fresh else 0) - 1, None)
                self._changed.notify_all()
            return self._closed


def to_batch(pairs: Sequence[Pair]) -> Batch:
    """Pairs of one size as tensors, whose colours lie beside each other (channels last)."""

    def joined(arrays: list[Any]) -> Tensor:
        return torch.from_numpy(np.stack(arrays))

    return {
        "background": joined([one.background for one in pairs]).permute(0, 3, 1, 2),
        "frame": joined([one.frame for one in pairs]).permute(0, 3, 1, 2),
        "noise": joined([one.noise[None].astype(np.float32) for one in pairs]),
        "mask": joined([one.mask[None].astype(np.float32) for one in pairs]),
        "depth": joined([one.depth[None].astype(np.float32) for one in pairs]),
    }


def _made(
    material: Material, part: Part, size: tuple[int, int], units: Iterable[int], workers: int
) -> Iterable[list[Pair]]:
    """The pairs of each unit, in their order, made by `workers` processes."""
    loader: DataLoader[Any] = DataLoader(
        Units(material, part, size),
        sampler=units,
        batch_size=None,
        num_workers=workers,
        collate_fn=_as_it_is,
        worker_init_fn=_start_worker,
        multiprocessing_context="spawn" if workers else None,
    )
    for made in loader:
        if isinstance(made, FiguregroundError):
            raise made
        yield made


def _as_it_is(made: object) -> object:
    return made


def _start_worker(number: int) -> None:
    """Ctrl-C is for the first process, which ends the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
