"""Made scenes with known truth, and checks for each seam; open to users' own tests."""

from figureground.testing.scenes import Scene, made_scene

__all__ = ["Scene", "made_scene"]
