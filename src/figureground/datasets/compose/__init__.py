"""Made scenes to learn from: figures before empty scenes, with their masks and, where known, depth."""
