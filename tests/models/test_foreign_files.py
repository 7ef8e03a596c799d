"""Which files are a model, by their names alone."""

from pathlib import Path

import pytest

from figureground.errors import InputError
from figureground.models.importing import Foreign, find_foreign


def made(folder: Path, names: str) -> Path:
    folder.mkdir()
    for name in names.split():
        (folder / name).touch()
    return folder


@pytest.mark.parametrize(
    ("names", "given", "weights", "config", "text"),
    [
        (
            "config.yaml model_final.pth model_parameters.txt",
            "",
            "model_final.pth",
            "config.yaml",
            "model_parameters.txt",
        ),
        (
            "config.yaml model_final.pth model_0004999.pth .hidden.pth",
            "",
            "model_final.pth",
            "config.yaml",
            None,
        ),
        (
            "mask_rcnn_R_50_FPN_3x.yaml model_final_f10217.pkl",
            "",
            "model_final_f10217.pkl",
            "mask_rcnn_R_50_FPN_3x.yaml",
            None,
        ),
        ("config.yaml other.yaml a.pth b.pth", "b.pth", "b.pth", "config.yaml", None),
        ("a.pth", "a.pth", "a.pth", None, None),
        ("larva.ts larva.txt", "", "larva.ts", None, "larva.txt"),
        ("larva.ts rat.ts names.txt", "rat.ts", "rat.ts", None, "names.txt"),
    ],
)
def test_the_files_of_a_model(
    tmp_path: Path, names: str, given: str, weights: str, config: str | None, text: str | None
) -> None:
    folder = made(tmp_path / "m", names)
    expected = Foreign(folder / weights, config and folder / config, text and folder / text)  # type: ignore[arg-type]
    assert find_foreign(folder / given if given else folder) == expected


@pytest.mark.parametrize(
    ("names", "given", "told"),
    [
        ("", "", "has no weights .* and no .ts"),
        ("a.pth b.pth", "", "has several weights: a.pth, b.pth; give the file that is meant"),
        ("a.pth b.yaml c.yaml", "", "has several configurations: b.yaml, c.yaml; say which: --config FILE"),
        ("model.json a.pth", "", "is a model folder of figureground already"),
        ("a.onnx", "a.onnx", "is no file of weights; expected .pth, .pt, .pkl, or .ts"),
        ("a.pth", "b.pth", "b.pth: is not there"),
        ("a.ts", "", "got 1 .ts and 0 .txt"),
    ],
)
def test_what_is_no_model(tmp_path: Path, names: str, given: str, told: str) -> None:
    folder = made(tmp_path / "m", names)
    with pytest.raises(InputError, match=told):
        find_foreign(folder / given if given else folder)


def test_a_configuration_that_is_named_must_be_there(tmp_path: Path) -> None:
    folder = made(tmp_path / "m", "a.pth")
    with pytest.raises(InputError, match=r"c.yaml: is not there"):
        find_foreign(folder, tmp_path / "c.yaml")
