import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from figureground.apps.cli.main import main
from figureground.datasets.collect import Collector
from figureground.datasets.formats.coco import write_coco
from figureground.training import run


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "set"
    (folder / "images").mkdir(parents=True)
    collector = Collector()
    mouse = collector.category("mouse")
    for number in range(3):
        image = np.full((61, 83, 3), 40, np.uint8)
        image[11:41, 7:27] = 200
        Image.fromarray(image).save(folder / "images" / f"{number}.png")
        picture = collector.picture(f"{number}.png", (61, 83), {})
        collector.figure(picture, mouse, [[7, 11, 27, 11, 27, 41, 7, 41]], {})
    write_coco(collector.dataset(folder / "images"), folder / "annotations.json")
    return folder


def train(capfd: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = main(["train", *map(str, arguments)])
    said = capfd.readouterr()
    return code, said.out, said.err


def test_a_model(
    data: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "export_onnx", lambda net, what, folder: None)  # has its own tests
    monkeypatch.setattr(run, "check_written", lambda *what, **how: None)
    (tmp_path / "recipe.toml").write_text("regions = 8\nsize = 64\niterations = 9\n")
    options = [
        "--recipe",
        tmp_path / "recipe.toml",
        "--iterations",
        2,
        "--json",
        "--device",
        "cpu",
        "--keep-each",
    ]
    code, out, err = train(capfd, data, "-o", tmp_path / "model", *options)
    assert code == 0, err
    record = json.loads(out)
    assert record["steps"] == 2
    assert (Path(record["run"]) / "log.csv").is_file()
    kept = sorted((Path(record["run"]) / "epochs").iterdir())
    assert [one.name for one in kept] == ["step_000000", "step_000002"]
    assert (tmp_path / "model/model.json").is_file()
    assert "3 images are too few to hold any out" in err
    assert "step 2 of 2, loss" in err
    assert f"-> {tmp_path / 'model'}" in err
    code, _, err = train(capfd, data, "-o", tmp_path / "model", *options)
    assert code == 2
    assert "is there already and not empty; give another name, or --overwrite" in err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--model", "yolo"], "there is no model 'yolo'; choose one of: mobilenet"),
        (["--epochs", "2", "--iterations", "3"], "give one of them"),
        (["--freeze", "backbone"], "random weights would stay random"),
        (["--freeze", "all"], "choose one of: none, backbone, all-but-heads"),
        (["--recipe", "none.toml"], "none.toml: cannot be read"),
        (["--start", "nowhere"], "choose none, backbone, coco, or a model folder"),
        (["--device", "tpu"], "there is no device 'tpu'"),
        (["--backgrounds", "nowhere"], "nowhere: cannot be read as a folder"),
    ],
)
def test_what_makes_no_sense(
    data: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    code, out, err = train(capfd, data, "-o", tmp_path / "model", *options)
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err
    assert not list(tmp_path.glob("model*"))


def test_help_loads_no_torch() -> None:
    code = (
        "import sys; from figureground.apps.cli.main import main; main(['train', '--help']); "
        "assert not {'torch', 'numpy'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "--freeze" in done.stdout
    assert "torchrun" in done.stdout
