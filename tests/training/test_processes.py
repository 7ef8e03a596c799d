import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from two_processes import train_two

from figureground.errors import OptionError
from figureground.training.curves import read_log
from figureground.training.processes import find_device, joined

HERE = Path(__file__).parent


def test_devices() -> None:
    assert find_device("cpu") == torch.device("cpu")
    with pytest.raises(OptionError, match="there is no device 'tpu'; choose one of: auto, cpu, cuda, mps"):
        find_device("tpu")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_a_device_that_is_not_here() -> None:
    with pytest.raises(OptionError, match="device cuda: torch finds none here; take --device cpu"):
        find_device("cuda")


def test_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    with joined("cpu") as processes:
        assert (processes.rank, processes.count, processes.first) == (0, 1, True)


def test_two_processes_learn_what_one_learns_of_the_same_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    script = str(HERE / "two_processes.py")
    paths = os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command = [*launcher, script, str(tmp_path / "set_two"), str(tmp_path / "two")]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as run:
        threads = torch.get_num_threads()
        try:
            train_two(tmp_path / "set_one", tmp_path / "one", monkeypatch.setattr)
        finally:
            torch.set_num_threads(threads)
        _, said = run.communicate(timeout=300)
    assert run.returncode == 0, said
    assert len(list(tmp_path.glob("two_*"))) == 1  # the second process writes nothing
    logs = [read_log(next(tmp_path.glob(f"{name}_*/log.csv"))) for name in ("one", "two")]
    for one, two in zip(*logs, strict=True):
        assert one == pytest.approx(two, rel=2e-2)  # rounding, grown by batch norm
    first, second = (load_file(next(tmp_path.glob(f"{name}_*/best.safetensors"))) for name in ("one", "two"))
    far = {name: float((first[name] - second[name]).abs().max()) for name in first if "running" not in name}
    assert max(far.values()) < 1e-3, max(far, key=lambda name: far[name])
