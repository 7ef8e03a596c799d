"""The verbs of `figureground zones`: places on the picture that are watched."""
