from pathlib import Path

import cv2
import pytest

from figureground.training.curves import Log, read_log, write_curves


def rows(count: int) -> list[dict[str, float]]:
    made: list[dict[str, float]] = [{"step": n, "loss": 1 / n, "rate": 1e-3} for n in range(1, count + 1)]
    made[-1] |= {"mask_ap": 0.25, "mask_ap50": 0.5}
    return made


def test_rows_come_back_to_the_last_digit(tmp_path: Path) -> None:
    log = Log(tmp_path / "log.csv")
    for row in rows(7):
        log.add(row)
    assert read_log(tmp_path / "log.csv") == rows(7) == log.rows


def test_rows_behind_the_state_are_dropped(tmp_path: Path) -> None:
    log = Log(tmp_path / "log.csv")
    for row in rows(7):
        log.add(row)
    again = Log(tmp_path / "log.csv", step=4)
    again.add({"step": 5, "loss": 9})
    assert [row["step"] for row in read_log(tmp_path / "log.csv")] == [1, 2, 3, 4, 5]
    assert read_log(tmp_path / "log.csv")[4]["loss"] == 9


@pytest.mark.parametrize("count", [1, 3, 200])
def test_curves(tmp_path: Path, count: int) -> None:
    write_curves(rows(count), tmp_path / "curves.png")
    image = cv2.imread(str(tmp_path / "curves.png"))
    assert image.shape == (360, 1280, 3)
    assert (image < 128).any()


def test_no_rows(tmp_path: Path) -> None:
    write_curves([], tmp_path / "curves.png")
    assert (tmp_path / "curves.png").is_file()
