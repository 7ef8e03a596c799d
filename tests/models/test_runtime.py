"""Engines: the same graph gives the same, and what is missing or damaged is told."""

import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from figureground.errors import InputError, MissingExtraError, OptionError
from figureground.models.runtime import ENGINES, GRAPHS, open_graph, open_graphs


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    """(n, 3) -> its double, and its sum by rows."""
    n3 = helper.make_tensor_value_info("values", TensorProto.FLOAT, ["n", 3])
    out = [
        helper.make_tensor_value_info("doubled", TensorProto.FLOAT, ["n", 3]),
        helper.make_tensor_value_info("sums", TensorProto.FLOAT, ["n", 1]),
    ]
    axes = helper.make_tensor("axes", TensorProto.INT64, [1], [1])
    nodes = [
        helper.make_node("Add", ["values", "values"], ["doubled"]),
        helper.make_node("ReduceSum", ["values", "axes"], ["sums"]),
    ]
    made = helper.make_graph(nodes, "g", [n3], out, [axes])
    path = tmp_path / "dense.onnx"
    onnx.save(helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return path


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("count", [2, 5])
def test_each_engine_gives_the_outputs_in_the_files_order(graph: Path, engine: str, count: int) -> None:
    if engine.startswith("openvino"):
        pytest.importorskip("openvino")
    values = np.arange(3 * count, dtype=np.float32).reshape(count, 3)  # bf16 holds such numbers exactly
    doubled, sums = open_graph(graph, engine, threads=1)({"values": values})
    np.testing.assert_array_equal(doubled, 2 * values)
    np.testing.assert_array_equal(sums[:, 0], values.sum(axis=1))


def test_an_engine_that_is_not_there_is_told_with_the_others(graph: Path) -> None:
    with pytest.raises(OptionError, match="no engine 'tensorrt'; choose one of: auto, exact"):
        open_graph(graph, "tensorrt")


@pytest.mark.parametrize("engine", ["onnxruntime", "openvino"])
def test_a_damaged_file_is_named(tmp_path: Path, engine: str) -> None:
    pytest.importorskip(engine)
    path = tmp_path / "dense.onnx"
    path.write_bytes(b"\x08no graph")
    with pytest.raises(InputError, match=r"dense\.onnx: cannot be loaded"):
        open_graph(path, engine)


@pytest.mark.parametrize(("engine", "module"), [("exact", "onnxruntime"), ("openvino", "openvino")])
def test_a_missing_engine_comes_with_its_cure(
    graph: Path, engine: str, module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match="pip install"):
        open_graph(graph, engine)


def test_all_graphs_of_a_folder_are_opened(graph: Path) -> None:
    for name in GRAPHS[1:]:
        (graph.parent / f"{name}.onnx").write_bytes(graph.read_bytes())
    assert list(open_graphs(graph.parent, "exact")) == ["dense", "box", "mask"]


def write_regions(path: Path) -> None:
    """Two levels and their regions -> the mean of each region, by 8: a graph as the heads begin.

    A region is its picture's number, then its box.
    """
    inputs = [
        helper.make_tensor_value_info(f"level{i}", TensorProto.FLOAT, ["b", 1, "h", "w"]) for i in (0, 1)
    ]
    inputs += [helper.make_tensor_value_info(f"rois{i}", TensorProto.FLOAT, [f"n{i}", 5]) for i in (0, 1)]
    numbers = [(name, [value]) for name, value in (("zero", 0), ("one", 1), ("five", 5), ("columns", 1))]
    known = [helper.make_tensor(name, TensorProto.INT64, [1], value) for name, value in numbers]
    eight = helper.make_tensor("eight", TensorProto.FLOAT, [1, 1], [8.0])
    nodes = [node for i in (0, 1) for node in cutting(i)]
    nodes += [
        helper.make_node("Concat", ["cut0", "cut1"], ["all"], axis=0),
        helper.make_node("Flatten", ["all"], ["flat"]),
        helper.make_node("MatMul", ["flat", "eight"], ["means"]),  # engines leave bf16 to such layers
    ]
    out = [helper.make_tensor_value_info("means", TensorProto.FLOAT, ["n", 1])]
    made = helper.make_graph(nodes, "g", inputs, out, [*known, eight])
    onnx.save(helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


def cutting(level: int) -> list[onnx.NodeProto]:
    rois, boxes, first, of = (f"{name}{level}" for name in ("rois", "boxes", "first", "of"))
    return [
        helper.make_node("Slice", [rois, "one", "five", "columns"], [boxes]),
        helper.make_node("Slice", [rois, "zero", "one", "columns"], [first]),
        helper.make_node("Squeeze", [first, "columns"], [f"flat{level}"]),
        helper.make_node("Cast", [f"flat{level}"], [of], to=TensorProto.INT64),
        helper.make_node(
            "RoiAlign",
            [f"level{level}", boxes, of],
            [f"cut{level}"],
            output_height=1,
            output_width=1,
            sampling_ratio=2,
            coordinate_transformation_mode="output_half_pixel",
        ),
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_regions_lie_where_they_should_in_every_engine(tmp_path: Path, engine: str) -> None:
    """The features are a ramp, so a region's mean tells where it was cut out; 721.3 has no place in bf16."""
    if engine.startswith("openvino"):
        pytest.importorskip("openvino")
    write_regions(tmp_path / "box.onnx")
    ramp = np.tile(np.arange(1000, dtype=np.float32) / 8 - 90, (1, 1, 4, 1))
    rois = np.array([[0, 721.3, 0, 725.3, 3]], np.float32)
    inputs = {"level0": ramp, "level1": ramp, "rois0": rois, "rois1": rois + np.float32([[0, 2, 0, 2, 0]])}
    (means,) = open_graph(tmp_path / "box.onnx", engine, threads=1)(inputs)
    np.testing.assert_allclose(means[:, 0], [723.3 - 720, 725.3 - 720], atol=0.05)
