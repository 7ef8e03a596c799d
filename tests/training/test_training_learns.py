from fractions import Fraction
from pathlib import Path

from made_training import scenes_set

from figureground.datasets.formats import read_dataset
from figureground.evaluation.coco_ap import average_precision
from figureground.frames import Frame
from figureground.segmenters import maskrcnn
from figureground.training.recipe import Augment, recipe_for
from figureground.training.run import train
from figureground.training.samples import Drawings

SIZE = 160, 208


def test_a_net_learns_from_nothing(tmp_path: Path) -> None:
    """60 pictures of 15 dishes, sixty steps; judged on dishes that were never seen, without torch."""
    data = read_dataset(scenes_set(tmp_path / "train", range(15), 4, SIZE))
    validation = read_dataset(scenes_set(tmp_path / "validation", range(100, 104), 2, SIZE))
    augment = Augment(turn=180, paste=0.1, crop=0)
    recipe = recipe_for(
        "mobilenet", size=224, iterations=60, regions=32, warm_up=20, average=0.97, augment=augment
    )
    told: list[str] = []
    train(data, recipe, tmp_path / "model", validation=validation, device="cpu", say=told.append)

    unseen = Drawings(
        read_dataset(scenes_set(tmp_path / "test", range(200, 206), 2, SIZE)), recipe.architecture()
    )
    segmenter = maskrcnn.load(None, model=tmp_path / "model", score=0.05, engine="onnxruntime")
    drawn = [unseen[index] for index in range(len(unseen))]
    found = segmenter([Frame(one.image, i, Fraction(i)) for i, one in enumerate(drawn)])
    scores = average_precision([one.figures for one in drawn], found, segmenter.classes).numbers()
    assert scores["mask_ap50"] > 0.4, (scores, told)
