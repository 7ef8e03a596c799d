"""The graph of a pair network as an ONNX file, for any batch and any size."""

from pathlib import Path

import torch
from torch.export import Dim

from figureground.errors import OutputError
from figureground.export.onnx import quietly
from figureground.files import written
from figureground.models.pair import GRAPH, MULTIPLE
from figureground.models.runtime import open_graph
from figureground.nets.pair import PairNet

TOLERANCE = 1e-3
"""How far the graph's logits and depths may be from the net's."""
_INPUTS = "background", "frame", "noise"


def export_pair(net: PairNet, folder: Path) -> Path:
    """Write pair.onnx into a folder, and compare what it gives with what the net gives.

    Args:
        net: on the processor, not in training.
        folder: is there already.

    Raises:
        OutputError: it cannot be written, or the graph does not do what the net does.
    """
    height, width = (Dim(name, min=2, max=512) * MULTIPLE for name in ("h", "w"))
    shape = {0: Dim("n", min=1, max=512), 2: height, 3: width}
    outputs = ["mask"] * net.design.mask + ["depth"] * net.design.depth
    with written(folder / GRAPH) as part:
        with quietly(), torch.no_grad():
            torch.onnx.export(
                net.eval(),
                _made(3 * MULTIPLE, 4 * MULTIPLE),
                str(part),
                input_names=list(_INPUTS),
                output_names=outputs,
                dynamic_shapes=(shape, shape, shape),
                dynamo=True,
                external_data=False,
            )
        _check(net, part)
    return folder / GRAPH


def _check(net: PairNet, path: Path) -> None:
    graph = open_graph(path, "exact", 1)
    given = _made(2 * MULTIPLE, 5 * MULTIPLE)
    with torch.no_grad():
        expected = net(*given)
    # a net of the frame alone looks at the other inputs in name only, and the graph keeps them
    got = graph(dict(zip(_INPUTS, (one.numpy() for one in given), strict=True)))
    for ours, theirs in zip(expected, got, strict=True):
        apart = float((ours - torch.from_numpy(theirs)).abs().max())
        if not apart <= TOLERANCE * max(1.0, float(ours.abs().max())):
            raise OutputError(
                f"{path.parent}: the graph gives other values than the network (by {apart:g}); it was not "
                "written. This should not happen; please report it with the output of "
                "'figureground doctor'."
            )


def _made(height: int, width: int) -> tuple[torch.Tensor, ...]:
    """Two pictures that differ, for want of real ones, and their noise."""
    chance = torch.Generator().manual_seed(0)
    pictures = torch.rand(2, 2, 3, height, width, generator=chance) * 255
    return pictures[0], pictures[1], torch.full((2, 1, height, width), 2.0)
