import pytest

from figureground.testing import check_writer, made_scene
from figureground.writers import WRITERS, open_writer
from figureground.writers.behind import Behind

VIDEOS = ["a.mp4", "a.mov", "a.mkv", "a.webm", "a.avi"]
NAMES = {
    "cutout": [*VIDEOS, "a"],
    "overlay": [*VIDEOS, "a"],
    "masks": ["a.mkv", "a"],
    "stills": ["a", "a.b"],
    "depth": ["a.mp4", "a"],
    "tracks": ["a.tracks.parquet"],
}


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind in WRITERS for name in NAMES[kind]])
def test_every_writer_keeps_the_promises(tmp_path, kind, name):
    info = made_scene((48, 64), frames=5).info
    check_writer(lambda path: open_writer(path, info, kind=kind), tmp_path / name)


@pytest.mark.parametrize("name", ["a.mov", "a.webm", "folder"])
def test_transparent_ones_too(tmp_path, name):
    info = made_scene((48, 64), frames=5).info
    check_writer(lambda path: open_writer(path, info, on="transparent"), tmp_path / name)


def test_writers_in_threads_too(tmp_path):
    info = made_scene((48, 64), frames=5).info
    check_writer(lambda path: Behind([open_writer(path, info)]), tmp_path / "a.mp4")
