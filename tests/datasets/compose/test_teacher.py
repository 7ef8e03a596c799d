"""A stand-in for a depth network: disparity is the red channel, as it was before normalising."""

from pathlib import Path

import numpy as np
import pytest
from figures_for_compose import cloths

from figureground.datasets.compose.teacher import TaughtBackgrounds, Teacher, disparity_to_depth
from figureground.errors import InputError

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

SIZE = 61, 83


def network(
    path: Path, *, shape: tuple[object, ...] = (1, 3, "h", "w"), keep: bool = False, all_of: bool = False
) -> Path:
    """Takes its first channel times spread plus mean: (1, h, w), or (1, 1, h, w) with `keep`."""
    from onnx import TensorProto, helper

    nodes = [
        helper.make_node("Slice", ["picture", "from", "to", "axis"], ["red"]),
        helper.make_node("Mul", ["red", "spread"], ["scaled"]),
        helper.make_node("Add", ["scaled", "mean"], ["level"]),
        helper.make_node("Squeeze", ["level", "axis"], ["flat"]),
    ]
    constants = {"from": [0], "to": [1], "axis": [1]}
    kept = [helper.make_tensor(name, TensorProto.INT64, [1], value) for name, value in constants.items()]
    numbers = {"spread": 0.229, "mean": 0.485}
    kept += [helper.make_tensor(name, TensorProto.FLOAT, [], [value]) for name, value in numbers.items()]
    out = "picture" if all_of else "level" if keep else "flat"
    given = helper.make_tensor_value_info("picture", TensorProto.FLOAT, list(shape))
    made = helper.make_tensor_value_info(out, TensorProto.FLOAT, None)
    if all_of:
        nodes, out = [helper.make_node("Identity", ["picture"], ["all"])], "all"
        made = helper.make_tensor_value_info("all", TensorProto.FLOAT, None)
    graph = helper.make_graph(nodes, "stand-in", [given], [made], [] if all_of else kept)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.save(model, str(path))
    return path


def ramp() -> np.ndarray:
    """Red grows to the right: nearer there, as the stand-in sees it."""
    image = np.full((*SIZE, 3), 50, np.uint8)
    image[..., 0] = np.linspace(20, 220, SIZE[1]).round()
    return image


@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("shape", [(1, 3, "h", "w"), (1, 3, 28, 42)])
def test_pictures_go_in_normalised_and_disparity_comes_out(tmp_path: Path, keep: bool, shape: tuple) -> None:
    teacher = Teacher(network(tmp_path / "d.onnx", keep=keep, shape=shape), side=56, threads=1)
    found = teacher.disparity(ramp())
    assert found.shape == SIZE
    # half an input pixel lies between the borders of both
    assert np.abs(found - ramp()[..., 0] / 255)[:, 4:-4].max() < 0.02


def test_sides_are_a_multiple_of_14(tmp_path: Path) -> None:
    teacher = Teacher(network(tmp_path / "d.onnx"), side=518, threads=1)
    assert teacher._input_size((1080, 1920)) == (518, 924)  # 1920 * 518 / 1080 = 920.9
    assert teacher._input_size((10, 10)) == (518, 518)
    fixed = Teacher(network(tmp_path / "f.onnx", shape=(1, 3, 28, 42)), threads=1)
    assert fixed._input_size((1080, 1920)) == (28, 42)


def test_depth_is_1_at_the_furthest_and_its_inverse_is_linear() -> None:
    disparity = np.linspace(-3, 5, 97, dtype=np.float32)[None]
    depth = disparity_to_depth(disparity, nearest=0.25)[0]
    assert depth[0] == 1
    assert depth[-1] == pytest.approx(0.25)
    assert np.allclose(np.diff(1 / depth), 3 / 96, atol=1e-5)


@pytest.mark.parametrize("value", [0.0, np.nan, 7.0])
def test_disparity_that_says_nothing(value: float) -> None:
    depth = disparity_to_depth(np.full((3, 5), value, np.float32))
    assert np.isnan(depth).all() if np.isnan(value) else (depth == 1).all()


def test_backgrounds_get_the_depth_that_they_lack(tmp_path: Path) -> None:
    teacher = Teacher(network(tmp_path / "d.onnx"), side=28, threads=1)
    taught = TaughtBackgrounds(cloths(2), teacher)
    ground = taught.view(1, SIZE, np.random.default_rng(0))
    assert len(taught) == 2
    assert np.array_equal(ground.image, cloths(2).view(1, SIZE, np.random.default_rng(0)).image)
    assert np.array_equal(ground.depth, teacher(ground.image))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: path.write_bytes(b"nothing"), "cannot be loaded"),
        (lambda path: None, "cannot be loaded"),
        (lambda path: network(path, shape=(1, 4, "h", "w")), r"takes one picture \(1, 3, h, w\)"),
    ],
)
def test_files_that_are_no_depth_network(tmp_path: Path, make, message: str) -> None:
    make(tmp_path / "d.onnx")
    with pytest.raises(InputError, match=message):
        Teacher(tmp_path / "d.onnx")


def test_an_answer_that_is_no_picture(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gives \(1, h, w\)"):
        Teacher(network(tmp_path / "d.onnx", all_of=True), side=28).disparity(ramp())
