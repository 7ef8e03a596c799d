"""The verbs of `figureground tracks`."""
