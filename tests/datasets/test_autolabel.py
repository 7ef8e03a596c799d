"""What a segmenter finds, as polygons that say what they draw."""

from pathlib import Path

import numpy as np
import pytest
from pycocotools import mask as coco

from figureground import __version__
from figureground.datasets.checks.check import check_dataset
from figureground.datasets.footage.autolabel import autolabel, instances_to_figures
from figureground.datasets.footage.choice import Choice
from figureground.datasets.footage.frames import Footage
from figureground.errors import OptionError
from figureground.instances import Crop, Instances
from figureground.masks import mask_iou
from figureground.segmenters import load_segmenter
from figureground.sources import open_source
from figureground.testing import made_scene

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # pycocotools

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
SIZE = (47, 61)


def disc(x, y, radius):
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    return (columns - x) ** 2 + (rows - y) ** 2 <= radius**2


FOUND = Instances.from_dense(
    [disc(20, 19, 13), disc(50, 30, 6), disc(5, 40, 0)], scores=[0.91, 0.5, 1], labels=[1, 0, 1]
)


def drawn(figure):
    runs = coco.merge(coco.frPyObjects(figure.values["segmentation"], *SIZE))
    return coco.decode(runs).astype(bool), coco.toBbox(runs).tolist(), int(coco.area(runs))


@pytest.mark.parametrize("tolerance", [0.0, 0.7, 1.0, 2.5])
def test_box_and_area_are_those_of_the_polygons(tolerance):
    figures = instances_to_figures(FOUND, ("cat", "dog"), tolerance, source="me")
    assert [figure.name for figure in figures] == ["dog", "cat", "dog"]
    for figure, crop, score in zip(figures, FOUND.masks, (0.91, 0.5, 1), strict=True):
        mask, box, area = drawn(figure)
        assert figure.values["bbox"] == box and figure.values["area"] == area
        assert figure.values["iscrowd"] == 0
        assert figure.values["attributes"] == {"score": score, "source": "me"}
        if tolerance == 0:
            whole = np.zeros(SIZE, bool)
            whole[crop.window] = crop.mask
            np.testing.assert_array_equal(mask, whole)
        assert mask_iou([Crop(0, 0, mask)], [crop])[0, 0] > (0.9 if tolerance <= 1 else 0.7)


@pytest.mark.parametrize(("min_area", "count"), [(0, 3), (1, 3), (2, 2), (120, 1), (9999, 0)])
def test_small_figures_are_left_out(min_area, count):
    assert len(instances_to_figures(FOUND, ("cat", "dog"), 1.0, min_area=min_area)) == count


def test_nothing_found():
    assert instances_to_figures(Instances.empty(SIZE), ("cat",), 1.0) == []
    hollow = Instances(SIZE, (Crop(0, 0, np.zeros((0, 0), bool)),))
    assert instances_to_figures(hollow, ("cat",), 1.0) == []


class Counting:
    """Finds a block as wide as the number of frames it has seen."""

    classes = ("block",)

    def __init__(self, *, stateful):
        self.stateful, self.shown = stateful, []

    def __call__(self, frames):
        self.shown += [frame.index for frame in frames]
        blocks = [np.zeros(frame.size, bool) for frame in frames]
        for block in blocks:
            block[2:5, 1 : 1 + len(self.shown)] = True
        return [Instances.from_dense([block]) for block in blocks]


@pytest.mark.parametrize(("stateful", "shown", "widths"), [(False, [2, 5], [1, 2]), (True, range(6), [3, 6])])
def test_those_that_remember_are_shown_all_frames(tmp_path, stateful, shown, widths):
    scene, segmenter = made_scene((24, 32), frames=9), Counting(stateful=stateful)
    footage = [Footage(scene, "scene.mp4", "scene")]
    data = autolabel(footage, tmp_path, lambda source: ("counting", segmenter), Choice(frames=(2, 5))).dataset
    assert segmenter.shown == list(shown)
    assert [picture.get("frame") for picture in data.pictures] == [2, 5]
    assert [one.bbox for one in data.annotations] == [(1, 2, width, 3) for width in widths]
    source = f"figureground {__version__} counting"
    assert [one.get("attributes") for one in data.annotations] == [{"score": 1.0, "source": source}] * 2


def test_one_class_gets_a_name_and_several_do_not(tmp_path):
    scene = made_scene((24, 32), frames=3)
    footage, segmenter = [Footage(scene, "s.mp4", "s")], Counting(stateful=False)

    def label(**options):
        return autolabel(
            footage, tmp_path, lambda source: ("x", segmenter), Choice(every=2), **options
        ).dataset

    assert [one.name for one in label().categories] == ["block"]
    assert [one.name for one in label(name="mouse").categories] == ["mouse"]
    segmenter.classes = ("cat", "dog")
    assert [one.name for one in label().categories] == ["cat", "dog"]  # also those that were not found
    with pytest.raises(OptionError, match="'mouse' cannot name all classes of this segmenter: cat, dog"):
        label(name="mouse")


@pytest.mark.parametrize("options", [{"tolerance": -1.0}, {"tolerance": np.nan}, {"min_area": -1}])
def test_numbers_that_make_no_sense(tmp_path, options):
    with pytest.raises(OptionError, match="must be 0 or more pixels"):
        autolabel([], tmp_path, lambda source: ("x", Counting(stateful=False)), **options)


def test_a_made_scene_is_drawn_as_it_is(tmp_path):
    """Against its exact truth."""
    scene = made_scene((240, 320), frames=60)
    footage = [Footage(scene, "scene.mp4", "scene")]

    def background(source):
        return "background", load_segmenter("background", source)

    data = autolabel(footage, tmp_path, background, Choice(every=20), tolerance=1.0).dataset
    figures = data.by_picture()
    for picture in data.pictures:
        truth = scene.truth(picture.get("frame"))
        runs = [coco.merge(coco.frPyObjects(one.segmentation, *picture.size)) for one in figures[picture.id]]
        masks = [Crop(0, 0, coco.decode(one).astype(bool)) for one in runs]
        assert mask_iou(truth.masks, masks).max(axis=1).mean() > 0.8


def test_nothing_is_wrong_with_it(tmp_path):
    footage = [Footage(open_source(DATA / "animals/bugs_forty.mp4"), "v.mp4", "v")]

    def background(source):
        return "background", load_segmenter("background", source)

    data = autolabel(footage, tmp_path, background, Choice(frames=(3, 60, 110)), name="bug").dataset
    assert len(data.annotations) > 3
    assert {defect.kind for defect in check_dataset(data)} <= {"no-annotations"}
