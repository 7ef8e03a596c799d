import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made import Knowing, made_dataset, read_made
from PIL import Image

from figureground.datasets.dataset import Category, Dataset, Picture, changed, new
from figureground.datasets.formats.coco import read_coco
from figureground.datasets.pictures import PictureFiles
from figureground.errors import InputError, OptionError
from figureground.evaluation.evaluate import evaluate
from figureground.evaluation.judge import MEASURES
from figureground.evaluation.result import Evaluation
from figureground.evaluation.source import DatasetSource
from figureground.instances import Instances
from figureground.stages import Segmenter, Source


def run(data: Dataset, segmenter: Segmenter, **options: object) -> Evaluation:
    with PictureFiles(data) as files:
        return evaluate(DatasetSource(data, files), segmenter, "m", **options)


def test_the_truth_itself_is_perfect(tmp_path: Path) -> None:
    data = read_made(tmp_path)
    one = run(data, Knowing(data))
    assert one.scores.mask.ap == pytest.approx(1)
    assert one.scores.box.ap == pytest.approx(1)
    assert one.scores.drawn == one.scores.found == 7
    assert one.confusion.tolist() == [[4, 0, 0], [0, 3, 0], [0, 0, 0]]
    for measure in ("central", "cut"):
        assert one.iou(measure).mean == one.boundary(measure).mean == 1
    assert one.iou("central").count == 4  # one picture is empty
    assert one.iou("cut").count == 5
    assert one.ms > 0


def test_nothing_found(tmp_path: Path) -> None:
    data = read_made(tmp_path)
    one = run(data, Knowing(data, lambda found: found.select([])))
    assert one.scores.mask.ap == 0
    assert one.confusion.tolist() == [[0, 0, 4], [0, 0, 3], [0, 0, 0]]
    assert (one.iou("central").mean, one.iou("central").poor) == (0, 1)
    assert one.iou("cut").mean == pytest.approx(1 / 5)  # nothing is right where nothing is


def test_unsure_figures_count_for_average_precision_alone(tmp_path: Path) -> None:
    data = read_made(tmp_path)

    def unsure(found: Instances) -> Instances:
        scores = np.full(len(found), 0.4, np.float32)
        return Instances(found.size, found.masks, scores=scores, labels=found.labels)

    one = run(data, Knowing(data, unsure))
    assert one.scores.mask.ap == pytest.approx(1)
    assert one.iou("best").mean == 0
    assert one.confusion[:, -1].tolist() == [4, 3, 0]
    assert run(data, Knowing(data, unsure), score=0.4).iou("central").mean == 1


def test_the_main_figure_is_of_the_classes_that_are_asked_for(tmp_path: Path) -> None:
    data = read_made(tmp_path)
    one = run(data, Knowing(data), subjects=["ant <b>"])
    assert [(p.image_id, round(p.iou["all"], 3)) for p in one.pictures if "all" in p.iou] == [
        (10, 0.1),  # the ant has 100 of 1000 pixels
        (30, 1.0),
        (50, round(150 / (150 + 225 + 100), 3)),
    ]
    with pytest.raises(OptionError, match="no class 'cow'"):
        run(data, Knowing(data), subjects=["cow"])


def test_a_run_that_was_stopped_goes_on(tmp_path: Path) -> None:
    data = read_made(tmp_path)
    log, shown = tmp_path / "log.jsonl", []

    def stop(found: Instances) -> Instances:
        shown.append(1)
        if len(shown) == 4:
            raise KeyboardInterrupt
        return found

    with pytest.raises(KeyboardInterrupt):
        run(data, Knowing(data, stop), log=log)
    rest = run(data, Knowing(data, stop), log=log)
    assert len(shown) == 4 + 2
    whole = run(data, Knowing(data))
    assert rest.scores == whole.scores
    assert [p.iou for p in rest.pictures] == [p.iou for p in whole.pictures]


def test_memory_holds_no_pixels(tmp_path: Path) -> None:
    size = 503, 701
    Image.fromarray(np.zeros(size, np.uint8)).save(tmp_path / "a.png")
    photo = new(Picture, id=1, file_name="a.png", width=701, height=503)
    pictures = tuple(changed(photo, id=number) for number in range(40))
    data = Dataset(pictures, categories=(new(Category, id=1, name="rat"),), folder=tmp_path)

    class Finds:
        classes, stateful = ("rat",), False

        def __call__(self, frames: list) -> list[Instances]:
            return [Instances.from_dense(np.ones((5, *size), bool)) for _ in frames]

    peaks = []
    tracemalloc.start()
    for part in (pictures[:2], pictures):
        tracemalloc.reset_peak()
        assert run(replace(data, pictures=part), Finds()).scores.found == 5 * len(part)
        peaks.append(tracemalloc.get_traced_memory()[1])
    tracemalloc.stop()
    assert peaks[1] - peaks[0] < 0.05 * 38 * 5 * 503 * 701


def test_pictures_that_are_missing_are_told_at_once(tmp_path: Path) -> None:
    data = read_made(tmp_path)
    (tmp_path / "3.png").unlink()
    with pytest.raises(InputError, match=r"has no 3\.png; 1 of 5 pictures are missing; say with --images"):
        run(data, Knowing(data))


def test_pictures_of_another_size_are_refused(tmp_path: Path) -> None:
    data = read_coco(made_dataset(tmp_path))
    pictures = (changed(data.pictures[0], width=99), *data.pictures[1:])
    with pytest.raises(InputError, match=r"1\.png: is of 71 x 53 pixels, .* on 99 x 53"):
        run(replace(data, pictures=pictures), Knowing(data))


def test_without_sizes_there_is_no_main_figure_and_the_cure_is_told(tmp_path: Path) -> None:
    data = read_made(tmp_path)
    pictures = tuple(changed(one, width=0, height=0) for one in data.pictures)
    with pytest.raises(InputError, match=r"image 10 .* 'figureground dataset check --fix' finds it"):
        run(replace(data, pictures=pictures), Knowing(data))


def test_no_pictures(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no pictures"):
        run(Dataset(folder=tmp_path), Knowing(Dataset()))


def test_the_source_is_one(tmp_path: Path) -> None:
    data = read_made(tmp_path)
    with PictureFiles(data) as files:
        source = DatasetSource(data, files)
        assert isinstance(source, Source)
        assert [frame.index for frame in source] == [0, 1, 2, 3, 4]
        assert [frame.index for frame in source.sample(2)] == [0, 4]
        assert len(list(source.sample(99))) == 5
        assert source.info.count == 5


def test_measures_are_named() -> None:
    assert MEASURES == ("central", "best", "all", "cut")
