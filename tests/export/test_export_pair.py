from pathlib import Path

import numpy as np
import pytest
import torch

from figureground.errors import OutputError
from figureground.export import pair
from figureground.export.pair import export_pair
from figureground.models.architecture import Architecture
from figureground.models.card import ModelCard, write_card
from figureground.models.pair import PairModel, load_pair_model
from figureground.nets.pair import PairDesign, PairNet


def made_net(design: PairDesign | None = None) -> PairNet:
    """Norms as after a training: a graph that folds them wrongly differs."""
    torch.manual_seed(5)
    net = PairNet(design)
    for part in net.modules():
        if isinstance(part, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(part.running_mean, -0.3, 0.3)
            torch.nn.init.uniform_(part.running_var, 0.5, 2)
            torch.nn.init.uniform_(part.weight, 0.5, 1.5)
    return net.eval()


def written(net: PairNet, folder: Path) -> PairModel:
    folder.mkdir()
    export_pair(net, folder)
    design = {"mask": net.design.mask, "depth": net.design.depth}
    write_card(ModelCard(("figure",), Architecture(), kind="pair", recipe={"design": design}), folder)
    return load_pair_model(folder, threads=1)


def check_same(net: PairNet, model: PairModel, size: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    background, frame = rng.integers(0, 256, (2, *size, 3), np.uint8)
    noise = rng.uniform(0.5, 6, size).astype(np.float32)
    given = [torch.from_numpy(one.transpose(2, 0, 1)[None].astype(np.float32)) for one in (background, frame)]
    with torch.no_grad():
        expected = list(net(*given, torch.from_numpy(noise)[None, None]))
    seen = model(background, frame, noise)
    if net.design.mask:
        np.testing.assert_allclose(seen.probability, expected.pop(0).sigmoid()[0, 0], atol=1e-4)
    if net.design.depth:
        assert seen.depth is not None
        np.testing.assert_allclose(seen.depth[::2, ::2].mean(), expected.pop(0).mean(), atol=1e-3)


def test_the_graph_does_what_the_net_does_at_any_size(tmp_path: Path) -> None:
    net = made_net()
    model = written(net, tmp_path / "model")
    assert (tmp_path / "model" / "pair.onnx").stat().st_size <= 2_500_000
    for size in ((32, 32), (96, 160), (224, 64)):
        check_same(net, model, size)


@pytest.mark.slow
@pytest.mark.parametrize(
    "design", [PairDesign(depth=False), PairDesign(mask=False), PairDesign(background=False)], ids=str
)
def test_variants(design: PairDesign, tmp_path: Path) -> None:
    net = made_net(design)
    check_same(net, written(net, tmp_path / "model"), (64, 96))


def test_a_graph_that_gives_other_values_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    net = made_net()
    wrong = [np.zeros((2, 1, 64, 160), np.float32), np.zeros((2, 1, 32, 80), np.float32)]
    monkeypatch.setattr(torch.onnx, "export", lambda net, inputs, path, **how: Path(path).write_bytes(b"x"))
    monkeypatch.setattr(pair, "open_graph", lambda *what: lambda inputs: wrong)
    with pytest.raises(OutputError, match="other values than the network"):
        export_pair(net, tmp_path)
    assert list(tmp_path.iterdir()) == []
