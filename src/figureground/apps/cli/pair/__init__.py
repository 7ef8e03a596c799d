"""The verbs of `figureground pair`."""
