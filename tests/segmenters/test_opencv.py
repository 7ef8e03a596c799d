import cv2
import numpy as np
import pytest

from figureground.errors import MissingExtraError, OptionError
from figureground.frames import Frame
from figureground.segmenters.opencv import SubtractorSegmenter, load_gsoc, load_knn, load_mog2
from figureground.stages import Segmenter
from figureground.testing import Scene, made_scene

SCENE = made_scene((151, 199), frames=100)


class Marks:
    """Stands for a subtractor: it marks what it is told, whatever the picture."""

    def __init__(self, marks: np.ndarray) -> None:
        self.marks = marks
        self.seen: list[np.ndarray] = []

    def apply(self, bgr: np.ndarray) -> np.ndarray:
        self.seen.append(bgr)
        return self.marks


def shares(segmenter: Segmenter, scene: Scene) -> tuple[float, float]:
    """Over the last ten frames: what share of the found pixels is right, and of the true ones found."""
    right = found = true = 0
    for frame in scene:
        mask = segmenter([frame])[0].union() > 0
        if frame.index >= scene.frames - 10:
            truth = scene.truth(frame.index).union() > 0
            right, found, true = right + (mask & truth).sum(), found + mask.sum(), true + truth.sum()
    return right / found, right / true


@pytest.mark.parametrize("load", [load_mog2, load_knn])
def test_finds_animals_once_it_has_seen_the_scene(load) -> None:
    segmenter = load(SCENE)
    assert segmenter.stateful
    assert segmenter.classes == ("figure",)
    precision, recall = shares(segmenter, SCENE)
    assert precision > 0.9
    assert recall > 0.8


@pytest.mark.contrib
def test_gsoc_finds_animals_once_it_has_seen_the_scene() -> None:
    precision, recall = shares(load_gsoc(SCENE), SCENE)
    assert precision > 0.5  # ghosts remain of where the animals were at first
    assert recall > 0.95


@pytest.mark.parametrize("load", [load_mog2, load_knn])
def test_shadows_are_taken_off_or_left(load) -> None:
    """The ground darkened by a fifth, in a region of its own, once the scene is known."""
    picture = np.full((60, 80, 3), (180, 170, 160), np.uint8)
    noise = np.random.default_rng(0).normal(0, 2, (40, *picture.shape))
    frames = [
        Frame((picture + one).round().astype(np.uint8), i, SCENE.info.time_base * i)
        for i, one in enumerate(noise)
    ]
    frames[-1].image[20:40, 30:60] = frames[-1].image[20:40, 30:60] * 0.8
    with_shadows, without = load(SCENE, shadows=False)(frames)[-1], load(SCENE)(frames)[-1]
    assert with_shadows.areas.tolist() == pytest.approx([600], rel=0.1)
    assert len(without) == 0


def test_figures_are_what_the_subtractor_is_sure_of() -> None:
    marks = np.zeros((97, 131), np.uint8)
    marks[10:20, 5:25] = 255
    marks[50:60, 5:25] = 127  # a shadow
    marks[70, 100] = 255  # a speck
    image = np.random.default_rng(0).integers(0, 256, (97, 131, 3)).astype(np.uint8)
    before = image.copy()
    subtractor = Marks(marks)
    (found,) = SubtractorSegmenter(subtractor)([Frame(image, 0, SCENE.info.time_base)])
    assert found.boxes.tolist() == [[5, 10, 25, 20]]
    assert found.areas.tolist() == [196]  # the median of 3 x 3 takes the corners
    np.testing.assert_array_equal(subtractor.seen[0], before[..., ::-1])  # OpenCV's order of colours
    np.testing.assert_array_equal(image, before)


@pytest.mark.parametrize(
    ("min_area", "areas"),
    [(None, [21, 96]), (0, [21, 96]), (21, [21, 96]), (21.4, [21, 96]), (22, [96]), (97, [])],
)
def test_smallest_area(min_area: float | None, areas: list[int]) -> None:
    marks = np.zeros((97, 131), np.uint8)
    marks[10:15, 5:10] = 255  # 25 pixels, 4 corners less
    marks[50:60, 5:15] = 255
    segmenter = SubtractorSegmenter(Marks(marks), min_area)
    (found,) = segmenter([Frame(np.zeros((97, 131, 3), np.uint8), 0, SCENE.info.time_base)])
    assert found.areas.tolist() == areas


def test_gsoc_without_contrib_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(cv2, "bgsegm", raising=False)
    message = (
        "contrib modules: pip uninstall -y opencv-python-headless && pip install opencv-contrib-python-head"
    )
    with pytest.raises(MissingExtraError, match=message):
        load_gsoc(SCENE)


def test_gsoc_has_no_shadows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2, "bgsegm", object(), raising=False)
    with pytest.raises(OptionError, match="segmenter gsoc cannot take shadows off; leave the option out"):
        load_gsoc(SCENE, shadows=True)
