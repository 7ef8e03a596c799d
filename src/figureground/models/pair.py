"""What runs a pair network without torch: (picture of the empty scene, frame, noise) -> mask and depth."""

from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from figureground.errors import InputError, OptionError
from figureground.frames import Image
from figureground.models.card import ModelCard, check_files, read_card
from figureground.models.runtime import Graph, open_graph

MULTIPLE = 32
"""Pixels that the sides of what the network is shown are multiples of."""
GRAPH = "pair.onnx"
SHIPPED = Path(__file__).parent / "shipped" / "pair"
"""The model that comes with the package."""
NOISE = 3.0
"""Grey levels, where nobody knows the noise of the background."""
_MOST_PIXELS = 64_000_000

Floats = npt.NDArray[np.float32]


class Seen(NamedTuple):
    """What the network says of a frame.

    Attributes:
        probability: (h, w) float32 in 0..1, of being figure; None where the model gives no mask.
        depth: (h, w) float32 over 0, distance relative to the furthest ground; None where it gives none.
    """

    probability: Floats | None
    depth: Floats | None


class PairModel:
    """A pair network, ready to look at frames.

    Args:
        card: of the model.
        graph: its network.
    """

    def __init__(self, card: ModelCard, graph: Graph) -> None:
        self.card, self._graph = card, graph
        self._gives = _design(card)

    def __call__(
        self,
        background: Image,
        frame: Image,
        noise: Floats | None = None,
        *,
        size: tuple[int, int] | None = None,
    ) -> Seen:
        """Say what is figure in a frame, and how far away everything is.

        Args:
            background: (h, w, 3) uint8 RGB, the empty scene.
            frame: (h, w, 3) uint8 RGB.
            noise: (h, w) float32, standard deviation of a ground pixel in grey levels, see
                background.estimate.Background.noise; None where it is not known.
            size: (h, w) that the network works at; what it gives is brought back to the size of the frame.
                None works at the size of the frame.

        Raises:
            OptionError: the three are not of one size, or `size` makes no sense.

        Example:
            >>> def graph(inputs):
            ...     n, _, h, w = inputs["frame"].shape
            ...     return [np.zeros((n, 1, h, w), np.float32), np.ones((n, 1, h // 2, w // 2), np.float32)]
            >>> from figureground.models.architecture import Architecture
            >>> model = PairModel(ModelCard(("figure",), Architecture(), kind="pair"), graph)
            >>> empty = np.zeros((37, 53, 3), np.uint8)
            >>> seen = model(empty, empty)
            >>> seen.probability.shape, float(seen.probability[0, 0]), float(seen.depth.max())
            ((37, 53), 0.5, 1.0)
        """
        whole = frame.shape[0], frame.shape[1]
        if noise is None:
            noise = np.full(whole, NOISE, np.float32)
        _check_shapes(background, frame, noise)
        work = whole if size is None else size
        _check_size(work)
        if min(whole) == 0:
            empty = np.zeros(whole, np.float32)
            return Seen(empty if self._gives[0] else None, empty if self._gives[1] else None)
        outputs = self._graph(
            {
                "background": _shown(background, work),
                "frame": _shown(frame, work),
                "noise": _shown(noise, work),
            }
        )
        mask, depth = self._named(outputs)
        return Seen(
            None if mask is None else _back(_sigmoid(mask[0, 0]), 1, work, whole),
            None if depth is None else _back(depth[0, 0], 2, work, whole),
        )

    def _named(self, outputs: list[Floats]) -> tuple[Floats | None, Floats | None]:
        rest = list(outputs)
        mask = rest.pop(0) if self._gives[0] else None
        return mask, rest.pop(0) if self._gives[1] else None


def load_pair_model(
    folder: str | Path | None = None, *, threads: int = 0, engine: str = "onnxruntime"
) -> PairModel:
    """Load a pair network.

    Args:
        folder: the model folder; None is the model that comes with the package.
        threads: of the processor; 0 takes all that this process may use.
        engine: see `runtime.open_graph`.

    Raises:
        InputError: it is no model folder, of another kind, or damaged.
        MissingExtraError: onnxruntime is not installed.
    """
    if threads < 0:
        raise OptionError(f"threads: must be 0 or more, got {threads}")
    place = SHIPPED if folder is None else Path(folder)
    card = read_card(place)
    if card.kind != "pair":
        raise InputError(
            f"{place}: is a model of the kind {card.kind!r}; expected one of the kind 'pair', which "
            "figureground pair train writes"
        )
    check_files(place, card, [GRAPH])
    graph = open_graph(place / GRAPH, engine, threads)
    return PairModel(card, graph)


def _design(card: ModelCard) -> tuple[bool, bool]:
    """Whether it gives a mask, and whether a depth."""
    design = card.recipe.get("design", {})
    if not isinstance(design, dict):
        raise InputError(f"the card of the pair network is damaged: its design is {design!r}")
    return design.get("mask", True) is True, design.get("depth", True) is True


def _check_shapes(background: Image, frame: Image, noise: Floats) -> None:
    if background.shape != frame.shape or noise.shape != frame.shape[:2]:
        raise OptionError(
            f"background, frame and noise must be of one size: they are {background.shape}, {frame.shape} "
            f"and {noise.shape}"
        )


def _check_size(size: tuple[int, int]) -> None:
    if min(size) < 0 or size[0] * size[1] > _MOST_PIXELS:
        raise OptionError(f"size: the network cannot work at {size[0]} x {size[1]} pixels; take less")


def _shown(values: npt.NDArray[np.generic], size: tuple[int, int]) -> Floats:
    """(1, c, H, W) float32: scaled to `size`, its sides padded to multiples of MULTIPLE."""
    small = values
    if size != values.shape[:2]:
        shrinks = size[0] < values.shape[0] and size[1] < values.shape[1]
        way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        small = cv2.resize(values, (max(1, size[1]), max(1, size[0])), interpolation=way)
    height, width = small.shape[:2]
    below, right = -height % MULTIPLE, -width % MULTIPLE
    if below or right:
        small = cv2.copyMakeBorder(small, 0, below, 0, right, cv2.BORDER_REPLICATE)
    planes = small.transpose(2, 0, 1) if small.ndim == 3 else small[None]
    return np.ascontiguousarray(planes[None], np.float32)


def _back(values: Floats, step: int, work: tuple[int, int], whole: tuple[int, int]) -> Floats:
    """What lies within `work` of `values`, one for each `step` pixels a side, brought to the size `whole`."""
    if step > 1:
        sides = values.shape[1] * step, values.shape[0] * step
        values = cv2.resize(values, sides, interpolation=cv2.INTER_LINEAR)
    values = values[: work[0], : work[1]]
    if values.shape != whole:
        values = cv2.resize(values, whole[::-1], interpolation=cv2.INTER_LINEAR)
    return np.ascontiguousarray(values, np.float32)


def _sigmoid(logits: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -60, 60))), np.float32)
