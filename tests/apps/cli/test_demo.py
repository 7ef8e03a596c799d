import os
import re
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from figureground.apps.cli.demo import compare
from figureground.apps.cli.main import main
from figureground.frames import Frame
from figureground.testing import Scene


def test_demo(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "-o", str(tmp_path / "demo"), "--quiet"]) == 0
    said = capfd.readouterr()
    assert said.err == ""
    for name in ("dish.mp4", "dish_figures.mp4", "dish_figures_overlay.mp4", "dish_figures_masks.mkv"):
        with av.open(str(tmp_path / "demo" / name)) as container:
            assert sum(1 for _ in container.decode(video=0)) == 100
    match = re.search(r"F-measure ([\d.]+), mean IoU ([\d.]+)", said.out)
    assert match is not None
    assert float(match[1]) > 0.9
    assert float(match[2]) > 0.75
    before = (tmp_path / "demo/dish.mp4").read_bytes()
    assert main(["demo", "-o", str(tmp_path / "demo")]) == 2
    assert "is there already; give -o a folder that is new or empty" in capfd.readouterr().err
    assert (tmp_path / "demo/dish.mp4").read_bytes() == before


class Shifted(Scene):
    """A mask video of the scene's truth, `by` pixels to the right."""

    by = 0

    def __iter__(self) -> Iterator[Frame]:
        for frame in super().__iter__():
            mask = np.roll(self.truth(frame.index).union(), self.by, axis=1)
            yield Frame(np.repeat(mask[..., None], 3, axis=2), frame.index, frame.time)


def test_compare() -> None:
    """Against counts made pixel by pixel; one animal, so that its IoU is that of the whole mask."""
    masks, scene = Shifted((120, 160), 4, animals=1), Scene((120, 160), 4, animals=1)
    assert compare(masks, scene) == (1, 1)
    Shifted.by = 3
    hits = wrong = 0
    shares = []
    for index in range(4):
        true = scene.truth(index).union() > 0
        found = np.roll(true, 3, axis=1)
        hits, wrong = hits + (true & found).sum(), wrong + (true ^ found).sum()
        shares.append((true & found).sum() / (true | found).sum())
    match = compare(masks, scene)
    assert match.f_measure == pytest.approx(2 * hits / (2 * hits + wrong))
    assert match.iou == pytest.approx(np.mean(shares))
    assert 0.2 < match.iou < match.f_measure < 0.9


@pytest.mark.parametrize("names", [[], ["figureground_demo"], ["figureground_demo", "figureground_demo_2"]])
def test_a_free_name(names: list[str], tmp_path: Path) -> None:
    from figureground.apps.cli.demo import _new_folder

    here = Path.cwd()
    os.chdir(tmp_path)
    try:
        for name in names:
            Path(name).mkdir()
        expected = "figureground_demo" + ("" if not names else f"_{len(names) + 1}")
        assert _new_folder("") == Path(expected)
    finally:
        os.chdir(here)
