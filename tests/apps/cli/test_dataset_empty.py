"""`figureground dataset empty`."""

import json

import numpy as np
from PIL import Image

from figureground.apps.cli.main import main
from figureground.sources import open_source


def run(*arguments, code=0):
    assert main(["dataset", "empty", *map(str, arguments)]) == code


def test_the_scene_without_its_figures(tmp_path, capsys, film):
    """A video without the square that moves shows what lies behind it."""
    run(film(tmp_path / "dish.avi"), "-o", tmp_path / "empty", "--json")
    assert json.loads(capsys.readouterr().out)["pictures"] == {"dish.png": []}
    found = np.asarray(Image.open(tmp_path / "empty/dish.png")).astype(int)
    ground = next(iter(open_source(film(tmp_path / "ground.avi", 2, square=False)))).image
    assert found.shape == (64, 96, 3)
    assert np.abs(found - ground).max() < 12  # the square is 120 and more from it


def test_what_has_no_scene(tmp_path, capsys, film):
    Image.new("RGB", (17, 11)).save(tmp_path / "photo.png")
    run(tmp_path / "photo.png", "-o", tmp_path / "out", code=2)
    assert "pictures have no scene in common" in capsys.readouterr().err
    video = film(tmp_path / "a.avi")
    run(video, "-o", tmp_path / "out")
    run(video, "-o", tmp_path / "out", code=2)
    assert "is there already and not empty" in capsys.readouterr().err
    run(video, "-o", tmp_path / "out", "--overwrite")
