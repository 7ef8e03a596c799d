"""A stand-in for DynamicBackgroundRemoval's scripted detector: the same interface, its figures known."""

import json
import warnings
import zipfile
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from figureground.errors import InputError, OptionError
from figureground.export.importing import import_model
from figureground.frames import Frame
from figureground.segmenters.maskrcnn import load
from figureground.segmenters.torchscript import to_square


class Bright(nn.Module):
    """Finds the box of what is brighter than 128 in red, and of what is in green: class 0 and class 1."""

    def forward(self, inputs: list[dict[str, Tensor]]) -> list[dict[str, Tensor]]:
        results: list[dict[str, Tensor]] = []
        for one in inputs:
            image = one["image"]
            boxes: list[Tensor] = []
            classes: list[int] = []
            for channel in range(2):
                places = torch.nonzero(image[channel] > 128)
                if len(places) > 0:
                    low, high = places.min(dim=0)[0], places.max(dim=0)[0] + 1
                    boxes.append(torch.stack([low[1], low[0], high[1], high[0]]).float())
                    classes.append(channel)
            count = len(boxes)
            masks = torch.full([count, 1, 28, 28], 5.0)
            masks[:, :, :, 14:] = -5.0
            results.append(
                {
                    "pred_boxes": torch.stack(boxes) if count > 0 else torch.zeros([0, 4]),
                    "scores": 0.6 + 0.3 * torch.arange(count).float(),
                    "pred_classes": torch.tensor(classes, dtype=torch.int64),
                    "pred_masks": masks,
                }
            )
        return results


class Writes(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        torch.save(x, "trace")
        return x


class Other(nn.Module):
    def forward(self, inputs: list[dict[str, Tensor]]) -> list[dict[str, Tensor]]:
        return [{"boxes": inputs[0]["image"]}]


def scripted(net: nn.Module, folder: Path, names: object) -> Path:
    folder.mkdir()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "`torch.jit", category=Warning)
        torch.jit.script(net).save(str(folder / "model.ts"))
    (folder / "model.txt").write_text(json.dumps(names))
    return folder


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("dbr")
    folder = scripted(
        Bright(), base / "theirs", {"animal_mapping": {"0": "larva", "1": "rat"}, "training_size": 96}
    )
    made = import_model(folder, base / "ours")
    assert made.card.kind == "torchscript"
    assert made.card.classes == ("larva", "rat")
    assert "needs torch" in made.told[0]
    return base / "ours"


def frame(height: int, width: int, *, red: bool = True, green: bool = True) -> Frame:
    image = np.full((height, width, 3), 30, np.uint8)
    if red:
        image[height // 4 : height // 2, width // 8 : width // 2, 0] = 250
    if green:
        image[height // 2 :, width // 2 :, 1] = 250
    return Frame(image, 0, Fraction(0))


@pytest.mark.parametrize(("height", "width"), [(192, 320), (320, 192), (187, 323), (43, 61)])
def test_boxes_and_masks_come_back_to_the_frame(model: Path, height: int, width: int) -> None:
    segmenter = load(None, model=model, score=0.5)
    assert segmenter.classes == ("larva", "rat")
    found = segmenter([frame(height, width)])[0]
    assert found.labels.tolist() == [1, 0]
    np.testing.assert_allclose(found.scores, [0.9, 0.6], atol=1e-6)
    cell = max(height, width) / 96 + 0.5  # a pixel of what the program sees
    wanted = [[width // 2, height // 2, width, height], [width // 8, height // 4, width // 2, height // 2]]
    assert np.abs(found.boxes - np.array(wanted)).max() <= cell
    for mask, (left, top, right, bottom) in zip(found.dense(), wanted, strict=True):
        truth = np.zeros((height, width), bool)
        truth[top:bottom, left : (left + right) // 2] = True  # its masks have only their left halves
        assert (mask & truth).sum() / (mask | truth).sum() > 0.8


def test_frames_of_any_number_and_content(model: Path) -> None:
    segmenter = load(None, model=model, score=0.5)
    assert segmenter([]) == []
    many = segmenter([frame(61, 43), frame(40, 90, red=False, green=False), frame(61, 43, red=False)])
    assert [len(one) for one in many] == [2, 0, 1]


def test_options_count_here_too(model: Path) -> None:
    picture = [frame(192, 320)]
    assert load(None, model=model, keep=["larva"])(picture)[0].labels.tolist() == [0]
    assert load(None, model=model, score=0.8)(picture)[0].labels.tolist() == [1]
    assert len(load(None, model=model, pick="largest")(picture)[0]) == 1


def test_a_square_keeps_the_ratio() -> None:
    square, scales = to_square(np.full((50, 100, 3), 9, np.uint8), 64)
    assert square.shape == (64, 64, 3)
    assert scales == (0.64, 0.64)
    assert (square[:32] == 9).all() and not square[32:].any()


def test_an_older_list_of_names_has_its_size(tmp_path: Path) -> None:
    folder = scripted(Bright(), tmp_path / "old", {"0": "rat"})
    assert import_model(folder, tmp_path / "a").card.architecture.long_side == 256
    assert import_model(folder / "model.ts", tmp_path / "b", size=128).card.architecture.long_side == 128
    with pytest.raises(OptionError, match="takes pictures of one size"):
        import_model(folder, tmp_path / "c", size=0)


def test_a_program_that_writes_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = scripted(Writes(), tmp_path / "bad", {"0": "rat"})
    with pytest.raises(InputError, match=r"model.ts: uses \w+.save, which a detector does not need"):
        import_model(folder, tmp_path / "model")
    assert not (tmp_path / "trace").exists()


class Fails(nn.Module):
    def forward(self, inputs: list[dict[str, Tensor]]) -> list[dict[str, Tensor]]:
        return [{"boxes": inputs[0]["picture"]}]


def test_a_program_that_fails_is_told(tmp_path: Path) -> None:
    import_model(scripted(Fails(), tmp_path / "other", {"0": "rat"}), tmp_path / "model")
    with pytest.raises(InputError, match=r"this TorchScript model failed: .*picture"):
        load(None, model=tmp_path / "model")([frame(20, 30)])


def test_a_program_with_another_result_is_refused(tmp_path: Path) -> None:
    folder = scripted(Other(), tmp_path / "other", {"0": "rat"})
    import_model(folder, tmp_path / "model")
    with pytest.raises(InputError, match="gives something else than boxes, scores, classes and masks"):
        load(None, model=tmp_path / "model")([frame(20, 30)])


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"a.ts": b"", "b.ts": b"", "a.txt": b""}, "expected one .ts and one .txt .*, got 2 .ts and 1 .txt"),
        ({"a.ts": b""}, "got 1 .ts and 0 .txt"),
        ({"a.ts": b"garbage", "a.txt": b'{"0": "rat"}'}, "a.ts: is no TorchScript, or damaged"),
        ({"a.ts": b"x", "a.txt": b'{"1": "rat"}'}, "has 1 classes, but none with the number 0"),
        (
            {"a.ts": b"x", "a.txt": b'{"animal_mapping": {"0": "r"}, "training_size": "big"}'},
            "training_size: exp",
        ),
        ({"a.ts": b"x", "a.txt": b'{"0": "rat", "1": "rat"}'}, "names a class twice"),
        ({}, "has no weights"),
    ],
)
def test_folders_that_do_not_fit(tmp_path: Path, files: dict[str, bytes], told: str) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    with pytest.raises(InputError, match=told):
        import_model(folder, tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_a_zip_without_a_program(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.txt").write_text('{"0": "rat"}')
    with zipfile.ZipFile(folder / "a.ts", "w") as file:
        file.writestr("archive/data.pkl", b"cos\nsystem\n(S'touch trace'\ntR.")
    with pytest.raises(InputError, match="is no TorchScript"):
        import_model(folder, tmp_path / "model")
