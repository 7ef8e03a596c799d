from pathlib import Path

import numpy as np
import pytest

from figureground.errors import OutputError
from figureground.evaluation.found_log import FoundLog
from figureground.instances import Instances


def figures(seed: int) -> Instances:
    rng = np.random.default_rng(seed)
    found = Instances.from_dense(rng.random((3, 11, 17)) < 0.3, scores=rng.random(3), labels=[2, 0, 1])
    boxes = rng.random((3, 4)).astype(np.float32)
    return Instances(found.size, found.masks, boxes=boxes, scores=found.scores, labels=found.labels)


def same(a: Instances, b: Instances) -> bool:
    columns = ("boxes", "scores", "labels")
    return (a.dense() == b.dense()).all() and all((getattr(a, c) == getattr(b, c)).all() for c in columns)


def test_what_was_found_comes_back_to_the_bit(tmp_path: Path) -> None:
    path = tmp_path / "new" / "log.jsonl"
    with FoundLog(path) as log:
        log.add(7, figures(0), 12.5)
        log.add(9, Instances.empty((5, 7)), 1.0)
    with FoundLog(path) as log:
        found, ms = log.get(7) or pytest.fail("it is gone")
        assert ms == 12.5
        assert same(found, figures(0))
        assert (log.get(9) or pytest.fail("it is gone"))[0].size == (5, 7)
        assert log.get(8) is None


@pytest.mark.parametrize("cut", [1, 30])
def test_a_line_that_was_cut_off_is_dropped_and_written_again(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "log.jsonl"
    with FoundLog(path) as log:
        log.add(1, figures(1), 1)
        log.add(2, figures(2), 2)
    path.write_bytes(path.read_bytes()[:-cut])
    with FoundLog(path) as log:
        assert log.get(2) is None
        assert same((log.get(1) or pytest.fail("it is gone"))[0], figures(1))
        log.add(2, figures(2), 2)
    with FoundLog(path) as log:
        assert same((log.get(2) or pytest.fail("it is gone"))[0], figures(2))


def test_a_line_of_something_else_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text("{}\nnot json\n")
    with FoundLog(path) as log:
        log.add(1, figures(1), 1)
    with FoundLog(path) as log:
        assert log.get(1) is not None


def test_without_a_file_nothing_is_kept() -> None:
    with FoundLog(None) as log:
        log.add(1, figures(1), 1)
        assert log.get(1) is None


def test_where_it_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"), FoundLog(tmp_path / "file" / "log.jsonl"):
        pass
