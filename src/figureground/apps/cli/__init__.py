"""The command `figureground`."""
