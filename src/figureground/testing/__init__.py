"""Made scenes with known truth, and checks for each seam; open to users' own tests."""

from figureground.testing.animals import Herd, made_herd
from figureground.testing.checks import check_segmenter, check_source, check_tracker, check_writer
from figureground.testing.scenes import Scene, made_scene

__all__ = [
    "Herd",
    "Scene",
    "check_segmenter",
    "check_source",
    "check_tracker",
    "check_writer",
    "made_herd",
    "made_scene",
]
