"""The commands of docs/models.md are run, in their order, on small pictures."""

import re
import shlex
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PIL import Image
from torchvision.models.detection import MaskRCNN

from figureground.apps.cli.main import main
from figureground.datasets.collect import Collector
from figureground.datasets.formats.coco import write_coco
from figureground.export import export, importing
from figureground.export.labgym import export_labgym
from figureground.export.onnx import export_onnx
from figureground.masks import crop_to_polygons
from figureground.models.architecture import Architecture, architecture
from figureground.models.card import ModelCard, read_card
from figureground.models.runtime import GRAPHS
from figureground.nets.maskrcnn import build_maskrcnn
from figureground.testing import made_scene
from figureground.training import run
from figureground.writers import open_writer

pytestmark = pytest.mark.slow  # some minutes

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / "docs/models.md").read_text(encoding="utf-8")

LEFT_OUT = {
    "pip install": "needs the network",
    "figureground models fetch": "needs the network",
    "torchrun": "tests/training/test_processes.py starts two processes with it",
}
"""How the lines begin that are not run, and why."""

SHORTER = {"train": ["--recipe", "short.toml"]}
"""What is said beside, so that a command takes seconds."""


def commands() -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL)
    lines = [line for line in "\n".join(blocks).splitlines() if line]
    return [line for line in lines if not line.startswith(tuple(LEFT_OUT))]


def draw(folder: Path, table: Path, seeds: range) -> None:
    """Two pictures of each scene of animals that `seeds` make, and what is drawn on them."""
    collector = Collector()
    mouse = collector.category("mouse")
    folder.mkdir(parents=True, exist_ok=True)
    for seed in seeds:
        scene = made_scene((61, 83), frames=9, seed=seed, animals=2)
        for frame in scene.sample(2):
            name = f"scene{seed}_{frame.index}.png"
            Image.fromarray(frame.image).save(folder / name)
            picture = collector.picture(name, frame.size, {})
            for crop in scene.truth(frame.index).masks:
                collector.figure(picture, mouse, crop_to_polygons(crop), {})
    write_coco(collector.dataset(folder), table)


def write_detector(folder: Path) -> None:
    """A detector as LabGym has it, with random weights."""
    folder.mkdir(parents=True)
    what = replace(architecture("detectron2"), body="resnet18")
    torch.manual_seed(0)
    export_labgym(build_maskrcnn(what, 1, frozen_norm=True), ModelCard(("mouse",), what), folder)


def write_inputs(folder: Path) -> None:
    """All files that the guide speaks of."""
    draw(folder / "mice/images", folder / "mice/annotations.json", range(3))
    draw(folder, folder / "test.json", range(7, 9))
    (folder / "frames").mkdir()
    for path in folder.glob("scene*.png"):
        shutil.copy(path, folder / "frames")
    write_detector(folder / "LabGym/detectors/mice")
    scene = made_scene((61, 83), frames=3)
    with open_writer(folder / "moving.mp4", scene.info, kind="overlay") as writer:
        for frame in scene:
            writer.write(frame, scene.truth(frame.index).select([]))
    (folder / "short.toml").write_text("size = 64\nregions = 8\niterations = 2\n", "utf-8")


@pytest.fixture(scope="module")
def guide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder where every command of the guide has been run."""
    folder = tmp_path_factory.mktemp("guide")
    write_inputs(folder)

    def made_once(net: MaskRCNN, what: Architecture, path: Path) -> None:
        """All that is exported here is the net of the one recipe."""
        if not (folder / "mouse_model").exists():
            export_onnx(net, what, path)
            return
        for name in GRAPHS:
            shutil.copy(folder / f"mouse_model/{name}.onnx", path)

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for module in (run, export):
            patch.setattr(module, "export_onnx", made_once)
        patch.setattr(importing, "export_onnx", lambda *net: {})  # as in tests/export/test_importing.py
        for line in commands():
            assert main([*arguments(line, folder), "--quiet"]) == 0, line
    return folder


def arguments(line: str, folder: Path) -> list[str]:
    """What follows `figureground`, patterns of files replaced as a shell does."""
    words = [word for text in shlex.split(line, comments=True)[1:] for word in expanded(text, folder)]
    return [*words, *SHORTER.get(words[0], [])]


def expanded(text: str, folder: Path) -> list[str]:
    found = sorted(str(path.relative_to(folder)) for path in folder.glob(text)) if "*" in text else []
    return found or [text]


def test_the_model_is_one(guide: Path) -> None:
    card = read_card(guide / "mouse_model")
    assert card.classes == ("mouse",)
    assert set(card.files) == {"weights.safetensors", "dense.onnx", "box.onnx", "mask.onnx"}
    assert card.recipe["iterations"] == 2


def test_what_else_the_commands_leave(guide: Path) -> None:
    assert (guide / "mice.mp4").stat().st_size > 500
    assert "AP" in (guide / "report/report.html").read_text("utf-8")
    assert set(read_card(guide / "mouse_fast").files) == {"dense.onnx", "box.onnx", "mask.onnx"}
    assert (guide / "mouse_fast/dense.onnx").stat().st_size < (
        guide / "mouse_model/dense.onnx"
    ).stat().st_size / 2
    assert (guide / "mouse.ts").is_file()
    assert read_card(guide / "mice_model").origin.startswith("imported from model_final.pth")


def test_the_course_of_a_training_is_a_table_of_ious_for_each_state(guide: Path) -> None:
    tables = sorted((guide / "course/iou").glob("*_central.csv"))
    assert [path.name for path in tables] == ["step_000000_central.csv", "step_000002_central.csv"]
    for path in tables:
        head, *rows = path.read_text("utf-8").splitlines()
        assert head == "image_id,IoU"
        assert len(rows) == 4
        assert all(0 <= float(row.split(",")[1]) <= 1 for row in rows)


def test_every_option_in_the_guide_is_one(capfd: pytest.CaptureFixture[str]) -> None:
    known = {"--nproc-per-node", "--no-python"}  # torchrun's
    for verb in (
        "train",
        "evaluate",
        "export",
        "models import",
        "cut",
        "dataset filter",
        "dataset autolabel",
    ):
        assert main([*verb.split(), "--help"]) == 0
        known |= set(re.findall(r"--[a-z][\w-]*", capfd.readouterr().out))
    assert set(re.findall(r"--[a-z][\w-]*", GUIDE)) <= known


def test_what_is_left_out_is_in_the_guide() -> None:
    for start in LEFT_OUT:
        assert start in GUIDE
