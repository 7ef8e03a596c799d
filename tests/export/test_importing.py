"""Models of other tools become model folders; what they find is what those tools found."""

import functools
import importlib.util
import json
import os
import pickle
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from figureground.errors import InputError, OptionError, OutputError
from figureground.export import importing
from figureground.export.importing import Imported, import_model
from figureground.frames import Frame
from figureground.models.architecture import architecture
from figureground.models.detector import Detector
from figureground.models.runtime import open_graph
from figureground.nets.maskrcnn import build_maskrcnn
from figureground.nets.weights import read_net
from figureground.segmenters import picking
from figureground.segmenters.maskrcnn import load

GOLDEN = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "detectron2_golden"
golden = pytest.mark.skipif(not GOLDEN.is_dir(), reason=f"{GOLDEN} is not here")
PICTURES = "chelsea", "coffee", "scene"
MAPPING = {"0": "mouse", "1": "rat", "2": "fly"}


@functools.cache
def seeded_weights() -> dict[str, np.ndarray]:
    spec = importlib.util.spec_from_file_location("seeded", GOLDEN / "seeded.py")
    assert spec and spec.loader
    seeded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(seeded)
    weights: dict[str, np.ndarray] = seeded.state(GOLDEN / "calib.npz")
    return weights


@pytest.fixture(scope="module")
def labgym(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A detector folder of LabGym with the recorded model."""
    folder = tmp_path_factory.mktemp("labgym")
    (folder / "config.yaml").write_bytes((GOLDEN / "config.yaml").read_bytes())
    weights = {key: torch.from_numpy(value.copy()) for key, value in seeded_weights().items()}
    held = {"model": weights, "trainer": {"iteration": 3, "hooks": {}}, "iteration": 3}
    torch.save(held, folder / "model_final.pth")
    names = {"animal_names": ["shifted", "mouse", "rat", "fly"], "animal_mapping": MAPPING}
    (folder / "model_parameters.txt").write_text(json.dumps(names | {"inferencing_framesize": 300}))
    return folder


@pytest.fixture(scope="module")
def imported(labgym: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Imported]:
    out = tmp_path_factory.mktemp("imported") / "model"
    return out, import_model(labgym, out)


@pytest.fixture
def no_graphs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the graphs, which take long, where only weights and card are looked at."""
    monkeypatch.setattr(importing, "export_onnx", lambda *_: {})


def recorded(name: str, start: str) -> tuple[np.ndarray, Any, np.ndarray]:
    """The picture, what detectron2 found in it, and its masks (n, h, w) bool."""
    record = np.load(GOLDEN / f"{name}.npz")
    shape = tuple(record[f"{start}masks_shape"])
    masks = np.unpackbits(record[f"{start}masks_packed"], count=np.prod(shape)).reshape(shape).astype(bool)
    return np.asarray(Image.open(GOLDEN / f"{name}.png").convert("RGB")), record, masks


@golden
@pytest.mark.parametrize(("size", "start"), [(None, ""), (0, "direct_")], ids=["resized", "direct"])
@pytest.mark.parametrize("name", PICTURES)
def test_a_labgym_detector_finds_what_detectron2_found(
    imported: tuple[Path, Imported],
    name: str,
    size: int | None,
    start: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(picking, "COVERED", 2)  # also what lies within surer figures, as detectron2 has it
    image, record, masks = recorded(name, start)
    segmenter = load(None, model=imported[0], score=0.0, engine="onnxruntime", size=size)
    assert segmenter.classes == ("mouse", "rat", "fly")
    found = segmenter([Frame(image, 0, Fraction(0))])[0]
    seen = masks.any(axis=(1, 2))  # a figure without a pixel is none for us
    assert seen.sum() >= 19
    assert found.labels.tolist() == record[f"{start}classes"][seen].tolist()
    assert np.abs(found.boxes - record[f"{start}boxes"][seen]).max() < 2e-2
    assert np.abs(found.scores - record[f"{start}scores"][seen]).max() < 1e-4
    assert (found.dense() != masks[seen]).sum() <= 1e-3 * masks.sum()


@golden
def test_the_size_can_be_chosen_when_importing(
    imported: tuple[Path, Imported], labgym: Path, tmp_path: Path, no_graphs: None
) -> None:
    assert "--size 0 does the same" in imported[1].told[0]
    made = import_model(labgym, tmp_path / "model", size=0)
    card = made.card
    assert made.told == ()
    assert card.architecture.short_side == 0
    image, record, _ = recorded("scene", "direct_")
    graphs = {
        name: open_graph(imported[0] / f"{name}.onnx", "onnxruntime") for name in ("dense", "box", "mask")
    }
    found = Detector(card.architecture, graphs)(image)
    assert np.abs(found.boxes - record["direct_boxes"]).max() < 2e-2
    with pytest.raises(OutputError, match="is there already and not empty"):
        import_model(labgym, tmp_path / "model")


@golden
def test_a_file_of_the_zoo_with_its_configuration(tmp_path: Path, no_graphs: None) -> None:
    zoo = tmp_path / "zoo.pkl"
    zoo.write_bytes(
        pickle.dumps({"model": seeded_weights(), "__author__": "Detectron2 Model Zoo"}, protocol=2)
    )
    with pytest.raises(
        InputError, match=r"zoo.pkl: comes without detectron2's configuration, .* --config FILE"
    ):
        import_model(zoo, tmp_path / "model")
    made = import_model(zoo, tmp_path / "model", config=GOLDEN / "config.yaml")
    assert made.card.classes == ("class_1", "class_2", "class_3")
    assert "comes without names" in made.told[0]
    ours, theirs = read_net(tmp_path / "model")[0].state_dict(), seeded_weights()
    key = "proposal_generator.rpn_head.conv.weight"
    assert np.array_equal(ours["rpn.head.conv.0.0.weight"].numpy(), theirs[key])
    with pytest.raises(OptionError, match="the model has 3 classes, got 2: a, b"):
        import_model(zoo, tmp_path / "third", config=GOLDEN / "config.yaml", classes=["a", "b"])


@golden
@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            {"model_parameters.txt": '{"animal_mapping": {"0": "mouse"}}'},
            "names 1 classes, but the model has 3",
        ),
        ({"model_parameters.txt": '{"animal_mapping": {"0": "a", "2": "b"}}'}, "none with the number 1"),
        ({"model_parameters.txt": '{"animal_names": ["a"]}'}, "has no animal_mapping"),
        ({"model_parameters.txt": "no JSON"}, "is no JSON"),
        ({"model_final.pth": "no weights"}, "is no file of weights of torch"),
        ({"config.yaml": "MODEL: {ROI_HEADS: {NAME: CascadeROIHeads}}"}, "is a cascade"),
        (
            {"config.yaml": "MODEL: {RESNETS: {DEPTH: 101}, ROI_HEADS: {NUM_CLASSES: 3}}"},
            "is missing, and 254 more",
        ),
        (
            {"config.yaml": "MODEL: {ROI_HEADS: {NUM_CLASSES: 2}}", "model_parameters.txt": None},
            "expected .3, 1024",
        ),
    ],
)
def test_folders_that_do_not_fit_are_refused(
    labgym: Path, tmp_path: Path, no_graphs: None, change: dict[str, str | None], told: str
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for one in labgym.iterdir():
        if one.name not in change:
            (folder / one.name).symlink_to(one)
        elif (text := change[one.name]) is not None:
            (folder / one.name).write_text(text)
    with pytest.raises(InputError, match=told):
        import_model(folder, tmp_path / "model")
    assert not (tmp_path / "model").exists()


class Bad:
    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.trace),)


@pytest.mark.parametrize("name", ["model_final.pth", "model.pkl"])
def test_nothing_in_a_model_runs(tmp_path: Path, name: str) -> None:
    trace, folder = tmp_path / "trace", tmp_path / "folder"
    folder.mkdir()
    (folder / "config.yaml").write_text("MODEL: {}\n")
    held = {"model": {"a": Bad(trace)}, "__author__": "x"}
    if name.endswith(".pkl"):
        (folder / name).write_bytes(pickle.dumps(held))
    else:
        torch.save(held, folder / name)
    with pytest.raises(InputError, match=r"wants to run \w+.mkdir, .* do not trust this file"):
        import_model(folder, tmp_path / "model")
    assert not trace.exists()


@pytest.mark.parametrize(
    ("name", "published"), [("resnet50", "coco-resnet50"), ("resnet50_v2", "coco-resnet50_v2")]
)
def test_a_published_model_of_coco_becomes_one_of_80_classes(
    tmp_path: Path, no_graphs: None, name: str, published: str
) -> None:
    torch.manual_seed(0)
    net = build_maskrcnn(architecture(name), 90, frozen_norm=name == "resnet50")
    torch.save(net.state_dict(), tmp_path / "coco.pth")
    made = import_model(published, tmp_path / "model", fetch=lambda _: tmp_path / "coco.pth")
    assert made.card.classes[:3] == ("person", "bicycle", "car")
    assert len(made.card.classes) == 80
    ours, theirs = read_net(tmp_path / "model")[0].state_dict(), net.state_dict()
    cat = made.card.classes.index("cat") + 1  # 17 in COCO's own numbers, 16 without the gap
    assert cat == 16
    for key, each in (
        ("box_predictor.cls_score", 1),
        ("box_predictor.bbox_pred", 4),
        ("mask_predictor.mask_fcn_logits", 1),
    ):
        key = f"roi_heads.{key}.weight"
        assert torch.equal(ours[key][cat * each : (cat + 1) * each], theirs[key][17 * each : 18 * each])


def test_a_body_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="imagenet-resnet50: is a body without heads, which finds nothing"):
        import_model("imagenet-resnet50", tmp_path / "model")
