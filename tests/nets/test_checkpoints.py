"""Files of torch: good ones are read; those that would run something do not."""

import io
import os
import pickle
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from figureground.errors import InputError
from figureground.nets.checkpoints import put_weights, read_checkpoint

WEIGHTS = {"a.weight": torch.arange(6.0).reshape(2, 3)}


class Bad:
    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.trace),)


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize(
    "held",
    [
        WEIGHTS,
        {"model": WEIGHTS, "trainer": {"iteration": 5, "hooks": {}}, "iteration": 5},
        {"state_dict": nn.Module().state_dict() | WEIGHTS},
    ],
    ids=["bare", "detectron2", "state_dict"],
)
def test_weights_are_read(tmp_path: Path, held: object, zipped: bool) -> None:
    torch.save(held, tmp_path / "w.pth", _use_new_zipfile_serialization=zipped)
    read = read_checkpoint(tmp_path / "w.pth")
    assert {key: value.tolist() for key, value in read.items()} == {"a.weight": [[0, 1, 2], [3, 4, 5]]}


def zipped(path: Path, value: object) -> None:
    torch.save(value, path)


def unzipped(path: Path, value: object) -> None:
    torch.save(value, path, _use_new_zipfile_serialization=False)


def bare(path: Path, value: object) -> None:
    path.write_bytes(pickle.dumps(value))


def in_tar(path: Path, value: object) -> None:
    with tarfile.open(path, "w") as tar:
        for name in ("storages", "tensors", "pickle"):
            data = pickle.dumps(value)
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))


def in_zip(path: Path, value: object) -> None:
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("archive/data.pkl", pickle.dumps(value))
        file.writestr("archive/version", "3")


@pytest.mark.parametrize("put", [zipped, unzipped, bare, in_tar, in_zip])
def test_nothing_runs(tmp_path: Path, put: object) -> None:
    trace = tmp_path / "trace"
    put(tmp_path / "bad.pth", {"model": {"w": Bad(trace)}})  # type: ignore[operator]
    with pytest.raises(
        InputError, match=r"bad.pth: (wants to run \w+\.mkdir|is a file of a very old|is no file)"
    ):
        read_checkpoint(tmp_path / "bad.pth")
    assert not trace.exists()


@pytest.mark.parametrize("held", [{}, {"model": {}}, [1], {"a": 1}, torch.zeros(3)])
def test_what_holds_no_weights_is_refused(tmp_path: Path, held: object) -> None:
    torch.save(held, tmp_path / "w.pth")
    with pytest.raises(InputError, match="holds no weights"):
        read_checkpoint(tmp_path / "w.pth")


@pytest.mark.parametrize("data", [b"", b"garbage", b"PK\x03\x04 cut off"])
def test_damaged_files(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "w.pth").write_bytes(data)
    with pytest.raises(InputError, match=r"w.pth: is no file of weights of torch, or damaged"):
        read_checkpoint(tmp_path / "w.pth")
    with pytest.raises(InputError, match="cannot be read"):
        read_checkpoint(tmp_path / "none.pth")


@pytest.mark.parametrize(
    ("weights", "told"),
    [
        ({"weight": np.zeros((2, 3))}, "bias is missing"),
        ({"weight": np.zeros((3, 2)), "bias": np.zeros(2)}, r"weight is \(3, 2\), expected \(2, 3\)"),
        ({"weight": np.zeros((2, 3)), "bias": np.zeros(2), "x": np.zeros(1)}, "x is not known"),
        ({}, "weight is missing, and 1 more like it"),
    ],
)
def test_weights_of_another_net_are_refused(weights: dict[str, np.ndarray], told: str) -> None:
    with pytest.raises(InputError, match=f"f: the weights do not fit the model that is described: {told}"):
        put_weights(nn.Linear(3, 2), weights, "f")
