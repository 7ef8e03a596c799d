"""How fast, how large and how right figureground is; see README.md."""
