from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from figureground.errors import InputError, OptionError
from figureground.models.architecture import Architecture
from figureground.models.card import ModelCard, write_card
from figureground.models.pair import MULTIPLE, PairModel, load_pair_model

Floats = npt.NDArray[np.float32]


class Graph:
    """Its logits are the difference of the first channels; its depth is the frame's first channel."""

    def __init__(self) -> None:
        self.given: dict[str, Floats] = {}

    def __call__(self, inputs: Mapping[str, Floats]) -> list[Floats]:
        self.given = dict(inputs)
        frame, background = inputs["frame"], inputs["background"]
        return [frame[:, :1] - background[:, :1], frame[:, :1, ::2, ::2] / 255]


def model(graph: Graph, **design: bool) -> PairModel:
    return PairModel(ModelCard(("figure",), Architecture(), kind="pair", recipe={"design": design}), graph)


def pictures(height: int, width: int) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    background = np.full((height, width, 3), 100, np.uint8)
    frame = background.copy()
    frame[height // 3 : height // 2, width // 3 : width // 2] = 200
    return background, frame


@pytest.mark.parametrize(("height", "width"), [(37, 53), (1, 1), (64, 96), (5, 131)])
def test_any_size_is_padded_and_cut_again(height: int, width: int) -> None:
    graph = Graph()
    background, frame = pictures(height, width)
    seen = model(graph)(background, frame, np.ones((height, width), np.float32))
    for name, channels in (("background", 3), ("frame", 3), ("noise", 1)):
        assert graph.given[name].shape[:2] == (1, channels)
        assert graph.given[name].dtype == np.float32
        assert all(side % MULTIPLE == 0 for side in graph.given[name].shape[2:])
    assert seen.probability is not None
    assert seen.depth is not None
    assert seen.probability.dtype == seen.depth.dtype == np.float32
    expected = np.where((frame != background)[..., 0], 1.0, 0.5)
    np.testing.assert_allclose(seen.probability, expected, atol=1e-6)
    assert seen.depth.shape == (height, width)


def test_padding_repeats_the_border() -> None:
    graph = Graph()
    background, frame = pictures(33, 40)
    model(graph)(background, frame)
    assert graph.given["frame"].shape == (1, 3, 64, 64)
    assert (graph.given["frame"][..., 33:, 40:] == 100).all()


def test_a_size_of_its_own_to_work_at() -> None:
    graph = Graph()
    background, frame = pictures(97, 193)
    seen = model(graph)(background, frame, size=(48, 96))
    assert graph.given["frame"].shape == (1, 3, 64, 96)
    assert seen.probability is not None
    assert seen.probability.shape == (97, 193)
    assert seen.probability[40, 80] == 1
    assert seen.probability[5, 5] == 0.5


def test_it_unpacks_as_probability_and_depth() -> None:
    background, frame = pictures(32, 32)
    probability, depth = model(Graph(), depth=False)(background, frame)
    assert probability is not None
    assert depth is None


def test_depth_alone() -> None:
    background, frame = pictures(32, 64)
    graph = Graph()
    seen = PairModel(model(graph, mask=False).card, lambda inputs: graph(inputs)[1:])(background, frame)
    assert seen.probability is None
    assert seen.depth is not None
    assert seen.depth[0, 0] == pytest.approx(100 / 255)


def test_a_picture_without_pixels() -> None:
    empty = np.zeros((0, 7, 3), np.uint8)
    seen = model(Graph())(empty, empty)
    assert seen.probability is not None
    assert seen.probability.shape == (0, 7)


def test_pictures_of_two_sizes_are_refused() -> None:
    background, frame = pictures(32, 64)
    with pytest.raises(OptionError, match=r"of one size: they are \(16, 64, 3\)"):
        model(Graph())(background[:16], frame)
    with pytest.raises(OptionError, match="of one size"):
        model(Graph())(background, frame, np.ones((32, 63), np.float32))


def test_a_size_without_end_is_refused() -> None:
    background, frame = pictures(32, 64)
    with pytest.raises(OptionError, match="take less"):
        model(Graph())(background, frame, size=(100_000, 100_000))


def test_a_model_of_another_kind_is_refused(tmp_path: Path) -> None:
    write_card(ModelCard(("mouse",), Architecture()), tmp_path)
    with pytest.raises(InputError, match="of the kind 'maskrcnn'; expected one of the kind 'pair'"):
        load_pair_model(tmp_path)


def test_a_folder_without_its_graph_is_told(tmp_path: Path) -> None:
    write_card(ModelCard(("figure",), Architecture(), kind="pair"), tmp_path)
    with pytest.raises(InputError, match=r"has no pair\.onnx"):
        load_pair_model(tmp_path)


def test_a_damaged_graph_is_told(tmp_path: Path) -> None:
    (tmp_path / "pair.onnx").write_bytes(b"no graph")
    write_card(ModelCard(("figure",), Architecture(), kind="pair"), tmp_path)
    with pytest.raises(InputError, match=r"pair\.onnx: cannot be loaded"):
        load_pair_model(tmp_path, threads=1)


def test_a_damaged_design_is_told() -> None:
    with pytest.raises(InputError, match="its design is 3"):
        PairModel(ModelCard(("figure",), Architecture(), kind="pair", recipe={"design": 3}), Graph())
